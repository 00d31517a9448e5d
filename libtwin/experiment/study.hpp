// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <libtwin/experiment/replicate.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin {

/// The designs of a study: one row a scenario, one column a factor, in SI units (or the index of a factor's text).
struct DesignTable {
  std::vector<std::string> factors;  ///< parameters by name, model values by path

  /// (scenarios × factors), row-major.
  std::vector<double> values;

  /// For factors that are not numbers: their texts by factor; empty vectors for numbers.
  std::vector<std::vector<std::string>> texts;

  [[nodiscard]] std::size_t size() const { return factors.empty() ? 0 : values.size() / factors.size(); }
};

/// Lays out a study's designs. Conditions are checked as soon as the parameters they name are chosen, so a grid of
/// millions with few that fit costs little.
/// @param folder  where a CSV file of designs is looked for.
/// @throws ModelError for conditions that name unknown parameters, files that do not fit, or more than 50 million designs.
[[nodiscard]] DesignTable make_design(const Scenario& scenario, const std::string& folder = {});

struct StudyRow {
  /// Runs that ended well, and that did not.
  std::int64_t n = 0;
  std::int64_t failed = 0;
  RunStatus status = RunStatus::ok;

  std::vector<Estimate> measures;

  /// Whether the means meet all of the study's conditions.
  bool is_feasible = true;
};

struct StudyResult {
  std::string study;
  std::string engine = "event";
  std::uint64_t seed = 1;
  DesignTable design;
  std::vector<std::string> measures;
  std::vector<KpiDimension> dimensions;  ///< of the measures

  /// One a scenario, in the order of the design.
  std::vector<StudyRow> rows;

  /// Scenarios from best to worst by the goal: feasible before infeasible, failed last, ties by number.
  std::vector<std::uint32_t> ranking;
  std::string goal;
  bool maximize = true;

  std::uint64_t runs = 0;
  std::uint64_t failed_runs = 0;
  std::uint64_t operations = 0;

  /// False when it was stopped; what is finished is in the rows.
  bool is_complete = true;
  double cpu_s = 0;
  double wall_s = 0;
};

/// Runs a study: every design on common random numbers (unless told otherwise), then the rounds of refinement, each with more
/// replications for the designs that are best so far. The same bits for any number of threads. Refinement sharpens the
/// estimates of the best; it gives no guarantee of having found the best, which the intervals tell.
/// @param folder  where the scenario's relative file names start.
/// @throws ModelError for measures that do not exist, conditions that cannot be understood.
[[nodiscard]] StudyResult run_study(const Scenario& scenario, const std::string& folder = {},
                                    const ExecutionOptions& options = {}, const CompileOptions& code = {});

}  // namespace twin
