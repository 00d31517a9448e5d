// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <libtwin/core/check.hpp>
#include <libtwin/core/time.hpp>

namespace twin {

/// Counts of non-negative whole numbers (ticks, parts) in bins of equal relative width, for quantiles.
///
/// Each octave of value + 1 has 32 bins, so a bin is at most 3.1 % wide and a quantile is within 3.1 % (1.6 % when
/// the values are spread evenly) of an observation of that rank; up to 62 every value has a bin of its own. The smallest and
/// the largest observation are kept exactly. Two histograms merge without loss, in any order, to the same bits.
/// 14 kB; never allocates.
class Histogram {
 public:
  /// The largest value that may be added: 2^54.
  static constexpr std::uint64_t kMaxValue = std::uint64_t{1} << 54;

  /// @pre value <= kMaxValue; not checked.
  void add(std::uint64_t value) {
    ++counts_[bin_of(value)];
    if (value < min_) [[unlikely]]
      min_ = value;
    if (value > max_) [[unlikely]]
      max_ = value;
  }

  /// Adds `value` rounded to the nearest whole number; values above 2^53, and NaN, count as 2^53. @pre value >= 0.
  void add_rounded(double value) { add(detail::round_to_ticks(value)); }

  void merge(const Histogram& other) {
    if (other.empty()) return;
    for (std::size_t i = bin_of(other.min_); i <= bin_of(other.max_); ++i) counts_[i] += other.counts_[i];
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
  }

  /// Forgets everything; touches only the bins between the smallest and the largest observation.
  void clear() {
    if (empty()) return;
    std::fill(counts_.begin() + first(), counts_.begin() + past_last(), std::uint64_t{0});
    min_ = std::numeric_limits<std::uint64_t>::max();
    max_ = 0;
  }

  [[nodiscard]] bool empty() const { return min_ > max_; }

  /// Number of observations. Walks the used bins: `add` keeps no count.
  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t sum = 0;
    if (!empty()) std::for_each(counts_.begin() + first(), counts_.begin() + past_last(), [&](auto c) { sum += c; });
    return sum;
  }

  /// Smallest and largest observation, exact. @pre not empty.
  [[nodiscard]] std::uint64_t min() const { return min_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }

  /// The value below which a share `p` of the observations lies: the inverse of the empirical distribution function,
  /// drawn straight inside each bin. Rises with `p`; the exact minimum at 0 and maximum at 1; NaN when empty.
  /// @param p  in [0, 1]. @throws std::logic_error otherwise.
  [[nodiscard]] double quantile(double p) const {
    TWIN_CHECK(p >= 0 && p <= 1, "a quantile is asked for at a share from 0 to 1");
    if (empty()) return std::numeric_limits<double>::quiet_NaN();
    const double rank = p * static_cast<double>(count());
    double below = 0;
    for (std::size_t i = bin_of(min_); i < bin_of(max_); ++i) {
      const auto here = static_cast<double>(counts_[i]);
      if (here > 0 && rank <= below + here) return inside(i, (rank - below) / here);
      below += here;
    }
    const auto here = static_cast<double>(counts_[bin_of(max_)]);
    return inside(bin_of(max_), std::min(1.0, (rank - below) / here));
  }

  friend bool operator==(const Histogram& a, const Histogram& b) {
    if (a.min_ != b.min_ || a.max_ != b.max_) return false;
    return a.empty() ||
           std::equal(a.counts_.begin() + a.first(), a.counts_.begin() + a.past_last(), b.counts_.begin() + b.first());
  }

 private:
  static constexpr std::size_t kBins = 32 * 55;

  // The exponent of a double and the first five bits of its mantissa, read as one number, count bins of 1/32 octave.
  static constexpr int kShift = 52 - 5;
  static constexpr std::uint64_t kBinOfOne = std::uint64_t{1023} << 5;

  static std::size_t bin_of(std::uint64_t value) {
    const auto shifted = static_cast<double>(static_cast<std::int64_t>(value) + 1);
    return (std::bit_cast<std::uint64_t>(shifted) >> kShift) - kBinOfOne;
  }

  /// The smallest whole number of a bin.
  static double lowest(std::size_t bin) {
    return std::ceil(std::bit_cast<double>((static_cast<std::uint64_t>(bin) + kBinOfOne) << kShift)) - 1.0;
  }

  /// The value at a `share` of the way through the whole numbers that the bin can have held.
  [[nodiscard]] double inside(std::size_t bin, double share) const {
    const double low = std::max(lowest(bin), static_cast<double>(min_));
    const double high = std::min(lowest(bin + 1) - 1.0, static_cast<double>(max_));
    return low + share * (high - low);
  }

  [[nodiscard]] std::ptrdiff_t first() const { return static_cast<std::ptrdiff_t>(bin_of(min_)); }
  [[nodiscard]] std::ptrdiff_t past_last() const { return static_cast<std::ptrdiff_t>(bin_of(max_)) + 1; }

  std::array<std::uint64_t, kBins> counts_{};
  std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t max_ = 0;
};

}  // namespace twin
