// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <libtwin/experiment/design_methods.hpp>
#include <libtwin/experiment/unit_points.hpp>
#include <libtwin/scenario/expression.hpp>

namespace twin::detail {
namespace {

// 4 GB of numbers.
constexpr std::size_t kMostCells = 500'000'000;

// Points that are looked at before a method gives up: some ten seconds.
constexpr std::size_t kMostCandidates = 200'000'000;

UnitPoints points_of(const DesignSpace& space, std::size_t count) {
  const Study& study = *space.scenario.study;
  std::vector<std::string> names;
  for (const Column& column : space.columns) names.push_back(column.name);
  const std::uint64_t seed = design_seed(space.scenario);
  if (study.method == DesignMethod::random) return random_points(names, seed);
  if (study.method == DesignMethod::lhs) return latin_points(names, seed, count);
  if (names.size() > kMostSobolDimensions)
    refuse_design("E053", "Sobol' points have at most 3,667 factors", "take method = \"lhs\"");
  return study.scramble ? shifted_sobol_points(names, seed) : sobol_points(names.size());
}

[[noreturn]] void refuse_rare(std::size_t found, std::size_t wanted, std::size_t candidates) {
  refuse_design(
      "E053",
      "of " + std::to_string(candidates) + " points " + std::to_string(found) + " meet the conditions, and " +
          std::to_string(wanted) + " are wanted",
      "a condition with '==' is seldom met by chance: make one parameter an expression of the others, or take "
      "method = \"grid\"");
}

}  // namespace

std::vector<double> sampled_rows(const DesignSpace& space) {
  const std::size_t width = space.columns.size();
  if (width == 0) refuse_design("E053", "there is nothing to sample: no factor varies", "write [factor]");
  const auto count = static_cast<std::size_t>(space.scenario.study->points.value_or(0));
  if (count > kMostCells / width)
    refuse_design("E053", "the design has more than 500 million values", "take fewer points");
  const bool is_latin = space.scenario.study->method == DesignMethod::lhs;
  const UnitPoints next = points_of(space, count);
  RowCheck check(space);
  std::vector<double> values;
  values.reserve(count * width);
  std::vector<double> row(width);
  std::size_t found = 0;
  for (std::size_t candidates = 1; found < count && !(is_latin && candidates > count); ++candidates) {
    next(row);
    for (std::size_t i = 0; i < width; ++i) row[i] = space.columns[i].at(row[i]);
    if (check.accepts(row)) {
      values.insert(values.end(), row.begin(), row.end());
      ++found;
    }
    if (!is_latin && (is_hopeless(found, candidates) || candidates == kMostCandidates))
      refuse_rare(found, count, candidates);
  }
  if (values.empty()) refuse_empty();
  return values;
}

}  // namespace twin::detail
