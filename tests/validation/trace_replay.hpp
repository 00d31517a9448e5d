// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <libtwin/core/states.hpp>
#include <libtwin/engine/plant.hpp>
#include <libtwin/engine/trace.hpp>

/// Works out from a trace alone what a run reports, to hold the two against each other.
namespace twin::validation {

/// Knows nothing of the engine but the records. For plants without processes, whose parts are not all traced.
class TraceReplay : public TraceSink {
 public:
  TraceReplay(const Plant& plant, std::int64_t begin, std::int64_t end)
      : plant_(plant),
        begin_(begin),
        end_(end),
        station_states(plant.station_count),
        operations(plant.station_count),
        starts(plant.station_count),
        occupied_area(plant.station_count),
        level_area(plant.stores.size()),
        level(plant.stores.size()),
        loop_area(plant.loops.size()),
        sink_parts(plant.stores.size()),
        servers_(plant.leaves.size()),
        in_loop_(plant.loops.size()) {}

  /// Adds what lasts until the end of the run; call once, after it.
  void close() {
    for (std::uint32_t i = 0; i < servers_.size(); ++i) {
      if (plant_.leaves[i].kind == LeafKind::server) end_state(i, end_);
    }
    for (const LivePart& part : parts_) {
      if (part.is_alive) residual_area += end_ - std::max(part.entered, begin_);
    }
  }

 private:
  struct Server {
    std::int64_t since = 0;
    StationState state = StationState::starved;
    std::uint32_t held = 0;
    std::uint32_t last_finished = 0;
  };
  struct LivePart {
    std::int64_t entered = 0;
    std::int64_t born = 0;
    bool is_alive = false;
  };

  const Plant& plant_;
  std::int64_t begin_;
  std::int64_t end_;

 public:
  std::vector<std::array<std::int64_t, kStationStates>> station_states;
  std::vector<std::uint64_t> operations;
  std::vector<std::uint64_t> starts;
  std::vector<std::int64_t> occupied_area;  ///< servers with a part × ticks
  std::vector<std::int64_t> level_area;     ///< by store
  std::vector<std::int64_t> level;
  std::vector<std::int64_t> loop_area;  ///< parts in the loop × ticks; of loops that end at stations
  std::vector<std::uint64_t> sink_parts;
  std::int64_t wip = 0;
  std::int64_t initial_wip = 0;
  std::int64_t wip_area = 0;
  std::int64_t lead_sum = 0;       ///< of good parts, from entry to exit
  std::int64_t stay_sum = 0;       ///< of all parts that ended, only what lies in the span
  std::int64_t residual_area = 0;  ///< of the parts that are still there, only what lies in the span
  std::uint64_t created = 0;
  std::uint64_t good = 0;
  std::uint64_t scrapped = 0;
  std::uint64_t consumed = 0;
  std::uint64_t lost = 0;

  /// Records that cannot be: more parts than places, a part in two places, time running back.
  std::uint64_t impossible = 0;

 private:
  void write(std::span<const TraceRecord> records) override {
    for (const TraceRecord& r : records) read(r);
  }

  /// What is left of the span at `t`: what one more part, from then on, adds to an area.
  [[nodiscard]] std::int64_t left(std::int64_t t) const { return end_ - std::max(t, begin_); }
  [[nodiscard]] bool in_span(std::int64_t t) const { return t > begin_; }

  void end_state(std::uint32_t i, std::int64_t t) {
    Server& s = servers_[i];
    const std::int64_t spent = std::max(t, begin_) - std::max(s.since, begin_);
    station_states[plant_.leaves[i].station][static_cast<std::size_t>(s.state)] += spent;
    s.since = t;
  }

  void change_wip(std::int64_t by, std::int64_t t) {
    wip += by;
    wip_area += by * left(t);
    if (!in_span(t)) initial_wip = wip;
    impossible += static_cast<std::uint64_t>(wip < 0);
  }

  void add_part(const TraceRecord& r) {
    const std::int64_t t = r.ticks();
    if (parts_.size() <= r.value) parts_.resize(r.value + 1);
    LivePart& part = parts_[r.value];
    impossible += static_cast<std::uint64_t>(part.is_alive);
    part = {t, t, true};
    // Parts that come out of a disassembly are as old as what was taken apart.
    const bool is_leaf = r.element < plant_.leaves.size();
    if (is_leaf && plant_.leaves[r.element].kind == LeafKind::server && splits_ && split_leaf_ == r.element) {
      part.entered = parts_[servers_[r.element].last_finished].entered;
    }
    created += static_cast<std::uint64_t>(in_span(t));
    change_wip(1, t);
  }

  void end_part(std::uint32_t value, std::int64_t t) {
    LivePart& part = parts_[value];
    impossible += static_cast<std::uint64_t>(!part.is_alive);
    part.is_alive = false;
    if (in_span(t)) stay_sum += t - std::max(part.born, begin_);
    change_wip(-1, t);
  }

  void hold(std::uint32_t leaf, std::int64_t by, std::int64_t t) {
    if (plant_.leaves[leaf].kind != LeafKind::server) return;
    const std::uint32_t station = plant_.leaves[leaf].station;
    // A disassembly holds all it has made until the last is given.
    const bool was_held = servers_[leaf].held > 0;
    servers_[leaf].held += static_cast<std::uint32_t>(by);
    const bool is_held = servers_[leaf].held > 0;
    if (was_held != is_held) occupied_area[station] += (is_held ? 1 : -1) * left(t);
    if (was_held && !is_held) count_cards(station, t);
    impossible += static_cast<std::uint64_t>(servers_[leaf].held > 1000);
  }

  /// A station is free of a part, or has taken one where `by` is 1.
  void count_cards(std::uint32_t station, std::int64_t t, std::int64_t by = -1) {
    for (std::size_t k = 0; k < plant_.loops.size(); ++k) {
      const PlantLoop& loop = plant_.loops[k];
      if (loop.last == kNone || (by > 0 ? loop.first : loop.last) != station) continue;
      in_loop_[k] += by;
      loop_area[k] += by * left(t);
      impossible += static_cast<std::uint64_t>(in_loop_[k] < 0 || in_loop_[k] > static_cast<std::int64_t>(loop.cards));
    }
  }

  void change_level(std::uint32_t store, std::int64_t by, std::int64_t t) {
    level[store] += by;
    level_area[store] += by * left(t);
    impossible += static_cast<std::uint64_t>(level[store] < 0 ||
                                             level[store] > static_cast<std::int64_t>(plant_.stores[store].capacity));
  }

  void read(const TraceRecord& r) {
    const std::int64_t t = r.ticks();
    impossible += static_cast<std::uint64_t>(t < now_ || t > end_);
    now_ = t;
    const bool counts = in_span(t);
    const bool goes_on_splitting = r.kind() == TraceKind::create && splits_;
    if (!goes_on_splitting) splits_ = false;
    switch (r.kind()) {
      case TraceKind::state:
        if (plant_.leaves[r.element].kind != LeafKind::server) break;
        end_state(r.element, t);
        servers_[r.element].state = static_cast<StationState>(r.value);
        break;
      case TraceKind::create:
      case TraceKind::supply:
        add_part(r);
        if (splits_) hold(r.element, 1, t);
        break;
      case TraceKind::start:
        impossible += static_cast<std::uint64_t>(servers_[r.element].held != 0);
        hold(r.element, 1, t);
        count_cards(plant_.leaves[r.element].station, t, 1);
        starts[plant_.leaves[r.element].station] += static_cast<std::uint64_t>(counts);
        break;
      case TraceKind::finish: {
        const std::uint32_t station = plant_.leaves[r.element].station;
        operations[station] += static_cast<std::uint64_t>(counts);
        servers_[r.element].last_finished = r.value;
        splits_ = plant_.stations[station].kind == PlantStationKind::disassembly;
        split_leaf_ = r.element;
        break;
      }
      case TraceKind::depart:
        hold(r.element, -1, t);
        break;
      case TraceKind::enter:
        change_level(r.element, 1, t);
        break;
      case TraceKind::leave:
        change_level(r.element, -1, t);
        break;
      case TraceKind::sink: {
        const bool is_good = plant_.stores[r.element].is_good;
        if (counts) {
          ++(is_good ? good : scrapped);
          ++sink_parts[r.element];
          if (is_good) lead_sum += t - parts_[r.value].entered;
        }
        end_part(r.value, t);
        break;
      }
      case TraceKind::scrap:
        scrapped += static_cast<std::uint64_t>(counts);
        hold(r.element, -1, t);
        end_part(r.value, t);
        break;
      case TraceKind::consume:
        consumed += static_cast<std::uint64_t>(counts);
        end_part(r.value, t);
        break;
      case TraceKind::lose:
        lost += static_cast<std::uint64_t>(counts);
        break;
    }
  }

  std::vector<Server> servers_;
  std::vector<std::int64_t> in_loop_;
  std::vector<LivePart> parts_;
  std::int64_t now_ = 0;
  bool splits_ = false;
  std::uint32_t split_leaf_ = 0;
};

}  // namespace twin::validation
