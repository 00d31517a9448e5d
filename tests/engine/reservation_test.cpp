// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

Station reserving(double cycle) { return {.cycle = cycle, .blocking = Blocking::before_service}; }

FailureMode calendar(double every, double repair) {
  FailureMode m;
  m.name = "jam";
  m.every = every;
  m.clock = FailureClock::calendar;
  m.repair = repair;
  return m;
}

}  // namespace

TEST_CASE("before service, a machine waits for room with a part it has not begun") {
  Factory f;
  f.machine("a", reserving(3));
  f.machine("b", {.cycle = 10});
  f.buffer("q", {.capacity = 1});
  f.flow("supply -> a -> q -> b -> shipped");
  const Outcome out = simulate(f, 30);
  CHECK(out.departures("a") == Seconds{3, 6, 16, 26});
  CHECK(out.states("a") == "0 busy, 6 blocked, 13 busy, 16 blocked, 23 busy, 26 blocked");
}

TEST_CASE("before service without places, a machine starts when the next one is idle") {
  const auto run_line = [](const std::string& flow, std::int64_t capacity, Counting counts) {
    Factory f;
    f.machine("a", reserving(3));
    f.machine("b", {.cycle = 10});
    if (flow.find('q') != std::string::npos) f.buffer("q", {.capacity = capacity, .counts = counts});
    f.flow(flow);
    return simulate(f, 28);
  };
  const std::string expected = "0 busy, 3 blocked, 13 busy, 16 blocked, 26 busy";
  CHECK(run_line("supply -> a -> b -> shipped", 0, Counting::waiting).states("a") == expected);
  CHECK(run_line("supply -> a -> q -> b -> shipped", 0, Counting::waiting).states("a") == expected);
  CHECK(run_line("supply -> a -> q -> b -> shipped", 1, Counting::with_machine).states("a") == expected);
  CHECK(run_line("supply -> a -> q -> b -> shipped", 2, Counting::with_machine).departures("a") ==
        Seconds{3, 6, 16, 26});
}

TEST_CASE("two machines that reserve in one buffer never reserve the same place") {
  Factory f;
  f.machine("p", reserving(3));
  f.machine("r", reserving(4));
  f.machine("b", {.cycle = 10});
  f.buffer("q", {.capacity = 1});
  f.flow("sp -> p -> q -> b -> shipped");
  f.flow("sr -> r -> q");
  const Outcome out = simulate(f, 35);
  CHECK(out.states("p") == "0 busy, 3 blocked, 13 busy, 16 blocked, 33 busy");
  CHECK(out.states("r") == "0 busy, 4 blocked, 23 busy, 27 blocked");
}

TEST_CASE("a place reserved by one machine is not taken by a machine, a source or another server") {
  Factory f;
  f.machine("b", {.cycle = 100});
  f.machine("p", reserving(10));
  f.machine("r", {.cycle = 3});
  f.buffer("q", {.capacity = 1});
  f.flow("sp -> p -> q -> b -> shipped");
  f.flow("sr -> r -> q");
  const Outcome out = simulate(f, 110);
  // r hands over to the idle b at 3; the one place is p's, so r is blocked from 6 on and comes first at 103.
  CHECK(out.departures("p") == Seconds{10});
  CHECK(out.departures("r") == Seconds{3, 103});
  CHECK(out.states("r") == "0 busy, 6 blocked, 103 busy, 106 blocked");
  CHECK(out.states("p") == "0 busy, 10 blocked");

  Factory g;
  Source in;
  in.arrivals_list = {{1, "", 3}};
  in.when_full = WhenFull::lose;
  g.source("in", in);
  g.machine("b", {.cycle = 100});
  g.machine("p", reserving(10));
  g.buffer("q", {.capacity = 1});
  g.flow("sp -> p -> q -> b -> shipped");
  g.flow("in -> q");
  const Outcome with_source = simulate(g, 50);
  CHECK(with_source.result.lost == 2);
  CHECK(with_source.departures("p") == Seconds{10});
}

TEST_CASE("an idle machine that was promised to one is not given to another") {
  Factory f;
  f.machine("b", {.cycle = 5});
  f.machine("p", reserving(10));
  f.machine("r", {.cycle = 3});
  f.buffer("q", {.capacity = 0});
  f.flow("sp -> p -> q -> b -> shipped");
  f.flow("sr -> r -> q");
  const Outcome out = simulate(f, 30);
  // p reserves b at 0 and comes at 10. r has waited since 3 and comes at 15; at 20 p, who asked at 10, reserves.
  CHECK(out.times(TraceKind::start, "b") == Seconds{10, 15, 30});
  CHECK(out.states("p") == "0 busy, 10 blocked, 20 busy, 30 blocked");
  CHECK(out.states("r") == "0 busy, 3 blocked, 15 busy, 18 blocked");
}

TEST_CASE("a part destroyed in work gives its reservation back") {
  FailureMode jam;
  jam.name = "jam";
  jam.every = 2.0;
  jam.repair = 50.0;
  jam.part = FailureEffect::scrap;
  Factory f;
  f.machine("b", {.cycle = 100});
  Station p = reserving(3);
  p.failures = {jam};
  f.machine("p", p);
  f.machine("r", reserving(3));
  f.buffer("q", {.capacity = 1});
  f.flow("sp -> p -> q -> b -> shipped");
  f.flow("sr -> r -> q");
  const Outcome out = simulate(f, 60);
  CHECK(out.states("p") == "0 busy, 2 down, 52 blocked");
  CHECK(out.states("r") == "0 busy, 6 blocked");
  CHECK(out.departures("r") == Seconds{3, 6});
}

TEST_CASE("a machine whose parts are all scrapped never fills the place it reserves") {
  Factory f;
  Station a = reserving(3);
  a.scrap = 1;
  f.machine("a", a);
  f.machine("b", {.cycle = 10});
  f.flow("supply -> a -> b -> shipped");
  const Outcome out = simulate(f, 30);
  CHECK(out.states("a") == "0 busy");
  CHECK(out.result.scrapped == 10);
  CHECK(out.states("b") == "0 starved");
}

TEST_CASE("a machine that fails while it waits for room, or in its work, keeps its part") {
  Factory f;
  Station a = reserving(3);
  a.failures = {calendar(5, 4)};
  f.machine("a", a);
  f.machine("b", {.cycle = 10});
  f.flow("supply -> a -> b -> shipped");
  const Outcome out = simulate(f, 31);
  CHECK(out.states("a") ==
        "0 busy, 3 blocked, 5 down, 9 blocked, 13 busy, 14 down, 18 busy, 20 blocked, 23 down, 27 blocked, 30 busy");
  CHECK(out.departures("a") == Seconds{3, 20});
}

TEST_CASE("a consumer that fails after it was promised is waited for") {
  Factory f;
  f.machine("a", reserving(3));
  f.machine("b", {.cycle = 10, .failures = {calendar(2, 5)}});
  f.flow("supply -> a -> b -> shipped");
  const Outcome out = simulate(f, 8);
  CHECK(out.states("a") == "0 busy, 3 blocked");
  CHECK(out.states("b") == "0 starved, 2 down, 7 busy");
  CHECK(out.departures("a") == Seconds{7});
}

TEST_CASE("before service into a machine that takes from two places") {
  Factory f;
  f.machine("a", reserving(3));
  f.machine("late", {.cycle = 1000});
  f.buffer("q");
  f.machine("m", {.cycle = 10});
  f.flow("supply -> a -> m -> shipped");
  f.flow("more -> late -> q -> m");
  CHECK(simulate(f, 30).departures("a") == Seconds{3, 16, 29});
}

TEST_CASE("servers of one station reserve one by one") {
  Factory f;
  Station a = reserving(3);
  a.servers = 3;
  f.machine("a", a);
  f.machine("b", {.servers = 2, .cycle = 10});
  f.flow("supply -> a -> b -> shipped");
  const Outcome out = simulate(f, 20);
  // Two begin at 0 and come at 3; one of the three waits. At 13 both of b are free: two begin, and come at 16.
  CHECK(out.times(TraceKind::start, "b", 0).size() + out.times(TraceKind::start, "b", 1).size() == 4);
  CHECK(out.seconds("a", StationState::busy) == 4 * 3);
  CHECK(out.seconds("b", StationState::busy) == 2 * (10 + 4));
}
