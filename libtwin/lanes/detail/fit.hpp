// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libtwin/engine/detail/state_data.hpp>
#include <libtwin/engine/run.hpp>
#include <libtwin/lanes/program.hpp>

namespace twin::detail {

/// The longest run [ticks]: 2^51, four years.
inline constexpr double kLongestTicks = 2251799813685248.0;

/// Whether the recursion holds for the numbers of a run, which have been applied to `data`.
[[nodiscard]] bool is_fit_for_lanes(const Plant& plant, const LaneProgram& program, const StateData& data,
                                    const RunInput& input);

}  // namespace twin::detail
