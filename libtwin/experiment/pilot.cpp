// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/pilot.hpp>

#include <algorithm>

#include <libtwin/core/time.hpp>
#include <libtwin/stats/warmup.hpp>

namespace twin::detail {

void LeadTimes::write(std::span<const TraceRecord> records) {
  for (const TraceRecord& record : records) {
    const TraceKind kind = record.kind();
    if (kind == TraceKind::state || kind == TraceKind::lose) continue;
    if (record.value >= entered_.size()) entered_.resize(record.value + std::size_t{64}, -1);
    std::int64_t& entered = entered_[record.value];
    // Not only `create`: parts that a process makes first show when they move.
    if (entered < 0 || kind == TraceKind::create || kind == TraceKind::supply) entered = record.ticks();
    if (kind == TraceKind::sink && plant_.stores[record.element].is_good)
      add_lead(record.ticks() - entered, record.ticks());
    // The number of a part that has ended is given to a new one.
    if (kind == TraceKind::sink || kind == TraceKind::scrap || kind == TraceKind::consume) entered = -1;
  }
}

void LeadTimes::add_lead(std::int64_t ticks, std::int64_t now) {
  sum_s_ += SimTime::from_ticks(ticks).seconds();
  if (++in_group_ < group_) return;
  series_.push_back(sum_s_ / static_cast<double>(group_));
  left_s_.push_back(SimTime::from_ticks(now).seconds());
  sum_s_ = 0;
  in_group_ = 0;
  if (series_.size() == kMost) halve();
}

void LeadTimes::halve() {
  for (std::size_t i = 0; i < kMost / 2; ++i) {
    series_[i] = (series_[2 * i] + series_[2 * i + 1]) / 2;
    left_s_[i] = left_s_[2 * i + 1];
  }
  series_.resize(kMost / 2);
  left_s_.resize(kMost / 2);
  group_ *= 2;
}

std::optional<double> pilot_warmup_s(PlantState& state, RunInput input, std::uint64_t pilot) {
  LeadTimes leads(state.plant());
  input.warmup_s = 0;
  input.marks = 0;
  input.replication = kFirstPilot + pilot;
  input.trace = &leads;
  if (run(state, input).status != RunStatus::ok) return {};
  const std::optional<std::size_t> cut = mser5(leads.series());
  if (!cut) return {};
  return *cut == 0 ? 0.0 : leads.left_s(*cut - 1);
}

Warmup summarise_pilots(std::span<const std::optional<double>> pilots, double horizon_s) {
  Warmup warmup;
  std::size_t found = 0;
  for (const std::optional<double>& pilot : pilots) {
    if (!pilot) continue;
    ++found;
    warmup.seconds = std::max(warmup.seconds, *pilot);
  }
  const std::string counts = std::to_string(found) + " of " + std::to_string(pilots.size()) + " pilot runs";
  warmup.was_found = 2 * found > pilots.size() && warmup.seconds <= horizon_s / 2;
  if (warmup.was_found) {
    warmup.note = "MSER-5 found a steady state in " + counts + "; the longest warm-up counts";
  } else {
    warmup.seconds = horizon_s / 2;
    warmup.note = "MSER-5 found a steady state within the first half of the horizon in only " + counts +
                  "; half of the horizon is left out, and a longer one would be better";
  }
  return warmup;
}

}  // namespace twin::detail
