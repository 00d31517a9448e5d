// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <libtwin/engine/detail/loop.hpp>
#include <libtwin/engine/detail/process_access.hpp>

namespace twin::detail {

TWIN_LOOP
TWIN_LOOP_CLASS::Loop(StateData& data, const RunInput& input, Policy& policy, Key* nodes, std::size_t size,
                      unsigned leaf_bits)
    : data_(data),
      leaves_(data.leaves.data()),
      clocks_(data.clocks.data()),
      stores_(data.stores.data()),
      parts_(data.parts.data()),
      actions_(data.actions.data()),
      is_good_(data.is_good.data()),
      nodes_(nodes),
      size_(size),
      leaf_bits_(leaf_bits),
      longest_(static_cast<double>(data.marks.back() + 1)),
      input_(input),
      trace_(input.trace),
      policy_(policy) {
  fuel_given_ = fuel_ = std::min(kPollEvery, input.event_limit) + 1;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::start_all() {
  const Plant& plant = *data_.plant;
  for (std::uint32_t i = 0; i < plant.leaves.size(); ++i) {
    switch (plant.leaves[i].kind) {
      case LeafKind::server:
        if (actions_[i] == LeafAction::process) {
          ProcessContext::Access::attach(data_.contexts[i], this, &kProcessMoves);
          make_ready(i);
        } else {
          refill(i, 0);
        }
        break;
      case LeafKind::calendar:
        set_timer_at(i, static_cast<std::uint64_t>(data_.failures[data_.repairs[i].state_index].left));
        break;
      case LeafKind::source:
        set_next_arrival(i, 0);
        break;
      case LeafKind::mark:
        set_mark_timer();
        break;
      case LeafKind::repair:
        break;
    }
  }
  run_ready(0);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::run_all() {
  const Key leaf_mask = (Key{1} << leaf_bits_) - 1;
  for (;;) {
    if (--fuel_ == 0) [[unlikely]] {
      if (!keep_going(data_.now)) return;
    }
    const Key first = nodes_[1];
    const auto i = static_cast<std::uint32_t>(first & leaf_mask);
    const auto t = static_cast<std::uint64_t>(first >> leaf_bits_);
    data_.now = t;
    switch (actions_[i]) {
      case LeafAction::fast:
        end_work_fast(i, t);
        break;
      case LeafAction::routed:
        end_work_routed(i, t);
        break;
      case LeafAction::plain_source:
        arrive_plain(i, t);
        break;
      case LeafAction::slow:
        fire_slow(i, t);
        break;
      case LeafAction::process:
        end_wait(i, t);
        break;
      case LeafAction::repair:
        end_repair(i, t);
        break;
      case LeafAction::calendar:
        fire_calendar(i, t);
        break;
      case LeafAction::source:
        fire_source(i, t);
        break;
      case LeafAction::mark:
        if (!fire_mark(t)) return;
        break;
      default:
        __builtin_unreachable();
    }
    if (data_.ready_head != kNone) run_ready(t);
  }
}

TWIN_LOOP
bool TWIN_LOOP_CLASS::keep_going(std::uint64_t t) {
  data_.events += fuel_given_ - 1;
  fuel_given_ = 0;  // counted
  if (data_.status != RunStatus::ok) return false;
  if (data_.events >= input_.event_limit) {
    end_run(RunStatus::event_limit, kNone);
    return false;
  }
  polls_without_progress_ = t == last_poll_time_ ? polls_without_progress_ + 1 : 0;
  last_poll_time_ = t;
  if (polls_without_progress_ == kPatience) {
    end_run(RunStatus::event_limit, kNone);
    return false;
  }
  const bool reports = input_.on_progress && ++polls_ % 16 == 0;
  if (input_.stop.stop_requested() || (reports && !input_.on_progress(static_cast<double>(t) / longest_))) {
    end_run(RunStatus::stopped, kNone);
    return false;
  }
  // One is for the event at hand, which happens after this.
  fuel_ = std::min(kPollEvery, input_.event_limit - data_.events);
  fuel_given_ = fuel_ + 1;
  return true;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::end_run(RunStatus status, std::uint32_t station) {
  if (data_.status != RunStatus::ok) return;
  data_.status = status;
  data_.bad_station = station;
  // The next pass stops. Events counted so far stay counted.
  data_.events += fuel_given_ - fuel_;
  fuel_given_ = fuel_ = 1;
}

// The mark fires when everything else of this instant has happened.
TWIN_LOOP
void TWIN_LOOP_CLASS::reach_parts(std::uint64_t t) {
  data_.next_good = 0;
  data_.marks[data_.next_mark] = t;
  set_mark_timer();
}

TWIN_LOOP
bool TWIN_LOOP_CLASS::fire_mark(std::uint64_t t) {
  const std::uint32_t leaf = static_cast<std::uint32_t>(data_.plant->leaves.size()) - 1;
  std::size_t& next = data_.next_mark;
  if (t < data_.marks[next]) {  // no mark and no event, only time to fold
    ++fuel_;
    fold_areas(data_, t);
    set_mark_timer();
    return true;
  }
  if (next == 0) {
    // Parts that left at the same instant as the last of the warm-up belong to it.
    const std::uint64_t left = data_.good;
    restart_statistics(t);
    if (input_.parts != 0) {
      if (left < input_.parts) {
        data_.next_good = input_.parts - left;
      } else {
        data_.marks.back() = t;
      }
    }
  } else if (input_.marks != 0) {
    BatchMark mark;
    mark.ticks = static_cast<std::int64_t>(t);
    mark.good = data_.good;
    mark.lead_sum_s = static_cast<double>(data_.lead_sum) / kTicksPerSecond;
    mark.wip_area_s = static_cast<double>(data_.wip_area + static_cast<Wide>(data_.wip) * t) / kTicksPerSecond;
    data_.result.marks.push_back(mark);
  }
  ++next;
  if (next == data_.marks.size()) {
    data_.events += fuel_given_ - fuel_;
    clear_timer(leaf);
    const std::uint32_t stuck = find_stuck(data_, nodes_[1] == Tree::kNever);
    if (stuck != kNone) {
      data_.status = RunStatus::deadlocked;
      data_.bad_station = leaves_[stuck].station;
    } else if (data_.next_good != 0) {
      data_.status = RunStatus::too_few;
    }
    return false;
  }
  set_mark_timer();
  return true;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::set_mark_timer() {
  std::uint64_t time = data_.marks[data_.next_mark];
  if constexpr (kStatistics) time = std::min(time, fold_time(data_));
  set_timer_at(static_cast<std::uint32_t>(data_.plant->leaves.size()) - 1, time);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::restart_statistics(std::uint64_t t) {
  for (std::size_t i = 0; i < data_.clocks.size(); ++i) {
    LeafClock& clock = clocks_[i];
    data_.operations_before += clock.operations;
    clock = {};
    clock.ticks[static_cast<std::size_t>(leaves_[i].state)] -= t;
  }
  for (Store& store : data_.stores) {
    store.area = std::uint64_t{0} - store.count * t;
    store.passed = 0;
  }
  std::fill(data_.areas.begin(), data_.areas.end(), Wide{0});
  data_.folded_at = t;
  for (CrewState& crew : data_.crews) crew.area = std::uint64_t{0} - crew.busy * t;
  for (LoopState& loop : data_.loops) loop.area = Wide{0} - static_cast<Wide>(loop.in_use) * t;
  for (std::size_t i = 0; i < data_.servers.size(); ++i) {
    ServerExtra& e = data_.servers[i];
    e.scrapped = e.failures = 0;
    const bool is_empty_and_down = e.down_count != 0 && leaves_[i].part == kNone;
    e.empty_down = is_empty_and_down ? std::uint64_t{0} - t : 0;
  }
  data_.wip_area = Wide{0} - static_cast<Wide>(data_.wip) * t;
  data_.lead_sum = 0;
  data_.created = data_.good = data_.scrapped = data_.consumed = data_.lost = 0;
  std::fill(data_.sink_parts.begin(), data_.sink_parts.end(), std::uint64_t{0});
  data_.result.lead_ticks.clear();
  data_.result.initial_wip = data_.wip;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::grow_parts() {
  data_.parts.resize(std::max<std::size_t>(64, 2 * data_.parts.size()));
  parts_ = data_.parts.data();
  if (fold_time(data_) <= data_.now) fold_areas(data_, data_.now);
  set_mark_timer();
}

}  // namespace twin::detail
