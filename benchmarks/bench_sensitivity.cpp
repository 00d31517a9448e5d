// SPDX-License-Identifier: Apache-2.0
//
// bench_sensitivity [WORKLOAD…]
//
// What the derivatives with respect to all durations cost, beside runs without them, on one core: time per machine-part
// update of the recorded recursion and its way back, of the event engine, and of the recursion in vector registers with all
// statistics, where each replication draws its own random numbers as it does here.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/core.h>

#include <benchmarks/measure.hpp>
#include <benchmarks/workloads.hpp>
#include <libtwin/compile/compile.hpp>
#include <libtwin/lanes/gradient.hpp>

namespace {

using twin::bench::measure;

struct Workload {
  std::string name;
  twin::Factory factory;
  std::uint64_t parts;
};

constexpr std::uint32_t kReplications = 16;
constexpr int kRepetitions = 7;

twin::Factory failing_line() {
  twin::Factory f = twin::bench::line(10, 5);
  twin::FailureMode mode;
  mode.name = "jam";
  mode.every = twin::exponential(100);
  mode.repair = twin::exponential(10);
  f.stations[4].failures.push_back(mode);
  return f;
}

twin::Factory constant_line() {
  twin::Factory f = twin::bench::line(10, 5);
  for (std::size_t k = 0; k < f.stations.size(); k += 2) f.stations[k].cycle = twin::constant(0.8);
  return f;
}

void bench(const Workload& w, bool follows_ties) {
  const twin::Compiled compiled = twin::compile(w.factory);
  const double updates =
      static_cast<double>(w.parts) * static_cast<double>(compiled.plant.station_count) * kReplications;
  twin::RunInput input;
  input.parts = w.parts;
  input.warmup_parts = w.parts / 20;
  input.horizon_s = twin::kMaxSeconds;
  double sum = 0;
  twin::GradientRunner gradients(compiled.plant, compiled.lanes);
  twin::LaneRunner lanes(compiled.plant, compiled.lanes);
  twin::PlantState state(compiled.plant);
  twin::GradientOptions options;
  options.follows_ties = follows_ties;
  const auto seeded = [&](int repetition) {
    twin::RunInput one = input;
    one.seed = static_cast<std::uint64_t>(100 + repetition);
    return one;
  };
  const auto ns = [&](const twin::bench::Timing& t) { return t.min_s * 1e9 / updates; };
  const double pass = ns(measure(kRepetitions, [&](int k) {
    gradients.run(
        seeded(k), kReplications,
        [&](std::uint32_t, const twin::RunGradient& g) { sum += g.throughput_by_op[0].value; }, options);
  }));
  const double forward = ns(measure(kRepetitions, [&](int k) {
    const twin::LaneJob job{seeded(k), kReplications};
    lanes.run(std::span(&job, 1),
              [&](std::size_t, std::uint32_t, const twin::RunResult& r) { sum += r.throughput_per_s(); },
              {.statistics = twin::LaneStatistics::all});
  }));
  const double events = ns(measure(2, [&](int k) {
    for (std::uint32_t r = 0; r < kReplications; ++r) {
      twin::RunInput one = seeded(k);
      one.replication = r;
      sum += twin::run(state, one).throughput_per_s();
    }
  }));
  fmt::print("{:18} sensitivities {:6.2f} ns/update  lanes {:6.2f} ({:.2f} times)  events {:6.2f} ({:.2f} times){}\n",
             w.name, pass, forward, pass / forward, events, pass / events, sum == 0 ? " (no part)" : "");
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> wanted(argv + 1, argv + argc);
  const auto is_wanted = [&](const std::string& name) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  };
  for (const Workload& w : {Workload{"line3", twin::bench::line(3, 5), 10000},
                            {"line10", twin::bench::line(10, 5), 10000},
                            {"line10-failing", failing_line(), 10000},
                            {"line100", twin::bench::line(100, 5), 2000}}) {
    if (is_wanted(w.name)) bench(w, false);
  }
  const Workload constant{"line10-constant", constant_line(), 10000};
  if (is_wanted(constant.name)) bench(constant, true);
  return 0;
}
