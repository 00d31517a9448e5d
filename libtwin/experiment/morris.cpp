// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/morris.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <libtwin/core/check.hpp>
#include <libtwin/experiment/design_space.hpp>
#include <libtwin/experiment/mistakes.hpp>

namespace twin {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return sum / static_cast<double>(values.size());
}

/// The mean of a power of the distances from the mean.
double moment_of(const std::vector<double>& values, int power) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double x : values) {
    const double square = (x - mean) * (x - mean);
    sum += power == 4 ? square * square : square;
  }
  return sum / static_cast<double>(values.size());
}

double deviation_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  return std::sqrt(moment_of(values, 2) * n / (n - 1));
}

/// From the variance of a sample's variance, (m4 - (n - 3) / (n - 1) s^4) / n, to first order.
double error_of_deviation(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double s = deviation_of(values);
  if (!(s > 0)) return s;
  const double variance = (moment_of(values, 4) - (n - 3) / (n - 1) * s * s * s * s) / n;
  return std::sqrt(std::max(variance, 0.0)) / (2 * s);
}

MorrisEffect summarise(std::string factor, const std::vector<double>& effects) {
  MorrisEffect result;
  result.factor = std::move(factor);
  result.n = static_cast<std::int64_t>(effects.size());
  std::vector<double> sizes;
  for (const double effect : effects) sizes.push_back(std::abs(effect));
  const bool has_any = !effects.empty();
  result.mu = has_any ? mean_of(effects) : kNone;
  result.mu_star = has_any ? mean_of(sizes) : kNone;
  const bool has_two = effects.size() >= 2;
  const double root = std::sqrt(static_cast<double>(effects.size()));
  result.sigma = has_two ? deviation_of(effects) : kNone;
  result.mu_error = has_two ? result.sigma / root : kNone;
  result.mu_star_error = has_two ? deviation_of(sizes) / root : kNone;
  result.sigma_error = has_two ? error_of_deviation(effects) : kNone;
  return result;
}

}  // namespace

std::vector<double> factor_widths(const Scenario& scenario, const DesignTable& design) {
  TWIN_CHECK(scenario.study.has_value(), "this scenario has no study");
  std::vector<Diagnostic> mistakes;
  const detail::DesignSpace space = detail::design_space(scenario, mistakes);
  detail::throw_mistakes(std::move(mistakes));
  TWIN_CHECK(space.columns.size() == design.factors.size(), "this design is that of another study");
  std::vector<double> widths;
  for (const detail::Column& column : space.columns) {
    const auto [low, high] = std::minmax_element(column.levels.begin(), column.levels.end());
    widths.push_back(*high - *low);
  }
  return widths;
}

std::vector<MorrisEffect> morris_effects(const DesignTable& design, std::span<const double> widths,
                                         std::span<const double> results) {
  const std::size_t count = design.factors.size();
  TWIN_CHECK(widths.size() == count, "there is a width for each factor");
  TWIN_CHECK(results.size() == design.size(), "there is a result for each design");
  const auto moving = std::count_if(widths.begin(), widths.end(), [](double width) { return width > 0; });
  const auto length = static_cast<std::size_t>(moving) + 1;
  TWIN_CHECK(design.size() % length == 0, "the designs are whole trajectories");
  std::vector<std::vector<double>> effects(count);
  for (std::size_t row = 1; row < design.size(); ++row) {
    if (row % length == 0) continue;  // the start of a trajectory
    const double* const before = &design.values[(row - 1) * count];
    const double* const after = &design.values[row * count];
    const std::size_t moved = static_cast<std::size_t>(std::mismatch(before, before + count, after).first - before);
    if (moved == count) continue;  // a list that says a level twice
    TWIN_CHECK(std::equal(before + moved + 1, before + count, after + moved + 1),
               "one factor moves in each step of a trajectory");
    const double effect = (results[row] - results[row - 1]) / ((after[moved] - before[moved]) / widths[moved]);
    if (!std::isnan(effect)) effects[moved].push_back(effect);
  }
  std::vector<MorrisEffect> summaries;
  for (std::size_t i = 0; i < count; ++i) summaries.push_back(summarise(design.factors[i], effects[i]));
  return summaries;
}

}  // namespace twin
