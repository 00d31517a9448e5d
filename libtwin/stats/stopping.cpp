// SPDX-License-Identifier: Apache-2.0
#include <libtwin/stats/stopping.hpp>

#include <algorithm>
#include <cmath>

#include <libtwin/core/check.hpp>

namespace twin {

bool RelativeWidth::is_met(const Tally& tally) const {
  const Estimate estimate = mean_interval(tally, level);
  return estimate.half_width <= share * std::abs(estimate.mean);
}

std::int64_t RelativeWidth::more(const Tally& tally) const {
  TWIN_CHECK(share > 0, "a relative half-width is above 0");
  TWIN_CHECK(first >= 2 && at_most >= first, "2 <= first <= at_most observations");
  const std::int64_t n = tally.count();
  if (n < first) return first - n;
  if (n >= at_most || is_met(tally)) return 0;
  const Estimate estimate = mean_interval(tally, level);
  const double ratio = estimate.half_width / (share * std::abs(estimate.mean));
  const std::int64_t most = std::min(at_most - n, std::max<std::int64_t>(1, n / 2));
  // Half-widths shrink with the root of n. A mean of 0 or NaN tells nothing: then the largest round.
  const double missing = std::ceil(static_cast<double>(n) * (ratio * ratio - 1));
  if (!(missing < static_cast<double>(most))) return most;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(missing));
}

bool WidthLimit::is_met(const Tally& tally) const {
  TWIN_CHECK(limit > 0, "a half-width is asked to be below a number above 0");
  const Estimate estimate = mean_interval(tally, level);
  return estimate.half_width <= most(estimate.mean);
}

double WidthLimit::most(double mean) const { return of == Of::value ? limit : limit / (1 + limit) * std::abs(mean); }

std::int64_t next_look(std::int64_t n, std::int64_t first, std::int64_t at_most) {
  TWIN_CHECK(first >= 2 && at_most >= first, "2 <= first <= at_most observations");
  if (n < first) return first;
  if (n >= at_most) return 0;
  return std::min(at_most, n + (n + 3) / 4);
}

}  // namespace twin
