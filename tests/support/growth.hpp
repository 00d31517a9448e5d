// SPDX-License-Identifier: Apache-2.0
// How work grows with its size. A limit in seconds says nothing on another machine, or beside other work, or with
// sanitizers; a ratio of two sizes measured side by side does.
#pragma once
#include <algorithm>
#include <ctime>
#include <limits>

namespace twin::testing {

/// Eight times the size may cost this much: linear work takes 8 times as long, and up to twice that once it leaves a cache;
/// quadratic work takes 64 times as long.
inline constexpr double kMostForEightfold = 30;

/// The processor time of `large` over that of `small`, each the shortest of five calls in turn. Both should take a
/// millisecond and more, which the clock of the process resolves.
template <class Small, class Large>
double times_as_long(Small&& small, Large&& large) {
  const auto seconds = [](auto& work) {
    const std::clock_t start = std::clock();
    work();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  double least_small = std::numeric_limits<double>::infinity();
  double least_large = least_small;
  for (int i = 0; i < 5; ++i) {
    least_small = std::min(least_small, seconds(small));
    least_large = std::min(least_large, seconds(large));
  }
  return least_large / std::max(least_small, 1e-5);
}

}  // namespace twin::testing
