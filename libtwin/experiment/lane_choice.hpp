// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <libtwin/experiment/replicate.hpp>
#include <libtwin/lanes/runner.hpp>

namespace twin::detail {

/// Whether runs are made in lanes: when asked for, or when there are enough of them to fill some.
/// @param runs  how many there are. @param is_possible  besides what `compiled` says.
/// @throws ModelError when they are asked for and not possible.
[[nodiscard]] bool choose_lanes(const Compiled& compiled, EngineChoice choice, std::uint64_t runs, bool is_possible);

/// The least that has to be added up for these KPIs.
[[nodiscard]] LaneStatistics statistics_for(std::span<const Kpi> kpis, const std::vector<bool>& is_used);

}  // namespace twin::detail
