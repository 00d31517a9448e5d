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

}  // namespace twin::detail
