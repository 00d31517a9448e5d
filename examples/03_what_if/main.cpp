// SPDX-License-Identifier: Apache-2.0
//
// What if: every buffer size of a small line, on the same random numbers.
//
// Shows   a study written as text, named parameters, a condition, a ranking with intervals.
// Line    supply ──► m1 ──►[ b2 ]──► m2 ──►[ b3 ]──► m3 ──► shipped
// Expect  three equal machines and ten places: the middle is best, 5 and 5.
#include <cstdio>

#include <libtwin/experiment/study.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace {

constexpr const char* kStudy = R"toml(
format = 1
[factory]
name = "three-machines"
flow = ["supply -> m1 -> b2 -> m2 -> b3 -> m3 -> shipped"]
[run]
horizon = "420 h"
warmup = "20 h"
seed = 1
[parameter]
b2 = { from = 0, to = 10 }
b3 = { from = 0, to = 10 }
[design]
method = "grid"
where = ["b2 + b3 == 10"]
[replicate]
count = 50
[goal]
maximize = "throughput"
[source.supply]
[machine.m1]
cycle = "exponential(1 min)"
[buffer.b2]
capacity = "b2"
[machine.m2]
cycle = "exponential(1 min)"
[buffer.b3]
capacity = "b3"
[machine.m3]
cycle = "exponential(1 min)"
[sink.shipped]
)toml";

}  // namespace

int main() {
  const twin::ReadResult read = twin::read_scenario_text(kStudy, "study");
  if (!read.ok()) {
    std::fputs(twin::render_diagnostics(read.diagnostics, read.text, false).c_str(), stderr);
    return 1;
  }
  const twin::StudyResult study = twin::run_study(read.scenario);
  std::printf("b2 b3  parts/h\n");
  for (const std::uint32_t k : study.ranking) {
    const double* design = &study.design.values[k * study.design.factors.size()];
    const twin::Estimate& throughput = study.rows[k].measures[0];
    std::printf("%2.0f %2.0f  %.2f ± %.2f\n", design[0], design[1], 3600 * throughput.mean,
                3600 * throughput.half_width);
  }
}
