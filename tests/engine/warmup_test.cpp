// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

Factory line() {
  Factory f;
  f.source("in", {.arrivals = constant(10)});
  f.buffer("q");
  f.machine("a", {.cycle = 8});
  f.buffer("r", {.capacity = 2});
  f.machine("b", {.cycle = 7});
  f.flow("in -> q -> a -> r -> b -> shipped");
  return f;
}

}  // namespace

TEST_CASE("parts in process stay when the statistics restart") {
  RunInput input;
  input.horizon_s = 1012;
  input.warmup_s = 512;
  const Outcome out = simulate(line(), input);
  // A part enters at 10 k, is on a until 10 k + 8 and on b until 10 k + 15.
  CHECK(out.result.initial_wip == 2);
  CHECK(out.result.final_wip == 2);
  CHECK(out.result.created == 50);
  CHECK(out.result.good == 50);
  CHECK(out.result.mean_lead_s == 15);
  CHECK(out.result.mean_wip == Approx(1.5));
  CHECK(out.result.span_s() == 500);
  CHECK(out.result.throughput_per_s() == Approx(0.1));
  CHECK(out.station("a").parts == 50);
  CHECK(out.result.operations == 100 + 99);
  CHECK(out.seconds("a", StationState::busy) == 400);
  CHECK(out.seconds("b", StationState::starved) == 150);
  CHECK(out.buffer("q").parts == 50);
}

TEST_CASE("in a steady line the warm-up changes the span and nothing else") {
  RunInput all;
  all.horizon_s = 10000;
  RunInput late = all;
  late.warmup_s = 5000;
  const Outcome a = simulate(line(), all);
  const Outcome b = simulate(line(), late);
  CHECK(a.result.events == b.result.events);
  CHECK(a.result.operations == b.result.operations);
  CHECK(a.records.size() == b.records.size());
  CHECK(b.result.throughput_per_s() == Approx(0.1).epsilon(1e-12));
  CHECK(b.result.mean_lead_s == a.result.mean_lead_s);
  CHECK(b.station("a").share(StationState::busy) == Approx(0.8).epsilon(1e-12));
}

TEST_CASE("two halves of a run are together the whole") {
  Factory f;
  FailureMode jam;
  jam.name = "jam";
  jam.every = exponential(100);
  jam.clock = FailureClock::calendar;
  jam.repair = exponential(20);
  f.machine("a", {.cycle = exponential(5), .failures = {jam}});
  f.buffer("q", {.capacity = 3, .counts = Counting::with_machine});
  f.machine("b", {.cycle = exponential(6), .scrap = 0.1, .failures = {jam}});
  f.flow("supply -> a -> q -> b -> shipped");
  RunInput whole;
  whole.horizon_s = 6000;
  RunInput first = whole;
  first.horizon_s = 2000;
  RunInput second = whole;
  second.warmup_s = 2000;
  const Outcome w = simulate(f, whole);
  const Outcome x = simulate(f, first);
  const Outcome y = simulate(f, second);
  CHECK(x.result.good + y.result.good == w.result.good);
  CHECK(x.result.scrapped + y.result.scrapped == w.result.scrapped);
  CHECK(x.result.created + y.result.created == w.result.created);
  CHECK(x.result.wip_area_low + y.result.wip_area_low == w.result.wip_area_low);
  CHECK(x.result.final_wip == y.result.initial_wip);
  for (const std::string name : {"a", "b"}) {
    for (std::size_t k = 0; k < kStationStates; ++k) {
      CHECK(x.station(name).state_ticks[k] + y.station(name).state_ticks[k] == w.station(name).state_ticks[k]);
    }
    CHECK(x.station(name).failures + y.station(name).failures == w.station(name).failures);
    CHECK(x.station(name).parts + y.station(name).parts == w.station(name).parts);
  }
  CHECK(x.buffer("q").mean_level * 2000 + y.buffer("q").mean_level * 4000 == Approx(w.buffer("q").mean_level * 6000));
  CHECK(x.result.lead_ticks.count() + y.result.lead_ticks.count() == w.result.lead_ticks.count());
}

TEST_CASE("Little's law holds to the last digit where nothing is in process at either end") {
  Factory f;
  Source in;
  in.arrivals_list = {{10, "", 5}, {20, "", 3}, {21, "", 2}};
  f.source("in", in);
  f.buffer("q");
  f.machine("m", {.servers = 2, .cycle = 4});
  f.flow("in -> q -> m -> shipped");
  const Outcome out = simulate(f, 100);
  REQUIRE(out.result.final_wip == 0);
  CHECK(out.result.mean_wip * 100 == Approx(out.result.mean_lead_s * 10).epsilon(1e-14));
  CHECK(out.buffer("q").mean_wait_s * 10 == Approx(out.buffer("q").mean_level * 100).epsilon(1e-14));
}

TEST_CASE("a queue that grows for years has its true mean level") {
  // Parts times ticks pass 2^64 many times over.
  Factory f;
  f.source("in", {.arrivals = 100});
  f.buffer("q");
  f.machine("m", {.cycle = 1e9});
  f.flow("in -> q -> m -> shipped");
  const Compiled c = compile(f);
  PlantState state(c.plant);
  for (const double warmup : {0.0, 1e8}) {
    RunInput in;
    in.horizon_s = 5e8;
    in.warmup_s = warmup;
    const RunResult& r = run(state, in);
    CHECK(r.status == RunStatus::ok);
    // One part is on the machine; between arrivals the level stands still, half a part below the straight line.
    CHECK(r.buffers[0].mean_level == Approx((5e8 + warmup) / 200 - 1.5).epsilon(1e-12));
    CHECK(r.mean_wip == Approx(r.buffers[0].mean_level + 1).epsilon(1e-12));
  }
  // And the next run knows nothing of it.
  RunInput in;
  in.horizon_s = 150;
  CHECK(run(state, in).buffers[0].mean_level == 0);
}

TEST_CASE("marks divide the span and add up") {
  RunInput input;
  input.horizon_s = 1012;
  input.warmup_s = 512;
  input.marks = 5;
  const Outcome out = simulate(line(), input);
  REQUIRE(out.result.marks.size() == 5);
  for (std::size_t k = 0; k < 5; ++k) {
    const BatchMark& mark = out.result.marks[k];
    CHECK(mark.ticks == static_cast<std::int64_t>(612 + 100 * k) << 24);
    CHECK(mark.good == 10 * (k + 1));
    CHECK(mark.lead_sum_s == 150.0 * static_cast<double>(k + 1));
    CHECK(mark.wip_area_s == 150.0 * static_cast<double>(k + 1));
  }
  input.marks = 1;
  CHECK(simulate(line(), input).result.marks.size() == 1);
  input.marks = 0;
  CHECK(simulate(line(), input).result.marks.empty());
}

TEST_CASE("marks change nothing but themselves") {
  Factory f;
  f.machine("a", {.cycle = exponential(5)});
  f.flow("supply -> a -> shipped");
  RunInput input;
  input.horizon_s = 1000;
  input.warmup_s = 100;
  RunResult plain = simulate(f, input).result;
  input.marks = 7;
  RunResult marked = simulate(f, input).result;
  CHECK(marked.events == plain.events + 6);
  marked.events = plain.events;
  marked.marks.clear();
  check_same(marked, plain);
}
