// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>

#include <libtwin/model/factory.hpp>
#include <tests/model/problems_of.hpp>
#include <tests/support/catch.hpp>

using twin::Factory;
using twin::RouteKind;

namespace {

/// in -> m, with sinks s1, s2, s3 and the given ways out of m.
Factory fork(const Lines& flow) {
  Factory f("fork");
  f.source("in", {.arrivals = 10_s, .mix = {{"A", 1}, {"B", 1}, {"C", 1}}});
  f.machine("m", {.cycle = 5_s});
  f.arrows.push_back({.from = "in", .to = "m"});
  for (const std::string& line : flow) f.flow(line);
  return f;
}

Lines forked(const Lines& flow) { return problems_of(fork(flow)); }

/// A good assembly of two kinds of parts and a good disassembly after it.
Factory kit_factory() {
  Factory f("kit");
  f.source("frames");
  f.machine("prepare", {.cycle = 1_s});
  f.buffer("screws", {.capacity = 8});
  f.source("screw-supply", {.arrivals = 1_s});
  f.assembly("join", {.cycle = 5_s, .takes = {{"screws", 4}}});
  f.disassembly("part", {.cycle = 2_s, .gives = {{"good", 2}}});
  f.flow("frames -> prepare -> join -> part -> good");
  f.flow("screw-supply -> screws -> join");
  f.flow("part -> rest");
  return f;
}

}  // namespace

TEST_CASE("arrows from or to unknown elements are found, once a name, with a suggestion") {
  Factory f = small_factory();
  f.arrows.push_back({.from = "rework", .to = "shiped"});
  f.arrows.back().route = RouteKind::always;
  auto found = twin::validate(f);
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "E012");
  CHECK(found[0].path == "flow.rework->shiped");
  CHECK(found[0].message == "unknown element 'shiped' in the arrow 'rework -> shiped'");
  CHECK(found[0].hint == "did you mean 'shipped'?");

  // What is proposed goes by the place in the flow.
  const auto hint_for = [](std::vector<twin::Arrow> arrows) {
    Factory g = small_factory();
    g.arrows.insert(g.arrows.end(), arrows.begin(), arrows.end());
    for (const twin::Diagnostic& d : twin::validate(g)) {
      if (d.code == "E012") return d.hint;
    }
    return std::string();
  };
  CHECK(hint_for({{"rework", "elsewhere"}}) == "declare it, for example as [sink.elsewhere]");
  CHECK(hint_for({{"outside", "rework"}}) == "declare it, for example as [source.outside]");
  CHECK(hint_for({{"rework", "polishing"}, {"polishing", "again"}}) ==
        "declare it, for example as [machine.polishing] or [buffer.polishing]");

  f = small_factory();
  f.arrows.push_back({.from = "nowhere", .to = "b1"});
  f.arrows.push_back({.from = "nowhere", .to = "b2"});
  CHECK(problems_of(f) == Lines{"E012 flow.nowhere->b1"});
}

TEST_CASE("arrows do not lead into a source or out of a sink") {
  Factory f = small_factory();
  f.arrows.push_back({.from = "again", .to = "supply"});
  CHECK(problems_of(f) == Lines{"E042 flow.again->supply"});
  f = small_factory();
  f.arrows.push_back({.from = "shipped", .to = "b1"});
  CHECK(problems_of(f) == Lines{"E042 flow.shipped->b1"});
}

TEST_CASE("an element does not feed itself") {
  Factory f = fork({"m -> s1 : otherwise"});
  f.arrows.push_back({.from = "m", .to = "m", .route = RouteKind::share, .share = 0.1});
  CHECK(problems_of(f) == Lines{"E042 flow.m->m"});
}

TEST_CASE("a buffer does not feed a buffer") {
  Factory f = small_factory();
  f.arrows.push_back({.from = "again", .to = "b2"});
  CHECK(problems_of(f) == Lines{"E042 flow.again->b2"});
}

TEST_CASE("a source does not feed a sink") {
  Factory f = small_factory();
  f.source("other", {.arrivals = 1_s});
  f.arrows.push_back({.from = "other", .to = "shipped"});
  CHECK(problems_of(f) == Lines{"E042 flow.other->shipped"});
}

TEST_CASE("a never-starved source feeds stations only") {
  for (const std::int64_t capacity : {twin::kUnlimited, std::int64_t{5}}) {
    Factory f = small_factory();
    f.buffers[0].capacity = capacity;
    f.source("other");
    f.arrows.push_back({.from = "other", .to = "b1"});
    CHECK(problems_of(f) == Lines{"E042 flow.other->b1"});
    f.sources.back().arrivals = 1_s;
    CHECK(problems_of(f) == Lines{});
    f.sources.back() = {.name = "other", .arrivals_list = {{.time_s = 3}}};
    CHECK(problems_of(f) == Lines{});
  }
}

TEST_CASE("every element has the ways in and out that it needs") {
  Factory f = tiny_factory();
  CHECK(problems_of(f) == Lines{"E042 machine.m", "E042 sink.out"});
  f.flow("m -> out");
  f.source("idle", {.arrivals = 1_s});
  f.machine("alone", {.cycle = 1_s});
  f.buffer("shelf");
  CHECK(problems_of(f) == Lines{"E042 source.idle", "E042 machine.alone", "E042 machine.alone", "E042 buffer.shelf",
                                "E042 buffer.shelf"});
}

TEST_CASE("a process may lack a way in or a way out") {
  Factory f = tiny_factory();
  f.process("maker", "make");
  f.process("eater", "eat");
  f.buffer("b");
  f.flow("m -> out");
  f.flow("maker -> b -> eater");
  CHECK(problems_of(f) == Lines{});
}

TEST_CASE("several ways out of a machine or a source need something that chooses") {
  CHECK(forked({"m -> s1", "m -> s2"}) == Lines{"E042 machine.m"});
  Factory f = fork({"m -> s1"});
  f.machine("n", {.cycle = 1_s});
  f.flow("in -> n -> s1");
  CHECK(problems_of(f) == Lines{"E042 source.in"});
  const auto found = twin::validate(f);
  CHECK(found[0].hint == "say how parts choose: a share, a product, shortest, round_robin");
}

TEST_CASE("several ways out of a buffer, a process or a disassembly need no condition") {
  Factory f = tiny_factory();
  f.buffer("b");
  f.machine("x", {.cycle = 1_s});
  f.process("p", "sort");
  f.flow("m -> b -> x -> out");
  f.flow("b -> p -> out");
  f.flow("p -> other");
  CHECK(problems_of(f) == Lines{});
  CHECK(problems_of(kit_factory()) == Lines{});
}

TEST_CASE("an arrow out of a buffer or a disassembly has no condition") {
  Factory f = small_factory();
  f.arrows.push_back({.from = "b1", .to = "rework", .route = RouteKind::shortest});
  CHECK(problems_of(f) == Lines{"E042 flow.b1->rework"});
  f = kit_factory();
  f.flow("part -> scrap : 3 %");
  CHECK(problems_of(f) == Lines{"E042 flow.part->scrap"});
}

TEST_CASE("each kind of choice stands on its own") {
  CHECK(forked({"m -> s1 : 30 %", "m -> s2 : 70 %"}) == Lines{});
  CHECK(forked({"m -> s1 : 30 %", "m -> s2 : otherwise"}) == Lines{});
  CHECK(forked({"m -> s1 : product A", "m -> s2 : otherwise"}) == Lines{});
  CHECK(forked({"m -> s1 : product A", "m -> s1 : product B", "m -> s2 : product C"}) == Lines{});
  CHECK(forked({"m -> s1 : shortest", "m -> s2 : shortest"}) == Lines{});
  CHECK(forked({"m -> s1 : round_robin", "m -> s2 : round_robin"}) == Lines{});
  CHECK(forked({"m -> s1 : priority", "m -> s2 : priority"}) == Lines{});
  CHECK(forked({"m -> s1 : call(x)", "m -> s2 : call(x)"}) == Lines{});
}

TEST_CASE("the ways out of one element do not mix kinds of choice") {
  const Lines wrong{"E042 machine.m"};
  CHECK(forked({"m -> s1 : 30 %", "m -> s2"}) == wrong);
  CHECK(forked({"m -> s1 : 30 %", "m -> s2 : product A"}) == wrong);
  CHECK(forked({"m -> s1 : shortest", "m -> s2 : round_robin"}) == wrong);
  CHECK(forked({"m -> s1 : shortest", "m -> s2 : otherwise"}) == wrong);
  CHECK(forked({"m -> s1", "m -> s2 : otherwise"}) == wrong);
  CHECK(forked({"m -> s1 : otherwise"}) == wrong);
  CHECK(forked({"m -> s1 : 10 %", "m -> s2 : otherwise", "m -> s3 : otherwise"}) == wrong);
  Factory f = fork({"m -> s1"});
  f.machine("n", {.cycle = 1_s});
  f.flow("n -> s1");
  f.arrows.push_back({.from = "in", .to = "n", .route = RouteKind::shortest});
  CHECK(problems_of(f) == Lines{"E042 source.in"});
}

TEST_CASE("shares sum to one, or to at most one beside an otherwise") {
  const Lines wrong{"E042 machine.m"};
  CHECK(forked({"m -> s1 : 30 %", "m -> s2 : 60 %"}) == wrong);
  CHECK(forked({"m -> s1 : 30 %", "m -> s2 : 80 %"}) == wrong);
  CHECK(forked({"m -> s1 : 60 %", "m -> s2 : 60 %", "m -> s3 : otherwise"}) == wrong);
  CHECK(forked({"m -> s1 : 0.1", "m -> s2 : 0.2", "m -> s3 : 0.7"}) == Lines{});
  CHECK(forked({"m -> s1 : 0.4", "m -> s2 : 0.6", "m -> s3 : otherwise"}) == Lines{});
  const auto found = twin::validate(fork({"m -> s1 : 30 %", "m -> s2 : 60 %"}));
  CHECK(found[0].message == "the shares out of 'm' sum to 0.9");
}

TEST_CASE("a share is a number from 0 to 1") {
  for (const double bad : {-0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    Factory f = fork({"m -> s1 : 30 %", "m -> s2 : otherwise"});
    f.arrows[1].share = bad;
    f.arrows[1].name = "q";
    CHECK(problems_of(f) == Lines{"E022 flow.m->s1"});
  }
}

TEST_CASE("conditions name known products once, and one rule") {
  CHECK(forked({"m -> s1 : product Z", "m -> s2 : otherwise"}) == Lines{"E041 flow.m->s1"});
  CHECK(forked({"m -> s1 : product A", "m -> s2 : product A", "m -> s3 : otherwise"}) == Lines{"E042 flow.m->s2"});
  CHECK(forked({"m -> s1 : call(x)", "m -> s2 : call(y)"}) == Lines{"E042 flow.m->s2"});
  Factory f = fork({"m -> s1 : call(x)"});
  f.arrows.back().name.clear();
  CHECK(problems_of(f) == Lines{"E041 flow.m->s1"});
}

TEST_CASE("an arrow is given once") {
  CHECK(forked({"m -> s1 : 50 %", "m -> s1 : 50 %"}) == Lines{"E042 flow.m->s1"});
  Factory f = small_factory();
  f.flow("again -> rework");
  CHECK(problems_of(f) == Lines{"E042 flow.again->rework"});
}

TEST_CASE("an assembly takes at least one part from elements before it") {
  Factory f = kit_factory();
  f.stations[1].takes["screw"] = 2;
  CHECK(problems_of(f) == Lines{"E042 assembly.join.takes.screw"});
  CHECK(twin::validate(f)[0].hint == "did you mean 'screws'?");
  f = kit_factory();
  f.stations[1].takes["part"] = 2;
  CHECK(problems_of(f) == Lines{"E042 assembly.join.takes.part"});
  f = kit_factory();
  f.stations[1].takes["screws"] = 0;
  CHECK(problems_of(f) == Lines{"E022 assembly.join.takes.screws"});
  f = kit_factory();
  f.assembly("empty", {.cycle = 1_s});
  f.flow("empty -> good");
  CHECK(problems_of(f) == Lines{"E042 assembly.empty"});
}

TEST_CASE("a disassembly gives at least one part to elements after it") {
  Factory f = kit_factory();
  f.stations[2].gives["screws"] = 1;
  CHECK(problems_of(f) == Lines{"E042 disassembly.part.gives.screws"});
  f = kit_factory();
  f.stations[2].gives["good"] = 0;
  CHECK(problems_of(f) == Lines{"E022 disassembly.part.gives.good"});
}

TEST_CASE("a never-starved source may feed an assembly") {
  Factory f = kit_factory();
  f.source("plates");
  f.flow("plates -> join");
  CHECK(problems_of(f) == Lines{});
}

TEST_CASE("a capacity with the machine needs one machine and room for its places") {
  Factory f = small_factory();
  f.buffers[0] = {.name = "b1", .capacity = 2, .counts = twin::Counting::with_machine};
  CHECK(problems_of(f) == Lines{});
  f.stations[1].servers = 2;
  CHECK(problems_of(f) == Lines{});
  f.stations[1].servers = 3;
  CHECK(problems_of(f) == Lines{"E022 buffer.b1.capacity"});
  f.buffers[0].capacity = twin::kUnlimited;
  CHECK(problems_of(f) == Lines{});

  f = small_factory();
  f.buffers[0].counts = twin::Counting::with_machine;
  f.arrows.push_back({.from = "b1", .to = "rework"});
  CHECK(problems_of(f) == Lines{"E042 buffer.b1.counts"});

  f = kit_factory();
  f.buffers[0].counts = twin::Counting::with_machine;
  CHECK(problems_of(f) == Lines{"E042 buffer.screws.counts"});
}
