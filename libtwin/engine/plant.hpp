// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <libtwin/core/distribution.hpp>
#include <libtwin/core/id.hpp>
#include <libtwin/engine/rules.hpp>

namespace twin {

inline constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
inline constexpr std::uint32_t kUnlimitedPlaces = kNone - 1;

/// Between any two stations lies a store: a buffer; a handoff, which is the absence of one (no places); a supply that
/// always has a part; or a sink that always takes one.
enum class StoreKind : std::uint8_t { buffer, handoff, supply, sink };
enum class StoreOrder : std::uint8_t { fifo, lifo, priority, rule };

/// Some loops of cards: a range of `Plant::loop_lists`.
struct LoopRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

struct PlantStore {
  StoreKind kind = StoreKind::buffer;
  StoreOrder order = StoreOrder::fifo;

  /// Waiting places, without those on machines.
  std::uint32_t capacity = kUnlimitedPlaces;

  /// For buffers whose capacity counts the places on the machine: that many places are the machine's own.
  std::uint32_t machine_places = 0;

  /// Stations that take from here: a range of `Plant::consumers`.
  std::uint32_t first_consumer = 0;
  std::uint32_t consumer_count = 0;

  /// Some consumer takes from several stores at once and has to be told of every part that comes.
  bool is_watched = false;

  /// For sinks: whether parts count as good.
  bool is_good = true;

  /// For `StoreOrder::rule`.
  DispatchRule rule{};

  /// For supplies: a range of `Plant::mix`, and the key of the stream that draws products.
  std::uint32_t mix = kNone;
  std::uint64_t mix_key = 0;

  /// Loops that have a card back when a part is taken from here.
  LoopRange cards_back{};

  /// Index among the buffers, sinks or sources of the file; `kNone` for handoffs.
  std::uint32_t index = kNone;
};

enum class PlantStationKind : std::uint8_t { machine, assembly, disassembly, process, source };

/// How a finished part chooses among the outlets of a station.
enum class RouteRule : std::uint8_t { single, share, product, shortest, round_robin, priority, rule, all };

struct PlantInput {
  std::uint32_t store = kNone;
  std::uint32_t count = 1;
};

struct PlantOutlet {
  std::uint32_t store = kNone;

  /// For `share`: the share of parts that go here; the last outlet takes what is left when `is_otherwise`.
  double share = 0;
  bool is_otherwise = false;

  /// For `product`: which one; `kNone` with `is_otherwise`. A part that fits none ends the run with `bad_number`.
  std::uint32_t product = kNone;

  /// For `all` (disassembly): parts given at a time.
  std::uint32_t count = 1;
};

enum class PlantClock : std::uint8_t { busy, calendar, cycles };
enum class PartEffect : std::uint8_t { resume, restart, scrap, finish_first };

struct PlantFailure {
  PlantClock clock = PlantClock::busy;
  PartEffect effect = PartEffect::resume;

  /// Laws: time to failure [s, or parts for `cycles`], repair [s].
  std::uint32_t every = kNone;
  std::uint32_t repair = kNone;

  std::uint32_t crew = kNone;
  std::uint64_t key = 0;
};

struct PlantStation {
  PlantStationKind kind = PlantStationKind::machine;
  std::uint32_t servers = 1;

  /// Leaf of the first server; the others follow.
  std::uint32_t first_leaf = 0;

  std::uint32_t first_input = 0;
  std::uint32_t input_count = 0;
  std::uint32_t first_outlet = 0;
  std::uint32_t outlet_count = 0;
  RouteRule route = RouteRule::single;
  RoutingRule route_rule{};

  /// Law of the work [s]; of the arrivals for sources.
  std::uint32_t law = kNone;

  /// Laws by product, a range of `Plant::product_laws` as long as there are products; `kNone`: `law` for all.
  std::uint32_t first_product_law = kNone;

  /// Setup laws by (from, to) product, row-major in `Plant::setup_laws`; entries of `kNone` need no setup.
  std::uint32_t first_setup_law = kNone;

  /// For laws of the user's program.
  ProcessTimeRule process_time{};

  bool starts_only_with_room = false;
  double scrap = 0;
  std::uint32_t makes = kNone;

  std::uint32_t first_failure = 0;
  std::uint32_t failure_count = 0;

  /// Loops of which the station takes a card with each part, and those that have one back when it is free of the part.
  LoopRange cards_taken{};
  LoopRange cards_back{};

  /// Loops that have a card back when the station takes a part, because they end at the one store it takes from.
  LoopRange cards_back_at_start{};

  /// For sources: law of the batch, products, release times; parts without room are lost instead of waiting.
  std::uint32_t batch_law = kNone;
  std::uint32_t mix = kNone;
  std::uint32_t first_release = kNone;
  std::uint32_t release_count = 0;
  bool loses_parts = false;

  /// For processes: the behaviour, in `Plant::behaviours`.
  std::uint32_t behaviour = kNone;

  /// The element's key; streams are made from it.
  std::uint64_t key = 0;

  /// Index among the stations (or, for sources, the sources) of the file.
  std::uint32_t index = kNone;
};

/// A loop with a fixed number of cards (CONWIP, kanban): no more parts than that are between `first` and the end.
struct PlantLoop {
  std::uint32_t cards = 1;
  std::uint32_t first = kNone;  ///< station
  std::uint32_t last = kNone;   ///< station, or none for a loop that ends at a store
  std::uint32_t store = kNone;
};

/// Cumulative shares of products.
struct ProductMix {
  std::vector<std::pair<double, std::uint32_t>> cumulative;
};

struct Release {
  std::int64_t ticks = 0;
  std::uint32_t product = 0;
  std::uint32_t count = 1;
};

/// What a timer of the plant is for. Leaves stand in this order, which is the order of events at one instant: ends of
/// work, then repairs and calendar failures, then arrivals, then marks of the run.
enum class LeafKind : std::uint8_t { server, repair, calendar, source, mark };

struct PlantLeaf {
  LeafKind kind = LeafKind::server;
  std::uint32_t station = kNone;

  /// For `repair` and `calendar`: the server it belongs to. For servers: their number within the station.
  std::uint32_t server = kNone;

  /// For `calendar`: which failure mode of the station.
  std::uint32_t mode = kNone;
};

/// What a number of the plant is, so that a run may change it without a new compilation.
enum class SlotKind : std::uint8_t { law, capacity, crew_size, share, scrap, cards };

/// A number that a run may change: `index` names the law, store, crew, outlet, station or loop, `part` the parameter of a law.
struct ValueSlot {
  SlotKind kind = SlotKind::law;
  std::uint32_t index = 0;
  std::uint32_t part = 0;
};

/// A change to one slot for one run, in SI units. Capacities as the file counts them.
struct ValueChange {
  std::uint32_t slot = 0;
  double value = 0;
};

/// A factory made ready to run: flat arrays of indices and numbers, without names. Made by `compile`, never changed
/// after, shared by all threads.
struct Plant {
  std::vector<PlantStation> stations;  ///< stations in the order of the file, then sources
  std::vector<PlantStore> stores;
  std::vector<std::uint32_t> consumers;
  std::vector<PlantInput> inputs;
  std::vector<PlantOutlet> outlets;
  std::vector<PlantFailure> failures;
  std::vector<Distribution> laws;
  std::vector<std::uint32_t> product_laws;
  std::vector<std::uint32_t> setup_laws;
  std::vector<ProductMix> mixes;
  std::vector<Release> releases;
  std::vector<PlantLeaf> leaves;
  std::vector<std::uint32_t> crew_sizes;
  std::vector<PlantLoop> loops;
  std::vector<std::uint32_t> loop_lists;
  std::vector<double> product_priorities;
  std::vector<Behaviour> behaviours;
  std::vector<ValueSlot> slots;

  std::uint32_t station_count = 0;  ///< stations of the file; sources follow
  std::uint32_t source_count = 0;
  std::uint32_t buffer_count = 0;
  std::uint32_t sink_count = 0;
  std::uint32_t product_count = 1;

  /// Store of each buffer and sink, by index.
  std::vector<std::uint32_t> buffer_stores;
  std::vector<std::uint32_t> sink_stores;
};

}  // namespace twin
