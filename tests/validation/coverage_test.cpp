// SPDX-License-Identifier: Apache-2.0
// How often intervals at nominal 95 % hold what they should, on models whose answers are exact. Thousands of experiments each;
// the seeds are fixed, so that the same figures come out every time.
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/experiment/replicate.hpp>
#include <libtwin/model/factory.hpp>
#include <libtwin/stats/confidence.hpp>
#include <libtwin/stats/stopping.hpp>
#include <libtwin/stats/tally.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

namespace {

/// Load 0.5: the mean lead time is 1 / (mu - lambda). The warm-up is 25 relaxation times, 1 / (sqrt(mu) - sqrt(lambda))²
/// (Morse 1958), the span 170: means of runs are then about normal.
Factory mm1() {
  Factory f("mm1");
  f.source("jobs", {.arrivals = exponential(2)});
  f.machine("server", {.cycle = exponential(1)});
  f.buffer("queue");
  f.flow("jobs -> queue -> server -> done");
  f.run = {.horizon_s = 2300, .warmup_s = 300, .seed = 4};
  return f;
}

/// Two exponential machines of rate 1 and one waiting place between them: a birth-death process over 0 to 3 parts for the
/// second one, of which the fourth state blocks the first; throughput 3/4.
Factory two_machines() {
  Factory f("two");
  f.machine("m1", {.cycle = exponential(1)});
  f.machine("m2", {.cycle = exponential(1)});
  f.buffer("b", {.capacity = 1});
  f.flow("jobs -> m1 -> b -> m2 -> done");
  f.run = {.horizon_s = 600, .warmup_s = 100, .seed = 5};
  return f;
}

/// Three exponential machines of rate 1 without places between them: 22/39 (Hunt 1956).
Factory three_machines() {
  Factory f("three");
  for (const char* name : {"m1", "m2", "m3"}) f.machine(name, {.cycle = exponential(1)});
  f.flow("jobs -> m1 -> m2 -> m3 -> done");
  f.run = {.horizon_s = 600, .warmup_s = 100, .seed = 6};
  return f;
}

/// A measure of a model with its exact value, in many independent replications: what experiments are cut from.
struct Exact {
  std::string name;
  double truth;

  /// Share of the mean for the stopping rule: some forty replications are enough for it.
  double limit;
  std::vector<double> numbers;
};

constexpr std::int64_t kExperiments = 2000;

/// Adds the measures of one model, from the same runs.
void add_cases(const Factory& factory, const std::vector<Measure>& measures, std::vector<Exact> exact,
               std::vector<Exact>& cases) {
  RunSettings settings = factory.run;
  settings.replications = kExperiments * 55;
  const RunSummary summary =
      replicate(compile(factory), settings, ReplicationPlan{.measures = measures}, {.threads = 2});
  REQUIRE(summary.engine == "lanes");
  REQUIRE(summary.failed == 0);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    for (std::size_t r = i; r < summary.measured.size(); r += exact.size())
      exact[i].numbers.push_back(summary.measured[r]);
    cases.push_back(std::move(exact[i]));
  }
}

const std::vector<Exact>& exact_cases() {
  static const std::vector<Exact> kCases = [] {
    const Measure lead{"lead", "lead_time"};
    const Measure rate{"rate", "throughput"};
    std::vector<Exact> cases;
    add_cases(mm1(), {lead, rate}, {{"lead time of M/M/1", 2, 0.033, {}}, {"throughput of M/M/1", 0.5, 0.0095, {}}},
              cases);
    add_cases(two_machines(), {rate}, {{"throughput of two machines", 3.0 / 4, 0.012, {}}}, cases);
    add_cases(three_machines(), {rate}, {{"throughput of three machines", 22.0 / 39, 0.012, {}}}, cases);
    return cases;
  }();
  return kCases;
}

bool holds(double mean, double half_width, double truth) { return std::abs(mean - truth) <= half_width; }

/// How often an experiment held, as a share.
double share_of(std::int64_t held, std::int64_t experiments) {
  return static_cast<double>(held) / static_cast<double>(experiments);
}

}  // namespace

TEST_CASE("intervals over a fixed number of replications hold the exact value as often as they say", "[coverage]") {
  for (const Exact& exact : exact_cases()) {
    for (const std::size_t replications : {10U, 25U}) {
      std::int64_t held = 0;
      for (std::size_t e = 0; e < kExperiments; ++e) {
        const Estimate estimate = mean_interval(std::span(exact.numbers).subspan(e * replications, replications));
        held += holds(estimate.mean, estimate.half_width, exact.truth) ? 1 : 0;
      }
      const double share = share_of(held, kExperiments);
      INFO(exact.name << ", " << replications << " replications: " << share);
      CHECK(share > 0.93);
      CHECK(share < 0.97);
    }
  }
}

TEST_CASE("intervals at the moment a stopping rule holds keep their level", "[coverage]") {
  constexpr std::int64_t kAtMost = 300;
  for (const Exact& exact : exact_cases()) {
    const WidthLimit rule{.limit = exact.limit};
    std::size_t next = 0;
    std::int64_t asked = 0;
    std::int64_t student = 0;
    for (std::int64_t e = 0; e < kExperiments; ++e) {
      Tally tally;
      bool is_met = false;
      for (std::int64_t n = next_look(0, 10, kAtMost); n != 0; n = is_met ? 0 : next_look(n, 10, kAtMost)) {
        while (tally.count() < n) tally.add(exact.numbers.at(next++));
        is_met = rule.is_met(tally);
      }
      REQUIRE(is_met);
      const Estimate estimate = mean_interval(tally);
      asked += holds(estimate.mean, rule.most(estimate.mean), exact.truth) ? 1 : 0;
      student += holds(estimate.mean, estimate.half_width, exact.truth) ? 1 : 0;
    }
    const double replications = static_cast<double>(next) / kExperiments;
    INFO(exact.name << ": as asked for " << share_of(asked, kExperiments) << ", Student's t "
                    << share_of(student, kExperiments) << ", after " << replications << " replications");
    CHECK(share_of(asked, kExperiments) > 0.94);
    CHECK(share_of(asked, kExperiments) < 0.97);
    CHECK(share_of(student, kExperiments) > 0.93);
    CHECK(share_of(student, kExperiments) < 0.96);
    CHECK(replications > 25);
  }
}

TEST_CASE("intervals of batch means within one run hold the exact value as often as they say", "[coverage]") {
  std::vector<Factory> factories{mm1(), two_machines(), three_machines()};
  const std::vector<double> rates{0.5, 3.0 / 4, 22.0 / 39};
  for (std::size_t i = 0; i < factories.size(); ++i) {
    const Compiled compiled = compile(factories[i]);
    RunSettings settings = factories[i].run;
    settings.replications = 1;
    settings.horizon_s = i == 0 ? 20'300 : 8'100;
    std::int64_t rate = 0;
    std::int64_t lead = 0;
    std::int64_t wip = 0;
    for (std::uint64_t seed = 1; seed <= std::uint64_t{kExperiments}; ++seed) {
      settings.seed = seed;
      const RunSummary run = replicate(compiled, settings, {.engine = EngineChoice::event, .threads = 1});
      const auto has = [](const Estimate& e, double truth) { return holds(e.mean, e.half_width, truth) ? 1 : 0; };
      rate += has(run.throughput_per_s, rates[i]);
      lead += has(run.lead_time_s, 2);
      wip += has(run.wip, 1);
    }
    const auto check = [&](const char* measure, std::int64_t held) {
      const double share = share_of(held, kExperiments);
      INFO(measure << " of " << factories[i].name << ": " << share);
      CHECK(share > 0.93);
      CHECK(share < 0.97);
    };
    check("throughput", rate);
    if (i > 0) continue;
    check("lead time", lead);
    check("WIP", wip);
  }
}
