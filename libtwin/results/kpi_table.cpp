// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/kpi_table.hpp>

#include <algorithm>
#include <limits>

#include <libtwin/core/check.hpp>

namespace twin {

double* KpiTable::add_row(std::string_view status_of_row) {
  TWIN_CHECK(!columns.empty(), "a table needs columns before rows");
  status.emplace_back(status_of_row);
  values.resize(values.size() + columns.size(), std::numeric_limits<double>::quiet_NaN());
  return values.data() + (values.size() - columns.size());
}

std::size_t KpiTable::find_column(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const TableColumn& c) { return c.name == name; });
  return static_cast<std::size_t>(found - columns.begin());
}

}  // namespace twin
