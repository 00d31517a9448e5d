// SPDX-License-Identifier: Apache-2.0
#include <libtwin/lanes/program.hpp>

#include <algorithm>

namespace twin {
namespace {

constexpr std::size_t kMostWaysOfOne = 8;

class Maker {
 public:
  explicit Maker(const Plant& plant)
      : plant_(plant), producers_(plant.stores.size()), op_of_(plant.stations.size(), kNone) {}

  LaneProgram make() {
    find_producers();
    for (std::uint32_t s = 0; s < plant_.stations.size(); ++s) look_at_station(s);
    for (std::uint32_t s = 0; s < plant_.stores.size(); ++s) look_at_store(s);
    look_for_end();
    if (program_.obstacles.empty()) lay_out();
    if (program_.obstacles.empty()) add_loops();
    if (program_.obstacles.empty()) follow_parts();
    if (program_.obstacles.empty()) look_at_products();
    // With one way out of the factory, nothing that happens to a part comes after it has left.
    std::uint32_t sinks = 0;
    std::uint32_t good_sinks = 0;
    for (const LaneArc& arc : program_.arcs) {
      sinks += arc.to == kNone ? 1 : 0;
      good_sinks += arc.to == kNone && plant_.stores[arc.store].is_good ? 1 : 0;
    }
    program_.can_count_parts = program_.is_eligible() && sinks == 1 && good_sinks == 1 && !program_.has_lag;
    return std::move(program_);
  }

 private:
  void add(LaneObstacleKind kind, std::uint32_t station, std::uint32_t store = kNone) {
    program_.obstacles.push_back({kind, station, store});
  }

  void find_producers() {
    for (std::uint32_t s = 0; s < plant_.stations.size(); ++s) {
      const PlantStation& station = plant_.stations[s];
      for (std::uint32_t o = 0; o < station.outlet_count; ++o) {
        producers_[plant_.outlets[station.first_outlet + o].store].push_back(s);
      }
    }
  }

  void look_at_station(std::uint32_t s) {
    const PlantStation& station = plant_.stations[s];
    using Kind = LaneObstacleKind;
    switch (station.kind) {
      case PlantStationKind::process:
        add(Kind::process, s);
        return;
      case PlantStationKind::machine:
        if (station.input_count > 1) add(Kind::many_inputs, s);
        break;
      case PlantStationKind::assembly:
      case PlantStationKind::disassembly:
        if (station.starts_only_with_room && station.outlet_count > 1) add(Kind::reserved_ways, s);
        break;
      case PlantStationKind::source:
        if (station.loses_parts) add(Kind::lost_arrivals, s);
        break;
    }
    if (station.route != RouteRule::single && station.route != RouteRule::all) add(Kind::routing, s);
    const bool is_called = station.law != kNone && plant_.laws[station.law].kind == LawKind::call;
    if (is_called || station.route_rule.choose != nullptr) add(Kind::rule, s);
    if (station.input_count + station.cards_taken.count > kMostWaysOfOne || station.outlet_count > kMostWaysOfOne)
      add(Kind::ways, s);
    if (station.first_setup_law != kNone) add(Kind::setup, s);
    if (station.scrap > 0) add(Kind::scrap, s);
    look_at_counts(s);
    look_at_failures(s);
  }

  void look_at_counts(std::uint32_t s) {
    const PlantStation& station = plant_.stations[s];
    bool has_several = false;
    for (std::uint32_t k = 0; k < station.input_count; ++k) {
      has_several |= plant_.inputs[station.first_input + k].count != 1;
    }
    for (std::uint32_t o = 0; station.route == RouteRule::all && o < station.outlet_count; ++o) {
      has_several |= plant_.outlets[station.first_outlet + o].count != 1;
    }
    if (has_several) add(LaneObstacleKind::counts, s);
  }

  void look_at_failures(std::uint32_t s) {
    const PlantStation& station = plant_.stations[s];
    using Kind = LaneObstacleKind;
    for (std::uint32_t m = 0; m < station.failure_count; ++m) {
      const PlantFailure& mode = plant_.failures[station.first_failure + m];
      if (mode.clock == PlantClock::calendar) {
        add(Kind::calendar_failure, s);
      } else if (mode.clock == PlantClock::cycles) {
        add(Kind::cycle_failure, s);
      } else if (mode.effect == PartEffect::scrap || mode.effect == PartEffect::finish_first) {
        add(Kind::failure_effect, s);
      } else if (mode.crew != kNone) {
        add(Kind::crew, s);
      } else if (station.servers > 1) {
        add(Kind::server_failure, s);
      } else {
        continue;
      }
      return;
    }
  }

  // When the releases are over, the event engine finds who waits behind an assembly that will get no more parts.
  void look_for_end() {
    std::uint32_t ending = kNone;
    bool has_assembly = false;
    for (std::uint32_t s = 0; s < plant_.stations.size(); ++s) {
      if (plant_.stations[s].first_release != kNone) ending = s;
      has_assembly = has_assembly || plant_.stations[s].input_count > 1;
    }
    if (ending != kNone && has_assembly) add(LaneObstacleKind::ending_supply, ending);
  }

  void look_at_store(std::uint32_t s) {
    const PlantStore& store = plant_.stores[s];
    using Kind = LaneObstacleKind;
    if (store.order != StoreOrder::fifo) add(Kind::order, kNone, s);
    if (producers_[s].size() > 1 || store.consumer_count > 1) add(Kind::shared_store, kNone, s);
  }

  /// Operations in topological order (Kahn 1962), ties by the order of the file, so that the result is the same each time.
  void lay_out() {
    std::vector<std::uint32_t> missing(plant_.stations.size(), 0);
    for (std::uint32_t s = 0; s < plant_.stations.size(); ++s) {
      const PlantStation& station = plant_.stations[s];
      for (std::uint32_t k = 0; k < station.input_count; ++k) {
        const std::uint32_t store = plant_.inputs[station.first_input + k].store;
        missing[s] += plant_.stores[store].kind == StoreKind::supply ? 0 : 1;
      }
    }
    std::vector<std::uint32_t> ready;
    for (std::uint32_t s = 0; s < plant_.stations.size(); ++s) {
      if (missing[s] == 0) ready.push_back(s);
    }
    std::vector<std::uint32_t> arc_of(plant_.stores.size(), kNone);
    for (std::size_t next = 0; next < ready.size(); ++next) {
      const std::uint32_t s = ready[next];
      add_op(s, arc_of);
      const PlantStation& station = plant_.stations[s];
      for (std::uint32_t o = 0; o < station.outlet_count; ++o) {
        const PlantStore& store = plant_.stores[plant_.outlets[station.first_outlet + o].store];
        if (store.consumer_count == 0) continue;
        const std::uint32_t consumer = plant_.consumers[store.first_consumer];
        if (--missing[consumer] == 0) ready.push_back(consumer);
      }
    }
    for (std::uint32_t s = 0; s < plant_.stations.size(); ++s) {
      if (missing[s] != 0) return add(LaneObstacleKind::loop, s);
    }
  }

  void add_op(std::uint32_t s, std::vector<std::uint32_t>& arc_of) {
    const PlantStation& station = plant_.stations[s];
    const auto number = static_cast<std::uint32_t>(program_.ops.size());
    LaneOp& op = program_.ops.emplace_back();
    op_of_[s] = number;
    op.station = s;
    op.is_source = station.kind == PlantStationKind::source;
    op.servers = station.servers;
    for (std::uint32_t k = 0; k < station.input_count; ++k) {
      const std::uint32_t store = plant_.inputs[station.first_input + k].store;
      if (plant_.stores[store].kind == StoreKind::supply) {
        if (k == 0) op.supply = store;
        ++op.supply_count;
        continue;
      }
      op.in.push_back(arc_of[store]);
      program_.arcs[arc_of[store]].to = number;
    }
    for (std::uint32_t o = 0; o < station.outlet_count; ++o) {
      const std::uint32_t store = plant_.outlets[station.first_outlet + o].store;
      arc_of[store] = static_cast<std::uint32_t>(program_.arcs.size());
      op.out.push_back(arc_of[store]);
      program_.arcs.push_back({store, number, kNone});
    }
    program_.has_lag = program_.has_lag || op.servers > 1;
  }

  void add_loops() {
    for (const PlantLoop& loop : plant_.loops) {
      const bool ends_at_store = loop.store != kNone;
      const std::uint32_t last = ends_at_store ? plant_.consumers[plant_.stores[loop.store].first_consumer] : loop.last;
      program_.ops[op_of_[loop.first]].loops.push_back(static_cast<std::uint32_t>(program_.loops.size()));
      program_.loops.push_back({op_of_[loop.first], op_of_[last], ends_at_store});
    }
  }

  /// Where parts came in, and what each operation has to draw.
  void follow_parts() {
    for (std::uint32_t k = 0; k < program_.ops.size(); ++k) {
      LaneOp& op = program_.ops[k];
      const PlantStation& station = plant_.stations[op.station];
      const bool is_entry = op.is_source || op.supply != kNone;
      op.origin = is_entry ? k : program_.ops[from_of(op)].origin;
      op.is_direct = station.first_product_law != kNone ||
                     (op.is_source && (station.batch_law != kNone || station.first_release != kNone));
    }
    if (program_.has_lag) find_lags();
  }

  [[nodiscard]] std::uint32_t from_of(const LaneOp& op) const { return program_.arcs[op.in.front()].from; }

  /// Both ends of every arc must be at the same row when the one that takes looks at the one that gives and the other way
  /// round; a branch without overtaking is held back until it is.
  void find_lags() {
    std::vector<std::int64_t> lag(program_.ops.size(), -1);
    std::vector<std::uint32_t> open;
    std::int64_t least = 0;
    for (std::uint32_t start = 0; start < program_.ops.size(); ++start) {
      if (lag[start] >= 0) continue;
      constexpr std::int64_t kMiddle = std::int64_t{1} << 40;
      lag[start] = kMiddle;
      least = kMiddle;
      open.assign(1, start);
      std::vector<std::uint32_t> reached(1, start);
      while (!open.empty()) {
        const std::uint32_t k = open.back();
        open.pop_back();
        const auto reach = [&](std::uint32_t other, std::int64_t value) {
          if (lag[other] < 0) {
            lag[other] = value;
            least = std::min(least, value);
            open.push_back(other);
            reached.push_back(other);
          } else if (lag[other] != value) {
            add(LaneObstacleKind::overtaking_branch, program_.ops[other].station);
          }
        };
        for (const std::uint32_t arc : program_.ops[k].out) {
          if (program_.arcs[arc].to != kNone) reach(program_.arcs[arc].to, lag[k] + program_.ops[k].servers - 1);
        }
        for (const std::uint32_t arc : program_.ops[k].in) {
          const std::uint32_t from = program_.arcs[arc].from;
          reach(from, lag[k] - (program_.ops[from].servers - 1));
        }
        if (!program_.obstacles.empty()) return;
      }
      for (const std::uint32_t k : reached) {
        lag[k] -= least;
        program_.ops[k].lag = static_cast<std::uint32_t>(lag[k]);
      }
    }
  }

  /// The product of a part is known by its row as long as no parts overtake.
  void look_at_products() {
    for (LaneOp& op : program_.ops) {
      if (plant_.stations[op.station].first_product_law == kNone) continue;
      for (const LaneOp* up = &op; up->supply == kNone && !up->is_source;) {
        up = &program_.ops[from_of(*up)];
        if (up->servers > 1 && op.fixed_product == kNone) return add(LaneObstacleKind::product_order, op.station);
        const std::uint32_t makes = plant_.stations[up->station].makes;
        if (makes == kNone) continue;
        op.fixed_product = makes;
        break;
      }
    }
  }

  const Plant& plant_;
  LaneProgram program_;
  std::vector<std::vector<std::uint32_t>> producers_;
  std::vector<std::uint32_t> op_of_;
};

}  // namespace

LaneProgram make_lane_program(const Plant& plant) { return Maker(plant).make(); }

}  // namespace twin
