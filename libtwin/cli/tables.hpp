// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libtwin/results/kpi_table.hpp>

namespace twin::cli {

/// A table without the rows of what was not finished when the work was interrupted.
[[nodiscard]] KpiTable without_unfinished(KpiTable table);

}  // namespace twin::cli
