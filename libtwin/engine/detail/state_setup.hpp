// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <libtwin/engine/detail/state_data.hpp>
#include <libtwin/engine/run.hpp>

namespace twin::detail {

/// Sizes everything for the plant and prepares its laws. Called once.
void make_state(StateData& data, const Plant& plant);

/// Brings the state to time 0 of the given run: numbers changed, streams keyed, lists empty. Allocates only when a law
/// takes a shape it has not had before.
void reset_state(StateData& data, const RunInput& input);

/// Fills `data.result` from what the loop counted.
void collect_result(StateData& data, const RunInput& input);

}  // namespace twin::detail
