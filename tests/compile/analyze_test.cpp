// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>

#include <libtwin/compile/analyze.hpp>
#include <libtwin/model/units.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/growth.hpp>

namespace {

using namespace twin;
using namespace twin::literals;

/// The findings with that code, at that path; all paths when none is given.
std::size_t count(const Analysis& analysis, const std::string& code, const std::string& path = "") {
  return static_cast<std::size_t>(
      std::count_if(analysis.findings.begin(), analysis.findings.end(),
                    [&](const Diagnostic& d) { return d.code == code && (path.empty() || d.path == path); }));
}

const StationLoad& load_of(const Analysis& analysis, const std::string& station) {
  const auto at = std::find_if(analysis.loads.begin(), analysis.loads.end(),
                               [&](const StationLoad& l) { return l.station == station; });
  REQUIRE(at != analysis.loads.end());
  return *at;
}

/// Analyses a factory after checking that it may be analysed at all.
Analysis analyzed(const Factory& factory) {
  for (const Diagnostic& d : validate(factory)) {
    INFO(d.code << " " << d.path << ": " << d.message);
    REQUIRE(d.severity != Severity::error);
  }
  return analyze(factory);
}

Factory queue(double arrivals_s, Station machine) {
  Factory f("queue");
  f.source("in", {.arrivals = exponential(arrivals_s)});
  f.buffer("q");
  f.machine("m", std::move(machine));
  f.sink("out");
  f.flow("in -> q -> m -> out");
  return f;
}

TEST_CASE("a sound line has no findings, and every finding is a warning with a path and a hint") {
  Factory f("line");
  f.machine("press", {.cycle = exponential(38_s)});
  f.buffer("b", {.capacity = 5});
  f.machine("weld", {.cycle = exponential(41_s)});
  f.flow("supply -> press -> b -> weld -> shipped");
  CHECK(analyzed(f).findings.empty());

  f.machine("island", {.cycle = 1_s});
  f.buffer("sea");
  f.flow("island -> sea");
  f.flow("sea -> island");
  const Analysis a = analyzed(f);
  REQUIRE(!a.findings.empty());
  for (const Diagnostic& d : a.findings) {
    CHECK(d.severity == Severity::warning);
    CHECK(!d.path.empty());
    CHECK(!d.message.empty());
    CHECK(!d.hint.empty());
  }
}

TEST_CASE("W101: elements that no source reaches are found") {
  Factory f("islands");
  f.machine("m", {.cycle = 1_s});
  f.machine("x", {.cycle = 1_s});
  f.buffer("y");
  f.flow("in -> m -> out");
  f.flow("x -> y");
  f.flow("y -> x");
  const Analysis a = analyzed(f);
  CHECK(count(a, "W101", "machine.x") == 1);
  CHECK(count(a, "W101", "buffer.y") == 1);
  CHECK(count(a, "W101", "machine.m") == 0);
}

TEST_CASE("W101: elements from which nothing leads to a sink are found") {
  Factory f("trap");
  f.machine("m", {.cycle = 1_s});
  f.machine("x", {.cycle = 1_s});
  f.buffer("y");
  f.sink("out");
  f.source("in");
  f.flow("in -> m -> out : otherwise");
  f.flow("m -> y : 10 %");
  f.flow("y -> x -> y");
  const Analysis a = analyzed(f);
  CHECK(count(a, "W101", "machine.x") == 1);
  CHECK(count(a, "W101", "buffer.y") == 1);
  CHECK(count(a, "W101") == 2);
}

TEST_CASE("W101: a process may make and destroy parts, so it counts as both ends") {
  Factory f("process");
  f.process("p", "make");
  f.buffer("b");
  f.process("q", "destroy");
  f.flow("p -> b -> q");
  CHECK(count(analyzed(f), "W101") == 0);
}

TEST_CASE("W102: a load of one or more is found, just below one is not") {
  CHECK(count(analyzed(queue(1.0, {.cycle = exponential(1.0)})), "W102", "machine.m") == 1);
  CHECK(count(analyzed(queue(1.01, {.cycle = exponential(1.0)})), "W102") == 0);
  CHECK(count(analyzed(queue(0.5, {.servers = 2, .cycle = exponential(1.01)})), "W102") == 1);
  CHECK(count(analyzed(queue(0.5, {.servers = 2, .cycle = exponential(0.99)})), "W102") == 0);
}

TEST_CASE("W102: no queue grows without end where arrivals are turned away") {
  Factory f = queue(0.5, {.cycle = exponential(1.0)});
  f.sources[0].when_full = WhenFull::lose;
  f.buffers[0].capacity = 3;
  CHECK(count(analyzed(f), "W102") == 0);
}

TEST_CASE("loads solve the traffic equations of rework loops") {
  // One in five parts comes back: visits 1 / (1 - 0.2).
  Factory f("rework");
  f.source("in", {.arrivals = exponential(1 / 0.6)});
  f.buffer("q");
  f.machine("m", {.cycle = exponential(1.0)});
  f.sink("out");
  f.flow("in -> q -> m -> out : otherwise");
  f.flow("m -> q : 20 %");
  const Analysis a = analyzed(f);
  CHECK(load_of(a, "m").offered_per_s == Approx(0.75).epsilon(1e-12));
  CHECK(load_of(a, "m").load == Approx(0.75).epsilon(1e-12));
  f.arrows.back().share = 0.4;
  CHECK(count(analyzed(f), "W102", "machine.m") == 1);
}

TEST_CASE("loads solve the traffic equations of a network with cycles") {
  Factory f("jackson");
  f.source("in", {.arrivals = exponential(1.0)});
  for (int k = 1; k <= 3; ++k) f.buffer("q" + std::to_string(k));
  f.machine("m1", {.cycle = exponential(1 / 2.5)});
  f.machine("m2", {.cycle = exponential(1 / 3.0)});
  f.machine("m3", {.cycle = exponential(1 / 2.0)});
  f.sink("out");
  f.flow("in -> q1 -> m1 -> q2 : 80 %");
  f.flow("m1 -> q3 : otherwise");
  f.flow("q2 -> m2 -> q3 : 90 %");
  f.flow("m2 -> out : otherwise");
  f.flow("q3 -> m3 -> q1 : 10 %");
  f.flow("m3 -> out : otherwise");
  const Analysis a = analyzed(f);
  CHECK(load_of(a, "m1").offered_per_s == Approx(1.10132159).margin(1e-8));
  CHECK(load_of(a, "m2").offered_per_s == Approx(0.88105727).margin(1e-8));
  CHECK(load_of(a, "m3").offered_per_s == Approx(1.01321586).margin(1e-8));
}

TEST_CASE("loads weigh cycle times by the mix of products and follow product routes") {
  Factory f("mix");
  f.source("in", {.arrivals = constant(10_s), .mix = {{"A", 3.0}, {"B", 1.0}}});
  f.buffer("q");
  f.machine("m", {.cycle = 4_s, .cycle_of = {{"B", constant(8_s)}}});
  f.buffer("qa");
  f.buffer("qb");
  f.machine("a", {.cycle = 1_s});
  f.machine("b", {.cycle = 1_s});
  f.sink("out");
  f.flow("in -> q -> m -> qa : product A");
  f.flow("m -> qb : otherwise");
  f.flow("qa -> a -> out");
  f.flow("qb -> b -> out");
  const Analysis an = analyzed(f);
  CHECK(load_of(an, "m").load == Approx(0.1 * (0.75 * 4 + 0.25 * 8)));
  CHECK(load_of(an, "a").offered_per_s == Approx(0.075));
  CHECK(load_of(an, "b").offered_per_s == Approx(0.025));
}

TEST_CASE("capacity counts what failures take, by their clock") {
  const auto capacity = [](FailureMode mode) {
    Station m{.cycle = exponential(2_s)};
    mode.name = "f";
    m.failures = {mode};
    return load_of(analyzed(queue(100_s, m)), "m").capacity_per_s;
  };
  CHECK(capacity({.every = exponential(90_s), .repair = exponential(10_s)}) == Approx(0.5 * 0.9));
  CHECK(capacity({.every = exponential(90_s), .clock = FailureClock::calendar, .repair = constant(10_s)}) ==
        Approx(0.5 * 0.9));
  // Every 45 parts of 2 s.
  CHECK(capacity({.every = constant(45), .clock = FailureClock::cycles, .repair = constant(10_s)}) ==
        Approx(0.5 * 0.9));
}

TEST_CASE("a line that is never starved has loads relative to its slowest station") {
  Factory f("line");
  f.machine("a", {.cycle = 2_s});
  f.machine("b", {.servers = 2, .cycle = 5_s});
  f.flow("supply -> a -> b -> out");
  const Analysis a = analyzed(f);
  CHECK(std::isnan(load_of(a, "a").offered_per_s));
  CHECK(load_of(a, "a").load == Approx(0.8));
  CHECK(load_of(a, "b").load == Approx(1.0));
  CHECK(count(a, "W102") == 0);
}

TEST_CASE("W103: a buffer before a machine that is always ready is found") {
  Factory f("instant");
  f.machine("m", {.cycle = exponential(3_s)});
  f.buffer("b", {.capacity = 4});
  f.machine("gate");
  f.flow("in -> m -> b -> gate -> out");
  CHECK(count(analyzed(f), "W103", "buffer.b") == 1);
  f.stations[1].cycle = exponential(1_s);
  CHECK(count(analyzed(f), "W103") == 0);
}

TEST_CASE("W103: a limit behind a source whose parts wait changes nothing") {
  Factory f = queue(2.0, {.cycle = exponential(1.0)});
  CHECK(count(analyzed(f), "W103") == 0);
  f.buffers[0].capacity = 5;
  CHECK(count(analyzed(f), "W103", "buffer.q.capacity") == 1);
  f.sources[0].when_full = WhenFull::lose;
  CHECK(count(analyzed(f), "W103") == 0);
}

TEST_CASE("W103: places between two machines in step are never used") {
  Factory f("step");
  f.machine("m", {.cycle = 3_s});
  f.buffer("b", {.capacity = 4});
  f.machine("n", {.cycle = 3_s});
  f.flow("in -> m -> b -> n -> out");
  CHECK(count(analyzed(f), "W103", "buffer.b.capacity") == 1);
  f.stations[1].cycle = 3.1_s;
  CHECK(count(analyzed(f), "W103") == 0);
}

Factory assembly(std::int64_t wheels, std::int64_t capacity) {
  Factory f("assembly");
  f.machine("body", {.cycle = 4_s});
  f.machine("wheel", {.cycle = 1_s});
  f.buffer("bodies", {.capacity = 1});
  f.buffer("wheels", {.capacity = capacity});
  f.assembly("join", {.cycle = exponential(3_s), .takes = {{"wheels", wheels}}});
  f.flow("s1 -> body -> bodies -> join -> out");
  f.flow("s2 -> wheel -> wheels -> join");
  return f;
}

TEST_CASE("W104: an assembly that takes more than can ever stand before it is found") {
  // Four wheels: three places and the finished one on the blocked machine.
  CHECK(count(analyzed(assembly(4, 3)), "W104") == 0);
  CHECK(count(analyzed(assembly(4, 2)), "W104", "assembly.join.takes.wheels") == 1);
  Factory f = assembly(4, 3);
  f.stations[1].blocking = Blocking::before_service;
  CHECK(count(analyzed(f), "W104") == 1);
}

TEST_CASE("W104: an assembly that waits for what only it makes is found") {
  Factory f("pallets");
  f.machine("m", {.cycle = 1_s});
  f.buffer("b", {.capacity = 2});
  f.assembly("mount", {.cycle = 1_s});
  f.disassembly("strip", {.cycle = 1_s});
  f.buffer("pallets");
  f.flow("in -> m -> b -> mount -> strip -> out");
  f.flow("strip -> pallets -> mount");
  CHECK(count(analyzed(f), "W104", "assembly.mount") == 1);
  f.source("more", {.arrivals = exponential(100_s)});
  f.flow("more -> pallets");
  CHECK(count(analyzed(f), "W104") == 0);
}

TEST_CASE("W105: a rework loop of finite buffers can fill up, one with an endless buffer cannot") {
  Factory f("loop");
  f.machine("m", {.cycle = exponential(1_s)});
  f.machine("fix", {.cycle = exponential(1_s)});
  f.buffer("q", {.capacity = 3});
  f.buffer("r", {.capacity = 3});
  f.source("in", {.arrivals = exponential(4_s)});
  f.sink("out");
  f.flow("in -> q -> m -> out : otherwise");
  f.flow("m -> r : 20 %");
  f.flow("r -> fix -> q");
  const Analysis a = analyzed(f);
  REQUIRE(count(a, "W105", "machine.m") == 1);
  const auto at =
      std::find_if(a.findings.begin(), a.findings.end(), [](const Diagnostic& d) { return d.code == "W105"; });
  CHECK(at->message.find("'m' -> 'r' -> 'fix' -> 'q' -> 'm'") != std::string::npos);
  f.buffers[1].capacity = kUnlimited;
  CHECK(count(analyzed(f), "W105") == 0);
}

TEST_CASE("W106: times near the grid are found, zero is not one of them") {
  CHECK(count(analyzed(queue(1.0, {.cycle = exponential(0.9_ms)})), "W106", "machine.m.cycle") == 1);
  CHECK(count(analyzed(queue(0.5e-3, {.cycle = constant(0)})), "W106", "source.in.arrivals") == 1);
  CHECK(count(analyzed(queue(1.0, {.cycle = exponential(1.1_ms)})), "W106") == 0);
  CHECK(count(analyzed(queue(1.0, {.cycle = constant(0)})), "W106") == 0);
}

/// A line of `n` equal machines with buffers between.
Factory long_line(int n) {
  Factory f("long");
  std::string flow = "in";
  for (int k = 0; k < n; ++k) {
    const std::string name = std::to_string(k);
    f.machine("m" + name, {.cycle = exponential(1.0)});
    f.buffer("b" + name, {.capacity = 5});
    flow += " -> m" + name + " -> b" + name;
  }
  f.machine("last", {.cycle = exponential(1.0)});
  f.flow(flow + " -> last -> out");
  return f;
}

TEST_CASE("analysing ten thousand machines grows with their number only") {
  const Factory small = long_line(1250);
  const Factory large = long_line(10000);
  const Analysis a = analyze(large);
  CHECK(a.findings.empty());
  CHECK(a.throughput_bound_per_s == Approx(1.0));
  const auto analysed = [](const Factory& f) { return [&f] { CHECK(analyze(f).findings.empty()); }; };
  CHECK(twin::testing::times_as_long(analysed(small), analysed(large)) < twin::testing::kMostForEightfold);
}

}  // namespace
