// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/design_space.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <libtwin/experiment/mistakes.hpp>
#include <libtwin/scenario/number_ref.hpp>

namespace twin::detail {
namespace {

/// Parameters with several values, and factors: those that name a parameter say its levels.
std::vector<Column> columns_of(const Scenario& scenario, std::vector<Diagnostic>& mistakes) {
  std::vector<Column> columns;
  std::vector<Column> of_model;
  std::vector<const Factor*> chosen(scenario.parameters.size(), nullptr);
  Factory factory = scenario.factory;
  for (const Factor& factor : scenario.study->factors) {
    if (factor.values.empty()) add_mistake(mistakes, "E052", "factor." + factor.path, "the factor has no levels");
    const int parameter = parameter_index(scenario, factor.path);
    if (parameter >= 0) {
      chosen[static_cast<std::size_t>(parameter)] = &factor;
      continue;
    }
    // The texts of numbers are how they were written; their values say all.
    const bool is_number = factor.texts.empty() || find_number(factory, factor.path).has_value();
    of_model.push_back(
        {factor.path, factor.values, is_number ? std::vector<std::string>() : factor.texts, -1, factor.is_range});
  }
  for (std::size_t i = 0; i < scenario.parameters.size(); ++i) {
    const Parameter& p = scenario.parameters[i];
    const Factor* const factor = chosen[i];
    if (factor == nullptr && p.values.size() < 2) continue;
    columns.push_back({p.name,
                       factor != nullptr ? factor->values : p.values,
                       {},
                       static_cast<int>(i),
                       factor != nullptr ? factor->is_range : p.is_range});
  }
  columns.insert(columns.end(), std::make_move_iterator(of_model.begin()), std::make_move_iterator(of_model.end()));
  return columns;
}

void check_ranges(const Study& study, const std::vector<Column>& columns, std::vector<Diagnostic>& mistakes) {
  for (const Column& column : columns) {
    if (!column.is_range) continue;
    const auto& ends = column.levels;
    if (ends.size() != 2 || !(ends[0] < ends[1])) {
      add_mistake(mistakes, "E052", "factor." + column.name, "a range has two ends, the lower one first");
    } else if (!samples_ranges(study.method)) {
      add_mistake(mistakes, "E052", "factor." + column.name, "this range needs levels",
                  "give it a step, or take a method that chooses any number of a range, such as sobol");
    }
  }
}

std::vector<Expression> conditions_of(const Scenario& scenario, std::vector<Diagnostic>& mistakes) {
  std::vector<std::string> names;
  for (const Parameter& p : scenario.parameters) names.push_back(p.name);
  std::vector<Expression> conditions;
  for (const std::string& text : scenario.study->where) {
    std::vector<Diagnostic> found;
    Expression condition = Expression::parse(text, names, found);
    add_mistakes(mistakes, std::move(found), "design.where", text);
    if (!condition.empty()) conditions.push_back(std::move(condition));
  }
  return conditions;
}

std::vector<int> parameters_of(const std::vector<Column>& columns) {
  std::vector<int> parameters;
  for (const Column& column : columns) parameters.push_back(column.parameter);
  return parameters;
}

}  // namespace

double Column::at(double u) const {
  // Rounding must not lead out of the range or past the last level.
  if (is_range) return std::min(levels[0] + u * (levels[1] - levels[0]), levels[1]);
  const auto index = static_cast<std::size_t>(u * static_cast<double>(levels.size()));
  return levels[std::min(index, levels.size() - 1)];
}

double Column::at_step(std::size_t i, std::size_t count) const {
  const std::size_t last = count - 1;
  if (!is_range) return levels[(2 * i * (levels.size() - 1) + last) / (2 * last)];
  if (i == last) return levels[1];
  return levels[0] + (levels[1] - levels[0]) * (static_cast<double>(i) / static_cast<double>(last));
}

int parameter_index(const Scenario& scenario, const std::string& name) {
  const auto& all = scenario.parameters;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.name == name; });
  return found == all.end() ? -1 : static_cast<int>(found - all.begin());
}

DesignSpace design_space(const Scenario& scenario, std::vector<Diagnostic>& mistakes) {
  DesignSpace space{scenario, {}, conditions_of(scenario, mistakes), {}};
  for (const Parameter& p : scenario.parameters) space.nominals.push_back(p.nominal);
  // The columns of a file are those of its header.
  if (scenario.study->method == DesignMethod::file) return space;
  space.columns = columns_of(scenario, mistakes);
  check_ranges(*scenario.study, space.columns, mistakes);
  return space;
}

RowCheck::RowCheck(const DesignSpace& space, std::vector<int> columns)
    : conditions_(space.conditions), columns_(std::move(columns)), parameters_(space.nominals) {}

RowCheck::RowCheck(const DesignSpace& space) : RowCheck(space, parameters_of(space.columns)) {}

bool RowCheck::accepts(std::span<const double> row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (columns_[i] >= 0) parameters_[static_cast<std::size_t>(columns_[i])] = row[i];
  }
  return std::all_of(conditions_.begin(), conditions_.end(),
                     [&](const Expression& e) { return e.evaluate(parameters_) != 0; });
}

}  // namespace twin::detail
