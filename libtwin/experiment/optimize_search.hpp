// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <libtwin/experiment/lattice_points.hpp>
#include <libtwin/experiment/ledger.hpp>
#include <libtwin/experiment/local_search.hpp>
#include <libtwin/experiment/optimize.hpp>

namespace twin::detail {

// The most designs of a neighbourhood, and the most replications of a comparison.
inline constexpr std::size_t kMostNeighbours = 512;
inline constexpr std::uint32_t kMostReplications = 1U << 16U;

/// What the searches came to.
struct SearchOutcome {
  std::uint32_t best = 0;           ///< number in the ledger
  std::vector<std::uint32_t> ends;  ///< where the searches ended, each design once
  OptimizeStop stop = OptimizeStop::optimum;
  std::uint32_t starts = 0;
  std::uint32_t starts_at_best = 0;
};

/// Runs the first designs of a ledger, searches from the best of them that are far apart, with common batches, and polishes
/// the best end: compares it with its neighbours and the other ends until it stands or its share of the budget is used.
/// @param show  told of each new best; for progress only.
[[nodiscard]] SearchOutcome search_all(const Lattice& lattice, Ledger& ledger, Monitor& monitor,
                                       const OptimizeOptions& search, const SearchRules& rules,
                                       const std::function<void(std::uint32_t)>& show);

/// Whether design a is the better one by what is known: feasible before infeasible before failed, then by the goal.
[[nodiscard]] bool is_better(const Ledger& ledger, std::uint32_t a, std::uint32_t b);

}  // namespace twin::detail
