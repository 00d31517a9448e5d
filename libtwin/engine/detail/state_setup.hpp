// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <libtwin/engine/detail/state_data.hpp>
#include <libtwin/engine/run.hpp>

namespace twin::detail {

/// Sizes everything for the plant and prepares its laws. Called once.
void make_state(StateData& data, const Plant& plant);

/// @throws std::logic_error when the span of the run is out of range.
void check_input(const RunInput& input);

/// Writes the numbers in which a run differs from the plant, and prepares the laws they change. Undoes what the last call
/// changed. @throws std::logic_error when a number is out of range; nothing is changed then.
void apply_changes(StateData& data, std::span<const ValueChange> changes);

/// Brings the state to time 0 of the given run: numbers changed, streams keyed, lists empty. Allocates only when a law
/// takes a shape it has not had before.
void reset_state(StateData& data, const RunInput& input);

/// Fills `data.result` from what the loop counted.
void collect_result(StateData& data, const RunInput& input);

}  // namespace twin::detail
