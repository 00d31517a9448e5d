// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/stats/comparison.hpp>

using namespace twin;

namespace {

constexpr std::uint32_t kDesigns = 5;
constexpr std::uint32_t kReplications = 10;
const std::vector<double> kMeans{1.0, 0.0, 0.8, 1.1, 0.2};

/// Design i: mean + Z[r] + (i + 1) / 2 E[i, r]: common random numbers, and spreads that differ.
std::vector<double> observations(Stream& stream) {
  std::vector<double> shared(kReplications);
  for (double& z : shared) z = normal_draw(stream);
  std::vector<double> values;
  for (std::uint32_t i = 0; i < kDesigns; ++i)
    for (const double z : shared) values.push_back(kMeans[i] + z + 0.5 * (i + 1) * normal_draw(stream));
  return values;
}

double true_lead(std::uint32_t design) {
  double rival = -1e9;
  for (std::uint32_t j = 0; j < kDesigns; ++j)
    if (j != design) rival = std::max(rival, kMeans[j]);
  return kMeans[design] - rival;
}

bool holds(const Estimate& e, double truth) { return e.low() <= truth && truth <= e.high(); }

}  // namespace

TEST_CASE("comparisons with a reference are paired t intervals that share the error") {
  const std::vector<double> values{1, 2, 4, 1.5, 2.25, 4.5, 0, 2, 3};
  const auto found = compare_with_reference(values, 3, 1, 0.9);
  REQUIRE(found.size() == 2);
  CHECK(found[0].design == 0);
  CHECK(found[1].design == 2);
  CHECK(found[1].reference == 1);
  CHECK(found[0].difference.mean == Approx(-1.25 / 3));
  // Two intervals: 95 % each, t(0.975, 2) = 4.302653. Differences -0.5, -0.25, -0.5: deviation 0.1443376.
  CHECK(found[0].difference.half_width == Approx(4.302652729749462 * 0.14433756729740643 / std::sqrt(3.0)));
  CHECK(found[0].differs());
  CHECK_FALSE(found[1].differs());
  const auto pairs = compare_all_pairs(values, 3, 0.9);
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[1].design == 2);
  CHECK(pairs[1].reference == 0);
  CHECK(compare_all_pairs(values, 3, 0.85)[0].difference.half_width == Approx(found[0].difference.half_width));
}

TEST_CASE("all intervals hold at once as often as they say, on common random numbers") {
  Stream stream(run_key(5, 0), 1);
  const int macros = 2000;
  int reference = 0;
  int pairs = 0;
  int best = 0;
  int best_is_in = 0;
  for (int m = 0; m < macros; ++m) {
    const std::vector<double> values = observations(stream);
    const auto is_right = [](const PairedComparison& c) {
      return holds(c.difference, kMeans[c.design] - kMeans[c.reference]);
    };
    const auto against_first = compare_with_reference(values, kDesigns, 0);
    const auto all = compare_all_pairs(values, kDesigns);
    reference += std::all_of(against_first.begin(), against_first.end(), is_right) ? 1 : 0;
    pairs += std::all_of(all.begin(), all.end(), is_right) ? 1 : 0;
    const auto leads = compare_with_best(values, kDesigns);
    bool is_all = true;
    for (std::uint32_t i = 0; i < kDesigns; ++i)
      is_all = is_all && leads[i].lead.low <= true_lead(i) && true_lead(i) <= leads[i].lead.high;
    best += is_all ? 1 : 0;
    best_is_in += leads[3].may_be_best ? 1 : 0;
  }
  // 0.95 - 3 sqrt(0.95 * 0.05 / 2000) = 0.935; above it Bonferroni gives away little with five designs.
  for (const int count : {reference, pairs, best, best_is_in}) CHECK(count >= 0.935 * macros);
  for (const int count : {reference, pairs}) CHECK(count <= 0.985 * macros);
}

TEST_CASE("a clear best is alone among those that may be the best, and its lead is bounded by 0 from below") {
  const std::vector<double> values{1, 2, 3, 11, 12.5, 13, 5, 6, 7.5};
  const auto larger = compare_with_best(values, 3);
  CHECK_FALSE(larger[0].may_be_best);
  CHECK(larger[1].may_be_best);
  CHECK_FALSE(larger[2].may_be_best);
  CHECK(larger[1].lead.low == 0);
  CHECK(larger[1].lead.high > 5.8);
  CHECK(larger[0].lead.high == 0);
  CHECK(larger[0].lead.low < -10);
  const auto smaller = compare_with_best(values, 3, Better::smaller);
  CHECK(smaller[0].may_be_best);
  CHECK_FALSE(smaller[1].may_be_best);
  CHECK(smaller[0].lead.low == 0);
  CHECK(smaller[0].lead.high > 4);
}

TEST_CASE("equal designs may all be the best") {
  const auto found = compare_with_best(std::vector<double>{1, 2, 3, 1, 2, 3}, 2);
  for (const BestComparison& one : found) {
    CHECK(one.may_be_best);
    CHECK(one.lead.low == 0);
    CHECK(one.lead.high == 0);
  }
}

TEST_CASE("a subset is screened by the rule of its authors") {
  // k = 3, level 0.9, n = 4: t at sqrt(0.9) with 3 degrees of freedom.
  const double t = student_t_quantile(std::sqrt(0.9), 3);
  std::vector<Tally> tallies(3);
  const std::vector<double> centres{0, 3, 3};
  for (std::size_t i = 0; i < 3; ++i)
    for (const double x : {-1.0, -1.0, 1.0, 1.0}) tallies[i].add(centres[i] + x);
  const double w = t * std::sqrt(2 * (4.0 / 3) / 4);
  REQUIRE(w < 3);
  CHECK(subset_with_best(tallies, Better::larger, 0.9) == std::vector<std::uint32_t>{1, 2});
  CHECK(subset_with_best(tallies, Better::smaller, 0.9) == std::vector<std::uint32_t>{0});
  // A little less of a lead than W keeps it, and an indifference zone puts it out again.
  tallies[0] = {};
  for (const double x : {-1.0, -1.0, 1.0, 1.0}) tallies[0].add(3 - 0.99 * w + x);
  CHECK(subset_with_best(tallies, Better::larger, 0.9).size() == 3);
  CHECK(subset_with_best(tallies, Better::larger, 0.9, 0.02 * w).size() == 2);
}

TEST_CASE("a subset holds the best as often as it says") {
  Stream stream(run_key(6, 0), 1);
  int held = 0;
  std::size_t size = 0;
  for (int m = 0; m < 2000; ++m) {
    std::vector<Tally> tallies(10);
    for (std::size_t i = 0; i < 10; ++i)
      for (int r = 0; r < 10; ++r)
        tallies[i].add((i == 9 ? 0.0 : -0.001) + (1 + 0.2 * static_cast<double>(i)) * normal_draw(stream));
    const auto subset = subset_with_best(tallies);
    held += subset.back() == 9 ? 1 : 0;
    size += subset.size();
  }
  CHECK(held >= 0.935 * 2000);
  CHECK(size < 10 * 2000);
}

TEST_CASE("designs without a spread are compared by their means, and unknown ones stay") {
  std::vector<Tally> tallies(3);
  for (int r = 0; r < 3; ++r) {
    tallies[0].add(1);
    tallies[1].add(2);
  }
  tallies[2].add(-5);
  CHECK(subset_with_best(tallies) == std::vector<std::uint32_t>{1, 2});
  CHECK(subset_with_best(std::vector<Tally>(1)) == std::vector<std::uint32_t>{0});
}

TEST_CASE("comparisons refuse what cannot be compared") {
  const std::vector<double> values{1, 2, 3, 4};
  CHECK_THROWS_AS(compare_all_pairs(values, 1), std::logic_error);
  CHECK_THROWS_AS(compare_all_pairs(values, 3), std::logic_error);
  CHECK_THROWS_AS(compare_all_pairs(values, 4), std::logic_error);
  CHECK_THROWS_AS(compare_with_reference(values, 2, 2), std::logic_error);
  CHECK_THROWS_AS(compare_with_best(values, 2, Better::larger, 1.0), std::logic_error);
  CHECK_THROWS_AS(subset_with_best(std::vector<Tally>{}), std::logic_error);
  CHECK_THROWS_AS(subset_with_best(std::vector<Tally>(2), Better::larger, 0.95, -1), std::logic_error);
}

TEST_CASE("a p-value is that of Student's t, and of a constant it is 0 or 1") {
  Tally tally;
  for (const double x : {1.0, 2.0, 3.0, 4.0}) tally.add(x);
  // t = 2.5 / sqrt(5/3 / 4) = 3.872983; for 3 degrees of freedom the law has a closed form.
  const double t = 2.5 / std::sqrt(5.0 / 12);
  const double theta = std::atan(t / std::sqrt(3.0));
  CHECK(p_value_of_zero(tally) == Approx(1 - 2 / M_PI * (theta + std::sin(theta) * std::cos(theta))));
  Tally zeros;
  Tally ones;
  CHECK(std::isnan(p_value_of_zero(zeros)));
  for (int i = 0; i < 3; ++i) {
    zeros.add(0);
    ones.add(1);
  }
  CHECK(p_value_of_zero(zeros) == 1);
  CHECK(p_value_of_zero(ones) == 0);
}

TEST_CASE("Holm's adjustment steps down from the smallest, and counts tests that gave nothing") {
  const std::vector<double> p{0.04, 0.001, 0.03, 0.9};
  const std::vector<double> adjusted = holm_adjusted(p);
  CHECK(adjusted[1] == Approx(0.004));
  CHECK(adjusted[2] == Approx(0.09));
  CHECK(adjusted[0] == Approx(0.09));  // 2 * 0.04 is less than what came before
  CHECK(adjusted[3] == Approx(0.9));
  const std::vector<double> some = holm_adjusted(std::vector<double>{0.01, std::nan(""), 0.6});
  CHECK(some[0] == Approx(0.03));
  CHECK(std::isnan(some[1]));
  CHECK(some[2] == 1);
}

TEST_CASE("as many observations as it takes to tell find the difference four times in five") {
  Stream stream(run_key(9, 0), 1);
  Tally seen;
  for (const double x : {-1.0, 0.0, 1.0, 2.0}) seen.add(x);  // mean 0.5, deviation 1.291
  const std::int64_t n = observations_to_tell(seen);
  // (1.96 + 0.84)² (1.291 / 0.5)² = 52.3 for normal quantiles.
  CHECK(n >= 53);
  CHECK(n <= 57);
  const double deviation = std::sqrt(seen.variance());
  int found = 0;
  for (int m = 0; m < 4000; ++m) {
    Tally again;
    for (std::int64_t i = 0; i < n; ++i) again.add(seen.mean() + deviation * normal_draw(stream));
    found += p_value_of_zero(again) <= 0.05 ? 1 : 0;
  }
  CHECK(found > 0.775 * 4000);
  CHECK(found < 0.825 * 4000);
  CHECK(observations_to_tell(seen, 0.99) > n);
  Tally level;
  for (const double x : {-1.0, 1.0}) level.add(x);
  CHECK(observations_to_tell(level) == 0);
  CHECK(observations_to_tell(Tally{}) == 0);
}
