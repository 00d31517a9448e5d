// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/engine/run.hpp>
#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

RunInput until(double horizon_s) {
  RunInput input;
  input.horizon_s = horizon_s;
  return input;
}

/// A machine as a process, with times from a list.
Behaviour machine_of(Times& times) {
  return [&times](ProcessContext& self) -> Process {
    for (;;) {
      const PartId part = co_await self.get();
      co_await self.work(Times::next(&times, self.run(), self.station(), {}, self.stream()));
      co_await self.put(part);
    }
  };
}

Process worker(ProcessContext& self) {
  for (;;) {
    const PartId part = co_await self.get();
    co_await self.work(3);
    co_await self.put(part);
  }
}

}  // namespace

TEST_CASE("a line of processes departs as the same line of machines, to the last tick") {
  Stream random(run_key(11, 0), stream_key(name_key("processes"), Purpose::test));
  const auto below = [&](std::uint64_t n) { return static_cast<std::uint32_t>(random() % n); };
  for (int line = 0; line < 60; ++line) {
    const std::uint32_t stations = 2 + below(4);
    Times times;
    const bool has_ties = below(2) == 0;
    for (std::uint32_t k = 0; k < stations; ++k) {
      for (int n = 0; n < 40; ++n) {
        times.of_station[k].push_back(has_ties ? below(4) : static_cast<double>(below(1U << 30)) / kTicksPerSecond);
      }
    }
    std::vector<std::uint32_t> places;
    for (std::uint32_t k = 0; k < stations; ++k) places.push_back(below(3));
    // Which of them are processes: none, all, or some.
    const auto run_line = [&](std::uint32_t mask) {
      Factory f;
      std::string flow = "supply";
      for (std::uint32_t k = 0; k < stations; ++k) {
        const std::string m = "m" + std::to_string(k);
        if ((mask >> k & 1U) != 0) {
          f.process(m, "machine");
        } else {
          f.machine(m, {.cycle = call("times")});
        }
        flow += " -> " + m;
        if (k + 1 < stations && places[k] != 0) {
          f.buffer("b" + std::to_string(k), {.capacity = places[k]});
          flow += " -> b" + std::to_string(k);
        }
      }
      f.flow(flow + " -> shipped");
      times.used.clear();
      CompileOptions options;
      options.process_times["times"] = times.rule();
      options.behaviours["machine"] = machine_of(times);
      return simulate(f, 60, options);
    };
    INFO("line " << line);
    const Outcome machines = run_line(0);
    for (const std::uint32_t mask : {(1U << stations) - 1, below(1U << stations)}) {
      const Outcome processes = run_line(mask);
      for (std::uint32_t k = 0; k < stations; ++k) {
        const std::string m = "m" + std::to_string(k);
        REQUIRE(processes.departures(m) == machines.departures(m));
        REQUIRE(processes.station(m).state_ticks == machines.station(m).state_ticks);
        REQUIRE(processes.station(m).parts == machines.station(m).parts);
      }
      CHECK(processes.result.good == machines.result.good);
      if (machines.result.good != 0) CHECK(processes.result.mean_lead_s == machines.result.mean_lead_s);
      CHECK(processes.result.wip_area_low == machines.result.wip_area_low);
    }
  }
}

TEST_CASE("a process is in the state it says for as long as it says") {
  Factory f;
  f.source("in", {.arrivals = constant(20)});
  f.buffer("q");
  f.process("p", "press");
  f.machine("m", {.cycle = 19});
  f.flow("in -> q -> p -> m -> shipped");
  CompileOptions options;
  options.behaviours["press"] = [](ProcessContext& self) -> Process {
    for (;;) {
      co_await self.idle(1);
      const PartId part = co_await self.get();
      co_await self.wait(2, StationState::setup);
      co_await self.work(3);
      co_await self.down(4);
      co_await self.put(part);
    }
  };
  const Outcome out = simulate(f, 60, options);
  CHECK(out.states("p") ==
        "0 idle, 1 starved, 20 setup, 22 busy, 25 down, 29 idle, 30 starved, 40 setup, 42 busy, 45 down, 49 idle, 50 "
        "starved, 60 setup");
  CHECK(out.station("p").parts == 2);
  CHECK(out.seconds("p", StationState::down) == 8);
  CHECK(out.seconds("p", StationState::idle) == 3);
  CHECK(out.departures("p") == Seconds{29, 49});
}

TEST_CASE("a process that returns is idle for good") {
  Factory f;
  f.process("p", "twice");
  f.flow("supply -> p -> shipped");
  CompileOptions options;
  options.behaviours["twice"] = [](ProcessContext& self) -> Process {
    for (int k = 0; k < 2; ++k) {
      const PartId part = co_await self.get();
      co_await self.work(3);
      co_await self.put(part);
    }
  };
  const Outcome out = simulate(f, 20, options);
  CHECK(out.states("p") == "0 busy, 6 idle");
  CHECK(out.result.good == 2);
  CHECK(out.result.status == RunStatus::ok);
}

TEST_CASE("what a process makes and destroys is in the books") {
  Factory f;
  f.process("maker", "maker");
  f.buffer("q");
  f.process("breaker", "breaker");
  f.flow("maker -> q -> breaker -> shipped");
  CompileOptions options;
  options.behaviours["maker"] = [](ProcessContext& self) -> Process {
    for (;;) {
      co_await self.work(1);
      co_await self.put(self.create());
    }
  };
  options.behaviours["breaker"] = [](ProcessContext& self) -> Process {
    for (int k = 1;; ++k) {
      const PartId part = co_await self.get();
      if (k % 3 == 0) {
        self.scrap(part);
      } else {
        co_await self.put(part);
      }
    }
  };
  RunInput input = until(300);
  const Outcome all = simulate(f, input, options);
  CHECK(all.result.created == 300);
  CHECK(all.result.good == 200);
  CHECK(all.result.scrapped == 100);
  CHECK(all.station("breaker").scrapped == 100);
  CHECK(all.result.final_wip == 0);
  CHECK(all.result.mean_wip == 0);
  input.warmup_s = 150;
  const Outcome half = simulate(f, input, options);
  CHECK(half.result.created == 150);
  CHECK(half.result.scrapped == 50);
}

TEST_CASE("a process chooses among its ways in and out and sees what waits there") {
  Factory f;
  Source list;
  list.arrivals_list = {{1, "", 3}};
  f.source("x", list);
  f.source("y", list);
  f.buffer("qx");
  f.buffer("qy");
  f.process("p", "pick");
  f.buffer("left", {.capacity = 1});
  f.buffer("right", {.capacity = 7});
  f.machine("l", {.cycle = 100});
  f.machine("r", {.cycle = 100});
  f.flow("x -> qx -> p -> left -> l -> shipped");
  f.flow("y -> qy -> p -> right -> r -> shipped");
  std::vector<std::uint32_t> seen;
  CompileOptions options;
  options.behaviours["pick"] = [&seen](ProcessContext& self) -> Process {
    co_await self.idle(5);
    seen = {self.waiting(0), self.waiting(1), self.places_out(0), self.places_out(1)};
    for (int k = 0; k < 3; ++k) co_await self.put(co_await self.get(1), 1);
    seen.push_back(self.level_out(1));
    for (int k = 0; k < 3; ++k) co_await self.put(co_await self.get(0), 0);
  };
  const Outcome out = simulate(f, 50, options);
  CHECK(seen == std::vector<std::uint32_t>{3, 3, 1, 7, 2});
  CHECK(out.states("p") == "0 idle, 5 blocked");
  CHECK(out.buffer("left").final_level == 1);
  CHECK(out.buffer("right").final_level == 2);
  CHECK(out.buffer("qx").final_level == 0);
}

TEST_CASE("a process may hold many parts at once") {
  Factory f;
  f.source("in", {.arrivals = constant(1)});
  f.buffer("q");
  f.process("oven", "oven");
  f.flow("in -> q -> oven -> shipped");
  CompileOptions options;
  options.behaviours["oven"] = [](ProcessContext& self) -> Process {
    for (;;) {
      std::vector<PartId> load;
      for (int k = 0; k < 4; ++k) load.push_back(co_await self.get());
      co_await self.work(2);
      for (const PartId part : load) co_await self.put(part);
    }
  };
  const Outcome out = simulate(f, 20, options);
  CHECK(out.into("shipped") == Seconds{6, 6, 6, 6, 10, 10, 10, 10, 14, 14, 14, 14, 18, 18, 18, 18});
  CHECK(out.station("oven").parts == 4);
}

TEST_CASE("two processes hand parts to each other at one instant") {
  Factory f;
  f.buffer("there", {.capacity = 1});
  f.buffer("back", {.capacity = 1});
  f.process("ping", "ping");
  f.process("pong", "pong");
  f.flow("ping -> there -> pong -> back -> ping");
  CompileOptions options;
  options.behaviours["ping"] = [](ProcessContext& self) -> Process {
    const PartId ball = self.create();
    for (;;) {
      co_await self.work(1);
      co_await self.put(ball);
      const PartId same = co_await self.get();
      CHECK(same == ball);
    }
  };
  options.behaviours["pong"] = [](ProcessContext& self) -> Process {
    for (;;) co_await self.put(co_await self.get());
  };
  const Outcome out = simulate(f, 10.5, options);
  CHECK(out.station("ping").parts == 10);
  CHECK(out.states("ping") == "0 busy");
  CHECK(out.buffer("there").parts == 10);
  CHECK(out.buffer("back").parts == 10);
  CHECK(out.result.mean_wip == 1);
}

TEST_CASE("processes that pass parts round without ever waiting end the run by themselves") {
  const auto endless = [](bool is_pair) {
    Factory f;
    f.buffer("x");
    f.buffer("y");
    f.process("a", "start");
    f.process("b", "pass");
    f.flow(is_pair ? "a -> x -> b -> y -> a" : "a -> x -> b -> x");
    if (!is_pair) f.flow("b -> y -> a");
    CompileOptions options;
    options.behaviours["start"] = [is_pair](ProcessContext& self) -> Process {
      co_await self.idle(1);
      co_await self.put(self.create());
      while (is_pair) co_await self.put(co_await self.get());
    };
    options.behaviours["pass"] = [](ProcessContext& self) -> Process {
      for (;;) co_await self.put(co_await self.get());
    };
    const Compiled c = compile(f, options);
    PlantState state(c.plant);
    const RunResult r = run(state, until(10));
    CHECK(r.status == RunStatus::event_limit);
    CHECK(r.last_event_s == 1);
  };
  endless(true);
  endless(false);
}

TEST_CASE("processes that wait for no time at all end the run by themselves") {
  Factory f;
  f.process("p", "restless");
  f.flow("supply -> p -> shipped");
  CompileOptions options;
  options.behaviours["restless"] = [](ProcessContext& self) -> Process {
    for (;;) co_await self.idle(0);
  };
  const Compiled c = compile(f, options);
  PlantState state(c.plant);
  CHECK(run(state, until(10)).status == RunStatus::event_limit);
}

TEST_CASE("a process that only waits may run as long as it likes") {
  Factory f;
  f.process("p", "clock");
  f.flow("supply -> p -> shipped");
  CompileOptions options;
  options.behaviours["clock"] = [](ProcessContext& self) -> Process {
    for (;;) co_await self.idle(1e-3);
  };
  const Compiled c = compile(f, options);
  PlantState state(c.plant);
  CHECK(run(state, until(5000)).status == RunStatus::ok);
}

TEST_CASE("numbers that cannot be, from a process, end the run and name it") {
  const auto run_with = [](Behaviour behaviour) {
    Factory f;
    f.machine("m", {.cycle = 1});
    f.process("p", "bad");
    f.flow("supply -> m -> p -> shipped");
    CompileOptions options;
    options.behaviours["bad"] = std::move(behaviour);
    const Outcome out = simulate(f, 10, options);
    CHECK(out.result.status == RunStatus::bad_number);
    CHECK(out.result.station == out.compiled.station("p").index);
    return out.result.last_event_s;
  };
  for (const double bad : {std::nan(""), -1.0, static_cast<double>(INFINITY)}) {
    CHECK(run_with([bad](ProcessContext& self) -> Process {
            co_await self.idle(2);
            co_await self.work(bad);
          }) == 2);
  }
  CHECK(run_with([](ProcessContext& self) -> Process { (void)co_await self.get(1); }) == 0);
  CHECK(run_with([](ProcessContext& self) -> Process {
          const PartId part = co_await self.get();
          co_await self.put(part, 1);
        }) == 1);
  CHECK(run_with([](ProcessContext& self) -> Process { co_await self.put(PartId{}); }) == 0);
  CHECK(run_with([](ProcessContext& self) -> Process {
          const PartId part = co_await self.get();
          co_await self.put(part);
          co_await std::suspend_always{};
        }) == 1);
}

TEST_CASE("an exception of a process leaves run, and the state is good for another") {
  struct Fault {
    int at = -1;
    int parts = 0;
  } fault;
  Factory f;
  f.process("p", "faulty");
  f.buffer("q", {.capacity = 1});
  f.process("w", "worker");
  f.flow("supply -> p -> q -> w -> shipped");
  CompileOptions options;
  options.behaviours["worker"] = worker;
  options.behaviours["faulty"] = [&fault](ProcessContext& self) -> Process {
    fault.parts = 0;
    for (;;) {
      const PartId part = co_await self.get();
      if (++fault.parts == fault.at) throw std::runtime_error("jammed for good");
      co_await self.work(exponential_draw(self.stream()));
      co_await self.put(part);
    }
  };
  const Compiled c = compile(f, options);
  PlantState state(c.plant);
  const RunResult good = run(state, until(100));
  for (const int at : {1, 2, 20}) {
    fault.at = at;
    CHECK_THROWS_AS(run(state, until(100)), std::runtime_error);
    fault.at = -1;
    check_same(run(state, until(100)), good);
  }
}

TEST_CASE("an exception while processes are made leaves run too") {
  bool is_broken = true;
  Factory f;
  f.process("w", "worker");
  f.process("p", "maker");
  f.flow("supply -> w -> p -> shipped");
  CompileOptions options;
  options.behaviours["worker"] = worker;
  options.behaviours["maker"] = [&is_broken](ProcessContext& self) -> Process {
    if (is_broken) throw std::runtime_error("no process today");
    return worker(self);
  };
  const Compiled c = compile(f, options);
  PlantState state(c.plant);
  CHECK_THROWS_AS(run(state, until(10)), std::runtime_error);
  is_broken = false;
  CHECK(run(state, until(10)).good == 2);
}

TEST_CASE("a product or a part that does not exist is a mistake of the program") {
  Factory f;
  f.process("p", "maker");
  f.flow("p -> shipped");
  CompileOptions options;
  options.behaviours["maker"] = [](ProcessContext& self) -> Process { co_await self.put(self.create(ProductId{7})); };
  const Compiled c = compile(f, options);
  PlantState state(c.plant);
  CHECK_THROWS_AS(run(state, until(10)), std::logic_error);
}

TEST_CASE("a part can be given away or destroyed once") {
  enum class Mistake { put_twice, scrap_twice, put_scrapped, scrap_given };
  for (const Mistake mistake :
       {Mistake::put_twice, Mistake::scrap_twice, Mistake::put_scrapped, Mistake::scrap_given}) {
    Factory f;
    f.process("p", "careless");
    f.buffer("q");
    f.machine("slow", {.cycle = 100});
    f.flow("supply -> p -> q -> slow -> shipped");
    CompileOptions options;
    options.behaviours["careless"] = [mistake](ProcessContext& self) -> Process {
      const PartId first = co_await self.get();
      const PartId part = co_await self.get();  // the first is put aside, and none of the mistakes concerns it
      const bool is_put = mistake == Mistake::put_twice || mistake == Mistake::scrap_given;
      if (is_put) {
        co_await self.put(part);
      } else {
        self.scrap(part);
      }
      co_await self.work(1);
      if (mistake == Mistake::put_twice || mistake == Mistake::put_scrapped) {
        co_await self.put(part);
      } else {
        self.scrap(part);
      }
      co_await self.put(first);
    };
    const Compiled c = compile(f, options);
    PlantState state(c.plant);
    CHECK_THROWS_AS(run(state, until(10)), std::logic_error);
    // The state is good for another run, which makes the same mistake at the same place.
    CHECK_THROWS_AS(run(state, until(10)), std::logic_error);
  }
}

TEST_CASE("the trace tells of every part that a process makes or destroys") {
  Factory f;
  f.process("maker", "maker");
  f.process("breaker", "breaker");
  f.flow("maker -> breaker");
  CompileOptions options;
  options.behaviours["maker"] = [](ProcessContext& self) -> Process {
    for (;;) {
      co_await self.work(2);
      co_await self.put(self.create());
    }
  };
  options.behaviours["breaker"] = [](ProcessContext& self) -> Process {
    for (;;) {
      const PartId part = co_await self.get();
      co_await self.work(1);
      self.scrap(part);
    }
  };
  const Outcome out = simulate(f, 8.5, options);
  CHECK(out.times(TraceKind::create, "maker") == Seconds{2, 4, 6, 8});
  CHECK(out.times(TraceKind::scrap, "breaker") == Seconds{3, 5, 7});
}

TEST_CASE("what lives in a process is destroyed with it") {
  const auto token = std::make_shared<int>(1);
  Factory f;
  f.process("p", "holder");
  f.process("done", "short");
  f.flow("supply -> p -> shipped");
  f.flow("more -> done -> shipped");
  CompileOptions options;
  options.behaviours["holder"] = [token](ProcessContext& self) -> Process {
    const std::shared_ptr<int> mine = token;
    for (;;) {
      const PartId part = co_await self.get();
      co_await self.work(1000);
      co_await self.put(part);
    }
  };
  options.behaviours["short"] = [token](ProcessContext& self) -> Process {
    const std::shared_ptr<int> mine = token;
    co_await self.idle(1);
  };
  {
    const Compiled c = compile(f, options);
    const long before = token.use_count();
    {
      PlantState state(c.plant);
      for (int k = 0; k < 3; ++k) {
        run(state, until(10));
        CHECK(token.use_count() <= before + 2);
        CHECK(token.use_count() >= before + 1);
      }
      PlantState moved = std::move(state);
      CHECK(run(moved, until(10)).status == RunStatus::ok);
    }
    CHECK(token.use_count() == before);
  }
}

TEST_CASE("a machine that reserves starts when a process waits for its part") {
  Factory f;
  f.machine("a", {.cycle = 3, .blocking = Blocking::before_service});
  f.process("p", "slow");
  f.flow("supply -> a -> p -> shipped");
  CompileOptions options;
  options.behaviours["slow"] = [](ProcessContext& self) -> Process {
    for (;;) {
      const PartId part = co_await self.get();
      co_await self.work(10);
      co_await self.put(part);
    }
  };
  const Outcome out = simulate(f, 28, options);
  CHECK(out.states("a") == "0 busy, 3 blocked, 13 busy, 16 blocked, 26 busy");
}

TEST_CASE("a process feeds an assembly and is freed when it takes") {
  Factory f;
  f.process("p", "worker");
  f.machine("m", {.cycle = 5});
  f.assembly("j", {.cycle = 1});
  f.flow("sp -> p -> j -> shipped");
  f.flow("sm -> m -> j");
  CompileOptions options;
  options.behaviours["worker"] = worker;
  const Outcome out = simulate(f, 16, options);
  CHECK(out.departures("p") == Seconds{5, 10, 15});
  CHECK(out.states("p") == "0 busy, 3 blocked, 5 busy, 8 blocked, 10 busy, 13 blocked, 15 busy");
}
