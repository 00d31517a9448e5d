// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/selection.hpp>
#include <libtwin/experiment/study_store.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin {

/// The designs of a study: one row a scenario, one column a factor, in SI units (or the index of a factor's text). Without a
/// factor the one scenario of a study is the model as it stands.
struct DesignTable {
  std::vector<std::string> factors;  ///< parameters by name, model values by path

  /// (scenarios × factors), row-major.
  std::vector<double> values;

  /// For factors that are not numbers: their texts by factor; empty vectors for numbers.
  std::vector<std::vector<std::string>> texts;

  [[nodiscard]] std::size_t size() const { return factors.empty() ? 0 : values.size() / factors.size(); }
};

/// Lays out a study's designs over parameters with several values and the factors, by the study's method; a function of
/// the scenario alone, and of the file for `file`. Every row meets the conditions. A grid checks them as soon as the
/// parameters they name are chosen, so one of millions with few that fit costs little; `sobol` and `random` go on until
/// there are enough points, `lhs` leaves points out, `morris` draws trajectories again.
/// @param folder  where a CSV file of designs is looked for.
/// @throws ModelError for conditions that name unknown parameters or that no design meets, files that do not fit, more than
/// 50 million designs, or a method that does not suit what varies; FileError for a file that cannot be read.
[[nodiscard]] DesignTable make_design(const Scenario& scenario, const std::string& folder = {});

struct StudyRow {
  /// Runs that ended well, and that did not; none of either when the work was stopped before. A design that makes no
  /// possible factory counts as failed runs with the status `bad_number`.
  std::int64_t n = 0;
  std::int64_t failed = 0;

  /// `ok`, or that of the first run that did not end well.
  RunStatus status = RunStatus::ok;

  /// Over the runs that ended well and have the number; the same bits as `replicate` gives for this design alone.
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

  /// With a selection: the chosen design first, then those that were not screened out, by their means; failed ones last, and
  /// before them those that were screened out, later ones first. Without: from best to worst, feasible before infeasible, failed and unfinished last; among them those that came
  /// through more rounds of refinement first, then by the mean of the goal, then by number. Means over different numbers
  /// of replications do not compare: those over few hold the luck by which a design got ahead.
  std::vector<std::uint32_t> ranking;
  std::string goal;
  bool maximize = true;

  /// How the best was chosen, and what that promises.
  std::string guarantee;

  /// Of a study that selects the best; numbers in SI units. Its estimate is over the runs that the procedure went by, which may
  /// be fewer than those in `rows`. Until the study is complete it promises nothing.
  std::optional<SelectionResult> selection;

  /// One for all designs. When it is `auto`, by MSER-5 from five pilot runs at designs spread over the table.
  double warmup_s = 0;
  bool warmup_was_found = false;
  std::string warmup_note;

  std::uint64_t runs = 0;
  std::uint64_t failed_runs = 0;
  std::uint64_t operations = 0;

  /// False when it was stopped; what is finished is in the rows.
  bool is_complete = true;
  double cpu_s = 0;
  double wall_s = 0;

  /// Without a path when rows were not kept.
  StoreUse store;
};

/// Runs a study: every design on common random numbers (unless told otherwise), then the rounds of refinement, each with more
/// replications for the designs that are best so far, or those that a procedure of selection asks for. The same bits for any
/// number of threads. Refinement sharpens the estimates of the best; it gives no guarantee of having found the best, which
/// the intervals tell. What a selection promises is in its result.
/// @param folder  where the scenario's relative file names start.
///
/// Without common random numbers each design has a seed of its own, made from its values and not from its place in the table.
/// @param store  where rows are kept: finished blocks of runs are on the disk, whatever happens then. A study whose store is
/// there already goes on with it. Of a store with shards, rounds begin when all blocks of the round before are there.
/// @throws ModelError for a model that is wrong, measures that do not exist, conditions that cannot be understood;
/// exceptions of the user's rules; std::logic_error when the scenario has no study; StoreMismatch for the store of another
/// study, and FileError when the disk says no.
[[nodiscard]] StudyResult run_study(const Scenario& scenario, const std::string& folder = {},
                                    const ExecutionOptions& options = {}, const CompileOptions& code = {},
                                    const StudyStore& store = {});

/// What a study would cost, found by making a few of its runs.
struct StudyEstimate {
  std::uint64_t designs = 0;
  std::uint64_t runs = 0;  ///< of all rounds; of rounds of refinement the most

  bool is_least = false;  ///< a selection by kn or gsp asks for more as it goes: `runs` are those of its first round
  bool is_most = false;   ///< intervals that are narrow enough before ask for fewer
  std::string engine = "event";
  std::uint64_t pilots = 0;  ///< runs that were made
  double run_cpu_s = 0;      ///< of one run, on one thread
  double wall_s = 0;         ///< of the whole study
  unsigned threads = 1;
  std::uint64_t blocks = 0;       ///< of the first round in a store
  std::uint64_t store_bytes = 0;  ///< of all rounds
};

/// Makes runs of designs spread over the table for about a second. @throws as `run_study`.
[[nodiscard]] StudyEstimate estimate_study(const Scenario& scenario, const std::string& folder = {},
                                           const ExecutionOptions& options = {}, const CompileOptions& code = {});

}  // namespace twin
