// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

#include <libtwin/engine/detail/loop.hpp>

// What machines do that are more than plain: setups, several laws or servers, routing, scrap, assembly, disassembly,
// blocking before service, ordered buffers.
namespace twin::detail {

TWIN_LOOP
std::uint32_t TWIN_LOOP_CLASS::law_of(const PlantStation& station, std::uint32_t product) const {
  return station.first_product_law == kNone ? station.law : data_.plant->product_laws[station.first_product_law + product];
}

TWIN_LOOP
std::uint64_t TWIN_LOOP_CLASS::draw_rare(Leaf& leaf) {
  const PlantStation& station = data_.plant->stations[leaf.station];
  if (leaf.form == SampleForm::call) return draw_called(leaf);
  return to_duration(sample_rare(data_.samplers[station.law], leaf.stream));
}

TWIN_LOOP
std::uint64_t TWIN_LOOP_CLASS::draw_called(Leaf& leaf) {
  const std::uint32_t number = leaf.station;
  const PlantStation& station = data_.plant->stations[number];
  const Part& part = parts_[leaf.part];
  const PartView view{PartId{leaf.part}, ProductId{part.product}, static_cast<double>(part.entered) / kTicksPerSecond};
  const bool is_shared = (leaf.flags & kSlowStart) != 0;
  Stream& stream = is_shared ? data_.stations[number].stream : leaf.stream;
  double seconds = std::nan("");
  if constexpr (HasProcessTime<Policy>) {
    if (station.process_time.seconds == nullptr) {
      seconds = policy_.process_time_s(RunView(&data_), StationId{number}, view, stream);
    }
  }
  if (station.process_time.seconds != nullptr) {
    seconds = station.process_time.seconds(station.process_time.context, RunView(&data_), StationId{number}, view, stream);
  }
  if (!(seconds >= 0 && seconds < 1e300)) {
    end_run(RunStatus::bad_number, number);
    return 0;
  }
  return to_duration(seconds * kTicksPerSecond);
}

TWIN_LOOP
std::uint32_t TWIN_LOOP_CLASS::draw_product(std::uint32_t mix, Stream& stream) {
  const auto& cumulative = data_.plant->mixes[mix].cumulative;
  const double u = uniform_draw(stream);
  for (const auto& [share, product] : cumulative) {
    if (u < share) return product;
  }
  return cumulative.back().second;
}

TWIN_LOOP
Stream& TWIN_LOOP_CLASS::supply_stream(const PlantStore& described) {
  return data_.supply_streams[static_cast<std::size_t>(&described - data_.plant->stores.data())];
}

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
void TWIN_LOOP_CLASS::start_slow(std::uint32_t i, std::uint64_t t) {
  if (actions_[i] == LeafAction::process) {
    wake_process(i);
    return;
  }
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  const PlantStation& station = data_.plant->stations[leaf.station];
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
      wake_process(i);
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
  free_server(i, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::free_server(std::uint32_t i, std::uint64_t t) {
  leaves_[i].part = kNone;
  leaves_[i].phase = Phase::empty;
  if (data_.plant->stations[leaves_[i].station].failure_count != 0 && fail_if_due(i, t)) return;
  refill(i, t);
}

TWIN_LOOP
bool TWIN_LOOP_CLASS::has_room(const Store& store) const {
  if (store.kind == StoreKind::sink) return true;
  const std::uint64_t taken = std::uint64_t{store.count} + store.reserved;
  std::uint64_t places = store.capacity;
  const auto count_idle = [&](std::uint32_t idle) {
    for (; idle != kNone && places <= taken; idle = leaves_[idle].next) ++places;
  };
  count_idle(store.idle_head);
  if (places > taken || !(store.flags & kWatched)) return places > taken;
  // A machine that takes from several stores waits at none of them. An assembly has no place for a single part.
  const PlantStore& described = data_.plant->stores[index_of(store)];
  for (std::uint32_t k = 0; k < described.consumer_count; ++k) {
    const std::uint32_t number = data_.plant->consumers[described.first_consumer + k];
    if (data_.plant->stations[number].kind != PlantStationKind::assembly) count_idle(data_.stations[number].idle_head);
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
    bool is_complete = true;
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

// --- taking from several stores ---

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
  if (station.kind == PlantStationKind::assembly) {
    bool is_complete = true;
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
    for (std::uint32_t k = 0; k < station.input_count && part == kNone; ++k) {
      if (available(stores_[inputs[k].store], 1) != 0) part = take_one(stores_[inputs[k].store], t);
    }
  }
  if (part == kNone) {
    StationExtra& shared = data_.stations[leaf.station];
    leaf.part = kNone;
    leaf.phase = Phase::empty;
    leaf.next = shared.idle_head;
    shared.idle_head = i;
    set_state(i, StationState::starved, t);
    clear_timer(i);
    // An idle machine is room for those who reserve; an assembly has no place for a single part.
    for (std::uint32_t k = 0; station.kind != PlantStationKind::assembly && k < station.input_count; ++k) {
      Store& store = stores_[inputs[k].store];
      if (store.flags & kReserves) admit(store, t);
    }
    return;
  }
  start(i, part, t);
  free_pending(t, from);
  for (std::uint32_t k = 0; k < station.input_count; ++k) {
    Store& store = stores_[inputs[k].store];
    if (store.flags & kReserves) admit(store, t);
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::tell_watchers(Store& store, std::uint64_t t) {
  const PlantStore& described = data_.plant->stores[index_of(store)];
  for (std::uint32_t k = 0; k < described.consumer_count; ++k) {
    const std::uint32_t station = data_.plant->consumers[described.first_consumer + k];
    StationExtra& shared = data_.stations[station];
    if (shared.idle_head == kNone) continue;
    const std::uint32_t i = shared.idle_head;
    shared.idle_head = leaves_[i].next;
    take_slow(i, t);  // joins the idle again when something is still missing
  }
}

// --- routing ---

TWIN_LOOP
std::uint32_t TWIN_LOOP_CLASS::choose_outlet(std::uint32_t number, std::uint32_t part) {
  const PlantStation& station = data_.plant->stations[number];
  const PlantOutlet* outlets = data_.plant->outlets.data() + station.first_outlet;
  StationExtra& shared = data_.stations[number];
  const auto waiting = [&](std::uint32_t o) {
    const Store& store = stores_[outlets[o].store];
    std::int64_t length = store.kind == StoreKind::sink ? -1 : static_cast<std::int64_t>(store.count) + store.reserved;
    if (has_taker(store)) length = -1;
    for (std::uint32_t u = store.blocked_head; u != kNone; u = leaves_[u].next) ++length;
    return length;
  };
  std::uint32_t chosen = 0;
  switch (station.route) {
    case RouteRule::single:
    case RouteRule::all:
      break;
    case RouteRule::share:
      return choose_share(number);
    case RouteRule::product:
      chosen = kNone;
      for (std::uint32_t o = 0; o < station.outlet_count; ++o) {
        if (outlets[o].is_otherwise) chosen = o;
        if (outlets[o].product == parts_[part].product) {
          chosen = o;
          break;
        }
      }
      if (chosen == kNone) {
        // Nobody said where such a part goes; any guess would be a wrong result that looks right.
        end_run(RunStatus::bad_number, number);
        chosen = 0;
      }
      break;
    case RouteRule::shortest:
      for (std::uint32_t o = 1; o < station.outlet_count; ++o) {
        if (waiting(o) < waiting(chosen)) chosen = o;
      }
      break;
    case RouteRule::round_robin: {
      chosen = shared.turn;
      for (std::uint32_t k = 0; k < station.outlet_count; ++k) {
        const std::uint32_t o = (shared.turn + k) % station.outlet_count;
        if (accepts(stores_[outlets[o].store])) {
          chosen = o;
          break;
        }
      }
      shared.turn = (chosen + 1) % station.outlet_count;
      break;
    }
    case RouteRule::priority:
      for (std::uint32_t o = 0; o < station.outlet_count; ++o) {
        if (accepts(stores_[outlets[o].store])) {
          chosen = o;
          break;
        }
      }
      break;
    case RouteRule::rule:
      chosen = choose_by_rule(number, part);
      break;
  }
  return station.first_outlet + chosen;
}

TWIN_LOOP
std::uint32_t TWIN_LOOP_CLASS::choose_by_rule(std::uint32_t number, std::uint32_t part) {
  const PlantStation& station = data_.plant->stations[number];
  const PartView view{PartId{part}, ProductId{parts_[part].product},
                      static_cast<double>(parts_[part].entered) / kTicksPerSecond};
  Stream& stream = data_.stations[number].route;
  std::uint32_t chosen = kNone;
  if constexpr (HasRouting<Policy>) {
    if (station.route_rule.choose == nullptr) {
      chosen = policy_.choose_outlet(RunView(&data_), StationId{number}, view, stream);
    }
  }
  if (station.route_rule.choose != nullptr) {
    chosen = station.route_rule.choose(station.route_rule.context, RunView(&data_), StationId{number}, view, stream);
  }
  if (chosen >= station.outlet_count) {
    end_run(RunStatus::bad_number, number);
    return 0;
  }
  return chosen;
}

}  // namespace twin::detail
