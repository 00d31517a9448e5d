// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

/// Exact answers for lines of three exponential stations, from the stationary vector of the whole state space.
namespace twin::test {

/// The stationary vector of a chain from its generator (n × n, row-major): Gauss with pivots, one equation replaced by the sum.
inline std::vector<double> stationary_vector(std::vector<double> generator, std::size_t n) {
  std::vector<double> a(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) a[j * n + i] = generator[i * n + j];
  }
  std::vector<double> x(n, 0.0);
  for (std::size_t j = 0; j < n; ++j) a[(n - 1) * n + j] = 1;
  x[n - 1] = 1;
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i) {
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    }
    for (std::size_t j = 0; j < n; ++j) std::swap(a[k * n + j], a[pivot * n + j]);
    std::swap(x[k], x[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double f = a[i * n + k] / a[k * n + k];
      for (std::size_t j = k; f != 0 && j < n; ++j) a[i * n + j] -= f * a[k * n + j];
      x[i] -= f * x[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j) x[k] -= a[k * n + j] * x[j];
    x[k] /= a[k * n + k];
  }
  return x;
}

/// Parts per second of three exponential stations in a row, the first never starved and the last never blocked, blocking after
/// service. @param means  [s]. @param places  between them.
///
/// The state: how many parts have left the first station's work and not the second's, and the same of the second and third.
inline double exponential_line_throughput(const std::array<double, 3>& means, const std::array<int, 2>& places) {
  const int most1 = places[0] + 2;
  const int most2 = places[1] + 2;
  const auto n = static_cast<std::size_t>((most1 + 1) * (most2 + 1));
  const auto at = [&](int n1, int n2) { return static_cast<std::size_t>(n1 * (most2 + 1) + n2); };
  std::vector<double> generator(n * n, 0.0);
  for (int n1 = 0; n1 <= most1; ++n1) {
    for (int n2 = 0; n2 <= most2; ++n2) {
      const auto go = [&](int m1, int m2, double rate) {
        generator[at(n1, n2) * n + at(m1, m2)] += rate;
        generator[at(n1, n2) * n + at(n1, n2)] -= rate;
      };
      // A blocked part stands on the second station, which then has no place for another.
      const bool is_blocked = n2 == most2;
      if (n1 < most1 - (is_blocked ? 1 : 0)) go(n1 + 1, n2, 1 / means[0]);
      if (n1 > 0 && !is_blocked) go(n1 - 1, n2 + 1, 1 / means[1]);
      if (n2 > 0) go(n1, n2 - 1, 1 / means[2]);
    }
  }
  const std::vector<double> p = stationary_vector(std::move(generator), n);
  double busy = 0;
  for (int n1 = 0; n1 <= most1; ++n1) {
    for (int n2 = 1; n2 <= most2; ++n2) busy += p[at(n1, n2)];
  }
  return busy / means[2];
}

}  // namespace twin::test
