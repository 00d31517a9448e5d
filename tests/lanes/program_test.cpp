// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/lanes/program.hpp>
#include <libtwin/model/units.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

TEST_CASE("A line is a recursion") {
  Factory line("line");
  line.machine("a", {.cycle = exponential(1)});
  line.buffer("b", {.capacity = 3});
  line.machine("c", {.cycle = exponential(1)});
  line.flow("supply -> a -> b -> c -> shipped");
  const LaneProgram program = make_lane_program(compile(line).plant);
  CHECK(program.is_eligible());
  CHECK(program.ops.size() == 2);
  CHECK(program.arcs.size() == 2);
  CHECK(program.can_count_parts);
}

TEST_CASE("A loop of cards is one more maximum of the recursion") {
  Factory line("line");
  line.machine("a", {.cycle = exponential(1)});
  line.buffer("b");
  line.machine("c", {.cycle = exponential(1)});
  line.flow("supply -> a -> b -> c -> shipped");
  line.loop("all", {.cards = 3, .from = "a", .to = "c"});
  line.loop("store", {.cards = 2, .from = "a", .to = "b"});
  const LaneProgram program = make_lane_program(compile(line).plant);
  REQUIRE(program.is_eligible());
  REQUIRE(program.loops.size() == 2);
  CHECK(program.ops[0].loops.size() == 2);
  CHECK(program.ops[0].takes_together());
  CHECK_FALSE(program.ops[1].takes_together());
  CHECK_FALSE(program.loops[0].ends_at_take);
  CHECK(program.loops[1].ends_at_take);
  CHECK(program.loops[1].to == 1);
}

TEST_CASE("More loops than the kernel has ways in stand in the way") {
  Factory line("line");
  line.buffer("b");
  line.machine("a", {.cycle = exponential(1)});
  line.source("in", {.arrivals = exponential(2)});
  line.sink("out");
  line.flow("in -> b -> a -> out");
  for (int k = 0; k < 7; ++k) line.loop("l" + std::to_string(k), {.cards = 3, .from = "a", .to = "a"});
  CHECK(compile(line).lanes.is_eligible());
  line.loop("m", {.cards = 3, .from = "a", .to = "a"});
  const Compiled compiled = compile(line);
  REQUIRE(compiled.lanes.obstacles.size() == 1);
  CHECK(lane_obstacles(compiled) ==
        std::vector<std::string>{"'a' has more than eight ways in or out, or loops that begin at it"});
}
