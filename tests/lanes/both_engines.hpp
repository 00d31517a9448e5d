// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>
#include <libtwin/lanes/runner.hpp>
#include <tests/support/catch.hpp>

/// The central test of the library: one plant, one set of draws, two engines, the same bits.
namespace twin::test {

/// What differs between two runs, in words; empty when nothing does. `events` is not compared: timers are of one engine only.
inline std::string difference(const RunResult& a, const RunResult& b,
                              LaneStatistics statistics = LaneStatistics::leads) {
  const auto same = [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y) || (x != x && y != y);
  };
  const auto say = [](const std::string& what, auto x, auto y) {
    return what + ": " + std::to_string(x) + " and " + std::to_string(y);
  };
#define TWIN_SAME(field) \
  if (a.field != b.field) return say(#field, a.field, b.field)
#define TWIN_SAME_NUMBER(field) \
  if (!same(a.field, b.field)) return say(#field, a.field, b.field)
  if (a.status != b.status) return say("status", static_cast<int>(a.status), static_cast<int>(b.status));
  TWIN_SAME(span_ticks);
  TWIN_SAME(good);
  TWIN_SAME(scrapped);
  for (std::size_t k = 0; k < a.sinks.size(); ++k) {
    if (a.sinks[k].parts != b.sinks[k].parts) return say("sink", a.sinks[k].parts, b.sinks[k].parts);
  }
  if (statistics == LaneStatistics::throughput) return "";
  for (std::size_t k = 0; k < a.stations.size(); ++k) {
    const StationResult& x = a.stations[k];
    const StationResult& y = b.stations[k];
    const std::string id = "station " + std::to_string(k) + " ";
    for (std::size_t s = 0; s < kStationStates; ++s) {
      if (x.state_ticks[s] != y.state_ticks[s])
        return say(id + std::string(enum_names(StationState{})[s]), x.state_ticks[s], y.state_ticks[s]);
    }
    if (x.parts != y.parts) return say(id + "parts", x.parts, y.parts);
    if (x.failures != y.failures) return say(id + "failures", x.failures, y.failures);
    if (x.scrapped != y.scrapped || x.servers != y.servers) return id + "scrap or servers";
  }
  for (std::size_t k = 0; k < a.buffers.size(); ++k) {
    const BufferResult& x = a.buffers[k];
    const BufferResult& y = b.buffers[k];
    const std::string id = "buffer " + std::to_string(k) + " ";
    if (x.parts != y.parts) return say(id + "parts", x.parts, y.parts);
    if (x.final_level != y.final_level) return say(id + "final level", x.final_level, y.final_level);
    if (!same(x.mean_level, y.mean_level)) return say(id + "level", x.mean_level, y.mean_level);
    if (!same(x.mean_wait_s, y.mean_wait_s)) return say(id + "wait", x.mean_wait_s, y.mean_wait_s);
  }
  for (std::size_t k = 0; k < a.crews.size(); ++k) {
    if (!same(a.crews[k].utilization, b.crews[k].utilization)) return "crew";
  }
  for (std::size_t k = 0; k < a.loops.size(); ++k) {
    if (!same(a.loops[k].mean_in_use, b.loops[k].mean_in_use)) return "loop " + std::to_string(k);
  }
  TWIN_SAME(created);
  TWIN_SAME(consumed);
  TWIN_SAME(lost);
  TWIN_SAME(initial_wip);
  TWIN_SAME(final_wip);
  TWIN_SAME(wip_area_low);
  TWIN_SAME(wip_area_high);
  TWIN_SAME_NUMBER(mean_wip);
  TWIN_SAME_NUMBER(mean_lead_s);
  TWIN_SAME(operations);
  for (int p = 1; statistics == LaneStatistics::leads && p < 100; ++p) {
    const double x = a.lead_quantile_s(p / 100.0);
    const double y = b.lead_quantile_s(p / 100.0);
    if (!same(x, y)) return say("lead quantile", x, y);
  }
#undef TWIN_SAME
#undef TWIN_SAME_NUMBER
  return "";
}

/// By station, the times at which parts left it, in order.
using Departures = std::map<std::uint32_t, std::vector<std::int64_t>>;

class DepartureTrace : public TraceSink {
 public:
  explicit DepartureTrace(const Plant& plant) : plant_(plant) {}
  Departures of;

 private:
  void write(std::span<const TraceRecord> records) override {
    for (const TraceRecord& r : records) {
      if (r.kind() != TraceKind::depart) continue;
      of[plant_.leaves[r.element].station].push_back(r.ticks());
    }
  }
  const Plant& plant_;
};

/// What differs between the two engines for some replications of a run; empty when nothing does.
inline std::string difference(const Plant& plant, const LaneProgram& program, const RunInput& input,
                              std::uint32_t replications, const LaneOptions& options = {}) {
  LaneRunner runner(plant, program);
  PlantState state(plant);
  std::vector<RunResult> expected;
  for (std::uint32_t r = 0; r < replications; ++r) {
    RunInput one = input;
    one.replication = input.replication + r;
    expected.push_back(run(state, one));
  }
  std::string found;
  std::uint32_t seen = 0;
  const LaneJob job{input, replications};
  runner.run(
      std::span(&job, 1),
      [&](std::size_t, std::uint32_t r, const RunResult& result) {
        ++seen;
        if (found.empty()) {
          found = difference(expected[r], result, options.statistics);
          if (!found.empty()) found = "replication " + std::to_string(r) + ": " + found;
        }
      },
      options);
  if (found.empty() && seen != replications) found = std::to_string(seen) + " runs reported";
  return found;
}

/// The same for departure times. Counts in `compared` when the recursion held for the run.
inline std::string departure_difference(const Plant& plant, const LaneProgram& program, const RunInput& input,
                                        int& compared) {
  PlantState state(plant);
  DepartureTrace trace(plant);
  RunInput traced = input;
  traced.trace = &trace;
  const RunResult& expected = run(state, traced);
  const auto end = static_cast<std::int64_t>(expected.last_event_s * 16777216.0);
  Departures there;
  LaneOptions options;
  options.on_departure = [&](const LaneDeparture& d) {
    if (d.ticks <= end) there[d.station].push_back(d.ticks);
  };
  const LaneJob job{input, 1};
  LaneRunner runner(plant, program);
  runner.run(
      std::span(&job, 1), [](std::size_t, std::uint32_t, const RunResult&) {}, options);
  if (there.empty()) return "";
  ++compared;
  for (auto& [station, times] : trace.of) {
    // A disassembly departs once for each way out; its last part is the one that frees it.
    const std::uint32_t ways = plant.stations[station].outlet_count;
    if (ways > 1) continue;
    std::vector<std::int64_t>& ours = there[station];
    while (!times.empty() && times.back() > end) times.pop_back();
    if (times != ours) {
      std::size_t k = 0;
      while (k < times.size() && k < ours.size() && times[k] == ours[k]) ++k;
      return "station " + std::to_string(station) + " differs at departure " + std::to_string(k) + " of " +
             std::to_string(times.size()) + " and " + std::to_string(ours.size());
    }
  }
  return "";
}

}  // namespace twin::test
