// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/engine/policy.hpp>
#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

RunInput until(double horizon_s) {
  RunInput input;
  input.horizon_s = horizon_s;
  return input;
}

Factory called() {
  Factory f;
  f.machine("m", {.cycle = call("time")});
  f.buffer("q", {.capacity = 2});
  f.machine("n", {.servers = 2, .cycle = call("time")});
  f.sink("a");
  f.sink("b");
  f.flow("supply -> m -> q -> n -> a : call(way)");
  f.flow("n -> b : call(way)");
  return f;
}

double time_of(StationId station, Stream& stream) {
  return (station.index == 0 ? 4.0 : 9.0) * exponential_draw(stream);
}
std::uint32_t way_of(Stream& stream) { return uniform_draw(stream) < 0.25 ? 0 : 1; }

/// One type for both uses: each policy compiles the engine's loops again.
struct Rules {
  bool are_wrong = false;

  double process_time_s(const RunView&, StationId station, const PartView&, Stream& stream) {
    return are_wrong ? -1 : time_of(station, stream);
  }
  std::uint32_t choose_outlet(const RunView&, StationId, const PartView&, Stream& stream) {
    return are_wrong ? 99 : way_of(stream);
  }
};

CompileOptions options() {
  CompileOptions o;
  o.process_times["time"] = {
      [](void*, const RunView&, StationId s, const PartView&, Stream& stream) { return time_of(s, stream); }, nullptr};
  o.routing["way"] = {[](void*, const RunView&, StationId, const PartView&, Stream& stream) { return way_of(stream); },
                      nullptr};
  return o;
}

/// As `run_with`, but compiles only the one loop that such a run takes.
template <class Key, class Policy>
const RunResult& run_one_loop(PlantState& state, const RunInput& input, Policy& policy, detail::WinnerTree<Key>& tree) {
  detail::StateData& data = state.data();
  detail::reset_state(data, input);
  detail::start_processes(data, input);
  detail::run_loop<Key, true, false>(data, input, policy, tree, data.tree.depth());
  detail::collect_result(data, input);
  return state.result();
}

struct Mixed {
  Factory factory;
  CompileOptions options;
};

/// Most things at once.
Mixed mixed() {
  Mixed m;
  Factory& f = m.factory;
  f.crew("fitters");
  FailureMode jam;
  jam.name = "jam";
  jam.every = exponential(60);
  jam.repair = exponential(15);
  jam.crew = "fitters";
  jam.part = FailureEffect::scrap;
  FailureMode wear = jam;
  wear.name = "wear";
  wear.clock = FailureClock::calendar;
  wear.part = FailureEffect::finish_first;
  f.source(
      "in",
      {.arrivals = exponential(9), .batch = poisson(1.5), .mix = {{"A", 1}, {"B", 2}}, .when_full = WhenFull::lose});
  f.buffer("q", {.capacity = 10, .order = QueueOrder::lifo});
  f.machine("a", {.servers = 2,
                  .cycle = exponential(5),
                  .cycle_of = {{"B", constant(8)}},
                  .setup = {{"* -> *", exponential(2)}},
                  .scrap = 0.02,
                  .failures = {jam, wear}});
  f.buffer("b", {.capacity = 3});
  f.machine("c", {.cycle = 6, .blocking = Blocking::before_service, .failures = {wear}});
  f.process("p", "process");
  f.buffer("e", {.capacity = 2});
  f.machine("screws", {.servers = 2, .cycle = 3});
  f.buffer("again");
  f.assembly("j", {.cycle = 4, .takes = {{"screws", 2}}});
  f.machine("r", {.cycle = 1});
  f.flow("in -> q -> a -> b -> c -> p -> e -> j -> r -> shipped : 80 %");
  f.flow("wire -> screws -> j");
  f.flow("r -> again : otherwise");
  f.flow("again -> c");
  m.options.behaviours["process"] = [](ProcessContext& self) -> Process {
    for (;;) {
      const PartId part = co_await self.get();
      co_await self.work(5 * exponential_draw(self.stream()));
      co_await self.put(part);
    }
  };
  return m;
}

}  // namespace

TEST_CASE("a policy gives the bits of the same rules given to compile") {
  const Compiled with_rules = compile(called(), options());
  PlantState a(with_rules.plant);
  const RunResult& expected = run(a, until(5000));
  CHECK(expected.status == RunStatus::ok);
  CHECK(expected.good > 500);

  CompileOptions open;
  open.missing = MissingRule::policy;
  const Compiled without = compile(called(), open);
  PlantState b(without.plant);
  Rules rules;
  check_same(run_with(b, until(5000), rules), expected);
  check_same(run_with(b, until(5000), rules), expected);
}

TEST_CASE("a rule given to compile comes before the policy") {
  Rules never{.are_wrong = true};
  const Compiled c = compile(called(), options());
  PlantState state(c.plant);
  CHECK(run_with(state, until(500), never).status == RunStatus::ok);
}

TEST_CASE("a rule that neither compile nor a policy has is a bad number") {
  CompileOptions open;
  open.missing = MissingRule::policy;
  const Compiled c = compile(called(), open);
  PlantState state(c.plant);
  CHECK(run(state, until(500)).status == RunStatus::bad_number);
  struct OnlyTimes {
    double process_time_s(const RunView&, StationId, const PartView&, Stream&) { return 1; }
  } times;
  const RunResult& r = run_one_loop(state, until(500), times, state.data().tree);
  CHECK(r.status == RunStatus::bad_number);
  CHECK(r.station == 1);
  CHECK(r.last_event_s == 2);
  CHECK_THROWS_AS(compile(called()), ModelError);
}

TEST_CASE("narrow and wide event keys give the same run") {
  const Mixed m = mixed();
  const Compiled c = compile(m.factory, m.options);
  const RunInput input = until(20000);
  PlantState narrow(c.plant);
  const RunResult& expected = run(narrow, input);
  CHECK(expected.status == RunStatus::ok);
  CHECK(expected.good > 300);
  check_books(c, expected);

  PlantState wide(c.plant);
  detail::StateData& data = wide.data();
  data.wide_tree.resize(static_cast<std::uint32_t>(data.leaves.size()));
  NoPolicy policy;
  for (int k = 0; k < 2; ++k) check_same(run_one_loop(wide, input, policy, data.wide_tree), expected);
}

TEST_CASE("a large plant over a long time takes wide keys") {
  Factory f;
  for (int k = 0; k < 1100; ++k) {
    const std::string name = "m" + std::to_string(k);
    f.machine(name, {.cycle = 4e8});
    f.flow("s" + name + " -> " + name + " -> shipped");
  }
  const Compiled c = compile(f);
  PlantState state(c.plant);
  const RunResult& r = run(state, until(kMaxSeconds));
  CHECK_FALSE(detail::fits_narrow_key(static_cast<std::uint64_t>(kMaxTicks), state.data().tree.depth()));
  CHECK(r.good == 1100);
  CHECK(r.events == 1102);
  check_books(c, r);
}
