// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <libtwin/model/factory.hpp>
#include <tests/model/problems_of.hpp>
#include <tests/support/catch.hpp>

using twin::Factory;
using twin::Station;
using twin::StationKind;

TEST_CASE("a line built by hand as the header shows is a good factory") {
  Factory line("press-line");
  line.machine("press", {.cycle = 38_s});
  line.machine("weld", {.cycle = twin::lognormal(41_s, 0.15)});
  line.buffer("b1", {.capacity = 20});
  line.flow("supply -> press -> b1 -> weld -> shipped");

  CHECK(problems_of(line) == Lines{});
  CHECK(line.name == "press-line");
  REQUIRE(line.arrows.size() == 4);
  CHECK(line.stations[0].cycle == twin::constant(38));
  CHECK(line.buffers[0].capacity == 20);
}

TEST_CASE("each way of adding an element sets its name and kind and returns it") {
  Factory f;
  CHECK(f.machine("m").kind == StationKind::machine);
  CHECK(f.assembly("a").kind == StationKind::assembly);
  CHECK(f.disassembly("d").kind == StationKind::disassembly);
  Station& p = f.process("p", "cure");
  CHECK(p.kind == StationKind::process);
  CHECK(p.behaviour == "cure");
  p.name = "q";
  CHECK(f.stations.back().name == "q");
  CHECK(f.source("s").name == "s");
  CHECK(f.buffer("b", {.capacity = 3}).capacity == 3);
  CHECK(f.sink("k", {.counts = twin::SinkCounts::scrap}).counts == twin::SinkCounts::scrap);
  CHECK(f.crew("c", {.size = 4}).size == 4);
  CHECK(f.product("A", {.priority = 2}).name == "A");
  CHECK(f.machine("z", {.name = "other", .kind = StationKind::process}).name == "z");
  CHECK(f.stations.back().kind == StationKind::machine);
}

TEST_CASE("factories are values: copies are equal until one is changed") {
  const Factory original = small_factory();
  Factory copy = original;
  CHECK(copy == original);
  copy.stations[1].cycle.parameters[0] += 1;
  CHECK(copy != original);
  copy = original;
  copy.arrows.back().to = "b1";
  CHECK(copy != original);
  copy = original;
  copy.run.seed = 2;
  CHECK(copy != original);
}

TEST_CASE("unknown names at the outer ends of a flow become a never-starved source and a sink") {
  Factory f;
  f.machine("m", {.cycle = 1_s});
  f.flow("supply -> m -> shipped");
  REQUIRE(f.sources.size() == 1);
  CHECK(f.sources[0].name == "supply");
  CHECK(!f.sources[0].arrivals);
  REQUIRE(f.sinks.size() == 1);
  CHECK(f.sinks[0].name == "shipped");
}

TEST_CASE("declared ends of a flow are kept as they are") {
  Factory f;
  f.source("supply", {.arrivals = 9_s});
  f.machine("m", {.cycle = 1_s});
  f.sink("shipped", {.counts = twin::SinkCounts::scrap});
  f.flow("supply -> m");
  f.flow("m -> shipped");
  CHECK(f.sources.size() == 1);
  CHECK(f.sinks.size() == 1);
  CHECK(problems_of(f) == Lines{});
}

TEST_CASE("an unknown name inside a flow is left for validate to find") {
  Factory f;
  f.machine("m", {.cycle = 1_s});
  f.flow("supply -> mm -> shipped");
  CHECK(f.stations.size() == 1);
  CHECK(f.sources.size() == 1);
  CHECK(f.sinks.size() == 1);
  CHECK(twin::has_errors(twin::validate(f)));

  Factory loop;
  loop.machine("m", {.cycle = 1_s});
  loop.flow("x -> m -> x");
  CHECK(loop.sources.empty());
  CHECK(loop.sinks.empty());
}

TEST_CASE("a flow that cannot be understood throws and changes nothing") {
  Factory f = small_factory();
  const Factory before = f;
  CHECK_THROWS_AS(f.flow("a b -> c"), twin::ModelError);
  CHECK_THROWS_AS(f.flow(""), twin::ModelError);
  CHECK(f == before);
}

TEST_CASE("a misspelt condition throws with a suggestion") {
  Factory f;
  try {
    f.flow("a -> b : otherwize");
    FAIL("no exception");
  } catch (const twin::ModelError& error) {
    REQUIRE(error.diagnostics().size() == 1);
    CHECK(error.diagnostics()[0].code == "E040");
    CHECK(error.diagnostics()[0].column == 10);
    CHECK(error.diagnostics()[0].hint == "did you mean 'otherwise'?");
  }
}

TEST_CASE("each kind of station knows which fields it has") {
  const Station machine{.kind = StationKind::machine};
  const Station assembly{.kind = StationKind::assembly};
  const Station disassembly{.kind = StationKind::disassembly};
  const Station process{.kind = StationKind::process};
  for (const char* field : {"servers", "cycle", "cycle_of", "setup", "blocking", "scrap", "makes", "failure"}) {
    CHECK(machine.has_field(field));
    CHECK(assembly.has_field(field));
    CHECK(disassembly.has_field(field));
    CHECK_FALSE(process.has_field(field));
  }
  CHECK(assembly.has_field("takes"));
  CHECK_FALSE(machine.has_field("takes"));
  CHECK_FALSE(disassembly.has_field("takes"));
  CHECK(disassembly.has_field("gives"));
  CHECK_FALSE(assembly.has_field("gives"));
  CHECK(process.has_field("behaviour"));
  CHECK_FALSE(machine.has_field("behaviour"));
  CHECK_FALSE(machine.has_field("no_such_field"));
}
