// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libtwin/engine/detail/loop.hpp>

// Processes written as coroutines. A process never runs inside another server's move: it is put on the ready list and
// runs, at the same instant, when that move is complete.
namespace twin {

struct ProcessContext::Access {
  static detail::ProcessWish& wish(ProcessContext& c) { return c.wish_; }
  static std::uint32_t port(const ProcessContext& c) { return c.port_; }
  static std::uint32_t& part(ProcessContext& c) { return c.part_; }
  static double seconds(const ProcessContext& c) { return c.seconds_; }
  static StationState state(const ProcessContext& c) { return c.state_; }
  static bool& counts_operation(ProcessContext& c) { return c.counts_operation_; }
  static detail::FrameArena& arena(ProcessContext& c) { return *c.arena_; }
  static std::coroutine_handle<Process::promise_type>& handle(ProcessContext& c) { return c.handle_; }

  static void bind(ProcessContext& c, detail::StateData& data, detail::FrameArena& arena, std::uint32_t leaf,
                   std::uint32_t station, Stream stream, bool is_traced) {
    c = ProcessContext{};
    c.state_data_ = &data;
    c.arena_ = &arena;
    c.leaf_ = leaf;
    c.station_ = station;
    c.stream_ = stream;
    c.is_traced_ = is_traced;
    const PlantStation& described = data.plant->stations[station];
    c.stores_ = data.stores.data();
    c.inputs_ = data.plant->inputs.data() + described.first_input;
    c.outlets_ = data.plant->outlets.data() + described.first_outlet;
    c.input_count_ = described.input_count;
    c.outlet_count_ = described.outlet_count;
    c.view_ = RunView(&data);
  }
};

namespace detail {

TWIN_LOOP
void TWIN_LOOP_CLASS::wake_process(std::uint32_t i) {
  data_.ready_next[i] = kNone;
  (data_.ready_head == kNone ? data_.ready_head : data_.ready_next[data_.ready_tail]) = i;
  data_.ready_tail = i;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::run_ready(std::uint64_t t) {
  for (std::uint32_t moves = 0; data_.ready_head != kNone && data_.status == RunStatus::ok; ++moves) {
    const std::uint32_t i = data_.ready_head;
    if (moves == kMostMoves) return end_run(RunStatus::event_limit, leaves_[i].station);
    data_.ready_head = data_.ready_next[i];
    advance_process(i, t, false);
  }
}

// Takes a part into the leaf, and frees the producer that gets its place. False when there is none.
// As `starve`, but a process that was woken has no timer to clear.
TWIN_LOOP
void TWIN_LOOP_CLASS::wait_in_line(std::uint32_t i, Store& store, std::uint64_t t, bool has_timer) {
  if (store.flags & kManyConsumers) {
    join_idle(i, store);
  } else {
    leaves_[i].next = store.idle_head;
    store.idle_head = i;
  }
  if (leaves_[i].state != StationState::starved) set_state(i, StationState::starved, t);
  if (has_timer) clear_timer(i);
}

TWIN_LOOP
bool TWIN_LOOP_CLASS::take_for_process(std::uint32_t i, Store& store, std::uint64_t t) {
  const std::uint32_t u = store.blocked_head;
  if (store.flags != 0 || store.kind == StoreKind::supply) {
    if (available(store, 1) == 0) return false;
    const std::size_t from = data_.pending.size();
    leaves_[i].part = take_one(store, t);
    trace(TraceKind::start, i, leaves_[i].part, t);
    free_pending(t, from);
    if (store.flags & kReserves) admit(store, t);
    return true;
  }
  if (store.count != 0) {
    leaves_[i].part = pop(store, t);
    if (u != kNone) {
      store.blocked_head = leaves_[u].next;
      trace(TraceKind::depart, u, leaves_[u].part, t);
      append_plain(store, leaves_[u].part, t);
    }
  } else if (u != kNone) {
    store.blocked_head = leaves_[u].next;
    if constexpr (kStatistics) ++store.passed;
    leaves_[i].part = leaves_[u].part;
    trace(TraceKind::depart, u, leaves_[u].part, t);
  } else {
    return false;
  }
  trace(TraceKind::start, i, leaves_[i].part, t);
  if (u == kNone) return true;
  if (leaves_[u].flags & kSlowFinish) {
    freed_slow(u, t);
  } else {
    refill(u, t);
  }
  return true;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::advance_process(std::uint32_t i, std::uint64_t t, bool by_timer) {
  using Access = ProcessContext::Access;
  ProcessContext& context = data_.contexts[i];
  Leaf& leaf = leaves_[i];
  const PlantStation& station = data_.plant->stations[leaf.station];
  const auto handle = Access::handle(context);
  if (by_timer && Access::counts_operation(context)) {
    Access::counts_operation(context) = false;
    if constexpr (kStatistics) ++clocks_[i].operations;
    trace(TraceKind::finish, i, leaf.part, t);
  }
  // A part that came while it waited was put into the leaf by whoever gave it.
  if (Access::wish(context) == ProcessWish::get) Access::part(context) = leaf.part;
  for (std::uint32_t moves = 0;; ++moves) {
    if (moves == kMostMoves) return end_run(RunStatus::event_limit, leaf.station);
    Access::wish(context) = ProcessWish::none;
    handle.resume();
    parts_ = data_.parts.data();  // the process may have made parts
    if (handle.done()) {
      if (handle.promise().error) std::rethrow_exception(handle.promise().error);
      set_state(i, StationState::idle, t);
      if (by_timer) clear_timer(i);
      return;
    }
    switch (Access::wish(context)) {
      case ProcessWish::get: {
        if (Access::port(context) >= station.input_count) return end_run(RunStatus::bad_number, leaf.station);
        Store& store = stores_[data_.plant->inputs[station.first_input + Access::port(context)].store];
        if (!take_for_process(i, store, t)) {
          leaf.part = kNone;
          leaf.phase = Phase::empty;
          wait_in_line(i, store, t, by_timer);
          if (store.flags & kReserves) admit(store, t);
          return;
        }
        Access::part(context) = leaf.part;
        continue;
      }
      case ProcessWish::put: {
        const std::uint32_t part = Access::part(context);
        if (Access::port(context) >= station.outlet_count || part >= data_.used_parts) {
          return end_run(RunStatus::bad_number, leaf.station);
        }
        const std::uint32_t to = data_.plant->outlets[station.first_outlet + Access::port(context)].store;
        const bool is_reserved = stores_[to].reserved != 0 && !has_room(stores_[to]);
        if (!is_reserved && give(i, part, to, t)) {
          leaf.part = kNone;
          continue;
        }
        leaf.part = part;
        data_.servers[i].outlet = station.first_outlet + Access::port(context);
        block(i, to, Phase::finished, t);
        return;
      }
      case ProcessWish::wait: {
        const double seconds = Access::seconds(context);
        if (!(seconds >= 0 && seconds < 1e300)) return end_run(RunStatus::bad_number, leaf.station);
        if (leaf.state != Access::state(context)) set_state(i, Access::state(context), t);
        set_timer_at(i, t + to_duration(seconds * kTicksPerSecond));
        return;
      }
      case ProcessWish::none:
      case ProcessWish::done:
        // Suspended on something that is not ours: nobody could ever wake it.
        return end_run(RunStatus::bad_number, leaf.station);
    }
  }
}

}  // namespace detail
}  // namespace twin
