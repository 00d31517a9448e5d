// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include <libtwin/compile/analyze.hpp>
#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>
#include <libtwin/model/units.hpp>
#include <tests/support/catch.hpp>

namespace {

using namespace twin;
using namespace twin::literals;

TEST_CASE("a line is bounded by its slowest station") {
  Factory f("line");
  f.machine("a", {.cycle = exponential(2_s)});
  f.machine("b", {.cycle = exponential(3_s)});
  f.buffer("q", {.capacity = 2});
  f.machine("c", {.cycle = exponential(2.5_s)});
  f.flow("in -> a -> b -> q -> c -> out");
  const Analysis a = analyze(f);
  CHECK(a.throughput_bound_per_s == Approx(1 / 3.0));
  CHECK(a.bottleneck == "b");
}

TEST_CASE("arrivals bound a line that could do more, and no station is to blame") {
  Factory f("line");
  f.source("in", {.arrivals = exponential(5_s), .batch = constant(2)});
  f.machine("a", {.cycle = exponential(2_s)});
  f.sink("out");
  f.flow("in -> a -> out");
  const Analysis a = analyze(f);
  CHECK(a.throughput_bound_per_s == Approx(0.4));
  CHECK(a.bottleneck.empty());
}

TEST_CASE("rework and scrap count by visits") {
  Factory f("rework");
  f.source("in");
  f.machine("m", {.cycle = exponential(1_s)});
  f.buffer("q", {.capacity = 4});
  f.machine("test", {.cycle = exponential(0.5_s), .scrap = 0.1});
  f.sink("out");
  f.flow("in -> m -> q -> test -> out : otherwise");
  f.flow("test -> q : 50 %");
  // Each part is tested 1 / (1 - 0.45) times and comes out good with 0.45 / 0.55.
  const Analysis a = analyze(f);
  CHECK(a.throughput_bound_per_s == Approx(std::min(2.0 * 0.55, 1.0) * 0.45 / 0.55));
}

TEST_CASE("a loop is bounded by its cards over the work on a part") {
  Factory f("loop");
  f.machine("a", {.cycle = exponential(2_s)});
  f.buffer("q");
  f.machine("b", {.servers = 3, .cycle = exponential(6_s)});
  f.machine("c", {.cycle = exponential(1_s)});
  f.flow("in -> a -> q -> b -> c -> out");
  f.loop("cell", {.cards = 3, .from = "a", .to = "b"});
  Analysis a = analyze(f);
  CHECK(a.throughput_bound_per_s == Approx(3 / 8.0));
  CHECK(a.bottleneck == "cell");
  CHECK(a.is_bound_by_cards);
  f.loops[0].cards = 5;
  a = analyze(f);
  CHECK(a.throughput_bound_per_s == Approx(0.5));
  CHECK_FALSE(a.is_bound_by_cards);
  // Arrivals that the cards cannot keep up with pile up before the loop.
  f.loops[0].cards = 3;
  f.sources[0].arrivals = exponential(2.5_s);
  a = analyze(f);
  REQUIRE(a.findings.size() == 1);
  CHECK(a.findings[0].code == "W102");
  CHECK(a.findings[0].path == "loop.cell.cards");
  f.loops[0].cards = 4;
  CHECK(analyze(f).findings.empty());
}

TEST_CASE("a kit of more parts than its loop has cards never comes together") {
  Factory f("kits");
  f.machine("wheel", {.cycle = 1_s});
  f.buffer("wheels");
  f.assembly("join", {.cycle = 1_s, .takes = {{"wheels", 4}}});
  f.flow("s1 -> wheel -> wheels -> join -> out");
  f.flow("s2 -> join");
  f.loop("cell", {.cards = 3, .from = "wheel", .to = "wheels"});
  const Analysis a = analyze(f);
  REQUIRE(a.findings.size() == 1);
  CHECK(a.findings[0].code == "W104");
  CHECK(a.findings[0].path == "loop.cell.cards");
  const Compiled c = compile(f);
  PlantState state(c.plant);
  RunInput input;
  input.horizon_s = 100;
  CHECK(run(state, input).operations == 3);
  const std::vector<ValueChange> four{{c.slot("loop.cell.cards"), 4}};
  input.changes = four;
  CHECK(run(state, input).good > 15);
  f.loops[0].cards = 4;
  CHECK(analyze(f).findings.empty());
}

TEST_CASE("an assembly is bounded by what comes slowest, kit by kit") {
  Factory f("assembly");
  f.machine("body", {.cycle = 4_s});
  f.machine("wheel", {.cycle = 1.5_s});
  f.buffer("bodies", {.capacity = 1});
  f.buffer("wheels", {.capacity = 8});
  f.assembly("join", {.cycle = exponential(3_s), .takes = {{"wheels", 4}}});
  f.flow("s1 -> body -> bodies -> join -> out");
  f.flow("s2 -> wheel -> wheels -> join");
  const Analysis a = analyze(f);
  CHECK(a.throughput_bound_per_s == Approx(1 / 6.0));
  REQUIRE(a.loads.size() == 3);
  CHECK(a.loads[0].load == Approx(4.0 / 6.0));
  CHECK(a.loads[1].load == Approx(1.0));
  CHECK(a.loads[2].load == Approx(3.0 / 6.0));
}

TEST_CASE("where parts go where there is room, stations side by side add up and stations in common bound them") {
  Factory f("parallel");
  f.machine("feed", {.cycle = 1_s});
  f.buffer("q", {.capacity = 2});
  f.machine("a", {.cycle = 3_s});
  f.machine("b", {.cycle = 3_s});
  f.sink("out");
  f.source("in");
  f.flow("in -> feed -> q -> a -> out");
  f.flow("q -> b -> out");
  CHECK(analyze(f).throughput_bound_per_s == Approx(2 / 3.0));
  f.stations[1].cycle = f.stations[2].cycle = 1.5_s;
  const Analysis a = analyze(f);
  CHECK(a.throughput_bound_per_s == Approx(1.0));
  CHECK(a.bottleneck == "feed");
}

TEST_CASE("a share that leads to a slow station bounds the whole when queues are finite") {
  Factory f("split");
  f.machine("m", {.cycle = 1_s});
  f.machine("slow", {.cycle = 10_s});
  f.buffer("q", {.capacity = 5});
  f.source("in");
  f.sink("out");
  f.sink("rest");
  f.flow("in -> m -> q : 30 %");
  f.flow("m -> out : otherwise");
  f.flow("q -> slow -> rest");
  CHECK(analyze(f).throughput_bound_per_s == Approx(1 / 3.0));
  // With room without end the slow way only grows longer.
  f.buffers[0].capacity = kUnlimited;
  CHECK(analyze(f).throughput_bound_per_s == Approx(0.8));
}

TEST_CASE("nothing bounds instant stations") {
  Factory f("instant");
  f.machine("m");
  f.flow("in -> m -> out");
  CHECK(std::isinf(analyze(f).throughput_bound_per_s));
}

TEST_CASE("runs come near the bound when buffers are large, and never pass it") {
  Factory f("failing");
  f.machine("a", {.cycle = exponential(1_s)});
  f.buffer("b", {.capacity = 200});
  Station slow{.cycle = constant(1.2_s)};
  slow.failures = {{.name = "busy", .every = exponential(50_s), .repair = exponential(4_s)},
                   {.name = "tool", .every = constant(100), .clock = FailureClock::cycles, .repair = constant(6_s)}};
  f.machine("m", slow);
  f.flow("in -> a -> b -> m -> out");
  const double bound = analyze(f).throughput_bound_per_s;
  CHECK(bound == Approx(1 / 1.2 / (1 + 4 / 50.0 + 6 / 120.0)));
  const Compiled compiled = compile(f);
  PlantState state(compiled.plant);
  RunInput input;
  input.horizon_s = 400'000;
  input.warmup_s = 1'000;
  const double rate = run(state, input).throughput_per_s();
  CHECK(rate > 0.985 * bound);
  CHECK(rate < 1.005 * bound);
}

}  // namespace
