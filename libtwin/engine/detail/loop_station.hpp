// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <libtwin/engine/detail/loop.hpp>

// What machines do that are more than plain: setups, reservations, disassembly, blocking before service, scrap.
namespace twin::detail {

TWIN_LOOP
void TWIN_LOOP_CLASS::start_slow(std::uint32_t i, std::uint64_t t) {
  if (actions_[i] == LeafAction::process) {
    make_ready(i);
    return;
  }
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  const PlantStation& station = data_.plant->stations[leaf.station];
  if (leaf.flags & kCardBackAtStart) [[unlikely]]
    give_cards_back(station.cards_back_at_start);
  const std::uint32_t product = parts_[leaf.part].product;
  if (station.first_setup_law != kNone && e.last_product != product) {
    const std::uint32_t from = e.last_product;
    e.last_product = product;
    const std::uint32_t law =
        from == kNone ? kNone
                      : data_.plant->setup_laws[station.first_setup_law + from * data_.plant->product_count + product];
    if (law != kNone) {
      leaf.phase = Phase::setup;
      e.remaining = to_duration(sample(data_.samplers[law], data_.stations[leaf.station].setup));
      e.segment_start = t;
      set_state(i, StationState::setup, t);
      set_timer_at(i, t + e.remaining);
      return;
    }
  }
  begin_work(i, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::begin_work(std::uint32_t i, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  const PlantStation& station = data_.plant->stations[leaf.station];
  const std::uint32_t law = law_of(station, parts_[leaf.part].product);
  const Sampler& sampler = data_.samplers[law];
  e.whole = e.remaining = sampler.form == SampleForm::call
                              ? draw_called(leaf)
                              : to_duration(sample(sampler, data_.stations[leaf.station].stream));
  if (station.starts_only_with_room) {
    // The way out is that of what leaves, also when it is chosen before the work.
    if (station.makes != kNone) parts_[leaf.part].product = static_cast<std::uint16_t>(station.makes);
    e.outlet = choose_outlet(leaf.station, leaf.part);
    begin_in_room(i, t);
  } else {
    go_on(i, t);
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::begin_in_room(std::uint32_t i, std::uint64_t t) {
  ServerExtra& e = data_.servers[i];
  const std::uint32_t to = data_.plant->outlets[e.outlet].store;
  Store& store = stores_[to];
  if (store.kind == StoreKind::sink) return go_on(i, t);
  if (!has_room(store)) return block(i, to, Phase::waiting_room, t);
  ++store.reserved;
  e.holds_reservation = true;
  go_on(i, t);
}

// The work goes on to its end, or to the failure that comes first.
TWIN_LOOP
void TWIN_LOOP_CLASS::go_on(std::uint32_t i, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  const PlantStation& station = data_.plant->stations[leaf.station];
  leaf.phase = Phase::working;
  e.segment_start = t;
  std::uint64_t until = e.remaining;
  for (std::uint32_t m = 0; m < station.failure_count; ++m) {
    const PlantFailure& mode = data_.plant->failures[station.first_failure + m];
    if (mode.clock != PlantClock::busy || mode.effect == PartEffect::finish_first) continue;
    const std::int64_t left = data_.failures[data_.first_failure[i] + m].left;
    if (static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0)) < until) {
      until = static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0));
      leaf.phase = Phase::failing;
      e.failing_mode = m;
    }
  }
  if (leaf.state != StationState::busy) set_state(i, StationState::busy, t);
  set_timer_at(i, t + until);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::fire_slow(std::uint32_t i, std::uint64_t t) {
  switch (leaves_[i].phase) {
    case Phase::setup:
      begin_work(i, t);
      break;
    case Phase::failing:
      fail_in_work(i, t);
      break;
    case Phase::working:
      end_work(i, t);
      break;
    case Phase::empty:
    case Phase::waiting_room:
    case Phase::finished:
      break;
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::end_work(std::uint32_t i, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  const PlantStation& station = data_.plant->stations[leaf.station];
  if constexpr (kStatistics) ++clocks_[i].operations;
  trace(TraceKind::finish, i, leaf.part, t);
  if (station.failure_count != 0) {
    age(i, t);
    for (std::uint32_t m = 0; m < station.failure_count; ++m) {
      if (data_.plant->failures[station.first_failure + m].clock == PlantClock::cycles) {
        --data_.failures[data_.first_failure[i] + m].left;
      }
    }
  }
  if (station.makes != kNone) parts_[leaf.part].product = static_cast<std::uint16_t>(station.makes);
  const double scrap = data_.scraps[leaf.station];
  if (scrap > 0 && uniform_draw(data_.stations[leaf.station].scrap) < scrap) {
    scrap_part(i, t);
    return free_server(i, t);
  }
  if (station.kind == PlantStationKind::disassembly) {
    split_part(i, t);
  } else if (!station.starts_only_with_room) {
    e.outlet = choose_outlet(leaf.station, leaf.part);
  }
  deliver(i, t);
}

// The part that came goes to the first outlet; the others are new and as old as it is.
TWIN_LOOP
void TWIN_LOOP_CLASS::split_part(std::uint32_t i, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  const PlantStation& station = data_.plant->stations[leaf.station];
  std::uint32_t more = 0;
  for (std::uint32_t o = 0; o < station.outlet_count; ++o) more += data_.plant->outlets[station.first_outlet + o].count;
  e.list = kNone;
  for (std::uint32_t k = 1; k < more; ++k) {
    const Part original = parts_[leaf.part];
    const std::uint32_t part = new_part(original.product, t);
    parts_[part].entered = original.entered;
    trace(TraceKind::create, i, part, t);
    parts_[part].next = e.list;
    e.list = part;
  }
  e.outlet = station.first_outlet;
  e.given = 0;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::deliver(std::uint32_t i, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  const std::uint32_t to = data_.plant->outlets[e.outlet].store;
  const bool is_reserved_for_others = !e.holds_reservation && stores_[to].reserved != 0 && !has_room(stores_[to]);
  drop_reservation(i, t);
  if (is_reserved_for_others || !give(i, leaf.part, to, t)) return block(i, to, Phase::finished, t);
  freed_slow(i, t);
}

// A reservation becomes the part itself.
TWIN_LOOP
void TWIN_LOOP_CLASS::drop_reservation(std::uint32_t i, std::uint64_t) {
  ServerExtra& e = data_.servers[i];
  if (!e.holds_reservation) return;
  e.holds_reservation = false;
  --stores_[data_.plant->outlets[e.outlet].store].reserved;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::scrap_part(std::uint32_t i, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  trace(TraceKind::scrap, i, leaf.part, t);
  remove_part(leaf.part, t);
  leaf.part = kNone;
  leaf.phase = Phase::empty;
  ++data_.scrapped;
  ++e.scrapped;
  if (e.holds_reservation) {
    Store& store = stores_[data_.plant->outlets[e.outlet].store];
    drop_reservation(i, t);
    admit(store, t);
  }
}

// The part that server (or source, or process) `i` held has gone.
TWIN_LOOP
void TWIN_LOOP_CLASS::freed_slow(std::uint32_t i, std::uint64_t t) {
  switch (actions_[i]) {
    case LeafAction::process:
      leaves_[i].part = kNone;
      make_ready(i);
      return;
    case LeafAction::source:
      leaves_[i].part = kNone;
      offer_waiting(i, t);
      return;
    case LeafAction::slow:
    case LeafAction::fast:
    case LeafAction::routed:
    case LeafAction::plain_source:
    case LeafAction::repair:
    case LeafAction::calendar:
    case LeafAction::mark:
      break;
  }
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  if (e.list != kNone) {
    leaf.part = e.list;
    e.list = parts_[leaf.part].next;
    if (++e.given == data_.plant->outlets[e.outlet].count) {
      ++e.outlet;
      e.given = 0;
    }
    return deliver(i, t);
  }
  if (leaf.flags & kCardBack) [[unlikely]]
    return free_with_cards(i, t);
  free_server(i, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::free_server(std::uint32_t i, std::uint64_t t) {
  leaves_[i].part = kNone;
  leaves_[i].phase = Phase::empty;
  if (data_.plant->stations[leaves_[i].station].failure_count != 0 && fail_if_due(i, t)) return;
  refill(i, t);
}

}  // namespace twin::detail
