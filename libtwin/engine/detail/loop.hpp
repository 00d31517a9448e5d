// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include <libtwin/core/always_inline.hpp>
#include <libtwin/engine/detail/state_data.hpp>
#include <libtwin/engine/run.hpp>

namespace twin {

/// The policy of `run`: plants whose rules are all inside the plant.
struct NoPolicy {};

namespace detail {

// How many events pass between two looks at the stop token, and how many such looks may see the clock stand still before the
// run counts as endless.
inline constexpr std::uint64_t kPollEvery = 65536;
inline constexpr std::uint32_t kPatience = 64;

// How often a process may come back for more, and processes may wake each other, between two events: parts that go round
// among processes for ever need no event.
inline constexpr std::uint32_t kMostMoves = std::uint32_t{1} << 22;

template <class P>
concept HasProcessTime = requires(P& p, const RunView& run, StationId s, const PartView& part, Stream& stream) {
  { p.process_time_s(run, s, part, stream) } -> std::convertible_to<double>;
};

template <class P>
concept HasRouting = requires(P& p, const RunView& run, StationId s, const PartView& part, Stream& stream) {
  { p.choose_outlet(run, s, part, stream) } -> std::convertible_to<std::uint32_t>;
};

/// The event loop. One pass: take the earliest timer, let what it means happen at once and completely (a finished
/// part moves on, its server takes the next, a server blocked upstream is freed, and so on up the line), set the
/// timers that follow.
///
/// Plain machines — one law, one way in, one way out, no failures — take the short path in this file; everything else
/// is in the headers at the end, one a subject. Statistics and trace are compiled in or out.
template <class Key, bool kStatistics, bool kTrace, class Policy>
class Loop {
 public:
  Loop(StateData& data, const RunInput& input, Policy& policy, Key* nodes, std::size_t size, unsigned leaf_bits);

  /// Starts every server, source and process at time 0.
  void start_all();

  /// Runs to the last mark, or to what stops it.
  void run_all();

 private:
  using Tree = WinnerTree<Key>;

  // --- the short path ---

  /// @pre `time` is at most twice the end of the run and a step: no duration is drawn longer than the run.
  TWIN_ALWAYS_INLINE void set_timer_at(std::uint32_t leaf, std::uint64_t time) {
    set_timer(nodes_, size_, leaf, (static_cast<Key>(time) << leaf_bits_) | leaf);
  }
  TWIN_ALWAYS_INLINE void clear_timer(std::uint32_t leaf) { set_timer(nodes_, size_, leaf, Tree::kNever); }

  /// A duration on the grid; what would end after the run becomes a step more than the run.
  TWIN_ALWAYS_INLINE std::uint64_t to_duration(double ticks) const { return round_to_ticks_below(ticks, longest_); }

  TWIN_ALWAYS_INLINE void set_state(std::uint32_t i, StationState state, std::uint64_t t) {
    Leaf& leaf = leaves_[i];
    if constexpr (kStatistics) {
      clocks_[i].ticks[static_cast<std::size_t>(leaf.state)] += t;
      clocks_[i].ticks[static_cast<std::size_t>(state)] -= t;
    }
    leaf.state = state;
    trace(TraceKind::state, i, static_cast<std::uint32_t>(state), t);
  }

  TWIN_ALWAYS_INLINE void trace(TraceKind kind, std::uint32_t element, std::uint32_t value, std::uint64_t t) {
    if constexpr (kTrace) trace_->add({t | (static_cast<std::uint64_t>(kind) << 56), element, value});
  }

  std::uint32_t index_of(const Store& store) const { return static_cast<std::uint32_t>(&store - stores_); }

  /// One operation's time in ticks.
  TWIN_ALWAYS_INLINE std::uint64_t draw_work(Leaf& leaf) {
    if (leaf.form == SampleForm::exponential) [[likely]] {
      return to_duration(leaf.scale * exponential_draw(leaf.stream));
    }
    if (leaf.form == SampleForm::constant) return to_duration(leaf.scale);
    return draw_rare(leaf);
  }

  TWIN_ALWAYS_INLINE void start(std::uint32_t i, std::uint32_t part, std::uint64_t t) {
    Leaf& leaf = leaves_[i];
    leaf.part = part;
    trace(TraceKind::start, i, part, t);
    if (leaf.flags & kSlowStart) return start_slow(i, t);
    if (leaf.state != StationState::busy) set_state(i, StationState::busy, t);
    set_timer_at(i, t + draw_work(leaf));
  }

  TWIN_ALWAYS_INLINE void append(Store& store, std::uint32_t part, std::uint64_t t) {
    if (store.plain_capacity != store.capacity) return append_slow(store, part, t);
    append_plain(store, part, t);
  }

  TWIN_ALWAYS_INLINE void append_plain(Store& store, std::uint32_t part, std::uint64_t t) {
    std::uint32_t& link = store.count != 0 ? parts_[store.tail].next : store.head;
    link = part;
    store.tail = part;
    ++store.count;
    if constexpr (kStatistics) store.area -= t;
    trace(TraceKind::enter, index_of(store), part, t);
  }

  TWIN_ALWAYS_INLINE std::uint32_t pop(Store& store, std::uint64_t t) {
    if (store.order == StoreOrder::rule) choose_next(store);
    return pop_first(store, t);
  }

  TWIN_ALWAYS_INLINE std::uint32_t pop_first(Store& store, std::uint64_t t) {
    const std::uint32_t part = store.head;
    store.head = parts_[part].next;
    --store.count;
    if constexpr (kStatistics) {
      store.area += t;
      ++store.passed;
    }
    trace(TraceKind::leave, index_of(store), part, t);
    return part;
  }

  /// Hands a part to a store: to an idle consumer, else to a place. False when there is neither.
  TWIN_ALWAYS_INLINE bool give(std::uint32_t giver, std::uint32_t part, std::uint32_t to, std::uint64_t t) {
    Store& store = stores_[to];
    if (store.kind == StoreKind::sink) {
      trace(TraceKind::depart, giver, part, t);
      end_part(part, to, t);
      return true;
    }
    const std::uint32_t idle = store.idle_head;
    if (idle != kNone) {
      store.idle_head = leaves_[idle].next;
      if constexpr (kStatistics) ++store.passed;
      trace(TraceKind::depart, giver, part, t);
      start(idle, part, t);
      return true;
    }
    if (store.count < store.plain_capacity) {
      trace(TraceKind::depart, giver, part, t);
      append_plain(store, part, t);
      return true;
    }
    if (store.count >= store.capacity) return false;
    trace(TraceKind::depart, giver, part, t);
    append_slow(store, part, t);
    return true;
  }

  void block(std::uint32_t i, std::uint32_t at, Phase phase, std::uint64_t t) {
    Leaf& leaf = leaves_[i];
    Store& store = stores_[at];
    leaf.phase = phase;
    leaf.next = kNone;
    if (store.blocked_head == kNone) {
      store.blocked_head = i;
    } else {
      leaves_[store.blocked_tail].next = i;
    }
    store.blocked_tail = i;
    set_state(i, StationState::blocked, t);
    clear_timer(i);
    // A server that waits to begin has nothing to give; telling of it would move others in the middle of this move.
    if ((store.flags & kWatched) && phase == Phase::finished) tell_watchers(store, t);
  }

  TWIN_ALWAYS_INLINE void starve(std::uint32_t i, Store& store, std::uint64_t t) {
    Leaf& leaf = leaves_[i];
    if (store.flags & kManyConsumers) {
      join_idle(i, store);
    } else {
      leaf.next = store.idle_head;
      store.idle_head = i;
    }
    set_state(i, StationState::starved, t);
    clear_timer(i);
  }

  /// Server `i` is free: it takes the next part, which frees a place, which may free a server upstream, which takes its
  /// next part, and so on.
  TWIN_ALWAYS_INLINE void refill(std::uint32_t i, std::uint64_t t) {
    for (;;) {
      if (leaves_[i].flags & (kSlowTake | kFromReserving)) return take_slow(i, t);
      Store& store = stores_[leaves_[i].in];
      const std::uint32_t blocked = store.blocked_head;
      if (store.count != 0) {
        start(i, pop(store, t), t);
        if (blocked == kNone) return;
        store.blocked_head = leaves_[blocked].next;
        trace(TraceKind::depart, blocked, leaves_[blocked].part, t);
        append(store, leaves_[blocked].part, t);
      } else if (store.kind == StoreKind::supply) {
        return start(i, supply_part(store, t), t);
      } else if (blocked != kNone) {
        store.blocked_head = leaves_[blocked].next;
        if constexpr (kStatistics) ++store.passed;
        trace(TraceKind::depart, blocked, leaves_[blocked].part, t);
        start(i, leaves_[blocked].part, t);
      } else {
        return starve(i, store, t);
      }
      i = blocked;
      if (leaves_[i].flags & kSlowFinish) return freed_slow(i, t);
    }
  }

  TWIN_ALWAYS_INLINE void end_work_fast(std::uint32_t i, std::uint64_t t) {
    Leaf& leaf = leaves_[i];
    if constexpr (kStatistics) ++clocks_[i].operations;
    trace(TraceKind::finish, i, leaf.part, t);
    if (give(i, leaf.part, leaf.out, t)) {
      refill(i, t);
    } else {
      block(i, leaf.out, Phase::finished, t);
    }
  }

  /// The first outlet whose cumulative share is above the draw, by an indexed search (Chen and Asau 1974): the guide
  /// names the outlet where the search starts, and it rarely goes on.
  TWIN_ALWAYS_INLINE std::uint32_t choose_share(std::uint32_t number) {
    Router& router = data_.routers[number];
    const Way* ways = data_.ways.data() + router.first;
    const double u = uniform_draw(router.stream);
    const auto slice = static_cast<std::uint32_t>(static_cast<std::int64_t>(u * router.count));
    std::uint32_t chosen = ways[slice].guide;
    while (chosen < router.count && ways[chosen].bound <= u) ++chosen;
    return router.first + (chosen < router.count ? chosen : router.otherwise);
  }

  TWIN_ALWAYS_INLINE void end_work_routed(std::uint32_t i, std::uint64_t t) {
    Leaf& leaf = leaves_[i];
    if constexpr (kStatistics) ++clocks_[i].operations;
    trace(TraceKind::finish, i, leaf.part, t);
    const bool by_share = data_.routers[leaf.station].count != 0;
    const std::uint32_t outlet = by_share ? choose_share(leaf.station) : choose_outlet(leaf.station, leaf.part);
    const std::uint32_t to = data_.ways[outlet].store;
    if (give(i, leaf.part, to, t)) {
      refill(i, t);
    } else {
      data_.servers[i].outlet = outlet;
      block(i, to, Phase::finished, t);
    }
  }

  TWIN_ALWAYS_INLINE void arrive_plain(std::uint32_t i, std::uint64_t t) {
    Leaf& leaf = leaves_[i];
    set_timer_at(i, t + draw_work(leaf));
    const std::uint32_t part = new_part(0, t);
    trace(TraceKind::create, i, part, t);
    give(i, part, leaf.out, t);
  }

  TWIN_ALWAYS_INLINE std::uint32_t new_part(std::uint32_t product, std::uint64_t t) {
    std::uint32_t part = data_.free_part;
    if (part != kNone) {
      data_.free_part = parts_[part].next;
    } else {
      if (data_.used_parts == data_.parts.size()) grow_parts();
      part = data_.used_parts++;
    }
    parts_[part].entered = t;
    parts_[part].product = static_cast<std::uint16_t>(product);
    ++data_.wip;
    if constexpr (kStatistics) {
      ++data_.created;
      data_.wip_area -= t;
    }
    return part;
  }

  TWIN_ALWAYS_INLINE std::uint32_t supply_part(Store& store, std::uint64_t t) {
    const PlantStore& described = data_.plant->stores[index_of(store)];
    const std::uint32_t product = described.mix == kNone ? 0 : draw_product(described.mix, supply_stream(described));
    const std::uint32_t part = new_part(product, t);
    trace(TraceKind::supply, index_of(store), part, t);
    return part;
  }

  TWIN_ALWAYS_INLINE void remove_part(std::uint32_t part, std::uint64_t t) {
    parts_[part].next = data_.free_part;
    data_.free_part = part;
    --data_.wip;
    if constexpr (kStatistics) data_.wip_area += t;
  }

  TWIN_ALWAYS_INLINE void end_part(std::uint32_t part, std::uint32_t sink, std::uint64_t t) {
    trace(TraceKind::sink, sink, part, t);
    if (is_good_[sink]) {
      if (++data_.good == data_.next_good) [[unlikely]]
        reach_parts(t);
      if constexpr (kStatistics) {
        const std::uint64_t lead = t - parts_[part].entered;
        data_.lead_sum += lead;
        data_.result.lead_ticks.add(lead);
      }
    } else {
      ++data_.scrapped;
    }
    if constexpr (kStatistics) ++data_.sink_parts[sink];
    remove_part(part, t);
  }

  // --- everything else ---

  [[gnu::noinline]] std::uint64_t draw_rare(Leaf& leaf);
  std::uint64_t draw_called(Leaf& leaf);
  [[gnu::noinline]] void grow_parts();
  [[gnu::noinline]] void append_slow(Store& store, std::uint32_t part, std::uint64_t t);
  void append_untold(Store& store, std::uint32_t part, std::uint64_t t);
  [[gnu::noinline]] void choose_next(Store& store);
  [[gnu::noinline]] void join_idle(std::uint32_t i, Store& store);
  [[gnu::noinline]] void start_slow(std::uint32_t i, std::uint64_t t);
  [[gnu::noinline]] void take_slow(std::uint32_t i, std::uint64_t t);
  [[gnu::noinline]] void refill_reserving(std::uint32_t i, std::uint64_t t);
  [[gnu::noinline]] void freed_slow(std::uint32_t i, std::uint64_t t);
  [[gnu::noinline]] void tell_watchers(Store& store, std::uint64_t t);
  void tell_station(std::uint32_t number, std::uint64_t t);
  [[gnu::noinline]] std::uint32_t free_cards(const PlantStation& station) const;
  [[gnu::noinline]] void take_cards(const PlantStation& station, std::uint64_t t);
  [[gnu::noinline]] void give_cards_back(LoopRange back);
  [[gnu::noinline]] void free_with_cards(std::uint32_t i, std::uint64_t t);
  [[gnu::noinline]] void use_cards(std::uint32_t i, std::uint64_t t);
  [[gnu::noinline]] std::uint32_t draw_product(std::uint32_t mix, Stream& stream);
  Stream& supply_stream(const PlantStore& described);

  [[gnu::noinline]] void fire_slow(std::uint32_t i, std::uint64_t t);
  void free_server(std::uint32_t i, std::uint64_t t);
  void begin_work(std::uint32_t i, std::uint64_t t);
  void begin_in_room(std::uint32_t i, std::uint64_t t);
  void go_on(std::uint32_t i, std::uint64_t t);
  void end_work(std::uint32_t i, std::uint64_t t);
  void deliver(std::uint32_t i, std::uint64_t t);
  void scrap_part(std::uint32_t i, std::uint64_t t);
  void drop_reservation(std::uint32_t i, std::uint64_t t);
  void split_part(std::uint32_t i, std::uint64_t t);
  void admit(Store& store, std::uint64_t t);
  bool has_room(const Store& store) const;
  bool has_taker(const Store& store) const;
  bool accepts(const Store& store) const;
  std::uint32_t available(const Store& store, std::uint32_t wanted) const;
  std::uint32_t take_one(Store& store, std::uint64_t t);
  void free_pending(std::uint64_t t, std::size_t from);
  std::uint32_t choose_outlet(std::uint32_t number, std::uint32_t part);
  std::uint32_t choose_by_rule(std::uint32_t number, std::uint32_t part);
  std::uint32_t law_of(const PlantStation& station, std::uint32_t product) const;

  void fire_source(std::uint32_t i, std::uint64_t t);
  void arrive(std::uint32_t i, std::uint32_t product, std::uint64_t t);
  void offer_waiting(std::uint32_t i, std::uint64_t t);
  void set_next_arrival(std::uint32_t i, std::uint64_t t);

  void age(std::uint32_t i, std::uint64_t t);
  bool fail_if_due(std::uint32_t i, std::uint64_t t);
  void fail_in_work(std::uint32_t i, std::uint64_t t);
  void suspend(std::uint32_t i, std::uint64_t t);
  void apply_effect(std::uint32_t i, PartEffect effect, std::uint64_t t);
  void fail(std::uint32_t i, std::uint32_t repair_leaf, std::uint32_t mode, std::uint64_t t);
  void begin_repair(std::uint32_t leaf, std::uint64_t t);
  void end_repair(std::uint32_t leaf, std::uint64_t t);
  void fire_calendar(std::uint32_t leaf, std::uint64_t t);
  void resume(std::uint32_t i, std::uint64_t t);
  void show_down(std::uint32_t i, std::uint64_t t);
  void leave_lists(std::uint32_t i);
  std::uint32_t mode_of(std::uint32_t leaf) const { return data_.plant->leaves[leaf].mode; }
  std::int64_t draw_failure(std::uint32_t failure, std::uint32_t state_index);

  void make_ready(std::uint32_t i);
  void wait_in_line(std::uint32_t i, Store& store, std::uint64_t t, bool has_timer);
  bool take_for_process(std::uint32_t i, Store& store, std::uint64_t t);
  [[gnu::noinline]] void run_ready(std::uint64_t t);
  void wake_up(std::uint32_t i, std::uint64_t t);
  TWIN_ALWAYS_INLINE inline void end_wait(std::uint32_t i, std::uint64_t t);
  TWIN_ALWAYS_INLINE inline void advance_process(std::uint32_t i, ProcessContext& context, std::uint64_t t);
  [[gnu::noinline]] void end_process(std::uint32_t i, ProcessContext& context, std::uint64_t t);
  bool get_for_process(ProcessContext& context, std::uint32_t in);
  [[gnu::noinline]] bool get_slow(ProcessContext& context, Store& store);
  bool put_for_process(ProcessContext& context, std::uint32_t part, std::uint32_t out);
  [[gnu::noinline]] bool put_slow(ProcessContext& context, std::uint32_t part, std::uint32_t out, Store& store);
  void wait_for_process(ProcessContext& context, double seconds, StationState state);
  [[gnu::noinline]] bool stop_process(ProcessContext& context, RunStatus status);
  std::uint32_t create_for_process(ProcessContext& context, std::uint32_t product);
  void scrap_for_process(ProcessContext& context, std::uint32_t part);
  static const ProcessMoves kProcessMoves;

  [[gnu::noinline]] void reach_parts(std::uint64_t t);
  bool fire_mark(std::uint64_t t);
  void set_mark_timer();
  void restart_statistics(std::uint64_t t);
  void end_run(RunStatus status, std::uint32_t station);
  [[gnu::noinline]] bool keep_going(std::uint64_t t);

  StateData& data_;
  Leaf* leaves_;
  LeafClock* clocks_;
  Store* stores_;
  Part* parts_;
  const LeafAction* actions_;
  const std::uint8_t* is_good_;
  Key* nodes_;
  std::size_t size_;
  unsigned leaf_bits_;
  double longest_;
  std::uint64_t fuel_ = 0;
  std::uint64_t fuel_given_ = 0;
  std::uint64_t last_poll_time_ = 0;
  std::uint32_t polls_without_progress_ = 0;
  std::uint32_t polls_ = 0;
  const RunInput& input_;
  TraceSink* trace_;
  Policy& policy_;
};

}  // namespace detail
}  // namespace twin

// The member functions are defined in the headers below, each of which opens with these two.
#define TWIN_LOOP template <class Key, bool kStatistics, bool kTrace, class Policy>
#define TWIN_LOOP_CLASS Loop<Key, kStatistics, kTrace, Policy>

#include <libtwin/engine/detail/loop_cards.hpp>    // IWYU pragma: export
#include <libtwin/engine/detail/loop_choice.hpp>   // IWYU pragma: export
#include <libtwin/engine/detail/loop_failure.hpp>  // IWYU pragma: export
#include <libtwin/engine/detail/loop_main.hpp>     // IWYU pragma: export
#include <libtwin/engine/detail/loop_process.hpp>  // IWYU pragma: export
#include <libtwin/engine/detail/loop_source.hpp>   // IWYU pragma: export
#include <libtwin/engine/detail/loop_station.hpp>  // IWYU pragma: export
#include <libtwin/engine/detail/loop_store.hpp>    // IWYU pragma: export
