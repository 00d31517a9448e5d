// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numeric>

#include <libtwin/lanes/gradient.hpp>
#include <tests/lanes/both_engines.hpp>
#include <tests/lanes/random_line.hpp>

using namespace twin;

namespace {

/// The law with every duration multiplied.
Distribution scaled(Distribution law, double factor) {
  const auto& infos = law_info(law.kind).parameters;
  for (std::size_t k = 0; k < infos.size(); ++k) law.parameters[k] *= infos[k].has_dimension ? factor : 1;
  for (double& x : law.values) x *= factor;
  return law;
}

/// A random line whose laws have densities, so that no two times are equal by chance.
Factory smooth_line(std::uint64_t seed) {
  Factory factory = RandomLine(seed).make();
  const auto smooth = [](Distribution& law) {
    if (law.kind == LawKind::constant || law.kind == LawKind::discrete) law = erlang(std::max(0.5, mean(law)), 3);
  };
  for (Source& s : factory.sources) {
    if (s.arrivals) smooth(*s.arrivals);
  }
  for (Station& s : factory.stations) {
    smooth(s.cycle);
    for (auto& [product, law] : s.cycle_of) smooth(law);
    for (FailureMode& f : s.failures) {
      smooth(f.every);
      smooth(f.repair);
    }
  }
  return factory;
}

std::vector<RunGradient> gradients(const Factory& factory, const RunInput& input, std::uint32_t replications,
                                   bool follows_ties = false) {
  const Compiled compiled = compile(factory);
  std::vector<RunGradient> all;
  GradientOptions options;
  options.follows_ties = follows_ties;
  GradientRunner runner(compiled.plant, compiled.lanes);
  runner.run(
      input, replications, [&](std::uint32_t, const RunGradient& g) { all.push_back(g); }, options);
  return all;
}

/// Departures as the recording recursion has them.
test::Departures departures_of(const Plant& plant, const LaneProgram& program, const RunInput& input,
                               GradientStatus& status) {
  test::Departures all;
  GradientOptions options;
  options.on_departure = [&](const LaneDeparture& d) { all[d.station].push_back(d.ticks); };
  GradientRunner runner(plant, program);
  runner.run(
      input, 1, [&](std::uint32_t, const RunGradient& g) { status = g.status; }, options);
  return all;
}

}  // namespace

TEST_CASE("The recorded recursion has the departure times of the event engine") {
  int compared = 0;
  int lagging = 0;
  int different = 0;
  for (std::uint64_t seed = 0; compared < 1500 && different < 5; ++seed) {
    const Factory factory = RandomLine(seed).make();
    const Compiled compiled = compile(factory);
    const LaneProgram& program = compiled.lanes;
    if (!program.is_eligible() || !program.loops.empty()) continue;
    RunInput input;
    input.horizon_s = 20 + static_cast<double>(seed % 7) * 40;
    input.seed = seed;
    GradientStatus status = GradientStatus::ok;
    test::Departures ours = departures_of(compiled.plant, program, input, status);
    if (status == GradientStatus::unfit) continue;
    ++compared;
    lagging += program.has_lag ? 1 : 0;
    PlantState state(compiled.plant);
    test::DepartureTrace trace(compiled.plant);
    input.trace = &trace;
    run(state, input);
    const auto end = static_cast<std::int64_t>(input.horizon_s * 16777216.0);
    for (auto& [station, times] : trace.of) {
      if (compiled.plant.stations[station].outlet_count > 1) continue;
      std::vector<std::int64_t>& list = ours[station];
      while (!times.empty() && times.back() > end) times.pop_back();
      std::erase_if(list, [&](std::int64_t t) { return t > end; });
      // What no good part waits for any more is not looked at to the end.
      const PlantStore& store =
          compiled.plant.stores[compiled.plant.outlets[compiled.plant.stations[station].first_outlet].store];
      const bool is_whole = store.kind == StoreKind::sink && store.is_good;
      const std::size_t n = is_whole ? std::max(times.size(), list.size()) : list.size();
      const bool is_same = list.size() == n && times.size() >= n && std::equal(list.begin(), list.end(), times.begin());
      if (is_same) continue;
      ++different;
      INFO("seed " << seed << " station " << station);
      CHECK(is_same);
    }
  }
  CHECK(lagging > compared / 10);
}

TEST_CASE("Derivatives with respect to all durations add up to the whole") {
  // All times multiplied by f: the throughput is divided by f, the lead time multiplied by it (Euler's theorem).
  int seen = 0;
  for (std::uint64_t seed = 0; seen < 400; ++seed) {
    Factory factory = RandomLine(seed).make();
    for (Station& s : factory.stations) {
      for (FailureMode& f : s.failures) f.part = FailureEffect::resume;
    }
    if (!compile(factory).lanes.is_eligible() || !factory.loops.empty()) continue;
    RunInput input;
    input.horizon_s = 300;
    input.warmup_s = seed % 2 == 0 ? 0 : 60;
    input.seed = seed;
    for (const RunGradient& g : gradients(factory, input, 2, true)) {
      if (g.status != GradientStatus::ok) continue;
      ++seen;
      // Failures come after so much work, whatever it takes.
      const auto add = [](const std::vector<PathDerivative>& list, double PathDerivative::*side) {
        return std::accumulate(list.begin(), list.end(), 0.0,
                               [&](double x, const PathDerivative& y) { return x + y.*side; });
      };
      INFO("seed " << seed);
      for (const auto side : {&PathDerivative::value, &PathDerivative::other}) {
        const double throughput = add(g.throughput_by_op, side) + add(g.throughput_by_repair, side);
        CHECK(std::abs(throughput + g.throughput_per_s) <= 2e-6 * g.throughput_per_s);
        const double lead = add(g.lead_by_op, side) + add(g.lead_by_repair, side);
        CHECK(std::abs(lead - g.mean_lead_s) <= 2e-6 * input.horizon_s);
      }
    }
  }
}

TEST_CASE("Derivatives are those that small changes on the same random numbers have") {
  constexpr double kStep = 1e-5;
  int compared = 0;
  int apart = 0;
  int repairs = 0;
  int several = 0;
  for (std::uint64_t seed = 0; compared < 1500; ++seed) {
    const Factory factory = smooth_line(seed);
    const Compiled compiled = compile(factory);
    if (!compiled.lanes.is_eligible() || !compiled.lanes.loops.empty()) continue;
    RunInput input;
    input.horizon_s = 200;
    input.warmup_s = seed % 2 == 0 ? 0 : 50;
    input.seed = seed;
    const RunGradient middle = gradients(factory, input, 1).front();
    if (middle.status != GradientStatus::ok) continue;
    const auto compare = [&](const Factory& less, const Factory& more, const PathDerivative& throughput,
                             const PathDerivative& lead, int& count) {
      const RunGradient a = gradients(less, input, 1).front();
      const RunGradient b = gradients(more, input, 1).front();
      // A part fell out of the span.
      if (a.good != middle.good || b.good != middle.good) return;
      ++compared;
      ++count;
      const double by_steps = (b.throughput_per_s - a.throughput_per_s) / (2 * kStep);
      const double lead_by_steps = (b.mean_lead_s - a.mean_lead_s) / (2 * kStep);
      const bool is_near = std::abs(by_steps - throughput.value) <= 0.002 * middle.throughput_per_s &&
                           std::abs(lead_by_steps - lead.value) <= 0.002 * std::max(1.0, middle.mean_lead_s);
      apart += is_near ? 0 : 1;
    };
    int others = 0;
    for (std::size_t k = 0; k < factory.stations.size(); ++k) {
      // Stations come first in the plant.
      std::uint32_t op = 0;
      while (compiled.lanes.ops[op].station != k) ++op;
      Factory less = factory;
      Factory more = factory;
      for (auto [changed, factor] : {std::pair{&less, 1 - kStep}, std::pair{&more, 1 + kStep}}) {
        Station& s = changed->stations[k];
        s.cycle = scaled(s.cycle, factor);
        for (auto& [product, law] : s.cycle_of) law = scaled(law, factor);
      }
      // How much work there is decides how often a station fails: no derivative.
      if (factory.stations[k].failures.empty()) {
        compare(less, more, middle.throughput_by_op[op], middle.lead_by_op[op],
                factory.stations[k].servers > 1 ? several : others);
        continue;
      }
      less = more = factory;
      Distribution& repair = less.stations[k].failures[0].repair;
      repair = scaled(repair, 1 - kStep);
      more.stations[k].failures[0].repair = scaled(more.stations[k].failures[0].repair, 1 + kStep);
      const std::uint32_t mode = compiled.plant.stations[k].first_failure;
      compare(less, more, middle.throughput_by_repair[mode], middle.lead_by_repair[mode], repairs);
    }
  }
  // A maximum that changes sides within the step.
  CAPTURE(apart, compared, repairs, several);
  CHECK(apart < compared / 50);
  CHECK(repairs > compared / 20);
  CHECK(several > compared / 50);
}
