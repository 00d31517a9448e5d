// SPDX-License-Identifier: Apache-2.0
#include <libtwin/stats/warmup.hpp>

#include <limits>

namespace twin {

std::optional<std::size_t> mser5(std::span<const double> series) {
  constexpr std::size_t kGroup = 5;
  constexpr std::size_t kFewest = 5;
  const std::size_t groups = series.size() / kGroup;
  if (groups < 2 * kFewest) return std::nullopt;

  // From the back, so that mean and squares of every rest follow from those of the rest one shorter (Welford 1962).
  double mean = 0;
  double squares = 0;
  double best = std::numeric_limits<double>::infinity();
  std::size_t cut = groups;
  for (std::size_t kept = 1; kept <= groups; ++kept) {
    const std::size_t d = groups - kept;
    double z = 0;
    for (std::size_t i = 0; i < kGroup; ++i) z += series[d * kGroup + i];
    z /= kGroup;
    const auto n = static_cast<double>(kept);
    const double before = z - mean;
    mean += before / n;
    squares += before * (z - mean);
    if (kept > kFewest && squares / (n * n) <= best) {
      best = squares / (n * n);
      cut = d;
    }
  }
  if (2 * cut > groups) return std::nullopt;
  return cut * kGroup;
}

}  // namespace twin
