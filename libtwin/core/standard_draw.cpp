// SPDX-License-Identifier: Apache-2.0
#include <libtwin/core/standard_draw.hpp>

namespace twin::detail {

double exponential_rare(Stream& stream, std::uint64_t bits) {
  double offset = 0.0;
  for (;;) {
    const std::uint64_t layer = bits & 255;
    const std::uint64_t position = bits >> 11;
    const double x = static_cast<double>(position) * kExponentialZiggurat.width[layer];
    if (position < kExponentialZiggurat.inside[layer]) return offset + x;
    if (layer == 0) {
      // What lies beyond the tail point is exponential again: the law has no memory.
      offset += kExponentialTail;
    } else {
      const double low = kExponentialZiggurat.density[layer];
      const double high = kExponentialZiggurat.density[layer + 1];
      if (low + uniform_draw(stream) * (high - low) < exp(-x)) return offset + x;
    }
    bits = stream();
  }
}

double normal_rare(Stream& stream, std::uint64_t bits) {
  for (;;) {
    const std::uint64_t layer = bits & 255;
    const std::uint64_t position = bits >> 11;
    const double sign = (bits & 256) != 0 ? -1.0 : 1.0;
    double x = static_cast<double>(position) * kNormalZiggurat.width[layer];
    if (position < kNormalZiggurat.inside[layer]) return sign * x;
    if (layer == 0) {
      // Marsaglia (1964): rejection from an exponential beyond the tail point.
      double y = 0.0;
      do {
        x = -log(uniform_draw(stream)) / kNormalTail;
        y = -log(uniform_draw(stream));
      } while (y + y < x * x);
      return sign * (kNormalTail + x);
    }
    const double low = kNormalZiggurat.density[layer];
    const double high = kNormalZiggurat.density[layer + 1];
    if (low + uniform_draw(stream) * (high - low) < exp(-0.5 * x * x)) return sign * x;
    bits = stream();
  }
}

}  // namespace twin::detail
