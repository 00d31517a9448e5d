// SPDX-License-Identifier: Apache-2.0
// How often each procedure chooses well among 3,249 flow lines with known throughputs, and what it pays. Prints a table in
// Markdown. Observations are normal; c is the correlation of two designs on common random numbers.
//
// usage: bench_selection [MACRO_REPLICATIONS]
#include <algorithm>
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include <libtwin/experiment/selection.hpp>

#include <tests/support/flow_line_designs.hpp>
#include <tests/support/noisy_designs.hpp>

using namespace twin;

namespace {

twin_test::NoisyDesigns flow_lines(double deviation, double correlation) {
  twin_test::NoisyDesigns designs{.correlation = correlation};
  for (const twin_test::LineDesign& line : twin_test::flow_line_designs()) {
    designs.means.push_back(line.throughput);
    // From half to one and a half times the deviation.
    const auto bits = static_cast<double>(detail::mix(designs.means.size()) >> 32U);
    designs.deviations.push_back(deviation * (0.5 + bits / 4294967296.0));
  }
  return designs;
}

void measure(twin_test::NoisyDesigns designs, const SelectionOptions& options, double delta, double deviation,
             int macros) {
  const double best = *std::max_element(designs.means.begin(), designs.means.end());
  const auto start = std::chrono::steady_clock::now();
  int good = 0;
  int exact = 0;
  double observations = 0;
  double rounds = 0;
  SelectionResult found;
  for (int m = 0; m < macros; ++m) {
    designs.seed = static_cast<std::uint64_t>(m) + 1;
    found = select_best(static_cast<std::uint32_t>(designs.means.size()), options, designs);
    good += designs.means[*found.design] > best - delta ? 1 : 0;
    exact += designs.means[*found.design] == best ? 1 : 0;
    observations += static_cast<double>(found.observations) / macros;
    rounds += static_cast<double>(found.rounds) / macros;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("| {} | {} | {} | {} | {:.3f} | {:.3f} | {:.0f} | {:.0f} | {:.1f} |\n", found.procedure, delta, deviation,
             designs.correlation, static_cast<double>(good) / macros, static_cast<double>(exact) / macros, observations,
             rounds, 1000 * seconds / macros);
}

}  // namespace

int main(int argc, char** argv) {
  const int macros = argc > 1 ? std::max(1, std::atoi(argv[1])) : 200;
  fmt::print("| procedure | delta | deviation | c | within delta | best | observations | rounds | ms |\n");
  fmt::print("|---|---|---|---|---|---|---|---|---|\n");
  for (const double delta : {0.1, 0.01}) {
    const std::vector<SelectionOptions> all{{.procedure = KnProcedure{.delta = delta}},
                                            {.procedure = GspProcedure{.delta = delta}},
                                            {.procedure = OcbaProcedure{.budget = 100000}},
                                            {.procedure = HalvingProcedure{.budget = 100000}}};
    for (const SelectionOptions& options : all)
      for (const double deviation : {0.1, 0.3})
        for (const double correlation : {0.0, 0.8})
          measure(flow_lines(deviation, correlation), options, delta, deviation, macros);
  }
}
