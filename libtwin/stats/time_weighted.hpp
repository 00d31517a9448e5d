// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include <libtwin/core/time.hpp>
#include <libtwin/stats/wide.hpp>

namespace twin {

/// The mean over time of a whole number that changes in steps, such as the parts in a buffer.
///
/// The area under the level is an exact integer of ticks, so the order of changes within an instant, and how often
/// the level is set, never change the result. Times must not fall; not checked.
class TimeWeighted {
 public:
  TimeWeighted() = default;
  explicit TimeWeighted(SimTime start, std::int64_t level = 0)
      : start_(start), last_(start), level_(level), min_(level), max_(level) {}

  /// The level is `level` from `now` on.
  void set(SimTime now, std::int64_t level) {
    area_ += detail::Int128{level_} * (now - last_).ticks();
    last_ = now;
    level_ = level;
    if (level < min_) min_ = level;
    if (level > max_) max_ = level;
  }

  void change(SimTime now, std::int64_t by) { set(now, level_ + by); }

  /// Forgets what was before `now` and keeps the level: the end of the warm-up.
  void restart(SimTime now) { *this = TimeWeighted(now, level_); }

  [[nodiscard]] std::int64_t level() const { return level_; }

  /// The smallest and largest level since the start, levels held for no time included.
  [[nodiscard]] std::int64_t min() const { return min_; }
  [[nodiscard]] std::int64_t max() const { return max_; }

  /// The integral of the level from the start to `now`, in level × seconds; rounded once.
  [[nodiscard]] double area(SimTime now) const { return static_cast<double>(ticks_area(now)) / kTicksPerSecond; }

  /// The mean level from the start to `now`; NaN when no time has passed.
  [[nodiscard]] double mean(SimTime now) const {
    if (now == start_) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(ticks_area(now)) / static_cast<double>((now - start_).ticks());
  }

 private:
  [[nodiscard]] detail::Int128 ticks_area(SimTime now) const {
    return area_ + detail::Int128{level_} * (now - last_).ticks();
  }

  detail::Int128 area_ = 0;
  SimTime start_;
  SimTime last_;
  std::int64_t level_ = 0;
  std::int64_t min_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace twin
