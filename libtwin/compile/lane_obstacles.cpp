// SPDX-License-Identifier: Apache-2.0
#include <libtwin/compile/compile.hpp>

#include <algorithm>

namespace twin {
namespace {

std::string name_of_store(const Compiled& compiled, std::uint32_t number) {
  const PlantStore& store = compiled.plant.stores[number];
  switch (store.kind) {
    case StoreKind::buffer:
      return "'" + compiled.names.buffers[store.index] + "'";
    case StoreKind::sink:
      return "'" + compiled.names.sinks[store.index] + "'";
    case StoreKind::supply:
      return "'" + compiled.names.sources[store.index] + "'";
    case StoreKind::handoff:
      break;
  }
  return "a hand-over between stations";
}

std::string name_of_station(const Compiled& compiled, std::uint32_t number) {
  const PlantStation& station = compiled.plant.stations[number];
  const bool is_source = station.kind == PlantStationKind::source;
  return "'" + (is_source ? compiled.names.sources : compiled.names.stations)[station.index] + "'";
}

std::string reason(LaneObstacleKind kind) {
  using Kind = LaneObstacleKind;
  switch (kind) {
    case Kind::process:
      return "is a process of the user's own";
    case Kind::rule:
      return "asks a rule of the user's program";
    case Kind::many_inputs:
      return "takes from several places, whichever has a part";
    case Kind::routing:
      return "sends parts different ways";
    case Kind::shared_store:
      return "has several stations before or behind it";
    case Kind::order:
      return "is not first in, first out";
    case Kind::loop:
      return "gets parts back that have been there before";
    case Kind::counts:
      return "takes or gives several parts of a kind at once";
    case Kind::setup:
      return "sets up between products";
    case Kind::scrap:
      return "scraps parts";
    case Kind::calendar_failure:
      return "fails by the calendar, whether or not it works";
    case Kind::cycle_failure:
      return "fails after a number of parts";
    case Kind::failure_effect:
      return "fails and scraps the part, or ends it first";
    case Kind::crew:
      return "waits for a crew to be repaired";
    case Kind::server_failure:
      return "has several servers that fail one by one";
    case Kind::product_order:
      return "works by product, behind a station where parts overtake";
    case Kind::lost_arrivals:
      return "loses parts that find no room";
    case Kind::ways:
      return "has more than eight ways in or out, or loops that begin at it";
    case Kind::ending_supply:
      return "runs out of releases, and an assembly may wait for more";
    case Kind::reserved_ways:
      return "waits for room on one of several ways out before it starts";
    case Kind::overtaking_branch:
      return "brings together parts of which some have overtaken others";
  }
  return "";
}

}  // namespace

std::vector<std::string> lane_obstacles(const Compiled& compiled) {
  std::vector<std::string> all;
  for (const LaneObstacle& obstacle : compiled.lanes.obstacles) {
    const std::string name = obstacle.station != kNone ? name_of_station(compiled, obstacle.station)
                                                       : name_of_store(compiled, obstacle.store);
    std::string text = name + " " + reason(obstacle.kind);
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(std::move(text));
  }
  return all;
}

}  // namespace twin
