// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

/// Sequences of points in the unit cube, 0 <= u < 1. They are functions of the names of their dimensions and the seed alone,
/// the same bits on every machine.
namespace twin::detail {

/// Writes the next point.
using UnitPoints = std::function<void(std::span<double> point)>;

/// The most dimensions that Sobol' points have: as many as there are direction numbers (Joe, Kuo 2008) in Boost.
inline constexpr std::size_t kMostSobolDimensions = 3667;

/// The points of Sobol' (1967), the origin first: dropping it would spoil the evenness of the first 2^k (Owen 2020).
[[nodiscard]] UnitPoints sobol_points(std::size_t dimensions);

/// The same with the bits of every dimension flipped by a random pattern: the first 2^k points are as even as before, and
/// every point by itself is uniformly distributed.
[[nodiscard]] UnitPoints shifted_sobol_points(const std::vector<std::string>& names, std::uint64_t seed);

/// Independent points. Each dimension has a stream of its own: another one more leaves its numbers as they were.
[[nodiscard]] UnitPoints random_points(const std::vector<std::string>& names, std::uint64_t seed);

/// A Latin hypercube of `count` points (McKay, Beckman, Conover 1979): in each dimension every interval [i, i + 1) / count
/// holds one point, at a random place. After `count` points there are none.
[[nodiscard]] UnitPoints latin_points(const std::vector<std::string>& names, std::uint64_t seed, std::size_t count);

}  // namespace twin::detail
