// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <libtwin/experiment/kpi.hpp>
#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::detail {

/// The measures, conditions and goal of a study, understood once.
struct MeasurePlan {
  std::vector<std::string> names;
  std::vector<Expression> measures;  ///< over the values of `kpis`
  std::vector<KpiDimension> dimensions;
  std::vector<Expression> conditions;  ///< over the means of the measures
  std::size_t goal = 0;

  /// Every KPI that a measure may name; those with `is_used` are read.
  std::vector<Kpi> kpis;
  std::vector<bool> is_used;

  /// The measures of one run. @param values  scratch of the size of `kpis`.
  void read(const RunResult& run, std::span<double> values, std::span<double> measured) const;

  /// Whether the means of the measures meet all conditions; NaN meets none.
  [[nodiscard]] bool is_feasible(std::span<const double> means) const;
};

/// @throws ModelError with all measures and conditions that cannot be understood. A condition that compares a time with a
/// number without a unit is one of them.
[[nodiscard]] MeasurePlan plan_measures(const Study& study, const PlantNames& names);

}  // namespace twin::detail
