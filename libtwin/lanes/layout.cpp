// SPDX-License-Identifier: Apache-2.0
#include <libtwin/lanes/detail/layout.hpp>

#include <algorithm>
#include <bit>

#include <libtwin/lanes/detail/kernel.hpp>

namespace twin::detail {
namespace {

// More rows at a time than this gain nothing and grow the rings out of the first-level cache.
constexpr std::uint32_t kMostBlockRows = 8;

// Where there are more cards than this, the times at which they come back take too much memory.
constexpr std::uint32_t kMostCards = 1U << 16;

constexpr std::size_t kUnused = ~std::size_t{0};

class LayoutMaker {
 public:
  LayoutMaker(const Plant& plant, const LaneProgram& program, std::span<const std::uint32_t> capacities,
              std::uint32_t lanes)
      : plant_(plant), program_(program), capacities_(capacities) {
    out_.lanes = lanes;
  }

  LaneLayout make() {
    const std::size_t ops = program_.ops.size();
    const std::size_t arcs = program_.arcs.size();
    out_.arc_room.resize(arcs);
    out_.arc_ring.resize(arcs, kNone);
    out_.arc_entry.resize(arcs, kNone);
    out_.arc_is_deferred.resize(arcs, false);
    out_.start_room.resize(ops);
    out_.take_ring.resize(ops, kNone);
    for (std::uint32_t a = 0; a < arcs; ++a) out_.arc_ring[a] = add_ring();
    for (std::uint32_t k = 0; k < ops; ++k) {
      const LaneOp& op = program_.ops[k];
      const bool is_entry = op.is_source || op.supply != kNone;
      if (op.takes_together() || (is_entry && !program_.has_lag)) out_.take_ring[k] = add_ring();
    }
    for (std::uint32_t l = 0; l < program_.loops.size(); ++l) set_cards(l);
    for (std::uint32_t a = 0; a < arcs; ++a) set_room(a);
    carry_entries();
    choose_block();
    for (std::uint32_t k = 0; k < ops; ++k) {
      out_.is_line.push_back(is_line(k));
      out_.is_kit.push_back(is_kit(k));
    }
    place();
    return std::move(out_);
  }

 private:
  std::uint32_t add_ring() {
    needed_.push_back(1);
    return static_cast<std::uint32_t>(needed_.size() - 1);
  }
  void need(std::uint32_t ring, std::uint32_t rows) { needed_[ring] = std::max(needed_[ring], rows); }

  [[nodiscard]] const PlantStation& station_of(std::uint32_t op) const {
    return plant_.stations[program_.ops[op].station];
  }
  [[nodiscard]] std::uint32_t last_ring(std::uint32_t op) const { return out_.arc_ring[program_.ops[op].out.back()]; }

  // A part is let into a loop when the one that had its card before has left.
  void set_cards(std::uint32_t l) {
    const LaneLoop& loop = program_.loops[l];
    const LaneOp& to = program_.ops[loop.to];
    const std::uint32_t cards = capacities_[plant_.stores.size() + l];
    if (loop.ends_at_take && out_.take_ring[loop.to] == kNone) out_.take_ring[loop.to] = add_ring();
    const RoomRule rule{loop.ends_at_take ? out_.take_ring[loop.to] : last_ring(loop.to), cards};
    out_.cards.push_back(rule);
    // Where parts overtake, those that may come out next must all be in: with fewer cards, one would wait for itself.
    const std::uint32_t behind = loop.ends_at_take ? to.lag : to.out_lag();
    if (cards < behind - program_.ops[loop.from].lag + 1 || cards > kMostCards) {
      out_.is_possible = false;
      return;
    }
    need(rule.ring, cards);
    tightest_ = std::min(tightest_, cards);
  }

  // A part finds room when the one so many rows before it has been taken (where it is taken together with others or with a
  // card, and has no place on the station before), or when the server it was on is free again.
  void set_room(std::uint32_t a) {
    const LaneArc& arc = program_.arcs[a];
    const LaneOp& from = program_.ops[arc.from];
    if (arc.to == kNone || capacities_[arc.store] == kUnlimitedPlaces) return;
    const LaneOp& to = program_.ops[arc.to];
    const std::uint32_t places = capacities_[arc.store];
    const bool reserves = station_of(arc.from).starts_only_with_room;
    // It may start for an idle machine with a card: that is another rule than for any of the two alone.
    if (reserves && !to.loops.empty()) out_.is_possible = false;
    if (to.takes_together() && places == 0) {
      out_.arc_is_deferred[a] = true;
      out_.has_deferred = true;
      if (reserves || from.out.size() > 1 || program_.has_lag) out_.is_possible = false;
      tightest_ = 1;
      return;
    }
    RoomRule rule;
    if (to.takes_together()) {
      rule = {out_.take_ring[arc.to], places};
      tightest_ = std::min(tightest_, places);
    } else {
      rule = {last_ring(arc.to), places + to.servers};
      tightest_ = std::min(tightest_, places + 1);
    }
    need(rule.ring, rule.lag);
    if (reserves) {
      // With fewer places than servers, a part would wait for one that is still to leave the same station.
      if (places + (to.takes_together() ? 0 : 1) < from.servers) out_.is_possible = false;
      out_.start_room[arc.from] = rule;
    } else {
      out_.arc_room[a] = rule;
    }
  }

  // With overtaking, when a part came in travels with it; without, it is in the same row where it came in.
  void carry_entries() {
    for (std::uint32_t a = 0; a < program_.arcs.size(); ++a) {
      const LaneOp& from = program_.ops[program_.arcs[a].from];
      out_.arc_entry[a] = program_.has_lag ? add_ring() : out_.take_ring[from.origin];
    }
  }

  // As many rows as the tightest room allows; a power of two where the rooms do not lie whole blocks back, so that the rings
  // of those that do end where blocks end.
  [[nodiscard]] std::uint32_t best_block() const {
    const std::uint32_t most = std::clamp(tightest_, 1U, kMostBlockRows);
    const auto fits = [&](const RoomRule& rule) { return rule.ring == kNone || rule.lag % most == 0; };
    const bool all_fit = std::all_of(out_.arc_room.begin(), out_.arc_room.end(), fits) &&
                         std::all_of(out_.start_room.begin(), out_.start_room.end(), fits) &&
                         std::all_of(out_.cards.begin(), out_.cards.end(), fits);
    return all_fit ? most : std::bit_floor(most);
  }

  void choose_block() {
    out_.block_rows = program_.has_lag ? 1 : best_block();
    std::uint32_t most_lag = 0;
    for (const LaneOp& op : program_.ops) most_lag = std::max(most_lag, op.out_lag());
    for (std::uint32_t& rows : needed_) {
      rows = std::max(rows + (program_.has_lag ? most_lag : 0), out_.block_rows);
      rows = (rows + out_.block_rows - 1) / out_.block_rows * out_.block_rows;
    }
  }

  [[nodiscard]] bool ends_loop_at_take(std::uint32_t k) const {
    return std::any_of(program_.loops.begin(), program_.loops.end(),
                       [&](const LaneLoop& loop) { return loop.to == k && loop.ends_at_take; });
  }

  // One server, one way out, blocking after service.
  [[nodiscard]] bool works_in_turn(std::uint32_t k) const {
    const LaneOp& op = program_.ops[k];
    return !op.is_source && op.servers == 1 && op.out.size() == 1 && !program_.has_lag &&
           !station_of(k).starts_only_with_room && !out_.arc_is_deferred[op.out.front()];
  }

  // It waits for one thing: a part, or a card where there is always a part.
  [[nodiscard]] bool is_line(std::uint32_t k) const {
    const LaneOp& op = program_.ops[k];
    return works_in_turn(k) && op.ways_in() == 1 && op.in.size() + op.loops.size() <= 1 && !ends_loop_at_take(k);
  }

  // It says when it takes them, which others wait for.
  [[nodiscard]] bool is_kit(std::uint32_t k) const {
    const LaneOp& op = program_.ops[k];
    return !is_line(k) && works_in_turn(k) && op.in.size() + op.loops.size() != 0 && out_.take_ring[k] != kNone;
  }

  std::size_t take(std::size_t rows) {
    const std::size_t offset = out_.size;
    out_.size += rows * out_.lanes;
    return offset;
  }

  void place() {
    const std::size_t ops = program_.ops.size();
    const std::size_t arcs = program_.arcs.size();
    for (const std::uint32_t rows : needed_) out_.rings.push_back({take(rows), rows});
    const auto by_op = [&](std::vector<std::size_t>& list, auto&& rows_of) {
      for (std::uint32_t k = 0; k < ops; ++k) {
        const std::size_t rows = rows_of(k);
        list.push_back(rows == 0 ? kUnused : take(rows));
      }
    };
    const auto one = [](std::uint32_t) { return std::size_t{1}; };
    const auto if_fails = [&](std::uint32_t k) { return std::size_t{station_of(k).failure_count != 0 ? 1U : 0U}; };
    by_op(out_.last, one);
    by_op(out_.ends, [&](std::uint32_t k) {
      const std::size_t servers = program_.ops[k].servers;
      return servers > 1 ? 3 * (servers - 1) + servers : 0;
    });
    by_op(out_.left, if_fails);
    out_.idle_row = take(1);
    out_.spare_row = take(1);
    out_.kit_rows = take(out_.block_rows);
    out_.time_end = out_.size;
    by_op(out_.sums, [](std::uint32_t) { return std::size_t{3}; });
    by_op(out_.counts, [](std::uint32_t) { return std::size_t{6}; });
    by_op(out_.down, if_fails);
    by_op(out_.failures, if_fails);
    for (std::uint32_t a = 0; a < arcs; ++a) {
      const LaneArc& arc = program_.arcs[a];
      const bool is_last = program_.ops[arc.from].out.back() == a;
      out_.enter_sums.push_back(is_last ? kUnused : take(1));
      out_.enter_counts.push_back(is_last ? kUnused : take(2));
      const bool is_good = arc.to == kNone && plant_.stores[arc.store].is_good;
      out_.leads.push_back(is_good ? take(1) : kUnused);
    }
    out_.sum_end = out_.size;
    by_op(out_.factor, one);
    by_op(out_.offset, one);
    out_.from = take(1);
    out_.to = take(1);
  }

  const Plant& plant_;
  const LaneProgram& program_;
  std::span<const std::uint32_t> capacities_;
  LaneLayout out_;
  std::vector<std::uint32_t> needed_;
  std::uint32_t tightest_ = kMostBlockRows;
};

}  // namespace

LaneLayout make_layout(const Plant& plant, const LaneProgram& program, std::span<const std::uint32_t> capacities,
                       std::uint32_t lanes) {
  return LayoutMaker(plant, program, capacities, lanes).make();
}

}  // namespace twin::detail
