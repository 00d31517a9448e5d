// SPDX-License-Identifier: Apache-2.0
// Small summaries made by hand, so that what a report says can be checked to the letter.
#pragma once

#include <limits>
#include <vector>

#include <libtwin/experiment/compare.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/model/factory.hpp>
#include <libtwin/model/units.hpp>

namespace samples {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

inline twin::StationSummary station(const char* name, std::vector<twin::Estimate> shares, double parts) {
  return {name, std::move(shares), {parts, 120, 30}, {}, {}};
}

inline twin::Factory factory() {
  using namespace twin::literals;
  twin::Factory f("press-line");
  f.machine("press", {.cycle = 38_s});
  f.machine("weld", {.cycle = twin::lognormal(41_s, 0.15),
                     .failures = {{.name = "tip", .every = twin::exponential(6_h), .repair = 18_min}}});
  f.buffer("b1", {.capacity = 20});
  f.flow("supply -> press -> b1 -> weld -> shipped");
  return f;
}

inline twin::RunSummary run() {
  twin::RunSummary s;
  s.model = "press-line";
  s.seed = 42;
  s.replications = 30;
  s.horizon_s = 8 * 604800.0;
  s.warmup_s = 2 * 86400.0;
  s.throughput_per_s = {61.4 / 3600, 0.83 / 3600, 30};
  s.lead_time_s = {1638, 66, 30};
  s.lead_p95_s = 3480;
  s.wip = {28.1, 0.92, 30};
  s.scrapped = {0, 0, 30};
  s.lost = {0, 0, 30};
  const twin::Estimate none{0, 0, 30};
  s.stations.push_back(
      station("press", {{0.66, 0.004, 30}, none, {0.21, 0.003, 30}, {0.13, 0.003, 30}, none, none, none}, 81300));
  s.stations.push_back(
      station("weld", {{0.76, 0.002, 30}, none, {0.15, 0.002, 30}, none, {0.09, 0.004, 30}, none, none}, 81234));
  s.buffers.push_back({"b1", {9.1, 0.42, 30}, {400, 21, 30}});
  s.sinks.emplace_back("shipped", s.throughput_per_s);
  s.operations = 42'000'000;
  s.cpu_s = 3.7;
  s.wall_s = 1.9;
  return s;
}

inline twin::StudyResult study() {
  twin::StudyResult r;
  r.study = "speeds";
  r.seed = 7;
  r.design.factors = {"r1", "buffer.b1.order"};
  r.design.values = {5, 0, 6, 1, 7, 0};
  r.design.texts = {{}, {"fifo", "lifo"}};
  r.measures = {"throughput", "lead"};
  r.dimensions = {twin::KpiDimension::rate, twin::KpiDimension::time};
  r.rows = {
      {.n = 8, .measures = {{5.5 / 3600, 0.05 / 3600, 8}, {600, 30, 8}}},
      {.n = 64, .measures = {{5.7761 / 3600, 0.0029 / 3600, 64}, {720, 12, 64}}},
      {.n = 8, .measures = {{5.9 / 3600, 0.06 / 3600, 8}, {15000, 900, 8}}, .is_feasible = false},
  };
  r.ranking = {1, 0, 2};
  r.goal = "throughput";
  r.runs = 80;
  r.operations = 8'000'000;
  r.cpu_s = 0.9;
  r.wall_s = 0.5;
  return r;
}

/// A run that went by two stopping rules, of which one was not met.
inline twin::RunSummary stopped_run(twin::StopReason reason) {
  twin::RunSummary s = run();
  s.stopping = twin::StoppingOutcome{reason, 10, 100, 7, {}};
  s.stopping->rules.push_back({{"throughput", 0.015},
                               twin::KpiDimension::rate,
                               s.throughput_per_s,
                               true,
                               0.015 / 1.015 * s.throughput_per_s.mean});
  s.stopping->rules.push_back(
      {{"lead_time", 60, twin::Dimension::time}, twin::KpiDimension::time, s.lead_time_s, false, 60});
  return s;
}

/// Two variants against a base in two measures: one real difference, one open, one of the same bits, one without pairs.
inline twin::Comparison comparison() {
  twin::Comparison c;
  c.measures = {"throughput", "lead"};
  c.dimensions = {twin::KpiDimension::rate, twin::KpiDimension::time};
  c.variants = {{.name = "line", .engine = "lanes", .n = 30, .horizon_s = 36000},
                {.name = "buffer.b1.capacity=12", .engine = "lanes", .n = 30, .horizon_s = 36000},
                {.name = "fast", .engine = "event", .n = 1, .failed = 29, .horizon_s = 36000}};
  c.variants[2].status = twin::RunStatus::deadlocked;
  c.variants[2].failed_at = "weld";
  c.variants[0].measures = {{60.0 / 3600, 0.9 / 3600, 30}, {1800, 60, 30}};
  c.variants[1].measures = {{61.2 / 3600, 0.9 / 3600, 30}, {1812, 60, 30}};
  c.variants[2].measures = {{60.0 / 3600, kNaN, 1}, {1800, kNaN, 1}};
  c.differences = {
      {1, 0, {1.2 / 3600, 0.3 / 3600, 30}, 0.02, 0.0004, twin::Verdict::larger, 0, 0.97},
      {1, 1, {12, 24, 30}, 12.0 / 1800, 0.31, twin::Verdict::open, 2345, 0.5},
      {2, 0, {0, 0, 30}, 0, 1, twin::Verdict::same, 0, 1},
      {2, 1, {kNaN, kNaN, 1}, kNaN, kNaN, twin::Verdict::open, 0, kNaN},
  };
  c.seed = 7;
  c.replications = 30;
  c.failed_runs = 29;
  c.operations = 1'000'000;
  c.wall_s = 0.5;
  return c;
}

/// One that chose the second design of `study`.
inline twin::SelectionResult selection() {
  twin::SelectionResult s;
  s.procedure = "KN";
  s.design = 1;
  s.estimate = {5.7761 / 3600, 0.0029 / 3600, 64};
  s.guarantee = {0.95, 0.1 / 3600, "the best design, nearly always", "all is well"};
  s.observations = 80;
  s.by_design = {8, 64, 8};
  s.rounds = 4;
  s.survivors = {1, 0};
  return s;
}

}  // namespace samples
