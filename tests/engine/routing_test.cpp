// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

/// A machine of 1 s that feeds a, b and c, which take 10, 20 and 40 s, through buffers of `places`.
Factory fan(const std::string& condition, std::int64_t places) {
  Factory f;
  f.machine("m", {.cycle = 1});
  for (const std::string name : {"a", "b", "c"}) {
    f.machine(name, {.cycle = name == "a" ? 10 : name == "b" ? 20 : 40});
    f.buffer("q" + name, {.capacity = places});
  }
  f.flow("supply -> m -> qa" + (condition.empty() ? "" : " : " + condition));
  for (const std::string name : {"b", "c"}) f.flow("m -> q" + name + (condition.empty() ? "" : " : " + condition));
  for (const std::string name : {"a", "b", "c"}) f.flow("q" + name + " -> " + name + " -> shipped");
  return f;
}

}  // namespace

TEST_CASE("shares split the parts, and otherwise takes the rest") {
  Factory f;
  f.machine("m", {.cycle = 1});
  f.sink("a");
  f.sink("b");
  f.sink("c");
  f.flow("supply -> m -> a : 20 %");
  f.flow("m -> b : otherwise");
  f.flow("m -> c : 50 %");
  const Outcome out = simulate(f, 20000);
  // Four standard deviations of a binomial.
  CHECK(static_cast<double>(out.result.sinks[0].parts) == Approx(4000).margin(4 * 57));
  CHECK(static_cast<double>(out.result.sinks[1].parts) == Approx(6000).margin(4 * 65));
  CHECK(static_cast<double>(out.result.sinks[2].parts) == Approx(10000).margin(4 * 71));
}

TEST_CASE("a share of nothing gets nothing and a share of one gets all") {
  Factory f;
  f.machine("m", {.cycle = 1});
  f.sink("a");
  f.sink("b");
  f.sink("c");
  f.flow("supply -> m -> a : 0 %");
  f.flow("m -> b : 100 %");
  f.flow("m -> c : otherwise");
  const Outcome out = simulate(f, 5000);
  CHECK(out.result.sinks[0].parts == 0);
  CHECK(out.result.sinks[1].parts == 5000);
  CHECK(out.result.sinks[2].parts == 0);
}

TEST_CASE("products go their ways, and the others take the way marked otherwise") {
  Factory f;
  Source in;
  in.arrivals_list = {{0, "A", 3}, {0, "B", 2}, {0, "C", 4}};
  f.source("in", in);
  f.buffer("q");
  f.machine("m", {.cycle = 1});
  f.sink("a");
  f.sink("rest");
  f.sink("c");
  f.flow("in -> q -> m -> a : product A");
  f.flow("m -> rest : otherwise");
  f.flow("m -> c : product C");
  const Outcome out = simulate(f, 20);
  CHECK(out.into("a") == Seconds{1, 2, 3});
  CHECK(out.into("rest") == Seconds{4, 5});
  CHECK(out.into("c") == Seconds{6, 7, 8, 9});
}

TEST_CASE("shortest goes to an idle machine, then to the shortest queue, ties in the order of the flow") {
  const Outcome out = simulate(fan("shortest", 5), 9.5);
  // 1: a starts; 2: b starts (a's queue is empty too, but a is busy); 3: c starts; 4, 5, 6: one in each queue; 7, 8, 9.
  CHECK(out.times(TraceKind::start, "a") == Seconds{1});
  CHECK(out.times(TraceKind::start, "b") == Seconds{2});
  CHECK(out.times(TraceKind::start, "c") == Seconds{3});
  CHECK(out.buffer("qa").final_level == 2);
  CHECK(out.buffer("qb").final_level == 2);
  CHECK(out.buffer("qc").final_level == 2);
  CHECK(out.buffer("qa").mean_level * 9.5 == Approx(5.5 + 2.5));
  CHECK(out.buffer("qc").mean_level * 9.5 == Approx(3.5 + 0.5));
}

TEST_CASE("round robin takes turns and passes over what is full") {
  const Outcome out = simulate(fan("round_robin", 1), 30.5);
  // 1 a, 2 b, 3 c start; 4, 5, 6 fill the queues; 7 finds all full and waits for its turn, a, which takes at 11.
  CHECK(out.times(TraceKind::start, "a") == Seconds{1, 11, 21});
  CHECK(out.times(TraceKind::start, "b") == Seconds{2, 22});
  CHECK(out.times(TraceKind::start, "c") == Seconds{3});
  // At 12 b's turn: full, c full, a full again; it waits at b until 22. The part of 23 finds only a free.
  CHECK(out.departures("m") == Seconds{1, 2, 3, 4, 5, 6, 11, 22, 23});
  CHECK(out.states("m") == "0 busy, 7 blocked, 11 busy, 12 blocked, 22 busy, 24 blocked");
}

TEST_CASE("priority takes the first way with room, and waits at the first when there is none") {
  const Outcome out = simulate(fan("priority", 1), 12.5);
  // a at 1, qa at 2, b at 3, qb at 4, c at 5, qc at 6; the part of 7 waits at qa until 11.
  CHECK(out.times(TraceKind::start, "b") == Seconds{3});
  CHECK(out.times(TraceKind::start, "c") == Seconds{5});
  CHECK(out.departures("m") == Seconds{1, 2, 3, 4, 5, 6, 11});
}

TEST_CASE("ways without buffers: an idle machine has room") {
  const auto build = [](const std::string& condition) {
    Factory f;
    f.machine("m", {.cycle = 1});
    f.machine("a", {.cycle = 10});
    f.machine("b", {.cycle = 20});
    f.flow("supply -> m -> a : " + condition);
    f.flow("m -> b : " + condition);
    f.flow("a -> shipped");
    f.flow("b -> shipped");
    return simulate(f, 40);
  };
  for (const std::string condition : {"priority", "shortest", "round_robin"}) {
    INFO(condition);
    const Outcome out = build(condition);
    // By turns the part of 12 waits for b until 22, and that of 24 again. By length or priority parts wait for a; the one
    // of 22 is done just before b is, by the order of the file.
    const bool takes_turns = condition == "round_robin";
    CHECK(out.times(TraceKind::start, "a") == (takes_turns ? Seconds{1, 11, 23} : Seconds{1, 11, 21, 31}));
    CHECK(out.times(TraceKind::start, "b") == (takes_turns ? Seconds{2, 22} : Seconds{2, 32}));
  }
}

TEST_CASE("a machine that takes from two buffers counts as idle for the ways into it") {
  for (const std::string condition : {"priority", "shortest", "round_robin"}) {
    Factory f;
    f.machine("m", {.cycle = 1});
    f.machine("a", {.cycle = 10});
    f.machine("b", {.cycle = 10});
    f.machine("late", {.cycle = 1000});
    f.buffer("q");
    f.flow("supply -> m -> a : " + condition);
    f.flow("m -> b : " + condition);
    f.flow("more -> late -> q -> b -> shipped");
    f.flow("q -> a -> shipped");
    const Outcome out = simulate(f, 8);
    INFO(condition);
    CHECK(out.times(TraceKind::start, "a") == Seconds{1});
    CHECK(out.times(TraceKind::start, "b") == Seconds{2});
  }
}

TEST_CASE("a rule of the program chooses the way and sees the plant") {
  struct Seen {
    std::vector<double> times;
    std::vector<std::uint64_t> wip;
  } seen;
  Factory f = fan("call(pick)", 2);
  CompileOptions options;
  options.routing["pick"] = {[](void* context, const RunView& run, StationId station, const PartView&, Stream&) {
                               auto& s = *static_cast<Seen*>(context);
                               s.times.push_back(run.now_s());
                               s.wip.push_back(run.wip());
                               CHECK(run.state(station) == StationState::busy);
                               CHECK(run.room(station, 0) + run.waiting(station, 0) <= 3);
                               return static_cast<std::uint32_t>(s.times.size() % 3);
                             },
                             &seen};
  const Outcome out = simulate(f, 6.5, options);
  CHECK(seen.times == Seconds{1, 2, 3, 4, 5, 6});
  CHECK(seen.wip == std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6});
  CHECK(out.times(TraceKind::start, "b") == Seconds{1});
  CHECK(out.times(TraceKind::start, "c") == Seconds{2});
  CHECK(out.times(TraceKind::start, "a") == Seconds{3});
}

TEST_CASE("a source chooses among its ways too") {
  Factory f;
  f.source("in", {.arrivals = constant(1)});
  f.machine("a", {.cycle = 10});
  f.machine("b", {.cycle = 10});
  f.flow("in -> a : round_robin");
  f.flow("in -> b : round_robin");
  f.flow("a -> shipped");
  f.flow("b -> shipped");
  const Outcome out = simulate(f, 25);
  CHECK(out.times(TraceKind::start, "a") == Seconds{1, 11, 21});
  CHECK(out.times(TraceKind::start, "b") == Seconds{2, 12, 22});
  CHECK(out.result.final_wip == 25 - 4);
}

TEST_CASE("a rework loop sends parts round until they are good") {
  Factory f;
  f.buffer("b1");
  f.buffer("rework");
  f.machine("work", {.cycle = 3});
  f.machine("inspect", {.cycle = 1});
  f.sink("good");
  f.flow("supply -> work -> b1 -> inspect -> good : otherwise");
  f.flow("inspect -> rework : 30 %");
  f.flow("rework -> work");
  const Outcome out = simulate(f, 30000);
  // The loop never stops the machine; the supply comes first in the flow, so nothing in rework is ever taken.
  CHECK(out.station("work").parts == 10000);
  CHECK(out.station("inspect").parts == 9999);
  CHECK(static_cast<double>(out.result.good) == Approx(0.7 * 9999).margin(4 * 46));
  CHECK(out.buffer("rework").final_level + out.result.good == 9999);
}
