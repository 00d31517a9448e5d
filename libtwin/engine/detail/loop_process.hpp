// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libtwin/engine/detail/loop.hpp>
#include <libtwin/engine/detail/process_access.hpp>

// Processes written as coroutines. A process never runs inside another server's move: it is put on the ready list and
// runs, at the same instant, when that move is complete.
namespace twin {

namespace detail {

/// A process gives or destroys a part that no process holds.
[[noreturn]] void refuse_part();

TWIN_LOOP
void TWIN_LOOP_CLASS::make_ready(std::uint32_t i) {
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
    if (actions_[i] != LeafAction::process) {
      use_cards(i, t);
    } else {
      wake_up(i, t);
    }
  }
}

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

// Takes a part into the leaf, and frees the producer that gets its place. False when there is none.
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
bool TWIN_LOOP_CLASS::stop_process(ProcessContext& context, RunStatus status) {
  ProcessContext::Access::wish(context) = ProcessWish::nothing;
  end_run(status, leaves_[ProcessContext::Access::leaf(context)].station);
  return false;
}

// The moves are split so that the usual one, a part or a place that is there and nobody waiting for it, is a short leaf
// function; what else can happen is a call further.
TWIN_LOOP
bool TWIN_LOOP_CLASS::get_for_process(ProcessContext& context, std::uint32_t in) {
  using Access = ProcessContext::Access;
  Store* const from = Access::input(context, in);
  if (from == nullptr) [[unlikely]]
    return stop_process(context, RunStatus::bad_number);
  Store& store = *from;
  if (store.count == 0 || store.flags != 0 || store.blocked_head != kNone || --Access::moves_left(context) == 0) {
    return get_slow(context, store);
  }
  const std::uint32_t part = pop_first(store, data_.now);
  leaves_[Access::leaf(context)].part = part;
  trace(TraceKind::start, Access::leaf(context), part, data_.now);
  Access::part(context) = part;
  parts_[part].is_loose = 1;
  return true;
}

TWIN_LOOP
bool TWIN_LOOP_CLASS::get_slow(ProcessContext& context, Store& store) {
  using Access = ProcessContext::Access;
  if (Access::moves_left(context)-- <= 1) return stop_process(context, RunStatus::event_limit);
  const std::uint32_t i = Access::leaf(context);
  const std::uint64_t t = data_.now;
  if (!take_for_process(i, store, t)) {
    leaves_[i].part = kNone;
    leaves_[i].phase = Phase::empty;
    wait_in_line(i, store, t, Access::has_timer(context));
    Access::wish(context) = ProcessWish::get;
    if (store.flags & kReserves) admit(store, t);
    return false;
  }
  Access::part(context) = leaves_[i].part;
  parts_[leaves_[i].part].is_loose = 1;
  return true;
}

TWIN_LOOP
bool TWIN_LOOP_CLASS::put_for_process(ProcessContext& context, std::uint32_t part, std::uint32_t out) {
  using Access = ProcessContext::Access;
  Store* const to = Access::outlet(context, out);
  if (to == nullptr || part >= data_.used_parts) [[unlikely]]
    return stop_process(context, RunStatus::bad_number);
  if (parts_[part].is_loose == 0) [[unlikely]]
    refuse_part();
  parts_[part].is_loose = 0;
  Store& store = *to;
  if (store.idle_head != kNone || store.count >= store.plain_capacity || --Access::moves_left(context) == 0) {
    return put_slow(context, part, out, store);
  }
  trace(TraceKind::depart, Access::leaf(context), part, data_.now);
  append_plain(store, part, data_.now);
  leaves_[Access::leaf(context)].part = kNone;
  return true;
}

TWIN_LOOP
bool TWIN_LOOP_CLASS::put_slow(ProcessContext& context, std::uint32_t part, std::uint32_t out, Store& store) {
  using Access = ProcessContext::Access;
  if (Access::moves_left(context)-- <= 1) return stop_process(context, RunStatus::event_limit);
  const std::uint32_t i = Access::leaf(context);
  const std::uint64_t t = data_.now;
  const bool is_reserved = store.reserved != 0 && !has_room(store);
  if (!is_reserved && give(i, part, index_of(store), t)) {
    leaves_[i].part = kNone;
    return true;
  }
  leaves_[i].part = part;
  data_.servers[i].outlet = data_.plant->stations[leaves_[i].station].first_outlet + out;
  Access::wish(context) = ProcessWish::put;
  block(i, index_of(store), Phase::finished, t);
  return false;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::wait_for_process(ProcessContext& context, double seconds, StationState state) {
  using Access = ProcessContext::Access;
  const std::uint32_t i = Access::leaf(context);
  if (!(seconds >= 0 && seconds < 1e300)) [[unlikely]] {
    stop_process(context, RunStatus::bad_number);
    return;
  }
  const std::uint64_t t = data_.now;
  if (leaves_[i].state != state) set_state(i, state, t);
  Access::wish(context) = ProcessWish::time;
  set_timer_at(i, t + to_duration(seconds * kTicksPerSecond));
}

TWIN_LOOP
std::uint32_t TWIN_LOOP_CLASS::create_for_process(ProcessContext& context, std::uint32_t product) {
  const std::uint32_t part = new_part(product, data_.now);
  parts_[part].is_loose = 1;
  trace(TraceKind::create, ProcessContext::Access::leaf(context), part, data_.now);
  return part;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::scrap_for_process(ProcessContext& context, std::uint32_t part) {
  if (part >= data_.used_parts || parts_[part].is_loose == 0) refuse_part();
  const std::uint32_t i = ProcessContext::Access::leaf(context);
  parts_[part].is_loose = 0;
  trace(TraceKind::scrap, i, part, data_.now);
  ++data_.scrapped;
  if constexpr (kStatistics) ++data_.servers[i].scrapped;
  remove_part(part, data_.now);
}

template <class Key, bool kStatistics, bool kTrace, class Policy>
const ProcessMoves Loop<Key, kStatistics, kTrace, Policy>::kProcessMoves = {
    [](void* loop, ProcessContext& c, std::uint32_t in) { return static_cast<Loop*>(loop)->get_for_process(c, in); },
    [](void* loop, ProcessContext& c, std::uint32_t part, std::uint32_t out) {
      return static_cast<Loop*>(loop)->put_for_process(c, part, out);
    },
    [](void* loop, ProcessContext& c, double seconds, StationState state) {
      static_cast<Loop*>(loop)->wait_for_process(c, seconds, state);
    },
    [](void* loop, ProcessContext& c, std::uint32_t product) {
      return static_cast<Loop*>(loop)->create_for_process(c, product);
    },
    [](void* loop, ProcessContext& c, std::uint32_t part) { static_cast<Loop*>(loop)->scrap_for_process(c, part); },
};

TWIN_LOOP
void TWIN_LOOP_CLASS::wake_up(std::uint32_t i, std::uint64_t t) {
  using Access = ProcessContext::Access;
  ProcessContext& context = data_.contexts[i];
  if (Access::wish(context) == ProcessWish::get) {
    // The part was put into the leaf by whoever gave it.
    Access::part(context) = leaves_[i].part;
    parts_[leaves_[i].part].is_loose = 1;
  }
  Access::has_timer(context) = false;
  advance_process(i, context, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::end_wait(std::uint32_t i, std::uint64_t t) {
  using Access = ProcessContext::Access;
  ProcessContext& context = data_.contexts[i];
  if (Access::counts_operation(context)) {
    if constexpr (kStatistics) ++clocks_[i].operations;
    trace(TraceKind::finish, i, leaves_[i].part, t);
  }
  Access::has_timer(context) = true;
  advance_process(i, context, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::advance_process(std::uint32_t i, ProcessContext& context, std::uint64_t t) {
  using Access = ProcessContext::Access;
  Access::wish(context) = ProcessWish::none;
  Access::moves_left(context) = kMostMoves;
  Access::handle(context).resume();
  if (Access::wish(context) == ProcessWish::none) [[unlikely]]
    end_process(i, context, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::end_process(std::uint32_t i, ProcessContext& context, std::uint64_t t) {
  const auto handle = ProcessContext::Access::handle(context);
  if (!handle.done()) {  // suspended on something that is not ours: nobody could ever wake it
    stop_process(context, RunStatus::bad_number);
    return;
  }
  if (handle.promise().error) std::rethrow_exception(handle.promise().error);
  set_state(i, StationState::idle, t);
  if (ProcessContext::Access::has_timer(context)) clear_timer(i);
}

}  // namespace detail
}  // namespace twin
