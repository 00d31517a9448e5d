// SPDX-License-Identifier: Apache-2.0
// How often a study chooses well among designs with known throughputs when it simulates them, and what it pays. Prints a table in
// Markdown. The study is that of three machines with 20 units of speed and 20 places; each macro-replication has a seed of
// its own.
//
// usage: bench_study_selection scenarios/tpmax20_select.toml [MACRO_REPLICATIONS [THREADS [CASE]]]
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <libtwin/experiment/study.hpp>

#include <tests/support/flow_line_designs.hpp>

using namespace twin;

namespace {

std::vector<double> exact_throughputs(const DesignTable& design) {
  std::vector<double> exact;
  for (std::size_t s = 0; s < design.size(); ++s) {
    const double* const v = &design.values[s * design.factors.size()];
    const auto at = [&](std::size_t i) { return static_cast<int>(v[i]); };
    exact.push_back(twin_test::line_throughput({{at(0), at(1), at(2)}, {at(3), at(4)}}));
  }
  return exact;
}

struct Case {
  Selection select;
  std::int64_t first;
  double horizon_h;
};

void measure(Scenario scenario, const Case& what, const std::vector<double>& exact, int macros, unsigned threads) {
  scenario.study->select = what.select;
  scenario.study->refine.clear();
  scenario.study->replications = what.first;
  scenario.study->common_random_numbers = !wants_independence(what.select.method);
  scenario.factory.run.horizon_s = 3600 * what.horizon_h;
  const double delta = what.select.delta ? 3600 * what.select.delta->value : 0.01;
  const double best = *std::max_element(exact.begin(), exact.end());
  int good = 0;
  int first = 0;
  double worst = 0;
  double runs = 0;
  double most_rounds = 0;
  double cpu_s = 0;
  StudyResult found;
  ExecutionOptions options;
  options.threads = threads;
  for (int m = 1; m <= macros; ++m) {
    scenario.factory.run.seed = static_cast<std::uint64_t>(m);
    found = run_study(scenario, {}, options);
    const double away = best - exact[*found.selection->design];
    good += away < delta ? 1 : 0;
    first += away < 1e-9 ? 1 : 0;  // or its mirror image
    worst = std::max(worst, away);
    runs += static_cast<double>(found.runs) / macros;
    most_rounds = std::max<double>(most_rounds, found.selection->rounds);
    cpu_s += found.cpu_s / macros;
  }
  fmt::print("| {} | {} | {} | {} | {:.3f} | {:.3f} | {:.4f} | {:.0f} | {:.0f} | {:.3f} |\n",
             found.selection->procedure, what.select.delta ? fmt::format("{:g}", delta) : "–", what.first,
             what.horizon_h - 200, static_cast<double>(good) / macros, static_cast<double>(first) / macros, worst, runs,
             most_rounds, cpu_s);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return fmt::print("usage: bench_study_selection SCENARIO [MACRO_REPLICATIONS [THREADS [CASE]]]\n"), 2;
  ReadResult read = read_scenario_file(argv[1]);
  if (!read.ok() || !read.scenario.study) return fmt::print("{}", render_diagnostics(read, false)), 2;
  const int macros = argc > 2 ? std::max(1, std::atoi(argv[2])) : 200;
  const auto threads = static_cast<unsigned>(argc > 3 ? std::max(1, std::atoi(argv[3])) : 1);
  const std::vector<double> exact = exact_throughputs(make_design(read.scenario));
  fmt::print(
      "| procedure | delta /h | first | measured h | within delta | best | worst miss /h | runs | rounds, most | CPU s "
      "|\n");
  fmt::print("|---|---|---|---|---|---|---|---|---|---|\n");
  using enum SelectionMethod;
  const auto delta = [](double per_h) { return Amount{per_h / 3600, Dimension::rate}; };
  const std::vector<Case> cases{
      {{.method = kn, .delta = delta(0.1)}, 20, 1200},  {{.method = kn, .delta = delta(0.01)}, 20, 1200},
      {{.method = gsp, .delta = delta(0.1)}, 50, 1200}, {{.method = gsp, .delta = delta(0.01)}, 50, 1200},
      {{.method = ocba, .budget = 60000}, 10, 1200},    {{.method = halving, .budget = 60000}, 10, 1200},
      {{.method = kn, .delta = delta(0.1)}, 20, 400},   {{.method = gsp, .delta = delta(0.1)}, 50, 400},
  };
  const auto only = static_cast<std::size_t>(argc > 4 ? std::max(0, std::atoi(argv[4])) : 0);  // counted from 1
  for (std::size_t k = 0; k < cases.size(); ++k) {
    if (only == 0 || only == k + 1) measure(read.scenario, cases[k], exact, macros, threads);
  }
}
