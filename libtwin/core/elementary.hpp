// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

/// Logarithm and exponential made of additions and multiplications in a stated order.
///
/// The C library's `log` and `exp` differ in the last bits between versions and processors; these give the same
/// bits wherever IEEE 754 doubles do, in constant expressions too, as long as the compiler does not fuse
/// operations (`-ffp-contract=off`).
namespace twin::detail {

inline constexpr double kLn2High = 6.93147180369123816490e-01;  // 33 bits, so that k * kLn2High is exact
inline constexpr double kLn2Low = 1.90821492927058770002e-10;
inline constexpr double kInvLn2 = 1.44269504088896338700e+00;

/// Natural logarithm of a positive, finite, normal `x`; relative error below 1e-15.
constexpr double log(double x) {
  if (x <= 0) return -std::numeric_limits<double>::infinity();
  std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  // Scale so that the mantissa lies in [sqrt(1/2), sqrt(2)): the series below converges fastest around 1.
  const std::uint64_t shifted = bits - 0x3fe6a09e667f3bcdULL;
  const int k = static_cast<int>(static_cast<std::int64_t>(shifted) >> 52);
  bits = bits - (static_cast<std::uint64_t>(static_cast<std::int64_t>(k)) << 52);
  const double m = std::bit_cast<double>(bits);
  // log(m) = 2 atanh(s) with s = (m-1)/(m+1), |s| <= 0.1716: the series in s^2 to degree 10 leaves 1e-18.
  const double f = m - 1.0;
  const double s = f / (m + 1.0);
  const double z = s * s;
  // clang-format off
  const double series =
      z * (2.0 / 3 + z * (2.0 / 5 + z * (2.0 / 7 + z * (2.0 / 9 + z * (2.0 / 11 + z * (2.0 / 13 +
      z * (2.0 / 15 + z * (2.0 / 17 + z * (2.0 / 19 + z * (2.0 / 21))))))))));
  // clang-format on
  // 2s = f - s*f, which keeps the bits of f.
  const double kd = static_cast<double>(k);
  return kd * kLn2High + (f - (s * (f - series) - kd * kLn2Low));
}

/// e to the power `x`; relative error below 1e-15; 0 and infinity outside the range of doubles.
constexpr double exp(double x) {
  if (!(x < 709.0)) return x != x ? x : std::numeric_limits<double>::infinity();
  if (x < -708.0) return 0.0;
  const double kd0 = x * kInvLn2;
  const int k = static_cast<int>(kd0 < 0 ? kd0 - 0.5 : kd0 + 0.5);
  const double kd = static_cast<double>(k);
  const double high = x - kd * kLn2High;
  const double low = kd * kLn2Low;
  const double r = high - low;
  // Taylor series on |r| <= 0.3466 to degree 13: the remainder is below 1e-17. Terms above the linear one are
  // summed first, smallest first.
  double tail = 1.0 / 6227020800.0;
  constexpr double kInverseFactorials[] = {1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880,
                                           1.0 / 40320,     1.0 / 5040,     1.0 / 720,     1.0 / 120,
                                           1.0 / 24,        1.0 / 6,        1.0 / 2};
  for (const double c : kInverseFactorials) tail = tail * r + c;
  const double y = 1.0 + (high + (r * r * tail - low));
  const int half = k / 2;
  const auto two_to = [](int e) {
    return std::bit_cast<double>(static_cast<std::uint64_t>(static_cast<std::int64_t>(e) + 1023) << 52);
  };
  return y * two_to(half) * two_to(k - half);
}

/// Square root by Newton's method, for constant expressions; correct to 1 ulp.
constexpr double sqrt(double x) {
  if (x <= 0) return 0.0;
  double guess = exp(0.5 * log(x));
  for (int i = 0; i < 3; ++i) guess = 0.5 * (guess + x / guess);
  return guess;
}

/// `x` to the power `y`, x >= 0; relative error about |y log x| * 1e-16.
constexpr double pow(double x, double y) { return x <= 0 ? 0.0 : exp(y * log(x)); }

}  // namespace twin::detail
