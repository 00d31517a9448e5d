// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/tables.hpp>

#include <algorithm>
#include <utility>

#include <libtwin/core/states.hpp>

namespace twin::cli {

KpiTable without_unfinished(KpiTable table) {
  const std::string_view stopped = enum_names(RunStatus::stopped)[static_cast<std::size_t>(RunStatus::stopped)];
  KpiTable kept;
  kept.columns = table.columns;
  for (std::size_t r = 0; r < table.row_count(); ++r) {
    if (table.status[r] == stopped) continue;
    double* const cells = kept.add_row(table.status[r]);
    for (std::size_t c = 0; c < table.columns.size(); ++c) cells[c] = table.at(r, c);
  }
  return kept;
}

}  // namespace twin::cli
