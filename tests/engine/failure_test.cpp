// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

FailureMode mode(double every, double repair, FailureClock clock, FailureEffect effect = FailureEffect::resume) {
  FailureMode out;
  out.name = "jam";
  out.every = every;
  out.repair = repair;
  out.clock = clock;
  out.part = effect;
  return out;
}

FailureMode named(FailureMode m, std::string name) {
  m.name = std::move(name);
  return m;
}

/// A machine of 10 s that always has a part.
Outcome always_fed(const FailureMode& failure) {
  Factory f;
  f.machine("m", {.cycle = 10, .failures = {failure}});
  f.flow("supply -> m -> shipped");
  return simulate(f, 60);
}

/// A machine of 10 s with a part every 25 s.
Outcome sometimes_fed(const FailureMode& failure) {
  Factory f;
  f.source("in", {.arrivals = constant(25)});
  f.buffer("q");
  f.machine("m", {.cycle = 10, .failures = {failure}});
  f.flow("in -> q -> m -> shipped");
  return simulate(f, 80);
}

std::vector<ScheduledArrival> at(std::initializer_list<double> times) {
  std::vector<ScheduledArrival> out;
  for (const double t : times) out.push_back({t, "", 1});
  return out;
}

/// How long a server was in a state, each time.
Seconds stays(const Outcome& out, const std::string& station, StationState state) {
  Seconds lengths;
  double since = -1;
  for (const TraceRecord& r : out.records) {
    if (r.kind() != TraceKind::state || !out.is_of(r.element, station, 0)) continue;
    const double t = static_cast<double>(r.ticks()) / kTicksPerSecond;
    if (since >= 0) lengths.push_back(t - since);
    since = r.value == static_cast<std::uint32_t>(state) ? t : -1;
  }
  return lengths;
}

}  // namespace

TEST_CASE("busy clock: the rest of the part is done after the repair") {
  const Outcome out = always_fed(mode(15, 4, FailureClock::busy));
  // At 34 the part is done and the clock has run out; the part goes first, and the next one stops before it begins.
  CHECK(out.states("m") == "0 busy, 15 down, 19 busy, 34 down, 38 busy, 53 down, 57 busy");
  CHECK(out.departures("m") == Seconds{10, 24, 34, 48});
  CHECK(out.station("m").failures == 3);
  CHECK(out.station("m").parts == 4);
  CHECK(out.seconds("m", StationState::down) == 12);
}

TEST_CASE("busy clock: the part starts again after the repair") {
  const Outcome out = always_fed(mode(15, 4, FailureClock::busy, FailureEffect::restart));
  CHECK(out.states("m") == "0 busy, 15 down, 19 busy, 34 down, 38 busy, 53 down, 57 busy");
  CHECK(out.departures("m") == Seconds{10, 29, 48});
}

TEST_CASE("busy clock: the part is destroyed when the machine fails") {
  const Outcome out = always_fed(mode(15, 4, FailureClock::busy, FailureEffect::scrap));
  CHECK(out.departures("m") == Seconds{10, 29, 48});
  CHECK(out.times(TraceKind::scrap, "m") == Seconds{15, 34, 53});
  CHECK(out.result.scrapped == 3);
  CHECK(out.station("m").scrapped == 3);
  CHECK(out.result.final_wip == 1);
}

TEST_CASE("busy clock: the part is finished before the machine fails") {
  const Outcome out = always_fed(mode(15, 4, FailureClock::busy, FailureEffect::finish_first));
  CHECK(out.states("m") == "0 busy, 20 down, 24 busy, 44 down, 48 busy");
  CHECK(out.departures("m") == Seconds{10, 20, 34, 44, 58});
}

TEST_CASE("cycles clock: the machine fails between two parts, whatever it would do to one") {
  for (const auto effect :
       {FailureEffect::resume, FailureEffect::restart, FailureEffect::scrap, FailureEffect::finish_first}) {
    const Outcome out = always_fed(mode(2, 4, FailureClock::cycles, effect));
    CHECK(out.states("m") == "0 busy, 20 down, 24 busy, 44 down, 48 busy");
    CHECK(out.departures("m") == Seconds{10, 20, 34, 44, 58});
    CHECK(out.result.scrapped == 0);
  }
}

TEST_CASE("the busy clock stands still while there is no part, the calendar goes on") {
  CHECK(sometimes_fed(mode(15, 4, FailureClock::busy)).states("m") ==
        "0 starved, 25 busy, 35 starved, 50 busy, 55 down, 59 busy, 64 starved, 75 busy");
  CHECK(sometimes_fed(mode(15, 4, FailureClock::calendar)).states("m") ==
        "0 starved, 15 down, 19 starved, 25 busy, 34 down, 38 busy, 39 starved, 50 busy, 53 down, 57 busy, 64 starved, "
        "72 down, 76 busy");
}

TEST_CASE("calendar clock: restart, scrap and finish_first") {
  const Outcome restart = sometimes_fed(mode(15, 4, FailureClock::calendar, FailureEffect::restart));
  CHECK(restart.states("m") ==
        "0 starved, 15 down, 19 starved, 25 busy, 34 down, 38 busy, 48 starved, 50 busy, 53 down, 57 busy, 67 starved, "
        "72 down, 76 busy");
  CHECK(restart.departures("m") == Seconds{48, 67});

  const Outcome scrap = sometimes_fed(mode(15, 4, FailureClock::calendar, FailureEffect::scrap));
  CHECK(scrap.states("m") ==
        "0 starved, 15 down, 19 starved, 25 busy, 34 down, 38 starved, 50 busy, 53 down, 57 starved, 72 down, 76 busy");
  CHECK(scrap.times(TraceKind::scrap, "m") == Seconds{34, 53});
  CHECK(scrap.departures("m").empty());

  const Outcome finish = sometimes_fed(mode(15, 4, FailureClock::calendar, FailureEffect::finish_first));
  CHECK(finish.states("m") ==
        "0 starved, 15 down, 19 starved, 25 busy, 35 down, 39 starved, 50 busy, 60 down, 64 starved, 75 busy");
  CHECK(finish.departures("m") == Seconds{35, 60});
  CHECK(finish.station("m").failures == 3);
}

TEST_CASE("a machine that fails while it is blocked keeps its part until it is repaired") {
  for (const auto effect :
       {FailureEffect::resume, FailureEffect::restart, FailureEffect::scrap, FailureEffect::finish_first}) {
    Factory f;
    f.machine("a", {.cycle = 2, .failures = {mode(15, 10, FailureClock::calendar, effect)}});
    f.machine("b", {.cycle = 20});
    f.flow("supply -> a -> b -> shipped");
    const Outcome out = simulate(f, 51);
    CHECK(out.states("a") == "0 busy, 4 blocked, 15 down, 25 busy, 27 blocked, 40 down, 50 busy");
    CHECK(out.states("b") == "0 starved, 2 busy, 22 starved, 25 busy, 45 starved, 50 busy");
    CHECK(out.departures("a") == Seconds{2, 25, 50});
  }
}

TEST_CASE("a repaired machine joins the end of those that wait for room") {
  Factory f;
  f.machine("a", {.cycle = 1, .failures = {mode(5, 2, FailureClock::calendar)}});
  f.machine("c", {.cycle = 3});
  f.machine("b", {.cycle = 10});
  f.buffer("q", {.capacity = 0});
  f.flow("supply -> a -> q -> b -> shipped");
  f.flow("more -> c -> q");
  const Outcome out = simulate(f, 30);
  // a hands over at 1, is blocked from 2, down from 5 to 7; c is blocked from 3 and comes first at 11. At 14 the work of c
  // ends before the repair of a, and at 21 that of b does.
  CHECK(out.states("a") ==
        "0 busy, 2 blocked, 5 down, 7 blocked, 12 down, 14 blocked, 19 down, 21 blocked, 26 down, 28 blocked");
  CHECK(out.departures("c") == Seconds{11, 21});
  CHECK(out.departures("a") == Seconds{1});
}

TEST_CASE("a failure in the middle of a setup adds to it") {
  Factory f;
  Source in;
  in.arrivals_list = {{0, "A", 1}, {1, "B", 1}};
  f.source("in", in);
  f.buffer("q");
  f.machine("m", {.cycle = 10,
                  .setup = {{"A -> B", constant(6)}},
                  .failures = {mode(13, 5, FailureClock::calendar, FailureEffect::scrap)}});
  f.flow("in -> q -> m -> shipped");
  const Outcome out = simulate(f, 40);
  CHECK(out.states("m") == "0 busy, 10 setup, 13 down, 18 setup, 21 busy, 31 down, 36 starved");
  CHECK(out.departures("m") == Seconds{10, 31});
  CHECK(out.seconds("m", StationState::setup) == 6);
}

TEST_CASE("failures of two modes overlap, and the machine works when both are repaired") {
  Factory f;
  f.machine("m", {.cycle = 100,
                  .failures = {named(mode(10, 10, FailureClock::calendar), "x"),
                               named(mode(15, 10, FailureClock::calendar), "y")}});
  f.flow("supply -> m -> shipped");
  const Outcome out = simulate(f, 66);
  CHECK(out.states("m") == "0 busy, 10 down, 25 busy, 30 down, 60 busy, 65 down");
  CHECK(out.station("m").failures == 6);
}

TEST_CASE("a calendar failure may fall into the repair of another failure") {
  Factory f;
  f.machine("m", {.cycle = 100,
                  .failures = {named(mode(8, 10, FailureClock::busy), "x"),
                               named(mode(12, 10, FailureClock::calendar), "y")}});
  f.flow("supply -> m -> shipped");
  CHECK(simulate(f, 50).states("m") == "0 busy, 8 down, 22 busy, 30 down, 44 busy");
}

TEST_CASE("two busy clocks that run out together fail the machine twice") {
  Factory f;
  f.machine("m",
            {.cycle = 100,
             .failures = {named(mode(8, 3, FailureClock::busy), "x"), named(mode(8, 5, FailureClock::busy), "y")}});
  f.flow("supply -> m -> shipped");
  const Outcome out = simulate(f, 30);
  CHECK(out.states("m") == "0 busy, 8 down, 16 busy, 24 down");
  CHECK(out.station("m").failures == 4);
}

TEST_CASE("a part destroyed while its machine is down leaves the place on the machine") {
  Factory f;
  Source in;
  in.arrivals_list = at({0});
  f.source("in", in);
  f.buffer("q", {.capacity = 5, .counts = Counting::with_machine});
  f.machine("m", {.cycle = 100,
                  .failures = {named(mode(8, 10, FailureClock::busy), "x"),
                               named(mode(12, 10, FailureClock::calendar, FailureEffect::scrap), "y")}});
  f.flow("in -> q -> m -> shipped");
  const Outcome out = simulate(f, 40);
  CHECK(out.states("m") == "0 busy, 8 down, 22 starved, 34 down");
  CHECK(out.times(TraceKind::scrap, "m") == Seconds{12});
  CHECK(out.buffer("q").mean_level == Approx(12.0 / 40));
  RunInput later;
  later.horizon_s = 40;
  later.warmup_s = 15;
  CHECK(simulate(f, later).buffer("q").mean_level == 0);
}

TEST_CASE("servers of one station age and fail one by one") {
  Factory f;
  Source in;
  in.arrivals_list = {{0, "", 1}, {5, "", 1}, {12, "", 2}};
  f.source("in", in);
  f.buffer("q");
  f.machine("m", {.servers = 2, .cycle = 10, .failures = {mode(12, 100, FailureClock::busy)}});
  f.flow("in -> q -> m -> shipped");
  const Outcome out = simulate(f, 30);
  const std::string first = "0 busy, 10 starved, 12 busy, 14 down";
  const std::string second = "0 starved, 5 busy, 17 down";
  const bool is_in_order = out.states("m", 0) == first;
  CHECK(out.states("m", is_in_order ? 0 : 1) == first);
  CHECK(out.states("m", is_in_order ? 1 : 0) == second);
  CHECK(out.station("m").failures == 2);
}

TEST_CASE("a crew repairs in the order of the failures, and waiting for it is a state of its own") {
  Factory f;
  f.crew("fitters", {.size = 1});
  const auto machine = [&](const std::string& name, double every) {
    FailureMode m = mode(every, 5, FailureClock::calendar);
    m.crew = "fitters";
    f.machine(name, {.cycle = 1000, .failures = {m}});
    f.flow("supply_" + name + " -> " + name + " -> shipped");
  };
  machine("a", 10);
  machine("b", 12);
  machine("c", 11);
  const Outcome out = simulate(f, 33);
  CHECK(out.states("a") == "0 busy, 10 down, 15 busy, 25 down, 30 busy");
  CHECK(out.states("c") == "0 busy, 11 waiting_crew, 15 down, 20 busy, 31 down");
  CHECK(out.states("b") == "0 busy, 12 waiting_crew, 20 down, 25 busy");
  CHECK(out.seconds("c", StationState::waiting_crew) == 4);
  CHECK(out.seconds("b", StationState::waiting_crew) == 8);
  CHECK(out.result.crews[0].utilization == Approx((15 + 5 + 2) / 33.0));
}

TEST_CASE("two failures of one machine wait for the same crew one after the other") {
  Factory f;
  f.crew("fitters", {.size = 1});
  FailureMode x = named(mode(10, 5, FailureClock::calendar), "x");
  FailureMode y = named(mode(12, 5, FailureClock::calendar), "y");
  x.crew = y.crew = "fitters";
  f.machine("m", {.cycle = 1000, .failures = {x, y}});
  f.flow("supply -> m -> shipped");
  const Outcome out = simulate(f, 24);
  // While one of the two is under repair the machine counts as down.
  CHECK(out.states("m") == "0 busy, 10 down, 20 busy");
  CHECK(out.result.crews[0].utilization == Approx(10.0 / 24));
}

TEST_CASE("how long a machine waits for its crew does not change its repairs") {
  const auto repairs = [](std::int64_t size) {
    Factory f;
    f.crew("fitters", {.size = size});
    for (const std::string name : {"a", "b", "c"}) {
      FailureMode m = mode(0, 0, FailureClock::calendar);
      m.every = exponential(20);
      m.repair = exponential(8);
      m.crew = "fitters";
      f.machine(name, {.cycle = 7, .failures = {m}});
      f.flow("supply_" + name + " -> " + name + " -> shipped");
    }
    return simulate(f, 5000);
  };
  const Outcome scarce = repairs(1);
  const Outcome ample = repairs(3);
  CHECK(scarce.seconds("c", StationState::waiting_crew) > 500);
  CHECK(ample.seconds("c", StationState::waiting_crew) == 0);
  Seconds a = stays(scarce, "c", StationState::down);
  Seconds b = stays(ample, "c", StationState::down);
  REQUIRE(a.size() > 50);
  REQUIRE(b.size() > 50);
  a.resize(50);
  b.resize(50);
  CHECK(a == b);
}
