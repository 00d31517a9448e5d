// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include <libtwin/stats/tally.hpp>

namespace twin {

/// A mean with its uncertainty: mean ± half_width holds the true mean with the level asked for.
struct Estimate {
  /// NaN when n is 0.
  double mean = std::numeric_limits<double>::quiet_NaN();

  /// In the unit of the mean. NaN when n < 2: one observation says nothing of the spread.
  double half_width = std::numeric_limits<double>::quiet_NaN();

  /// How many independent observations (replications, batches) it rests on.
  std::int64_t n = 0;

  [[nodiscard]] double low() const { return mean - half_width; }
  [[nodiscard]] double high() const { return mean + half_width; }
};

struct Interval {
  double low = 0.0;
  double high = 0.0;
};

inline constexpr double kDefaultLevel = 0.95;

/// The quantile of Student's t law at `p` in (0, 1) with `dof` > 0 degrees of freedom, to about 15 digits.
/// @throws std::logic_error outside these ranges.
[[nodiscard]] double student_t_quantile(double p, double dof);

/// The interval of Student's t for the mean of independent, about normal observations such as the means of
/// replications: mean ± t(1 - (1 - level) / 2, n - 1) s / sqrt(n) (Law 2015, eq. 4.12). NaN among the values gives NaN.
/// @param level  in (0, 1). @throws std::logic_error otherwise.
[[nodiscard]] Estimate mean_interval(std::span<const double> values, double level = kDefaultLevel);
[[nodiscard]] Estimate mean_interval(const Tally& tally, double level = kDefaultLevel);

/// The interval for the mean of a[i] - b[i] (Law 2015, section 10.2.1): two scenarios on the same random numbers,
/// replication by replication. @throws std::logic_error when the sizes differ.
[[nodiscard]] Estimate paired_difference(std::span<const double> a, std::span<const double> b,
                                         double level = kDefaultLevel);

/// The interval of Wilson (1927) for a share of which `successes` of `n` independent trials are known. Lies in [0, 1]
/// and holds its level near 0 and 1 too, where mean ± z s does not. (0, 1) when n is 0.
/// @pre 0 <= successes <= n. @throws std::logic_error otherwise.
[[nodiscard]] Interval wilson_interval(std::int64_t successes, std::int64_t n, double level = kDefaultLevel);

}  // namespace twin
