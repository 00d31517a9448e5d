// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include <libtwin/core/time.hpp>
#include <libtwin/lanes/detail/tape.hpp>

namespace twin::detail {
namespace {

void clear(LaneMemory& memory, std::size_t size) {
  memory.resize(size);
  std::fill_n(memory.data(), size, 0.0);
}

/// Of equal arguments one by chance, each decision for itself: a bit of `chance` says whether the first or the last.
void mix_codes(const std::uint8_t* first, const std::uint8_t* last, bool is_line, std::uint64_t chance,
               std::uint8_t* mixed) {
  if (is_line) {
    for (unsigned k = 0; k < kLineCodes; ++k) {
      mixed[k] = static_cast<std::uint8_t>(first[k] ^ ((first[k] ^ last[k]) & (chance >> 8 * k)));
    }
    return;
  }
  for (unsigned l = 0; l < kTapeLanes; ++l, chance = mix(chance)) {
    TapeCode a;
    TapeCode b;
    std::memcpy(&a, first + l * sizeof a, sizeof a);
    std::memcpy(&b, last + l * sizeof b, sizeof b);
    // Which way in decided is one number, not bits.
    const std::uint64_t bits = (chance & ~std::uint64_t{15}) | ((chance & 1) != 0 ? 15 : 0);
    a = static_cast<TapeCode>(a ^ ((a ^ b) & bits));
    std::memcpy(mixed + l * sizeof a, &a, sizeof a);
  }
}

}  // namespace

// Of every time: how much the throughput and the sum of the lead times change with it. A maximum passes that on to the
// argument that decided, a sum to all its terms (reverse accumulation; Griewank and Walther 2008, Evaluating Derivatives).
void Tape::sweep() {
  const std::size_t ops = program_.ops.size();
  const std::size_t modes = plant_.failures.size();
  const std::size_t sides = options_->follows_ties ? 2 : 1;
  clear(by_op_, sides * ops * kAdjoints);
  clear(by_repair_, sides * modes * kAdjoints);
  if (program_.has_lag) count_entries();
  for (Exit& exit : exits_) {
    exit.all_from = *std::max_element(exit.first.begin(), exit.first.end());
    exit.all_until = *std::min_element(exit.last.begin(), exit.last.end());
  }
  for (std::size_t side = 0; side < sides; ++side) {
    op_sums_ = by_op_.data() + side * ops * kAdjoints;
    repair_sums_ = by_repair_.data() + side * modes * kAdjoints;
    sweep_side(side == 1);
  }
}

// How many counted parts came in as part so and so of their way in.
void Tape::count_entries() {
  entry_counts_.resize(program_.ops.size());
  for (auto& counts : entry_counts_) counts.clear();
  for (const Exit& exit : exits_) {
    auto& counts = entry_counts_[program_.ops[program_.arcs[exit.arc].from].origin];
    counts.resize((step_ + 1) * kLanes, 0);
    for (std::uint32_t l = 0; l < kLanes; ++l) {
      for (std::uint64_t part = exit.first[l]; part < exit.last[l]; ++part) {
        ++counts[std::size_t{exit.entered[part * kLanes + l]} * kLanes + l];
      }
    }
  }
}

void Tape::sweep_side(bool by_chance) {
  const std::size_t ops = program_.ops.size();
  clear(adjoints_, rows_ * kAdjoints);
  clear(scratch_, kAdjoints + std::size_t{steps_at_once_} * kLanes);
  chains_.assign(ops * kAdjoints, 0.0);
  held_.assign(ops * kAdjoints, 0.0);
  pending_.assign(program_.has_lag ? ops * kLanes : 0, {});
  next_repair_.resize(ops);
  for (std::size_t k = 0; k < ops; ++k) next_repair_[k] = repairs_[k].size();
  backs_.assign(ops, {});
  for (std::uint32_t k = 0; k < ops; ++k) {
    if (steps_[k].kind == Kind::line) backs_[k] = line_back(k);
  }
  const std::uint64_t steps = step_;
  while (step_ > 0) {
    const std::uint64_t first = (step_ - 1) / steps_at_once_ * steps_at_once_;
    const auto rows = static_cast<std::uint32_t>(step_ - first);
    step_ = first;
    fetch_steps_before(first);
    back_steps(rows, by_chance);
  }
  step_ = steps;
}

// No processor guesses in time that memory is read backwards in pieces.
void Tape::fetch_steps_before(std::uint64_t step) const {
  if (step < steps_at_once_) return;
  const std::uint64_t first = step - steps_at_once_;
  const std::size_t of_step = program_.ops.size() * kLanes;
  const float* const work = blocks_[first / kBlockSteps].work.data() + first % kBlockSteps * of_step;
  constexpr std::size_t kLine = 64 / sizeof(float);
  for (std::size_t i = 0; i < steps_at_once_ * of_step; i += kLine) __builtin_prefetch(work + i);
}

// The steps from `step_` on, backwards: all of one operation before those of the one in front of it.
void Tape::back_steps(std::uint32_t rows, bool by_chance) {
  const std::uint64_t first = step_;
  const std::size_t ops = program_.ops.size();
  for (std::uint32_t row = 0; row < rows; ++row) seed(first + row);
  for (auto k = static_cast<std::uint32_t>(ops); k-- > 0;) {
    if (steps_[k].kind == Kind::line && !steps_[k].is_failing) {
      const TapeBlock& block = blocks_[first / kBlockSteps];
      const std::size_t in_block = first % kBlockSteps;
      const float* const work = block.work.data() + (in_block * ops + k) * kLanes;
      const std::size_t code = in_block * code_bytes_ + steps_[k].first_code;
      if (!by_chance) {
        back_line(k, rows, work, block.codes.data() + code, code_bytes_);
        continue;
      }
      std::array<std::uint8_t, kMostStepsAtOnce * kLineCodes> mixed;
      for (std::uint32_t row = 0; row < rows; ++row) {
        const std::size_t at = code + row * code_bytes_;
        mix_codes(block.codes.data() + at, block.tie_codes.data() + at, true, mix((first + row) * ops + k),
                  mixed.data() + std::size_t{row} * kLineCodes);
      }
      back_line(k, rows, work, mixed.data(), kLineCodes);
      continue;
    }
    for (step_ = first + rows; step_-- > first;) back_step(k, by_chance);
    step_ = first;
  }
}

void Tape::back_step(std::uint32_t k, bool by_chance) {
  const std::size_t ops = program_.ops.size();
  const TapeBlock& block = blocks_[step_ / kBlockSteps];
  const std::size_t at = (step_ % kBlockSteps * ops + k) * kLanes;
  const float* const work = block.work.data() + at;
  const bool is_line = steps_[k].kind == Kind::line;
  const std::size_t code = step_ % kBlockSteps * code_bytes_ + steps_[k].first_code;
  std::array<std::uint8_t, kGraphCodes> mixed;
  const std::uint8_t* bytes = block.codes.data() + code;
  if (by_chance) {
    mix_codes(bytes, block.tie_codes.data() + code, is_line, mix(step_ * ops + k), mixed.data());
    bytes = mixed.data();
  }
  if (is_line) return back_line(k, 1, work, bytes, 0);
  TapeCode codes[kLanes];
  std::memcpy(codes, bytes, sizeof codes);
  if (steps_[k].kind == Kind::source) return back_source(k, work, codes);
  back_graph(k, work, codes, program_.has_lag ? block.started.data() + at : nullptr);
}

// What the numbers asked for depend on at once.
void Tape::seed(std::uint64_t step) {
  for (const Exit& exit : exits_) {
    const std::uint64_t lag = program_.ops[program_.arcs[exit.arc].from].out_lag();
    if (step < lag) continue;
    const std::uint64_t part = step - lag;
    double* const a = adjoint(exit.arc, part);
    if (part >= exit.all_from && part + 1 < exit.all_until) {
      for (std::uint32_t l = 0; l < kLanes; ++l) a[kLanes + l] += 1;
      continue;
    }
    for (std::uint32_t l = 0; l < kLanes; ++l) {
      if (part >= exit.first[l] && part < exit.last[l]) a[kLanes + l] += 1;
      if (part + 1 != exit.last[l] && part + 1 != exit.first[l]) continue;
      const double span = exit.last_time[l] - exit.first_time[l];
      if (exit.last[l] == exit.first[l] || !(span > 0)) continue;
      const double weight = static_cast<double>(exit.last[l] - exit.first[l]) / (span * span);
      a[l] += part + 1 == exit.last[l] ? -weight : weight;
    }
  }
}

// The lead times are counted from here.
void Tape::add_entries(std::uint32_t op, std::uint64_t part, double* lead) {
  if (program_.has_lag) {
    const auto& counts = entry_counts_[op];
    if (counts.size() < (part + 1) * kLanes) return;
    for (std::uint32_t l = 0; l < kLanes; ++l) lead[l] -= counts[part * kLanes + l];
    return;
  }
  for (const Exit& exit : exits_) {
    if (program_.ops[program_.arcs[exit.arc].from].origin != op) continue;
    if (part >= exit.all_from && part < exit.all_until) {
      for (std::uint32_t l = 0; l < kLanes; ++l) lead[l] -= 1;
      continue;
    }
    for (std::uint32_t l = 0; l < kLanes; ++l) lead[l] -= part >= exit.first[l] && part < exit.last[l] ? 1 : 0;
  }
}

void Tape::back_repairs(std::uint32_t op, std::uint64_t part, const double* finish) {
  const auto& list = repairs_[op];
  std::size_t& next = next_repair_[op];
  while (next > 0 && list[next - 1].part >= part) {
    const TapeRepair& repair = list[--next];
    if (repair.part != part) continue;
    double* const sums = repair_sums_ + std::size_t{repair.mode} * kAdjoints;
    for (std::uint32_t side = 0; side < kSides; ++side) {
      const std::uint32_t i = side * kLanes + repair.lane;
      sums[i] += finish[i] * repair.ticks;
    }
  }
}

BackRows Tape::line_back(std::uint32_t op) {
  const Step& s = steps_[op];
  BackRows r;
  r.work_step = program_.ops.size() * kLanes;
  if (s.room.node != kNone) {
    r.room = adjoint(s.room.node, 0);
    r.room_mask = nodes_[s.room.node].mask;
  }
  r.sums = op_sums_ + std::size_t{op} * kAdjoints;
  r.finish = s.is_failing ? scratch_.data() : nullptr;
  r.entered = s.is_entry ? scratch_.data() + kAdjoints : nullptr;
  return r;
}

void Tape::back_line(std::uint32_t op, std::uint32_t rows, const float* work, const std::uint8_t* codes,
                     std::size_t code_step) {
  const Step& s = steps_[op];
  BackRows& r = backs_[op];
  r.rows = rows;
  r.work = work;
  r.codes = codes;
  r.code_step = code_step;
  r.mine = adjoint(s.out, step_);
  r.before = adjoint(s.out, step_ - 1);
  r.arrive = s.in == kNone ? nullptr : adjoint(s.in, step_);
  r.room_row = step_ - s.room.lag;
  if (s.is_entry) {
    double* const entered = scratch_.data() + kAdjoints;
    std::fill_n(entered, std::size_t{rows} * kLanes, 0.0);
    for (std::uint32_t row = 0; row < rows; ++row) add_entries(op, step_ + row, entered + row * kLanes);
  }
  kernel_->back(r);
  if (s.is_failing) back_repairs(op, step_, scratch_.data());
}

void Tape::back_source(std::uint32_t op, const float* work, const TapeCode* codes) {
  const Step& s = steps_[op];
  const std::uint64_t lag = program_.ops[op].lag;
  if (step_ < lag) return;
  const std::uint64_t part = step_ - lag;
  double* const mine = adjoint(s.out, part);
  double* const chain = chains_.data() + std::size_t{op} * kAdjoints;
  double* const sums = op_sums_ + std::size_t{op} * kAdjoints;
  for (std::uint32_t i = 0; i < kAdjoints; ++i) {
    if (s.room.node != kNone && (codes[i % kLanes] >> kFirstRoom & 1U) != 0) {
      adjoint(s.room.node, part - s.room.lag)[i] += mine[i];
    } else {
      chain[i] += mine[i];
    }
    mine[i] = 0;
  }
  add_entries(op, part, chain + kLanes);
  for (std::uint32_t i = 0; i < kAdjoints; ++i) sums[i] += chain[i] * static_cast<double>(work[i % kLanes]);
}

void Tape::back_graph(std::uint32_t op, const float* work, const TapeCode* codes, const std::uint32_t* started) {
  const Step& s = steps_[op];
  const LaneOp& described = program_.ops[op];
  if (step_ < described.lag) return;
  const std::uint64_t part = step_ - described.lag;
  const std::uint32_t servers = described.servers;
  double finish[kAdjoints] = {};
  if (s.is_deferred) {
    double* const held = held_.data() + std::size_t{op} * kAdjoints;
    std::copy(held, held + kAdjoints, finish);
    std::fill(held, held + kAdjoints, 0.0);
  } else if (part + 1 >= servers) {
    // Of the ways out, a later one waits for the room of those before it too.
    const std::uint64_t leaving = part + 1 - servers;
    for (auto o = static_cast<std::uint32_t>(described.out.size()); o-- > 0;) {
      double* const mine = adjoint(described.out[o], leaving);
      const Room& rule = arc_rooms_[described.out[o]];
      for (std::uint32_t i = 0; i < kAdjoints; ++i) {
        finish[i] += mine[i];
        mine[i] = 0;
        if ((codes[i % kLanes] >> (kFirstRoom + o) & 1U) == 0) continue;
        adjoint(rule.node, leaving - rule.lag)[i] += finish[i];
        finish[i] = 0;
      }
    }
  }
  if (servers > 1) {
    for (std::uint32_t l = 0; l < kLanes; ++l) {
      auto& list = pending_[std::size_t{op} * kLanes + l];
      if (part + 1 >= servers) list.push_back({started[l], {finish[l], finish[kLanes + l]}});
      finish[l] = finish[kLanes + l] = 0;
      for (std::size_t k = 0; k < list.size(); ++k) {
        if (list[k].first != part) continue;
        finish[l] = list[k].second[0];
        finish[kLanes + l] = list[k].second[1];
        list[k] = list.back();
        list.pop_back();
        break;
      }
    }
  }
  double* const sums = op_sums_ + std::size_t{op} * kAdjoints;
  for (std::uint32_t i = 0; i < kAdjoints; ++i) sums[i] += finish[i] * static_cast<double>(work[i % kLanes]);
  if (s.is_failing) back_repairs(op, part, finish);
  if (s.start_room.node != kNone) {
    for (std::uint32_t i = 0; i < kAdjoints; ++i) {
      if ((codes[i % kLanes] >> kRoomBefore & 1U) == 0) continue;
      adjoint(s.start_room.node, part - s.start_room.lag)[i] += finish[i];
      finish[i] = 0;
    }
  }
  double* const take = adjoint(take_node(op), part);
  for (std::uint32_t i = 0; i < kAdjoints; ++i) {
    finish[i] += take[i];
    take[i] = 0;
  }
  for (const std::uint32_t arc : described.in) {
    if (!steps_[program_.arcs[arc].from].is_deferred) continue;
    double* const left = adjoint(arc, part);
    for (std::uint32_t i = 0; i < kAdjoints; ++i) {
      finish[i] += left[i];
      left[i] = 0;
    }
  }
  if (s.is_entry) add_entries(op, part, finish + kLanes);
  for (std::uint32_t i = 0; i < kAdjoints; ++i) {
    const std::uint32_t why = codes[i % kLanes] & 15U;
    if (why == 0) {
      if (part >= servers) adjoint(s.out, part - servers)[i] += finish[i];
      continue;
    }
    const std::uint32_t arc = described.in[why - 1];
    const std::uint32_t from = program_.arcs[arc].from;
    (steps_[from].is_deferred ? held_.data() + std::size_t{from} * kAdjoints : adjoint(arc, part))[i] += finish[i];
  }
}

RunGradient Tape::collect(std::uint32_t lane) const {
  RunGradient out;
  double lead_sum = 0;
  for (const Exit& exit : exits_) {
    const std::uint64_t n = exit.last[lane] - exit.first[lane];
    const double span = exit.last_time[lane] - exit.first_time[lane];
    out.good += n;
    if (n != 0 && span > 0) out.throughput_per_s += static_cast<double>(n) / span * kTicksPerSecond;
    lead_sum += exit.lead_sum[lane];
  }
  if (out.good == 0) {
    out.status = GradientStatus::no_part;
    return out;
  }
  const auto n = static_cast<double>(out.good);
  out.mean_lead_s = lead_sum / n / kTicksPerSecond;
  const auto fill = [&](const LaneMemory& all, std::size_t count, std::vector<PathDerivative>& throughput,
                        std::vector<PathDerivative>& lead) {
    const std::size_t other = options_->follows_ties ? count * kAdjoints : 0;
    for (std::size_t k = 0; k < count; ++k) {
      const double* const at = all.data() + k * kAdjoints + lane;
      throughput.push_back({at[0] * kTicksPerSecond, at[other] * kTicksPerSecond});
      lead.push_back({at[kLanes] / n / kTicksPerSecond, at[kLanes + other] / n / kTicksPerSecond});
    }
  };
  fill(by_op_, program_.ops.size(), out.throughput_by_op, out.lead_by_op);
  fill(by_repair_, plant_.failures.size(), out.throughput_by_repair, out.lead_by_repair);
  return out;
}

}  // namespace twin::detail
