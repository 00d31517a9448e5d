// SPDX-License-Identifier: Apache-2.0
#include <libtwin/stats/batch_means.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <libtwin/core/check.hpp>

namespace twin {
namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double lag1_autocorrelation(std::span<const double> series) {
  if (series.size() < 3) return std::numeric_limits<double>::quiet_NaN();
  const double m = mean_of(series);
  double products = 0;
  double squares = (series.back() - m) * (series.back() - m);
  for (std::size_t i = 0; i + 1 < series.size(); ++i) {
    products += (series[i] - m) * (series[i + 1] - m);
    squares += (series[i] - m) * (series[i] - m);
  }
  return squares > 0 ? products / squares : std::numeric_limits<double>::quiet_NaN();
}

BatchMeans batch_means(std::span<const double> series, double level, std::int64_t batches) {
  TWIN_CHECK(batches >= 2, "an interval by batch means needs two batches");
  const auto count = static_cast<std::size_t>(batches);
  BatchMeans result;
  result.lag1 = std::numeric_limits<double>::quiet_NaN();
  const std::size_t size = series.size() / count;
  if (size == 0) {
    if (!series.empty()) result.estimate = {.mean = mean_of(series), .n = 0};
    return result;
  }
  const std::span<const double> used = series.last(size * count);
  std::vector<double> means;
  means.reserve(count);
  for (std::size_t i = 0; i < count; ++i) means.push_back(mean_of(used.subspan(i * size, size)));
  result.estimate = mean_interval(means, level);
  result.batch_size = static_cast<std::int64_t>(size);
  result.lag1 = lag1_autocorrelation(means);
  result.looks_independent = result.lag1 <= 1.645 / std::sqrt(static_cast<double>(batches));
  return result;
}

}  // namespace twin
