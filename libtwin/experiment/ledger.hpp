// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include <libtwin/experiment/lattice.hpp>
#include <libtwin/experiment/margin.hpp>
#include <libtwin/experiment/study_runner.hpp>
#include <libtwin/stats/confidence.hpp>

namespace twin::detail {

/// How far a design is from meeting the conditions of the goal.
struct Standing {
  enum class Group : std::uint8_t {
    feasible,    ///< the upper confidence limit of every condition obeys
    infeasible,  ///< not so
    failed       ///< some run did not end well, or the goal has no number
  };
  Group group = Group::feasible;

  /// The sum of the upper limits above what is allowed, each in relation to its condition's size.
  double violation = 0;

  /// Even the lower limit of some condition does not obey.
  bool is_surely_infeasible = false;
};

/// A mean and its standard error.
struct MeanError {
  double mean = 0;
  double error = std::numeric_limits<double>::infinity();
};

/// What is known of the designs that a search has tried: all their runs, by replication, made when they are asked for.
class Ledger {
 public:
  /// @param first  designs to begin with, at least one; numbers 0, 1, …
  /// @param budget  runs it may make. Keeps references.
  Ledger(const Scenario& scenario, const Lattice& lattice, const std::vector<Point>& first, std::uint64_t budget,
         const ExecutionOptions& options, const CompileOptions& code, Monitor& monitor);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  [[nodiscard]] StudyRunner& runner() { return runner_; }
  [[nodiscard]] const StudyRunner& runner() const { return runner_; }
  [[nodiscard]] const DesignTable& table() const { return table_; }
  [[nodiscard]] const std::vector<Margin>& conditions() const { return conditions_; }

  /// The number of a design, which is new when it has not been asked for before.
  [[nodiscard]] std::uint32_t number_of(const Point& point);
  [[nodiscard]] const Point& point(std::uint32_t design) const { return entries_[design].point; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }

  /// Replications of a design that were made.
  [[nodiscard]] std::uint32_t count(std::uint32_t design) const { return entries_[design].made; }
  [[nodiscard]] std::uint32_t failed(std::uint32_t design) const { return entries_[design].failed; }
  [[nodiscard]] RunStatus status(std::uint32_t design) const { return entries_[design].status; }

  /// Asks for replications 0 … count - 1 with the next `make`. A design of which a run has failed gets no more.
  void want(std::uint32_t design, std::uint32_t count);
  [[nodiscard]] std::uint64_t wanted_runs() const;
  void forget_wants() { wants_.clear(); }

  /// Makes the runs that are wanted. False when the work was stopped, or the clock passed the deadline; what was made counts.
  bool make();

  /// Seconds after the monitor's start; infinity for none.
  void set_deadline(double seconds) { deadline_s_ = seconds; }
  [[nodiscard]] bool is_late() const { return monitor_.elapsed_s() >= deadline_s_; }

  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] std::uint64_t failed_runs() const { return failed_runs_; }
  [[nodiscard]] std::uint64_t room() const { return budget_ - std::min(budget_, runs_); }

  /// Over the runs that have the number.
  [[nodiscard]] Estimate measure(std::uint32_t design, std::size_t measure, double level = kDefaultLevel) const;

  /// Of the goal, in its unit.
  [[nodiscard]] double goal_mean(std::uint32_t design) const;

  /// Goals by replication, the first `count` of them, with the sign turned where less is better.
  [[nodiscard]] std::vector<double> scores(std::uint32_t design, std::uint32_t count) const;

  /// Of the scores of a minus those of b, over the replications that both have.
  [[nodiscard]] MeanError lead(std::uint32_t a, std::uint32_t b) const;

  [[nodiscard]] const Standing& standing(std::uint32_t design) const;

  /// The excess of a condition, with its interval: by the jackknife (Tukey 1958), since conditions are of means.
  [[nodiscard]] Estimate excess(std::uint32_t design, std::size_t condition, double level) const;

 private:
  struct Entry {
    Point point;
    std::uint32_t made = 0;
    std::uint32_t failed = 0;
    RunStatus status = RunStatus::ok;
    std::vector<double> cells;  ///< (replications × measures)
    mutable std::uint32_t standing_at = 0;
    mutable Standing standing;
  };

  void take(std::span<const Runs> requests, const RunRows& rows);
  [[nodiscard]] Standing compute_standing(std::uint32_t design) const;
  [[nodiscard]] std::vector<double> means(const Entry& entry) const;

  const Lattice& lattice_;
  const Study& study_;
  DesignTable table_;
  std::uint64_t budget_;
  Monitor& monitor_;
  std::vector<Entry> entries_;
  std::map<Point, std::uint32_t> numbers_;
  std::map<std::uint32_t, std::uint32_t> wants_;
  StudyRunner runner_;
  std::vector<Margin> conditions_;
  std::uint64_t runs_ = 0;
  std::uint64_t failed_runs_ = 0;
  double run_s_ = 0;  ///< wall time of a run, by the last batch
  double deadline_s_ = std::numeric_limits<double>::infinity();
};

}  // namespace twin::detail
