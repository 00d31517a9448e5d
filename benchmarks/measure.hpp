// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <ctime>
#include <vector>

namespace twin::bench {

/// Processor time of this thread [s]: repeats to a few percent on a busy machine, where wall time does not.
inline double thread_cpu_s() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Timing {
  double min_s = 0;
  double median_s = 0;
};

/// Runs `work(repetition)` once to warm up and then `repetitions` times. Each repetition should use another seed: the
/// branch predictor learns a path that is repeated, and shows times no real run has.
template <class Work>
Timing measure(int repetitions, Work&& work) {
  work(0);
  std::vector<double> seconds;
  for (int k = 1; k <= repetitions; ++k) {
    const double start = thread_cpu_s();
    work(k);
    seconds.push_back(thread_cpu_s() - start);
  }
  std::sort(seconds.begin(), seconds.end());
  return {seconds.front(), seconds[seconds.size() / 2]};
}

}  // namespace twin::bench
