// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <libtwin/stats/confidence.hpp>
#include <libtwin/stats/tally.hpp>

/// Comparisons of several designs whose statements hold all at once with the level asked for.
///
/// Observations are (designs × replications), row-major, finite; replication r of all designs may be on common random
/// numbers, which narrows the intervals and costs no validity: all intervals are Student's t of paired differences
/// and share the error evenly (Bonferroni). They ask for differences that are about normal. `values` are observations
/// of `designs` >= 2 designs, two or more of each; level in (0, 1); std::logic_error otherwise.
namespace twin {

enum class Better : std::uint8_t { larger, smaller };

struct PairedComparison {
  std::uint32_t design = 0;
  std::uint32_t reference = 0;

  /// Of design - reference.
  Estimate difference;

  /// Whether the sign of the difference is known.
  [[nodiscard]] bool differs() const { return difference.low() > 0 || difference.high() < 0; }
};

/// Each design but `reference` against it, in order: with probability >= level all intervals hold their true
/// differences (Law 2015, section 10.3.1).
[[nodiscard]] std::vector<PairedComparison> compare_with_reference(std::span<const double> values,
                                                                   std::uint32_t designs, std::uint32_t reference,
                                                                   double level = kDefaultLevel);

/// The two-sided p-value of Student's t for a true mean of 0 from independent, about normal observations; 1 when all of
/// them are 0, 0 when they are all equal and not 0, NaN below two.
[[nodiscard]] double p_value_of_zero(const Tally& observations);

/// Holm's (1979) step-down adjustment: calling those differences real whose adjusted p-value is at most a has a probability
/// of at most a of one false claim or more, whatever the dependence. NaN stays NaN, and counts as a test that was made.
[[nodiscard]] std::vector<double> holm_adjusted(std::span<const double> p_values);

/// How many observations would find a mean of 0 wrong with a probability of `power`, by a two-sided t test at level
/// `1 - level`, if the true mean and deviation are those of `observations`: the smallest n with
/// t(1 - (1 - level) / 2, n - 1) + t(power, n - 1) <= |mean| sqrt(n) / s. 0 where there is no such number
/// up to a billion: a mean of 0, fewer than two observations.
[[nodiscard]] std::int64_t observations_to_tell(const Tally& observations, double level = kDefaultLevel,
                                                double power = 0.8);

/// Every pair, (1, 0), (2, 0), (2, 1), …: designs (designs - 1) / 2 intervals (Law 2015, section 10.3.2).
[[nodiscard]] std::vector<PairedComparison> compare_all_pairs(std::span<const double> values, std::uint32_t designs,
                                                              double level = kDefaultLevel);

/// One design against the best of the others.
struct BestComparison {
  /// By how much the mean of the design is better than that of the best other one, in the unit of the values; negative is
  /// worse, also where smaller is better. Constrained: low <= 0 <= high, so that no level is spent on how far the best is
  /// ahead.
  Interval lead;

  /// False: with the level, another design is better.
  bool may_be_best = true;
};

/// Multiple comparisons with the best (Hsu 1984), by design: with probability >= level all intervals hold their true
/// leads, and so some best design is among those that may be the best. The pairwise allowances are one-sided paired t at
/// 1 - (1 - level) / (designs - 1), as Nelson and Matejcik (1995) do for common random numbers, without their
/// assumption of sphericity. Designs that are equal to the last bit may all be the best. Time: designs² × replications.
[[nodiscard]] std::vector<BestComparison> compare_with_best(std::span<const double> values, std::uint32_t designs,
                                                            Better better = Better::larger,
                                                            double level = kDefaultLevel);

/// Subset selection from independent designs, each with observations of its own: the designs that hold the best with
/// probability >= level, in ascending order. Design i stays when no j leads it by more than max(0, W_ij - delta),
/// W_ij² = t_i² S_i²/n_i + t_j² S_j²/n_j, t the quantile of Student's t at level^(1/(k-1)) (Gupta 1965; Nelson, Swann,
/// Goldsman and Song 2001, first stage; unequal n after Boesel, Nelson and Kim 2003).
///
/// @param delta  >= 0: when the best leads all others by delta or more; 0 asks for no lead.
/// A tally with fewer than two observations stays: nothing speaks against it.
/// @throws std::logic_error for no designs, a level outside (0, 1), a negative delta.
[[nodiscard]] std::vector<std::uint32_t> subset_with_best(std::span<const Tally> designs,
                                                          Better better = Better::larger, double level = kDefaultLevel,
                                                          double delta = 0);

}  // namespace twin
