// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <libtwin/experiment/compare.hpp>
#include <libtwin/stats/tally.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

using namespace twin;
using twin::test::bits_of;
using twin::test::mistakes_of;
using twin::test::on_threads;
using twin::test::single_server;

namespace {

Factory line(std::int64_t places, double second_s = 1, std::int64_t replications = 20, double horizon_s = 5000) {
  Factory f("line");
  f.machine("m1", {.cycle = exponential(1)});
  f.machine("m2", {.cycle = exponential(second_s)});
  f.buffer("b", {.capacity = places});
  f.flow("jobs -> m1 -> b -> m2 -> done");
  f.run = {.horizon_s = horizon_s, .warmup_s = horizon_s / 10, .replications = replications, .seed = 3};
  return f;
}

const Difference& of(const Comparison& c, std::uint32_t variant, std::uint32_t measure) {
  for (const Difference& d : c.differences)
    if (d.variant == variant && d.measure == measure) return d;
  throw std::logic_error("no such difference");
}

std::vector<std::uint64_t> bits_of_all(const Comparison& c) {
  std::vector<double> numbers;
  for (const Difference& d : c.differences)
    numbers.insert(numbers.end(), {d.difference.mean, d.difference.half_width, d.p_value, d.correlation, d.share,
                                   static_cast<double>(d.verdict), static_cast<double>(d.replications_needed)});
  for (const VariantResult& v : c.variants)
    for (const Estimate& e : v.measures) numbers.insert(numbers.end(), {e.mean, e.half_width});
  return bits_of(numbers);
}

}  // namespace

TEST_CASE("differences to the base have a sign, a size and a verdict", "[compare]") {
  const std::vector<Variant> variants{{"one", line(1)}, {"ten", line(10)}, {"again", line(1)}, {"slow", line(1, 1.3)}};
  const Comparison c = compare(variants);
  CHECK(c.measures == std::vector<std::string>{"throughput", "lead_time", "wip"});
  REQUIRE(c.differences.size() == 9);
  // Two exponential machines with b places between them make (b + 2) / (b + 3) of what one alone would.
  CHECK(of(c, 1, 0).verdict == Verdict::larger);
  CHECK(of(c, 1, 0).difference.mean == Approx(12.0 / 13 - 3.0 / 4).epsilon(0.05));
  CHECK(of(c, 1, 0).share == Approx(of(c, 1, 0).difference.mean / c.variants[0].measures[0].mean));
  CHECK(of(c, 3, 0).verdict == Verdict::smaller);
  CHECK(of(c, 3, 0).difference.high() < 0);
  for (std::uint32_t m = 0; m < 3; ++m) {
    CHECK(of(c, 2, m).verdict == Verdict::same);
    CHECK(of(c, 2, m).p_value == 1);
    CHECK(of(c, 2, m).correlation == Approx(1));
    CHECK(of(c, 2, m).replications_needed == 0);
  }
  CHECK(c.failed_runs == 0);
  CHECK(c.is_complete);
}

TEST_CASE("the intervals are paired t intervals that share the error over all differences", "[compare]") {
  const std::vector<Variant> variants{{"a", line(1)}, {"b", line(2)}, {"c", line(3)}};
  const Comparison c =
      compare(variants, {.measures = {{"rate", "throughput"}, {"lead", "p95(lead_time)"}}, .level = 0.9});
  REQUIRE(c.differences.size() == 4);
  const ReplicationPlan plan{.measures = {{"rate", "throughput"}, {"lead", "p95(lead_time)"}}};
  const RunSummary a = replicate(compile(line(1)), line(1).run, plan);
  const RunSummary b = replicate(compile(line(3)), line(3).run, plan);
  std::vector<double> of_a;
  std::vector<double> of_b;
  for (std::size_t r = 0; r < 20; ++r) {
    of_a.push_back(a.measured[2 * r + 1]);
    of_b.push_back(b.measured[2 * r + 1]);
  }
  const Estimate expected = paired_difference(of_b, of_a, 1 - 0.1 / 4);
  CHECK(of(c, 2, 1).difference.mean == Approx(expected.mean));
  CHECK(of(c, 2, 1).difference.half_width == Approx(expected.half_width));
  CHECK(of(c, 2, 1).difference.n == 20);
}

TEST_CASE("a comparison has the same bits on any number of threads and by either engine", "[compare]") {
  const std::vector<Variant> variants{{"a", line(1)}, {"b", line(2)}, {"c", line(1, 1.01)}};
  const Comparison one = compare(variants, {}, on_threads(1));
  for (const unsigned threads : {2U, 7U}) {
    CHECK(bits_of_all(compare(variants, {}, on_threads(threads))) == bits_of_all(one));
    CHECK(bits_of_all(compare(variants, {}, {.engine = EngineChoice::event, .threads = threads})) == bits_of_all(one));
  }
}

TEST_CASE("seed and replications are the base's, and spans each variant's own", "[compare]") {
  Factory other = line(1, 1, 7, 2000);
  other.run.seed = 99;
  const Comparison c = compare(std::vector<Variant>{{"a", line(1)}, {"b", other}});
  CHECK(c.replications == 20);
  CHECK(c.variants[1].n == 20);
  CHECK(c.variants[1].horizon_s == 2000);
  CHECK(c.seed == 3);
}

TEST_CASE("common random numbers make the intervals of differences narrower", "[compare]") {
  const std::vector<Variant> variants{{"a", line(4)}, {"b", line(5)}, {"c", line(4, 1.01)}};
  const Comparison common = compare(variants);
  const Comparison independent = compare(variants, {.numbers = RandomNumbers::independent});
  for (std::uint32_t v = 1; v < 3; ++v) {
    CHECK(of(common, v, 0).correlation > 0.8);
    CHECK(std::abs(of(independent, v, 0).correlation) < 0.7);
    CHECK(of(common, v, 0).difference.half_width < 0.6 * of(independent, v, 0).difference.half_width);
    CHECK(of(common, v, 0).verdict != Verdict::open);
  }
  // The base sees the same numbers either way.
  CHECK(common.variants[0].measures[0].mean == independent.variants[0].measures[0].mean);
}

TEST_CASE("equal variants on independent numbers are called different in at most one family in twenty", "[compare]") {
  // Four equal lines, three measures of each: nine differences a family, none of them real.
  constexpr int kFamilies = 1500;
  int with_false_claim = 0;
  int with_missed_interval = 0;
  for (int family = 0; family < kFamilies; ++family) {
    Factory f = line(2, 1, 10, 300);
    f.run.seed = static_cast<std::uint64_t>(1000 + family);
    const std::vector<Variant> variants{{"a", f}, {"b", f}, {"c", f}, {"d", f}};
    const Comparison c = compare(variants, {.numbers = RandomNumbers::independent}, on_threads(1));
    const auto is_claim = [](const Difference& d) { return d.verdict != Verdict::open; };
    const auto is_missed = [](const Difference& d) { return d.difference.low() > 0 || d.difference.high() < 0; };
    with_false_claim += std::any_of(c.differences.begin(), c.differences.end(), is_claim) ? 1 : 0;
    with_missed_interval += std::any_of(c.differences.begin(), c.differences.end(), is_missed) ? 1 : 0;
  }
  INFO(with_false_claim << " of " << kFamilies << " families with a false claim");
  // 5 % and three standard errors of it, sqrt(0.05 * 0.95 / 1500), above; and not so few that nothing would ever be claimed.
  CHECK(with_false_claim <= 0.067 * kFamilies);
  CHECK(with_false_claim >= 0.01 * kFamilies);
  CHECK(with_missed_interval <= with_false_claim);
}

TEST_CASE("an open difference says how many replications would tell, and they do", "[compare]") {
  const auto variants = [](std::int64_t replications) {
    return std::vector<Variant>{{"a", line(4, 1, replications, 300)}, {"b", line(4, 0.98, replications, 300)}};
  };
  const CompareOptions options{.measures = {{"rate", "throughput"}}, .numbers = RandomNumbers::independent};
  const Comparison few = compare(variants(30), options);
  REQUIRE(few.differences[0].verdict == Verdict::open);
  const std::int64_t needed = few.differences[0].replications_needed;
  REQUIRE(needed > 30);
  // The true difference may be larger or smaller than the one seen; four times as many are safe here.
  CHECK(compare(variants(std::min<std::int64_t>(4 * needed, 4000)), options).differences[0].verdict == Verdict::larger);
}

TEST_CASE("runs that fail take part in no difference", "[compare]") {
  // 3,000 events are enough for the slow line and too few for the fast one.
  const Comparison c =
      compare(std::vector<Variant>{{"slow", line(1, 10)}, {"fast", line(1)}}, {.measures = {{"rate", "throughput"}}},
              {.engine = EngineChoice::event, .event_limit = 3'000});
  CHECK(c.variants[0].n == 20);
  CHECK(c.variants[1].n == 0);
  CHECK(c.variants[1].status == RunStatus::event_limit);
  CHECK(c.failed_runs == 20);
  CHECK(c.differences[0].verdict == Verdict::open);
  CHECK(c.differences[0].difference.n == 0);
  CHECK(std::isnan(c.differences[0].p_value));
}

TEST_CASE("what cannot be compared is refused, with the variant's name", "[compare]") {
  const std::vector<Variant> variants{{"line", line(1)}, {"server", single_server(0.5)}};
  const std::string text = mistakes_of([&] {
    static_cast<void>(compare(variants, {.measures = {{"x", "busy(m1)"}}}));
  });
  CHECK(text.find("'server'") != std::string::npos);
  CHECK(text.find("measure.x") != std::string::npos);
  CHECK_THROWS_AS(compare(std::vector<Variant>{{"line", line(1)}}), std::logic_error);
  CHECK_THROWS_AS(compare(std::vector<Variant>{{"a", line(1, 1, 1)}, {"b", line(1)}}), std::logic_error);
  CHECK_THROWS_AS(compare(variants, {.level = 1}), std::logic_error);
}

TEST_CASE("progress counts the runs of all variants, and may stop them", "[compare]") {
  std::vector<Progress> seen;
  ExecutionOptions options = on_threads(1);
  options.on_progress = [&](const Progress& p) { return seen.push_back(p), true; };
  static_cast<void>(compare(std::vector<Variant>{{"a", line(1)}, {"b", line(2)}}, {}, options));
  REQUIRE_FALSE(seen.empty());
  CHECK(seen.back().done == 40);
  CHECK(seen.back().total == 40);
  options.on_progress = [](const Progress&) { return false; };
  // So many that they are not all made before the first question.
  const std::vector<Variant> many{{"a", line(1, 1, 20'000)}, {"b", line(2, 1, 20'000)}};
  CHECK_FALSE(compare(many, {}, options).is_complete);
}
