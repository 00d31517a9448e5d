// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <libtwin/experiment/study.hpp>

namespace twin {

/// What a screening says of one factor. An elementary effect is the change of the result in one step of a trajectory, as
/// if the factor had gone from its lowest to its highest level at that rate; all numbers are in the unit of the result.
struct MorrisEffect {
  std::string factor;

  /// Elementary effects that have a number; those of runs that failed have none.
  std::int64_t n = 0;

  double mu = 0;  ///< their mean: the effect, with its sign
  double mu_star =
      0;             ///< the mean of their absolute values: how much the factor matters at all (Campolongo et al. 2007)
  double sigma = 0;  ///< their standard deviation: 0 when the effect is the same everywhere, else bends or interactions

  /// Standard errors over trajectories; that of sigma holds for many of them. All need two effects, else NaN.
  double mu_error = 0;
  double mu_star_error = 0;
  double sigma_error = 0;
};

/// How far each factor of a design goes: its largest level less its smallest; for texts, by their numbers. In the order of
/// `design.factors`. @throws ModelError as `make_design` does.
[[nodiscard]] std::vector<double> factor_widths(const Scenario& scenario, const DesignTable& design);

/// The effects of all factors, in the order of the design, from the results of its rows (means of a measure; NaN where there
/// is none). Morris (1991), Technometrics 33; Campolongo, Cariboni, Saltelli (2007), Environmental Modelling & Software 22.
/// @param design  laid out by `morris`, all of it: which trajectory a row belongs to follows from its number.
/// @param widths  from `factor_widths`; a factor of width 0 never moves.
/// @throws std::logic_error when these do not fit each other.
[[nodiscard]] std::vector<MorrisEffect> morris_effects(const DesignTable& design, std::span<const double> widths,
                                                       std::span<const double> results);

}  // namespace twin
