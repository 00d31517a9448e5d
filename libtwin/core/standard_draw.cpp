// SPDX-License-Identifier: Apache-2.0
#include <libtwin/core/standard_draw.hpp>

namespace twin::detail {

namespace {

double as_double(std::uint64_t x) { return static_cast<double>(static_cast<std::int64_t>(x)); }

// Whether a point of a layer beyond `inside`, at the height `u` between the curve's values at its ends, lies under exp(-x).
// The curve is convex: all of it is below its chord and above its tangent at the left end, which decides 99 of 100 cases.
bool is_under_exponential(std::uint64_t index, std::uint64_t position, double u) {
  const ZigguratLayer& layer = kExponentialZiggurat.layers[index];
  const double to_right = as_double((std::uint64_t{1} << 53) - position);
  const double length = as_double((std::uint64_t{1} << 53) - layer.inside);
  if (u * length > to_right * (1 + kEdgeMargin)) return false;
  const double low = kExponentialZiggurat.density[index];
  const double high = kExponentialZiggurat.density[index + 1];
  const double y = low + u * (high - low);
  const double from_left = as_double(position - layer.inside) * layer.width;
  if (y < high * (1 - kEdgeMargin) - high * from_left) return true;
  return y < exp(-(as_double(position) * layer.width));
}

}  // namespace

double exponential_rare(Stream& stream, std::uint64_t bits) {
  double offset = 0.0;
  for (;;) {
    const std::uint64_t index = bits & 255;
    const ZigguratLayer& layer = kExponentialZiggurat.layers[index];
    const std::uint64_t position = bits >> 11;
    const double x = as_double(position) * layer.width;
    if (position < layer.inside) return offset + x;
    if (index == 0) {
      // What lies beyond the tail point is exponential again: the law has no memory.
      offset += kExponentialTail;
    } else if (is_under_exponential(index, position, uniform_draw(stream))) {
      return offset + x;
    }
    bits = stream();
  }
}

double normal_rare(Stream& stream, std::uint64_t bits) {
  for (;;) {
    const std::uint64_t index = bits & 255;
    const ZigguratLayer& layer = kNormalZiggurat.layers[index];
    const std::uint64_t position = bits >> 11;
    const double sign = (bits & 256) != 0 ? -1.0 : 1.0;
    double x = as_double(position) * layer.width;
    if (position < layer.inside) return sign * x;
    if (index == 0) {
      // Marsaglia (1964): rejection from an exponential beyond the tail point.
      double y = 0.0;
      do {
        x = -log(uniform_draw(stream)) / kNormalTail;
        y = -log(uniform_draw(stream));
      } while (y + y < x * x);
      return sign * (kNormalTail + x);
    }
    const double low = kNormalZiggurat.density[index];
    const double high = kNormalZiggurat.density[index + 1];
    if (low + uniform_draw(stream) * (high - low) < exp(-0.5 * x * x)) return sign * x;
    bits = stream();
  }
}

}  // namespace twin::detail
