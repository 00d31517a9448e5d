// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

RunInput until(double horizon_s) {
  RunInput input;
  input.horizon_s = horizon_s;
  return input;
}

Factory rework_loop() {
  Factory f;
  f.machine("work", {.cycle = 2});
  f.buffer("b1", {.capacity = 2});
  f.machine("inspect", {.cycle = 1});
  f.buffer("rework", {.capacity = 1});
  f.sink("good");
  f.flow("supply -> work -> b1 -> inspect -> good : otherwise");
  f.flow("inspect -> rework : 90 %");
  f.flow("rework -> work");
  return f;
}

/// A machine whose time, and a router whose way, the program says.
Factory called() {
  Factory f;
  f.machine("m", {.cycle = call("time")});
  f.sink("a");
  f.sink("b");
  f.flow("supply -> m -> a : call(way)");
  f.flow("m -> b : call(way)");
  return f;
}

struct Script {
  double time = 1;
  std::uint32_t way = 0;
  int throw_at = -1;
  int calls = 0;

  CompileOptions options() {
    CompileOptions out;
    out.process_times["time"] = {[](void* context, const RunView&, StationId, const PartView&, Stream&) {
                                   auto& s = *static_cast<Script*>(context);
                                   if (++s.calls == s.throw_at) throw std::runtime_error("no time");
                                   return s.calls < 5 ? 1.0 : s.time;
                                 },
                                 this};
    out.routing["way"] = {[](void* context, const RunView&, StationId, const PartView&, Stream&) {
                            const auto& s = *static_cast<Script*>(context);
                            return s.calls < 5 ? 0 : s.way;
                          },
                          this};
    return out;
  }
};

}  // namespace

TEST_CASE("a loop that is full of parts is a deadlock") {
  const Outcome out = simulate(rework_loop(), 1e5);
  CHECK(out.result.status == RunStatus::deadlocked);
  CHECK(out.result.final_wip == 2 + 1 + 2);
  CHECK(out.result.station == out.compiled.station("work").index);
  CHECK(out.states("work").find("blocked") != std::string::npos);
}

TEST_CASE("an assembly that waits for ever for one of its parts is a deadlock of the machine behind the other") {
  Factory f;
  Source once;
  once.arrivals_list = {{1, "", 1}};
  f.source("once", once);
  f.machine("a", {.cycle = 3});
  f.buffer("q");
  f.assembly("j", {.cycle = 1});
  f.flow("supply -> a -> j -> shipped");
  f.flow("once -> q -> j");
  const Outcome out = simulate(f, 100);
  CHECK(out.result.status == RunStatus::deadlocked);
  CHECK(out.result.station == out.compiled.station("a").index);
  CHECK(out.result.good == 1);
}

TEST_CASE("a loop that is full of parts is a deadlock while parts still arrive and other machines still work") {
  Factory f;
  f.source("in", {.arrivals = exponential(2)});
  f.buffer("queue");
  f.machine("work", {.cycle = 1});
  f.buffer("again", {.capacity = 1});
  f.machine("repair", {.cycle = 1});
  f.machine("elsewhere", {.cycle = 1});
  f.flow("in -> queue -> work");
  f.arrows.push_back({"work", "again", RouteKind::share, 0.6});
  f.arrows.push_back({"work", "shipped", RouteKind::otherwise});
  f.flow("again -> repair -> work");
  f.flow("supply -> elsewhere -> shipped");
  const Outcome out = simulate(f, 1e4);
  CHECK(out.result.status == RunStatus::deadlocked);
  CHECK(out.result.station == out.compiled.station("work").index);
  CHECK(out.station("elsewhere").parts == 10000);
}

TEST_CASE("a process that calls itself blocked while it waits for a time is no deadlock") {
  Factory f;
  f.process("p", "sulky");
  f.machine("m", {.cycle = 1});
  f.flow("supply -> m -> p -> shipped");
  CompileOptions options;
  options.behaviours["sulky"] = [](ProcessContext& self) -> Process {
    for (;;) {
      const PartId part = co_await self.get();
      co_await self.wait(7, StationState::blocked);
      co_await self.put(part);
    }
  };
  const Outcome out = simulate(f, 100, options);
  CHECK(out.result.status == RunStatus::ok);
  CHECK(out.states("p") == "0 starved, 1 blocked");
}

TEST_CASE("a line that waits for a slow machine at its end is no deadlock") {
  Factory f;
  f.source("in", {.arrivals = 1});
  std::string flow = "in -> queue";
  f.buffer("queue");
  for (int k = 0; k < 50; ++k) {
    const std::string name = "m" + std::to_string(k);
    f.machine(name, {.cycle = 1, .blocking = k % 3 == 0 ? Blocking::before_service : Blocking::after_service});
    flow += " -> " + name;
  }
  f.machine("last", {.servers = 2, .cycle = 1e6});
  f.flow(flow + " -> last -> shipped");
  CHECK(simulate(f, 1e4).result.status == RunStatus::ok);
}

TEST_CASE("a blocked machine is no deadlock while something can still happen") {
  Factory f;
  f.machine("a", {.cycle = 1});
  f.machine("b", {.cycle = 1e6});
  f.flow("supply -> a -> b -> shipped");
  CHECK(simulate(f, 100).result.status == RunStatus::ok);
}

TEST_CASE("the event limit ends a run exactly there") {
  const Compiled c = compile([] {
    Factory f;
    f.machine("m", {.cycle = 1});
    f.flow("supply -> m -> shipped");
    return f;
  }());
  PlantState state(c.plant);
  RunInput input = until(1000);
  const std::uint64_t all = run(state, input).events;
  REQUIRE(all == 1002);
  for (const std::uint64_t limit : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{500}, all - 1}) {
    input.event_limit = limit;
    const RunResult& r = run(state, input);
    CHECK(r.status == RunStatus::event_limit);
    CHECK(r.events == limit);
    CHECK(r.last_event_s == (limit < 2 ? 0 : static_cast<double>(limit - 1)));
  }
  input.event_limit = all;
  CHECK(run(state, input).status == RunStatus::ok);
  CHECK(state.result().events == all);
}

TEST_CASE("the event limit is exact beyond the events between two looks") {
  Factory f;
  f.machine("m", {.cycle = 1});
  f.flow("supply -> m -> shipped");
  RunInput input = until(1e7);
  for (const std::uint64_t limit :
       {std::uint64_t{65535}, std::uint64_t{65536}, std::uint64_t{65537}, std::uint64_t{200000}}) {
    input.event_limit = limit;
    const Compiled c = compile(f);
    PlantState state(c.plant);
    CHECK(run(state, input).events == limit);
    CHECK(state.result().status == RunStatus::event_limit);
    CHECK(state.result().operations == limit - 1);  // the first event is the end of the warm-up, at 0
  }
}

TEST_CASE("every event is counted, however often the run is looked after") {
  Factory f;
  f.machine("m", {.cycle = 1});
  f.flow("supply -> m -> shipped");
  const Outcome out = simulate(f, 500000);
  CHECK(out.result.operations == 500000);
  CHECK(out.result.events == 500002);  // and the two marks
}

TEST_CASE("a loop that takes no time ends by itself") {
  Factory f;
  f.buffer("b1");
  f.machine("a", {.cycle = 0});
  f.buffer("b2");
  f.machine("b", {.cycle = 0});
  Source in;
  in.arrivals_list = {{1, "", 1}};
  f.source("in", in);
  f.sink("never");
  f.flow("in -> b1 -> a -> b2 -> b -> never : 0 %");
  f.flow("b -> b1 : otherwise");
  const Compiled c = compile(f);
  PlantState state(c.plant);
  const RunResult& r = run(state, until(10));
  CHECK(r.status == RunStatus::event_limit);
  CHECK(r.last_event_s == 1);
  check_books(c, r);
}

TEST_CASE("a stop token and a progress callback end a run, and the state is good for another") {
  Factory f;
  f.machine("m", {.cycle = exponential(1)});
  f.flow("supply -> m -> shipped");
  const Compiled c = compile(f);
  PlantState state(c.plant);
  RunInput input = until(3e6);
  const RunResult whole = run(state, input);
  REQUIRE(whole.status == RunStatus::ok);

  std::stop_source source;
  source.request_stop();
  input.stop = source.get_token();
  CHECK(run(state, input).status == RunStatus::stopped);
  CHECK(state.result().events == 65536);
  input.stop = {};

  std::vector<double> shares;
  input.on_progress = [&](double share) {
    shares.push_back(share);
    return shares.size() < 2;
  };
  const RunResult& stopped = run(state, input);
  CHECK(stopped.status == RunStatus::stopped);
  CHECK(stopped.events == 2 * 1048576);
  check_books(c, stopped);
  REQUIRE(shares.size() == 2);
  CHECK(shares[0] == Approx(1048576 / 3e6).epsilon(0.01));
  CHECK(shares[1] == Approx(2 * 1048576 / 3e6).epsilon(0.01));

  input.on_progress = [](double share) { return share >= 0 && share <= 1; };
  check_same(run(state, input), whole);
}

TEST_CASE("a time that cannot be ends the run and names the station") {
  for (const double bad : {std::nan(""), -1.0, -0.001, std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    for (const bool is_slow : {false, true}) {
      Script script;
      script.time = bad;
      Factory f = called();
      if (is_slow) f.stations[0].scrap = 1e-9;
      const Outcome out = simulate(f, 100, script.options());
      CHECK(out.result.status == RunStatus::bad_number);
      CHECK(out.result.station == 0);
      CHECK(out.result.last_event_s == 4);
      CHECK(out.result.good == 4);
      CHECK(out.result.span_s() == 4);
    }
  }
}

TEST_CASE("a time that is longer than any run is no bad number") {
  Script script;
  script.time = 1e200;
  const Outcome out = simulate(called(), 100, script.options());
  CHECK(out.result.status == RunStatus::ok);
  CHECK(out.result.good == 4);
}

TEST_CASE("a way that is not there ends the run") {
  for (const std::uint32_t bad : {2U, 0xffffffffU}) {
    Script script;
    script.way = bad;
    const Outcome out = simulate(called(), 100, script.options());
    CHECK(out.result.status == RunStatus::bad_number);
    CHECK(out.result.station == 0);
    CHECK(out.result.last_event_s == 5);
  }
}

TEST_CASE("a product that has no way out ends the run") {
  Factory f;
  Source in;
  in.arrivals_list = {{0, "A", 2}, {5, "B", 1}};
  f.source("in", in);
  f.buffer("q");
  f.machine("m", {.cycle = 1});
  f.machine("n", {.cycle = 1});
  f.flow("in -> q -> m -> n : product A");
  f.flow("n -> shipped");
  const Outcome out = simulate(f, 100);
  CHECK(out.result.status == RunStatus::bad_number);
  CHECK(out.result.station == out.compiled.station("m").index);
  CHECK(out.result.last_event_s == 6);
  CHECK(out.result.good == 2);
}

TEST_CASE("a score that is not a number ends the run") {
  Factory f;
  f.source("in", {.arrivals = constant(1)});
  f.buffer("q", {.order = QueueOrder::call, .rule = "score"});
  f.machine("other", {.cycle = 1});
  f.machine("m", {.cycle = 10});
  f.flow("in -> q -> m -> shipped");
  f.flow("supply -> other -> shipped");
  CompileOptions options;
  options.dispatch["score"] = {
      [](void*, const RunView& run, BufferId, const PartView&) { return run.now_s() > 15 ? std::nan("") : 1.0; },
      nullptr};
  const Outcome out = simulate(f, 100, options);
  CHECK(out.result.status == RunStatus::bad_number);
  CHECK(out.result.station == out.compiled.station("m").index);
  CHECK(out.result.last_event_s == 21);
}

TEST_CASE("an exception of a rule leaves run, and the state is good for another") {
  Script script;
  const Compiled c = compile(called(), script.options());
  PlantState state(c.plant);
  const RunResult good = run(state, until(50));
  for (const int when : {1, 2, 7}) {
    script.calls = 0;
    script.throw_at = when;
    CHECK_THROWS_AS(run(state, until(50)), std::runtime_error);
    script.calls = 0;
    script.throw_at = -1;
    check_same(run(state, until(50)), good);
  }
}

TEST_CASE("a run that fails before its warm-up reports no span") {
  Script script;
  script.time = -1;
  const Compiled c = compile(called(), script.options());
  PlantState state(c.plant);
  RunInput input = until(100);
  input.warmup_s = 50;
  const RunResult& r = run(state, input);
  CHECK(r.status == RunStatus::bad_number);
  CHECK(r.span_ticks == 0);
  CHECK(std::isnan(r.mean_wip));
  CHECK(r.throughput_per_s() == 0);
  check_books(c, r);
}

TEST_CASE("a bad number at the very start ends the run at time 0") {
  Script script;
  script.time = -1;
  script.calls = 10;
  const Outcome out = simulate(called(), 100, script.options());
  CHECK(out.result.status == RunStatus::bad_number);
  CHECK(out.result.last_event_s == 0);
  CHECK(out.result.events == 0);
}

TEST_CASE("input out of range is refused") {
  Factory f;
  f.machine("m", {.cycle = 1});
  f.flow("supply -> m -> shipped");
  const Compiled c = compile(f);
  PlantState state(c.plant);
  for (const double horizon : {0.0, -1.0, std::nan(""), 1e300, std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_AS(run(state, until(horizon)), std::logic_error);
  }
  for (const double warmup : {10.0, 11.0, -1.0, std::nan("")}) {
    RunInput input = until(10);
    input.warmup_s = warmup;
    CHECK_THROWS_AS(run(state, input), std::logic_error);
  }
  CHECK(run(state, until(10)).good == 10);
}

TEST_CASE("only cycle times can be called") {
  const CompileOptions options = Script{}.options();
  const auto with = [&](Source in, Station m) {
    Factory f;
    f.source("in", std::move(in));
    f.buffer("q");
    f.product("A");
    f.machine("m", std::move(m));
    f.flow("in -> q -> m -> shipped");
    return compile(f, options);
  };
  const Source fine{.arrivals = constant(1)};
  FailureMode jam;
  jam.name = "jam";
  jam.every = 1.0;
  jam.repair = 1.0;
  CHECK_NOTHROW(with(fine, {.cycle = call("time"), .failures = {jam}}));
  CHECK_THROWS_AS(with({.arrivals = call("time")}, {.cycle = 1}), ModelError);
  CHECK_THROWS_AS(with({.arrivals = constant(1), .batch = call("time")}, {.cycle = 1}), ModelError);
  CHECK_THROWS_AS(with(fine, {.cycle = 1, .setup = {{"A -> *", call("time")}}}), ModelError);
  FailureMode odd = jam;
  odd.every = call("time");
  CHECK_THROWS_AS(with(fine, {.cycle = 1, .failures = {odd}}), ModelError);
  odd = jam;
  odd.repair = call("time");
  CHECK_THROWS_AS(with(fine, {.cycle = 1, .failures = {odd}}), ModelError);
  CHECK_THROWS_AS(with(fine, {.cycle = call("nobody")}), ModelError);
}
