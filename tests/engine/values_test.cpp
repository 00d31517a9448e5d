// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

/// A bit of everything that has numbers a run may change.
Factory workshop(double cycle = 5, std::int64_t capacity = 3, std::int64_t crew = 1, double share = 0.3,
                 double scrap = 0.05) {
  Factory f;
  f.crew("fitters", {.size = crew});
  FailureMode jam;
  jam.name = "jam";
  jam.every = exponential(60);
  jam.repair = exponential(15);
  jam.crew = "fitters";
  jam.part = FailureEffect::restart;
  FailureMode wear = jam;
  wear.name = "wear";
  wear.clock = FailureClock::calendar;
  wear.every = uniform(80, 120);
  f.source("in", {.arrivals = exponential(8), .batch = constant(1)});
  f.buffer("q");
  f.machine("a", {.cycle = exponential(cycle), .scrap = scrap, .failures = {jam, wear}});
  f.buffer("b", {.capacity = capacity, .counts = Counting::with_machine});
  f.machine("c", {.cycle = lognormal(6, 0.5), .failures = {jam}});
  f.machine("d", {.servers = 2, .cycle = gamma(9, 0.3), .failures = {wear}});
  f.sink("x");
  f.sink("y");
  f.flow("in -> q -> a -> b -> c -> x : 30 %");
  f.flow("c -> d : otherwise");
  f.flow("d -> y");
  for (Arrow& arrow : f.arrows) {
    if (arrow.to == "x") arrow.share = share;
  }
  return f;
}

RunInput input() {
  RunInput in;
  in.horizon_s = 5000;
  in.warmup_s = 500;
  in.seed = 3;
  in.marks = 4;
  return in;
}

RunResult fresh(const Factory& f, RunInput in = input()) {
  const Compiled c = compile(f);
  PlantState state(c.plant);
  return run(state, in);
}

}  // namespace

TEST_CASE("a changed value gives the bits of a factory that says so, and is undone on the next run") {
  const Compiled c = compile(workshop());
  PlantState state(c.plant);
  const RunResult plain = run(state, input());
  check_same(plain, fresh(workshop()));
  REQUIRE(plain.status == RunStatus::ok);
  REQUIRE(plain.good > 300);

  struct Case {
    std::string path;
    double value;
    Factory factory;
  };
  const std::vector<Case> cases{
      {"machine.a.cycle.mean", 7, workshop(7)},
      {"buffer.b.capacity", 9, workshop(5, 9)},
      {"crew.fitters.size", 3, workshop(5, 3, 3)},
      {"flow.c->x.share", 0.8, workshop(5, 3, 1, 0.8)},
      {"machine.a.scrap", 0.5, workshop(5, 3, 1, 0.3, 0.5)},
  };
  for (const Case& one : cases) {
    INFO(one.path);
    RunInput in = input();
    const std::vector<ValueChange> changes{{c.slot(one.path), one.value}};
    in.changes = changes;
    const RunResult changed = run(state, in);
    CHECK(changed.wip_area_low != plain.wip_area_low);
    check_same(changed, fresh(one.factory));
    check_same(run(state, input()), plain);
  }
}

TEST_CASE("several changes apply together, and only those of this run") {
  const Compiled c = compile(workshop());
  PlantState state(c.plant);
  const RunResult plain = run(state, input());
  const std::vector<ValueChange> first{{c.slot("machine.a.cycle.mean"), 7}, {c.slot("buffer.b.capacity"), 9}};
  const std::vector<ValueChange> second{{c.slot("buffer.b.capacity"), 2}, {c.slot("crew.fitters.size"), 3}};
  RunInput in = input();
  in.changes = first;
  check_same(run(state, in), fresh(workshop(7, 9)));
  in.changes = second;
  check_same(run(state, in), fresh(workshop(5, 2, 3)));
  check_same(run(state, input()), plain);
}

TEST_CASE("a change to a slot that is not there is refused and changes nothing") {
  const Compiled c = compile(workshop());
  PlantState state(c.plant);
  const RunResult plain = run(state, input());
  const std::vector<ValueChange> changes{{c.slot("machine.a.cycle.mean"), 50}, {1000000, 1}};
  RunInput in = input();
  in.changes = changes;
  CHECK_THROWS_AS(run(state, in), std::logic_error);
  check_same(run(state, input()), plain);
}

TEST_CASE("a change to a number that cannot be is refused and changes nothing") {
  Factory f;
  f.crew("menders", {.size = 2});
  f.source("in", {.arrivals = exponential(3)});
  f.buffer("q", {.capacity = 4});
  f.machine("m",
            {.cycle = triangular(1, 2, 3), .failures = {{.name = "jam", .every = 50, .repair = 5, .crew = "menders"}}});
  f.machine("check", {.cycle = 1, .scrap = 0.1});
  f.flow("in -> q -> m -> check -> shipped");
  const Compiled c = compile(f);
  PlantState state(c.plant);
  const RunResult plain = run(state, input());
  const double nan = std::nan("");
  const std::vector<std::vector<ValueChange>> refused{
      {{c.slot("source.in.arrivals.mean"), -1}},
      {{c.slot("source.in.arrivals.mean"), 0}},
      {{c.slot("source.in.arrivals.mean"), nan}},
      {{c.slot("source.in.arrivals.mean"), HUGE_VAL}},
      {{c.slot("machine.m.cycle.min"), 2.5}},  // above the mode
      {{c.slot("machine.check.scrap"), 0.5}, {c.slot("machine.m.cycle.max"), 1.5}},
      {{c.slot("machine.check.scrap"), 1.5}},
      {{c.slot("machine.check.scrap"), nan}},
      {{c.slot("buffer.q.capacity"), -1}},
      {{c.slot("buffer.q.capacity"), nan}},
      {{c.slot("crew.menders.size"), 0}},
      {{c.slot("crew.menders.size"), nan}},
      {{c.slot("crew.menders.size"), 1e12}}};
  for (const std::vector<ValueChange>& changes : refused) {
    INFO("slot " << changes.front().slot << " to " << changes.front().value);
    RunInput in = input();
    in.changes = changes;
    CHECK_THROWS_AS(run(state, in), std::logic_error);
    check_same(run(state, input()), plain);
  }
  // Two numbers that only fit together.
  RunInput in = input();
  const std::vector<ValueChange> together{{c.slot("machine.m.cycle.min"), 2.5}, {c.slot("machine.m.cycle.mode"), 2.75}};
  in.changes = together;
  f.stations[0].cycle = triangular(2.5, 2.75, 3);
  check_same(run(state, in), fresh(f));
}

TEST_CASE("a source that had room for everything can be given a limit, and the other way round") {
  Factory f;
  f.source("in", {.arrivals = exponential(2)});
  f.buffer("q");
  f.machine("m", {.cycle = exponential(3)});
  f.flow("in -> q -> m -> shipped");
  Factory g = f;
  g.buffers[0].capacity = 4;
  const Compiled c = compile(f);
  PlantState state(c.plant);
  const RunResult plain = run(state, input());
  RunInput in = input();
  const std::vector<ValueChange> changes{{c.slot("buffer.q.capacity"), 4}};
  in.changes = changes;
  check_same(run(state, in), fresh(g));
  check_same(run(state, input()), plain);
}

TEST_CASE("a run is a function of its input, not of what ran before") {
  const Compiled c = compile(workshop());
  PlantState state(c.plant);
  const RunResult first = run(state, input());
  check_same(run(state, input()), first);

  RunInput other = input();
  other.seed = 4;
  CHECK(run(state, other).wip_area_low != first.wip_area_low);
  check_same(run(state, input()), first);

  other = input();
  other.replication = 1;
  CHECK(run(state, other).wip_area_low != first.wip_area_low);
  check_same(run(state, input()), first);

  // After a run that ended early, before its warm-up.
  other = input();
  other.event_limit = 20;
  const RunResult short_one = run(state, other);
  CHECK(short_one.status == RunStatus::event_limit);
  check_same(short_one, fresh(workshop(), other));
  check_same(run(state, input()), first);

  // After a longer run with more parts.
  other = input();
  other.horizon_s = 20000;
  run(state, other);
  check_same(run(state, input()), first);
  PlantState moved = std::move(state);
  check_same(run(moved, input()), first);
}

TEST_CASE("a trace changes nothing, and neither does leaving the statistics out") {
  const Compiled c = compile(workshop());
  PlantState state(c.plant);
  const RunResult plain = run(state, input());
  Recorder recorder;
  RunInput in = input();
  in.trace = &recorder;
  check_same(run(state, in), plain);
  CHECK(recorder.records.size() > plain.events);
  for (std::size_t k = 1; k < recorder.records.size(); ++k) {
    if (recorder.records[k].ticks() < recorder.records[k - 1].ticks()) FAIL("the trace goes back in time");
  }

  in = input();
  in.statistics = Statistics::off;
  const RunResult& bare = run(state, in);
  CHECK(bare.status == plain.status);
  CHECK(bare.events == plain.events);
  CHECK(bare.good == plain.good);
  CHECK(bare.scrapped == plain.scrapped);
  CHECK(bare.lost == plain.lost);
  CHECK(bare.initial_wip == plain.initial_wip);
  CHECK(bare.final_wip == plain.final_wip);
  for (std::size_t k = 0; k < bare.buffers.size(); ++k)
    CHECK(bare.buffers[k].final_level == plain.buffers[k].final_level);
  check_same(run(state, input()), plain);
}

TEST_CASE("each part in the trace is made once, leaves once and is nowhere twice") {
  const Outcome out = simulate(workshop(), input());
  std::map<std::uint32_t, bool> is_there;
  std::uint64_t created = 0;
  std::uint64_t gone = 0;
  for (const TraceRecord& r : out.records) {
    switch (r.kind()) {
      case TraceKind::create:
      case TraceKind::supply:
        CHECK(!is_there[r.value]);
        is_there[r.value] = true;
        ++created;
        break;
      case TraceKind::sink:
      case TraceKind::scrap:
      case TraceKind::consume:
        CHECK(is_there[r.value]);
        is_there[r.value] = false;
        ++gone;
        break;
      case TraceKind::start:
      case TraceKind::finish:
      case TraceKind::depart:
      case TraceKind::enter:
      case TraceKind::leave:
        CHECK(is_there[r.value]);
        break;
      case TraceKind::state:
      case TraceKind::lose:
        break;
    }
  }
  CHECK(created - gone == out.result.final_wip);
}
