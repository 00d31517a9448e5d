// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

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

  void merge(const Histogram& other);

  /// Forgets everything; touches only the bins between the smallest and the largest observation.
  void clear();

  [[nodiscard]] bool empty() const { return min_ > max_; }

  /// Number of observations. Walks the used bins: `add` keeps no count.
  [[nodiscard]] std::uint64_t count() const;

  /// Smallest and largest observation, exact. @pre not empty.
  [[nodiscard]] std::uint64_t min() const { return min_; }
  [[nodiscard]] std::uint64_t max() const { return max_; }

  /// The value below which a share `p` of the observations lies: the inverse of the empirical distribution function,
  /// drawn straight inside each bin. Rises with `p`; the exact minimum at 0 and maximum at 1; NaN when empty.
  /// @param p  in [0, 1]. @throws std::logic_error otherwise.
  [[nodiscard]] double quantile(double p) const;

  friend bool operator==(const Histogram& a, const Histogram& b);

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
  static double lowest(std::size_t bin);

  /// The value at a `share` of the way through the whole numbers that the bin can have held.
  [[nodiscard]] double inside(std::size_t bin, double share) const;

  [[nodiscard]] std::ptrdiff_t first() const { return static_cast<std::ptrdiff_t>(bin_of(min_)); }
  [[nodiscard]] std::ptrdiff_t past_last() const { return static_cast<std::ptrdiff_t>(bin_of(max_)) + 1; }

  std::array<std::uint64_t, kBins> counts_{};
  std::uint64_t min_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t max_ = 0;
};

}  // namespace twin
