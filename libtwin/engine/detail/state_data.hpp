// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <libtwin/core/random.hpp>
#include <libtwin/core/sampler.hpp>
#include <libtwin/core/time.hpp>
#include <libtwin/engine/detail/winner_tree.hpp>
#include <libtwin/engine/plant.hpp>
#include <libtwin/engine/process.hpp>
#include <libtwin/engine/run_result.hpp>

/// The memory of a run. Records that every event touches are 64 bytes and aligned to cache lines.
namespace twin::detail {

__extension__ using Wide = unsigned __int128;

/// How the loop treats a leaf that fires.
enum class LeafAction : std::uint8_t {
  fast,          ///< a plain machine
  routed,        ///< a plain machine with several ways out
  plain_source,  ///< arrivals one by one, of one product, into a store that never refuses
  slow,
  process,
  repair,
  calendar,
  source,
  mark,
};

/// What a server's own timer means, and where a server that has none is waiting.
enum class Phase : std::uint8_t {
  empty,         ///< no part; waits for one
  setup,         ///< timer ends the changeover
  working,       ///< timer ends the work
  failing,       ///< timer is a failure in the middle of the work
  waiting_room,  ///< has a part it may not start before there is room (blocking before service)
  finished,      ///< has a finished part that waits for room
};

enum LeafFlag : std::uint8_t {
  kSlowStart = 1,          ///< the start of work needs more than one draw from one law
  kSlowFinish = 2,         ///< the end of work needs more than handing the part on
  kSlowTake = 4,           ///< takes from several stores, or with a card
  kDown = 8,               ///< is not able to work
  kFromReserving = 16,     ///< takes from a store in which places can be reserved
  kNeedsCard = 32,         ///< takes a part only with a card
  kCardBack = 64,          ///< a card goes back when it is free of a part
  kCardBackAtStart = 128,  ///< a card goes back when it takes a part
};

struct alignas(64) Leaf {
  Stream stream;               // cycle times (servers), arrivals (sources)
  double scale = 0;            // ticks
  std::uint32_t part = kNone;  // held
  std::uint32_t in = kNone;
  std::uint32_t out = kNone;
  std::uint32_t next = kNone;  // in the list of idle or blocked servers of a store
  std::uint32_t station = kNone;
  SampleForm form = SampleForm::constant;
  StationState state = StationState::starved;
  Phase phase = Phase::empty;
  std::uint8_t flags = 0;
};
static_assert(sizeof(Leaf) == 64);

/// Times by state and a count: one line for each server. Adding the time when a state ends and subtracting it when it
/// begins needs no memory of when that was.
struct alignas(64) LeafClock {
  std::array<std::uint64_t, kStationStates> ticks{};
  std::uint64_t operations = 0;
};
static_assert(sizeof(LeafClock) == 64);

enum StoreFlag : std::uint8_t {
  kWatched = 1,        ///< consumers take from several stores or with a card, and have to be told
  kManyConsumers = 2,  ///< several idle servers queue here, longest first
  kOrdered = 4,        ///< not first in, first out
  kReserves = 8,       ///< some producer blocks before service
  kEndsLoop = 16,      ///< a card goes back when a part is taken from here
};

struct alignas(64) Store {
  std::uint32_t count = 0;
  std::uint32_t capacity = 0;
  std::uint32_t head = kNone;
  std::uint32_t tail = kNone;
  std::uint32_t idle_head = kNone;
  std::uint32_t blocked_head = kNone;
  std::uint32_t blocked_tail = kNone;
  std::uint32_t reserved = 0;
  std::uint64_t area = 0;
  std::uint64_t passed = 0;
  StoreKind kind = StoreKind::buffer;
  StoreOrder order = StoreOrder::fifo;
  std::uint8_t flags = 0;

  /// The capacity, or 0 where entering takes more than joining the end of the queue.
  std::uint32_t plain_capacity = 0;
};
static_assert(sizeof(Store) == 64);

struct Part {
  std::uint64_t entered = 0;
  std::uint32_t next = kNone;
  std::uint16_t product = 0;
  std::uint16_t is_loose = 0;  // in the hands of a process
};
static_assert(sizeof(Part) == 16);

/// What a server needs only when it sets up, fails, routes or waits for several things.
struct ServerExtra {
  std::uint64_t remaining = 0;      // work or setup left
  std::uint64_t whole = 0;          // all of the work of this part
  std::uint64_t segment_start = 0;  // when the work last went on
  std::uint32_t failing_mode = kNone;
  std::uint32_t last_product = kNone;
  std::uint32_t down_count = 0;       // failures not repaired yet
  std::uint32_t repairing_count = 0;  // of those, under repair
  std::uint32_t outlet = kNone;       // chosen way out
  std::uint32_t list = kNone;         // parts still to give (disassembly), or waiting at a source
  std::uint32_t list_tail = kNone;
  std::uint32_t given = 0;  // of them, to the present outlet
  std::uint64_t scrapped = 0;
  std::uint64_t failures = 0;
  std::uint64_t empty_down = 0;  // time down without a part
  bool holds_reservation = false;
};

struct FailureState {
  Stream failure;
  Stream repair;
  std::int64_t left = 0;  // ticks or parts to the next failure
};

struct StationExtra {
  Stream stream;  // cycle times of stations with several servers or laws
  Stream route;
  Stream scrap;
  Stream setup;
  Stream product;
  Stream batch;
  std::uint32_t idle_head = kNone;  // servers that wait for several stores or a card
  std::uint32_t turn = 0;           // round robin
  std::uint32_t next_release = 0;
  std::uint32_t cards_back = 0;  // cards that came back and have not been used yet
};

/// A station that sends parts on by shares: one cache line here, 16 bytes for each way out.
struct alignas(64) Router {
  Stream stream;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t otherwise = 0;  // the way that takes what no share covers
};
static_assert(sizeof(Router) == 64);

struct Way {
  double bound = 0;  // cumulative share
  std::uint32_t store = 0;
  std::uint32_t guide = 0;  // where the search for a draw in this slice of [0, 1) starts
};

struct CrewState {
  std::uint32_t size = 0;
  std::uint32_t busy = 0;
  std::uint32_t waiting_head = kNone;  // leaves of repairs
  std::uint32_t waiting_tail = kNone;
  std::uint64_t area = 0;
};

struct LoopState {
  std::uint32_t cards = 0;
  std::uint32_t in_use = 0;
  std::uint32_t coming_back = 0;  // of those in use: free when the move at hand is complete
  Wide area = 0;
};

/// What a repair leaf or a calendar failure leaf is about.
struct RepairState {
  std::uint32_t server = kNone;
  std::uint32_t failure = kNone;  // in Plant::failures
  std::uint32_t state_index = kNone;
  std::uint32_t next = kNone;
  std::uint64_t duration = 0;
  bool is_failed = false;
  bool is_repairing = false;
};

struct StateData {
  const Plant* plant = nullptr;

  std::vector<Leaf> leaves;
  std::vector<LeafClock> clocks;
  std::vector<Store> stores;
  std::vector<Part> parts;
  std::vector<LeafAction> actions;
  std::vector<std::uint8_t> is_good;   // by store
  std::vector<Stream> supply_streams;  // by store
  std::vector<std::uint32_t> pending;  // servers freed while an assembly takes its parts
  std::vector<std::uint8_t> can_move;  // by leaf, for find_stuck
  std::vector<std::uint32_t> moving;   // likewise
  std::uint32_t free_part = kNone;
  std::uint32_t used_parts = 0;

  std::vector<ServerExtra> servers;
  std::vector<StationExtra> stations;
  std::vector<FailureState> failures;
  std::vector<std::uint32_t> first_failure;  // of each leaf, in `failures`
  std::vector<RepairState> repairs;          // by leaf
  std::vector<std::uint32_t> repair_leaf;    // of each server
  std::vector<CrewState> crews;
  std::vector<LoopState> loops;

  WinnerTree<std::uint64_t> tree;
  WinnerTree<Wide> wide_tree;

  SamplerCache cache;
  std::vector<Distribution> laws;
  std::vector<Sampler> samplers;
  std::vector<double> law_scale;  // ticks per second, or 1 for laws of counts
  std::vector<double> shares;     // by outlet
  std::vector<Router> routers;    // by station
  std::vector<Way> ways;          // by outlet
  std::vector<double> scraps;     // by station
  std::vector<ValueChange> applied;
  std::vector<std::uint32_t> capacities;
  std::vector<std::uint32_t> crew_sizes;
  std::vector<std::uint32_t> cards;  // by loop

  std::vector<ProcessContext> contexts;  // by leaf; only leaves of processes are used
  FrameArena arena;                      // before the processes, whose frames live in it
  std::vector<std::optional<Process>> processes;
  std::uint32_t ready_head = kNone;
  std::uint32_t ready_tail = kNone;
  std::vector<std::uint32_t> ready_next;

  // Marks of the run still to come: warm-up, batches, end.
  std::vector<std::uint64_t> marks;
  std::size_t next_mark = 0;
  std::uint64_t next_good = 0;  // when so many good parts have left, the next mark is due; 0 for never

  std::uint64_t now = 0;
  std::uint64_t events = 0;
  std::uint64_t operations_before = 0;  // ends of work before the warm-up ended
  std::uint64_t wip = 0;
  std::uint64_t created = 0;
  std::uint64_t good = 0;
  std::uint64_t scrapped = 0;
  std::uint64_t consumed = 0;
  std::uint64_t lost = 0;
  Wide wip_area = 0;
  Wide lead_sum = 0;
  std::vector<std::uint64_t> sink_parts;

  /// By store, the area up to `folded_at`: a store's own 64 bits hold what came after, and are folded in before they can
  /// overflow. Runs of fewer than some thousand parts never need it.
  std::vector<Wide> areas;
  std::uint64_t folded_at = 0;

  RunStatus status = RunStatus::ok;
  std::uint32_t bad_station = kNone;
  RunResult result;
};

/// When the areas are to be folded at the latest: no level is above the number of parts there is memory for.
inline std::uint64_t fold_time(const StateData& data) {
  return data.folded_at + (std::uint64_t{1} << 63) / std::max<std::size_t>(data.parts.size(), 1);
}

/// Moves the areas of all stores up to `t` into `StateData::areas`.
void fold_areas(StateData& data, std::uint64_t t);

/// The first server that holds a part it can never pass on, or `kNone`. `has_stopped`: no timer is set any more.
///
/// A server is stuck when the place it waits for can be freed only by servers that are stuck too. It errs towards none: an
/// assembly that waits for a part nobody can bring counts as moving while anything else moves.
std::uint32_t find_stuck(StateData& data, bool has_stopped);

}  // namespace twin::detail
