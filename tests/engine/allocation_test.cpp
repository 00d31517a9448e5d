// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/core/standard_draw.hpp>
#include <libtwin/engine/run.hpp>
#include <tests/support/catch.hpp>

namespace {

std::size_t allocations = 0;

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(size == 0 ? 1 : size)
                     : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The other forms, of arrays and without exceptions, call these.
void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace twin;

namespace {

/// Allocations of the second of two equal runs.
std::size_t of_second_run(const Factory& factory, const CompileOptions& options = {},
                          std::vector<ValueChange> (*changes)(const Compiled&) = nullptr) {
  const Compiled c = compile(factory, options);
  const std::vector<ValueChange> list = changes == nullptr ? std::vector<ValueChange>{} : changes(c);
  RunInput input;
  input.horizon_s = 5000;
  input.warmup_s = 100;
  input.marks = 10;
  input.changes = list;
  PlantState state(c.plant);
  const std::size_t before = allocations;
  const RunResult& first = run(state, input);
  CHECK(first.status == RunStatus::ok);
  CHECK(first.good > 0);
  CHECK(allocations > before);
  const std::size_t between = allocations;
  run(state, input);
  return allocations - between;
}

FailureMode failure(FailureClock clock, FailureEffect effect) {
  FailureMode m;
  m.name = "jam";
  m.every = exponential(60);
  m.clock = clock;
  m.repair = exponential(10);
  m.crew = "fitters";
  m.part = effect;
  return m;
}

}  // namespace

TEST_CASE("the counter counts") {
  const std::size_t before = allocations;
  const std::vector<int> some(100);
  CHECK(some.size() == 100);
  CHECK(allocations > before);
}

TEST_CASE("the second run of a line allocates nothing") {
  Factory f;
  std::string flow = "in";
  f.source("in", {.arrivals = exponential(6)});
  for (int k = 0; k < 10; ++k) {
    f.machine("m" + std::to_string(k), {.cycle = exponential(5)});
    f.buffer("b" + std::to_string(k), {.capacity = k == 0 ? kUnlimited : 3});
    flow += " -> b" + std::to_string(k) + " -> m" + std::to_string(k);
  }
  f.flow(flow + " -> shipped");
  CHECK(of_second_run(f) == 0);
}

TEST_CASE("the second run of machines that fail allocates nothing") {
  Factory f;
  f.crew("fitters");
  f.machine("a", {.cycle = lognormal(5, 0.4), .failures = {failure(FailureClock::busy, FailureEffect::scrap)}});
  f.buffer("q", {.capacity = 3, .counts = Counting::with_machine});
  f.machine(
      "b",
      {.servers = 3, .cycle = gamma(15, 0.4), .failures = {failure(FailureClock::calendar, FailureEffect::restart)}});
  f.machine("c", {.cycle = 5, .failures = {failure(FailureClock::cycles, FailureEffect::finish_first)}});
  f.flow("supply -> a -> q -> b -> c -> shipped");
  CHECK(of_second_run(f) == 0);
}

TEST_CASE("the second run of assemblies and disassemblies allocates nothing") {
  Factory f;
  for (const std::string name : {"a", "b", "c"}) {
    f.machine(name, {.servers = 4, .cycle = exponential(5)});
  }
  f.assembly("j", {.cycle = exponential(9), .takes = {{"b", 3}, {"c", 2}}});
  f.disassembly("d", {.cycle = 2, .gives = {{"qx", 4}}});
  f.buffer("qx", {.capacity = 2});
  f.machine("x", {.cycle = 2});
  f.machine("y", {.cycle = 2});
  f.flow("sa -> a -> j -> d -> qx -> x -> shipped");
  f.flow("sb -> b -> j");
  f.flow("sc -> c -> j");
  f.flow("d -> y -> shipped");
  CHECK(of_second_run(f) == 0);
}

TEST_CASE("the second run with routes, products, setups and lost parts allocates nothing") {
  Factory f;
  f.source("in",
           {.arrivals = exponential(4), .batch = poisson(1), .mix = {{"A", 1}, {"B", 1}}, .when_full = WhenFull::lose});
  f.buffer("q", {.capacity = 8, .order = QueueOrder::priority});
  f.product("A", {.priority = 2});
  f.machine("m", {.cycle = 3, .setup = {{"A -> B", exponential(2)}}});
  f.machine("a", {.cycle = exponential(9)});
  f.machine("b", {.cycle = exponential(9), .blocking = Blocking::before_service});
  f.machine("last", {.cycle = 2});
  f.sink("good");
  f.sink("bad", {.counts = SinkCounts::scrap});
  f.flow("in -> q -> m -> a : shortest");
  f.flow("m -> b : shortest");
  f.flow("a -> last");
  f.flow("b -> last");
  f.flow("last -> good : 90 %");
  f.flow("last -> bad : otherwise");
  CHECK(of_second_run(f) == 0);
}

TEST_CASE("the second run of processes allocates nothing") {
  Factory f;
  f.source("in", {.arrivals = exponential(7)});
  f.buffer("q");
  f.process("small", "small");
  f.process("large", "large");
  f.buffer("r", {.capacity = 2});
  f.flow("in -> q -> small -> r -> large -> shipped");
  CompileOptions options;
  options.behaviours["small"] = [](ProcessContext& self) -> Process {
    for (;;) co_await self.put(co_await self.get());
  };
  options.behaviours["large"] = [](ProcessContext& self) -> Process {
    std::array<double, 100> last{};
    for (std::size_t k = 0;; ++k) {
      const PartId part = co_await self.get();
      last[k % 100] = exponential_draw(self.stream());
      co_await self.work(5 * last[k % 100]);
      if (k % 10 == 0) {
        self.scrap(part);
        co_await self.put(self.create());
      } else {
        co_await self.put(part);
      }
    }
  };
  CHECK(of_second_run(f, options) == 0);
}

TEST_CASE("the second run with other values allocates nothing") {
  Factory f;
  f.crew("fitters");
  f.machine("a", {.cycle = gamma(5, 0.4), .failures = {failure(FailureClock::busy, FailureEffect::resume)}});
  f.buffer("q", {.capacity = 3});
  f.machine("b", {.cycle = exponential(5), .scrap = 0.1});
  f.sink("x");
  f.sink("y");
  f.flow("supply -> a -> q -> b -> x : 20 %");
  f.flow("b -> y : otherwise");
  const auto changes = [](const Compiled& c) {
    return std::vector<ValueChange>{{c.slot("machine.a.cycle.mean"), 6}, {c.slot("machine.b.cycle.mean"), 4},
                                    {c.slot("buffer.q.capacity"), 7},    {c.slot("crew.fitters.size"), 2},
                                    {c.slot("machine.b.scrap"), 0.2},    {c.slot("flow.b->x.share"), 0.5}};
  };
  CHECK(of_second_run(f, {}, changes) == 0);
}
