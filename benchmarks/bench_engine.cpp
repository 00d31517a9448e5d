// SPDX-License-Identifier: Apache-2.0
//
// bench_engine [--repetitions N] [WORKLOAD…]    bench_engine --list    bench_engine --once WORKLOAD HORIZON on|off
//
// Time per operation (one machine finishing one part) and per timer (arrivals are timers too), side by side with the
// textbook engine, with statistics off, with a trace, and with every machine written as a coroutine.
// --once makes a single run, for instruction counts: see count_instructions.py.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <fmt/core.h>

#include <benchmarks/measure.hpp>
#include <benchmarks/textbook.hpp>
#include <benchmarks/workloads.hpp>
#include <libtwin/compile/compile.hpp>
#include <libtwin/core/standard_draw.hpp>
#include <libtwin/engine/run.hpp>

namespace {

using twin::bench::measure;
using twin::bench::thread_cpu_s;

struct Workload {
  std::string name;
  twin::Factory factory;
  double horizon_s;
  std::function<std::uint64_t(std::uint64_t seed)> textbook;
};

std::vector<Workload> workloads() {
  return {
      {"mm1", twin::bench::mm1(), 1.0e6, [](std::uint64_t s) { return twin::textbook::run_mm1(3e5, s); }},
      {"line10", twin::bench::line(10, 5), 1.5e5,
       [](std::uint64_t s) { return twin::textbook::run_line(10, 5, 3e4, s); }},
      {"line100", twin::bench::line(100, 5), 2.0e4,
       [](std::uint64_t s) { return twin::textbook::run_line(100, 5, 3e3, s); }},
      {"shop1000", twin::bench::shop(1000, 10), 2.0e3, {}},
  };
}

/// A trace that goes to a buffer in memory and no further.
class DiscardedTrace final : public twin::TraceSink {
  void write(std::span<const twin::TraceRecord> records) override { count_ += records.size(); }
  std::uint64_t count_ = 0;
};

twin::Process machine_process(twin::ProcessContext& self) {
  for (;;) {
    const twin::PartId part = co_await self.get();
    co_await self.work(twin::exponential_draw(self.stream()));
    co_await self.put(part);
  }
}

/// The same factory with every machine a coroutine.
twin::Factory as_processes(twin::Factory factory) {
  for (twin::Station& station : factory.stations) {
    station.kind = twin::StationKind::process;
    station.cycle = twin::constant(0);
    station.behaviour = "machine";
  }
  return factory;
}

struct Cost {
  double per_operation_ns = 0;
  double per_timer_ns = 0;
};

Cost time_runs(const twin::Compiled& compiled, twin::RunInput input, int repetitions) {
  twin::PlantState state(compiled.plant);
  // Operations are counted with statistics on; the same seeds give the same operations without.
  std::uint64_t operations = 0;
  std::uint64_t timers = 0;
  twin::RunInput counted = input;
  counted.trace = nullptr;
  counted.statistics = twin::Statistics::on;
  double best = 1e300;
  Cost cost;
  measure(1, [&](int) { run(state, counted); });
  for (int k = 1; k <= repetitions; ++k) {
    counted.replication = input.replication = static_cast<std::uint64_t>(k);
    const double start = thread_cpu_s();
    run(state, input);
    const double seconds = thread_cpu_s() - start;
    if (input.statistics == twin::Statistics::off || operations == 0) {
      run(state, counted);
      operations = state.result().operations;
      timers = state.result().events;
    } else {
      operations = state.result().operations;
      timers = state.result().events;
    }
    if (seconds / static_cast<double>(operations) < best) {
      best = seconds / static_cast<double>(operations);
      cost = {1e9 * best, 1e9 * seconds / static_cast<double>(timers)};
    }
  }
  return cost;
}

void bench_workload(const Workload& w, int repetitions) {
  const twin::Compiled compiled = twin::compile(w.factory);
  twin::RunInput input;
  input.horizon_s = w.horizon_s;
  const Cost full = time_runs(compiled, input, repetitions);
  twin::RunInput bare = input;
  bare.statistics = twin::Statistics::off;
  const Cost without = time_runs(compiled, bare, repetitions);
  DiscardedTrace trace;
  twin::RunInput traced = input;
  traced.trace = &trace;
  const Cost with_trace = time_runs(compiled, traced, repetitions);
  fmt::print("{:<9} {:>7.1f} ns/operation {:>6.1f} ns/timer   statistics {:+5.1f} %   trace x{:.2f}", w.name,
             full.per_operation_ns, full.per_timer_ns, 100.0 * (full.per_operation_ns / without.per_operation_ns - 1.0),
             with_trace.per_operation_ns / full.per_operation_ns);
  if (w.textbook) {
    twin::CompileOptions code;
    code.behaviours["machine"] = machine_process;
    const Cost coroutine = time_runs(twin::compile(as_processes(w.factory), code), input, repetitions);
    std::uint64_t operations = 0;
    double best = 1e300;
    for (int k = 1; k <= repetitions; ++k) {
      const double start = thread_cpu_s();
      operations = w.textbook(static_cast<std::uint64_t>(k));
      best = std::min(best, (thread_cpu_s() - start) / static_cast<double>(operations));
    }
    fmt::print("   coroutines x{:.2f}   textbook C++ {:>6.1f} ns = x{:.1f}",
               coroutine.per_operation_ns / full.per_operation_ns, 1e9 * best, 1e9 * best / full.per_operation_ns);
  }
  fmt::print("\n");
  std::fflush(stdout);
}

/// Runs of 100 parts, and how much of them is making ready.
void bench_reset(int repetitions) {
  const twin::Compiled compiled = twin::compile(twin::bench::line(10, 5));
  twin::PlantState state(compiled.plant);
  twin::RunInput input;
  constexpr int kRuns = 20000;
  const auto time_horizon = [&](double horizon) {
    input.horizon_s = horizon;
    return measure(repetitions,
                   [&](int r) {
                     for (int k = 0; k < kRuns; ++k) {
                       input.replication = static_cast<std::uint64_t>(r * kRuns + k);
                       run(state, input);
                     }
                   })
               .min_s /
           kRuns;
  };
  // Nothing but the first ten draws happens in a run of one tick.
  fmt::print("reset     {:.2f} us for a 10-machine line (a whole run of one tick)\n", 1e6 * time_horizon(1e-7));
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void bench_threads(int repetitions) {
  const twin::Compiled compiled = twin::compile(twin::bench::line(10, 5));
  const auto work = [&](std::uint64_t first) {
    twin::PlantState state(compiled.plant);
    twin::RunInput input;
    input.horizon_s = 3e4;
    const double start = thread_cpu_s();
    for (std::uint64_t k = 0; k < 4; ++k) {
      input.replication = first + k;
      run(state, input);
    }
    return thread_cpu_s() - start;
  };
  // Ratios of neighbouring measurements, and their median: clouds change the clock of a processor from second to second.
  std::vector<double> to_one;
  std::vector<double> to_processes;
  for (int r = 0; r < 5 * repetitions; ++r) {
    const double alone = work(0);
    double other = 0;
    std::thread thread([&] { other = work(0); });
    const double mine = work(0);
    thread.join();
    const double together = std::max(mine, other);
    // Two processes share nothing but the machine, which may run slower with both cores at work.
    const pid_t child = fork();
    if (child == 0) {
      work(0);
      _exit(0);
    }
    const double apart = work(0);
    waitpid(child, nullptr, 0);
    to_one.push_back(100.0 * alone / together);
    to_processes.push_back(100.0 * apart / together);
  }
  fmt::print("threads   two run at {:.1f} % of the speed of two processes, {:.1f} % of that of one alone\n",
             median(to_processes), median(to_one));
}

}  // namespace

int main(int argc, char** argv) {
  int repetitions = 7;
  std::vector<std::string> chosen;
  for (int k = 1; k < argc; ++k) {
    const std::string word = argv[k];
    if (word == "--list") {
      for (const Workload& w : workloads()) fmt::print("{}\n", w.name);
      fmt::print("reset\nthreads\n");
      return 0;
    }
    if (word == "--repetitions" && k + 1 < argc) {
      repetitions = std::stoi(argv[++k]);
    } else if (word == "--once" && k + 3 < argc) {
      for (const Workload& w : workloads()) {
        const bool as_coroutines = w.name + "_coroutines" == argv[k + 1];
        if (w.name != argv[k + 1] && !as_coroutines) continue;
        twin::CompileOptions code;
        code.behaviours["machine"] = machine_process;
        const twin::Compiled compiled = twin::compile(as_coroutines ? as_processes(w.factory) : w.factory, code);
        twin::PlantState state(compiled.plant);
        twin::RunInput input;
        input.horizon_s = std::stod(argv[k + 2]);
        input.statistics = std::strcmp(argv[k + 3], "on") == 0 ? twin::Statistics::on : twin::Statistics::off;
        const twin::RunResult& result = run(state, input);
        fmt::print("timers {} operations {}\n", result.events, result.operations);
      }
      return 0;
    } else {
      chosen.push_back(word);
    }
  }
  const auto wanted = [&](const std::string& name) {
    return chosen.empty() || std::find(chosen.begin(), chosen.end(), name) != chosen.end();
  };
  for (const Workload& w : workloads()) {
    if (wanted(w.name)) bench_workload(w, repetitions);
  }
  if (wanted("reset")) bench_reset(repetitions);
  if (wanted("threads")) bench_threads(repetitions);
  return 0;
}
