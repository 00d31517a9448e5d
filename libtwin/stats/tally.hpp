// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

#include <libtwin/stats/wide.hpp>

namespace twin {

/// Count, mean, variance, minimum and maximum of observations, one at a time (Welford 1962; merged after Chan, Golub,
/// LeVeque 1983).
///
/// The sum of squares about the mean is kept, not of the values, so no digits are lost when the spread is small
/// beside the mean. Merging in another order changes the last bits of mean and variance; where they must not change,
/// merge in a fixed order or use `TickTally`. A NaN observation makes mean and variance NaN.
class Tally {
 public:
  void add(double value) {
    ++count_;
    const double before = value - mean_;
    mean_ += before / static_cast<double>(count_);
    squares_ += before * (value - mean_);
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }

  void merge(const Tally& other) {
    if (other.count_ == 0) return;
    if (count_ == 0) {
      *this = other;
      return;
    }
    const auto mine = static_cast<double>(count_);
    const auto theirs = static_cast<double>(other.count_);
    const double apart = other.mean_ - mean_;
    mean_ += apart * (theirs / (mine + theirs));
    squares_ += other.squares_ + apart * apart * (mine * theirs / (mine + theirs));
    count_ += other.count_;
    if (other.min_ < min_) min_ = other.min_;
    if (other.max_ > max_) max_ = other.max_;
  }

  [[nodiscard]] std::int64_t count() const { return count_; }

  /// NaN without observations.
  [[nodiscard]] double mean() const { return count_ == 0 ? std::numeric_limits<double>::quiet_NaN() : mean_; }

  /// The unbiased estimate, with count - 1 in the denominator; NaN below two observations.
  [[nodiscard]] double variance() const {
    return count_ < 2 ? std::numeric_limits<double>::quiet_NaN() : squares_ / static_cast<double>(count_ - 1);
  }

  /// Infinity and -infinity without observations.
  [[nodiscard]] double min() const { return min_; }
  [[nodiscard]] double max() const { return max_; }

  friend bool operator==(const Tally&, const Tally&) = default;

 private:
  std::int64_t count_ = 0;
  double mean_ = 0.0;
  double squares_ = 0.0;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
};

/// The same of whole, non-negative numbers (ticks), in exact 128-bit sums: any order of adding and merging gives the
/// same bits, and adding costs one multiplication. Mean and variance are rounded once, when asked for.
class TickTally {
 public:
  /// @pre value <= 2^54, and the sum of all squares stays below 2^128: 2^20 observations of 2^54, or 2^48 of 2^40
  /// (18 hours); not checked.
  void add(std::uint64_t value) {
    ++count_;
    sum_ += value;
    squares_ += detail::UInt128{value} * value;
    if (value < min_) [[unlikely]]
      min_ = value;
    if (value > max_) [[unlikely]]
      max_ = value;
  }

  void merge(const TickTally& other) {
    count_ += other.count_;
    sum_ += other.sum_;
    squares_ += other.squares_;
    if (other.min_ < min_) min_ = other.min_;
    if (other.max_ > max_) max_ = other.max_;
  }

  [[nodiscard]] std::int64_t count() const { return count_; }

  /// In ticks; NaN without observations.
  [[nodiscard]] double mean() const {
    if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
    const auto n = static_cast<std::uint64_t>(count_);
    const detail::UInt128 whole = sum_ / n;
    return static_cast<double>(whole) + static_cast<double>(sum_ % n) / static_cast<double>(n);
  }

  /// In ticks squared, unbiased; NaN below two observations.
  [[nodiscard]] double variance() const {
    if (count_ < 2) return std::numeric_limits<double>::quiet_NaN();
    // About a whole number next to the mean, so that what is rounded is small; the products may wrap, their sum is
    // the true one again because it lies below 2^128.
    const auto n = static_cast<std::uint64_t>(count_);
    const detail::UInt128 centre = sum_ / n;
    const auto rest = static_cast<double>(sum_ % n);
    const detail::UInt128 about = squares_ - 2 * centre * sum_ + n * centre * centre;
    return (static_cast<double>(about) - rest * (rest / static_cast<double>(n))) / static_cast<double>(n - 1);
  }

  /// The largest and smallest 64-bit number without observations.
  [[nodiscard]] std::uint64_t min() const { return min_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }

  friend bool operator==(const TickTally&, const TickTally&) = default;

 private:
  std::int64_t count_ = 0;
  detail::UInt128 sum_ = 0;
  detail::UInt128 squares_ = 0;
  std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t max_ = 0;
};

}  // namespace twin
