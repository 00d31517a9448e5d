// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <libtwin/experiment/design_space.hpp>

/// The methods of design. Each gives the rows of a table, (designs × columns), row-major, of which all meet the conditions,
/// and throws `ModelError` when the space does not suit it. The numbers it goes by have been checked.
namespace twin::detail {

/// Every combination of levels, the last column running fastest. A condition is asked as soon as the last of its parameters
/// has a value.
[[nodiscard]] std::vector<double> grid_rows(const DesignSpace& space);

/// `sobol`, `lhs` or `random`. Of a Latin hypercube the points that do not meet the conditions are left out; the others go
/// on until there are as many points as are asked for.
[[nodiscard]] std::vector<double> sampled_rows(const DesignSpace& space);

/// The model as it stands, then each column through its levels with all others as they stand. A level that the model has
/// already is not repeated; rows that do not meet the conditions are left out, but the first must.
[[nodiscard]] std::vector<double> one_at_a_time_rows(const DesignSpace& space);

/// Trajectories of Morris (1991): a start, then every column once, in a random order, by half the levels of the grid.
/// A trajectory of which some row does not meet the conditions is drawn again. Columns with one level never move.
[[nodiscard]] std::vector<double> morris_rows(const DesignSpace& space);

/// How rare points that meet the conditions may be before a method that draws them gives up: one in a thousand, once this
/// many were looked at.
inline constexpr std::size_t kFirstVerdict = 100'000;
[[nodiscard]] constexpr bool is_hopeless(std::size_t found, std::size_t candidates) {
  return candidates >= kFirstVerdict && found < candidates / 1000;
}

/// Throws a mistake of the design.
[[noreturn]] void refuse_design(std::string code, std::string message, std::string hint);

/// Throws that no design meets the conditions.
[[noreturn]] void refuse_empty();

/// Where the randomness of a design comes from.
[[nodiscard]] std::uint64_t design_seed(const Scenario& scenario);

}  // namespace twin::detail
