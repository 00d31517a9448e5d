// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <libtwin/experiment/kpi.hpp>
#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/scenario.hpp>
#include <libtwin/stats/stopping.hpp>
#include <libtwin/stats/tally.hpp>

namespace twin::detail {

/// The measures, conditions and goal of a study, understood once.
struct MeasurePlan {
  std::vector<std::string> names;
  std::vector<Expression> measures;  ///< over the values of `kpis`
  std::vector<KpiDimension> dimensions;
  std::vector<Expression> conditions;  ///< over the means of the measures
  std::size_t goal = 0;

  /// The stopping rules. A rule for what is no measure of the study adds one at the end, under the name it is written with.
  struct Stop {
    std::size_t measure = 0;
    WidthLimit limit;
  };
  std::vector<Stop> until;

  /// Every KPI that a measure may name; those with `is_used` are read.
  std::vector<Kpi> kpis;
  std::vector<bool> is_used;

  /// The measures of one run. @param values  scratch of the size of `kpis`.
  void read(const RunResult& run, std::span<double> values, std::span<double> measured) const;

  /// Whether the means of the measures meet all conditions; NaN meets none.
  [[nodiscard]] bool is_feasible(std::span<const double> means) const;

  /// Whether all stopping rules hold. @param tallies  of one design, by measure.
  [[nodiscard]] bool is_settled(std::span<const Tally> tallies) const;
};

/// How many replications a design of a study with stopping rules is to have in all, when it has `begun` and every one of
/// them has ended; 0 when it needs no more: the rules hold, there are as many as the study allows, or some failed, for then
/// nothing that more of them say can be trusted. A function of the results alone when it is asked at the numbers that it
/// gives itself, beginning with none.
/// @param tallies  by measure, filled in the order of replications, so that they have the same bits whoever ran them.
[[nodiscard]] std::int64_t next_replications(const MeasurePlan& plan, const Study& study, std::int64_t begun,
                                             std::int64_t failed, std::span<const Tally> tallies);

/// @throws ModelError with all measures, conditions and stopping rules that cannot be understood. A condition that compares a time with a
/// number without a unit is one of them.
[[nodiscard]] MeasurePlan plan_measures(const Study& study, const PlantNames& names);

}  // namespace twin::detail
