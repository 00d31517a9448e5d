// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace twin::test {

/// The Kolmogorov–Smirnov distance of `sample` from a distribution function, times sqrt(n). Above `kKolmogorov` once
/// in a thousand samples of a continuous law; rarer still for one with steps.
template <class Cumulative>
double kolmogorov_smirnov(std::vector<double> sample, Cumulative cumulative, bool has_steps) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double distance = 0;
  for (std::size_t i = 0; i < sample.size();) {
    std::size_t next = i + 1;
    while (next < sample.size() && sample[next] == sample[i]) ++next;
    const double f = cumulative(sample[i]);
    distance = std::max(distance, std::abs(static_cast<double>(next) / n - f));
    if (!has_steps) distance = std::max(distance, std::abs(static_cast<double>(i) / n - f));
    i = next;
  }
  return distance * std::sqrt(n);
}

/// The 99.9 % point of Kolmogorov's limit law, 1 - 2 sum (-1)^(k-1) exp(-2 k^2 x^2).
inline constexpr double kKolmogorov = 1.9495;

}  // namespace twin::test
