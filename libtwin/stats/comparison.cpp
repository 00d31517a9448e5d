// SPDX-License-Identifier: Apache-2.0
#include <libtwin/stats/comparison.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <boost/math/distributions/students_t.hpp>

#include <libtwin/core/check.hpp>

namespace twin {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class Rows {
 public:
  Rows(std::span<const double> values, std::uint32_t designs, double level) : values_(values), designs_(designs) {
    TWIN_CHECK(designs >= 2, "a comparison is of two designs or more");
    TWIN_CHECK(values.size() % designs == 0, "every design has the same number of observations");
    TWIN_CHECK(values.size() / designs >= 2, "a comparison needs two observations of each design");
    TWIN_CHECK(level > 0 && level < 1, "a confidence level lies between 0 and 1");
  }

  [[nodiscard]] PairedComparison compare(std::uint32_t design, std::uint32_t reference, double level) const {
    return {design, reference, paired_difference(row(design), row(reference), level)};
  }

 private:
  [[nodiscard]] std::span<const double> row(std::uint32_t design) const {
    const std::size_t length = values_.size() / designs_;
    return values_.subspan(design * length, length);
  }

  std::span<const double> values_;
  std::uint32_t designs_;
};

/// A design as subset selection sees it.
struct Contestant {
  double score;   // larger is better
  double spread;  // t² S² / n
};

std::vector<Contestant> contestants(std::span<const Tally> designs, Better better, double p) {
  std::vector<Contestant> all;
  all.reserve(designs.size());
  for (const Tally& tally : designs) {
    const auto n = static_cast<double>(tally.count());
    const double sign = better == Better::larger ? 1 : -1;
    if (tally.count() < 2) {
      all.push_back({kInfinity, kInfinity});
      continue;
    }
    const double t = student_t_quantile(p, n - 1);
    all.push_back({sign * tally.mean(), t * t * tally.variance() / n});
  }
  return all;
}

}  // namespace

std::vector<PairedComparison> compare_with_reference(std::span<const double> values, std::uint32_t designs,
                                                     std::uint32_t reference, double level) {
  const Rows rows(values, designs, level);
  TWIN_CHECK(reference < designs, "the reference is one of the designs");
  const double each = 1 - (1 - level) / (designs - 1.0);
  std::vector<PairedComparison> result;
  for (std::uint32_t design = 0; design < designs; ++design)
    if (design != reference) result.push_back(rows.compare(design, reference, each));
  return result;
}

double p_value_of_zero(const Tally& observations) {
  const std::int64_t n = observations.count();
  const double mean = observations.mean();
  const double variance = observations.variance();
  if (n < 2 || std::isnan(mean)) return std::numeric_limits<double>::quiet_NaN();
  if (!(variance > 0)) return mean == 0 ? 1 : 0;
  const double t = std::abs(mean) / std::sqrt(variance / static_cast<double>(n));
  if (!std::isfinite(t)) return 0;
  return 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(static_cast<double>(n - 1)), t));
}

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p_values.size(); ++i)
    if (!std::isnan(p_values[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.begin(), p_values.end());
  double largest = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    largest = std::max(largest, std::min(1.0, static_cast<double>(p_values.size() - k) * p_values[order[k]]));
    adjusted[order[k]] = largest;
  }
  return adjusted;
}

std::int64_t observations_to_tell(const Tally& observations, double level, double power) {
  TWIN_CHECK(level > 0 && level < 1 && power > 0 && power < 1, "level and power lie between 0 and 1");
  if (observations.count() < 2) return 0;
  const double ratio = std::sqrt(observations.variance()) / std::abs(observations.mean());
  if (!std::isfinite(ratio)) return 0;
  const auto is_enough = [&](std::int64_t n) {
    const auto dof = static_cast<double>(n - 1);
    const double sum = student_t_quantile(0.5 + 0.5 * level, dof) + student_t_quantile(power, dof);
    return sum * sum * ratio * ratio <= static_cast<double>(n);
  };
  // The quantiles fall as n grows: what is enough stays enough, and what the largest number asks for is a bound from below.
  constexpr std::int64_t kMost = 1'000'000'000;
  if (!is_enough(kMost)) return 0;
  const double least = student_t_quantile(0.5 + 0.5 * level, kMost) + student_t_quantile(power, kMost);
  std::int64_t low = std::max<std::int64_t>(1, static_cast<std::int64_t>(least * least * ratio * ratio) - 1);
  std::int64_t high = low + 1;
  for (std::int64_t step = 2; !is_enough(high); step *= 2) {
    low = high;
    high = std::min(kMost, high + step);
  }
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (is_enough(middle) ? high : low) = middle;
  }
  return high;
}

std::vector<PairedComparison> compare_all_pairs(std::span<const double> values, std::uint32_t designs, double level) {
  const Rows rows(values, designs, level);
  const double each = 1 - (1 - level) / (0.5 * designs * (designs - 1.0));
  std::vector<PairedComparison> result;
  for (std::uint32_t i = 1; i < designs; ++i)
    for (std::uint32_t j = 0; j < i; ++j) result.push_back(rows.compare(i, j, each));
  return result;
}

std::vector<BestComparison> compare_with_best(std::span<const double> values, std::uint32_t designs, Better better,
                                              double level) {
  const Rows rows(values, designs, level);
  const double one_sided = 1 - 2 * (1 - level) / (designs - 1.0);
  TWIN_CHECK(one_sided > 0, "a level of at least one half is needed");
  const double sign = better == Better::larger ? 1 : -1;
  std::vector<BestComparison> result(designs, {{kInfinity, kInfinity}, true});
  const auto each_pair = [&](auto visit) {
    for (std::uint32_t i = 0; i < designs; ++i)
      for (std::uint32_t j = 0; j < designs; ++j)
        if (i != j) visit(i, j, rows.compare(i, j, one_sided).difference);
  };
  each_pair([&](std::uint32_t i, std::uint32_t, const Estimate& e) {
    result[i].lead.high = std::min(result[i].lead.high, sign * e.mean + e.half_width);
  });
  std::uint32_t possible = 0;
  for (BestComparison& one : result) {
    // At 0 it is a tie, and a tie may be the best.
    one.may_be_best = one.lead.high >= 0;
    possible += one.may_be_best ? 1 : 0;
    one.lead.high = std::max(0.0, one.lead.high);
  }
  each_pair([&](std::uint32_t i, std::uint32_t j, const Estimate& e) {
    if (result[j].may_be_best) result[i].lead.low = std::min(result[i].lead.low, sign * e.mean - e.half_width);
  });
  for (BestComparison& one : result) {
    const bool is_alone = one.may_be_best && possible == 1;
    one.lead.low = is_alone ? 0.0 : std::min(0.0, one.lead.low);
  }
  return result;
}

std::vector<std::uint32_t> subset_with_best(std::span<const Tally> designs, Better better, double level, double delta) {
  TWIN_CHECK(!designs.empty(), "a subset is of one design or more");
  TWIN_CHECK(level > 0 && level < 1, "a confidence level lies between 0 and 1");
  TWIN_CHECK(delta >= 0, "an indifference zone is not negative");
  if (designs.size() == 1) return {0};
  const double p = std::exp(std::log(level) / static_cast<double>(designs.size() - 1));
  const std::vector<Contestant> all = contestants(designs, better, p);
  // From the best: those that lead most are found first, and none behind can put a design out.
  std::vector<std::uint32_t> order(all.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return all[a].score > all[b].score; });
  const auto is_beaten = [&](const Contestant& one) {
    for (const std::uint32_t j : order) {
      const double lead = all[j].score - one.score;
      if (!(lead > 0)) return false;
      if (lead < kInfinity && lead > std::max(0.0, std::sqrt(one.spread + all[j].spread) - delta)) return true;
    }
    return false;
  };
  std::vector<std::uint32_t> subset;
  for (std::uint32_t i = 0; i < all.size(); ++i)
    if (!is_beaten(all[i])) subset.push_back(i);
  return subset;
}

}  // namespace twin
