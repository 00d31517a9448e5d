// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include <libtwin/engine/detail/loop.hpp>

// Buffers and hand-overs: the order of what waits, room and takers, and what a machine takes from several of them.
namespace twin::detail {

TWIN_LOOP
void TWIN_LOOP_CLASS::append_slow(Store& store, std::uint32_t part, std::uint64_t t) {
  append_untold(store, part, t);
  if (store.flags & kWatched) tell_watchers(store, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::append_untold(Store& store, std::uint32_t part, std::uint64_t t) {
  const auto link_at_end = [&] {
    (store.count != 0 ? parts_[store.tail].next : store.head) = part;
    store.tail = part;
  };
  switch (store.order) {
    case StoreOrder::fifo:
    case StoreOrder::rule:
      link_at_end();
      break;
    case StoreOrder::lifo:
      parts_[part].next = store.head;
      if (store.count == 0) store.tail = part;
      store.head = part;
      break;
    case StoreOrder::priority: {
      const auto& priorities = data_.plant->product_priorities;
      const double mine = priorities[parts_[part].product];
      if (store.count == 0 || priorities[parts_[store.tail].product] >= mine) {
        link_at_end();
        break;
      }
      // Before the first part of lower priority.
      std::uint32_t* link = &store.head;
      while (priorities[parts_[*link].product] >= mine) link = &parts_[*link].next;
      parts_[part].next = *link;
      *link = part;
      break;
    }
  }
  ++store.count;
  if constexpr (kStatistics) store.area -= t;
  trace(TraceKind::enter, index_of(store), part, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::choose_next(Store& store) {
  const PlantStore& described = data_.plant->stores[index_of(store)];
  if (described.rule.score == nullptr || store.count < 2) return;
  std::uint32_t best = kNone;
  std::uint32_t before_best = kNone;
  double best_score = 0;
  std::uint32_t before = kNone;
  std::uint32_t part = store.head;
  for (std::uint32_t k = 0; k < store.count; ++k) {
    const PartView view{PartId{part}, ProductId{parts_[part].product},
                        static_cast<double>(parts_[part].entered) / kTicksPerSecond};
    const double score = described.rule.score(described.rule.context, RunView(&data_), BufferId{described.index}, view);
    if (std::isnan(score)) end_run(RunStatus::bad_number, data_.plant->consumers[described.first_consumer]);
    if (best == kNone || score < best_score) {
      best = part;
      before_best = before;
      best_score = score;
    }
    before = part;
    part = parts_[part].next;
  }
  if (before_best == kNone) return;
  parts_[before_best].next = parts_[best].next;
  if (store.tail == best) store.tail = before_best;
  parts_[best].next = store.head;
  store.head = best;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::join_idle(std::uint32_t i, Store& store) {
  std::uint32_t* link = &store.idle_head;
  while (*link != kNone) link = &leaves_[*link].next;
  leaves_[i].next = kNone;
  *link = i;
}

TWIN_LOOP
bool TWIN_LOOP_CLASS::has_room(const Store& store) const {
  if (store.kind == StoreKind::sink) return true;
  const std::uint64_t taken = std::uint64_t{store.count} + store.reserved;
  std::uint64_t places = store.capacity;
  const auto count_idle = [&](std::uint32_t idle, std::uint32_t most) {
    for (; idle != kNone && most != 0 && places <= taken; idle = leaves_[idle].next, --most) ++places;
  };
  count_idle(store.idle_head, kNone);
  if (places > taken || !(store.flags & kWatched)) return places > taken;
  // A machine that takes from several stores, or with a card, waits at none of them. An assembly has no place for a single
  // part, and an idle machine none without a card.
  const PlantStore& described = data_.plant->stores[index_of(store)];
  for (std::uint32_t k = 0; k < described.consumer_count; ++k) {
    const std::uint32_t number = data_.plant->consumers[described.first_consumer + k];
    const PlantStation& station = data_.plant->stations[number];
    if (station.kind == PlantStationKind::assembly) continue;
    count_idle(data_.stations[number].idle_head, free_cards(station));
  }
  return places > taken;
}

// Whether a part given to `store` now would be taken at once: by an idle machine, or by an assembly that lacks only it.
TWIN_LOOP
bool TWIN_LOOP_CLASS::has_taker(const Store& store) const {
  if (store.idle_head != kNone) return true;
  if (!(store.flags & kWatched)) return false;
  const PlantStore& described = data_.plant->stores[index_of(store)];
  for (std::uint32_t k = 0; k < described.consumer_count; ++k) {
    const std::uint32_t number = data_.plant->consumers[described.first_consumer + k];
    const PlantStation& station = data_.plant->stations[number];
    if (data_.stations[number].idle_head == kNone) continue;
    bool is_complete = free_cards(station) != 0;
    for (std::uint32_t n = 0; station.kind == PlantStationKind::assembly && n < station.input_count; ++n) {
      const PlantInput& input = data_.plant->inputs[station.first_input + n];
      const Store& other = stores_[input.store];
      is_complete = is_complete && available(other, input.count) + (&other == &store ? 1 : 0) >= input.count;
    }
    if (is_complete) return true;
  }
  return false;
}

TWIN_LOOP
bool TWIN_LOOP_CLASS::accepts(const Store& store) const {
  if (store.reserved != 0) return has_room(store);
  return store.kind == StoreKind::sink || store.count < store.capacity || has_taker(store);
}

// A place or a machine behind `store` has become free: whoever waits for one moves, first come first.
TWIN_LOOP
void TWIN_LOOP_CLASS::admit(Store& store, std::uint64_t t) {
  while (store.blocked_head != kNone) {
    const std::uint32_t u = store.blocked_head;
    Leaf& waiting = leaves_[u];
    if (waiting.phase == Phase::waiting_room) {
      if (!has_room(store)) return;
      store.blocked_head = waiting.next;
      ++store.reserved;
      data_.servers[u].holds_reservation = true;
      go_on(u, t);
      continue;
    }
    if (!has_room(store)) return;
    if (store.idle_head == kNone && store.count >= store.capacity) {
      // The room is on a machine that takes from several stores: it comes for the part itself.
      tell_watchers(store, t);
      if (store.blocked_head == u) return;
      continue;
    }
    store.blocked_head = waiting.next;
    give(u, waiting.part, index_of(store), t);
    if (waiting.flags & kSlowFinish) {
      freed_slow(u, t);
    } else {
      refill(u, t);
    }
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::refill_reserving(std::uint32_t i, std::uint64_t t) {
  Store& store = stores_[leaves_[i].in];
  if (store.count != 0) {
    start(i, pop(store, t), t);
  } else if (store.kind == StoreKind::supply) {
    start(i, supply_part(store, t), t);
    return;
  } else if (store.blocked_head != kNone && leaves_[store.blocked_head].phase == Phase::finished) {
    const std::uint32_t u = store.blocked_head;
    store.blocked_head = leaves_[u].next;
    if constexpr (kStatistics) ++store.passed;
    trace(TraceKind::depart, u, leaves_[u].part, t);
    start(i, leaves_[u].part, t);
    freed_slow(u, t);
  } else {
    starve(i, store, t);
  }
  admit(store, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::tell_watchers(Store& store, std::uint64_t t) {
  const PlantStore& described = data_.plant->stores[index_of(store)];
  for (std::uint32_t k = 0; k < described.consumer_count; ++k) {
    tell_station(data_.plant->consumers[described.first_consumer + k], t);
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::tell_station(std::uint32_t number, std::uint64_t t) {
  StationExtra& shared = data_.stations[number];
  if (shared.idle_head == kNone) return;
  const std::uint32_t i = shared.idle_head;
  shared.idle_head = leaves_[i].next;
  take_slow(i, t);  // joins the idle again when something is still missing, and keeps its turn
  for (std::uint32_t* link = &shared.idle_head; *link != kNone; link = &leaves_[*link].next) {
    if (*link != i) continue;
    *link = leaves_[i].next;
    leaves_[i].next = shared.idle_head;
    shared.idle_head = i;
    return;
  }
}

TWIN_LOOP
std::uint32_t TWIN_LOOP_CLASS::available(const Store& store, std::uint32_t wanted) const {
  if (store.kind == StoreKind::supply) return wanted;
  std::uint32_t there = store.count;
  for (std::uint32_t u = store.blocked_head; u != kNone && there < wanted; u = leaves_[u].next) {
    if (leaves_[u].phase != Phase::finished) break;
    ++there;
  }
  return there;
}

// Servers upstream that become free are remembered in `pending`: they may take only when all parts of the kit are here.
TWIN_LOOP
std::uint32_t TWIN_LOOP_CLASS::take_one(Store& store, std::uint64_t t) {
  if (store.kind == StoreKind::supply) return supply_part(store, t);
  if (store.flags & kEndsLoop) [[unlikely]]
    give_cards_back(data_.plant->stores[index_of(store)].cards_back);
  const std::uint32_t u = store.blocked_head;
  const bool is_finished = u != kNone && leaves_[u].phase == Phase::finished;
  if (store.count == 0) {
    if constexpr (kStatistics) ++store.passed;
    const std::uint32_t part = leaves_[u].part;
    trace(TraceKind::depart, u, part, t);
    store.blocked_head = leaves_[u].next;
    data_.pending.push_back(u);
    return part;
  }
  const std::uint32_t part = pop(store, t);
  if (is_finished && store.count + store.reserved < store.capacity) {
    store.blocked_head = leaves_[u].next;
    trace(TraceKind::depart, u, leaves_[u].part, t);
    append_untold(store, leaves_[u].part, t);  // the taker is the one who would be told
    data_.pending.push_back(u);
  }
  return part;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::free_pending(std::uint64_t t, std::size_t from) {
  while (data_.pending.size() > from) {
    const std::uint32_t u = data_.pending[from];
    data_.pending.erase(data_.pending.begin() + static_cast<std::ptrdiff_t>(from));
    if (leaves_[u].flags & kSlowFinish) {
      freed_slow(u, t);
    } else {
      refill(u, t);
    }
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::take_slow(std::uint32_t i, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  if (!(leaf.flags & kSlowTake)) return refill_reserving(i, t);
  const PlantStation& station = data_.plant->stations[leaf.station];
  const PlantInput* inputs = data_.plant->inputs.data() + station.first_input;
  const std::size_t from = data_.pending.size();
  std::uint32_t part = kNone;
  const bool needs_card = (leaf.flags & kNeedsCard) != 0;
  const bool may_take = !needs_card || free_cards(station) != 0;
  if (station.kind == PlantStationKind::assembly) {
    bool is_complete = may_take;
    for (std::uint32_t k = 0; k < station.input_count; ++k) {
      is_complete = is_complete && available(stores_[inputs[k].store], inputs[k].count) >= inputs[k].count;
    }
    for (std::uint32_t k = 0; is_complete && k < station.input_count; ++k) {
      for (std::uint32_t n = 0; n < inputs[k].count; ++n) {
        const std::uint32_t taken = take_one(stores_[inputs[k].store], t);
        if (part == kNone) {
          part = taken;
          continue;
        }
        trace(TraceKind::consume, i, taken, t);
        remove_part(taken, t);
        if constexpr (kStatistics) ++data_.consumed;
      }
    }
  } else {
    for (std::uint32_t k = 0; may_take && k < station.input_count && part == kNone; ++k) {
      if (available(stores_[inputs[k].store], 1) != 0) part = take_one(stores_[inputs[k].store], t);
    }
  }
  if (part == kNone) {
    StationExtra& shared = data_.stations[leaf.station];
    leaf.part = kNone;
    leaf.phase = Phase::empty;
    leaf.next = kNone;
    std::uint32_t* link = &shared.idle_head;
    while (*link != kNone) link = &leaves_[*link].next;
    *link = i;
    set_state(i, StationState::starved, t);
    clear_timer(i);
    // An idle machine is room for those who reserve; an assembly has no place for a single part.
    for (std::uint32_t k = 0; station.kind != PlantStationKind::assembly && k < station.input_count; ++k) {
      Store& store = stores_[inputs[k].store];
      if (store.flags & kReserves) admit(store, t);
    }
    return;
  }
  if (needs_card) take_cards(station, t);
  start(i, part, t);
  free_pending(t, from);
  for (std::uint32_t k = 0; k < station.input_count; ++k) {
    Store& store = stores_[inputs[k].store];
    if (store.flags & kReserves) admit(store, t);
  }
}

}  // namespace twin::detail
