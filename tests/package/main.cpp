// SPDX-License-Identifier: Apache-2.0
// The smallest useful customer: describes a line, has it checked, asks for an exact number.
#include <cmath>
#include <cstdio>

#include <libtwin/core/distribution.hpp>
#include <libtwin/model/factory.hpp>
#include <libtwin/model/units.hpp>

int main() {
  using namespace twin::literals;

  twin::Factory line("customer");
  line.machine("press", {.cycle = 38_s});
  line.machine("weld", {.cycle = twin::lognormal(41_s, 0.15)});
  line.buffer("b1", {.capacity = 20});
  line.flow("supply -> press -> b1 -> weld -> shipped");

  if (twin::has_errors(twin::validate(line))) return 1;
  const double mean_s = twin::mean(line.stations[1].cycle);
  std::printf("weld takes %.1f s on average\n", mean_s);
  return std::abs(mean_s - 41.0) < 1e-9 ? 0 : 2;
}
