// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <libtwin/engine/detail/process_access.hpp>
#include <libtwin/engine/detail/state_setup.hpp>

namespace twin::detail {
namespace {

void collect_stations(StateData& data, std::uint64_t end, bool has_times) {
  const Plant& plant = *data.plant;
  for (std::uint32_t k = 0; k < plant.station_count; ++k) {
    const PlantStation& s = plant.stations[k];
    StationResult& out = data.result.stations[k];
    out = StationResult{};
    out.servers = s.servers;
    for (std::uint32_t i = s.first_leaf; i < s.first_leaf + s.servers; ++i) {
      LeafClock& clock = data.clocks[i];
      for (std::size_t state = 0; has_times && state < kStationStates; ++state) {
        const std::uint64_t open = static_cast<std::size_t>(data.leaves[i].state) == state ? end : 0;
        out.state_ticks[state] += static_cast<std::int64_t>(clock.ticks[state] + open);
      }
      out.parts += clock.operations;
      out.scrapped += data.servers[i].scrapped;
      out.failures += data.servers[i].failures;
    }
  }
}

/// Time with a part on the machines that take from a buffer: what its level gains when the capacity counts them.
std::uint64_t occupied_ticks(const StateData& data, const PlantStore& store, std::uint64_t end) {
  const Plant& plant = *data.plant;
  std::uint64_t sum = 0;
  for (std::uint32_t k = 0; k < store.consumer_count; ++k) {
    const std::uint32_t number = plant.consumers[store.first_consumer + k];
    const PlantStation& s = plant.stations[number];
    const StationResult& result = data.result.stations[number];
    for (std::size_t state = 0; state < kStationStates; ++state) {
      const auto kind = static_cast<StationState>(state);
      if (kind != StationState::starved && kind != StationState::idle) {
        sum += static_cast<std::uint64_t>(result.state_ticks[state]);
      }
    }
    for (std::uint32_t i = s.first_leaf; i < s.first_leaf + s.servers; ++i) {
      const ServerExtra& e = data.servers[i];
      const bool open = e.down_count != 0 && data.leaves[i].part == kNone;
      sum -= e.empty_down + (open ? end : 0);
    }
  }
  return sum;
}

}  // namespace

void fold_areas(StateData& data, std::uint64_t t) {
  for (std::size_t k = 0; k < data.stores.size(); ++k) {
    Store& store = data.stores[k];
    data.areas[k] += store.area + store.count * t;
    store.area = std::uint64_t{0} - store.count * t;
  }
  data.folded_at = t;
}

std::uint32_t find_stuck(StateData& data, bool has_stopped) {
  const Plant& plant = *data.plant;
  const auto leaves = static_cast<std::uint32_t>(data.leaves.size());
  // A process may call itself blocked while it waits for a time.
  const auto is_blocked = [&](std::uint32_t i) {
    return plant.leaves[i].kind == LeafKind::server && data.leaves[i].state == StationState::blocked &&
           (data.actions[i] != LeafAction::process ||
            ProcessContext::Access::wish(data.contexts[i]) == ProcessWish::put);
  };
  std::uint32_t first = 0;
  while (first < leaves && !is_blocked(first)) ++first;
  if (first == leaves) return kNone;
  if (has_stopped) return first;
  // From the servers that move to those they will free: who waits for a place in a store they take from.
  data.moving.clear();
  for (std::uint32_t i = 0; i < leaves; ++i) {
    const bool moves = plant.leaves[i].kind == LeafKind::server && !is_blocked(i);
    data.can_move[i] = moves;
    if (moves) data.moving.push_back(i);
  }
  while (!data.moving.empty()) {
    const PlantStation& station = plant.stations[plant.leaves[data.moving.back()].station];
    data.moving.pop_back();
    for (std::uint32_t k = 0; k < station.input_count; ++k) {
      const Store& store = data.stores[plant.inputs[station.first_input + k].store];
      for (std::uint32_t u = store.blocked_head; u != kNone; u = data.leaves[u].next) {
        if (data.can_move[u]) continue;
        data.can_move[u] = 1;
        if (plant.leaves[u].kind == LeafKind::server) data.moving.push_back(u);
      }
    }
  }
  while (first < leaves && (!is_blocked(first) || data.can_move[first])) ++first;
  return first < leaves ? first : kNone;
}

void collect_result(StateData& data, const RunInput& input) {
  const Plant& plant = *data.plant;
  RunResult& out = data.result;
  const std::uint64_t end =
      data.status == RunStatus::ok || data.status == RunStatus::deadlocked ? data.marks.back() : data.now;
  const std::uint64_t begin = data.marks.front();
  const bool measured = data.next_mark > 0 && end > begin && input.statistics == Statistics::on;
  out.status = data.status;
  out.station = data.bad_station;
  out.last_event_s = static_cast<double>(data.now) / kTicksPerSecond;
  out.events = data.events;
  out.span_ticks = end > begin ? static_cast<std::int64_t>(end - begin) : 0;
  out.created = data.created;
  out.good = data.good;
  out.scrapped = data.scrapped;
  out.consumed = data.consumed;
  out.lost = data.lost;
  out.final_wip = data.wip;
  collect_stations(data, end, measured);
  out.operations = data.operations_before;
  for (const StationResult& station : out.stations) out.operations += station.parts;
  const auto span = static_cast<double>(out.span_ticks);
  const Wide wip_area = measured ? data.wip_area + static_cast<Wide>(data.wip) * end : Wide{0};
  out.wip_area_low = static_cast<std::uint64_t>(wip_area);
  out.wip_area_high = static_cast<std::uint64_t>(wip_area >> 64);
  out.mean_wip = measured ? static_cast<double>(wip_area) / span : std::nan("");
  out.mean_lead_s = out.good != 0 && measured
                        ? static_cast<double>(data.lead_sum) / static_cast<double>(out.good) / kTicksPerSecond
                        : std::nan("");
  for (std::uint32_t b = 0; b < plant.buffer_count; ++b) {
    const PlantStore& described = plant.stores[plant.buffer_stores[b]];
    const Store& store = data.stores[plant.buffer_stores[b]];
    const Wide area = data.areas[plant.buffer_stores[b]] + (store.area + store.count * end);
    const Wide counted = described.machine_places != 0 ? area + occupied_ticks(data, described, end) : area;
    BufferResult& buffer = out.buffers[b];
    buffer.parts = store.passed;
    buffer.final_level = store.count;
    buffer.mean_level = measured ? static_cast<double>(counted) / span : std::nan("");
    buffer.mean_wait_s = store.passed != 0 && measured
                             ? static_cast<double>(area) / static_cast<double>(store.passed) / kTicksPerSecond
                             : std::nan("");
  }
  for (std::uint32_t k = 0; k < plant.sink_count; ++k) out.sinks[k].parts = data.sink_parts[plant.sink_stores[k]];
  for (std::size_t k = 0; k < data.crews.size(); ++k) {
    const CrewState& crew = data.crews[k];
    const auto area = static_cast<double>(crew.area + crew.busy * end);
    out.crews[k].utilization = measured && crew.size != 0 ? area / span / static_cast<double>(crew.size) : std::nan("");
  }
  for (std::size_t k = 0; k < data.loops.size(); ++k) {
    const LoopState& loop = data.loops[k];
    const Wide area = loop.area + static_cast<Wide>(loop.in_use) * end;
    out.loops[k].mean_in_use = measured ? static_cast<double>(area) / span : std::nan("");
  }
}

}  // namespace twin::detail
