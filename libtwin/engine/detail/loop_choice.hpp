// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include <libtwin/engine/detail/loop.hpp>

// What is drawn or chosen for a part: its process time, its product, its way on.
namespace twin::detail {

TWIN_LOOP
std::uint32_t TWIN_LOOP_CLASS::law_of(const PlantStation& station, std::uint32_t product) const {
  return station.first_product_law == kNone ? station.law
                                            : data_.plant->product_laws[station.first_product_law + product];
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
    seconds =
        station.process_time.seconds(station.process_time.context, RunView(&data_), StationId{number}, view, stream);
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
