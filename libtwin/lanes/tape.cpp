// SPDX-License-Identifier: Apache-2.0
#include <libtwin/lanes/detail/tape.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include <libtwin/core/time.hpp>
#include <libtwin/lanes/detail/fit.hpp>

namespace twin::detail {
namespace {

constexpr double kRound = 4503599627370496.0;  // 2^52
constexpr double kNever = 2 * kRound;

// What a record may take [bytes].
constexpr std::size_t kMostMemory = std::size_t{1} << 30;

// A duration on the grid, as both engines round it.
double to_ticks(double noise, double factor, double offset, double limit) {
  return (std::min(std::max(offset + factor * noise, 0.0), limit) + kRound) - kRound;
}

void fill(LaneMemory& memory, std::size_t size, double value) {
  memory.resize(size);
  std::fill_n(memory.data(), size, value);
}

}  // namespace

Tape::Room Tape::room_of(const LaneLayout& layout, const RoomRule& rule, std::uint32_t to) const {
  if (rule.ring == kNone) return {};
  const LaneOp& op = program_.ops[to];
  return {rule.ring == layout.take_ring[to] ? take_node(to) : op.out.back(), rule.lag};
}

void Tape::lay_out(const LaneLayout& layout, std::span<const Sampler> samplers) {
  const std::size_t ops = program_.ops.size();
  const std::size_t arcs = program_.arcs.size();
  // On the way back, rows as far back as the room are added to while those of the steps at once are still to come.
  steps_at_once_ = program_.has_lag ? 1 : std::bit_floor(std::min(layout.block_rows, kMostStepsAtOnce));
  std::vector<std::uint64_t> rows(arcs + ops, steps_at_once_ + 1);
  const auto need = [&](const Room& room) {
    if (room.node != kNone) rows[room.node] = std::max<std::uint64_t>(rows[room.node], room.lag + steps_at_once_);
  };
  arc_rooms_.assign(arcs, {});
  for (std::uint32_t a = 0; a < arcs; ++a) {
    if (program_.arcs[a].to == kNone) continue;
    arc_rooms_[a] = room_of(layout, layout.arc_room[a], program_.arcs[a].to);
    need(arc_rooms_[a]);
  }
  steps_.assign(ops, {});
  code_bytes_ = 0;
  for (std::uint32_t k = 0; k < ops; ++k) {
    const LaneOp& op = program_.ops[k];
    const PlantStation& station = plant_.stations[op.station];
    Step& s = steps_[k];
    s.kind = op.is_source ? Kind::source : layout.is_line[k] ? Kind::line : Kind::graph;
    s.is_failing = station.failure_count != 0;
    s.starts_only_with_room = station.starts_only_with_room;
    s.is_entry = op.is_source || op.supply != kNone;
    s.in = op.in.empty() ? kNone : op.in.front();
    s.out = op.out.back();
    s.room = arc_rooms_[op.out.back()];
    s.is_deferred = layout.arc_is_deferred[op.out.back()];
    if (s.starts_only_with_room && program_.arcs[op.out.back()].to != kNone) {
      s.start_room = room_of(layout, layout.start_room[k], program_.arcs[op.out.back()].to);
      need(s.start_room);
    }
    const AffineLaw law = op.is_direct ? AffineLaw{0, 1} : affine_law(samplers[station.law]);
    s.factor = law.factor;
    s.offset = law.offset;
    s.first_code = static_cast<std::uint32_t>(code_bytes_);
    code_bytes_ += s.kind == Kind::line ? kLineCodes : kGraphCodes;
  }
  nodes_.assign(arcs + ops, {});
  std::size_t size = 0;
  for (std::size_t n = 0; n < nodes_.size(); ++n) {
    const std::uint64_t all = std::bit_ceil(rows[n]);
    nodes_[n] = {size, all - 1};
    size += all;
  }
  rows_ = size;
  fill(times_, size * kLanes, 0.0);
  if (program_.has_lag) {
    entries_.assign(size * kLanes, 0.0);
    entered_.assign(size * kLanes, 0U);
  }
}

void Tape::begin(const LaneLayout& layout, const LaneKernel& kernel, std::span<const Sampler> samplers,
                 const RunSpan& span, const LaneSeeds& seeds, const GradientOptions& options) {
  options_ = &options;
  kernel_ = &kernel;
  span_ = span;
  seeds_ = seeds;
  limit_ = span.parts == 0 ? span.horizon + 1 : 2 * kLongestTicks;
  samplers_.assign(samplers.begin(), samplers.end());
  lay_out(layout, samplers);
  const std::size_t ops = program_.ops.size();
  fill(last_, ops * kLanes, 0.0);
  fill(takes_, ops * steps_at_once_ * kLanes, 0.0);
  works_.assign(ops, {});
  repairs_.resize(ops);
  for (auto& list : repairs_) list.clear();
  begin_failures(seeds);
  records_.assign(ops, {});
  for (std::uint32_t k = 0; k < ops; ++k) {
    if (steps_[k].kind == Kind::line) records_[k] = line_record(k);
  }
  exits_.clear();
  exit_of_arc_.assign(program_.arcs.size(), kNone);
  for (std::uint32_t a = 0; a < program_.arcs.size(); ++a) {
    const LaneArc& arc = program_.arcs[a];
    if (arc.to != kNone || !plant_.stores[arc.store].is_good) continue;
    exit_of_arc_[a] = static_cast<std::uint32_t>(exits_.size());
    exits_.emplace_back().arc = a;
  }
  block_count_ = 0;
  step_ = 0;
  in_block_ = kBlockSteps;
}

void Tape::begin_failures(const LaneSeeds& seeds) {
  const std::size_t ops = program_.ops.size();
  fill(left_, ops * kLanes, kNever);
  interrupters_.resize(ops);
  first_failure_.assign(ops, 0);
  failures_.clear();
  for (std::uint32_t k = 0; k < ops; ++k) {
    const PlantStation& station = plant_.stations[program_.ops[k].station];
    first_failure_[k] = failures_.size();
    interrupters_[k] = {this, k};
    for (std::uint32_t lane = 0; station.failure_count != 0 && lane < kLanes; ++lane) {
      const std::uint64_t run = run_key(seeds.seed, seeds.first + lane % seeds.count);
      double& left = row(left_, k)[lane];
      for (std::uint32_t m = 0; m < station.failure_count; ++m) {
        const PlantFailure& mode = plant_.failures[station.first_failure + m];
        FailureLane& f = failures_.emplace_back();
        f.failure = Stream(run, stream_key(mode.key, Purpose::failure, 0));
        f.repair = Stream(run, stream_key(mode.key, Purpose::repair, 0));
        f.due = static_cast<double>(round_to_ticks_below(sample(samplers_[mode.every], f.failure), limit_));
        left = std::min(left, f.due);
      }
    }
  }
}

// As the recursion in vector registers does (`LanePack::interrupt_op`), and notes each repair.
double Tape::interrupt(std::uint32_t op, std::uint32_t lane, std::uint64_t part, double start, double work) {
  double& left = row(left_, op)[lane];
  if (!(left < work)) {
    left -= work;
    return start + work;
  }
  const PlantStation& station = plant_.stations[program_.ops[op].station];
  FailureLane* const modes = failures_.data() + first_failure_[op] + std::size_t{lane} * station.failure_count;
  const auto first_due = [&] {
    std::uint32_t first = 0;
    for (std::uint32_t m = 1; m < station.failure_count; ++m) {
      if (modes[m].due < modes[first].due) first = m;
    }
    return first;
  };
  const double to = span_.parts == 0 ? span_.horizon : kNever;
  std::uint32_t mode = first_due();
  double worked = modes[mode].due - left;
  double rest = work;
  double t = start;
  while (modes[mode].due - worked < rest && t <= to) {
    const double until = modes[mode].due - worked;
    const PlantFailure& described = plant_.failures[station.first_failure + mode];
    const auto repair =
        static_cast<double>(round_to_ticks_below(sample(samplers_[described.repair], modes[mode].repair), limit_));
    repairs_[op].push_back({part, lane, station.first_failure + mode, repair});
    t += until + repair;
    worked += until;
    rest = described.effect == PartEffect::restart ? work : rest - until;
    modes[mode].due = worked + static_cast<double>(round_to_ticks_below(
                                   sample(samplers_[described.every], modes[mode].failure), limit_));
    mode = first_due();
  }
  left = modes[mode].due - worked - rest;
  return t + rest;
}

double Tape::interrupt_line(void* context, std::uint32_t lane, double start, double work) {
  const auto& self = *static_cast<const Interrupter*>(context);
  return self.tape->interrupt(self.op, lane, self.tape->step_, start, work);
}

void Tape::begin_block() {
  if (block_count_ == blocks_.size()) blocks_.emplace_back();
  TapeBlock& block = blocks_[block_count_++];
  const std::size_t size = std::size_t{kBlockSteps} * program_.ops.size() * kLanes;
  block.work.resize(size);
  block.codes.resize(kBlockSteps * code_bytes_);
  if (options_->follows_ties) block.tie_codes.resize(kBlockSteps * code_bytes_);
  if (program_.has_lag) block.started.resize(size);
  in_block_ = 0;
}

// What stays the same all through a run.
RecordRows Tape::line_record(std::uint32_t op) {
  const Step& s = steps_[op];
  RecordRows r;
  r.factor = s.factor;
  r.offset = s.offset;
  r.limit = limit_;
  if (s.room.node != kNone) {
    r.room = time(s.room.node, 0);
    r.room_mask = nodes_[s.room.node].mask;
  }
  r.last = row(last_, op);
  r.work_step = program_.ops.size() * kLanes;
  r.code_step = code_bytes_;
  if (s.is_failing) {
    r.left = row(left_, op);
    r.interrupt = &Tape::interrupt_line;
    r.interrupt_context = &interrupters_[op];
  }
  return r;
}

void Tape::run_line(std::uint32_t op, const double* noise, std::uint32_t rows) {
  const Step& s = steps_[op];
  TapeBlock& block = blocks_[block_count_ - 1];
  const std::size_t code = in_block_ * code_bytes_ + s.first_code;
  RecordRows& r = records_[op];
  r.rows = rows;
  r.noise = noise;
  r.arrive = s.in == kNone ? nullptr : time(s.in, step_);
  r.room_row = step_ - s.room.lag;
  r.take = s.is_entry ? taken(op) : nullptr;
  r.out = time(s.out, step_);
  r.work = block.work.data() + (std::size_t{in_block_} * program_.ops.size() + op) * kLanes;
  r.codes = block.codes.data() + code;
  r.tie_codes = options_->follows_ties ? block.tie_codes.data() + code : nullptr;
  kernel_->record(r);
}

template <bool kTies>
void Tape::run_source(std::uint32_t op, const double* noise) {
  const Step& s = steps_[op];
  const LaneOp& described = program_.ops[op];
  if (step_ < described.lag) return;
  const std::uint64_t part = step_ - described.lag;
  TapeBlock& block = blocks_[block_count_ - 1];
  const std::size_t at = (std::size_t{in_block_} * program_.ops.size() + op) * kLanes;
  const std::size_t first_code = in_block_ * code_bytes_ + s.first_code;
  TapeCode codes[kLanes];
  TapeCode tie_codes[kLanes];
  const double* const room = s.room.node == kNone ? nullptr : time(s.room.node, part - s.room.lag);
  double* const out = time(s.out, part);
  constexpr TapeCode kRoom = 1U << kFirstRoom;
  for (std::uint32_t l = 0; l < kLanes; ++l) {
    const double wait = to_ticks(noise[l], s.factor, s.offset, limit_);
    const double arrived = row(last_, op)[l] += wait;
    block.work[at + l] = static_cast<float>(wait);
    taken(op)[l] = arrived;
    codes[l] = room != nullptr && room[l] > arrived ? kRoom : 0;
    tie_codes[l] = room != nullptr && room[l] >= arrived ? kRoom : 0;
    out[l] = room == nullptr ? arrived : std::max(arrived, room[l]);
  }
  std::memcpy(block.codes.data() + first_code, codes, sizeof codes);
  if (kTies) std::memcpy(block.tie_codes.data() + first_code, tie_codes, sizeof tie_codes);
  if (!program_.has_lag) return;
  double* const entry = entries_.data() + (out - times_.data());
  std::uint32_t* const entered = entered_.data() + (out - times_.data());
  for (std::uint32_t l = 0; l < kLanes; ++l) {
    entry[l] = taken(op)[l];
    entered[l] = static_cast<std::uint32_t>(part);
  }
}

template <bool kTies>
void Tape::run_graph(std::uint32_t op, const double* noise) {
  const Step& s = steps_[op];
  const LaneOp& described = program_.ops[op];
  if (step_ < described.lag) return;
  const std::uint64_t part = step_ - described.lag;
  const std::uint32_t servers = described.servers;
  const bool emits = part + 1 >= servers;
  const std::uint64_t leaving = emits ? part + 1 - servers : 0;
  TapeBlock& block = blocks_[block_count_ - 1];
  const std::size_t at = (std::size_t{in_block_} * program_.ops.size() + op) * kLanes;
  TapeCode codes[kLanes];
  TapeCode tie_codes[kLanes];
  std::vector<Work>& works = works_[op];
  if (servers > 1) works.resize(std::size_t{kLanes} * servers);
  for (std::uint32_t l = 0; l < kLanes; ++l) {
    double take = servers == 1 ? row(last_, op)[l] : part < servers ? 0.0 : time(s.out, part - servers)[l];
    unsigned code = 0;
    unsigned tie = 0;
    for (std::uint32_t k = 0; k < described.in.size(); ++k) {
      const double arrive = time(described.in[k], part)[l];
      if (arrive > take) code = k + 1;
      if (arrive >= take) tie = k + 1;
      take = std::max(take, arrive);
    }
    double start = take;
    if (s.start_room.node != kNone) {
      const double room = time(s.start_room.node, part - s.start_room.lag)[l];
      if (room > take) code |= 1U << kRoomBefore;
      if (room >= take) tie |= 1U << kRoomBefore;
      start = std::max(take, room);
    }
    const double work = to_ticks(noise[l], s.factor, s.offset, limit_);
    block.work[at + l] = static_cast<float>(work);
    double finish = s.is_failing ? interrupt(op, l, part, start, work) : start + work;
    taken(op)[l] = take;
    time(take_node(op), part)[l] = take;
    double entry = take;
    auto entered = static_cast<std::uint32_t>(part);
    if (program_.has_lag && !s.is_entry) {
      const std::size_t from = static_cast<std::size_t>(time(described.in.front(), part) - times_.data());
      entry = entries_[from + l];
      entered = entered_[from + l];
    }
    if (servers > 1) {
      // The ends in rising order; the first of them leaves.
      Work* const list = works.data() + std::size_t{l} * servers;
      auto n = static_cast<std::size_t>(std::min<std::uint64_t>(part, servers - 1));
      const Work now{finish, entry, static_cast<std::uint32_t>(part), entered};
      while (n > 0 && list[n - 1].end > finish) {
        list[n] = list[n - 1];
        --n;
      }
      list[n] = now;
      if (emits) {
        finish = list[0].end;
        entry = list[0].entry;
        entered = list[0].entered;
        block.started[at + l] = list[0].part;
        std::copy(list + 1, list + servers, list);
      }
    }
    double leave = finish;
    for (std::uint32_t o = 0; emits && o < described.out.size(); ++o) {
      const std::uint32_t arc = described.out[o];
      const Room& rule = arc_rooms_[arc];
      if (rule.node != kNone && !s.starts_only_with_room && !s.is_deferred) {
        const double room = time(rule.node, leaving - rule.lag)[l];
        if (room > leave) code |= 1U << (kFirstRoom + o);
        if (room >= leave) tie |= 1U << (kFirstRoom + o);
        leave = std::max(leave, room);
      }
      double* const out = time(arc, leaving);
      out[l] = leave;
      if (!program_.has_lag) continue;
      entries_[static_cast<std::size_t>(out - times_.data()) + l] = entry;
      entered_[static_cast<std::size_t>(out - times_.data()) + l] = entered;
    }
    if (emits) row(last_, op)[l] = leave;
    codes[l] = static_cast<TapeCode>(code);
    tie_codes[l] = static_cast<TapeCode>(tie);
  }
  const std::size_t first_code = in_block_ * code_bytes_ + s.first_code;
  std::memcpy(block.codes.data() + first_code, codes, sizeof codes);
  if (kTies) std::memcpy(block.tie_codes.data() + first_code, tie_codes, sizeof tie_codes);
  // Parts that waited on their machines leave when the assembly has taken them.
  for (const std::uint32_t arc : described.in) {
    const std::uint32_t from = program_.arcs[arc].from;
    if (!steps_[from].is_deferred) continue;
    double* const out = time(arc, part);
    for (std::uint32_t l = 0; l < kLanes; ++l) {
      out[l] = std::max(out[l], taken(op)[l]);
      row(last_, from)[l] = out[l];
    }
  }
}

// All steps of one operation before those of the next: what a part waits for is that many steps back.
template <bool kTies>
void Tape::run_steps(const LaneNoise& noise, std::uint32_t row, std::uint32_t rows) {
  const auto ops = static_cast<std::uint32_t>(program_.ops.size());
  const std::uint64_t first = step_;
  const std::uint32_t first_in_block = in_block_;
  for (std::uint32_t k = 0; k < ops; ++k) {
    const Step& s = steps_[k];
    const std::uint32_t at_once = s.kind == Kind::line && !s.is_failing ? rows : 1;
    for (std::uint32_t done = 0; done < rows; done += at_once) {
      step_ = first + done;
      in_block_ = first_in_block + done;
      const double* const drawn = noise.rows_of(k) + std::size_t{row + done} * kLanes;
      switch (s.kind) {
        case Kind::line:
          run_line(k, drawn, at_once);
          break;
        case Kind::source:
          run_source<kTies>(k, drawn);
          break;
        case Kind::graph:
          run_graph<kTies>(k, drawn);
          break;
      }
    }
  }
  step_ = first;
  in_block_ = first_in_block + rows;
}

void Tape::note_exits() {
  const double from = span_.warmup;
  const double to = span_.horizon;
  for (Exit& exit : exits_) {
    const LaneOp& op = program_.ops[program_.arcs[exit.arc].from];
    if (step_ < op.out_lag()) continue;
    const std::uint64_t part = step_ - op.out_lag();
    const double* const leave = time(exit.arc, part);
    const std::size_t at = static_cast<std::size_t>(leave - times_.data());
    const double* const entry = program_.has_lag ? entries_.data() + at : taken(op.origin);
    if (program_.has_lag) exit.entered.insert(exit.entered.end(), entered_.data() + at, entered_.data() + at + kLanes);
    if (span_.parts != 0 && part >= span_.warmup_parts && part + 1 < span_.parts) {
      for (std::uint32_t l = 0; l < kLanes; ++l) exit.lead_sum[l] += leave[l] - entry[l];
      continue;
    }
    for (std::uint32_t l = 0; l < kLanes; ++l) {
      exit.latest[l] = leave[l];
      const bool is_before = span_.parts == 0 ? leave[l] <= from : part < span_.warmup_parts;
      const bool is_until = span_.parts == 0 ? leave[l] <= to : part < span_.parts;
      if (is_before) {
        exit.first[l] = part + 1;
        exit.first_time[l] = leave[l];
      }
      if (!is_until) continue;
      exit.last[l] = part + 1;
      exit.last_time[l] = leave[l];
      if (!is_before) exit.lead_sum[l] += leave[l] - entry[l];
    }
  }
}

bool Tape::is_over() const {
  if (span_.parts != 0) return step_ >= span_.parts;
  return std::all_of(exits_.begin(), exits_.end(), [&](const Exit& exit) {
    return std::all_of(exit.latest.begin(), exit.latest.end(), [&](double t) { return t > span_.horizon; });
  });
}

void Tape::tell(std::uint32_t op) {
  const LaneOp& described = program_.ops[op];
  if (step_ < described.out_lag()) return;
  const std::uint64_t part = step_ - described.out_lag();
  const double* const leave = time(described.out.back(), part);
  for (std::uint32_t r = 0; r < seeds_.count; ++r) {
    options_->on_departure({0, r, described.station, part, static_cast<std::int64_t>(leave[r])});
  }
}

Tape::Progress Tape::advance(const LaneNoise& noise, std::uint32_t rows) {
  const std::size_t of_step =
      program_.ops.size() * kLanes * sizeof(float) + (options_->follows_ties ? 2 : 1) * code_bytes_;
  for (std::uint32_t row = 0; row < rows;) {
    if (is_over()) return Progress::done;
    if (in_block_ == kBlockSteps) {
      if (of_step * (step_ + kBlockSteps) > kMostMemory) return Progress::too_long;
      begin_block();
    }
    std::uint32_t some = std::min(rows - row, steps_at_once_);
    if (span_.parts != 0) some = static_cast<std::uint32_t>(std::min<std::uint64_t>(some, span_.parts - step_));
    options_->follows_ties ? run_steps<true>(noise, row, some) : run_steps<false>(noise, row, some);
    for (const std::uint64_t end = step_ + some; step_ < end; ++step_) {
      note_exits();
      for (std::uint32_t k = 0; options_->on_departure && k < program_.ops.size(); ++k) tell(k);
    }
    row += some;
  }
  if (span_.parts != 0 && std::any_of(last_.data(), last_.data() + program_.ops.size() * kLanes,
                                      [](double t) { return t > kLongestTicks; })) {
    return Progress::too_long;
  }
  return is_over() ? Progress::done : Progress::going;
}

}  // namespace twin::detail
