// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run_result.hpp>

namespace twin {

/// What a KPI is a number of, which decides its unit in print.
enum class KpiDimension : std::uint8_t { rate, time, parts, share, number };

/// One number of a run, found once by name and read often.
struct Kpi {
  enum class Kind : std::uint8_t {
    throughput,     ///< good parts per second
    sink_rate,      ///< parts per second into sink `index`
    sink_parts,     ///< parts into sink `index`
    lead_mean,      ///< mean lead time [s]
    lead_quantile,  ///< quantile `p` of the lead time [s]
    wip,            ///< time-weighted parts in the factory
    state_share,    ///< share of time station `index` is in state `state`
    station_parts,  ///< operations ended at station `index`
    station_scrap,  ///< parts destroyed at station `index`
    station_failures,
    buffer_level,  ///< time-weighted level of buffer `index`
    buffer_wait,   ///< mean wait in buffer `index` [s]
    crew_share,    ///< utilization of crew `index`
    cards_in_use,  ///< time-weighted parts in loop `index`
    scrapped,      ///< parts
    lost,          ///< arrivals turned away
    good,          ///< parts
    created,       ///< parts
  };

  Kind kind = Kind::throughput;
  std::uint32_t index = 0;
  std::uint32_t state = 0;
  double p = 0;

  /// The value in SI units; NaN where a run has none (no part left, say).
  [[nodiscard]] double read(const RunResult& run) const;

  [[nodiscard]] KpiDimension dimension() const;

  friend bool operator==(const Kpi&, const Kpi&) = default;
};

/// Finds a KPI by its name and arguments as measures write them. `problem` says what is wrong when there is none.
///
/// | name | |
/// |---|---|
/// | `throughput`, `lead_time`, `wip`, `scrapped`, `lost`, `good`, `created` | without arguments |
/// | `rate(sink)`, `parts(sink)`, `parts(station)` | |
/// | `mean(lead_time)`, `mean(wip)`, `p50(lead_time)` … `p99(lead_time)` | any whole percentage |
/// | `share(station, state)`, `busy(station)`, `blocked(station)`, … | one name for each state |
/// | `level(buffer)`, `wait(buffer)`, `utilization(crew)`, `cards_in_use(loop)`, `scrap(station)`, `failures(station)` | |
[[nodiscard]] bool find_kpi(const PlantNames& names, std::string_view call, std::span<const std::string> arguments,
                            Kpi& kpi, std::string& problem);

/// Every KPI that `twin run` reports, with a column name each: `throughput`, `weld.busy`, `b1.level`, …
struct KpiColumn {
  std::string name;
  Kpi kpi;
};
[[nodiscard]] std::vector<KpiColumn> all_kpis(const PlantNames& names);

}  // namespace twin
