// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/results/kpi_table.hpp>

namespace twin {

/// A row for each replication: its number, then a column for each KPI. Rates are per hour (`throughput_per_h`), times in
/// seconds (`lead_time_s`).
[[nodiscard]] KpiTable to_table(const RunSummary& summary);

/// A row for each scenario, in the order of the design: the factors by name (parameters as they are, values of the model in SI
/// units, texts), `n`, then mean and half-width of each measure (`throughput_per_h`, `throughput_half_width_per_h`). The status
/// is `ok`, `infeasible` when a condition is not met, `stopped` for scenarios that were not reached, or that of the first run
/// that did not end well.
[[nodiscard]] KpiTable to_table(const StudyResult& result);

}  // namespace twin
