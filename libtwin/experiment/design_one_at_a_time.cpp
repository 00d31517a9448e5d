// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <vector>

#include <libtwin/experiment/design_methods.hpp>
#include <libtwin/experiment/mistakes.hpp>
#include <libtwin/scenario/number_ref.hpp>

namespace twin::detail {
namespace {

/// The level that leaves the model as it is.
std::optional<double> base_level(const Factory& factory, const Column& column) {
  for (std::size_t i = 0; i < column.texts.size(); ++i) {
    Factory changed = factory;
    std::vector<Diagnostic> found;
    set_value(changed, column.name, column.texts[i], found);
    if (found.empty() && changed == factory) return static_cast<double>(i);
  }
  return {};
}

/// What stands in the model where nothing is said.
std::vector<double> base_row(const DesignSpace& space) {
  Factory factory = space.scenario.factory;
  std::vector<double> row;
  std::vector<Diagnostic> mistakes;
  for (const Column& column : space.columns) {
    std::optional<double> base;
    if (column.parameter >= 0) {
      base = space.nominals[static_cast<std::size_t>(column.parameter)];
    } else if (!column.texts.empty()) {
      base = base_level(factory, column);
    } else if (const std::optional<NumberRef> number = find_number(factory, column.name)) {
      base = number->value();
    }
    if (!base) {
      add_mistake(mistakes, "E053", "factor." + column.name,
                  "the value that '" + column.name + "' has in the model is none of its levels",
                  "one_at_a_time begins with the model as it stands: add that value to the levels");
    }
    row.push_back(base.value_or(0));
  }
  throw_mistakes(std::move(mistakes));
  return row;
}

}  // namespace

std::vector<double> one_at_a_time_rows(const DesignSpace& space) {
  if (space.columns.empty()) return {};
  std::vector<double> row = base_row(space);
  RowCheck check(space);
  if (!check.accepts(row)) {
    refuse_design("E053", "the model as it stands does not meet the conditions",
                  "give the parameters values that do: { from = 1, to = 18, value = 6 }");
  }
  std::vector<double> values = row;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const double base = row[i];
    for (const double level : space.columns[i].levels) {
      row[i] = level;
      if (level != base && check.accepts(row)) values.insert(values.end(), row.begin(), row.end());
    }
    row[i] = base;
  }
  return values;
}

}  // namespace twin::detail
