// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <libtwin/engine/detail/loop.hpp>

// Failures and repairs. A busy-clock failure needs no timer of its own: when work starts, the next failure is known, and if
// it comes before the end the server's one timer is set to it. Calendar failures have a timer each. Repairs of several
// modes may run at once; the server works again when the last is done.
namespace twin::detail {

TWIN_LOOP
std::int64_t TWIN_LOOP_CLASS::draw_failure(std::uint32_t failure, std::uint32_t state_index) {
  const PlantFailure& mode = data_.plant->failures[failure];
  const double x = sample(data_.samplers[mode.every], data_.failures[state_index].failure);
  // A part is the least a cycle clock can count.
  if (mode.clock == PlantClock::cycles) return static_cast<std::int64_t>(std::max<std::uint64_t>(round_to_ticks(x), 1));
  return static_cast<std::int64_t>(to_duration(x));
}

// Busy clocks age by the work done since the segment began.
TWIN_LOOP
void TWIN_LOOP_CLASS::age(std::uint32_t i, std::uint64_t t) {
  ServerExtra& e = data_.servers[i];
  const PlantStation& station = data_.plant->stations[leaves_[i].station];
  const std::uint64_t worked = t - e.segment_start;
  e.segment_start = t;
  e.remaining -= std::min(worked, e.remaining);
  for (std::uint32_t m = 0; m < station.failure_count; ++m) {
    if (data_.plant->failures[station.first_failure + m].clock == PlantClock::busy) {
      data_.failures[data_.first_failure[i] + m].left -= static_cast<std::int64_t>(worked);
    }
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::leave_lists(std::uint32_t i) {
  const auto unlink = [&](std::uint32_t& head) {
    for (std::uint32_t* link = &head; *link != kNone; link = &leaves_[*link].next) {
      if (*link == i) {
        *link = leaves_[i].next;
        return true;
      }
    }
    return false;
  };
  Leaf& leaf = leaves_[i];
  if (leaf.phase == Phase::empty) {
    if (leaf.flags & kSlowTake) {
      unlink(data_.stations[leaf.station].idle_head);
    } else {
      unlink(stores_[leaf.in].idle_head);
    }
    return;
  }
  Store& store = stores_[data_.plant->outlets[data_.servers[i].outlet].store];
  if (!unlink(store.blocked_head)) return;
  for (std::uint32_t u = store.blocked_head; u != kNone; u = leaves_[u].next) store.blocked_tail = u;
}

// A calendar failure takes a server out of whatever it was doing.
TWIN_LOOP
void TWIN_LOOP_CLASS::suspend(std::uint32_t i, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  switch (leaf.phase) {
    case Phase::working:
    case Phase::failing:
      age(i, t);
      leaf.phase = Phase::working;
      break;
    case Phase::setup:
      e.remaining -= t - e.segment_start;
      break;
    case Phase::empty:
    case Phase::waiting_room:
    case Phase::finished:
      leave_lists(i);
      break;
  }
  clear_timer(i);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::apply_effect(std::uint32_t i, PartEffect effect, std::uint64_t t) {
  if (leaves_[i].phase != Phase::working) return;
  if (effect == PartEffect::restart) data_.servers[i].remaining = data_.servers[i].whole;
  if (effect == PartEffect::scrap) {
    scrap_part(i, t);
    // Down already, for another reason: from now on it is down without a part.
    if (data_.servers[i].down_count != 0) data_.servers[i].empty_down -= t;
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::fail_in_work(std::uint32_t i, std::uint64_t t) {
  const std::uint32_t mode = data_.servers[i].failing_mode;
  age(i, t);
  leaves_[i].phase = Phase::working;
  clear_timer(i);
  apply_effect(i, data_.plant->failures[data_.plant->stations[leaves_[i].station].first_failure + mode].effect, t);
  fail(i, data_.repair_leaf[i], mode, t);
}

// Failures that waited for the part to be finished, and those that count parts, happen between two parts.
TWIN_LOOP
bool TWIN_LOOP_CLASS::fail_if_due(std::uint32_t i, std::uint64_t t) {
  const PlantStation& station = data_.plant->stations[leaves_[i].station];
  for (std::uint32_t m = 0; m < station.failure_count; ++m) {
    const PlantFailure& mode = data_.plant->failures[station.first_failure + m];
    const std::uint32_t index = data_.first_failure[i] + m;
    if (data_.failures[index].left > 0) continue;
    const bool waits_for_end = mode.clock == PlantClock::cycles || mode.effect == PartEffect::finish_first;
    if (!waits_for_end) continue;
    std::uint32_t leaf = data_.repair_leaf[i];
    if (mode.clock == PlantClock::calendar) {
      for (leaf = 0; data_.repairs[leaf].state_index != index; ++leaf) {
      }
    }
    clear_timer(i);
    fail(i, leaf, m, t);
    return true;
  }
  return false;
}

TWIN_LOOP
void TWIN_LOOP_CLASS::fail(std::uint32_t i, std::uint32_t repair_leaf, std::uint32_t mode, std::uint64_t t) {
  ServerExtra& e = data_.servers[i];
  Leaf& leaf = leaves_[i];
  const PlantStation& station = data_.plant->stations[leaf.station];
  RepairState& repair = data_.repairs[repair_leaf];
  repair.server = i;
  repair.failure = station.first_failure + mode;
  repair.state_index = data_.first_failure[i] + mode;
  repair.is_failed = true;
  // Drawn now and not when the crew comes: how long the machine waits must not shift the stream.
  const PlantFailure& described = data_.plant->failures[repair.failure];
  repair.duration = to_duration(sample(data_.samplers[described.repair], data_.failures[repair.state_index].repair));
  leaf.flags |= kDown;
  ++e.failures;
  if (e.down_count++ == 0 && leaf.part == kNone) e.empty_down -= t;
  if (described.crew == kNone) return begin_repair(repair_leaf, t);
  CrewState& crew = data_.crews[described.crew];
  if (crew.busy < crew.size) return begin_repair(repair_leaf, t);
  repair.next = kNone;
  (crew.waiting_head == kNone ? crew.waiting_head : data_.repairs[crew.waiting_tail].next) = repair_leaf;
  crew.waiting_tail = repair_leaf;
  clear_timer(repair_leaf);
  show_down(i, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::begin_repair(std::uint32_t leaf, std::uint64_t t) {
  RepairState& repair = data_.repairs[leaf];
  const std::uint32_t crew = data_.plant->failures[repair.failure].crew;
  if (crew != kNone) {
    ++data_.crews[crew].busy;
    data_.crews[crew].area -= t;
  }
  repair.is_repairing = true;
  ++data_.servers[repair.server].repairing_count;
  set_timer_at(leaf, t + repair.duration);
  show_down(repair.server, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::show_down(std::uint32_t i, std::uint64_t t) {
  const StationState state = data_.servers[i].repairing_count != 0 ? StationState::down : StationState::waiting_crew;
  if (leaves_[i].state != state) set_state(i, state, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::end_repair(std::uint32_t leaf, std::uint64_t t) {
  RepairState& repair = data_.repairs[leaf];
  const std::uint32_t i = repair.server;
  const PlantFailure& mode = data_.plant->failures[repair.failure];
  repair.is_failed = repair.is_repairing = false;
  std::int64_t& left = data_.failures[repair.state_index].left;
  left = draw_failure(repair.failure, repair.state_index);
  if (mode.clock == PlantClock::calendar) {
    set_timer_at(leaf, t + static_cast<std::uint64_t>(left));
  } else {
    clear_timer(leaf);
  }
  if (mode.crew != kNone) {
    CrewState& crew = data_.crews[mode.crew];
    --crew.busy;
    crew.area += t;
    if (crew.waiting_head != kNone) {
      const std::uint32_t next = crew.waiting_head;
      crew.waiting_head = data_.repairs[next].next;
      begin_repair(next, t);
    }
  }
  ServerExtra& e = data_.servers[i];
  --e.repairing_count;
  if (--e.down_count != 0) return show_down(i, t);
  if (leaves_[i].part == kNone) e.empty_down += t;
  leaves_[i].flags &= static_cast<std::uint8_t>(~kDown);
  resume(i, t);
}

TWIN_LOOP
void TWIN_LOOP_CLASS::resume(std::uint32_t i, std::uint64_t t) {
  Leaf& leaf = leaves_[i];
  ServerExtra& e = data_.servers[i];
  switch (leaf.phase) {
    case Phase::setup:
      e.segment_start = t;
      set_state(i, StationState::setup, t);
      set_timer_at(i, t + e.remaining);
      break;
    case Phase::working:
    case Phase::failing:
      go_on(i, t);
      break;
    case Phase::waiting_room:
      begin_in_room(i, t);
      break;
    case Phase::finished:
      deliver(i, t);
      break;
    case Phase::empty:
      free_server(i, t);
      break;
  }
}

TWIN_LOOP
void TWIN_LOOP_CLASS::fire_calendar(std::uint32_t leaf, std::uint64_t t) {
  RepairState& repair = data_.repairs[leaf];
  if (repair.is_repairing) return end_repair(leaf, t);
  const std::uint32_t i = repair.server;
  const PlantFailure& mode = data_.plant->failures[repair.failure];
  data_.failures[repair.state_index].left = 0;
  const Phase phase = leaves_[i].phase;
  const bool is_working = phase == Phase::working || phase == Phase::failing || phase == Phase::setup;
  const bool is_down = (leaves_[i].flags & kDown) != 0;
  if (mode.effect == PartEffect::finish_first && !is_down && is_working) {
    clear_timer(leaf);
    return;
  }
  if (!is_down) suspend(i, t);
  apply_effect(i, mode.effect, t);
  fail(i, leaf, mode_of(leaf), t);
}

}  // namespace twin::detail
