// SPDX-License-Identifier: Apache-2.0
#include <libtwin/stats/histogram.hpp>

#include <algorithm>
#include <cmath>

#include <libtwin/core/check.hpp>

namespace twin {

void Histogram::merge(const Histogram& other) {
  if (other.empty()) return;
  for (std::size_t i = bin_of(other.min_); i <= bin_of(other.max_); ++i) counts_[i] += other.counts_[i];
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void Histogram::clear() {
  if (empty()) return;
  std::fill(counts_.begin() + first(), counts_.begin() + past_last(), std::uint64_t{0});
  min_ = std::numeric_limits<std::uint64_t>::max();
  max_ = 0;
}

std::uint64_t Histogram::count() const {
  std::uint64_t sum = 0;
  if (!empty()) std::for_each(counts_.begin() + first(), counts_.begin() + past_last(), [&](auto c) { sum += c; });
  return sum;
}

double Histogram::quantile(double p) const {
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

bool operator==(const Histogram& a, const Histogram& b) {
  if (a.min_ != b.min_ || a.max_ != b.max_) return false;
  return a.empty() ||
         std::equal(a.counts_.begin() + a.first(), a.counts_.begin() + a.past_last(), b.counts_.begin() + b.first());
}

double Histogram::lowest(std::size_t bin) {
  return std::ceil(std::bit_cast<double>((static_cast<std::uint64_t>(bin) + kBinOfOne) << kShift)) - 1.0;
}

double Histogram::inside(std::size_t bin, double share) const {
  const double low = std::max(lowest(bin), static_cast<double>(min_));
  const double high = std::min(lowest(bin + 1) - 1.0, static_cast<double>(max_));
  return low + share * (high - low);
}

}  // namespace twin
