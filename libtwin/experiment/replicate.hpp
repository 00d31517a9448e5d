// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/core/states.hpp>
#include <libtwin/experiment/kpi.hpp>
#include <libtwin/model/elements.hpp>
#include <libtwin/scenario/scenario.hpp>
#include <libtwin/stats/confidence.hpp>
#include <libtwin/stats/histogram.hpp>

namespace twin {

/// How far an experiment is.
struct Progress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  double elapsed_s = 0;

  /// The best so far in words, for studies; may be empty.
  std::string best;
};

/// `automatic`: in lanes where that is possible and there are enough runs for it, event by event elsewhere.
enum class EngineChoice : std::uint8_t { automatic, event, lanes };

/// How to run; nothing here changes a result.
struct ExecutionOptions {
  /// `lanes` throws ModelError where the factory cannot be run so.
  EngineChoice engine = EngineChoice::automatic;

  /// 0: all processors.
  unsigned threads = 0;
  std::stop_token stop{};

  /// Called from the calling thread or a worker, one call at a time, at most ten times a second; false stops the work.
  std::function<bool(const Progress&)> on_progress{};

  std::uint64_t event_limit = UINT64_MAX;
};

/// Estimates of one station over replications.
struct StationSummary {
  std::string name;
  std::vector<Estimate> shares;  ///< by StationState
  Estimate parts;
  Estimate scrapped;
  Estimate failures;
};

struct BufferSummary {
  std::string name;
  Estimate mean_level;
  Estimate mean_wait_s;
};

/// What to read in every replication besides its KPIs, and when there are enough of them.
struct ReplicationPlan {
  std::vector<Measure> measures{};

  /// Empty: there are `RunSettings::replications` of them. Else `first`, and more until all rules hold.
  std::vector<StoppingRule> until{};
  std::int64_t first = kFewestBeforeLook;    ///< >= `kFewestBeforeLook`
  std::int64_t at_most = kMostReplications;  ///< >= first
};

/// The measures, stopping rules and numbers of replications of a study.
[[nodiscard]] ReplicationPlan replication_plan(const Study& study);

/// Why replications that go by stopping rules ended: all rules hold; there are as many as allowed; one of them did not end
/// well; the work was stopped.
enum class StopReason : std::uint8_t { met, at_most, failed, stopped };
constexpr auto enum_names(StopReason) { return std::array<std::string_view, 4>{"met", "at_most", "failed", "stopped"}; }

/// A stopping rule at the end.
struct RuleOutcome {
  StoppingRule rule;
  KpiDimension dimension = KpiDimension::number;  ///< of the measure
  Estimate estimate;                              ///< of the measure: Student's t over the replications there are
  bool is_met = false;

  /// The half-width that was asked for, in the unit of the measure; for a share g of the mean, g / (1 + g) of the |mean|
  /// observed. Where the rule holds, estimate.mean ± asked is the interval whose level the rule keeps; that of Student's t
  /// is narrower and holds its level a little less often (docs/explanation/statistics.md).
  double asked = 0;
};

struct StoppingOutcome {
  StopReason reason = StopReason::met;
  std::int64_t first = 0;
  std::int64_t at_most = 0;
  std::int64_t looks = 0;  ///< how often the intervals were looked at
  std::vector<RuleOutcome> rules{};
};

/// Replications of one factory, summed up. Intervals are Student's t over replications at 95 %, over the runs that ended
/// well and have the number (no lead time without a finished part). With one replication, those of throughput, lead time
/// and WIP come from batch means within the run, `n` counting batches; the other numbers then have none.
struct RunSummary {
  std::string model;
  std::string engine = "event";
  std::uint64_t seed = 1;
  std::int64_t replications = 0;

  /// `ok` when all runs are; else the status of the first that is not, and how many are not.
  /// Runs that were not begun when the work was stopped count as `stopped`.
  RunStatus status = RunStatus::ok;
  std::int64_t failed = 0;

  /// Where the first run that did not end well stood: the station's name, and the time [s].
  std::string failed_at;
  double failed_time_s = 0;

  double horizon_s = 0;
  double warmup_s = 0;
  std::int64_t parts = 0;  ///< good parts a run, where that ends it; 0: it ends at the horizon
  std::int64_t warmup_parts = 0;
  bool warmup_was_found = false;  ///< by MSER-5
  std::string warmup_note;        ///< what MSER-5 saw, when asked

  Estimate throughput_per_s;
  Estimate lead_time_s;
  double lead_p50_s = 0;
  double lead_p95_s = 0;  ///< of all replications' parts together
  double lead_p99_s = 0;
  Estimate wip;
  Estimate scrapped;  ///< parts a run
  Estimate lost;      ///< arrivals a run

  std::vector<StationSummary> stations;
  std::vector<BufferSummary> buffers;
  std::vector<std::pair<std::string, Estimate>> sinks;  ///< parts per second
  std::vector<std::pair<std::string, Estimate>> crews;  ///< utilization
  std::vector<std::pair<std::string, Estimate>> loops;  ///< cards in use

  /// One row a replication, one column a KPI of `all_kpis`, row-major, SI units; NaN rows for runs that failed.
  std::vector<std::string> columns;
  std::vector<KpiDimension> dimensions;  ///< of the columns
  std::vector<double> rows;
  std::vector<RunStatus> statuses;  ///< by replication

  /// The measures of the plan, one row a replication, one column a measure, row-major, SI units; NaN rows for runs that
  /// failed. A rule for what is no measure adds a column.
  std::vector<std::string> measures;
  std::vector<KpiDimension> measure_dimensions;
  std::vector<double> measured;

  /// How it ended, when it went by stopping rules.
  std::optional<StoppingOutcome> stopping;

  std::uint64_t events = 0;
  std::uint64_t operations = 0;
  double cpu_s = 0;
  double wall_s = 0;
};

/// Runs `settings.replications` replications of a compiled factory on several threads. The same bits for any number of
/// threads. When `settings.warmup_is_auto`, pilot runs find the warm-up first (MSER-5 on lead times, the longest of
/// up to five pilots).
/// @throws std::logic_error for settings out of range; exceptions of the user's rules.
[[nodiscard]] RunSummary replicate(const Compiled& compiled, const RunSettings& settings,
                                   const ExecutionOptions& options = {});

/// The same with measures and stopping rules. The rules are looked at when `first` replications have ended, and then each
/// time their number has grown by a quarter (`next_look`): when to stop is a function of the results, whoever ran them.
/// @throws ModelError for measures and rules that cannot be understood.
[[nodiscard]] RunSummary replicate(const Compiled& compiled, const RunSettings& settings, const ReplicationPlan& plan,
                                   const ExecutionOptions& options = {});

}  // namespace twin
