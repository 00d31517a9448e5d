// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/experiment/design_file.hpp>
#include <libtwin/experiment/design_methods.hpp>
#include <libtwin/experiment/design_space.hpp>
#include <libtwin/experiment/mistakes.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/scenario/design_checks.hpp>

namespace twin {
namespace detail {
namespace {

/// Leaves out the rows of a table that do not meet the conditions.
void keep_feasible(DesignTable& design, const DesignSpace& space) {
  const std::size_t width = design.factors.size();
  std::vector<int> columns;
  for (const std::string& factor : design.factors) columns.push_back(parameter_index(space.scenario, factor));
  RowCheck check(space, std::move(columns));
  std::size_t kept = 0;
  for (std::size_t row = 0; row < design.size(); ++row) {
    const double* values = &design.values[row * width];
    if (check.accepts({values, width})) std::copy_n(values, width, &design.values[kept++ * width]);
  }
  design.values.resize(kept * width);
}

std::vector<double> rows_of(const DesignSpace& space) {
  switch (space.scenario.study->method) {
    case DesignMethod::grid:
    case DesignMethod::file:  // has no space
      break;
    case DesignMethod::sobol:
    case DesignMethod::lhs:
    case DesignMethod::random:
      return sampled_rows(space);
    case DesignMethod::one_at_a_time:
      return one_at_a_time_rows(space);
    case DesignMethod::morris:
      return morris_rows(space);
  }
  return grid_rows(space);
}

}  // namespace

void refuse_design(std::string code, std::string message, std::string hint) {
  std::vector<Diagnostic> mistakes;
  add_mistake(mistakes, std::move(code), "design", std::move(message), std::move(hint));
  throw ModelError(std::move(mistakes));
}

void refuse_empty() {
  refuse_design("E052", "no design meets the conditions", "check the levels and the conditions under [design] where");
}

std::uint64_t design_seed(const Scenario& scenario) {
  return scenario.study->design_seed.value_or(scenario.factory.run.seed);
}

}  // namespace detail

DesignTable make_design(const Scenario& scenario, const std::string& folder) {
  DesignTable design;
  if (!scenario.study) return design;
  std::vector<Diagnostic> mistakes;
  for (detail::DesignMistake& mistake : detail::design_mistakes(*scenario.study)) {
    detail::add_mistake(mistakes, "E053", "design." + mistake.key, std::move(mistake.message), std::move(mistake.hint));
  }
  const detail::DesignSpace space = detail::design_space(scenario, mistakes);
  if (scenario.study->method == DesignMethod::file) {
    design = detail::read_design_file(scenario, folder, mistakes);
    detail::throw_mistakes(std::move(mistakes));
    detail::keep_feasible(design, space);
    if (design.size() == 0) detail::refuse_empty();
    return design;
  }
  detail::throw_mistakes(std::move(mistakes));
  for (const detail::Column& column : space.columns) {
    design.factors.push_back(column.name);
    design.texts.push_back(column.texts);
  }
  design.values = detail::rows_of(space);
  return design;
}

}  // namespace twin
