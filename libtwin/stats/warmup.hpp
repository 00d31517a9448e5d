// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace twin {

/// How many observations of the start of `series` to leave out so that the rest is in steady state, by MSER-5 (White
/// 1997; White, Cobb, Spratt 2000); empty when no steady state is found.
///
/// The series is averaged in fives, which smooths it; d of these k averages are cut so that the squared half-width of
/// the rest, sum of (z[i] - mean)^2 / (k - d)^2 over i >= d, is smallest, at the first d among equals. A minimum in the
/// second half of the series means that the run is too short to tell, and so does a series of fewer than 50
/// observations. The last five averages are never a rest of their own, as a few alike values there look like a
/// steady state by chance (Hoad, Robinson, Davies 2010).
///
/// The observations are equally spaced in time or in number: parts in the system every minute, the lead time of each part.
/// One run's series is noisy; the mean over replications, point by point, shows the transient better.
/// @return a multiple of 5, at most half of the series. O(n) time.
[[nodiscard]] std::optional<std::size_t> mser5(std::span<const double> series);

}  // namespace twin
