// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <libtwin/compile/analyze.hpp>
#include <libtwin/experiment/compare.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/sensitivity.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/model/factory.hpp>

/// Results for other programs. Keys and units are a contract: they may gain keys, and lose or change none. Numbers are
/// written so that they read back to the same bits; what does not exist (NaN, infinity) is null.
namespace twin {

/// What `twin run --json` prints. Rates per hour, times in seconds, shares in [0, 1]; `parts` of a station is the mean
/// number of operations in the measured span of a replication. Where replications went by stopping rules, `stopping` says why
/// they ended (`met`, `at_most`, `failed`, `stopped`), after how many, and for each rule the half-width reached and asked for.
[[nodiscard]] std::string run_json(const RunSummary& summary);

/// What `twin sweep --json` prints: totals and the `best` scenarios in the order of the ranking. Rates per hour, times in
/// seconds; factors that are not numbers as text. `status` is `ok`, `stopped`, or `failed` when runs did not end well.
/// A study that selects the best has `selection` too: the procedure, what it chose and promises, and what it took; `probability`
/// and `delta` are null where nothing is promised.
[[nodiscard]] std::string study_json(const StudyResult& result, std::size_t best = 10);

/// What `twin compare --json` prints: the `variants` with their means, and the `differences` to the base with simultaneous
/// intervals, adjusted p-values and verdicts (`larger`, `smaller`, `same`, `open`). Rates per hour, times in seconds.
[[nodiscard]] std::string compare_json(const Comparison& comparison);

/// What `twin check --json` prints: findings, loads, the bound on throughput, and the engine that would run it, with the
/// reasons against the faster one.
[[nodiscard]] std::string check_json(const Factory& factory, const Analysis& analysis,
                                     const std::vector<std::string>& lane_obstacles = {});

/// What `twin sensitivity --json` prints: `means` by the size of their effect, `buffers`, and `obstacles` where the factory has
/// no derivatives. Elasticities are percent for a percent; slopes are of the throughput per hour and of the lead time in
/// seconds, for a second more. A derivative that is refused is null, with the reason under `refusal`.
[[nodiscard]] std::string sensitivity_json(const SensitivitySummary& summary);

/// Diagnostics as a list of objects with the members of `Diagnostic`.
[[nodiscard]] std::string diagnostics_json(const std::vector<Diagnostic>& diagnostics);

}  // namespace twin
