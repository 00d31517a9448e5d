// SPDX-License-Identifier: Apache-2.0
//
// A first line: two machines, a buffer, and how sure the answer is.
//
// Shows   describing a factory in C++, compiling it, replications, intervals.
// Line    supply ──► press ──►[ b1: 20 ]──► weld ──► shipped
// Expect  about 85 parts/h: weld, at 41 s a part, sets the pace and is rarely starved.
#include <cstdio>

#include <libtwin/compile/compile.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/model/units.hpp>

int main() {
  using namespace twin::literals;
  twin::Factory line("press-line");
  line.machine("press", {.cycle = twin::lognormal(38_s, 0.3)});
  line.machine("weld", {.cycle = twin::lognormal(41_s, 0.15)});
  line.buffer("b1", {.capacity = 20});
  line.flow("supply -> press -> b1 -> weld -> shipped");
  line.run = {.horizon_s = 4_weeks, .warmup_s = 1_d, .replications = 10, .seed = 1};

  const twin::Compiled plant = twin::compile(line);
  const twin::RunSummary result = twin::replicate(plant, line.run);

  const auto per_hour = [](double per_second) { return 3600.0 * per_second; };
  std::printf("throughput  %.2f ± %.2f parts/h (95 %%, n = %lld)\n", per_hour(result.throughput_per_s.mean),
              per_hour(result.throughput_per_s.half_width), static_cast<long long>(result.throughput_per_s.n));
  std::printf("lead time   %.1f ± %.1f min\n", result.lead_time_s.mean / 60, result.lead_time_s.half_width / 60);
  for (const twin::StationSummary& station : result.stations) {
    std::printf("%-11s busy %.1f %%, starved %.1f %%, blocked %.1f %%\n", station.name.c_str(),
                100 * station.shares[static_cast<std::size_t>(twin::StationState::busy)].mean,
                100 * station.shares[static_cast<std::size_t>(twin::StationState::starved)].mean,
                100 * station.shares[static_cast<std::size_t>(twin::StationState::blocked)].mean);
  }
}
