// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <utility>

#include <libtwin/engine/detail/loop.hpp>

// Loops with a fixed number of cards. A card that comes back is free at the same instant, when the move that brought it back
// is complete, and never inside another server's move: the server that has waited longest takes it, and not one that the
// move itself set free.
namespace twin::detail {

// How many parts the station has cards for; no less than `kNone` where it needs none.
TWIN_LOOP
std::uint32_t TWIN_LOOP_CLASS::free_cards(const PlantStation& station) const {
  std::uint32_t least = kNone;
  for (std::uint32_t k = 0; k < station.cards_taken.count; ++k) {
    const LoopState& loop = data_.loops[data_.plant->loop_lists[station.cards_taken.first + k]];
    least = std::min(least, loop.cards - loop.in_use);
  }
  return least;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::take_cards(const PlantStation& station, std::uint64_t t) {
  for (std::uint32_t k = 0; k < station.cards_taken.count; ++k) {
    LoopState& loop = data_.loops[data_.plant->loop_lists[station.cards_taken.first + k]];
    ++loop.in_use;
    if constexpr (kStatistics) loop.area -= t;
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::give_cards_back(LoopRange back) {
  for (std::uint32_t k = 0; k < back.count; ++k) {
    const std::uint32_t loop = data_.plant->loop_lists[back.first + k];
    ++data_.loops[loop].coming_back;
    const std::uint32_t first = data_.plant->loops[loop].first;
    if (data_.stations[first].cards_back++ == 0) make_ready(data_.plant->stations[first].first_leaf);
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::free_with_cards(std::uint32_t i, std::uint64_t t) {
  give_cards_back(data_.plant->stations[leaves_[i].station].cards_back);
  free_server(i, t);
}

// The station whose first server is `i` has cards back, each of which lets one server that waits take a part.
TWIN_LOOP
void TWIN_LOOP_CLASS::use_cards(std::uint32_t i, std::uint64_t t) {
  const std::uint32_t number = leaves_[i].station;
  const LoopRange taken = data_.plant->stations[number].cards_taken;
  for (std::uint32_t k = 0; k < taken.count; ++k) {
    LoopState& loop = data_.loops[data_.plant->loop_lists[taken.first + k]];
    if constexpr (kStatistics) loop.area += std::uint64_t{loop.coming_back} * t;
    loop.in_use -= std::exchange(loop.coming_back, 0);
  }
  for (std::uint32_t k = std::exchange(data_.stations[number].cards_back, 0); k != 0; --k) tell_station(number, t);
}

}  // namespace twin::detail
