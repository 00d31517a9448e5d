// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <libtwin/experiment/kpi.hpp>
#include <libtwin/experiment/selection.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::detail {

/// The procedure of a study's `[select]` for so many designs; delta in SI units, and shown in those of the files.
/// @param goal  what the goal is a number of.
/// @throws ModelError with all that is wrong (E055). @pre the study has a selection.
[[nodiscard]] SelectionOptions selection_options(const Study& study, std::size_t designs, KpiDimension goal);

}  // namespace twin::detail
