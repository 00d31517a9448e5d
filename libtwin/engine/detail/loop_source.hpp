// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <libtwin/engine/detail/loop.hpp>

// Sources with arrivals of their own. Arrivals do not depend on the factory: a part without room waits at the source (in
// order, without limit) or is lost, and the next one comes when it comes.
namespace twin::detail {

TWIN_LOOP
void TWIN_LOOP_CLASS::set_next_arrival(std::uint32_t i, std::uint64_t t) {
  const PlantStation& station = data_.plant->stations[leaves_[i].station];
  if (station.first_release == kNone) return set_timer_at(i, t + draw_work(leaves_[i]));
  const std::uint32_t next = data_.stations[leaves_[i].station].next_release;
  if (next == station.release_count) return clear_timer(i);
  const std::int64_t ticks = data_.plant->releases[station.first_release + next].ticks;
  set_timer_at(i, std::min(static_cast<std::uint64_t>(ticks), static_cast<std::uint64_t>(longest_)));
}

TWIN_LOOP
void TWIN_LOOP_CLASS::fire_source(std::uint32_t i, std::uint64_t t) {
  const std::uint32_t number = leaves_[i].station;
  const PlantStation& station = data_.plant->stations[number];
  StationExtra& shared = data_.stations[number];
  std::uint64_t count = 1;
  std::uint32_t product = 0;
  if (station.first_release != kNone) {
    const Release& release = data_.plant->releases[station.first_release + shared.next_release++];
    count = release.count;
    product = release.product;
  } else if (station.batch_law != kNone) {
    count = round_to_ticks(sample(data_.samplers[station.batch_law], shared.batch));
  }
  // Set before the parts move on: they may end the run, and nothing they do may set this timer.
  set_next_arrival(i, t);
  for (std::uint64_t k = 0; k < count; ++k) {
    if (station.mix != kNone) product = draw_product(station.mix, shared.product);
    arrive(i, product, t);
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::arrive(std::uint32_t i, std::uint32_t product, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  const PlantStation& station = data_.plant->stations[leaf.station];
  const std::uint32_t part = new_part(product, t);
  if (!(leaf.flags & kSlowFinish)) {
    // Every way out leads into a store that never refuses.
    trace(TraceKind::create, i, part, t);
    give(i, part, station.route == RouteRule::single ? leaf.out : data_.ways[choose_share(leaf.station)].store, t);
    return;
  }
  ServerExtra& e = data_.servers[i];
  if (leaf.part != kNone) {
    if (!station.loses_parts) {
      trace(TraceKind::create, i, part, t);
      parts_[part].next = kNone;
      (e.list == kNone ? e.list : parts_[e.list_tail].next) = part;
      e.list_tail = part;
      return;
    }
  }
  const std::uint32_t outlet = choose_outlet(leaf.station, part);
  const std::uint32_t to = data_.plant->outlets[outlet].store;
  if (station.loses_parts && !accepts(stores_[to])) {
    remove_part(part, t);
    if constexpr (kStatistics) --data_.created;
    ++data_.lost;
    trace(TraceKind::lose, i, part, t);
    return;
  }
  trace(TraceKind::create, i, part, t);
  e.outlet = outlet;
  leaf.part = part;
  offer_waiting(i, t);
}

// Gives the part in hand, then those that wait behind it, as far as there is room.
TWIN_LOOP
void TWIN_LOOP_CLASS::offer_waiting(std::uint32_t i, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  for (;;) {
    if (leaf.part == kNone) {
      if (e.list == kNone) {
        if (leaf.state == StationState::blocked) set_state(i, StationState::busy, t);
        return;
      }
      leaf.part = e.list;
      e.list = parts_[leaf.part].next;
      e.outlet = choose_outlet(leaf.station, leaf.part);
    }
    const std::uint32_t to = data_.plant->outlets[e.outlet].store;
    Store& store = stores_[to];
    const std::uint32_t part = leaf.part;
    leaf.part = kNone;
    if (!accepts(store) || !give(i, part, to, t)) {
      leaf.part = part;
      // Like `block`, but the timer goes on: it is the next arrival's.
      leaf.phase = Phase::finished;
      leaf.next = kNone;
      (store.blocked_head == kNone ? store.blocked_head : leaves_[store.blocked_tail].next) = i;
      store.blocked_tail = i;
      if (leaf.state != StationState::blocked) set_state(i, StationState::blocked, t);
      if (store.flags & kWatched) tell_watchers(store, t);
      return;
    }
  }
}

}  // namespace twin::detail
