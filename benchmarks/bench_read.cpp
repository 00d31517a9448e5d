// SPDX-License-Identifier: Apache-2.0
//
// bench_read [MACHINES]: reads, checks and compiles a scenario file of many machines.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/core.h>

#include <benchmarks/measure.hpp>
#include <libtwin/compile/analyze.hpp>
#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace {

std::string long_line(int machines) {
  std::string text = "format = 1\n[factory]\nname = \"long\"\nflow = [\n";
  for (int k = 0; k < machines; ++k) {
    const std::string before = k == 0 ? "supply" : fmt::format("b{}", k);
    const std::string after = k + 1 == machines ? "shipped" : fmt::format("b{}", k + 1);
    text += fmt::format("  \"{} -> m{} -> {}\",\n", before, k + 1, after);
  }
  text += "]\n[source.supply]\n[sink.shipped]\n";
  for (int k = 0; k < machines; ++k) {
    text += fmt::format("[machine.m{}]\ncycle = \"lognormal(mean = 40 s, cv = 0.2)\"\n", k + 1);
    if (k > 0) text += fmt::format("[buffer.b{}]\ncapacity = 10\n", k);
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const int machines = argc > 1 ? std::stoi(argv[1]) : 10000;
  const std::string text = long_line(machines);
  twin::ReadResult read;
  const double reading =
      twin::bench::measure(3, [&](int) { read = twin::read_scenario_text(text, "long.toml"); }).min_s;
  if (!read.ok()) {
    fmt::print(stderr, "{}", twin::render_diagnostics(read.diagnostics, read.text, false));
    return 1;
  }
  const double analyzing = twin::bench::measure(3, [&](int) { (void)twin::analyze(read.scenario.factory); }).min_s;
  twin::Compiled compiled;
  const double compiling = twin::bench::measure(3, [&](int) { compiled = twin::compile(read.scenario.factory); }).min_s;
  const double starting = twin::bench::measure(3, [&](int) { twin::PlantState state(compiled.plant); }).min_s;
  fmt::print("read      {} machines, {:.1f} MB: read {:.3f} s, analyze {:.3f} s, compile {:.3f} s, state {:.3f} s\n",
             machines, static_cast<double>(text.size()) / 1e6, reading, analyzing, compiling, starting);
  return 0;
}
