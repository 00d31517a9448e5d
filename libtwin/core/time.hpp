// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <compare>
#include <cstdint>

namespace twin {

/// Steps of the time grid per second: 2^24, so one step is about 60 ns.
inline constexpr double kTicksPerSecond = 16777216.0;

/// The longest span a run may cover: 2^53 ticks, 17 years. Up to here a time is the same number as an integer of
/// ticks and as a double of seconds, so sums and differences of times are exact in both.
inline constexpr std::int64_t kMaxTicks = std::int64_t{1} << 53;
inline constexpr double kMaxSeconds = 536870912.0;

/// A point on, or a distance along, the simulation clock, on a grid of 2^-24 s.
///
/// A duration is rounded to the grid once, when it is drawn (to the nearest step, ties to even); from then on sums
/// and differences are exact, so the order of additions never changes a result. There is no implicit conversion
/// from or to seconds.
class SimTime {
 public:
  constexpr SimTime() = default;
  constexpr static SimTime from_ticks(std::int64_t ticks) { return SimTime{ticks}; }

  /// Rounds `seconds` to the grid. @pre |seconds| <= kMaxSeconds.
  constexpr static SimTime from_seconds(double seconds);

  [[nodiscard]] constexpr std::int64_t ticks() const { return ticks_; }
  [[nodiscard]] constexpr double seconds() const { return static_cast<double>(ticks_) / kTicksPerSecond; }

  friend constexpr auto operator<=>(SimTime, SimTime) = default;
  friend constexpr SimTime operator+(SimTime a, SimTime b) { return SimTime{a.ticks_ + b.ticks_}; }
  friend constexpr SimTime operator-(SimTime a, SimTime b) { return SimTime{a.ticks_ - b.ticks_}; }

 private:
  constexpr explicit SimTime(std::int64_t ticks) : ticks_(ticks) {}
  std::int64_t ticks_ = 0;
};

namespace detail {

/// Rounds `x` to the nearest integer, ties to even, for 0 <= x <= 2^53; larger x (and NaN) become 2^53.
///
/// Adding and subtracting 2^52 rounds by the adder's own rule and needs no library call; above 2^52 a double is an
/// integer already. `constexpr`, and the same bits in scalar and SIMD code.
constexpr std::uint64_t round_to_ticks(double x) {
  constexpr double kBig = 4503599627370496.0;  // 2^52
  constexpr double kMax = 9007199254740992.0;  // 2^53
  if (!(x < kBig)) return x < kMax ? static_cast<std::uint64_t>(x) : static_cast<std::uint64_t>(kMax);
  // The sum lies in [2^52, 2^53], where consecutive integers have consecutive bit patterns.
  return std::bit_cast<std::uint64_t>(x + kBig) - std::bit_cast<std::uint64_t>(kBig);
}

/// The same with a limit of one's own: the smaller of `x` and `limit`, to the nearest integer, ties to even; `limit`
/// for NaN. @pre 0 <= limit <= 2^53, and the processor rounds to nearest, as it does unless told otherwise.
inline std::uint64_t round_to_ticks_below(double x, double limit) {
  // Two instructions where the compiler may drop errno: the smaller of two, and the conversion that rounds.
  return static_cast<std::uint64_t>(__builtin_llrint(x < limit ? x : limit));
}

}  // namespace detail

constexpr SimTime SimTime::from_seconds(double seconds) {
  const double x = seconds * kTicksPerSecond;
  return x < 0 ? SimTime{-static_cast<std::int64_t>(detail::round_to_ticks(-x))}
               : SimTime{static_cast<std::int64_t>(detail::round_to_ticks(x))};
}

}  // namespace twin
