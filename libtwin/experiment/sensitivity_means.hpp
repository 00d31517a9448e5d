// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/experiment/sensitivity.hpp>

namespace twin::detail {

/// A mean that a derivative may be taken with respect to.
struct MeanOf {
  SensitivityKind kind = SensitivityKind::cycle;
  std::string name;
  std::uint32_t op = kNone;    ///< in `LaneProgram::ops`
  std::uint32_t mode = kNone;  ///< in `Plant::failures`, for repairs
  double mean_s = 0;

  /// Why the derivative would be wrong; empty when it is not.
  std::string refusal;
};

/// All means of a factory, in the order of its operations; none of one that is no recursion.
[[nodiscard]] std::vector<MeanOf> means_of(const Compiled& compiled);

/// Whether two times may be equal with a probability above 0: some law has values of its own.
[[nodiscard]] bool may_tie(const Compiled& compiled);

}  // namespace twin::detail
