// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/compare.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <libtwin/core/check.hpp>
#include <libtwin/core/random.hpp>
#include <libtwin/stats/comparison.hpp>
#include <libtwin/stats/tally.hpp>

namespace twin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Adds a variant's name to what is wrong with it.
template <class Act>
auto named(const Variant& variant, Act&& act) {
  try {
    return act();
  } catch (const ModelError& error) {
    std::vector<Diagnostic> mistakes = error.diagnostics();
    for (Diagnostic& d : mistakes) d.message += " (variant '" + variant.name + "')";
    throw ModelError(std::move(mistakes));
  }
}

/// One experiment's progress as part of all of them.
ExecutionOptions part_of(const ExecutionOptions& all, std::size_t index, std::size_t count) {
  ExecutionOptions one = all;
  if (!all.on_progress) return one;
  one.on_progress = [&all, index, count](const Progress& p) {
    Progress whole = p;
    whole.done = p.total * index + p.done;
    whole.total = p.total * count;
    return all.on_progress(whole);
  };
  return one;
}

VariantResult summarise(const Variant& variant, const RunSummary& run) {
  VariantResult result{.name = variant.name, .engine = run.engine};
  result.n = run.replications - run.failed;
  result.failed = run.failed;
  result.status = run.status;
  result.failed_at = run.failed_at;
  result.horizon_s = run.horizon_s;
  result.warmup_s = run.warmup_s;
  const std::size_t width = run.measures.size();
  for (std::size_t m = 0; m < width; ++m) {
    Tally tally;
    for (std::size_t i = m; i < run.measured.size(); i += width)
      if (!std::isnan(run.measured[i])) tally.add(run.measured[i]);
    result.measures.push_back(mean_interval(tally));
  }
  return result;
}

/// One measure of two variants over the replications in which both have it.
struct Pairs {
  Tally base;
  Tally variant;
  Tally differences;
};

Pairs pairs_of(const RunSummary& base, const RunSummary& variant, std::size_t measure) {
  Pairs pairs;
  for (std::size_t i = measure; i < base.measured.size(); i += base.measures.size()) {
    const double a = base.measured[i];
    const double b = variant.measured[i];
    if (std::isnan(a) || std::isnan(b)) continue;
    pairs.base.add(a);
    pairs.variant.add(b);
    pairs.differences.add(b - a);
  }
  return pairs;
}

/// From Var(b - a) = Var(a) + Var(b) - 2 Cov(a, b).
double correlation_of(const Pairs& pairs) {
  const double product = std::sqrt(pairs.base.variance() * pairs.variant.variance());
  if (!(product > 0)) return kNaN;
  return (pairs.base.variance() + pairs.variant.variance() - pairs.differences.variance()) / (2 * product);
}

Verdict verdict_of(const Tally& differences, double p_value, double level) {
  const bool is_same = differences.count() >= 2 && differences.min() == 0 && differences.max() == 0;
  if (is_same) return Verdict::same;
  if (!(p_value <= 1 - level)) return Verdict::open;
  return differences.mean() > 0 ? Verdict::larger : Verdict::smaller;
}

void add_differences(const std::vector<RunSummary>& runs, Comparison& comparison) {
  const std::size_t width = comparison.measures.size();
  const std::size_t family = (runs.size() - 1) * width;
  const double each = 1 - (1 - comparison.level) / static_cast<double>(family);
  std::vector<Tally> tallies;
  std::vector<double> p_values;
  for (std::size_t v = 1; v < runs.size(); ++v) {
    for (std::size_t m = 0; m < width; ++m) {
      const Pairs pairs = pairs_of(runs[0], runs[v], m);
      Difference d{.variant = static_cast<std::uint32_t>(v), .measure = static_cast<std::uint32_t>(m)};
      d.difference = mean_interval(pairs.differences, each);
      d.share = pairs.base.mean() == 0 ? kNaN : pairs.differences.mean() / std::abs(pairs.base.mean());
      d.correlation = correlation_of(pairs);
      comparison.differences.push_back(d);
      tallies.push_back(pairs.differences);
      p_values.push_back(p_value_of_zero(pairs.differences));
    }
  }
  const std::vector<double> adjusted = holm_adjusted(p_values);
  for (std::size_t i = 0; i < family; ++i) {
    Difference& d = comparison.differences[i];
    d.p_value = adjusted[i];
    d.verdict = verdict_of(tallies[i], d.p_value, comparison.level);
    if (d.verdict == Verdict::open) d.replications_needed = observations_to_tell(tallies[i], each);
  }
}

}  // namespace

Comparison compare(std::span<const Variant> variants, const CompareOptions& options, const ExecutionOptions& execution,
                   const CompileOptions& code) {
  TWIN_CHECK(variants.size() >= 2, "a comparison is of two variants or more");
  TWIN_CHECK(options.level > 0 && options.level < 1, "a confidence level lies between 0 and 1");
  const RunSettings& first = variants[0].factory.run;
  TWIN_CHECK(first.replications >= 2, "a comparison needs two replications or more");
  ReplicationPlan plan{.measures = options.measures};
  if (plan.measures.empty()) plan.measures = {{"throughput", "throughput"}, {"lead_time", "lead_time"}, {"wip", "wip"}};
  Comparison comparison;
  comparison.level = options.level;
  comparison.numbers = options.numbers;
  comparison.seed = first.seed;
  comparison.replications = first.replications;
  // All are compiled before any is run: what is wrong with the last one is known at once.
  std::vector<Compiled> compiled;
  for (const Variant& variant : variants)
    compiled.push_back(named(variant, [&] { return compile(variant.factory, code); }));
  std::vector<RunSummary> runs;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    RunSettings settings = variants[v].factory.run;
    settings.replications = first.replications;
    settings.seed = first.seed;
    if (v > 0 && options.numbers == RandomNumbers::independent)
      settings.seed = detail::mix(first.seed ^ detail::mix(v));
    const ExecutionOptions part = part_of(execution, v, variants.size());
    runs.push_back(named(variants[v], [&] { return replicate(compiled[v], settings, plan, part); }));
    const RunSummary& run = runs.back();
    comparison.variants.push_back(summarise(variants[v], run));
    comparison.failed_runs += static_cast<std::uint64_t>(run.failed);
    comparison.operations += run.operations;
    comparison.cpu_s += run.cpu_s;
    comparison.wall_s += run.wall_s;
    if (std::find(run.statuses.begin(), run.statuses.end(), RunStatus::stopped) != run.statuses.end())
      comparison.is_complete = false;
  }
  comparison.measures = runs[0].measures;
  comparison.dimensions = runs[0].measure_dimensions;
  add_differences(runs, comparison);
  return comparison;
}

}  // namespace twin
