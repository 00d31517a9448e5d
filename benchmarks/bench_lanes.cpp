// SPDX-License-Identifier: Apache-2.0
//
// bench_lanes [WORKLOAD…]
//
// Time per machine-part update (one machine finishing one part in one run) of the recursion, beside the event engine on the
// same runs, on one core. `throughput` counts parts into the sink and nothing else; `all` is every state time, level, wait,
// work in process and mean lead time; `leads` is the distribution of lead times too.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/core.h>

#include <benchmarks/measure.hpp>
#include <benchmarks/workloads.hpp>
#include <libtwin/compile/compile.hpp>
#include <libtwin/lanes/runner.hpp>

namespace {

using twin::bench::measure;

/// A binary tree of assemblies over `leaves` machines that are never starved, with `places` before each assembly.
twin::Factory tree(int leaves, int places) {
  twin::Factory f("tree");
  std::vector<std::string> level;
  for (int k = 0; k < leaves; ++k) {
    level.push_back("m" + std::to_string(k));
    f.machine(level.back(), {.cycle = twin::exponential(1)});
    f.arrows.push_back({"supply" + std::to_string(k), level.back()});
    f.source("supply" + std::to_string(k));
  }
  for (int number = 0; level.size() > 1;) {
    std::vector<std::string> next;
    for (std::size_t k = 0; k + 1 < level.size(); k += 2, ++number) {
      next.push_back("a" + std::to_string(number));
      f.assembly(next.back(), {.cycle = twin::exponential(1)});
      for (const std::string& from : {level[k], level[k + 1]}) {
        const std::string buffer = "b_" + from;
        f.buffer(buffer, {.capacity = places});
        f.arrows.push_back({from, buffer});
        f.arrows.push_back({buffer, next.back()});
      }
    }
    level = next;
  }
  f.sink("shipped");
  f.arrows.push_back({level.front(), "shipped"});
  return f;
}

twin::Factory failing_line() {
  twin::Factory f = twin::bench::line(10, 5);
  twin::FailureMode mode;
  mode.name = "jam";
  mode.every = twin::exponential(100);
  mode.repair = twin::exponential(10);
  f.stations[4].failures.push_back(mode);
  return f;
}

struct Workload {
  std::string name;
  twin::Factory factory;
  std::uint64_t parts;
};

constexpr std::uint32_t kScenarios = 64;

void bench(const Workload& w) {
  const twin::Compiled compiled = twin::compile(w.factory);
  const twin::LaneProgram program = twin::make_lane_program(compiled.plant);
  const double updates_of_run = static_cast<double>(w.parts) * static_cast<double>(compiled.plant.station_count);
  twin::LaneRunner runner(compiled.plant, program);
  const auto run_lanes = [&](std::uint32_t replications, bool own_noise, twin::LaneStatistics statistics,
                             twin::LaneInstructions set) {
    std::vector<twin::LaneJob> jobs(kScenarios);
    for (std::uint32_t k = 0; k < kScenarios; ++k) {
      jobs[k].replications = replications;
      jobs[k].input.parts = w.parts;
      jobs[k].input.warmup_parts = w.parts / 20;
      jobs[k].input.horizon_s = twin::kMaxSeconds;
      jobs[k].input.seed = own_noise ? 100 + k : 1;
    }
    double good = 0;
    const double s =
        measure(3, [&](int) {
          runner.run(jobs, [&](std::size_t, std::uint32_t, const twin::RunResult& r) { good += r.throughput_per_s(); },
                     {statistics, set, {}, {}});
        }).min_s;
    return s * 1e9 / (updates_of_run * replications * kScenarios);
  };
  twin::PlantState state(compiled.plant);
  twin::RunInput input;
  input.parts = w.parts;
  input.warmup_parts = w.parts / 20;
  input.horizon_s = twin::kMaxSeconds;
  const double events = measure(3, [&](int) { twin::run(state, input); }).min_s * 1e9 / updates_of_run;
  fmt::print("{} ({} stations, {} parts, {} scenarios); event engine {:.1f} ns\n", w.name, compiled.plant.station_count,
             w.parts, kScenarios, events);
  for (int set = static_cast<int>(twin::best_instructions()); set >= 0; --set) {
    const auto which = static_cast<twin::LaneInstructions>(set);
    const char* const names[] = {"baseline", "avx2", "avx512"};
    for (const std::uint32_t replications : {8U, 16U, 32U}) {
      const double bare = run_lanes(replications, false, twin::LaneStatistics::throughput, which);
      const double all = run_lanes(replications, false, twin::LaneStatistics::all, which);
      fmt::print("  {:8} {:2} replications  shared noise: throughput {:.3f}  all {:.3f}", names[set], replications,
                 bare, all);
      if (replications == 16) {
        const double leads = run_lanes(replications, false, twin::LaneStatistics::leads, which);
        const double own = run_lanes(replications, true, twin::LaneStatistics::throughput, which);
        const double own_all = run_lanes(replications, true, twin::LaneStatistics::all, which);
        fmt::print("  leads {:.3f}  own noise: throughput {:.3f}  all {:.3f}", leads, own, own_all);
      }
      fmt::print(" ns/update (event engine / all = {:.0f})\n", events / all);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> wanted(argv + 1, argv + argc);
  for (const Workload& w :
       {Workload{"line10", twin::bench::line(10, 5), 10000}, Workload{"line10-failing", failing_line(), 10000},
        Workload{"line10-unbuffered", twin::bench::line(10, 0), 4000},
        Workload{"line3-deep", twin::bench::line(3, 60), 10000}, Workload{"line100", twin::bench::line(100, 5), 2000},
        Workload{"tree15", tree(8, 5), 5000}}) {
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), w.name) != wanted.end()) bench(w);
  }
  return 0;
}
