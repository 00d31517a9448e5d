// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <libtwin/core/error.hpp>
#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::detail {

/// Something that varies, with its levels.
struct Column {
  std::string name;
  std::vector<double> levels;
  std::vector<std::string> texts;

  /// Index among the scenario's parameters; -1 for a value of the model.
  int parameter = -1;

  /// Whether the levels are the two ends of a range of which any number may be chosen.
  bool is_range = false;

  /// The value at `u` of the way through, 0 <= u < 1: any number of a range, or one of the levels, which share the way out
  /// evenly.
  [[nodiscard]] double at(double u) const;

  /// The value of step `i` of `count`, both ends included: of levels, the nearest.
  [[nodiscard]] double at_step(std::size_t i, std::size_t count) const;
};

/// What a design is laid out over: parameters with several values and factors, and the conditions on parameters.
struct DesignSpace {
  const Scenario& scenario;
  std::vector<Column> columns;
  std::vector<Expression> conditions;

  /// Of the parameters, where nothing varies them.
  std::vector<double> nominals;
};

/// Appends what is wrong with factors and conditions.
[[nodiscard]] DesignSpace design_space(const Scenario& scenario, std::vector<Diagnostic>& mistakes);

/// The index of a parameter; -1 when the scenario has none of this name.
[[nodiscard]] int parameter_index(const Scenario& scenario, const std::string& name);

/// Asks whether rows meet the conditions of a study.
class RowCheck {
 public:
  /// @param columns  for each value of a row its parameter, or -1.
  RowCheck(const DesignSpace& space, std::vector<int> columns);

  /// For rows of `space.columns`.
  explicit RowCheck(const DesignSpace& space);

  [[nodiscard]] bool accepts(std::span<const double> row);

 private:
  const std::vector<Expression>& conditions_;
  std::vector<int> columns_;
  std::vector<double> parameters_;
};

}  // namespace twin::detail
