// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <libtwin/engine/plant.hpp>

namespace twin {

/// Why a plant, or one element of it, cannot be run as a recursion.
enum class LaneObstacleKind : std::uint8_t {
  process,            ///< a process of the user's own
  rule,               ///< a rule of the user's program: process time, routing or dispatch
  many_inputs,        ///< a machine takes from several places, whichever has a part
  routing,            ///< parts choose among several ways
  shared_store,       ///< a buffer with several producers or consumers
  order,              ///< a buffer that is not first in, first out
  loop,               ///< parts come back
  counts,             ///< an assembly takes, or a disassembly gives, several of a kind
  setup,              ///< changeovers
  scrap,              ///< parts are destroyed on the way
  calendar_failure,   ///< a failure that comes whether or not the machine works
  cycle_failure,      ///< a failure counted in parts
  failure_effect,     ///< a failure that destroys the part or waits for its end
  crew,               ///< repairs wait for a crew
  server_failure,     ///< several servers that fail one by one
  product_order,      ///< the law depends on the product behind several servers, where parts overtake
  lost_arrivals,      ///< arrivals are lost when there is no room
  ways,               ///< more than eight ways in or out of one element, loops that begin there among those in
  ending_supply,      ///< releases that end, beside an assembly that would wait for them for ever
  reserved_ways,      ///< blocking before service beside several ways out
  overtaking_branch,  ///< a branch in which parts overtake comes together with one in which they do not
};

struct LaneObstacle {
  LaneObstacleKind kind = LaneObstacleKind::process;
  std::uint32_t station = kNone;  ///< in `Plant::stations`, or none
  std::uint32_t store = kNone;    ///< in `Plant::stores`, or none
};

/// A place between two stations, or before a sink.
struct LaneArc {
  std::uint32_t store = kNone;
  std::uint32_t from = kNone;  ///< operation
  std::uint32_t to = kNone;    ///< operation; none for sinks
};

/// A loop of cards: the part that takes a card at `from` gives it back when it leaves `to`, or when `to` takes it out of
/// the store at which the loop ends.
struct LaneLoop {
  std::uint32_t from = kNone;  ///< operation
  std::uint32_t to = kNone;    ///< operation
  bool ends_at_take = false;
};

/// A station or source, in an order in which parts come before those made of them.
struct LaneOp {
  std::uint32_t station = kNone;  ///< in `Plant::stations`
  bool is_source = false;

  /// Ways in that are never without a part, and the store of the first way in when it is one of them.
  std::uint32_t supply_count = 0;
  std::uint32_t supply = kNone;

  std::vector<std::uint32_t> in;
  std::vector<std::uint32_t> out;

  /// Loops that begin here, in `LaneProgram::loops`.
  std::vector<std::uint32_t> loops;

  std::uint32_t servers = 1;

  /// The operation where its parts came into the factory.
  std::uint32_t origin = kNone;

  /// How many rows it is behind the first, because parts overtake in several servers.
  std::uint32_t lag = 0;

  /// How many rows its output is behind.
  [[nodiscard]] std::uint32_t out_lag() const { return lag + servers - 1; }

  /// Whether its durations depend on more than one law or on more than a draw a row: made one by one.
  bool is_direct = false;

  /// For laws by product: the product of all its parts, or none when they are those of `origin`.
  std::uint32_t fixed_product = kNone;

  [[nodiscard]] std::size_t ways_in() const { return in.size() + supply_count; }

  /// Whether it waits for several things and takes them together: parts of a kit, or a part and a card. It has no place for
  /// a part that waits for the rest.
  [[nodiscard]] bool takes_together() const { return ways_in() > 1 || !loops.empty(); }
};

/// A plant as a recursion of maxima and sums over parts (a timed event graph; Baccelli, Cohen, Olsder, Quadrat 1992,
/// Synchronization and Linearity), or the reasons why it is none.
struct LaneProgram {
  std::vector<LaneObstacle> obstacles;
  std::vector<LaneOp> ops;
  std::vector<LaneArc> arcs;
  std::vector<LaneLoop> loops;  ///< as in the plant
  bool has_lag = false;

  /// Whether a run may end after a number of parts.
  bool can_count_parts = false;

  [[nodiscard]] bool is_eligible() const { return obstacles.empty(); }
};

/// Looks at the plant once; numbers that a run may change do not matter to it.
[[nodiscard]] LaneProgram make_lane_program(const Plant& plant);

}  // namespace twin
