// SPDX-License-Identifier: Apache-2.0
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
