// SPDX-License-Identifier: Apache-2.0
#include <libtwin/lanes/detail/pack.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include <libtwin/core/time.hpp>

namespace twin::detail {
namespace {

// No time of a run that ends after a number of parts may come nearer to the end of the numbers than this.
constexpr double kLongest = 2251799813685248.0;  // 2^51 ticks: 4 years
constexpr double kNever = 2 * kTimeBias;

// Rows between two looks at the clock while times are clipped, and rows that are left to clipping before the end of a span
// is expected.
constexpr std::uint32_t kClippedRows = 32;
constexpr double kMargin = 40;

}  // namespace

void LanePack::begin(const PackContext& context, const LaneLayout& layout, const RunSpan& span, const LaneSeeds& seeds,
                     std::span<const ScenarioNumbers* const> scenarios, bool only_clipped) {
  context_ = &context;
  layout_ = &layout;
  span_ = span;
  seeds_ = seeds;
  only_clipped_ = only_clipped || context.program->has_lag;
  knows_start_ = span.warmup_parts == 0;
  knows_end_ = span.parts == 0;
  limit_ = (knows_end_ ? span.horizon : static_cast<double>(kMaxTicks - 1)) + 1;
  scenario_count_ = static_cast<std::uint32_t>(scenarios.size());
  scenarios_.assign(scenarios.begin(), scenarios.end());
  memory_.resize(layout.size);
  std::fill(doubles(0), doubles(layout.time_end), kTimeBias);
  std::fill(words(layout.time_end), words(layout.sum_end), std::uint64_t{0});
  slots_.assign(layout.rings.size(), 0);
  row_ = skipped_ = plain_ = noted_row_ = 0;
  pace_ = 0;
  latest_.assign(layout.lanes, kTimeBias);
  earliest_.assign(layout.lanes, kTimeBias);
  const std::size_t ops = context.program->ops.size();
  tiles_.assign(ops, nullptr);
  factors_.assign(ops, nullptr);
  offsets_.assign(ops, nullptr);
  is_scaled_.assign(ops, false);
  cut_tiles_.resize(ops);
  most_factor_.assign(ops, 0);
  most_offset_.assign(ops, 0);
  for (std::uint32_t lane = 0; lane < layout.lanes; ++lane) {
    const std::uint32_t scenario = lane / seeds.count < scenario_count_ ? lane / seeds.count : 0;
    for (std::size_t k = 0; k < ops; ++k) {
      doubles(layout.factor[k])[lane] = scenarios[scenario]->laws[k].factor;
      doubles(layout.offset[k])[lane] = scenarios[scenario]->laws[k].offset;
    }
    doubles(layout.from)[lane] = knows_start_ ? kTimeBias + span.warmup : kNever;
    doubles(layout.to)[lane] = knows_end_ ? kTimeBias + span.horizon : kNever;
  }
  ones_.resize(2 * std::size_t{layout.lanes});
  std::fill(ones_.data(), ones_.data() + layout.lanes, 1.0);
  std::fill(ones_.data() + layout.lanes, ones_.data() + 2 * std::size_t{layout.lanes}, 0.0);
  for (std::size_t k = 0; k < ops; ++k) {
    const double* const factor = doubles(layout.factor[k]);
    const double* const offset = doubles(layout.offset[k]);
    most_factor_[k] = *std::max_element(factor, factor + layout.lanes);
    most_offset_[k] = *std::max_element(offset, offset + layout.lanes);
    is_scaled_[k] = !context.program->ops[k].is_direct &&
                    std::all_of(offset, offset + layout.lanes, [](double x) { return x == 0; });
  }
  counted_ops_.clear();
  for (std::uint32_t k = 0; k < ops; ++k) {
    if (mode_of(k, LaneMode::plain) == LaneMode::plain) counted_ops_.push_back(k);
  }
  begin_servers();
  begin_failures(seeds);
  leads_.resize(context.statistics == LaneStatistics::leads ? layout.lanes : 0);
  for (Histogram& histogram : leads_) histogram.clear();
}

// At first every server is free, in the order of their numbers. The works that come out of an empty list are none.
void LanePack::begin_servers() {
  const std::size_t lanes = layout_->lanes;
  for (std::size_t k = 0; k < context_->program->ops.size(); ++k) {
    const std::size_t servers = context_->program->ops[k].servers;
    if (servers == 1) continue;
    std::fill_n(doubles(layout_->ends[k]), 3 * (servers - 1) * lanes, -1.0);
    double* const free = doubles(layout_->ends[k]) + 3 * (servers - 1) * lanes;
    for (std::size_t s = 0; s < servers; ++s) std::fill_n(free + s * lanes, lanes, static_cast<double>(s));
  }
}

std::uint32_t LanePack::modes_of(std::uint32_t op) const {
  return context_->plant->stations[context_->program->ops[op].station].failure_count;
}

LanePack::FailureLane* LanePack::failures_of(std::uint32_t op, std::uint32_t lane) {
  return failures_.data() + first_failure_[op] + std::size_t{lane} * modes_of(op);
}

const Sampler& LanePack::failure_law(std::uint32_t op, std::uint32_t lane, std::uint32_t mode, bool is_repair) const {
  const std::uint32_t scenario = lane / seeds_.count < scenario_count_ ? lane / seeds_.count : 0;
  const std::uint32_t first = context_->plant->stations[context_->program->ops[op].station].first_failure;
  return scenarios_[scenario]->failures[2 * std::size_t{first + mode} + (is_repair ? 1 : 0)];
}

void LanePack::begin_failures(const LaneSeeds& seeds) {
  const auto ops = static_cast<std::uint32_t>(context_->program->ops.size());
  first_failure_.assign(ops, 0);
  interrupters_.resize(ops);
  std::size_t size = 0;
  for (std::uint32_t k = 0; k < ops; ++k) {
    interrupters_[k] = {this, k};
    first_failure_[k] = size;
    size += std::size_t{modes_of(k)} * layout_->lanes;
  }
  failures_.resize(size);
  for (std::uint32_t k = 0; k < ops; ++k) {
    const PlantStation& station = context_->plant->stations[context_->program->ops[k].station];
    for (std::uint32_t lane = 0; station.failure_count != 0 && lane < layout_->lanes; ++lane) {
      const std::uint64_t run = run_key(seeds.seed, seeds.first + lane % seeds.count);
      double left = kNever;
      for (std::uint32_t m = 0; m < station.failure_count; ++m) {
        const PlantFailure& mode = context_->plant->failures[station.first_failure + m];
        FailureLane& f = failures_of(k, lane)[m];
        f.failure = Stream(run, stream_key(mode.key, Purpose::failure, 0));
        f.repair = Stream(run, stream_key(mode.key, Purpose::repair, 0));
        f.due = static_cast<double>(round_to_ticks_below(sample(failure_law(k, lane, m, false), f.failure), limit_));
        left = std::min(left, f.due);
      }
      doubles(layout_->left[k])[lane] = left;
    }
  }
}

double LanePack::interrupt(void* context, std::uint32_t lane, double start, double work) {
  const auto& self = *static_cast<const Interrupter*>(context);
  return self.pack->interrupt_op(self.op, lane, start, work);
}

// As the event engine does: the mode that is due first stops the work, ties by the order of the file; the next failure is
// drawn when the repair ends.
double LanePack::interrupt_op(std::uint32_t op, std::uint32_t lane, double start, double work) {
  const PlantStation& station = context_->plant->stations[context_->program->ops[op].station];
  FailureLane* const modes = failures_of(op, lane);
  double* const left = doubles(layout_->left[op]) + lane;
  const double from = doubles(layout_->from)[lane];
  const double to = doubles(layout_->to)[lane];
  const auto clip = [&](double t) { return std::min(std::max(t, from), to); };
  const auto first_due = [&] {
    std::uint32_t first = 0;
    for (std::uint32_t m = 1; m < station.failure_count; ++m) {
      if (modes[m].due < modes[first].due) first = m;
    }
    return first;
  };
  std::uint32_t mode = first_due();
  double worked = modes[mode].due - *left;
  double rest = work;
  double t = start;
  // Beyond the end of the run nothing matters any more, and work that starts anew each time may have no end.
  while (modes[mode].due - worked < rest && t <= to) {
    const double until = modes[mode].due - worked;
    t += until;
    worked += until;
    rest -= until;
    if (t > from && t <= to) ++words(layout_->failures[op])[lane];
    const auto limit = limit_;
    const double repair =
        static_cast<double>(round_to_ticks_below(sample(failure_law(op, lane, mode, true), modes[mode].repair), limit));
    words(layout_->down[op])[lane] += static_cast<std::uint64_t>(clip(t + repair) - clip(t));
    t += repair;
    const PlantFailure& described = context_->plant->failures[station.first_failure + mode];
    if (described.effect == PartEffect::restart) rest = work;
    modes[mode].due = worked + static_cast<double>(round_to_ticks_below(
                                   sample(failure_law(op, lane, mode, false), modes[mode].failure), limit));
    mode = first_due();
  }
  t += rest;
  worked += rest;
  *left = modes[mode].due - worked;
  return t;
}

// --- the rows ---

// Durations as long as the run are cut as the event engine cuts them, in a copy of the tile; there are next to none.
void LanePack::prepare_tile(const LaneNoise& noise, std::uint32_t rows) {
  const std::uint32_t lanes = layout_->lanes;
  for (std::uint32_t k = 0; k < tiles_.size(); ++k) {
    const double* const factor = doubles(layout_->factor[k]);
    const double* const offset = doubles(layout_->offset[k]);
    tiles_[k] = noise.rows_of(k);
    factors_[k] = factor;
    offsets_[k] = offset;
    const double longest = most_offset_[k] + most_factor_[k] * noise.largest(k);
    if (longest < limit_ && longest < kLongest) continue;
    LaneMemory& cut = cut_tiles_[k];
    cut.resize(std::size_t{rows} * lanes);
    for (std::size_t i = 0; i < std::size_t{rows} * lanes; ++i) {
      const std::size_t lane = i % lanes;
      const double ticks = std::max(0.0, offset[lane] + factor[lane] * tiles_[k][i]);
      cut.data()[i] = std::min(ticks, std::min(limit_, 2 * kLongest));
    }
    tiles_[k] = cut.data();
    factors_[k] = ones_.data();
    offsets_[k] = ones_.data() + lanes;
  }
}

LanePack::Progress LanePack::advance(const LaneNoise& noise, std::uint32_t rows) {
  prepare_tile(noise, rows);
  for (std::uint32_t done = 0; done < rows;) {
    const Progress progress = advance_some(rows, done);
    if (progress != Progress::going) return progress;
  }
  return Progress::going;
}

LanePack::Progress LanePack::advance_some(std::uint32_t rows, std::uint32_t& done) {
  std::uint32_t some = rows - done;
  const LaneMode mode = choose_mode(some);
  run_rows(done, some, mode);
  done += some;
  note_times();
  const double* const from = doubles(layout_->from);
  const double* const to = doubles(layout_->to);
  bool is_done = knows_end_;
  for (std::uint32_t lane = 0; lane < layout_->lanes; ++lane) {
    if (mode == LaneMode::skip && knows_start_ && latest_[lane] > from[lane]) return Progress::mistaken;
    if (mode == LaneMode::plain && knows_end_ && latest_[lane] > to[lane]) return Progress::mistaken;
    if (span_.parts != 0 && latest_[lane] > kTimeBias + kLongest && !knows_end_) return Progress::too_long;
    // Not before: work without time may follow at the very end.
    is_done = is_done && earliest_[lane] > to[lane];
  }
  if (is_done) return Progress::done;
  if ((!knows_start_ && row_ == span_.warmup_parts) || (!knows_end_ && row_ == span_.parts)) reach_parts();
  return Progress::going;
}

LaneMode LanePack::choose_mode(std::uint32_t& rows) const {
  const auto up_to = [&](std::uint64_t most) {
    rows = static_cast<std::uint32_t>(std::min<std::uint64_t>(rows, std::max<std::uint64_t>(most, 1)));
  };
  if (!knows_start_) {
    up_to(span_.warmup_parts - row_);
    return LaneMode::skip;
  }
  if (!knows_end_) up_to(span_.parts - row_);
  const double* const from = doubles(layout_->from);
  const double* const to = doubles(layout_->to);
  double before_start = kNever;
  double before_end = kNever;
  bool has_begun = true;
  for (std::uint32_t lane = 0; lane < layout_->lanes; ++lane) {
    before_start = std::min(before_start, from[lane] - latest_[lane]);
    before_end = std::min(before_end, to[lane] - latest_[lane]);
    has_begun = has_begun && earliest_[lane] > from[lane];
  }
  const auto safe_rows = [&](double ticks) { return pace_ > 0 ? 0.75 * ticks / pace_ - kMargin : 0.0; };
  if (!only_clipped_ && row_ != 0) {
    if (has_begun && !knows_end_) return LaneMode::plain;
    const double safe = std::min(safe_rows(has_begun ? before_end : before_start), 4e9);
    if (safe >= kMargin / 4) {
      // Whole blocks, where there are many.
      const auto whole = static_cast<std::uint64_t>(safe);
      up_to(whole >= 120 ? whole / 120 * 120 : whole / 8 * 8);
      return has_begun ? LaneMode::plain : LaneMode::skip;
    }
  }
  up_to(kClippedRows);
  return LaneMode::clipped;
}

void LanePack::note_times() {
  const std::uint32_t lanes = layout_->lanes;
  double farthest = 0;
  std::array<double, 256> before{};
  std::copy(latest_.begin(), latest_.end(), before.begin());
  const double* const first = doubles(layout_->last[counted_ops_.front()]);
  std::copy(first, first + lanes, latest_.begin());
  std::copy(first, first + lanes, earliest_.begin());
  for (const std::uint32_t k : counted_ops_) {
    const double* const last = doubles(layout_->last[k]);
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      latest_[lane] = std::max(latest_[lane], last[lane]);
      earliest_[lane] = std::min(earliest_[lane], last[lane]);
    }
  }
  for (std::uint32_t lane = 0; lane < lanes; ++lane) farthest = std::max(farthest, latest_[lane] - before[lane]);
  pace_ = std::max(pace_ / 2, farthest / static_cast<double>(row_ - noted_row_));
  noted_row_ = row_;
}

// The span begins or ends when the part of this row leaves.
void LanePack::reach_parts() {
  std::uint32_t exit = kNone;
  const LaneProgram& program = *context_->program;
  for (std::uint32_t a = 0; a < program.arcs.size(); ++a) {
    if (program.arcs[a].to == kNone && context_->plant->stores[program.arcs[a].store].is_good) exit = a;
  }
  const Slot slot = slot_of(layout_->arc_ring[exit], 1);
  const double* const times = ring_row(layout_->arc_ring[exit], slot.slot);
  double* const known = doubles(knows_start_ ? layout_->to : layout_->from);
  std::copy(times, times + layout_->lanes, known);
  if (knows_start_) {
    knows_end_ = true;
  } else {
    knows_start_ = true;
  }
}

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
