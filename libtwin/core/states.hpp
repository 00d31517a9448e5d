// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace twin {

/// What a station is doing. Exactly one at any time, so the shares of a station sum to one.
enum class StationState : std::uint8_t {
  busy,          ///< works on a part
  setup,         ///< changes over to another product
  starved,       ///< could work, has no part
  blocked,       ///< has a part that has no room downstream
  down,          ///< is being repaired
  waiting_crew,  ///< has failed and waits for its crew
  idle,          ///< a process that waits by its own decision
};
inline constexpr std::size_t kStationStates = 7;
constexpr auto enum_names(StationState) {
  return std::array<std::string_view, kStationStates>{"busy", "setup",        "starved", "blocked",
                                                      "down", "waiting_crew", "idle"};
}

/// How a run ended. Only `ok` rows are estimates; the others say what happened.
enum class RunStatus : std::uint8_t {
  ok,
  deadlocked,   ///< blocked stations hold parts that can never move on
  event_limit,  ///< more events than `RunInput::event_limit`
  stopped,      ///< the stop token or the progress callback asked for it
  bad_number,   ///< a rule of the user's program gave a number that cannot be
  too_few,      ///< no more parts came before the number of parts to be made was reached
};
constexpr auto enum_names(RunStatus) {
  return std::array<std::string_view, 6>{"ok", "deadlocked", "event_limit", "stopped", "bad_number", "too_few"};
}

}  // namespace twin
