// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

/// Makes factories of everything at once, in whole seconds so that ties are common.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(run_key(seed, 0), stream_key(name_key("stress"), Purpose::test)) {}

  Factory make() {
    Factory f;
    f.crew("fitters", {.size = 1 + below(2)});
    f.product("A", {.priority = 1});
    f.product("B", {.priority = 2});
    std::string at = source(f);
    const std::int64_t stages = 2 + below(4);
    for (std::int64_t k = 0; k < stages; ++k) at = stage(f, at);
    arrow(f, at, "shipped", "");
    return f;
  }

  std::int64_t below(std::uint64_t n) { return static_cast<std::int64_t>(random_() % n); }

 private:
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::string name(const char* kind) { return kind + std::to_string(number_++); }

  static void arrow(Factory& f, const std::string& from, const std::string& to, const std::string& condition) {
    f.flow(from + " -> " + to + (condition.empty() ? "" : " : " + condition));
  }

  std::string source(Factory& f) {
    Source s{.mix = {{"A", 1}, {"B", 1}}};
    if (!one_in(3)) s.arrivals = constant(static_cast<double>(1 + below(6)));
    if (s.arrivals && one_in(3)) s.batch = constant(static_cast<double>(1 + below(3)));
    if (one_in(2)) s.when_full = WhenFull::lose;
    return f.source(name("s"), s).name;
  }

  Station station() {
    Station m{.cycle = static_cast<double>(below(6))};
    if (m.cycle == constant(0) && one_in(2)) m.cycle = 3;
    if (one_in(4)) m.servers = 1 + below(3);
    if (one_in(4)) m.scrap = 0.1;
    if (one_in(4)) m.setup = {{"* -> *", constant(static_cast<double>(below(4)))}};
    while (one_in(3)) {
      FailureMode mode;
      mode.name = "f" + std::to_string(m.failures.size());
      mode.clock = static_cast<FailureClock>(below(3));
      mode.part = static_cast<FailureEffect>(below(4));
      mode.every = static_cast<double>(5 + below(20));
      mode.repair = static_cast<double>(below(12));
      if (one_in(2)) mode.crew = "fitters";
      m.failures.push_back(mode);
    }
    return m;
  }

  std::string machine(Factory& f) {
    Station m = station();
    if (one_in(4)) m.blocking = Blocking::before_service;
    if (one_in(6)) return f.process(name("p"), "worker").name;
    return f.machine(name("m"), m).name;
  }

  std::string buffer(Factory& f) {
    return f
        .buffer(name("b"), {.capacity = one_in(4) ? kUnlimited : below(4), .order = static_cast<QueueOrder>(below(3))})
        .name;
  }

  /// Adds a stage after `at` and returns what it ends with.
  std::string stage(Factory& f, std::string at) {
    const bool is_from_supply = at[0] == 's' && !f.sources[0].arrivals;
    if (at[0] != 'b' && !is_from_supply && one_in(2)) {
      const std::string b = buffer(f);
      arrow(f, at, b, "");
      at = b;
    }
    switch (below(5)) {
      case 0: {  // side by side
        if (at[0] == 'b' || at[0] == 'p' || at[0] == 's') {
          const std::string m = f.machine(name("m"), station()).name;
          arrow(f, at, m, "");
          at = m;
        }
        const std::string condition[] = {"50 %", "shortest", "round_robin", "priority"};
        const std::string how = condition[below(4)];
        const std::string x = machine(f);
        const std::string y = machine(f);
        const std::string b = buffer(f);
        arrow(f, at, x, how);
        arrow(f, at, y, how);
        arrow(f, x, b, "");
        arrow(f, y, b, "");
        return b;
      }
      case 1: {  // an assembly with a feeder
        const std::string feeder = machine(f);
        f.source("w" + feeder);
        arrow(f, "w" + feeder, feeder, "");
        std::string from = feeder;
        if (one_in(2)) {
          from = buffer(f);
          arrow(f, feeder, from, "");
        }
        Station j = station();
        if (from != feeder) j.takes = {{from, 1 + below(2)}};
        const std::string name_of_j = f.assembly(name("j"), j).name;
        arrow(f, at, name_of_j, "");
        arrow(f, from, name_of_j, "");
        return name_of_j;
      }
      case 2: {  // two machines at one buffer, one of them with a way in of its own
        if (at[0] != 'b') break;
        const std::string x = machine(f);
        const std::string y = f.machine(name("m"), station()).name;
        const std::string more = machine(f);
        const std::string b = buffer(f);
        f.source("w" + more);
        arrow(f, at, x, "");
        arrow(f, "w" + more, more, "");
        arrow(f, more, y, "");
        arrow(f, at, y, "");
        arrow(f, x, b, "");
        arrow(f, y, b, "");
        return b;
      }
      case 3: {  // taken apart
        const std::string d = f.disassembly(name("d"), station()).name;
        const std::string b = buffer(f);
        arrow(f, at, d, "");
        arrow(f, d, b, "");
        arrow(f, d, "rest", "");
        return b;
      }
      default:
        break;
    }
    const std::string m = machine(f);
    arrow(f, at, m, "");
    return m;
  }

  Stream random_;
  int number_ = 0;
};

Process worker(ProcessContext& self) {
  for (;;) {
    const PartId part = co_await self.get();
    co_await self.work(2);
    co_await self.put(part);
  }
}

/// Follows a trace and complains of what no factory does.
class Witness {
 public:
  explicit Witness(const Outcome& out) : out_(out), plant_(out.compiled.plant) {
    states_.resize(plant_.leaves.size(), StationState::starved);
    levels_.resize(plant_.stores.size(), 0);
    reserved_.resize(plant_.stores.size(), false);
    for (const PlantStation& s : plant_.stations) {
      for (std::uint32_t o = 0; s.starts_only_with_room && o < s.outlet_count; ++o) {
        reserved_[plant_.outlets[s.first_outlet + o].store] = true;
      }
    }
  }

  /// The first complaint, or nothing.
  std::string watch() {
    std::int64_t now = 0;
    for (const TraceRecord& r : out_.records) {
      if (r.ticks() != now) look_around(now);
      if (r.ticks() < now) complain("the clock goes back", now);
      now = r.ticks();
      follow(r, now);
    }
    return complaint_;
  }

 private:
  void complain(const std::string& what, std::int64_t now) {
    if (complaint_.empty()) complaint_ = what + " at " + std::to_string(static_cast<double>(now) / kTicksPerSecond);
  }

  void follow(const TraceRecord& r, std::int64_t now) {
    if (r.kind() == TraceKind::state) states_[r.element] = static_cast<StationState>(r.value);
    if (r.kind() == TraceKind::enter) {
      if (++levels_[r.element] > plant_.stores[r.element].capacity) complain("too many parts in a buffer", now);
    }
    if (r.kind() == TraceKind::leave && levels_[r.element]-- == 0) complain("a part leaves an empty buffer", now);
    const bool is_born = r.kind() == TraceKind::create || r.kind() == TraceKind::supply;
    const bool dies = r.kind() == TraceKind::sink || r.kind() == TraceKind::scrap || r.kind() == TraceKind::consume;
    if (r.kind() == TraceKind::state || r.kind() == TraceKind::lose) return;
    if (is_alive_[r.value] == is_born) complain("a part is made twice or used after its end", now);
    if (is_born || dies) is_alive_[r.value] = is_born;
  }

  /// Between two instants nobody is starved or blocked without a reason.
  void look_around(std::int64_t now) {
    for (std::uint32_t i = 0; i < plant_.leaves.size(); ++i) {
      if (plant_.leaves[i].kind != LeafKind::server) continue;
      const PlantStation& s = plant_.stations[plant_.leaves[i].station];
      if (states_[i] == StationState::starved && s.kind != PlantStationKind::process) {
        bool has_all = true;
        bool has_one = false;
        for (std::uint32_t k = 0; k < s.input_count; ++k) {
          const PlantInput& input = plant_.inputs[s.first_input + k];
          has_all = has_all && levels_[input.store] >= input.count;
          has_one = has_one || levels_[input.store] > 0 || plant_.stores[input.store].kind == StoreKind::supply;
        }
        if (s.kind == PlantStationKind::assembly ? has_all : has_one)
          complain("a machine starves beside its parts", now);
      }
      const PlantStore& after = plant_.stores[plant_.outlets[s.first_outlet].store];
      if (states_[i] == StationState::blocked && s.outlet_count == 1) {
        const std::uint32_t to = plant_.outlets[s.first_outlet].store;
        if (after.kind == StoreKind::sink) complain("a machine is blocked by a sink", now);
        if (!reserved_[to] && levels_[to] < after.capacity) complain("a machine is blocked beside free places", now);
        for (std::uint32_t c = 0; !reserved_[to] && c < after.consumer_count; ++c) {
          const PlantStation& consumer = plant_.stations[plant_.consumers[after.first_consumer + c]];
          for (std::uint32_t n = 0; n < consumer.servers; ++n) {
            const bool is_idle = states_[consumer.first_leaf + n] == StationState::starved;
            if (is_idle && consumer.kind == PlantStationKind::machine)
              complain("a machine is blocked beside an idle one", now);
          }
        }
      }
    }
  }

  const Outcome& out_;
  const Plant& plant_;
  std::vector<StationState> states_;
  std::vector<std::uint32_t> levels_;
  std::vector<bool> reserved_;
  std::map<std::uint32_t, bool> is_alive_;
  std::string complaint_;
};

std::string text_of(const Factory& f) {
  std::string text;
  for (const Arrow& a : f.arrows) text += a.from + " -> " + a.to + "; ";
  return text;
}

}  // namespace

TEST_CASE("factories made at random keep the laws of factories") {
  CompileOptions options;
  options.behaviours["worker"] = worker;
  int ran = 0;
  int ended_well = 0;
  std::uint64_t good = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const Factory f = Maker(seed).make();
    if (has_errors(validate(f))) continue;
    INFO("seed " << seed << ": " << text_of(f));
    RunInput input;
    input.horizon_s = 400;
    input.warmup_s = static_cast<double>(seed % 3) * 50;
    input.event_limit = 20000;
    const Outcome out = simulate(f, input, options);
    ++ran;
    ended_well += out.result.status == RunStatus::ok ? 1 : 0;
    good += out.result.good;
    CHECK(out.result.status != RunStatus::bad_number);
    CHECK(Witness(out).watch().empty());

    PlantState state(out.compiled.plant);
    check_same(run(state, input), out.result);
    check_same(run(state, input), out.result);
  }
  CHECK(ran > 300);
  CHECK(ended_well > 200);
  CHECK(good > 10000);
}
