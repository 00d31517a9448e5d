// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include <libtwin/core/always_inline.hpp>
#include <libtwin/core/elementary.hpp>
#include <libtwin/core/random.hpp>
#include <libtwin/core/ziggurat_layer.hpp>

/// The three standard draws. Every variate of the library is a monotone transform of one of them that does not
/// change how many numbers the stream gives out, so scenarios with other parameters see the same standard draws.
namespace twin {
namespace detail {

/// Tables of the ziggurat method (Marsaglia and Tsang 2000) with 256 layers; `density[i]` is the curve at the right end of
/// layer i.
struct Ziggurat {
  std::array<ZigguratLayer, 256> layers{};
  std::array<double, 257> density{};
};

inline constexpr double kExponentialTail = 7.69711747013104972;
inline constexpr double kNormalTail = 3.6541528853610088;

template <class Density, class Inverse>
constexpr Ziggurat make_ziggurat(double tail, double area, Density f, Inverse inverse) {
  std::array<double, 257> x{};
  x[0] = area / f(tail);
  x[1] = tail;
  for (std::size_t i = 2; i < 256; ++i) x[i] = inverse(area / x[i - 1] + f(x[i - 1]));
  x[256] = 0.0;
  Ziggurat z;
  for (std::size_t i = 0; i < 256; ++i) {
    z.layers[i].inside = static_cast<std::uint64_t>(x[i + 1] / x[i] * 9007199254740992.0);
    z.layers[i].width = x[i] / 9007199254740992.0;
    z.density[i] = f(x[i]);
  }
  z.density[0] = f(tail);
  z.density[256] = 1.0;
  return z;
}

inline constexpr Ziggurat kExponentialZiggurat = make_ziggurat(
    kExponentialTail, 0.0039496598225815571993, [](double x) { return exp(-x); }, [](double y) { return -log(y); });

inline constexpr Ziggurat kNormalZiggurat = make_ziggurat(
    kNormalTail, 0.00492867323399, [](double x) { return exp(-0.5 * x * x); },
    [](double y) { return sqrt(-2.0 * log(y)); });

/// Everything but the first, inlined try: about 2 % of the draws.
[[gnu::noinline]] double exponential_rare(Stream& stream, std::uint64_t bits);
[[gnu::noinline]] double normal_rare(Stream& stream, std::uint64_t bits);

}  // namespace detail

/// Uniform on the open interval (0, 1): a multiple of 2^-52, plus half a step. With one bit more the half would be
/// rounded away and 1 could come out.
constexpr double uniform_draw(Stream& stream) {
  return (static_cast<double>(static_cast<std::int64_t>(stream() >> 12)) + 0.5) * (1.0 / 4503599627370496.0);
}

/// Exponential with mean 1, >= 0.
TWIN_ALWAYS_INLINE inline double exponential_draw(Stream& stream) {
  const std::uint64_t bits = stream();
  const detail::ZigguratLayer& layer = detail::kExponentialZiggurat.layers[bits & 255];
  const std::uint64_t position = bits >> 11;
  if (position < layer.inside) [[likely]] {
    return static_cast<double>(static_cast<std::int64_t>(position)) * layer.width;
  }
  return detail::exponential_rare(stream, bits);
}

/// Normal with mean 0 and standard deviation 1.
TWIN_ALWAYS_INLINE inline double normal_draw(Stream& stream) {
  const std::uint64_t bits = stream();
  const detail::ZigguratLayer& layer = detail::kNormalZiggurat.layers[bits & 255];
  const std::uint64_t position = bits >> 11;
  if (position < layer.inside) [[likely]] {
    const double x = static_cast<double>(static_cast<std::int64_t>(position)) * layer.width;
    return (bits & 256) != 0 ? -x : x;
  }
  return detail::normal_rare(stream, bits);
}

}  // namespace twin
