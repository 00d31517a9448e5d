// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <exception>
#include <mutex>
#include <thread>

#include <libtwin/engine/run.hpp>
#include <libtwin/stats/confidence.hpp>
#include <libtwin/stats/tally.hpp>
#include <tests/validation/cases.hpp>

namespace twin::validation {
namespace {

constexpr std::uint64_t kSeed = 20251122;

/// Pilot replications are numbered from here, so that none of them is used twice.
constexpr std::uint64_t kFirstPilot = 1000;

double thread_cpu_s() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Sample {
  std::vector<Tally> tallies;
  bool is_ok = true;
};

Sample replicate(const Case& c, const Model& model, std::uint64_t first, std::uint64_t count, double span_s) {
  PlantState state(model.compiled.plant);
  Sample sample;
  sample.tallies.resize(c.values.size());
  for (std::uint64_t k = 0; k < count; ++k) {
    RunInput input;
    input.seed = kSeed;
    input.replication = first + k;
    input.warmup_s = c.warmup_s;
    input.horizon_s = c.warmup_s + span_s;
    const std::vector<double> seen = model.observe(state, input);
    sample.is_ok = sample.is_ok && state.result().status == RunStatus::ok && seen.size() == c.values.size();
    if (!sample.is_ok) return sample;
    for (std::size_t v = 0; v < seen.size(); ++v) sample.tallies[v].add(seen[v]);
  }
  return sample;
}

/// How long each replication has to be for the half-width that the case is made for: it shrinks with the root of the length.
double span_for(const Case& c, const Model& model) {
  if (c.fixed_span_s > 0) return c.fixed_span_s;
  const double pilot_span = 10 * c.warmup_s;
  const Sample pilot = replicate(c, model, kFirstPilot, kReplications, pilot_span);
  double factor = 0.1;
  for (std::size_t v = 0; v < c.values.size(); ++v) {
    if (!c.values[v].is_primary || !pilot.is_ok) continue;
    const Estimate e = mean_interval(pilot.tallies[v]);
    const double wanted = c.precision * kHalfWidthLimit * std::abs(c.values[v].exact);
    factor = std::max(factor, e.half_width * e.half_width / (wanted * wanted));
  }
  return factor * pilot_span;
}

}  // namespace

double ValueOutcome::distance() const {
  const double difference = std::abs(mean - value.exact);
  if (difference <= 1e-9 * std::max(1.0, std::abs(value.exact))) return 0;
  return difference / standard_error;
}

Outcome run_case(const Case& c) {
  Outcome out;
  out.of = &c;
  const double begin = thread_cpu_s();
  const Model model = c.make();
  out.span_s = span_for(c, model);
  const Sample sample = replicate(c, model, 0, kReplications, out.span_s);
  out.is_ok = sample.is_ok;
  for (std::size_t v = 0; v < c.values.size(); ++v) {
    const Estimate e = mean_interval(sample.tallies[v]);
    ValueOutcome value;
    value.value = c.values[v];
    value.mean = e.mean;
    value.half_width = e.half_width;
    value.standard_error = e.half_width / student_t_quantile(0.975, static_cast<double>(kReplications - 1));
    out.values.push_back(value);
  }
  out.cpu_s = thread_cpu_s() - begin;
  return out;
}

std::vector<Outcome> run_cases(const std::vector<Case>& cases) {
  std::vector<Outcome> outcomes(cases.size());
  std::atomic<std::size_t> next{0};
  std::exception_ptr error;
  std::mutex mutex;
  const auto work = [&] {
    try {
      for (std::size_t k = next++; k < cases.size(); k = next++) outcomes[k] = run_case(cases[k]);
    } catch (...) {
      const std::scoped_lock lock(mutex);
      error = std::current_exception();
    }
  };
  {
    std::jthread other(work);
    work();
  }
  if (error) std::rethrow_exception(error);
  return outcomes;
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> kCases = [] {
    std::vector<Case> cases = anchor_cases();
    for (Case& c : more_cases()) cases.push_back(std::move(c));
    add_loop_cases(cases);
    return cases;
  }();
  return kCases;
}

const std::vector<Outcome>& all_outcomes() {
  static const std::vector<Outcome> kOutcomes = run_cases(all_cases());
  return kOutcomes;
}

Model plain(Compiled compiled, std::function<std::vector<double>(const RunResult&)> read) {
  Model model;
  model.compiled = std::move(compiled);
  model.observe = [read = std::move(read)](PlantState& state, const RunInput& input) {
    return read(run(state, input));
  };
  return model;
}

std::string text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", value);
  return buffer;
}

std::string text(const std::vector<double>& values) {
  if (values.size() == 1) return text(values.front());
  std::string out = "[";
  for (const double v : values) out += (out.size() > 1 ? ", " : "") + text(v);
  return out + "]";
}

}  // namespace twin::validation
