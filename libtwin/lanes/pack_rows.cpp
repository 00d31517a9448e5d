// SPDX-License-Identifier: Apache-2.0
#include <libtwin/lanes/detail/pack.hpp>

#include <algorithm>
#include <utility>

namespace twin::detail {

void LanePack::run_rows(std::uint32_t first, std::uint32_t rows, LaneMode mode) {
  const bool has_plain_leads = mode == LaneMode::plain && context_->statistics != LaneStatistics::throughput;
  if (has_plain_leads) add_plain_leads(true);
  const bool counts_leads = mode != LaneMode::skip && (mode == LaneMode::clipped || !leads_.empty());
  if (counts_leads || context_->program->has_lag || layout_->has_deferred || context_->on_departures) {
    for (std::uint32_t done = 0; done < rows;) {
      const std::uint32_t some = std::min(rows - done, layout_->block_rows);
      run_block(first + done, some, mode);
      done += some;
    }
  } else {
    run_chunk(first, rows, mode);
  }
  if (has_plain_leads) add_plain_leads(false);
  if (mode == LaneMode::skip) skipped_ += rows;
  if (mode == LaneMode::plain) plain_ += rows;
}

RingPlace LanePack::place_of(std::uint32_t ring, std::uint32_t behind) {
  if (ring == kNone) return {doubles(layout_->idle_row), 0, 0};
  return {doubles(layout_->rings[ring].offset), layout_->rings[ring].rows, slot_of(ring, behind).slot};
}

// What a station of a line waits for: its part, or a card.
RoomRule LanePack::line_input(std::uint32_t op) const {
  const LaneOp& described = context_->program->ops[op];
  if (!described.in.empty()) return {layout_->arc_ring[described.in.front()], 0};
  return described.loops.empty() ? RoomRule{} : layout_->cards[described.loops.front()];
}

// All rows at once, in the kernel's own loop.
void LanePack::run_chunk(std::uint32_t first, std::uint32_t rows, LaneMode mode) {
  const LaneProgram& program = *context_->program;
  const std::uint32_t lanes = layout_->lanes;
  order_.clear();
  line_steps_.clear();
  kit_steps_.clear();
  source_steps_.clear();
  graph_steps_.clear();
  for (std::uint32_t k = 0; k < program.ops.size(); ++k) {
    const LaneOp& op = program.ops[k];
    const LaneRows base = rows_of(k, first, rows, mode);
    const PlantStation& station = context_->plant->stations[op.station];
    const auto room_of = [&](const RoomRule& rule) { return place_of(rule.ring, rule.lag); };
    if (op.is_source) {
      order_.push_back({StepKind::source, static_cast<std::uint32_t>(source_steps_.size())});
      SourceStep& s = source_steps_.emplace_back();
      static_cast<LaneRows&>(s.rows) = base;
      s.room = room_of(layout_->arc_room[op.out.front()]);
      s.out = place_of(layout_->arc_ring[op.out.front()], 0);
    } else if (layout_->is_line[k]) {
      order_.push_back({StepKind::line, static_cast<std::uint32_t>(line_steps_.size())});
      LineStep& s = line_steps_.emplace_back();
      static_cast<LaneRows&>(s.rows) = base;
      const RoomRule in = line_input(k);
      s.in = place_of(in.ring, in.lag);
      s.room = room_of(layout_->arc_room[op.out.front()]);
      s.out = place_of(layout_->arc_ring[op.out.front()], 0);
      s.rows.arrive_step = in.ring == kNone ? 0 : lanes;
      s.rows.room_step = s.room.rows == 0 ? 0 : lanes;
      set_interrupts(k, s.rows);
    } else if (layout_->is_kit[k]) {
      order_.push_back({StepKind::kit, static_cast<std::uint32_t>(kit_steps_.size())});
      KitStep& s = kit_steps_.emplace_back();
      static_cast<LaneRows&>(s.rows) = base;
      for (const std::uint32_t arc : op.in) s.part[s.part_count++] = place_of(layout_->arc_ring[arc], 0);
      for (const std::uint32_t loop : op.loops) s.part[s.part_count++] = room_of(layout_->cards[loop]);
      s.room = room_of(layout_->arc_room[op.out.front()]);
      s.out = place_of(layout_->arc_ring[op.out.front()], 0);
      s.take = place_of(layout_->take_ring[k], 0);
      s.whole = doubles(layout_->kit_rows);
      s.rows.arrive_step = lanes;
      s.rows.room_step = s.room.rows == 0 ? 0 : lanes;
      set_interrupts(k, s.rows);
    } else {
      order_.push_back({StepKind::graph, static_cast<std::uint32_t>(graph_steps_.size())});
      GraphStep& s = graph_steps_.emplace_back();
      static_cast<LaneRows&>(s.rows) = base;
      for (const std::uint32_t arc : op.in) s.in[s.rows.in_count++] = place_of(layout_->arc_ring[arc], 0);
      for (const std::uint32_t loop : op.loops) s.in[s.rows.in_count++] = room_of(layout_->cards[loop]);
      s.rows.starts_only_with_room = station.starts_only_with_room;
      s.before_room = room_of(layout_->start_room[k]);
      s.rows.before_room_step = s.before_room.rows == 0 ? 0 : lanes;
      s.rows.out_count = static_cast<std::uint32_t>(op.out.size());
      for (std::uint32_t o = 0; o < s.rows.out_count; ++o) {
        s.room[o] = room_of(layout_->arc_room[op.out[o]]);
        s.rows.room_step[o] = s.room[o].rows == 0 ? 0 : lanes;
        s.out[o] = place_of(layout_->arc_ring[op.out[o]], 0);
        if (o + 1 == s.rows.out_count) continue;
        s.rows.enter_sums[o] = words(layout_->enter_sums[op.out[o]]);
        s.rows.enter_counts[o] = words(layout_->enter_counts[op.out[o]]);
      }
      if (layout_->take_ring[k] != kNone) s.take = place_of(layout_->take_ring[k], 0);
      set_interrupts(k, s.rows);
    }
  }
  const auto in_block = static_cast<std::uint32_t>(row_ % layout_->block_rows);
  context_->kernel->chunk({rows, layout_->block_rows, layout_->block_rows - in_block, order_.data(),
                           static_cast<std::uint32_t>(order_.size()), line_steps_.data(), kit_steps_.data(),
                           source_steps_.data(), graph_steps_.data()});
  row_ += rows;
  for (std::size_t r = 0; r < slots_.size(); ++r) slots_[r] = (slots_[r] + rows) % layout_->rings[r].rows;
}

template <class Rows>
void LanePack::set_interrupts(std::uint32_t op, Rows& rows) {
  if (modes_of(op) == 0) return;
  rows.left = doubles(layout_->left[op]);
  rows.interrupt = &LanePack::interrupt;
  rows.interrupt_context = &interrupters_[op];
}

void LanePack::run_block(std::uint32_t first, std::uint32_t rows, LaneMode mode) {
  const LaneProgram& program = *context_->program;
  for (std::uint32_t k = 0; k < program.ops.size(); ++k) {
    if (row_ >= program.ops[k].lag) run_op(k, first, rows, mode);
  }
  if (context_->on_departures) tell_departures(rows);
  row_ += rows;
  for (std::size_t r = 0; r < slots_.size(); ++r) {
    slots_[r] += rows;
    if (slots_[r] >= layout_->rings[r].rows) slots_[r] -= layout_->rings[r].rows;
  }
}

void LanePack::tell_departures(std::uint32_t rows) {
  const LaneProgram& program = *context_->program;
  for (const LaneOp& op : program.ops) {
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (row_ + row < op.out_lag()) continue;
      const std::uint32_t ring = layout_->arc_ring[op.out.back()];
      const std::uint32_t size = layout_->rings[ring].rows;
      context_->on_departures(op.station, row_ + row - op.out_lag(),
                              ring_row(ring, (slots_[ring] + size - op.out_lag() + row) % size));
    }
  }
}

// Without statistics only what leaves the factory is counted.
LaneMode LanePack::mode_of(std::uint32_t op, LaneMode mode) const {
  if (context_->statistics != LaneStatistics::throughput) return mode;
  const LaneProgram& program = *context_->program;
  const auto& out = program.ops[op].out;
  const bool feeds_sink =
      std::any_of(out.begin(), out.end(), [&](std::uint32_t arc) { return program.arcs[arc].to == kNone; });
  return feeds_sink ? mode : LaneMode::skip;
}

LaneRows LanePack::rows_of(std::uint32_t op, std::uint32_t first, std::uint32_t rows, LaneMode mode) {
  LaneRows base;
  base.rows = rows;
  base.lanes = layout_->lanes;
  base.mode = mode_of(op, mode);
  base.is_scaled = is_scaled_[op] && factors_[op] != ones_.data();
  base.noise = tiles_[op] + std::size_t{first} * layout_->lanes;
  base.factor = factors_[op];
  base.offset = offsets_[op];
  base.last = doubles(layout_->last[op]);
  base.sums = {words(layout_->sums[op]), words(layout_->counts[op])};
  base.from = doubles(layout_->from);
  base.to = doubles(layout_->to);
  return base;
}

LanePack::Slot LanePack::slot_of(std::uint32_t ring, std::uint32_t behind) const {
  const std::uint32_t rows = layout_->rings[ring].rows;
  const std::uint32_t now = slots_[ring];
  const std::uint32_t slot = now >= behind ? now - behind : now + rows - behind;
  return {slot, rows - slot};
}

double* LanePack::ring_row(std::uint32_t ring, std::uint32_t slot) {
  return doubles(layout_->rings[ring].offset) + std::size_t{slot} * layout_->lanes;
}

void LanePack::run_op(std::uint32_t op, std::uint32_t first, std::uint32_t rows, LaneMode mode) {
  const LaneRows base = rows_of(op, first, rows, mode);
  if (context_->program->ops[op].is_source) {
    run_source(op, base);
  } else if (layout_->is_line[op]) {
    run_line(op, base);
  } else {
    run_graph(op, base);
  }
  count_leads(op, rows, base.mode);
}

// Rings are read and written in pieces that do not wrap.
void LanePack::run_line(std::uint32_t op, const LaneRows& base) {
  const LaneOp& described = context_->program->ops[op];
  const std::uint32_t lanes = layout_->lanes;
  const std::uint32_t arc = described.out.front();
  const RoomRule room = layout_->arc_room[arc];
  const bool wants_take = layout_->take_ring[op] != kNone &&
                          (base.mode == LaneMode::clipped || context_->statistics == LaneStatistics::leads);
  const RoomRule input = line_input(op);
  const std::uint32_t in_ring = input.ring;
  const auto out_ring = layout_->arc_ring[arc];
  LineRows r;
  static_cast<LaneRows&>(r) = base;
  set_interrupts(op, r);
  Slot in = in_ring == kNone ? Slot{0, base.rows} : slot_of(in_ring, input.lag);
  Slot out = slot_of(out_ring, 0);
  Slot free = room.ring == kNone ? Slot{0, base.rows} : slot_of(room.ring, room.lag);
  Slot take = wants_take ? slot_of(layout_->take_ring[op], 0) : Slot{0, base.rows};
  const auto move_on = [](Slot& slot, std::uint32_t rows) {
    slot.slot += rows;
    slot.rows_left -= rows;
  };
  for (std::uint32_t done = 0; done < base.rows;) {
    for (const auto& [slot, ring] : {std::pair{&in, in_ring}, std::pair{&out, out_ring}, std::pair{&free, room.ring},
                                     std::pair{&take, wants_take ? layout_->take_ring[op] : kNone}}) {
      if (slot->rows_left == 0) *slot = {0, layout_->rings[ring].rows};
    }
    r.rows = std::min({base.rows - done, in.rows_left, out.rows_left, free.rows_left, take.rows_left});
    r.noise = base.noise + std::size_t{done} * lanes;
    r.arrive = in_ring == kNone ? doubles(layout_->idle_row) : ring_row(in_ring, in.slot);
    r.arrive_step = in_ring == kNone ? 0 : lanes;
    r.room = room.ring == kNone ? doubles(layout_->idle_row) : ring_row(room.ring, free.slot);
    r.room_step = room.ring == kNone ? 0 : lanes;
    r.out = ring_row(out_ring, out.slot);
    r.take = wants_take ? ring_row(layout_->take_ring[op], take.slot) : nullptr;
    context_->kernel->line(r);
    move_on(in, r.rows);
    move_on(out, r.rows);
    move_on(free, r.rows);
    move_on(take, r.rows);
    done += r.rows;
  }
}

void LanePack::run_source(std::uint32_t op, const LaneRows& base) {
  const LaneOp& described = context_->program->ops[op];
  const std::uint32_t arc = described.out.front();
  const RoomRule room = layout_->arc_room[arc];
  const std::uint32_t behind = described.lag;
  for (std::uint32_t row = 0; row < base.rows; ++row) {
    // `behind` counts from the first row of the block.
    const auto slot_at = [&](std::uint32_t ring, std::uint32_t lag) {
      const std::uint32_t rows = layout_->rings[ring].rows;
      return (slots_[ring] + rows - lag + row) % rows;
    };
    SourceRows r;
    static_cast<LaneRows&>(r) = base;
    r.rows = 1;
    r.noise = base.noise + std::size_t{row} * layout_->lanes;
    r.room =
        room.ring == kNone ? doubles(layout_->idle_row) : ring_row(room.ring, slot_at(room.ring, behind + room.lag));
    r.room_step = layout_->lanes;
    r.out = ring_row(layout_->arc_ring[arc], slot_at(layout_->arc_ring[arc], behind));
    r.is_deferred = layout_->arc_is_deferred[arc];
    const std::uint32_t take = context_->program->has_lag ? layout_->arc_entry[arc] : layout_->take_ring[op];
    r.take = ring_row(take, slot_at(take, behind));
    context_->kernel->source(r);
  }
}

void LanePack::run_graph(std::uint32_t op, const LaneRows& base) {
  const LaneProgram& program = *context_->program;
  const LaneOp& described = program.ops[op];
  const PlantStation& station = context_->plant->stations[described.station];
  const std::uint32_t lanes = layout_->lanes;
  for (std::uint32_t row = 0; row < base.rows; ++row) {
    const auto at = [&](std::uint32_t ring, std::uint32_t lag) {
      const std::uint32_t rows = layout_->rings[ring].rows;
      return ring_row(ring, (slots_[ring] + rows - lag + row) % rows);
    };
    const auto room_at = [&](const RoomRule& rule, std::uint32_t lag) -> const double* {
      return rule.ring == kNone ? doubles(layout_->idle_row) : at(rule.ring, lag + rule.lag);
    };
    GraphRows r;
    static_cast<LaneRows&>(r) = base;
    r.rows = 1;
    r.noise = base.noise + std::size_t{row} * lanes;
    for (const std::uint32_t arc : described.in) r.arrive[r.in_count++] = at(layout_->arc_ring[arc], described.lag);
    for (const std::uint32_t loop : described.loops) {
      r.arrive[r.in_count++] = room_at(layout_->cards[loop], described.lag);
    }
    r.servers = described.servers;
    if (r.servers > 1) {
      const std::uint32_t held = r.servers - 1;
      r.release = at(layout_->arc_ring[described.out.back()], described.lag + described.servers);
      r.ends = doubles(layout_->ends[op]);
      r.end_entries = r.ends + std::size_t{held} * lanes;
      r.end_servers = r.end_entries + std::size_t{held} * lanes;
      r.free_servers = r.end_servers + std::size_t{held} * lanes;
      r.turn = static_cast<std::uint32_t>((row_ + row - described.lag) % r.servers);
      r.emits = row_ + row >= described.out_lag();
    }
    r.starts_only_with_room = station.starts_only_with_room;
    r.before_room = room_at(layout_->start_room[op], described.lag);
    r.before_room_step = lanes;
    r.out_count = static_cast<std::uint32_t>(described.out.size());
    for (std::uint32_t o = 0; o < r.out_count; ++o) {
      const std::uint32_t arc = described.out[o];
      r.room[o] = room_at(layout_->arc_room[arc], described.out_lag());
      r.room_step[o] = lanes;
      r.out[o] = at(layout_->arc_ring[arc], described.out_lag());
      if (o + 1 < r.out_count) {
        r.enter_sums[o] = words(layout_->enter_sums[arc]);
        r.enter_counts[o] = words(layout_->enter_counts[arc]);
      }
      r.is_deferred = r.is_deferred || layout_->arc_is_deferred[arc];
      if (program.has_lag) r.entry_out[o] = at(layout_->arc_entry[arc], described.out_lag());
    }
    if (layout_->take_ring[op] != kNone) r.take = at(layout_->take_ring[op], described.lag);
    const bool is_entry = described.supply != kNone;
    if (program.has_lag && !is_entry) r.entry_in = at(layout_->arc_entry[described.in.front()], described.lag);
    set_interrupts(op, r);
    context_->kernel->graph(r);
  }
  depart(op, base);
}

// Those who waited on their machines, or at their sources, for the station behind go when it has taken their parts.
void LanePack::depart(std::uint32_t op, const LaneRows& base) {
  const LaneProgram& program = *context_->program;
  for (const std::uint32_t arc : program.ops[op].in) {
    if (!layout_->arc_is_deferred[arc]) continue;
    const std::uint32_t from = program.arcs[arc].from;
    DepartRows r;
    static_cast<LaneRows&>(r) = base;
    r.mode = mode_of(from, base.mode);
    // The last time of a source is that of the arrival.
    r.last = doubles(program.ops[from].is_source ? layout_->spare_row : layout_->last[from]);
    r.sums = {words(layout_->sums[from]), words(layout_->counts[from])};
    r.taken = ring_row(layout_->take_ring[op], slot_of(layout_->take_ring[op], 0).slot);
    r.out = ring_row(layout_->arc_ring[arc], slot_of(layout_->arc_ring[arc], 0).slot);
    context_->kernel->depart(r);
  }
}

// --- lead times ---

void LanePack::count_leads(std::uint32_t op, std::uint32_t rows, LaneMode mode) {
  const LaneProgram& program = *context_->program;
  if (mode == LaneMode::skip || context_->statistics == LaneStatistics::throughput) return;
  if (mode == LaneMode::plain && context_->statistics != LaneStatistics::leads) return;
  const std::uint32_t behind = program.ops[op].out_lag();
  for (const std::uint32_t arc : program.ops[op].out) {
    if (program.arcs[arc].to != kNone || !context_->plant->stores[program.arcs[arc].store].is_good) continue;
    for (std::uint32_t row = 0; row < rows; ++row) {
      if (row_ + row < behind) continue;
      const auto at = [&](std::uint32_t ring) {
        const std::uint32_t size = layout_->rings[ring].rows;
        return ring_row(ring, (slots_[ring] + size - behind + row) % size);
      };
      add_leads(arc, at(layout_->arc_ring[arc]), at(layout_->arc_entry[arc]), 1, mode);
    }
  }
}

void LanePack::add_leads(std::uint32_t arc, const double* exit, const double* entry, std::uint32_t rows,
                         LaneMode mode) {
  const std::uint32_t lanes = layout_->lanes;
  const double* const from = doubles(layout_->from);
  const double* const to = doubles(layout_->to);
  if (mode == LaneMode::clipped) {
    context_->kernel->lead({rows, lanes, exit, entry, from, to, words(layout_->leads[arc])});
  }
  if (context_->statistics != LaneStatistics::leads) return;
  for (std::uint32_t lane = 0; lane < lanes; ++lane) {
    if (mode == LaneMode::clipped && !(exit[lane] > from[lane] && exit[lane] <= to[lane])) continue;
    leads_[lane].add(static_cast<std::uint64_t>(exit[lane] - entry[lane]));
  }
}

// Where all rows count whole, the sums of when parts leave and when they came say it.
void LanePack::add_plain_leads(bool before) {
  const LaneProgram& program = *context_->program;
  const std::uint32_t lanes = layout_->lanes;
  for (std::uint32_t a = 0; a < program.arcs.size(); ++a) {
    const LaneArc& arc = program.arcs[a];
    if (arc.to != kNone || !context_->plant->stores[arc.store].is_good) continue;
    const bool is_last = program.ops[arc.from].out.back() == a;
    const std::uint64_t* const exits =
        is_last ? words(layout_->sums[arc.from]) + std::size_t{2} * lanes : words(layout_->enter_sums[a]);
    const std::uint64_t* const entries = words(layout_->sums[program.ops[arc.from].origin]);
    std::uint64_t* const leads = words(layout_->leads[a]);
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      const std::uint64_t difference = exits[lane] - entries[lane];
      leads[lane] += before ? std::uint64_t{0} - difference : difference;
    }
  }
}

}  // namespace twin::detail
