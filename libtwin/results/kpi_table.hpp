// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace twin {

/// A column of a table of results.
struct TableColumn {
  /// With its unit, so that a file speaks for itself: `throughput_per_h`, `lead_time_s`.
  std::string name;

  /// `/h`, `s`, `parts`; empty for shares and plain numbers.
  std::string unit{};

  /// For columns of texts: a cell's number is an index into these. Empty for columns of numbers.
  std::vector<std::string> texts{};

  friend bool operator==(const TableColumn&, const TableColumn&) = default;
};

/// Results in rows: numbers, and a word for each row that says whether they can be trusted.
struct KpiTable {
  std::vector<TableColumn> columns;

  /// (rows × columns), row-major; NaN where there is no number.
  std::vector<double> values;

  /// One a row: `ok`, `deadlocked`, …
  std::vector<std::string> status;

  /// Adds a row that holds NaN and returns its first cell, valid until the next row. @pre there is a column.
  double* add_row(std::string_view status_of_row);

  [[nodiscard]] std::size_t row_count() const { return status.size(); }

  /// @pre row < row_count(), column < columns.size(); not checked.
  [[nodiscard]] double at(std::size_t row, std::size_t column) const { return values[row * columns.size() + column]; }

  /// The index of a column, or `columns.size()` when there is none of that name.
  [[nodiscard]] std::size_t find_column(std::string_view name) const;
};

}  // namespace twin
