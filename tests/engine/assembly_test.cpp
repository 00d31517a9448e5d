// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

Source schedule(std::vector<ScheduledArrival> list) {
  Source s;
  s.arrivals_list = std::move(list);
  return s;
}

}  // namespace

TEST_CASE("an assembly without buffers takes its parts together") {
  Factory f;
  f.machine("a", {.cycle = 3});
  f.machine("b", {.cycle = 5});
  f.assembly("j", {.cycle = 4});
  f.flow("sa -> a -> j -> shipped");
  f.flow("sb -> b -> j");
  const Outcome out = simulate(f, 30);
  // At 5 both; j until 9; b done at 10, a at 8: next at 10, then 15, 20, 25, 30.
  CHECK(out.times(TraceKind::start, "j") == Seconds{5, 10, 15, 20, 25, 30});
  CHECK(out.departures("a") == Seconds{5, 10, 15, 20, 25, 30});
  CHECK(out.departures("b") == Seconds{5, 10, 15, 20, 25, 30});
  CHECK(out.states("a") ==
        "0 busy, 3 blocked, 5 busy, 8 blocked, 10 busy, 13 blocked, 15 busy, 18 blocked, 20 busy, 23 blocked, 25 busy, "
        "28 blocked, 30 busy");
  CHECK(out.states("j") ==
        "0 starved, 5 busy, 9 starved, 10 busy, 14 starved, 15 busy, 19 starved, 20 busy, 24 starved, 25 busy, 29 "
        "starved, 30 busy");
  CHECK(out.result.consumed == 6);
  CHECK(out.result.good == 5);
}

TEST_CASE("an assembly slower than its feeders frees both when it takes") {
  Factory f;
  f.machine("a", {.cycle = 1});
  f.machine("b", {.cycle = 2});
  f.buffer("qb", {.capacity = 1});
  f.assembly("j", {.cycle = 10});
  f.flow("sa -> a -> j -> shipped");
  f.flow("sb -> b -> qb -> j");
  const Outcome out = simulate(f, 35);
  CHECK(out.times(TraceKind::start, "j") == Seconds{2, 12, 22, 32});
  CHECK(out.departures("a") == Seconds{2, 12, 22, 32});
  // b: 2 straight in; 4 into the place; 6 blocked until 12; then 14 blocked until 22.
  CHECK(out.departures("b") == Seconds{2, 4, 12, 22, 32});
  CHECK(out.states("b") == "0 busy, 6 blocked, 12 busy, 14 blocked, 22 busy, 24 blocked, 32 busy, 34 blocked");
}

TEST_CASE("an assembly takes more parts than its buffer has places") {
  Factory f;
  f.source("in", {.arrivals = constant(10)});
  f.machine("bolts", {.servers = 3, .cycle = 2});
  f.buffer("body");
  f.buffer("box", {.capacity = 2});
  f.assembly("j", {.cycle = 1, .takes = {{"box", 4}}});
  f.flow("in -> body -> j -> shipped");
  f.flow("wire -> bolts -> box -> j");
  const Outcome out = simulate(f, 30.5);
  CHECK(out.times(TraceKind::start, "j") == Seconds{10, 20, 30});
  CHECK(out.result.consumed == 12);
  // 2, 2 into the box, the third server is blocked from 2; at 10 all of them have one: 2 in the box, 3 blocked.
  CHECK(out.buffer("box").parts == 12);
  CHECK(out.buffer("box").final_level == 1);
  CHECK(out.result.mean_lead_s == Approx(1));
}

TEST_CASE("the main part lends its age and its product") {
  Factory f;
  f.source("frames", schedule({{0, "F", 1}}));
  f.source("wheels", schedule({{7, "W", 2}}));
  f.buffer("qf");
  f.buffer("qw");
  f.assembly("j", {.cycle = 3, .takes = {{"qw", 2}}});
  f.sink("other");
  f.sink("f");
  f.flow("frames -> qf -> j -> f : product F");
  f.flow("wheels -> qw -> j");
  f.flow("j -> other : otherwise");
  const Outcome out = simulate(f, 20);
  CHECK(out.into("f") == Seconds{10});
  CHECK(out.result.mean_lead_s == 10);
  CHECK(out.result.consumed == 2);
  CHECK(out.result.created == 2);  // those of time 0 stand in the books of the warm-up
  CHECK(out.result.initial_wip == 1);
}

TEST_CASE("two assemblies share a buffer and neither takes half of what it needs") {
  Factory f;
  f.source("x", schedule({{0, "", 3}}));
  f.source("y", schedule({{5, "", 1}, {20, "", 1}}));
  f.source("z", schedule({{3, "", 1}}));
  f.buffer("qx");
  f.buffer("qy");
  f.buffer("qz");
  f.assembly("j", {.cycle = 2, .takes = {{"qx", 2}}});
  f.assembly("k", {.cycle = 2});
  f.flow("x -> qx -> j -> shipped");
  f.flow("y -> qy -> j");
  f.flow("qx -> k -> shipped");
  f.flow("z -> qz -> k");
  const Outcome out = simulate(f, 30);
  CHECK(out.times(TraceKind::start, "k") == Seconds{3});
  CHECK(out.times(TraceKind::start, "j") == Seconds{5});
  CHECK(out.result.final_wip == 1);  // the y of 20
}

TEST_CASE("an assembly and a machine share a buffer") {
  Factory f;
  f.source("x", {.arrivals = constant(4)});
  f.source("y", {.arrivals = constant(10)});
  f.buffer("qx");
  f.buffer("qy");
  f.machine("m", {.cycle = 7});
  f.assembly("j", {.cycle = 1});
  f.flow("x -> qx -> j -> shipped");
  f.flow("y -> qy -> j");
  f.flow("qx -> m -> shipped");
  const Outcome out = simulate(f, 41);
  // x at 4: m; 8: waits; 10: j takes it; 12: m (idle from 11); 16 waits, 19: m takes it; 20: x and y, j; 24: waits,
  // 26: m; 28 waits; 30: j; 32 waits, 33: m; 36 waits; 40: m is free first (files order), j gets the x of 40.
  CHECK(out.times(TraceKind::start, "m") == Seconds{4, 12, 19, 26, 33, 40});
  CHECK(out.times(TraceKind::start, "j") == Seconds{10, 20, 30, 40});
}

TEST_CASE("assemblies with several servers work side by side") {
  Factory f;
  f.source("x", {.arrivals = constant(2)});
  f.source("y", {.arrivals = constant(2)});
  f.buffer("qx", {.capacity = 1});
  f.buffer("qy", {.capacity = 1});
  f.assembly("j", {.servers = 2, .cycle = 5});
  f.flow("x -> qx -> j -> shipped");
  f.flow("y -> qy -> j");
  const Outcome out = simulate(f, 20);
  // Kits at 2, 4; 6 waits until 7, 8 until 9; then every 5 s of each server.
  CHECK(out.into("shipped") == Seconds{7, 9, 12, 14, 17, 19});
}

TEST_CASE("a never-starved source feeds an assembly") {
  Factory f;
  f.machine("a", {.cycle = 3});
  f.assembly("j", {.cycle = 2, .takes = {{"screws", 4}}});
  f.flow("sa -> a -> j -> shipped");
  f.flow("screws -> j");
  const Outcome out = simulate(f, 10);
  CHECK(out.times(TraceKind::start, "j") == Seconds{3, 6, 9});
  CHECK(out.result.consumed == 12);
}

TEST_CASE("a disassembly gives its parts in the order of the flow and waits for room for each") {
  Factory f;
  f.source("in", schedule({{0, "", 2}}));
  f.buffer("q");
  f.disassembly("d", {.cycle = 2, .gives = {{"qb", 3}}});
  f.buffer("qb", {.capacity = 2});
  f.machine("a", {.cycle = 1});
  f.machine("b", {.cycle = 5});
  f.sink("sa");
  f.sink("sb");
  f.flow("in -> q -> d -> a -> sa");
  f.flow("d -> qb -> b -> sb");
  const Outcome out = simulate(f, 40);
  // At 2: one to a, one to b, two into qb. The second is done at 4: one to a; all of qb is full until 7, 12, 17.
  CHECK(out.into("sa") == Seconds{3, 5});
  CHECK(out.into("sb") == Seconds{7, 12, 17, 22, 27, 32});
  CHECK(out.states("d") == "0 busy, 4 blocked, 17 starved");
  CHECK(out.result.mean_lead_s == Approx((3 + 5 + 7 + 12 + 17 + 22 + 27 + 32) / 8.0));
  CHECK(out.result.initial_wip == 2);
  CHECK(out.result.created == 6);
}

TEST_CASE("an arrival that an assembly takes at once is not lost") {
  Factory f;
  f.source("x", schedule({{0, "", 1}}));
  Source y = schedule({{1, "", 1}, {2, "", 1}});
  y.when_full = WhenFull::lose;
  f.source("y", y);
  f.buffer("q");
  f.assembly("j", {.cycle = 5});
  f.flow("x -> q -> j -> shipped");
  f.flow("y -> j");
  const Outcome out = simulate(f, 10);
  CHECK(out.times(TraceKind::start, "j") == Seconds{1});
  CHECK(out.result.lost == 1);
  CHECK(out.result.good == 1);
}
