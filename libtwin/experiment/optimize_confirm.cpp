// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/optimize_confirm.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include <libtwin/core/random.hpp>
#include <libtwin/stats/comparison.hpp>

namespace twin::detail {
namespace {

using Group = Standing::Group;
using Role = ComparedDesign::Role;

ComparedDesign described(const Ledger& ledger, std::uint32_t design, Role role) {
  ComparedDesign out;
  out.role = role;
  out.failed = ledger.failed(design);
  out.n = static_cast<std::int64_t>(ledger.count(design)) - out.failed;
  out.status = ledger.status(design);
  for (std::size_t m = 0; m < ledger.runner().width(); ++m) out.measures.push_back(ledger.measure(design, m));
  const Standing& standing = ledger.standing(design);
  out.is_feasible = standing.group == Group::feasible;
  out.is_surely_infeasible = standing.group == Group::failed || standing.is_surely_infeasible;
  return out;
}

std::vector<CheckedCondition> checked(const Ledger& ledger, std::uint32_t design) {
  std::vector<CheckedCondition> all;
  const std::size_t count = ledger.conditions().size();
  for (std::size_t c = 0; c < count; ++c) {
    const Margin& margin = ledger.conditions()[c];
    const Estimate excess = ledger.excess(design, c, 1 - 0.1 / static_cast<double>(count));
    all.push_back({margin.text(), excess, margin.is_met(excess.high())});
  }
  return all;
}

void write_design(const Ledger& ledger, OptimizeResult& result) {
  const DesignTable& table = ledger.table();
  const std::size_t width = table.factors.size();
  result.design.factors = table.factors;
  result.design.texts = table.texts;
  result.design.values.clear();
  for (ComparedDesign& one : result.compared) {
    const auto row = table.values.begin() + static_cast<std::ptrdiff_t>(one.row * width);
    result.design.values.insert(result.design.values.end(), row, row + static_cast<std::ptrdiff_t>(width));
  }
  for (std::size_t k = 0; k < result.compared.size(); ++k) result.compared[k].row = k;
}

/// Scores of those designs of the comparison that can be compared: their runs ended well.
struct Scores {
  std::vector<std::uint32_t> designs;
  std::vector<double> values;

  void add(const Ledger& ledger, std::uint32_t design, std::uint32_t count) {
    designs.push_back(design);
    const std::vector<double> row = ledger.scores(design, count);
    values.insert(values.end(), row.begin(), row.end());
  }
  [[nodiscard]] auto size() const { return static_cast<std::uint32_t>(designs.size()); }
};

}  // namespace

std::uint64_t fresh_seed(std::uint64_t seed, std::uint32_t round) {
  return mix(seed + kGolden * (static_cast<std::uint64_t>(round) + 1)) >> 33;
}

Comparison compare(const Ledger& fresh, const std::vector<Contender>& contenders, std::uint32_t count, double precision,
                   OptimizeResult& result) {
  Comparison comparison;
  comparison.count = count;
  const bool best_failed = fresh.standing(0).group == Group::failed;
  Scores all;
  Scores possible;  // those that may meet the conditions
  for (std::uint32_t k = 0; k < contenders.size(); ++k) {
    const Standing& standing = fresh.standing(k);
    if (standing.group == Group::failed) continue;
    all.add(fresh, k, count);
    if (k == 0 || !standing.is_surely_infeasible) possible.add(fresh, k, count);
  }
  result.compared.clear();
  for (std::uint32_t k = 0; k < contenders.size(); ++k) {
    result.compared.push_back(described(fresh, k, contenders[k].role));
    result.compared.back().row = k;
  }
  const double sign = result.maximize ? 1 : -1;
  if (!best_failed && all.size() > 1) {
    for (const PairedComparison& pair : compare_with_reference(all.values, all.size(), 0)) {
      Estimate difference = pair.difference;
      difference.mean *= sign;
      result.compared[all.designs[pair.design]].difference = difference;
    }
  }
  result.regret = std::numeric_limits<double>::quiet_NaN();
  if (!best_failed && possible.size() > 1) {
    result.regret = std::max(0.0, -compare_with_best(possible.values, possible.size()).front().lead.low);
  }
  // Another design takes the place of the best.
  const bool is_best_feasible = fresh.standing(0).group == Group::feasible;
  const double matters = precision * std::abs(fresh.goal_mean(0));
  double top = -std::numeric_limits<double>::infinity();
  for (std::uint32_t k = 1; k < contenders.size(); ++k) {
    if (fresh.standing(k).group != Group::feasible) continue;
    const Estimate& difference = result.compared[k].difference;
    const bool leads = sign * difference.mean - difference.half_width > 0 && sign * difference.mean > matters;
    const double score = sign * fresh.goal_mean(k);
    if ((is_best_feasible && !leads) || score <= top) continue;
    top = score;
    comparison.better = k;
  }
  result.conditions = checked(fresh, 0);
  std::stable_sort(result.compared.begin() + 1, result.compared.end(),
                   [&](const ComparedDesign& a, const ComparedDesign& b) {
                     if (a.is_surely_infeasible != b.is_surely_infeasible) return !a.is_surely_infeasible;
                     return sign * a.measures[result.goal_index].mean > sign * b.measures[result.goal_index].mean;
                   });
  write_design(fresh, result);
  return comparison;
}

void describe_alone(const Ledger& search, std::uint32_t best, OptimizeResult& result) {
  result.compared = {described(search, best, Role::best)};
  result.compared.front().row = best;
  result.conditions = checked(search, best);
  result.regret = std::numeric_limits<double>::quiet_NaN();
  write_design(search, result);
}

std::string optimize_guarantee(const OptimizeResult& r) {
  if (!r.is_confirmed) {
    return "none: the best so far by the runs of the search, which chose it for being high; it was not compared on "
           "fresh "
           "random numbers";
  }
  if (r.compared.front().failed > 0) return "none: runs of the best design failed on fresh random numbers";
  const std::string conditions = r.conditions.empty() ? "" : " that may meet the conditions";
  const std::uint64_t others = r.compared.size() - 1 - r.compared_neighbours;
  std::string whom;
  if (r.neighbours > 0) {
    whom = r.compared_neighbours == r.neighbours
               ? fmt::format("its {} neighbours", r.neighbours)
               : fmt::format("{} of its {} neighbours", r.compared_neighbours, r.neighbours);
  }
  if (others > 0) whom += fmt::format("{}{} other designs", whom.empty() ? "the " : " and ", others);
  if (whom.empty()) return "there is no other design to compare with";
  if (std::isnan(r.regret)) return fmt::format("none of {} may meet the conditions", whom);
  const double share = 100 * r.regret / std::abs(r.compared.front().measures[r.goal_index].mean);
  const std::string by = r.regret == 0 ? "" : fmt::format(" by more than {:.2g} %", share);
  return fmt::format(
      "a local optimum as far as this tells: on fresh random numbers none of {}{} is better{} (95 %, all at once, for "
      "means "
      "that are about normal); nothing is said of designs that were not compared",
      whom, conditions, by);
}

}  // namespace twin::detail
