// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>
#include <libtwin/stats/confidence.hpp>
#include <tests/support/catch.hpp>

// What theory says of lines without giving numbers: the same throughput run backwards, and never less with more places.
namespace {

using namespace twin;

Factory line(const std::vector<double>& means, const std::vector<std::int64_t>& places) {
  Factory f("line");
  f.source("in");
  std::string flow = "in";
  for (std::size_t i = 0; i < means.size(); ++i) {
    const std::string number = std::to_string(i);
    f.machine("m" + number, {.cycle = lognormal(means[i], 0.7)});
    flow += " -> m" + number;
    if (i + 1 == means.size()) break;
    f.buffer("b" + number, {.capacity = places[i]});
    flow += " -> b" + number;
  }
  f.sink("out");
  f.flow(flow + " -> out");
  return f;
}

std::vector<RunResult> replicate(const Compiled& compiled, std::uint64_t seed, std::uint64_t count,
                                 double horizon_s = 5'000) {
  PlantState state(compiled.plant);
  std::vector<RunResult> results;
  for (std::uint64_t k = 0; k < count; ++k) {
    RunInput input;
    input.horizon_s = horizon_s;
    input.seed = seed;
    input.replication = k;
    results.push_back(run(state, input));
  }
  return results;
}

Estimate throughput(const std::vector<RunResult>& results) {
  std::vector<double> rates;
  for (const RunResult& r : results) rates.push_back(r.throughput_per_s());
  return mean_interval(rates);
}

TEST_CASE("a line run backwards has the same throughput") {
  const std::vector<double> means{0.8, 1.1, 1.0, 0.9};
  const std::vector<std::int64_t> places{3, 0, 2};
  const Estimate there = throughput(replicate(compile(line(means, places)), 1, 30, 20'000));
  const Estimate back = throughput(
      replicate(compile(line({means.rbegin(), means.rend()}, {places.rbegin(), places.rend()})), 2, 30, 20'000));
  const double t = student_t_quantile(0.975, 29);
  const double error = std::hypot(there.half_width / t, back.half_width / t);
  CHECK(std::abs(there.mean - back.mean) < 4 * error);
  CHECK(error < 0.002 * there.mean);
}

TEST_CASE("one more place never costs a part, replication for replication, on common random numbers") {
  const std::vector<double> means{1.0, 1.2, 0.9, 1.1};
  for (std::size_t grown = 0; grown < 3; ++grown) {
    std::vector<std::int64_t> places{1, 1, 1};
    std::vector<RunResult> before = replicate(compile(line(means, places)), 3, 20);
    std::uint64_t gained = 0;
    for (int step = 0; step < 6; ++step) {
      ++places[grown];
      const std::vector<RunResult> after = replicate(compile(line(means, places)), 3, 20);
      for (std::size_t k = 0; k < after.size(); ++k) {
        CHECK(after[k].good >= before[k].good);
        gained += after[k].good - before[k].good;
      }
      before = after;
    }
    CHECK(gained > 0);
  }
}

}  // namespace
