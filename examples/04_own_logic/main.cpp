// SPDX-License-Identifier: Apache-2.0
//
// Logic of one's own, by the three doors: a rule, a policy that inlines, and a process written as a coroutine.
//
// Shows   CompileOptions, ProcessTimeRule, RoutingRule, run_with, Process.
// Line    supply ──► cut ──►[ b1: 5 ]──► paint ──► shipped         and the same with `cut` as a coroutine
// Expect  all three doors give the same number of parts, to the last one: the draws are the same.
#include <cstdio>

#include <libtwin/compile/compile.hpp>
#include <libtwin/core/standard_draw.hpp>
#include <libtwin/engine/policy.hpp>
#include <libtwin/model/units.hpp>

namespace {

using namespace twin::literals;

// Cutting takes longer while the paint shop is full: the operator slows down.
double cut_time_s(std::uint32_t waiting, twin::Stream& stream) {
  return (waiting >= 4 ? 45.0 : 30.0) + 10.0 * twin::exponential_draw(stream);
}

twin::Factory line() {
  twin::Factory f("own-logic");
  f.machine("cut", {.cycle = twin::call("cut_time")});
  f.buffer("b1", {.capacity = 5});
  f.machine("paint", {.cycle = twin::exponential(42_s)});
  f.flow("supply -> cut -> b1 -> paint -> shipped");
  return f;
}

const twin::RunInput kRun{.horizon_s = 1000_h, .warmup_s = 10_h, .seed = 7};

// First door: a function and a context, asked through a pointer.
std::uint64_t by_rule() {
  twin::CompileOptions code;
  code.process_times["cut_time"] = {
      [](void*, const twin::RunView& run, twin::StationId, const twin::PartView&, twin::Stream& stream) {
        return cut_time_s(run.level(twin::BufferId{0}), stream);
      },
      nullptr};
  const twin::Compiled plant = twin::compile(line(), code);
  twin::PlantState state(plant.plant);
  return twin::run(state, kRun).good;
}

// Second door: a policy, inlined into the engine's loop.
struct CutPolicy {
  double process_time_s(const twin::RunView& run, twin::StationId, const twin::PartView&, twin::Stream& stream) {
    return cut_time_s(run.level(twin::BufferId{0}), stream);
  }
};

std::uint64_t by_policy() {
  twin::CompileOptions code;
  code.missing = twin::MissingRule::policy;
  const twin::Compiled plant = twin::compile(line(), code);
  twin::PlantState state(plant.plant);
  CutPolicy policy;
  return twin::run_with(state, kRun, policy).good;
}

// Third door: the machine as a process. It draws from the stream of a machine of the same name, so the numbers agree.
twin::Process cut(twin::ProcessContext& self) {
  twin::Stream stream(twin::run_key(kRun.seed, kRun.replication),
                      twin::stream_key(twin::name_key("cut"), twin::Purpose::cycle));
  for (;;) {
    const twin::PartId part = co_await self.get();
    co_await self.work(cut_time_s(self.level_out(), stream));
    co_await self.put(part);
  }
}

std::uint64_t by_process() {
  twin::Factory f("own-logic");
  f.process("cut", "cut");
  f.buffer("b1", {.capacity = 5});
  f.machine("paint", {.cycle = twin::exponential(42_s)});
  f.flow("supply -> cut -> b1 -> paint -> shipped");
  twin::CompileOptions code;
  code.behaviours["cut"] = cut;
  const twin::Compiled plant = twin::compile(f, code);
  twin::PlantState state(plant.plant);
  return twin::run(state, kRun).good;
}

}  // namespace

int main() {
  std::printf("rule     %llu parts\n", static_cast<unsigned long long>(by_rule()));
  std::printf("policy   %llu parts\n", static_cast<unsigned long long>(by_policy()));
  std::printf("process  %llu parts\n", static_cast<unsigned long long>(by_process()));
}
