// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <libtwin/experiment/selection.hpp>

/// What the procedures share, and the steps that each of them has of its own.
namespace twin::detail {

/// Sets what the first stage wants and the constants. @throws std::logic_error for options out of range.
void begin(SelectionState& state, const KnProcedure& kn);
void begin(SelectionState& state, const GspProcedure& gsp);
void begin(SelectionState& state, const OcbaProcedure& ocba);
void begin(SelectionState& state, const HalvingProcedure& halving);

/// Keeps the score of replication `index` until the whole round is there.
void keep_score(SelectionState& state, std::uint32_t design, std::uint32_t index, double score);

/// All that the stage wanted is there: screens, and sets what the next stage wants. False when the choice is made.
[[nodiscard]] bool advance(SelectionState& state, const KnProcedure& kn);
[[nodiscard]] bool advance(SelectionState& state, const GspProcedure& gsp);
[[nodiscard]] bool advance(SelectionState& state, const OcbaProcedure& ocba);
[[nodiscard]] bool advance(SelectionState& state, const HalvingProcedure& halving);

/// Adds one score to a candidate's moments (Welford 1962).
void add_score(Candidate& candidate, double score);

/// Unbiased; 0 below two observations.
[[nodiscard]] double variance_of(const Candidate& candidate);

/// Takes out of the contenders those who are marked as out or failed.
void drop_marked(SelectionState& state);

/// Contenders from the largest mean score to the smallest; equal ones by index.
[[nodiscard]] std::vector<std::uint32_t> ranked_contenders(const SelectionState& state);

/// Every contender wants so many observations more.
void want_more(SelectionState& state, std::uint32_t count);

/// Rounded up, and 2^32 - 1 at most.
[[nodiscard]] std::uint32_t count_of(double number);

}  // namespace twin::detail
