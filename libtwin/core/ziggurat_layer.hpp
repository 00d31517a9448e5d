// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace twin::detail {

/// A layer of a ziggurat. A 53-bit integer below `inside` lies under the curve whatever its height; `width` scales it.
/// By itself in a header without functions: code that is compiled for newer processors reads it too.
struct alignas(16) ZigguratLayer {
  std::uint64_t inside = 0;
  double width = 0;
};

/// Short cuts at the edge of a layer decide only beyond this share of it, so that rounding decides nothing.
inline constexpr double kEdgeMargin = 1e-9;

}  // namespace twin::detail
