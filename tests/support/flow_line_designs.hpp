// SPDX-License-Identifier: Apache-2.0
// A problem of selection whose answer is known: the 3,249 ways to share 20 units of speed over three exponential machines
// and 20 places over the two buffers between them (Pichitlamken, Nelson and Hong 2006). Blocking after service; a
// buffer counts the place in the server behind it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace twin_test {

struct LineDesign {
  int speed[3];
  int places[2];
  double throughput = 0;
};

/// The stationary law of a Markov chain whose states reach no further than `band` along their numbers, by elimination
/// without subtractions (Grassmann, Taksar and Heyman 1985). `rates` is (states × states), row-major; it is used up.
inline std::vector<double> stationary(std::vector<double>& rates, std::size_t states, std::size_t band) {
  for (std::size_t n = states - 1; n > 0; --n) {
    const std::size_t from = n > band ? n - band : 0;
    double out = 0;
    for (std::size_t j = from; j < n; ++j) out += rates[n * states + j];
    for (std::size_t i = from; i < n; ++i) {
      const double share = rates[i * states + n] /= out;
      if (share == 0) continue;
      for (std::size_t j = from; j < n; ++j) rates[i * states + j] += share * rates[n * states + j];
    }
  }
  std::vector<double> law(states);
  law[0] = 1;
  double sum = 1;
  for (std::size_t n = 1; n < states; ++n) {
    for (std::size_t i = n > band ? n - band : 0; i < n; ++i) law[n] += law[i] * rates[i * states + n];
    sum += law[n];
  }
  for (double& p : law) p /= sum;
  return law;
}

/// Exact. States are (parts at machine 2, parts at machine 3); one above the places means that the machine before is
/// blocked.
inline double line_throughput(const LineDesign& d) {
  const auto [b2, b3] = d.places;
  const auto wide = static_cast<std::size_t>(b3) + 2;
  const std::size_t states = (static_cast<std::size_t>(b2) + 2) * wide;
  std::vector<double> rates(states * states);
  const auto state = [&](int x, int y) { return static_cast<std::size_t>(x) * wide + static_cast<std::size_t>(y); };
  for (int x = 0; x <= b2 + 1; ++x) {
    for (int y = 0; y <= b3 + 1; ++y) {
      const auto go = [&](int to_x, int to_y, double rate) { rates[state(x, y) * states + state(to_x, to_y)] += rate; };
      if (x <= b2) go(x + 1, y, d.speed[0]);
      if (x > 0 && y < b3) go(x - 1, y + 1, d.speed[1]);
      if (x > 0 && y == b3) go(x, y + 1, d.speed[1]);
      if (y > 0 && y <= b3) go(x, y - 1, d.speed[2]);
      // Nobody is blocked without a part: that state is never reached and only needs a way out.
      if (y == b3 + 1) go(std::max(x - 1, 0), b3, d.speed[2]);
    }
  }
  const std::vector<double> law = stationary(rates, states, wide + 1);
  double busy = 0;
  for (std::size_t s = 0; s < states; ++s) busy += s % wide > 0 ? law[s] : 0.0;
  return d.speed[2] * busy;
}

/// All designs with their throughputs. A line and its mirror image make the same (Muth 1979), to the last bit here.
inline std::vector<LineDesign> flow_line_designs() {
  std::vector<LineDesign> designs;
  const auto index_of = [](int r1, int r2, int b2) {
    // r1 from 1, r2 from 1 to 19 - r1, b2 from 1 to 19.
    const int before = (r1 - 1) * 19 - r1 * (r1 - 1) / 2;
    return static_cast<std::size_t>((before + r2 - 1) * 19 + b2 - 1);
  };
  for (int r1 = 1; r1 <= 18; ++r1) {
    for (int r2 = 1; r1 + r2 <= 19; ++r2)
      for (int b2 = 1; b2 <= 19; ++b2) designs.push_back({{r1, r2, 20 - r1 - r2}, {b2, 20 - b2}});
  }
  for (LineDesign& d : designs) {
    if (d.places[0] < d.places[1]) continue;
    d.throughput = line_throughput(d);
    LineDesign& mirror = designs[index_of(d.speed[2], d.speed[1], d.places[1])];
    mirror.throughput = d.throughput;
  }
  return designs;
}

}  // namespace twin_test
