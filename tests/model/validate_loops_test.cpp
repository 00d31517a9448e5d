// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <tests/model/problems_of.hpp>
#include <tests/support/catch.hpp>

namespace {

using namespace twin;

/// in -> a -> q -> b -> r -> c -> out, with a loop between two of its elements.
Factory line(const std::string& from, const std::string& to, std::int64_t cards = 3) {
  Factory f("line");
  for (const char* name : {"a", "b", "c"}) f.machine(name, {.cycle = 1_s});
  f.buffer("q");
  f.buffer("r");
  f.flow("in -> a -> q -> b -> r -> c -> out");
  f.loop("cell", {.cards = cards, .from = from, .to = to});
  return f;
}

Lines said(const Factory& f) {
  Lines lines;
  for (const Diagnostic& d : validate(f)) lines.push_back(d.message);
  return lines;
}

}  // namespace

TEST_CASE("a loop goes from a station to a station or buffer behind it") {
  CHECK(problems_of(line("a", "c")) == Lines{});
  CHECK(problems_of(line("a", "q")) == Lines{});
  CHECK(problems_of(line("b", "b")) == Lines{});
  CHECK(problems_of(line("d", "c")) == Lines{"E012 loop.cell.from"});
  CHECK(problems_of(line("a", "")) == Lines{"E012 loop.cell.to"});
  CHECK(problems_of(line("q", "c")) == Lines{"E043 loop.cell.from"});
  CHECK(problems_of(line("in", "c")) == Lines{"E043 loop.cell.from"});
  CHECK(problems_of(line("a", "out")) == Lines{"E043 loop.cell.to"});
  CHECK(problems_of(line("c", "a")) == Lines{"E043 loop.cell.to"});
  CHECK(problems_of(line("b", "q")) == Lines{"E043 loop.cell.to"});
}

TEST_CASE("a loop has at least one card and a name of its own") {
  CHECK(problems_of(line("a", "c", 0)) == Lines{"E022 loop.cell.cards"});
  CHECK(problems_of(line("a", "c", 1'000'001)) == Lines{"E022 loop.cell.cards"});
  Factory f = line("a", "c");
  f.loop("cell", {.cards = 1, .from = "a", .to = "b"});
  CHECK(problems_of(f) == Lines{"E011 loop.cell"});
  f.loops.back().name = "other";
  CHECK(problems_of(f) == Lines{});
}

TEST_CASE("parts may not leave a loop without their cards") {
  Factory f = line("a", "c");
  f.arrows[3].route = RouteKind::otherwise;  // b -> r
  f.sink("bin", {.counts = SinkCounts::scrap});
  f.flow("b -> bin : 3 %");
  CHECK(said(f) == Lines{"parts leave the loop by 'b -> bin' and not by 'c': their cards would be lost with them"});
  f.loops[0].to = "b";
  CHECK(problems_of(f) == Lines{});
  f.stations[1].scrap = 0.1;
  CHECK(said(f) == Lines{"'b' scraps parts inside the loop, and their cards would be lost with them"});
  f.stations[1].scrap = 0;
  f.stations[1].failures = {{.name = "jam", .every = exponential(1_h), .repair = 1_min, .part = FailureEffect::scrap}};
  CHECK(problems_of(f) == Lines{"E043 loop.cell"});
  f.loops[0].to = "q";
  CHECK(problems_of(f) == Lines{});
}

TEST_CASE("parts may not come into a loop without a card") {
  Factory f = line("b", "c");
  f.source("other", {.arrivals = 9_s});
  f.flow("other -> r");
  CHECK(said(f) == Lines{"parts come into the loop by 'other -> r' without a card"});
  f.loops[0].from = "c";
  CHECK(problems_of(f) == Lines{});
}

TEST_CASE("rework may go round within a loop, but neither past its beginning nor back into it") {
  Factory f = line("a", "c");
  f.arrows[3].route = RouteKind::otherwise;  // b -> r
  f.flow("b -> q : 10 %");
  CHECK(problems_of(f) == Lines{});
  f.loops[0] = {.name = "cell", .cards = 3, .from = "b", .to = "c"};
  CHECK(said(f) == Lines{"parts leave the loop by 'b -> q' and not by 'c': their cards would be lost with them"});
  f = line("a", "b");
  f.arrows[3].route = RouteKind::otherwise;
  f.flow("b -> q : 10 %");
  CHECK(said(f) == Lines{"parts come into the loop by 'b -> q' without a card"});
}

TEST_CASE("no part comes back to the beginning of its loop") {
  Factory f("rework");
  f.machine("a", {.cycle = 1_s});
  f.machine("b", {.cycle = 1_s});
  f.machine("c", {.cycle = 1_s});
  f.flow("in -> a -> b -> c -> out : otherwise");
  f.arrows[2].route = RouteKind::otherwise;  // b -> c
  f.flow("b -> a : 10 %");
  f.arrows[3].route = RouteKind::always;
  f.loop("cell", {.cards = 2, .from = "a", .to = "c"});
  CHECK(said(f) == Lines{"parts come back to 'a' by 'b -> a' and would take a second card"});
  f.loops[0].to = "b";
  CHECK(problems_of(f) == Lines{});
}

TEST_CASE("a card stands for one part: none is split or joined inside a loop") {
  Factory f("kit");
  f.machine("a", {.cycle = 1_s});
  f.buffer("q");
  f.assembly("join", {.cycle = 1_s});
  f.disassembly("split", {.cycle = 1_s});
  f.machine("c", {.cycle = 1_s});
  f.flow("s1 -> a -> q -> join -> split -> c -> out");
  f.flow("s2 -> join");
  f.flow("split -> rest");
  f.loop("cell", {.cards = 2, .from = "a", .to = "split"});
  CHECK(problems_of(f) == Lines{});
  f.stations[1].takes = {{"q", 2}};
  CHECK(said(f) == Lines{"'join' joins several parts of the loop, and only one card would come back"});
  f.loops[0].from = "join";
  CHECK(problems_of(f) == Lines{});
  f.loops[0].to = "c";
  CHECK(said(f) ==
        Lines{"'split' splits parts inside the loop, so that one card would come back more than once",
              "parts leave the loop by 'split -> rest' and not by 'c': their cards would be lost with them"});
}

TEST_CASE("what a process does with a card is not known") {
  Factory f = line("a", "c");
  f.process("robot", "moves");
  f.arrows.back() = {"c", "robot"};
  f.flow("robot -> out");
  CHECK(problems_of(f) == Lines{});
  f.loops[0].to = "robot";
  CHECK(problems_of(f) == Lines{"E043 loop.cell"});
  f.buffer("s");
  f.arrows[f.arrows.size() - 2] = {"c", "s"};
  f.flow("s -> robot");
  f.loops[0].to = "s";
  CHECK(problems_of(f) == Lines{"E043 loop.cell.to"});
}
