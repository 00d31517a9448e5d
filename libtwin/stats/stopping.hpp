// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <libtwin/stats/confidence.hpp>
#include <libtwin/stats/tally.hpp>

namespace twin {

/// When to stop replicating: as soon as the half-width of the interval for the mean is at most a share of the mean.
///
/// The interval then holds the true mean a little less often than `level`: among all moments to stop, those are preferred
/// at which the deviation looks small. Measured at nominal 95 % with share 0.1 and the other defaults: 94.5 % for normal
/// observations, 93.2 % for lognormal ones with a coefficient of variation of 1, where Student's t falls short as well
/// (tests/stats/stopping_test.cpp). More first observations mend it, and so do growing rounds, which look less often (Law
/// 2015, section 9.4.1; exact as the share goes to 0: Glynn and Whitt 1992).
struct RelativeWidth {
  double share = 0.05;  ///< > 0: of half-width over |mean|
  double level = kDefaultLevel;
  std::int64_t first = 10;       ///< >= 2: observations before the first look
  std::int64_t at_most = 10000;  ///< >= first

  /// Whether the interval is as narrow as asked. NaN, and a mean of 0 with any spread, never are.
  [[nodiscard]] bool is_met(const Tally& tally) const;

  /// How many observations to make now: 0 when the interval is narrow enough or `at_most` is reached; else what the
  /// spread so far says is missing, at least one and at most half as many again as there are.
  /// @throws std::logic_error for numbers out of range.
  [[nodiscard]] std::int64_t more(const Tally& tally) const;
};

/// How narrow the interval for a mean is to be, for replications that are looked at again and again: see `next_look`.
struct WidthLimit {
  enum class Of : std::uint8_t { mean, value };

  /// The half-width is to be below it, > 0: a share of the mean, or in the unit of the mean.
  double limit = 0.05;
  Of of = Of::mean;
  double level = kDefaultLevel;

  /// Whether to stop here. For a share g of the mean, the half-width must be at most g / (1 + g) of the |mean| observed:
  /// then it is at most g of the true one wherever the interval holds it (Law 2015, section 9.4.1). Never with fewer than
  /// two observations, NaN, or a mean of 0 with any spread.
  [[nodiscard]] bool is_met(const Tally& tally) const;

  /// The half-width that is asked for at a mean.
  [[nodiscard]] double most(double mean) const;
};

/// After how many observations to look next, when `n` have been looked at: `first`, then a quarter more each time, at last
/// `at_most`; 0 when there is no further look. A function of these numbers alone, so that the moment to stop does not
/// depend on who computes what, and few looks in all.
/// @throws std::logic_error unless 2 <= first <= at_most.
[[nodiscard]] std::int64_t next_look(std::int64_t n, std::int64_t first, std::int64_t at_most);

}  // namespace twin
