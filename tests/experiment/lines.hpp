// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/scenario/scenario.hpp>

/// Small factories and studies for the tests of experiments.
namespace twin::test {

/// A single server with exponential times; mean work 1 s.
inline Factory single_server(double load) {
  Factory factory("mm1");
  factory.source("jobs", {.arrivals = exponential(1 / load)});
  factory.machine("server", {.cycle = exponential(1)});
  factory.buffer("queue");
  factory.sink("done");
  factory.flow("jobs -> queue -> server -> done");
  return factory;
}

/// The scenario of a text. Throws with all diagnostics when there is a mistake in it.
inline Scenario scenario_of(std::string_view text) {
  ReadResult result = read_scenario_text(text, "test.toml");
  if (!result.ok()) throw std::invalid_argument(render_diagnostics(result.diagnostics, text, false));
  return std::move(result.scenario);
}

/// Two machines, a buffer with `c` places between them; `rest` are further lines, study and all.
inline std::string two_machines(std::string_view rest) {
  return R"TOML(format = 1
[factory]
name = "pair"
flow = ["supply -> m1 -> b -> m2 -> shipped"]
[run]
horizon = "4 h"
warmup = "30 min"
replications = 3
seed = 11
[source.supply]
[machine.m2]
cycle = "exponential(1 min)"
[sink.shipped]
)TOML" + std::string(rest);
}

/// The bits of a row: equal for equal results, NaN included.
inline std::vector<std::uint64_t> bits_of(const StudyRow& row) {
  std::vector<std::uint64_t> bits{static_cast<std::uint64_t>(row.n), static_cast<std::uint64_t>(row.failed),
                                  static_cast<std::uint64_t>(row.status), static_cast<std::uint64_t>(row.is_feasible)};
  for (const Estimate& e : row.measures) {
    bits.insert(bits.end(), {std::bit_cast<std::uint64_t>(e.mean), std::bit_cast<std::uint64_t>(e.half_width),
                             static_cast<std::uint64_t>(e.n)});
  }
  return bits;
}

inline std::vector<std::vector<std::uint64_t>> bits_of(const StudyResult& result) {
  std::vector<std::vector<std::uint64_t>> bits;
  for (const StudyRow& row : result.rows) bits.push_back(bits_of(row));
  return bits;
}

inline std::vector<std::uint64_t> bits_of(const std::vector<double>& numbers) {
  std::vector<std::uint64_t> bits;
  for (const double x : numbers) bits.push_back(std::bit_cast<std::uint64_t>(x));
  return bits;
}

/// The levels of one design.
inline std::vector<double> levels_of(const DesignTable& design, std::size_t scenario) {
  const auto begin = design.values.begin() + static_cast<std::ptrdiff_t>(scenario * design.factors.size());
  return {begin, begin + static_cast<std::ptrdiff_t>(design.factors.size())};
}

inline ExecutionOptions on_threads(unsigned threads) {
  ExecutionOptions options;
  options.threads = threads;
  return options;
}

/// What a `ModelError` says, all lines; empty when there is none.
template <class Act>
std::string mistakes_of(Act&& act) {
  try {
    act();
  } catch (const ModelError& error) {
    std::string text;
    for (const Diagnostic& d : error.diagnostics()) text += d.path + ": " + d.message + " (" + d.hint + ")\n";
    return text;
  }
  return {};
}

/// Levels for `two_machines`: twelve designs.
inline const char* const kTwelveDesigns = R"TOML(
[machine.m1]
cycle = "exponential(1 h / r)"
[buffer.b]
capacity = "c"
[parameter]
r = [50, 60, 80]
c = [1, 3, 9, 20]
)TOML";

/// Threads of this process.
inline std::size_t count_threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

/// Threads of this process once there are at most `expected`, or after two seconds: the kernel lists a thread for a
/// moment after it was joined.
inline std::size_t settled_threads(std::size_t expected) {
  for (int wait = 0; wait < 200 && count_threads() > expected; ++wait) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return count_threads();
}

}  // namespace twin::test
