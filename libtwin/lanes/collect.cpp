// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include <libtwin/core/time.hpp>
#include <libtwin/engine/detail/state_data.hpp>
#include <libtwin/lanes/detail/pack.hpp>

// From sums of times to what the event engine reports. A time in state is the sum of the times at which the state ended less
// that of the times at which it began, all brought to the measured span; rows not gone through lie wholly before or after it.
namespace twin::detail {

LanePack::Total LanePack::total(const std::uint64_t* sum, const std::uint64_t* before, const std::uint64_t* until,
                                std::uint64_t rows, std::uint32_t lane) const {
  const auto ticks = [](double biased) { return static_cast<std::uint64_t>(biased - kTimeBias); };
  const std::uint64_t start = ticks(doubles(layout_->from)[lane]);
  const std::uint64_t end = ticks(doubles(layout_->to)[lane]);
  Total t;
  t.sum = *sum - kTimeBiasBits * (rows - skipped_) + skipped_ * start + (row_ - rows) * end;
  t.before = skipped_ + *before;
  t.until = skipped_ + plain_ + *until;
  return t;
}

LanePack::Total LanePack::total_of(std::uint32_t op, unsigned which, std::uint32_t lane) const {
  const LaneOp& described = context_->program->ops[op];
  const std::uint64_t lag = which == 2 ? described.out_lag() : described.lag;
  const std::size_t lanes = layout_->lanes;
  const std::uint64_t* const counts = words(layout_->counts[op]) + lane;
  return total(words(layout_->sums[op]) + which * lanes + lane, counts + which * lanes, counts + (3 + which) * lanes,
               row_ - std::min(row_, lag), lane);
}

LanePack::Total LanePack::total_entering(std::uint32_t arc, std::uint32_t lane) const {
  const std::uint32_t op = context_->program->arcs[arc].from;
  const LaneOp& described = context_->program->ops[op];
  if (described.out.back() == arc) return total_of(op, 2, lane);
  const std::uint64_t* const counts = words(layout_->enter_counts[arc]) + lane;
  return total(words(layout_->enter_sums[arc]) + lane, counts, counts + layout_->lanes,
               row_ - std::min<std::uint64_t>(row_, described.out_lag()), lane);
}

void LanePack::collect(std::uint32_t lane, RunResult& result) const {
  const Plant& plant = *context_->plant;
  const double from = doubles(layout_->from)[lane];
  const double to = doubles(layout_->to)[lane];
  result.status = RunStatus::ok;
  result.station = kNone;
  result.last_event_s = (to - kTimeBias) / kTicksPerSecond;
  result.span_ticks = static_cast<std::int64_t>(to - from);
  result.marks.clear();
  result.lost = 0;
  result.stations.resize(plant.station_count);
  result.buffers.resize(plant.buffer_count);
  result.sinks.assign(plant.sink_count, SinkResult{});
  result.crews.assign(plant.crew_sizes.size(), CrewResult{});
  collect_stations(lane, result);
  collect_parts(lane, result);
  collect_buffers(lane, result);
  collect_loops(lane, result);
  if (context_->statistics == LaneStatistics::leads) {
    result.lead_ticks = leads_[lane];
  } else {
    result.lead_ticks.clear();
  }
}

void LanePack::collect_stations(std::uint32_t lane, RunResult& result) const {
  const Plant& plant = *context_->plant;
  result.operations = 0;
  for (std::uint32_t k = 0; k < context_->program->ops.size(); ++k) {
    const LaneOp& op = context_->program->ops[k];
    if (op.is_source) continue;
    const PlantStation& station = plant.stations[op.station];
    StationResult& out = result.stations[op.station];
    out = StationResult{};
    out.servers = station.servers;
    if (context_->statistics == LaneStatistics::throughput) {
      result.operations += row_;
      continue;
    }
    const Total take = total_of(k, 0, lane);
    const Total mid = total_of(k, 1, lane);
    const Total leave = total_of(k, 2, lane);
    const std::uint64_t down = station.failure_count != 0 ? words(layout_->down[k])[lane] : 0;
    const std::uint64_t first = mid.sum - take.sum;
    const std::uint64_t second = leave.sum - mid.sum;
    const auto set = [&](StationState state, std::uint64_t ticks) {
      out.state_ticks[static_cast<std::size_t>(state)] = static_cast<std::int64_t>(ticks);
    };
    set(StationState::busy, (station.starts_only_with_room ? second : first) - down);
    set(StationState::blocked, station.starts_only_with_room ? first : second);
    set(StationState::down, down);
    set(StationState::starved,
        station.servers * static_cast<std::uint64_t>(result.span_ticks) - (leave.sum - take.sum));
    const Total& ended = station.starts_only_with_room ? leave : mid;
    out.parts = ended.within();
    out.failures = station.failure_count != 0 ? words(layout_->failures[k])[lane] : 0;
    result.operations += ended.until;
  }
  result.events = result.operations;
}

void LanePack::collect_parts(std::uint32_t lane, RunResult& result) const {
  const Plant& plant = *context_->plant;
  const LaneProgram& program = *context_->program;
  const bool has_all = context_->statistics != LaneStatistics::throughput;
  result.created = result.good = result.scrapped = result.consumed = 0;
  Wide area = 0;
  std::uint64_t initial = 0;
  std::uint64_t final = 0;
  std::uint64_t lead_sum = 0;
  std::uint64_t low = 0;
  const auto come = [&](const Total& t, std::uint64_t each) {
    result.created += each * t.within();
    initial += each * t.before;
    final += each * t.until;
    low -= each * t.sum;
  };
  for (std::uint32_t k = 0; k < program.ops.size() && has_all; ++k) {
    const LaneOp& op = program.ops[k];
    const Total take = total_of(k, 0, lane);
    if (op.is_source || op.supply_count != 0) come(take, op.is_source ? 1 : op.supply_count);
    if (op.out.size() > 1) come(total_of(k, 1, lane), op.out.size() - 1);
    if (!op.is_source && op.ways_in() > 1) {
      const std::uint64_t each = op.ways_in() - 1;
      result.consumed += each * take.within();
      initial -= each * take.before;
      final -= each * take.until;
      low += each * take.sum;
    }
  }
  for (std::uint32_t a = 0; a < program.arcs.size(); ++a) {
    const LaneArc& arc = program.arcs[a];
    if (arc.to != kNone) continue;
    const PlantStore& store = plant.stores[arc.store];
    const Total exits = total_entering(a, lane);
    result.sinks[store.index].parts = exits.within();
    (store.is_good ? result.good : result.scrapped) += exits.within();
    initial -= exits.before;
    final -= exits.until;
    low += exits.sum;
    if (store.is_good) lead_sum += words(layout_->leads[a])[lane];
  }
  area = low;
  const auto span = static_cast<double>(result.span_ticks);
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  result.initial_wip = has_all ? initial : 0;
  result.final_wip = has_all ? final : 0;
  result.wip_area_low = has_all ? static_cast<std::uint64_t>(area) : 0;
  result.wip_area_high = 0;
  result.mean_wip = has_all ? static_cast<double>(area) / span : nothing;
  result.mean_lead_s = has_all && result.good != 0
                           ? static_cast<double>(lead_sum) / static_cast<double>(result.good) / kTicksPerSecond
                           : nothing;
}

void LanePack::collect_buffers(std::uint32_t lane, RunResult& result) const {
  const Plant& plant = *context_->plant;
  const LaneProgram& program = *context_->program;
  const auto span = static_cast<double>(result.span_ticks);
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  const bool has_all = context_->statistics != LaneStatistics::throughput;
  for (BufferResult& buffer : result.buffers) buffer = BufferResult{nothing, nothing, 0, 0};
  for (std::uint32_t a = 0; a < program.arcs.size() && has_all; ++a) {
    const LaneArc& arc = program.arcs[a];
    const PlantStore& store = plant.stores[arc.store];
    if (store.kind != StoreKind::buffer) continue;
    const Total enter = total_entering(a, lane);
    const Total take = total_of(arc.to, 0, lane);
    const std::uint64_t area = take.sum - enter.sum;
    const std::uint64_t occupied = total_of(arc.to, 2, lane).sum - take.sum;
    BufferResult& buffer = result.buffers[store.index];
    buffer.parts = take.within();
    buffer.final_level = static_cast<std::uint32_t>(enter.until - take.until);
    buffer.mean_level = static_cast<double>(store.machine_places != 0 ? area + occupied : area) / span;
    buffer.mean_wait_s =
        buffer.parts != 0 ? static_cast<double>(area) / static_cast<double>(buffer.parts) / kTicksPerSecond : nothing;
  }
}

// A part is in the loop from when it is taken with a card until it leaves the last station, or is taken out of the last buffer.
void LanePack::collect_loops(std::uint32_t lane, RunResult& result) const {
  const LaneProgram& program = *context_->program;
  const auto span = static_cast<double>(result.span_ticks);
  const bool has_all = context_->statistics != LaneStatistics::throughput;
  result.loops.assign(program.loops.size(), LoopResult{std::numeric_limits<double>::quiet_NaN()});
  for (std::size_t l = 0; l < program.loops.size() && has_all; ++l) {
    const LaneLoop& loop = program.loops[l];
    const std::uint64_t back = total_of(loop.to, loop.ends_at_take ? 0 : 2, lane).sum;
    result.loops[l].mean_in_use = static_cast<double>(back - total_of(loop.from, 0, lane).sum) / span;
  }
}

}  // namespace twin::detail
