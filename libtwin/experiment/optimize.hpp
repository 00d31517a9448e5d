// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/experiment/kpi.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/scenario/scenario.hpp>
#include <libtwin/stats/confidence.hpp>

namespace twin {

struct OptimizeOptions {
  /// Runs in all, those of the last comparison included; >= 100.
  std::uint64_t budget = 100'000;

  /// Ends the search after so many seconds of wall time, and leaves the rest for the comparison, which it may exceed a little.
  /// What is found then depends on the machine. Infinity for none; > 0.
  double time_s = std::numeric_limits<double>::infinity();

  /// How many searches begin at different designs; >= 1.
  std::uint32_t starts = 4;

  /// Differences below this share of the goal do not matter; > 0.
  double precision = 0.001;
};

/// A design of the last comparison.
struct ComparedDesign {
  enum class Role : std::uint8_t {
    best,
    optimum,    ///< where another search ended
    nominal,    ///< the model as it stands
    neighbour,  ///< of the best, by the smallest steps
    candidate   ///< did well in the search
  };
  Role role = Role::candidate;

  /// Of the factors, as in `OptimizeResult::design`, of which it is a row.
  std::size_t row = 0;
  std::int64_t n = 0;
  std::int64_t failed = 0;
  RunStatus status = RunStatus::ok;

  /// Each at 95 % for itself.
  std::vector<Estimate> measures;

  /// Of the goal, minus that of the best, at 95 % for all designs of the comparison at once; none for the best.
  Estimate difference;

  /// The upper confidence limits of all conditions obey.
  bool is_feasible = true;

  /// Some condition's interval lies beyond what is allowed.
  bool is_surely_infeasible = false;
};
constexpr auto enum_names(ComparedDesign::Role) {
  return std::array<std::string_view, 5>{"best", "optimum", "nominal", "neighbour", "candidate"};
}

/// A condition of the goal at the best design.
struct CheckedCondition {
  std::string text;

  /// By how much it is missed, in SI units; negative where it is met. One-sided limits at 95 % for all conditions at once.
  Estimate excess;
  bool is_met = true;
};

enum class OptimizeStop : std::uint8_t {
  optimum,     ///< all searches ended where no neighbour is better
  budget,      ///< the runs were used up before
  time,        ///< the time was used up before
  interrupted  ///< the work was stopped
};
constexpr auto enum_names(OptimizeStop) {
  return std::array<std::string_view, 4>{"optimum", "budget", "time", "interrupted"};
}

struct OptimizeResult {
  std::string study;
  std::string engine = "event";
  std::uint64_t seed = 1;

  /// The seed of the comparison; `twin run --seed` with it and as many replications gives the numbers of the best again.
  std::uint64_t fresh_seed = 0;

  /// The designs that were compared.
  DesignTable design;
  std::vector<std::string> measures;
  std::vector<KpiDimension> dimensions;
  std::string goal;
  std::size_t goal_index = 0;
  bool maximize = true;

  /// The best first, then by the mean of the goal, those that may meet the conditions before the others. Without a comparison
  /// the best alone, with the numbers of the search; empty when no run was made.
  std::vector<ComparedDesign> compared;
  std::vector<CheckedCondition> conditions;

  /// Whether `compared` is on fresh random numbers.
  bool is_confirmed = false;

  /// How much better than the best any of the other compared designs that may meet the conditions can be, in the unit of the
  /// goal: at 95 %, by multiple comparisons with the best. NaN without others.
  double regret = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t neighbours = 0;           ///< of the best
  std::uint64_t compared_neighbours = 0;  ///< of those, in the comparison
  OptimizeStop stop = OptimizeStop::optimum;
  std::string guarantee;

  std::uint64_t designs = 0;  ///< tried
  double space = 0;           ///< designs that the ranges hold, conditions aside
  std::uint32_t starts = 0;
  std::uint32_t starts_at_best = 0;  ///< searches that ended at the best of all ends, or were led to it
  std::uint32_t rounds = 0;  ///< comparisons on fresh numbers, each with a seed of its own; the last one is reported
  std::uint64_t search_runs = 0;
  std::uint64_t fresh_runs = 0;
  std::uint64_t failed_runs = 0;
  std::uint64_t operations = 0;

  /// False with a limit of time.
  bool is_reproducible = true;
  double warmup_s = 0;
  bool warmup_was_found = false;
  std::string warmup_note;
  double cpu_s = 0;
  double wall_s = 0;

  [[nodiscard]] std::uint64_t runs() const { return search_runs + fresh_runs; }
};

/// Searches the designs of a study for the best, where they are too many to run them all: from several designs spread over
/// the space, to better neighbours with steps that become small, on common random numbers and with replications that grow
/// as differences become small; then compares the best of them, and its neighbours, on fresh random numbers. The
/// method of design says only what varies. Every design obeys `where`; designs whose upper confidence limits do not obey the conditions
/// of the goal rank behind those that do. The same bits for any number of threads, unless there is a limit of time.
/// How it works, and what its result promises: docs/explanation/optimisation.md.
/// @throws ModelError for a model or study that is wrong, a file of designs, nothing that varies, and conditions that no
/// design was found to meet; std::logic_error for options out of range and a scenario without a study; exceptions of the
/// user's rules.
[[nodiscard]] OptimizeResult optimize(const Scenario& scenario, const OptimizeOptions& search = {},
                                      const ExecutionOptions& options = {}, const CompileOptions& code = {});

}  // namespace twin
