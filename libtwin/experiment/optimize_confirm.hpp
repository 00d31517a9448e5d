// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libtwin/experiment/ledger.hpp>
#include <libtwin/experiment/optimize.hpp>

namespace twin::detail {

/// A design for the comparison on fresh random numbers.
struct Contender {
  Point point;
  ComparedDesign::Role role = ComparedDesign::Role::candidate;
};

/// What a comparison on fresh numbers showed.
struct Comparison {
  std::uint64_t seed = 0;
  std::uint32_t count = 0;  ///< replications of each design

  /// Place of a contender that takes the place of the first: it leads beyond its interval, or the first does not meet the
  /// conditions and it does.
  std::optional<std::size_t> better;
};

/// Compares `contenders`, the best first, and fills in what `result` says of them.
/// @param fresh  holds `count` runs of each contender, in their order.
[[nodiscard]] Comparison compare(const Ledger& fresh, const std::vector<Contender>& contenders, std::uint32_t count,
                                 double precision, OptimizeResult& result);

/// The numbers of the search for a best design that was not compared.
void describe_alone(const Ledger& search, std::uint32_t best, OptimizeResult& result);

/// The seed of comparison `round`; below 2^31, so that people can type it.
[[nodiscard]] std::uint64_t fresh_seed(std::uint64_t seed, std::uint32_t round);

/// What the result promises, in words.
[[nodiscard]] std::string optimize_guarantee(const OptimizeResult& result);

}  // namespace twin::detail
