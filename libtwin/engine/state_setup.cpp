// SPDX-License-Identifier: Apache-2.0
#include <libtwin/engine/detail/state_setup.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include <libtwin/core/check.hpp>

namespace twin::detail {
namespace {

/// What a law is measured in: parts for batches and cycle clocks, ticks for all else.
std::vector<double> law_scales(const Plant& plant) {
  std::vector<double> scale(plant.laws.size(), kTicksPerSecond);
  for (const PlantFailure& mode : plant.failures) {
    if (mode.clock == PlantClock::cycles) scale[mode.every] = 1.0;
  }
  for (const PlantStation& station : plant.stations) {
    if (station.batch_law != kNone) scale[station.batch_law] = 1.0;
  }
  return scale;
}

/// Whether some producer reserves places in a store behind the station, which must then ask before it takes one.
bool meets_reservations(const StateData& data, const PlantStation& s) {
  const PlantOutlet* outlets = data.plant->outlets.data() + s.first_outlet;
  return std::any_of(outlets, outlets + s.outlet_count,
                     [&](const PlantOutlet& outlet) { return (data.stores[outlet.store].flags & kReserves) != 0; });
}

bool is_plain(const PlantStation& s) {
  return s.kind == PlantStationKind::machine && s.servers == 1 && s.first_product_law == kNone &&
         s.first_setup_law == kNone && !s.starts_only_with_room && s.failure_count == 0 && s.route != RouteRule::all &&
         s.makes == kNone && s.scrap == 0 && s.cards_back.count == 0 && s.cards_back_at_start.count == 0;
}

std::uint8_t server_flags(const StateData& data, const PlantStation& s) {
  if (s.kind == PlantStationKind::process) return kSlowStart | kSlowFinish | kSlowTake;
  std::uint8_t flags = is_plain(s) && !meets_reservations(data, s) ? 0 : kSlowStart | kSlowFinish;
  if (s.kind == PlantStationKind::assembly || s.input_count > 1 || s.cards_taken.count != 0) flags |= kSlowTake;
  if (s.cards_taken.count != 0) flags |= kNeedsCard;
  if (s.cards_back.count != 0) flags |= kCardBack;
  if (s.cards_back_at_start.count != 0) flags |= kCardBackAtStart;
  for (std::uint32_t k = 0; k < s.input_count; ++k) {
    if (data.stores[data.plant->inputs[s.first_input + k].store].flags & kReserves) flags |= kFromReserving;
  }
  return flags;
}

void set_store_flags(StateData& data) {
  const Plant& plant = *data.plant;
  for (std::size_t k = 0; k < plant.stores.size(); ++k) {
    const PlantStore& store = plant.stores[k];
    data.stores[k].flags = static_cast<std::uint8_t>(
        (store.is_watched ? kWatched : 0) | (store.consumer_count > 1 ? kManyConsumers : 0) |
        (store.order != StoreOrder::fifo ? kOrdered : 0) | (store.cards_back.count != 0 ? kEndsLoop : 0));
  }
  // Servers of one station queue too: the one that has been idle longest takes the next part.
  for (const PlantStation& s : plant.stations) {
    for (std::uint32_t k = 0; s.servers > 1 && k < s.input_count; ++k) {
      data.stores[plant.inputs[s.first_input + k].store].flags |= kManyConsumers;
    }
  }
  for (const PlantStation& s : plant.stations) {
    if (!s.starts_only_with_room) continue;
    for (std::uint32_t o = 0; o < s.outlet_count; ++o) {
      const std::uint32_t store = plant.outlets[s.first_outlet + o].store;
      if (plant.stores[store].kind != StoreKind::sink) data.stores[store].flags |= kReserves;
    }
  }
}

std::uint32_t waiting_places(const PlantStore& store, double counted) {
  if (store.kind != StoreKind::buffer) return 0;
  if (!(counted < static_cast<double>(kUnlimitedPlaces))) return kUnlimitedPlaces;
  const double places = counted - static_cast<double>(store.machine_places);
  return places <= 0 ? 0 : static_cast<std::uint32_t>(places);
}

void prepare_law(StateData& data, std::uint32_t law, double scale) {
  data.samplers[law] = data.cache.prepare(data.laws[law], scale);
}

double default_value(const Plant& plant, const ValueSlot& slot) {
  switch (slot.kind) {
    case SlotKind::law:
      return plant.laws[slot.index].parameters[slot.part];
    case SlotKind::capacity: {
      const PlantStore& store = plant.stores[slot.index];
      return store.capacity == kUnlimitedPlaces ? HUGE_VAL : static_cast<double>(store.capacity) + store.machine_places;
    }
    case SlotKind::crew_size:
      return plant.crew_sizes[slot.index];
    case SlotKind::share:
      return plant.outlets[slot.index].share;
    case SlotKind::scrap:
      return plant.stations[slot.index].scrap;
    case SlotKind::cards:
      return plant.loops[slot.index].cards;
  }
  return 0;
}

/// Writes one number where the run reads it. Laws are prepared by the caller, once all their numbers are in place.
void write_value(StateData& data, const ValueSlot& slot, double value) {
  switch (slot.kind) {
    case SlotKind::law:
      data.laws[slot.index].parameters[slot.part] = value;
      break;
    case SlotKind::capacity:
      data.capacities[slot.index] = waiting_places(data.plant->stores[slot.index], value);
      break;
    case SlotKind::crew_size:
      data.crew_sizes[slot.index] = static_cast<std::uint32_t>(value);
      break;
    case SlotKind::share:
      data.shares[slot.index] = value;
      break;
    case SlotKind::scrap:
      data.scraps[slot.index] = value;
      break;
    case SlotKind::cards:
      data.cards[slot.index] = static_cast<std::uint32_t>(value);
      break;
  }
}

void sum_shares(StateData& data) {
  const Plant& plant = *data.plant;
  for (std::uint32_t number = 0; number < plant.stations.size(); ++number) {
    const PlantStation& s = plant.stations[number];
    if (s.route != RouteRule::share) continue;
    Router& router = data.routers[number];
    router.first = s.first_outlet;
    router.count = s.outlet_count;
    router.otherwise = s.outlet_count - 1;
    Way* ways = data.ways.data() + s.first_outlet;
    double sum = 0;
    for (std::uint32_t o = 0; o < s.outlet_count; ++o) {
      if (plant.outlets[s.first_outlet + o].is_otherwise) router.otherwise = o;
      ways[o].bound = sum += data.shares[s.first_outlet + o];
    }
    std::uint32_t start = 0;
    for (std::uint32_t slice = 0; slice < s.outlet_count; ++slice) {
      const double low = static_cast<double>(slice) / s.outlet_count;
      while (start < s.outlet_count && ways[start].bound <= low) ++start;
      ways[slice].guide = start;
    }
  }
}

/// Throws when a number cannot stand where it is to be written. Laws are looked at as a whole, by `check_laws`.
void check_change(const Plant& plant, const ValueChange& change) {
  TWIN_CHECK(change.slot < plant.slots.size(), "a change names a slot the plant does not have");
  const double value = change.value;
  switch (plant.slots[change.slot].kind) {
    case SlotKind::law:
      TWIN_CHECK(std::isfinite(value), "the changed parameter of a law is not a finite number");
      break;
    case SlotKind::capacity:
      TWIN_CHECK(value >= 0, "the changed capacity of a buffer is below 0");
      break;
    case SlotKind::crew_size:
      TWIN_CHECK(value >= 1 && value < static_cast<double>(kNone),
                 "the changed size of a crew is below 1 or too large");
      break;
    case SlotKind::cards:
      TWIN_CHECK(value >= 1 && value < static_cast<double>(kNone),
                 "the changed number of cards of a loop is below 1 or too large");
      break;
    case SlotKind::share:
    case SlotKind::scrap:
      TWIN_CHECK(value >= 0 && value <= 1, "a changed share or scrap rate is not in [0, 1]");
      break;
  }
}

/// Throws when changed numbers make a law that does not exist, with everything as the plant describes it again.
void check_laws(StateData& data, std::span<const ValueChange> changes) {
  const Plant& plant = *data.plant;
  for (const ValueChange& change : changes) {
    const ValueSlot& slot = plant.slots[change.slot];
    if (slot.kind != SlotKind::law) continue;
    const std::vector<std::string> found = problems(data.laws[slot.index]);
    if (found.empty()) continue;
    const std::string message = "twin: a run changes a law to one that does not exist: " + found.front();
    for (const ValueChange& undone : changes) {
      write_value(data, plant.slots[undone.slot], default_value(plant, plant.slots[undone.slot]));
    }
    throw std::logic_error(message);
  }
}

}  // namespace

void apply_changes(StateData& data, std::span<const ValueChange> changes) {
  const Plant& plant = *data.plant;
  // Before anything is written: what throws half-way would never be undone.
  for (const ValueChange& change : changes) check_change(plant, change);
  for (const ValueChange& change : data.applied) {
    write_value(data, plant.slots[change.slot], default_value(plant, plant.slots[change.slot]));
  }
  for (const ValueChange& change : changes) {
    write_value(data, plant.slots[change.slot], change.value);
  }
  check_laws(data, changes);
  const auto prepare_changed = [&](std::span<const ValueChange> list) {
    for (const ValueChange& change : list) {
      const ValueSlot& slot = plant.slots[change.slot];
      if (slot.kind == SlotKind::law) prepare_law(data, slot.index, data.law_scale[slot.index]);
    }
  };
  prepare_changed(data.applied);
  prepare_changed(changes);
  const auto is_share = [&](const ValueChange& change) { return plant.slots[change.slot].kind == SlotKind::share; };
  if (std::any_of(data.applied.begin(), data.applied.end(), is_share) ||
      std::any_of(changes.begin(), changes.end(), is_share)) {
    sum_shares(data);
  }
  data.applied.assign(changes.begin(), changes.end());
}

namespace {

void set_sampler(StateData& data, Leaf& leaf, std::uint32_t law) {
  const Sampler& sampler = data.samplers[law];
  leaf.form = sampler.form;
  leaf.scale = sampler.a;
}

void reset_station(StateData& data, std::uint32_t number, std::uint64_t run) {
  const PlantStation& s = data.plant->stations[number];
  StationExtra& extra = data.stations[number];
  extra.idle_head = kNone;
  extra.turn = extra.next_release = extra.cards_back = 0;
  const std::uint8_t flags = data.leaves[s.first_leaf].flags;
  if (s.route != RouteRule::single && s.route != RouteRule::all) {
    extra.route = Stream(run, stream_key(s.key, Purpose::route));
    data.routers[number].stream = extra.route;
  }
  if (flags & kSlowStart) {
    extra.stream = Stream(run, stream_key(s.key, Purpose::cycle));
    extra.scrap = Stream(run, stream_key(s.key, Purpose::scrap));
    extra.setup = Stream(run, stream_key(s.key, Purpose::setup));
  }
  if (s.kind == PlantStationKind::source) {
    extra.product = Stream(run, stream_key(s.key, Purpose::product));
    extra.batch = Stream(run, stream_key(s.key, Purpose::batch));
  }
}

void reset_server(StateData& data, std::uint32_t i, std::uint64_t run) {
  const Plant& plant = *data.plant;
  const PlantLeaf& described = plant.leaves[i];
  const PlantStation& s = plant.stations[described.station];
  Leaf& leaf = data.leaves[i];
  leaf.part = leaf.next = kNone;
  leaf.phase = Phase::empty;
  leaf.flags &= static_cast<std::uint8_t>(~kDown);
  leaf.state = s.kind == PlantStationKind::source    ? StationState::busy
               : s.kind == PlantStationKind::process ? StationState::idle
                                                     : StationState::starved;
  if (s.kind == PlantStationKind::source) {
    bool is_never_refused = s.route == RouteRule::single || s.route == RouteRule::share;
    for (std::uint32_t o = 0; o < s.outlet_count; ++o) {
      is_never_refused &= data.capacities[plant.outlets[s.first_outlet + o].store] == kUnlimitedPlaces;
    }
    leaf.flags = is_never_refused ? 0 : kSlowFinish;
    data.servers[i] = ServerExtra{};
    const bool is_plain_source = is_never_refused && s.route == RouteRule::single && s.first_release == kNone &&
                                 s.batch_law == kNone && s.mix == kNone;
    data.actions[i] = is_plain_source ? LeafAction::plain_source : LeafAction::source;
  }
  if (s.law != kNone) set_sampler(data, leaf, s.law);
  const Purpose purpose = s.kind == PlantStationKind::source ? Purpose::arrival : Purpose::cycle;
  if (!(leaf.flags & kSlowStart)) leaf.stream = Stream(run, stream_key(s.key, purpose));
  if (leaf.flags != 0) data.servers[i] = ServerExtra{};
  data.clocks[i] = LeafClock{};
  for (std::uint32_t m = 0; m < s.failure_count && described.kind == LeafKind::server; ++m) {
    const PlantFailure& mode = data.plant->failures[s.first_failure + m];
    const std::uint32_t index = data.first_failure[i] + m;
    FailureState& f = data.failures[index];
    f.failure = Stream(run, stream_key(mode.key, Purpose::failure, described.server));
    f.repair = Stream(run, stream_key(mode.key, Purpose::repair, described.server));
    const double first = sample(data.samplers[mode.every], f.failure);
    const auto limit = static_cast<double>(data.marks.back() + 1);
    f.left =
        static_cast<std::int64_t>(mode.clock == PlantClock::cycles ? std::max<std::uint64_t>(round_to_ticks(first), 1)
                                                                   : round_to_ticks_below(first, limit));
  }
}

void reset_marks(StateData& data, const RunInput& input) {
  const auto warmup = round_to_ticks(input.warmup_s * kTicksPerSecond);
  // The longest run is a tick short of the grid's end, so that there is a time after the run to put off events to.
  const auto end =
      std::min(round_to_ticks(input.horizon_s * kTicksPerSecond), static_cast<std::uint64_t>(kMaxTicks - 1));
  data.marks.clear();
  data.marks.push_back(warmup);
  for (std::uint32_t k = 1; k < input.marks; ++k) data.marks.push_back(warmup + (end - warmup) / input.marks * k);
  data.marks.push_back(end);
  data.next_good = 0;
  if (input.parts != 0 && input.warmup_parts != 0) {
    data.marks.front() = end;
    data.next_good = input.warmup_parts;
  }
  data.next_mark = 0;
  data.result.marks.clear();
}

}  // namespace

void make_state(StateData& data, const Plant& plant) {
  data.plant = &plant;
  const std::size_t leaves = plant.leaves.size();
  data.leaves.resize(leaves);
  data.actions.assign(leaves, LeafAction::mark);
  data.servers.resize(leaves);
  data.repairs.resize(leaves);
  data.repair_leaf.assign(leaves, kNone);
  data.first_failure.assign(leaves, kNone);
  data.ready_next.assign(leaves, kNone);
  data.stations.resize(plant.stations.size());
  data.stores.resize(plant.stores.size());
  data.is_good.resize(plant.stores.size());
  data.supply_streams.resize(plant.stores.size());
  data.sink_parts.resize(plant.stores.size());
  data.crews.resize(plant.crew_sizes.size());
  data.crew_sizes = plant.crew_sizes;
  data.loops.resize(plant.loops.size());
  for (const PlantLoop& loop : plant.loops) data.cards.push_back(loop.cards);
  data.tree.resize(static_cast<std::uint32_t>(leaves));
  data.laws = plant.laws;
  data.law_scale = law_scales(plant);
  data.samplers.resize(plant.laws.size());
  for (std::uint32_t law = 0; law < plant.laws.size(); ++law) prepare_law(data, law, data.law_scale[law]);
  for (const PlantOutlet& outlet : plant.outlets) data.shares.push_back(outlet.share);
  data.routers.resize(plant.stations.size());
  data.ways.resize(plant.outlets.size());
  for (std::size_t o = 0; o < plant.outlets.size(); ++o) data.ways[o].store = plant.outlets[o].store;
  sum_shares(data);
  for (const PlantStation& station : plant.stations) data.scraps.push_back(station.scrap);
  for (std::size_t k = 0; k < plant.stores.size(); ++k) {
    const PlantStore& store = plant.stores[k];
    data.capacities.push_back(store.kind == StoreKind::buffer ? store.capacity : 0);
    data.is_good[k] = store.is_good;
  }
  set_store_flags(data);
  bool has_processes = false;
  for (std::uint32_t i = 0; i < leaves; ++i) {
    const PlantLeaf& described = plant.leaves[i];
    Leaf& leaf = data.leaves[i];
    leaf.station = described.station;
    if (described.station == kNone) continue;
    const PlantStation& s = plant.stations[described.station];
    switch (described.kind) {
      case LeafKind::server: {
        leaf.flags = server_flags(data, s);
        data.actions[i] = s.kind == PlantStationKind::process ? LeafAction::process
                          : leaf.flags & kSlowFinish          ? LeafAction::slow
                          : s.route == RouteRule::single      ? LeafAction::fast
                                                              : LeafAction::routed;
        if (s.input_count != 0) leaf.in = plant.inputs[s.first_input].store;
        if (s.outlet_count != 0) leaf.out = plant.outlets[s.first_outlet].store;
        data.first_failure[i] = static_cast<std::uint32_t>(data.failures.size());
        data.failures.resize(data.failures.size() + s.failure_count);
        has_processes |= s.kind == PlantStationKind::process;
        break;
      }
      case LeafKind::repair:
        data.actions[i] = LeafAction::repair;
        data.repair_leaf[described.server] = i;
        break;
      case LeafKind::calendar:
        data.actions[i] = LeafAction::calendar;
        data.repairs[i].server = described.server;
        data.repairs[i].failure = s.first_failure + described.mode;
        data.repairs[i].state_index = data.first_failure[described.server] + described.mode;
        break;
      case LeafKind::source:
        data.actions[i] = LeafAction::source;
        leaf.out = plant.outlets[s.first_outlet].store;
        break;
      case LeafKind::mark:
        break;
    }
  }
  data.clocks.resize(leaves);
  data.areas.resize(plant.stores.size());
  data.can_move.resize(leaves);
  data.moving.reserve(leaves);
  if (has_processes) {
    data.contexts.resize(leaves);
    data.processes.resize(leaves);
  }
  data.result.stations.resize(plant.station_count);
  data.result.buffers.resize(plant.buffer_count);
  data.result.sinks.resize(plant.sink_count);
  data.result.crews.resize(plant.crew_sizes.size());
  data.result.loops.resize(plant.loops.size());
}

void check_input(const RunInput& input) {
  TWIN_CHECK(input.horizon_s > 0 && input.horizon_s <= kMaxSeconds, "the horizon must be above 0 and at most 17 years");
  TWIN_CHECK(input.warmup_s >= 0 && input.warmup_s < input.horizon_s, "the warm-up must end before the horizon");
  TWIN_CHECK(input.parts == 0 || (input.warmup_parts < input.parts && input.warmup_s == 0 && input.marks == 0),
             "a run of so many parts has a warm-up of fewer parts, none in time, and no marks");
}

void reset_state(StateData& data, const RunInput& input) {
  check_input(input);
  const Plant& plant = *data.plant;
  const std::uint64_t run = run_key(input.seed, input.replication);
  apply_changes(data, input.changes);
  reset_marks(data, input);
  data.free_part = kNone;
  data.used_parts = 0;
  data.pending.clear();
  data.ready_head = data.ready_tail = kNone;
  data.now = data.events = data.operations_before = data.folded_at = 0;
  data.wip = data.created = data.good = data.scrapped = data.consumed = data.lost = 0;
  data.wip_area = data.lead_sum = 0;
  data.status = RunStatus::ok;
  data.bad_station = kNone;
  data.result.lead_ticks.clear();
  data.result.initial_wip = 0;
  for (std::size_t k = 0; k < plant.stores.size(); ++k) {
    const PlantStore& described = plant.stores[k];
    Store& store = data.stores[k];
    const std::uint8_t flags = store.flags;
    store = Store{};
    store.kind = described.kind;
    store.order = described.order;
    store.flags = flags;
    store.capacity = data.capacities[k];
    store.plain_capacity = (flags & (kOrdered | kWatched | kReserves)) != 0 ? 0 : store.capacity;
    if (described.mix != kNone) data.supply_streams[k] = Stream(run, described.mix_key);
    data.sink_parts[k] = 0;
  }
  for (std::size_t k = 0; k < data.crews.size(); ++k) {
    data.crews[k] = CrewState{};
    data.crews[k].size = data.crew_sizes[k];
  }
  for (std::size_t k = 0; k < data.loops.size(); ++k) {
    data.loops[k] = LoopState{};
    data.loops[k].cards = data.cards[k];
  }
  for (std::uint32_t number = 0; number < plant.stations.size(); ++number) reset_station(data, number, run);
  for (std::uint32_t i = 0; i < plant.leaves.size(); ++i) {
    switch (plant.leaves[i].kind) {
      case LeafKind::server:
      case LeafKind::source:
        reset_server(data, i, run);
        break;
      case LeafKind::repair:
      case LeafKind::calendar:
        data.repairs[i].is_failed = data.repairs[i].is_repairing = false;
        data.repairs[i].next = kNone;
        break;
      case LeafKind::mark:
        break;
    }
  }
}

}  // namespace twin::detail
