// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <libtwin/experiment/lane_choice.hpp>
#include <libtwin/experiment/measures.hpp>
#include <libtwin/experiment/monitor.hpp>
#include <libtwin/experiment/pilot.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/experiment/variants.hpp>

namespace twin::detail {

/// Replications [first, first + count) of one design.
struct Runs {
  std::uint32_t design = 0;
  std::uint32_t first = 0;
  std::uint32_t count = 0;

  friend bool operator==(const Runs&, const Runs&) = default;
};

[[nodiscard]] std::size_t count_runs(std::span<const Runs> requests);

/// What was measured in runs: one row a run, in the order in which they were asked for.
struct RunRows {
  /// (runs × measures), row-major; only those with status `ok` hold numbers.
  std::vector<double> cells;

  /// `stopped` for runs that were not made.
  std::vector<RunStatus> statuses;
};

/// Makes the runs of a study that it is asked for, over threads and in lanes or event by event. A row is a function of the
/// scenario, its design and its replication: not of the other rows that were asked for, nor of how the work was cut up.
class StudyRunner {
 public:
  /// Told by a worker about finished runs; for progress only.
  using Listener = std::function<void(const Runs&, std::span<const double> cells, std::span<const RunStatus>)>;

  /// Keeps references to all of them.
  StudyRunner(const Scenario& scenario, const DesignTable& design, std::uint64_t expected_runs,
              const ExecutionOptions& options, const CompileOptions& code, Monitor& monitor);

  [[nodiscard]] const MeasurePlan& plan() const { return plan_; }
  [[nodiscard]] std::size_t width() const { return plan_.measures.size(); }
  [[nodiscard]] unsigned threads() const { return threads_; }
  [[nodiscard]] bool is_in_lanes() const { return is_in_lanes_; }

  /// Basic steps of all runs so far.
  [[nodiscard]] std::uint64_t operations() const { return operations_; }

  /// The warm-up of all runs; set when the study asks for one to be found, and found before the first run.
  [[nodiscard]] const std::optional<Warmup>& warmup() const { return warmup_; }
  void find_warmup();

  /// @param rows  overwritten.
  void run(std::span<const Runs> requests, RunRows& rows, const Listener& listener = {});

 private:
  /// What a thread keeps from run to run.
  struct Worker {
    std::unique_ptr<Variants::Worker> variants;
    std::unique_ptr<LaneRunner> lanes;
    std::vector<double> values;
  };

  /// A few runs of one design and where their rows begin.
  struct Task {
    Runs runs;
    std::size_t row = 0;
  };

  Worker& worker(unsigned number);
  [[nodiscard]] std::optional<PreparedRun> prepare(Worker& worker, std::size_t design);
  [[nodiscard]] std::vector<Task> cut(std::span<const Runs> requests) const;
  void run_in_lanes(std::vector<Task> tasks, RunRows& rows, const Listener& listener);
  void run_lane_batch(std::span<const Task> tasks, RunRows& rows, Worker& worker);
  void run_task(const Task& task, RunRows& rows, Worker& worker);
  void tell(const Task& task, const RunRows& rows, const Listener& listener) const;

  const Study& study_;
  const ExecutionOptions& options_;
  RunSettings settings_;
  std::size_t design_count_;
  Variants variants_;
  MeasurePlan plan_;
  unsigned threads_;
  Monitor& monitor_;
  std::vector<Worker> workers_;
  bool is_in_lanes_;
  LaneStatistics lane_statistics_;
  std::optional<Warmup> warmup_;
  std::atomic<std::uint64_t> operations_{0};
};

}  // namespace twin::detail
