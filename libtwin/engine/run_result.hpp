// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <libtwin/core/states.hpp>
#include <libtwin/stats/histogram.hpp>

namespace twin {

/// Times in ticks and counts over the measured span (warm-up to the end of the run).
struct StationResult {
  /// Time in each state, over all servers; they sum to servers × span.
  std::array<std::int64_t, kStationStates> state_ticks{};

  /// Operations ended.
  std::uint64_t parts = 0;

  /// Parts destroyed: by `scrap`, or by a failure with that effect.
  std::uint64_t scrapped = 0;

  /// Failures.
  std::uint64_t failures = 0;

  std::uint32_t servers = 1;

  /// Share of time in a state, over all servers; [0, 1].
  [[nodiscard]] double share(StationState state) const {
    std::int64_t all = 0;
    for (const std::int64_t t : state_ticks) all += t;
    return all == 0 ? 0.0
                    : static_cast<double>(state_ticks[static_cast<std::size_t>(state)]) / static_cast<double>(all);
  }
};

struct BufferResult {
  /// Time-weighted number of parts, as the buffer's capacity counts them.
  double mean_level = 0;

  /// Mean wait of the parts that left [s], by Little's law; those that never waited count as 0.
  double mean_wait_s = 0;

  /// Parts that went through.
  std::uint64_t parts = 0;

  /// Parts in it at the end.
  std::uint32_t final_level = 0;
};

struct SinkResult {
  std::uint64_t parts = 0;
};

struct CrewResult {
  /// Repairs in progress, time-weighted, over the crew's size.
  double utilization = 0;
};

struct LoopResult {
  /// Cards in use, which is parts in the loop, time-weighted.
  double mean_in_use = 0;
};

/// Totals at a mark, for batch means: everything since the start of the measured span.
struct BatchMark {
  std::int64_t ticks = 0;
  std::uint64_t good = 0;
  double lead_sum_s = 0;
  double wip_area_s = 0;
};

/// One run: what happened between warm-up and end.
struct RunResult {
  RunStatus status = RunStatus::ok;

  /// Time of the last event [s], for runs that did not end well.
  double last_event_s = 0;

  /// The station that a run which did not end well points at: a blocked one, or the one whose rule gave a bad number.
  std::uint32_t station = 0xffffffffU;

  /// Timers that fired in the whole run, warm-up included.
  std::uint64_t events = 0;

  /// Ends of work at stations in the whole run: the unit of speed.
  std::uint64_t operations = 0;

  /// Length of the measured span [ticks].
  std::int64_t span_ticks = 0;

  std::uint64_t created = 0;   ///< parts that came from sources or out of disassembly
  std::uint64_t good = 0;      ///< parts that ended in good sinks
  std::uint64_t scrapped = 0;  ///< parts that ended in scrap sinks or were destroyed
  std::uint64_t consumed = 0;  ///< parts built into others
  std::uint64_t lost = 0;      ///< arrivals turned away; never in the factory

  /// Parts in the factory when the span began and ended.
  std::uint64_t initial_wip = 0;
  std::uint64_t final_wip = 0;

  /// Time-weighted number of parts in the factory.
  double mean_wip = 0;

  /// Parts × ticks in the factory over the span, exact (low and high word of a 128-bit number).
  std::uint64_t wip_area_low = 0;
  std::uint64_t wip_area_high = 0;

  /// Lead time of good parts that left in the span: the mean [s], and all of them in ticks.
  double mean_lead_s = 0;
  Histogram lead_ticks;

  std::vector<StationResult> stations;
  std::vector<BufferResult> buffers;
  std::vector<SinkResult> sinks;
  std::vector<CrewResult> crews;
  std::vector<LoopResult> loops;
  std::vector<BatchMark> marks;

  [[nodiscard]] double span_s() const { return static_cast<double>(span_ticks) / 16777216.0; }

  /// Good parts per second.
  [[nodiscard]] double throughput_per_s() const { return span_ticks == 0 ? 0.0 : static_cast<double>(good) / span_s(); }

  /// Quantile of the lead time [s], within 3 %; NaN when no part left.
  [[nodiscard]] double lead_quantile_s(double p) const { return lead_ticks.quantile(p) / 16777216.0; }
};

}  // namespace twin
