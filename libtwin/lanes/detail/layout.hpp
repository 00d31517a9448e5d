// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <libtwin/lanes/program.hpp>

namespace twin::detail {

/// Rows of lanes, the oldest overwritten first: row r is at slot r modulo `rows`.
struct Ring {
  std::size_t offset = 0;  ///< of slot 0 in the memory of a pack, in doubles
  std::uint32_t rows = 0;
};

/// What a part waits for before it may leave by an arc, or be taken with a card: row r − `lag` of a ring, or nothing.
struct RoomRule {
  std::uint32_t ring = kNone;
  std::uint32_t lag = 0;
};

/// Where everything lies in the memory of a pack of lanes, for one set of capacities.
///
/// Times first (doubles), then what is added up (64-bit words of the same size): what is set to time 0 and what is set to
/// zero at the start of a run are each one piece.
struct LaneLayout {
  std::uint32_t lanes = 0;

  /// Rows that a station may work on before the next one has to: every room a part waits for lies that far back.
  std::uint32_t block_rows = 1;

  std::vector<Ring> rings;
  std::vector<RoomRule> arc_room;        // by arc
  std::vector<std::uint32_t> arc_ring;   // by arc: when parts leave by it
  std::vector<std::uint32_t> arc_entry;  // by arc: when they came into the factory; none where nothing needs it
  std::vector<bool> arc_is_deferred;     // by arc
  std::vector<RoomRule> start_room;      // by operation, blocking before service
  std::vector<RoomRule> cards;           // by loop: when the card that a part takes came back
  std::vector<std::uint32_t> take_ring;  // by operation, or none
  std::vector<bool> is_line;             // by operation: fit for the line kernel
  std::vector<bool> is_kit;              // by operation: the same once its kit is there

  std::vector<std::size_t> last;  // by operation, (lanes)
  std::vector<std::size_t> ends;  // by operation with several servers, (3 × (servers − 1) + servers, lanes)
  std::vector<std::size_t> left;  // by operation with failures, (lanes)
  std::size_t idle_row = 0;       // (lanes): time 0, for those who wait for nothing
  std::size_t spare_row = 0;      // (lanes): what nobody reads
  std::size_t kit_rows = 0;       // (rows of a block, lanes): when the last part of a kit came
  std::size_t time_end = 0;

  std::vector<std::size_t> sums;          // by operation, (3 × lanes)
  std::vector<std::size_t> counts;        // by operation, (6 × lanes)
  std::vector<std::size_t> enter_sums;    // by arc, (lanes); only for all but the last way out of an operation
  std::vector<std::size_t> enter_counts;  // by arc, (2 × lanes)
  std::vector<std::size_t> leads;         // by arc into a good sink, (lanes)
  std::vector<std::size_t> down;          // by operation with failures, (lanes): ticks
  std::vector<std::size_t> failures;      // by operation with failures, (lanes)
  std::size_t sum_end = 0;

  std::vector<std::size_t> factor;  // by operation, (lanes)
  std::vector<std::size_t> offset;
  std::size_t from = 0;  // (lanes)
  std::size_t to = 0;
  std::size_t size = 0;

  /// Whether some parts leave only when the station behind has taken them, together with others or with a card.
  bool has_deferred = false;

  /// Whether the recursion holds for these capacities; else the runs go to the event engine.
  bool is_possible = true;
};

/// @param capacities  waiting places by store, then cards by loop. @param lanes  a multiple of `kLaneGroup`.
[[nodiscard]] LaneLayout make_layout(const Plant& plant, const LaneProgram& program,
                                     std::span<const std::uint32_t> capacities, std::uint32_t lanes);

}  // namespace twin::detail
