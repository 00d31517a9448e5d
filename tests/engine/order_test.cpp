// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

FailureMode calendar(double every, double repair) {
  FailureMode m;
  m.name = "jam";
  m.every = every;
  m.clock = FailureClock::calendar;
  m.repair = repair;
  return m;
}

/// A machine that loses what comes while it cannot work.
Outcome picky(double arrivals, double cycle, std::vector<FailureMode> failures, double horizon_s) {
  Factory f;
  f.source("in", {.arrivals = constant(arrivals), .when_full = WhenFull::lose});
  f.machine("m", {.cycle = cycle, .failures = std::move(failures)});
  f.flow("in -> m -> shipped");
  return simulate(f, horizon_s);
}

}  // namespace

TEST_CASE("a part that comes when the machine becomes free finds it free") {
  const Outcome out = picky(5, 5, {}, 50);
  CHECK(out.result.lost == 0);
  CHECK(out.result.created == 10);
}

TEST_CASE("a part that comes when the machine is repaired finds it repaired") {
  CHECK(picky(20, 5, {calendar(15, 5)}, 25).result.lost == 0);
}

TEST_CASE("a part that comes when an idle machine fails finds it down") {
  CHECK(picky(10, 5, {calendar(10, 5)}, 12).result.lost == 1);
}

TEST_CASE("work that ends when the calendar says failure has ended") {
  Factory f;
  f.machine("m", {.cycle = 10, .failures = {calendar(10, 5)}});
  f.flow("supply -> m -> shipped");
  CHECK(simulate(f, 26).departures("m") == Seconds{10, 25});
}

TEST_CASE("the horizon comes after what happens at it, and so does the end of the warm-up") {
  Factory f;
  f.machine("m", {.cycle = 10});
  f.flow("supply -> m -> shipped");
  RunInput input;
  input.horizon_s = 30;
  CHECK(simulate(f, input).result.good == 3);
  input.warmup_s = 10;
  CHECK(simulate(f, input).result.good == 2);
}

TEST_CASE("of two machines that finish together, the first in the file goes first") {
  const auto run_pair = [](bool is_swapped, double second) {
    Factory f;
    const auto add = [&](const std::string& name, double cycle) { f.machine(name, {.cycle = cycle}); };
    if (is_swapped) {
      add("b", second);
      add("a", 4);
    } else {
      add("a", 4);
      add("b", second);
    }
    f.machine("c", {.cycle = 10});
    f.buffer("q", {.capacity = 0});
    f.flow("sa -> a -> q -> c -> shipped");
    f.flow("sb -> b -> q");
    return simulate(f, 40);
  };
  CHECK(run_pair(false, 4).departures("a") == Seconds{4, 24});
  CHECK(run_pair(false, 4).departures("b") == Seconds{14, 34});
  CHECK(run_pair(true, 4).departures("a") == Seconds{14, 34});
  CHECK(run_pair(true, 4).departures("b") == Seconds{4, 24});
  // Without a tie the order of the file decides nothing.
  CHECK(run_pair(false, 5).departures("a") == run_pair(true, 5).departures("a"));
  CHECK(run_pair(false, 5).departures("b") == run_pair(true, 5).departures("b"));
}

TEST_CASE("with continuous laws the order of the file changes nothing at all") {
  const auto run_line = [](bool is_swapped) {
    Factory f;
    const auto a = [&] { f.machine("a", {.cycle = exponential(5), .scrap = 0.1}); };
    const auto b = [&] { f.machine("b", {.servers = 2, .cycle = lognormal(9, 0.4)}); };
    if (is_swapped) {
      b();
      a();
    } else {
      a();
      b();
    }
    f.buffer("q", {.capacity = 3});
    f.flow("supply -> a -> q -> b -> shipped");
    return simulate(f, 20000);
  };
  const Outcome x = run_line(false);
  const Outcome y = run_line(true);
  CHECK(x.result.good == y.result.good);
  CHECK(x.result.wip_area_low == y.result.wip_area_low);
  CHECK(x.result.mean_lead_s == y.result.mean_lead_s);
  CHECK(x.station("a").state_ticks == y.station("a").state_ticks);
  CHECK(x.station("b").state_ticks == y.station("b").state_ticks);
}

TEST_CASE("operations without a duration happen one after the other at one instant") {
  Factory f;
  f.source("in", {.arrivals = constant(3)});
  f.machine("a", {.cycle = 0});
  f.machine("b", {.cycle = 0});
  f.machine("c", {.cycle = 0});
  f.flow("in -> a -> b -> c -> shipped");
  const Outcome out = simulate(f, 10);
  CHECK(out.into("shipped") == Seconds{3, 6, 9});
  CHECK(out.result.mean_lead_s == 0);
  CHECK(out.result.mean_wip == 0);
  CHECK(out.result.events == 3 * 4 + 2);
}

TEST_CASE("a whole line that is blocked moves up in one event") {
  Factory f;
  std::string flow = "supply";
  for (int k = 0; k < 50; ++k) {
    f.machine("m" + std::to_string(k), {.cycle = 1});
    flow += " -> m" + std::to_string(k);
  }
  f.machine("last", {.cycle = 1000});
  f.flow(flow + " -> last -> shipped");
  const Outcome out = simulate(f, 2100);
  for (const std::string m : {"m0", "m25", "m49"}) {
    const Seconds left = out.departures(m);
    REQUIRE(left.size() >= 2);
    CHECK(left.back() == 2050);
    CHECK(left[left.size() - 2] == 1050);
  }
}

TEST_CASE("the longest run there is does not wrap its times") {
  for (const double cycle : {1e300, 3e8, 536870912.0, 536870911.0}) {
    Factory f;
    FailureMode never;
    never.name = "never";
    never.every = 1e300;
    never.repair = 1e300;
    never.clock = FailureClock::calendar;
    f.machine("m", {.cycle = cycle, .failures = {never}});
    f.flow("supply -> m -> shipped");
    const Outcome out = simulate(f, kMaxSeconds);
    CHECK(out.result.status == RunStatus::ok);
    CHECK(out.result.good == (cycle >= kMaxSeconds ? 0 : 1));
    CHECK(out.station("m").failures == 0);
  }
}
