// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/process.hpp>
#include <libtwin/engine/run.hpp>
#include <libtwin/model/units.hpp>
#include <tests/support/catch.hpp>

namespace {

using namespace twin;
using namespace twin::literals;

TEST_CASE("machines that follow each other directly have a handoff without places between them") {
  Factory f("direct");
  f.machine("a", {.cycle = 1_s});
  f.machine("b", {.cycle = 1_s});
  f.flow("in -> a -> b -> out");
  const Compiled c = compile(f);
  const Plant& plant = c.plant;
  const auto handoffs = std::count_if(plant.stores.begin(), plant.stores.end(),
                                      [](const PlantStore& s) { return s.kind == StoreKind::handoff; });
  CHECK(handoffs == 1);
  const PlantStation& a = plant.stations[c.station("a").index];
  const PlantStation& b = plant.stations[c.station("b").index];
  const std::uint32_t between = plant.outlets[a.first_outlet].store;
  CHECK(plant.stores[between].kind == StoreKind::handoff);
  CHECK(plant.stores[between].capacity == 0);
  CHECK(plant.inputs[b.first_input].store == between);
  CHECK(plant.stores[between].index == kNone);
}

TEST_CASE("a source that is never starved is a supply, one with arrivals is a leaf of its own") {
  Factory f("sources");
  f.source("ever");
  f.source("timed", {.arrivals = exponential(1_s)});
  f.buffer("q");
  f.machine("a", {.cycle = 1_s});
  f.machine("b", {.cycle = 1_s});
  f.sink("out");
  f.flow("ever -> a -> out");
  f.flow("timed -> q -> b -> out");
  const Plant plant = compile(f).plant;
  CHECK(plant.stores[plant.inputs[plant.stations[0].first_input].store].kind == StoreKind::supply);
  CHECK(plant.station_count == 2);
  CHECK(plant.source_count == 1);
  REQUIRE(plant.stations.size() == 3);
  CHECK(plant.stations[2].kind == PlantStationKind::source);
}

TEST_CASE("a capacity that counts the machine gives its places to the machine") {
  Factory f("places");
  f.machine("a", {.cycle = 1_s});
  f.buffer("b", {.capacity = 5, .counts = Counting::with_machine});
  f.machine("c", {.servers = 2, .cycle = 1_s});
  f.buffer("d", {.capacity = 5});
  f.machine("e", {.cycle = 1_s});
  f.flow("in -> a -> b -> c -> d -> e -> out");
  const Compiled c = compile(f);
  const PlantStore& b = c.plant.stores[c.plant.buffer_stores[c.buffer("b").index]];
  CHECK(b.capacity == 3);
  CHECK(b.machine_places == 2);
  const PlantStore& d = c.plant.stores[c.plant.buffer_stores[c.buffer("d").index]];
  CHECK(d.capacity == 5);
  CHECK(d.machine_places == 0);
}

TEST_CASE("leaves stand in the order of events at one instant: servers, repairs and calendars, sources, the mark") {
  Factory f("leaves");
  f.source("in", {.arrivals = exponential(1_s)});
  f.buffer("q");
  Station m{.servers = 2, .cycle = 1_s};
  m.failures = {{.name = "x", .every = exponential(9_s), .clock = FailureClock::calendar, .repair = 1_s},
                {.name = "y", .every = exponential(9_s), .repair = 1_s}};
  f.machine("m", m);
  f.machine("n", {.cycle = 1_s});
  f.sink("out");
  f.flow("in -> q -> m -> n -> out");
  const Plant plant = compile(f).plant;
  std::vector<LeafKind> kinds;
  for (const PlantLeaf& leaf : plant.leaves) kinds.push_back(leaf.kind);
  using enum LeafKind;
  CHECK(kinds == std::vector{server, server, server, repair, calendar, repair, calendar, source, mark});
  CHECK(plant.stations[1].first_leaf == 2);
  CHECK(plant.leaves[5].server == 1);
  CHECK(plant.leaves[6].mode == 0);
}

TEST_CASE("names find elements, and those that are not there are refused") {
  Factory f("names");
  f.machine("a", {.cycle = 1_s});
  f.machine("b", {.cycle = 1_s});
  f.crew("people");
  f.flow("in -> a -> b -> out");
  const Compiled c = compile(f);
  CHECK(c.station("b").index == 1);
  CHECK(c.sink("out").index == 0);
  CHECK(c.crew("people").index == 0);
  CHECK_THROWS_AS(c.station("out"), std::out_of_range);
  CHECK_THROWS_AS(c.buffer("a"), std::out_of_range);
  CHECK_THROWS_AS(c.slot("machine.a.colour"), std::out_of_range);
}

std::vector<std::string> codes_of(const Factory& f, const CompileOptions& options = {}) {
  try {
    (void)compile(f, options);
  } catch (const ModelError& error) {
    std::vector<std::string> codes;
    for (const Diagnostic& d : error.diagnostics()) codes.push_back(d.code + " " + d.path);
    return codes;
  }
  return {};
}

Factory with_rules() {
  Factory f("rules");
  f.source("in", {.arrivals = exponential(1_s)});
  f.buffer("q", {.order = QueueOrder::call, .rule = "urgent_first"});
  f.machine("m", {.cycle = call("my_time")});
  f.machine("x", {.cycle = 1_s});
  f.process("p", "my_press");
  f.sink("out");
  f.flow("in -> q -> m -> x : call(my_way)");
  f.flow("m -> p : call(my_way)");
  f.flow("x -> out");
  f.flow("p -> out");
  return f;
}

Process idle_for_good(ProcessContext& self) { co_await self.idle(1); }

TEST_CASE("rules and behaviours that nobody gave are mistakes, all told at once") {
  std::vector<std::string> codes = codes_of(with_rules());
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  CHECK(codes == std::vector<std::string>{"E041 buffer.q.rule", "E041 flow.m->p", "E041 flow.m->x",
                                          "E041 machine.m.cycle", "E041 process.p.behaviour"});
}

TEST_CASE("rules that are given, or left to a policy, are no mistakes") {
  CompileOptions options;
  options.missing = MissingRule::policy;
  options.dispatch["urgent_first"] = {[](void*, const RunView&, BufferId, const PartView&) { return 0.0; }};
  options.behaviours["my_press"] = idle_for_good;
  CHECK(codes_of(with_rules(), options).empty());
  options.missing = MissingRule::error;
  CHECK(codes_of(with_rules(), options).size() == 3);
  options.process_times["my_time"] = {[](void*, const RunView&, StationId, const PartView&, Stream&) { return 1.0; }};
  options.routing["my_way"] = {
      [](void*, const RunView&, StationId, const PartView&, Stream&) { return std::uint32_t{0}; }};
  CHECK(codes_of(with_rules(), options).empty());
}

TEST_CASE("what is wrong with the model is told before anything is built") {
  Factory f("wrong");
  f.machine("m", {.servers = 0, .cycle = exponential(-1)});
  f.flow("in -> m -> out");
  CHECK(codes_of(f).size() >= 2);
}

// --- slots ---

/// A factory with a number of every kind.
Factory rich() {
  Factory f("rich");
  f.product("A");
  f.product("B");
  f.source("in", {.arrivals = exponential(2_s), .batch = poisson(1.2), .mix = {{"A", 1.0}, {"B", 1.0}}});
  f.buffer("q", {.capacity = 6});
  Station m{.servers = 2,
            .cycle = gamma(3_s, 0.5),
            .cycle_of = {{"B", erlang(2_s, 2)}},
            .setup = {{"A -> B", constant(1_s)}},
            .scrap = 0.1};
  m.failures = {{.name = "tip", .every = weibull(60_s, 1.5), .repair = lognormal(5_s, 0.6), .crew = "people"}};
  f.machine("m", m);
  f.buffer("w", {.capacity = 4, .counts = Counting::with_machine});
  f.machine("n", {.cycle = uniform(0.5_s, 2_s)});
  f.crew("people", {.size = 1});
  f.sink("out");
  f.sink("rest", {.counts = SinkCounts::scrap});
  f.flow("in -> q -> m -> w -> n -> out : otherwise");
  f.flow("n -> rest : 10 %");
  return f;
}

/// Everything a run reports, as far as two equal runs could differ.
std::vector<double> report(const RunResult& r) {
  std::vector<double> out{static_cast<double>(r.good), static_cast<double>(r.scrapped), static_cast<double>(r.events),
                          r.mean_wip, r.mean_lead_s};
  for (const StationResult& s : r.stations) {
    for (const std::int64_t t : s.state_ticks) out.push_back(static_cast<double>(t));
  }
  for (const BufferResult& b : r.buffers) out.push_back(b.mean_level);
  for (const CrewResult& c : r.crews) out.push_back(c.utilization);
  return out;
}

RunInput some_run() {
  RunInput input;
  input.horizon_s = 20'000;
  input.warmup_s = 500;
  return input;
}

struct Change {
  std::string path;
  double value;
  void (*apply)(Factory&, double);
};

const std::vector<Change>& changes() {
  static const std::vector<Change> kChanges{
      {"source.in.arrivals.mean", 2.4, [](Factory& f, double v) { f.sources[0].arrivals = exponential(v); }},
      {"source.in.batch.mean", 1.0, [](Factory& f, double v) { f.sources[0].batch = poisson(v); }},
      {"buffer.q.capacity", 3, [](Factory& f, double v) { f.buffers[0].capacity = static_cast<std::int64_t>(v); }},
      {"buffer.w.capacity", 2, [](Factory& f, double v) { f.buffers[1].capacity = static_cast<std::int64_t>(v); }},
      {"machine.m.cycle.mean", 2.5, [](Factory& f, double v) { f.stations[0].cycle.parameters[0] = v; }},
      {"machine.m.cycle.cv", 1.1, [](Factory& f, double v) { f.stations[0].cycle.parameters[1] = v; }},
      {"machine.m.cycle_of.B.mean", 1.5, [](Factory& f, double v) { f.stations[0].cycle_of["B"].parameters[0] = v; }},
      {"machine.m.cycle_of.B.k", 3, [](Factory& f, double v) { f.stations[0].cycle_of["B"].parameters[1] = v; }},
      {"machine.m.setup.A->B", 2.5, [](Factory& f, double v) { f.stations[0].setup["A -> B"] = constant(v); }},
      {"machine.m.scrap", 0.2, [](Factory& f, double v) { f.stations[0].scrap = v; }},
      {"machine.m.failure.tip.every.scale", 40,
       [](Factory& f, double v) { f.stations[0].failures[0].every.parameters[0] = v; }},
      {"machine.m.failure.tip.every.shape", 2.5,
       [](Factory& f, double v) { f.stations[0].failures[0].every.parameters[1] = v; }},
      {"machine.m.failure.tip.repair.mean", 9,
       [](Factory& f, double v) { f.stations[0].failures[0].repair.parameters[0] = v; }},
      {"machine.m.failure.tip.repair.cv", 0.2,
       [](Factory& f, double v) { f.stations[0].failures[0].repair.parameters[1] = v; }},
      {"machine.n.cycle.min", 0.1, [](Factory& f, double v) { f.stations[1].cycle.parameters[0] = v; }},
      {"machine.n.cycle.max", 1.1, [](Factory& f, double v) { f.stations[1].cycle.parameters[1] = v; }},
      {"crew.people.size", 2, [](Factory& f, double v) { f.crews[0].size = static_cast<std::int64_t>(v); }},
      {"flow.n->rest.share", 0.3, [](Factory& f, double v) { f.arrows.back().share = v; }},
  };
  return kChanges;
}

TEST_CASE("every number of the factory has a slot under its path") {
  const Compiled c = compile(rich());
  for (const Change& change : changes()) {
    INFO(change.path);
    CHECK(c.slots.contains(change.path));
  }
  // `machine.m.setup.A->B` stands for its `.value` too.
  CHECK(c.slots.size() == changes().size() + 1);
}

TEST_CASE("a number changed for one run gives the bits of a factory compiled with it") {
  const Compiled c = compile(rich());
  PlantState state(c.plant);
  const std::vector<double> before = report(run(state, some_run()));
  for (const Change& change : changes()) {
    INFO(change.path);
    const std::vector<ValueChange> one{{c.slot(change.path), change.value}};
    RunInput input = some_run();
    input.changes = one;
    const std::vector<double> changed = report(run(state, input));
    Factory f = rich();
    change.apply(f, change.value);
    const Compiled anew = compile(f);
    PlantState fresh(anew.plant);
    CHECK(changed == report(run(fresh, some_run())));
    CHECK(changed != before);
    // And leaves nothing behind.
    CHECK(report(run(state, some_run())) == before);
  }
}

TEST_CASE("all numbers changed at once give the bits of a factory compiled with them") {
  const Compiled c = compile(rich());
  Factory f = rich();
  std::vector<ValueChange> all;
  for (const Change& change : changes()) {
    all.push_back({c.slot(change.path), change.value});
    change.apply(f, change.value);
  }
  RunInput input = some_run();
  input.changes = all;
  PlantState state(c.plant);
  const Compiled anew = compile(f);
  PlantState fresh(anew.plant);
  CHECK(report(run(state, input)) == report(run(fresh, some_run())));
}

}  // namespace
