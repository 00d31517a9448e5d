// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>
#include <libtwin/model/factory.hpp>
#include <libtwin/model/units.hpp>
#include <tests/support/catch.hpp>

/// What the tests of the engine share: runs of small factories with whole seconds, and their traces in words.
namespace twin::test {

/// Keeps every record.
class Recorder : public TraceSink {
 public:
  std::vector<TraceRecord> records;

 private:
  void write(std::span<const TraceRecord> block) override { records.insert(records.end(), block.begin(), block.end()); }
};

/// Operation times from lists, one list a station, used in turn; 1 s when a list is at its end.
struct Times {
  std::map<std::uint32_t, std::vector<double>> of_station;
  std::map<std::uint32_t, std::size_t> used;

  static double next(void* context, const RunView&, StationId station, const PartView&, Stream&) {
    auto& self = *static_cast<Times*>(context);
    const auto it = self.of_station.find(station.index);
    if (it == self.of_station.end()) return 1;
    const std::size_t k = self.used[station.index]++;
    return k < it->second.size() ? it->second[k] : 1;
  }
  [[nodiscard]] ProcessTimeRule rule() { return {&Times::next, this}; }
};

/// Everything that must hold of any run that reached its measured span.
inline void check_books(const Compiled& compiled, const RunResult& r) {
  for (std::size_t k = 0; k < r.stations.size(); ++k) {
    std::int64_t sum = 0;
    for (const std::int64_t ticks : r.stations[k].state_ticks) {
      CHECK(ticks >= 0);
      sum += ticks;
    }
    INFO(compiled.names.stations[k]);
    CHECK(sum == r.span_ticks * static_cast<std::int64_t>(r.stations[k].servers));
  }
  CHECK(r.initial_wip + r.created == r.good + r.scrapped + r.consumed + r.final_wip);
  std::uint64_t in_sinks = 0;
  for (const SinkResult& sink : r.sinks) in_sinks += sink.parts;
  std::uint64_t destroyed = 0;
  for (const StationResult& station : r.stations) destroyed += station.scrapped;
  CHECK(in_sinks + destroyed == r.good + r.scrapped);
  CHECK(r.lead_ticks.count() == r.good);
}

struct Outcome {
  Compiled compiled;
  RunResult result;
  std::vector<TraceRecord> records;

  [[nodiscard]] bool is_of(std::uint32_t leaf, const std::string& station, std::uint32_t server) const {
    const PlantStation& s = compiled.plant.stations[compiled.station(station).index];
    return leaf == s.first_leaf + server;
  }

  /// Times at which parts left a server [s].
  [[nodiscard]] std::vector<double> times(TraceKind kind, const std::string& station, std::uint32_t server = 0) const {
    std::vector<double> out;
    for (const TraceRecord& r : records) {
      if (r.kind() == kind && is_of(r.element, station, server)) {
        out.push_back(static_cast<double>(r.ticks()) / kTicksPerSecond);
      }
    }
    return out;
  }
  [[nodiscard]] std::vector<double> departures(const std::string& station, std::uint32_t server = 0) const {
    return times(TraceKind::depart, station, server);
  }

  /// Times at which parts ended in a sink, and which parts.
  [[nodiscard]] std::vector<double> into(const std::string& sink) const {
    std::vector<double> out;
    const std::uint32_t store = compiled.plant.sink_stores[compiled.sink(sink).index];
    for (const TraceRecord& r : records) {
      if (r.kind() == TraceKind::sink && r.element == store) {
        out.push_back(static_cast<double>(r.ticks()) / kTicksPerSecond);
      }
    }
    return out;
  }

  /// The states of a server that lasted: `0 busy, 7 down, 9 busy`.
  [[nodiscard]] std::string states(const std::string& station, std::uint32_t server = 0) const {
    const bool is_process = compiled.plant.stations[compiled.station(station).index].kind == PlantStationKind::process;
    const StationState first = is_process ? StationState::idle : StationState::starved;
    std::vector<std::pair<std::int64_t, std::uint32_t>> steps{{0, static_cast<std::uint32_t>(first)}};
    for (const TraceRecord& r : records) {
      if (r.kind() != TraceKind::state || !is_of(r.element, station, server)) continue;
      if (steps.back().first == r.ticks()) steps.pop_back();
      if (steps.empty() || steps.back().second != r.value) steps.emplace_back(r.ticks(), r.value);
    }
    std::ostringstream out;
    for (std::size_t k = 0; k < steps.size(); ++k) {
      out << (k == 0 ? "" : ", ") << static_cast<double>(steps[k].first) / kTicksPerSecond << ' '
          << enum_names(StationState{})[steps[k].second];
    }
    return out.str();
  }

  [[nodiscard]] const StationResult& station(const std::string& name) const {
    return result.stations[compiled.station(name).index];
  }
  [[nodiscard]] const BufferResult& buffer(const std::string& name) const {
    return result.buffers[compiled.buffer(name).index];
  }
  [[nodiscard]] double seconds(const std::string& name, StationState state) const {
    return static_cast<double>(station(name).state_ticks[static_cast<std::size_t>(state)]) / kTicksPerSecond;
  }
};

/// Runs a factory once with a trace, and checks the books.
inline Outcome simulate(const Factory& factory, RunInput input, const CompileOptions& options = {}) {
  Outcome out;
  out.compiled = compile(factory, options);
  Recorder recorder;
  input.trace = &recorder;
  PlantState state(out.compiled.plant);
  out.result = run(state, input);
  out.records = recorder.records;
  check_books(out.compiled, out.result);
  return out;
}
inline Outcome simulate(const Factory& factory, double horizon_s, const CompileOptions& options = {}) {
  RunInput input;
  input.horizon_s = horizon_s;
  return simulate(factory, input, options);
}

/// Equal in every field.
inline void check_same(const RunResult& a, const RunResult& b) {
  const auto same = [](double x, double y) { return x == y || (x != x && y != y); };
  CHECK(a.status == b.status);
  CHECK(same(a.last_event_s, b.last_event_s));
  CHECK(a.station == b.station);
  CHECK(a.events == b.events);
  CHECK(a.operations == b.operations);
  CHECK(a.span_ticks == b.span_ticks);
  CHECK(a.created == b.created);
  CHECK(a.good == b.good);
  CHECK(a.scrapped == b.scrapped);
  CHECK(a.consumed == b.consumed);
  CHECK(a.lost == b.lost);
  CHECK(a.initial_wip == b.initial_wip);
  CHECK(a.final_wip == b.final_wip);
  CHECK(same(a.mean_wip, b.mean_wip));
  CHECK(a.wip_area_low == b.wip_area_low);
  CHECK(a.wip_area_high == b.wip_area_high);
  CHECK(same(a.mean_lead_s, b.mean_lead_s));
  CHECK(a.lead_ticks.count() == b.lead_ticks.count());
  for (const double p : {0.0, 0.1, 0.5, 0.9, 1.0}) CHECK(same(a.lead_ticks.quantile(p), b.lead_ticks.quantile(p)));
  REQUIRE(a.stations.size() == b.stations.size());
  for (std::size_t k = 0; k < a.stations.size(); ++k) {
    CHECK(a.stations[k].state_ticks == b.stations[k].state_ticks);
    CHECK(a.stations[k].parts == b.stations[k].parts);
    CHECK(a.stations[k].scrapped == b.stations[k].scrapped);
    CHECK(a.stations[k].failures == b.stations[k].failures);
  }
  REQUIRE(a.buffers.size() == b.buffers.size());
  for (std::size_t k = 0; k < a.buffers.size(); ++k) {
    CHECK(same(a.buffers[k].mean_level, b.buffers[k].mean_level));
    CHECK(same(a.buffers[k].mean_wait_s, b.buffers[k].mean_wait_s));
    CHECK(a.buffers[k].parts == b.buffers[k].parts);
    CHECK(a.buffers[k].final_level == b.buffers[k].final_level);
  }
  REQUIRE(a.sinks.size() == b.sinks.size());
  for (std::size_t k = 0; k < a.sinks.size(); ++k) CHECK(a.sinks[k].parts == b.sinks[k].parts);
  REQUIRE(a.crews.size() == b.crews.size());
  for (std::size_t k = 0; k < a.crews.size(); ++k) CHECK(same(a.crews[k].utilization, b.crews[k].utilization));
  REQUIRE(a.marks.size() == b.marks.size());
  for (std::size_t k = 0; k < a.marks.size(); ++k) {
    CHECK(a.marks[k].ticks == b.marks[k].ticks);
    CHECK(a.marks[k].good == b.marks[k].good);
    CHECK(a.marks[k].lead_sum_s == b.marks[k].lead_sum_s);
    CHECK(a.marks[k].wip_area_s == b.marks[k].wip_area_s);
  }
}

using Seconds = std::vector<double>;

}  // namespace twin::test
