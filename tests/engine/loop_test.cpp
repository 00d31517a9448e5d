// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

/// `supply -> a -> q -> b -> shipped`, with a loop of so many cards between two of its elements.
Factory two_machines(double a, double b, std::int64_t cards, const std::string& from, const std::string& to) {
  Factory f;
  f.machine("a", {.cycle = a});
  f.buffer("q");
  f.machine("b", {.cycle = b});
  f.flow("supply -> a -> q -> b -> shipped");
  f.loop("cell", {.cards = cards, .from = from, .to = to});
  return f;
}

}  // namespace

TEST_CASE("with one card a part is let in when the one before has left") {
  const Outcome out = simulate(two_machines(3, 5, 1, "a", "b"), 24);
  CHECK(out.times(TraceKind::start, "a") == Seconds{0, 8, 16, 24});
  CHECK(out.departures("b") == Seconds{8, 16, 24});
  // It waits for a card as it would for a part: it holds none.
  CHECK(out.states("a") == "0 busy, 3 starved, 8 busy, 11 starved, 16 busy, 19 starved, 24 busy");
  CHECK(out.result.mean_wip == 1);
  CHECK(out.result.loops[0].mean_in_use == 1);
}

TEST_CASE("with two cards the slower machine never waits, and with more only the queue grows") {
  const Outcome two = simulate(two_machines(3, 5, 2, "a", "b"), 38);
  CHECK(two.times(TraceKind::start, "a") == Seconds{0, 3, 8, 13, 18, 23, 28, 33, 38});
  CHECK(two.departures("b") == Seconds{8, 13, 18, 23, 28, 33, 38});
  const Outcome three = simulate(two_machines(3, 5, 3, "a", "b"), 38);
  CHECK(three.times(TraceKind::start, "a") == Seconds{0, 3, 6, 9, 13, 18, 23, 28, 33, 38});
  CHECK(three.departures("b") == two.departures("b"));
  CHECK(three.buffer("q").final_level == two.buffer("q").final_level + 1);
}

TEST_CASE("a loop that ends at a buffer has its card back when the part is taken out of it") {
  const Outcome out = simulate(two_machines(1, 4, 2, "a", "q"), 14);
  // Parts on `b` have left the loop: two more wait for it.
  CHECK(out.times(TraceKind::start, "a") == Seconds{0, 1, 2, 5, 9, 13});
  CHECK(out.times(TraceKind::start, "b") == Seconds{1, 5, 9, 13});
  // One until 2, since the first part goes to `b` when the second is taken, then two.
  CHECK(out.result.loops[0].mean_in_use == (2 + 2 * 12) / 14.0);
}

TEST_CASE("the part before a station without a card waits where it is") {
  Factory f;
  f.machine("before", {.cycle = 1});
  f.machine("a", {.cycle = 2});
  f.machine("b", {.cycle = 4});
  f.flow("supply -> before -> a -> b -> shipped");
  f.loop("cell", {.cards = 1, .from = "a", .to = "b"});
  const Outcome out = simulate(f, 20);
  CHECK(out.departures("before") == Seconds{1, 7, 13, 19});
  CHECK(out.states("before") == "0 busy, 2 blocked, 7 busy, 8 blocked, 13 busy, 14 blocked, 19 busy, 20 blocked");
  CHECK(out.states("a") == "0 starved, 1 busy, 3 starved, 7 busy, 9 starved, 13 busy, 15 starved, 19 busy");
}

TEST_CASE("a station takes a part only with a card of each loop that begins there") {
  Factory f;
  f.machine("a", {.cycle = 1});
  f.buffer("q");
  f.machine("b", {.cycle = 3});
  f.buffer("r");
  f.machine("c", {.cycle = 4});
  f.flow("supply -> a -> q -> b -> r -> c -> shipped");
  f.loop("short", {.cards = 1, .from = "a", .to = "b"});
  f.loop("long", {.cards = 2, .from = "a", .to = "c"});
  const Outcome out = simulate(f, 22);
  // The first two by the short loop, 4 apart; then a part has to leave `c`: at 8, 12, 16, 20.
  CHECK(out.times(TraceKind::start, "a") == Seconds{0, 4, 8, 12, 16, 20});
  CHECK(out.departures("c") == Seconds{8, 12, 16, 20});
  CHECK(out.result.loops[1].mean_in_use == (22.0 + 18) / 22);
}

TEST_CASE("of two servers the one that has waited longest takes the card, and not the one that brings it back") {
  Factory f;
  f.machine("a", {.servers = 2, .cycle = 3});
  f.flow("supply -> a -> shipped");
  f.loop("cell", {.cards = 1, .from = "a", .to = "a"});
  const Outcome out = simulate(f, 12);
  CHECK(out.times(TraceKind::start, "a", 0) == Seconds{0, 6, 12});
  CHECK(out.times(TraceKind::start, "a", 1) == Seconds{3, 9});
}

TEST_CASE("an assembly takes one card for its kit, and a disassembly gives one back with the last part") {
  Factory f;
  f.assembly("join", {.cycle = 2, .takes = {{"s1", 1}, {"s2", 3}}});
  f.buffer("q");
  f.disassembly("split", {.cycle = 1});
  f.machine("slow", {.cycle = 5});
  f.flow("s1 -> join -> q -> split -> x");
  f.flow("s2 -> join");
  f.flow("split -> slow -> y");
  f.loop("cell", {.cards = 1, .from = "join", .to = "split"});
  const Outcome out = simulate(f, 20);
  // Done at 3 and 6: the part for `slow` goes on at 3, and waits on `split` from 6 until 8.
  CHECK(out.times(TraceKind::start, "join") == Seconds{0, 3, 8, 13, 18});
}

TEST_CASE("a loop of one machine and the buffer behind it is the same as a machine that starts only with room") {
  for (const std::int64_t places : {1, 2, 5}) {
    Factory pull;
    pull.machine("a", {.cycle = exponential(1)});
    pull.buffer("q");
    pull.machine("b", {.cycle = exponential(1)});
    pull.flow("supply -> a -> q -> b -> shipped");
    pull.loop("cell", {.cards = places, .from = "a", .to = "q"});
    Factory room = pull;
    room.loops.clear();
    room.buffers[0].capacity = places;
    room.stations[0].blocking = Blocking::before_service;
    const Outcome x = simulate(pull, 500);
    const Outcome y = simulate(room, 500);
    CHECK(x.departures("b") == y.departures("b"));
    // The machine that starts only with room holds its part meanwhile, and is blocked; the other has none, and starves.
    CHECK(x.seconds("a", StationState::starved) == y.seconds("a", StationState::blocked));
    CHECK(x.buffer("q").mean_level == y.buffer("q").mean_level);
    const double parts = x.buffer("q").mean_level + x.station("a").share(StationState::busy);
    CHECK(x.result.loops[0].mean_in_use == Approx(parts));
  }
}

TEST_CASE("arrivals without a card wait before the loop, or are lost where they may not wait") {
  Factory f = two_machines(1, 5, 1, "a", "b");
  f.sources[0].arrivals = constant(2);
  const Outcome waits = simulate(f, 21);
  CHECK(waits.times(TraceKind::start, "a") == Seconds{2, 8, 14, 20});
  CHECK(waits.result.lost == 0);
  CHECK(waits.result.final_wip == 7);
  f.sources[0].when_full = WhenFull::lose;
  const Outcome lost = simulate(f, 21);
  // Taken at 2, 8, 14, 20: each the first arrival after the card is back.
  CHECK(lost.times(TraceKind::start, "a") == Seconds{2, 8, 14, 20});
  CHECK(lost.result.lost == 6);
}

TEST_CASE("a failure of the station with the card keeps it") {
  Factory f = two_machines(3, 5, 1, "a", "b");
  FailureMode stop{.name = "stop", .every = constant(10), .repair = constant(4)};
  stop.clock = FailureClock::calendar;
  f.stations[0].failures = {stop};
  // Down from 10 to 14 with the part it took at 8, and from 24 to 28 without one.
  const Outcome out = simulate(f, 34);
  CHECK(out.times(TraceKind::start, "a") == Seconds{0, 8, 20, 28});
}

TEST_CASE("the number of cards is changed for a run without a new compilation") {
  const Compiled c = compile(two_machines(3, 5, 1, "a", "b"));
  PlantState state(c.plant);
  RunInput input;
  input.horizon_s = 80;
  CHECK(run(state, input).good == 10);
  const std::vector<ValueChange> two{{c.slot("loop.cell.cards"), 2}};
  input.changes = two;
  CHECK(run(state, input).good == 15);
  input.changes = {};
  CHECK(run(state, input).good == 10);
  const std::vector<ValueChange> none{{c.slot("loop.cell.cards"), 0}};
  input.changes = none;
  CHECK_THROWS_AS(run(state, input), std::logic_error);
}

TEST_CASE("cards in use are counted from the end of the warm-up on") {
  const Compiled c = compile(two_machines(3, 5, 4, "a", "b"));
  PlantState state(c.plant);
  RunInput input;
  input.warmup_s = 2;
  input.horizon_s = 12;
  // Taken at 0, 3, 6 and 9; the first is back at 8: one from 2 to 3, two to 6, three to 8, two to 9, three to 12.
  const RunResult& r = run(state, input);
  CHECK(r.loops[0].mean_in_use == (1 + 2 * 3 + 3 * 2 + 2 + 3 * 3) / 10.0);
  CHECK(r.mean_wip == r.loops[0].mean_in_use);
}

TEST_CASE("before a station without a card, a machine that starts only with room waits for the card") {
  Factory f;
  f.machine("before", {.cycle = 1, .blocking = Blocking::before_service});
  f.machine("a", {.cycle = 2});
  f.machine("b", {.cycle = 4});
  f.flow("supply -> before -> a -> b -> shipped");
  f.loop("cell", {.cards = 1, .from = "a", .to = "b"});
  const Outcome out = simulate(f, 20);
  CHECK(out.departures("before") == Seconds{1, 8, 15});
  CHECK(out.states("before") == "0 busy, 1 blocked, 7 busy, 8 blocked, 14 busy, 15 blocked");
}
