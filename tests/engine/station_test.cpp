// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

/// The products that left a station, in order, as letters.
std::string sequence(const Outcome& out, const std::string& station) {
  std::map<std::uint32_t, std::uint32_t> product_of;
  std::string text;
  // Parts are told apart by when they were made: the tests make one product at a time.
  for (const TraceRecord& r : out.records) {
    if (r.kind() == TraceKind::create) product_of[r.value] = static_cast<std::uint32_t>(r.ticks() >> 24);
    if (r.kind() == TraceKind::depart && out.is_of(r.element, station, 0)) {
      text += (text.empty() ? "" : " ") + std::to_string(product_of[r.value]);
    }
  }
  return text;
}

Source schedule(std::vector<ScheduledArrival> list) {
  Source s;
  s.arrivals_list = std::move(list);
  return s;
}

}  // namespace

TEST_CASE("setups follow the most exact entry of the matrix and the first part needs none") {
  Factory f;
  f.source("in", schedule({{0, "A", 1}, {1, "B", 1}, {2, "B", 1}, {3, "C", 1}, {4, "A", 1}, {5, "C", 1}, {6, "B", 1}}));
  f.buffer("q");
  f.machine("m", {.cycle = 10,
                  .setup = {{"* -> *", constant(1)},
                            {"* -> B", constant(2)},
                            {"A -> *", constant(3)},
                            {"A -> B", constant(4)},
                            {"C -> A", constant(0)}}});
  f.flow("in -> q -> m -> shipped");
  const Outcome out = simulate(f, 100);
  // A 0-10; A->B 4: 24; B->B none: 34; B->C 1: 45; C->A 0: 55; A->C 3: 68; C->B 2: 80.
  CHECK(out.departures("m") == Seconds{10, 24, 34, 45, 55, 68, 80});
  CHECK(out.states("m") ==
        "0 busy, 10 setup, 14 busy, 34 setup, 35 busy, 55 setup, 58 busy, 68 setup, 70 busy, 80 starved");
  CHECK(out.seconds("m", StationState::setup) == 10);
}

TEST_CASE("a pair of products without an entry needs no setup") {
  Factory f;
  f.source("in", schedule({{0, "A", 1}, {0, "B", 1}, {0, "A", 1}}));
  f.buffer("q");
  f.machine("m", {.cycle = 10, .setup = {{"B -> A", constant(5)}}});
  f.flow("in -> q -> m -> shipped");
  CHECK(simulate(f, 50).departures("m") == Seconds{10, 20, 35});
}

TEST_CASE("a machine has a cycle for each product, and one for the rest") {
  Factory f;
  f.source("in", schedule({{0, "A", 1}, {0, "B", 1}, {0, "C", 1}, {0, "A", 1}}));
  f.buffer("q");
  f.machine("m", {.cycle = 1, .cycle_of = {{"A", constant(10)}, {"C", constant(4)}}});
  f.flow("in -> q -> m -> shipped");
  CHECK(simulate(f, 50).departures("m") == Seconds{10, 11, 15, 25});
}

TEST_CASE("what a machine makes is of its own product, and the setup goes by what comes in") {
  Factory f;
  f.source("in", schedule({{0, "A", 1}, {0, "A", 1}, {0, "B", 1}}));
  f.buffer("q");
  f.machine("m", {.cycle = 10, .setup = {{"* -> *", constant(5)}}, .makes = "P"});
  f.machine("n", {.cycle = 1, .cycle_of = {{"P", constant(2)}}});
  f.flow("in -> q -> m -> n -> shipped");
  const Outcome out = simulate(f, 50);
  CHECK(out.departures("m") == Seconds{10, 20, 35});
  CHECK(out.departures("n") == Seconds{12, 22, 37});
}

TEST_CASE("parts of a source that names no product are none of the named ones") {
  Factory f;
  f.source("plain", schedule({{0, "", 1}}));
  f.source("unnamed", {.arrivals = constant(20)});
  f.source("named", schedule({{40, "A", 1}}));
  f.buffer("q");
  f.product("A");
  f.machine("m", {.cycle = 1, .cycle_of = {{"A", constant(10)}}});
  f.flow("plain -> q -> m -> shipped");
  f.flow("unnamed -> q");
  f.flow("named -> q");
  CHECK(simulate(f, 60).departures("m") == Seconds{1, 21, 41, 51});
}

TEST_CASE("scrap destroys its share of the parts at the end of their work") {
  for (const double share : {0.0, 0.25, 1.0}) {
    Factory f;
    f.machine("m", {.cycle = 1, .scrap = share});
    f.flow("supply -> m -> shipped");
    const Outcome out = simulate(f, 4000);
    CHECK(out.station("m").parts == 4000);
    CHECK(out.result.good + out.result.scrapped == 4000);
    CHECK(static_cast<double>(out.result.scrapped) == Approx(4000 * share).margin(100));
    CHECK(out.station("m").scrapped == out.result.scrapped);
    if (share == 0 || share == 1) CHECK(static_cast<double>(out.result.scrapped) == 4000 * share);
  }
}

TEST_CASE("a sink may count as scrap") {
  Factory f;
  f.machine("m", {.cycle = 1});
  f.sink("bin", {.counts = SinkCounts::scrap});
  f.sink("shipped");
  f.flow("supply -> m -> shipped : round_robin");
  f.flow("m -> bin : round_robin");
  const Outcome out = simulate(f, 9);
  CHECK(out.result.good == 5);
  CHECK(out.result.scrapped == 4);
  CHECK(out.result.sinks[out.compiled.sink("bin").index].parts == 4);
  CHECK(out.result.lead_ticks.count() == 5);
}

TEST_CASE("buffers give parts by order of arrival, the last first, by priority or by a rule") {
  const auto run_with_order = [](QueueOrder order, const std::string& rule) {
    Factory f;
    f.product("A", {.priority = 1});
    f.product("B", {.priority = 5});
    f.product("C", {.priority = 1});
    f.source("in",
             schedule({{0, "A", 1}, {1, "A", 1}, {2, "B", 1}, {3, "C", 1}, {4, "B", 1}, {12, "B", 1}, {13, "A", 1}}));
    f.buffer("q", {.order = order, .rule = rule});
    f.machine("m", {.cycle = 10});
    f.flow("in -> q -> m -> shipped");
    CompileOptions options;
    // The youngest of the lowest product first.
    options.dispatch["rule"] = {[](void*, const RunView& run, BufferId buffer, const PartView& part) {
                                  CHECK(run.level(buffer) > 0);
                                  return static_cast<double>(part.product.index) * 1000 - part.entered_s;
                                },
                                nullptr};
    return sequence(simulate(f, 75, options), "m");
  };
  CHECK(run_with_order(QueueOrder::fifo, "") == "0 1 2 3 4 12 13");
  CHECK(run_with_order(QueueOrder::lifo, "") == "0 4 13 12 3 2 1");
  CHECK(run_with_order(QueueOrder::priority, "") == "0 2 4 12 1 3 13");
  CHECK(run_with_order(QueueOrder::call, "rule") == "0 1 13 12 4 2 3");
}

TEST_CASE("a rule orders parts that came at the same time by arrival") {
  Factory f;
  f.source("in", schedule({{0, "A", 1}, {1, "A", 1}, {2, "A", 1}, {3, "A", 1}}));
  f.buffer("q", {.order = QueueOrder::call, .rule = "same"});
  f.machine("m", {.cycle = 10});
  f.flow("in -> q -> m -> shipped");
  CompileOptions options;
  options.dispatch["same"] = {[](void*, const RunView&, BufferId, const PartView&) { return 1.0; }, nullptr};
  CHECK(sequence(simulate(f, 45, options), "m") == "0 1 2 3");
}

TEST_CASE("ordered buffers with little room keep their order when blocked parts come in") {
  Factory f;
  f.product("A", {.priority = 1});
  f.product("B", {.priority = 2});
  f.source("in", schedule({{0, "A", 1}, {1, "A", 1}, {2, "A", 1}, {3, "B", 1}, {4, "B", 1}}));
  f.buffer("q", {.capacity = 2, .order = QueueOrder::priority});
  f.machine("m", {.cycle = 10});
  f.flow("in -> q -> m -> shipped");
  // The parts of 3 and 4 wait at the source; each enters when a place is free and overtakes what it finds.
  CHECK(sequence(simulate(f, 55), "m") == "0 1 3 4 2");
}

TEST_CASE("machines that share a buffer take from it in the order in which they became idle") {
  Factory f;
  f.source("in", {.arrivals = constant(10)});
  f.buffer("q");
  f.machine("a", {.cycle = 3});
  f.machine("b", {.cycle = 4});
  f.machine("c", {.cycle = 25});
  f.flow("in -> q -> a -> shipped");
  f.flow("q -> b -> shipped");
  f.flow("q -> c -> shipped");
  const Outcome out = simulate(f, 85);
  // At 10 a, at 20 b, at 30 c; at 40 a (idle since 13), at 50 b (since 24), at 60 a (since 43), 70 b (since 54), 80 c (since 55).
  CHECK(out.times(TraceKind::start, "a") == Seconds{10, 40, 60});
  CHECK(out.times(TraceKind::start, "b") == Seconds{20, 50, 70});
  CHECK(out.times(TraceKind::start, "c") == Seconds{30, 80});
}

TEST_CASE("a machine with several ways in takes from the first in the flow that has a part") {
  Factory f;
  f.source("low", schedule({{0, "", 1}, {1, "", 1}, {2, "", 1}}));
  f.source("high", schedule({{5, "", 1}, {6, "", 1}}));
  f.buffer("ql");
  f.buffer("qh");
  f.machine("m", {.cycle = 10});
  f.flow("high -> qh -> m -> shipped");
  f.flow("low -> ql -> m");
  const Outcome out = simulate(f, 60);
  CHECK(sequence(out, "m") == "0 5 6 1 2");
  CHECK(out.states("m") == "0 busy, 50 starved");
}

TEST_CASE("a machine with several ways in takes from blocked machines as well") {
  Factory f;
  f.machine("a", {.cycle = 3});
  f.machine("b", {.cycle = 4});
  f.buffer("q", {.capacity = 1});
  f.machine("m", {.cycle = 10});
  f.flow("sa -> a -> q -> m -> shipped");
  f.flow("sb -> b -> m");
  const Outcome out = simulate(f, 40);
  // a's parts of 3, 6 (in q), 9 (blocked) come first; b is blocked from 4 on.
  CHECK(out.times(TraceKind::start, "m") == Seconds{3, 13, 23, 33});
  CHECK(out.departures("a") == Seconds{3, 6, 13, 23, 33});
  CHECK(out.departures("b").empty());
  CHECK(out.states("b") == "0 busy, 4 blocked");
}

TEST_CASE("a part straight from a source or a machine finds an idle machine with several ways in") {
  Factory f;
  Source first = schedule({{0, "", 1}, {3, "", 1}, {20, "", 1}});
  first.when_full = WhenFull::lose;
  f.source("first", first);
  f.machine("a", {.cycle = 30});
  f.buffer("q");
  f.machine("m", {.cycle = 10});
  f.flow("first -> m -> shipped");
  f.flow("supply -> a -> q -> m");
  const Outcome out = simulate(f, 45);
  CHECK(out.times(TraceKind::start, "m") == Seconds{0, 20, 30});
  CHECK(out.result.lost == 1);
}
