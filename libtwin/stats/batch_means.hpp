// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <libtwin/stats/confidence.hpp>

namespace twin {

/// Twenty batches: the interval is 5 % wider than with infinitely many, and every further batch makes all of them
/// shorter and more alike to their neighbours (Schmeiser 1982: between 10 and 30).
inline constexpr std::int64_t kDefaultBatches = 20;

struct BatchMeans {
  /// `n` is the number of batches.
  Estimate estimate;

  /// Observations in a batch.
  std::int64_t batch_size = 0;

  /// The correlation of neighbouring batch means; NaN when they are all equal or fewer than three.
  double lag1 = 0.0;

  /// False when `lag1` is above 1.645 / sqrt(batches), the one-sided 5 % point for independent batches (von Neumann
  /// 1941, by its normal limit), or not known: the batches are too short and the interval too narrow. Run longer.
  bool looks_independent = false;
};

/// The interval for the mean of one long, autocorrelated series in steady state, by non-overlapping batch means
/// (Law 2015, section 9.5.3): the series is cut into equal batches whose means are taken as independent, and
/// Student's t does the rest.
///
/// What does not fill a batch is left out at the front, where a remnant of the warm-up would be. With fewer
/// observations than batches only the mean is given.
/// @param batches  >= 2. @throws std::logic_error otherwise.
[[nodiscard]] BatchMeans batch_means(std::span<const double> series, double level = kDefaultLevel,
                                     std::int64_t batches = kDefaultBatches);

/// The correlation of neighbours in a series: sum of (x[i] - m)(x[i+1] - m) over sum of (x[i] - m)^2. NaN when the series
/// is constant or shorter than three.
[[nodiscard]] double lag1_autocorrelation(std::span<const double> series);

}  // namespace twin
