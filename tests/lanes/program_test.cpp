// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/lanes/program.hpp>
#include <libtwin/model/units.hpp>
#include <libtwin/scenario/scenario.hpp>
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

namespace {

using List = std::vector<std::string>;

/// What stands in the way of a factory in a file, in the user's words.
List obstacles_of(const std::string& text) {
  const ReadResult read = read_scenario_text("format = 1\n[factory]\nname = \"f\"\n" + text, "test.toml");
  INFO(render_diagnostics(read, false));
  REQUIRE(read.ok());
  return lane_obstacles(compile(read.scenario.factory));
}

/// The line in -> b -> m -> out with more keys for its machine, its source and its buffer.
List obstacles_of_line(const std::string& machine, const std::string& source = {}, const std::string& buffer = {}) {
  return obstacles_of("flow = [\"in -> b -> m -> out\"]\n[sink.out]\n[source.in]\narrivals = \"exponential(1 min)\"\n" +
                      source + "[buffer.b]\n" + buffer + "[machine.m]\ncycle = \"50 s\"\n" + machine);
}

/// A flow, its parts, and a machine of one minute for each of `machines`.
List obstacles_of_flow(const std::string& flow, const std::string& parts, const std::string& machines) {
  std::string text = "flow = [" + flow + "]\n[sink.out]\n" + parts;
  for (const char name : machines) text += std::string("[machine.") + name + "]\ncycle = \"1 min\"\n";
  return obstacles_of(text);
}

}  // namespace

TEST_CASE("What a station does that is no recursion is said in the user's words") {
  CHECK(obstacles_of_line("").empty());
  CHECK(obstacles_of_line("scrap = 0.1\n") == List{"'m' scraps parts"});
  CHECK(obstacles_of_line("setup = { \"A -> B\" = \"5 min\" }\n", "mix = { A = 1, B = 1 }\n") ==
        List{"'m' sets up between products"});
  CHECK(obstacles_of_line("", "when_full = \"lose\"\n") == List{"'in' loses parts that find no room"});
  CHECK(obstacles_of_line("", "", "order = \"lifo\"\n") == List{"'b' is not first in, first out"});
}

TEST_CASE("Failures that are no recursion are said in the user's words") {
  const std::string jam = "[machine.m.failure.jam]\nrepair = \"5 min\"\n";
  CHECK(obstacles_of_line(jam + "every = \"1 h\"\n").empty());
  CHECK(obstacles_of_line(jam + "every = \"1 h\"\npart = \"restart\"\n").empty());
  CHECK(obstacles_of_line(jam + "every = \"1 h\"\nclock = \"calendar\"\n") ==
        List{"'m' fails by the calendar, whether or not it works"});
  CHECK(obstacles_of_line(jam + "every = 20\nclock = \"cycles\"\n") == List{"'m' fails after a number of parts"});
  for (const std::string part : {"scrap", "finish_first"}) {
    CHECK(obstacles_of_line(jam + "every = \"1 h\"\npart = \"" + part + "\"\n") ==
          List{"'m' fails and scraps the part, or ends it first"});
  }
  CHECK(obstacles_of_line(jam + "every = \"1 h\"\ncrew = \"c\"\n[crew.c]\n") ==
        List{"'m' waits for a crew to be repaired"});
  CHECK(obstacles_of_line("servers = 2\n" + jam + "every = \"1 h\"\n") ==
        List{"'m' has several servers that fail one by one"});
}

TEST_CASE("A flow that is no recursion is said in the user's words") {
  const std::string in = "[source.in]\n";
  CHECK(obstacles_of_flow("\"in -> m\", \"x -> m\", \"m -> out\"", in + "[source.x]\narrivals = \"2 min\"\n", "m") ==
        List{"'m' takes from several places, whichever has a part"});
  const std::string done = "[sink.done]\n";
  CHECK(obstacles_of_flow("\"in -> m -> b\", \"b -> n -> out\", \"b -> o -> done\"", in + done + "[buffer.b]\n",
                          "mno") == List{"'b' has several stations before or behind it"});
  CHECK(obstacles_of_flow("\"in -> m\", \"m -> n : 30 %\", \"m -> o : otherwise\", \"n -> out\", \"o -> done\"",
                          in + done, "mno") == List{"'m' sends parts different ways"});
  const std::string kit = "[assembly.a]\ncycle = \"1 min\"\n";
  CHECK(obstacles_of_flow("\"in -> m -> a\", \"x -> n -> a\", \"a -> out\"", in + "[source.x]\n" + kit, "mn").empty());
  CHECK(obstacles_of_flow("\"in -> m -> a\", \"x -> n -> a\", \"a -> out\"",
                          in + "[source.x]\n" + kit + "takes = { m = 2 }\n",
                          "mn") == List{"'a' takes or gives several parts of a kind at once"});
}
