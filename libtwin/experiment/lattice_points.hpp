// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <libtwin/experiment/lattice.hpp>

namespace twin::detail {

/// Up to `count` different points that meet the conditions, spread over the lattice: shifted points of Sobol' (1967), each
/// moved to a near one that meets the conditions. @throws ModelError when none is found.
[[nodiscard]] std::vector<Point> spread_points(const Lattice& lattice, std::size_t count, std::uint64_t seed);

/// The neighbours of a point, all of which meet the conditions: along every axis one step up and one down, to the end of the
/// axis where a step would lead beyond it; for texts every other text; and one step up on an axis with one step down on
/// another, for axes that a condition links, and for all of at most eight axes. A step of an axis is its places divided by
/// 2^level, never less than its unit. Where a step misses a condition, other axes that it hangs on are moved as little as
/// meets it, up to two of them.
struct Neighbourhood {
  std::vector<Point> points;

  /// How many there are; more than `points` when some were left out.
  std::size_t count = 0;
};

/// @param most  at most this many; of more, an even choice.
[[nodiscard]] Neighbourhood neighbours_of(const Lattice& lattice, const Point& point, int level, std::size_t most);

/// The level at which every axis moves by its unit; no level beyond it differs.
[[nodiscard]] int last_level(const Lattice& lattice);

}  // namespace twin::detail
