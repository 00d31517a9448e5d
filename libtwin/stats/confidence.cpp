// SPDX-License-Identifier: Apache-2.0
#include <libtwin/stats/confidence.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <libtwin/core/check.hpp>

namespace twin {
namespace {

void check_level(double level) { TWIN_CHECK(level > 0 && level < 1, "a confidence level lies between 0 and 1"); }

Estimate from_moments(std::int64_t n, double mean, double variance, double level) {
  Estimate result{.mean = mean, .n = n};
  if (n >= 2) {
    const auto count = static_cast<double>(n);
    result.half_width = student_t_quantile(0.5 + 0.5 * level, count - 1) * std::sqrt(variance / count);
  }
  return result;
}

}  // namespace

double student_t_quantile(double p, double dof) {
  TWIN_CHECK(p > 0 && p < 1, "a quantile is asked for at a share between 0 and 1");
  TWIN_CHECK(dof > 0, "Student's t needs degrees of freedom above 0");
  return boost::math::quantile(boost::math::students_t(dof), p);
}

Estimate mean_interval(std::span<const double> values, double level) {
  check_level(level);
  if (values.empty()) return {};
  // Two passes: the rounding of the first is undone by the mean of what is left.
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double v : values) sum += v;
  const double first_mean = sum / n;
  double rest = 0;
  double squares = 0;
  for (const double v : values) {
    rest += v - first_mean;
    squares += (v - first_mean) * (v - first_mean);
  }
  const double about_mean = squares - rest * rest / n;
  // Not std::max, which would turn NaN into 0.
  const double variance = about_mean < 0 ? 0.0 : about_mean / (n - 1.0);
  return from_moments(static_cast<std::int64_t>(values.size()), first_mean + rest / n, variance, level);
}

Estimate mean_interval(const Tally& tally, double level) {
  check_level(level);
  return from_moments(tally.count(), tally.mean(), tally.variance(), level);
}

Estimate paired_difference(std::span<const double> a, std::span<const double> b, double level) {
  TWIN_CHECK(a.size() == b.size(), "paired observations come in pairs");
  std::vector<double> difference(a.size());
  std::transform(a.begin(), a.end(), b.begin(), difference.begin(), [](double x, double y) { return x - y; });
  return mean_interval(difference, level);
}

Interval wilson_interval(std::int64_t successes, std::int64_t n, double level) {
  check_level(level);
  TWIN_CHECK(n >= 0 && successes >= 0 && successes <= n, "successes are some of the trials");
  if (n == 0) return {0.0, 1.0};
  const double z = boost::math::quantile(boost::math::normal(), 0.5 + 0.5 * level);
  const auto trials = static_cast<double>(n);
  const double share = static_cast<double>(successes) / trials;
  const double scale = 1.0 / (1.0 + z * z / trials);
  const double centre = scale * (share + 0.5 * z * z / trials);
  const double half = scale * z * std::sqrt(share * (1.0 - share) / trials + 0.25 * z * z / (trials * trials));
  // At no or only successes the end is exactly 0 or 1; rounding must not push it past.
  return {successes == 0 ? 0.0 : centre - half, successes == n ? 1.0 : centre + half};
}

}  // namespace twin
