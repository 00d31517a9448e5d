// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include <libtwin/results/kpi_table.hpp>

namespace twin {

/// Writes a table as CSV (RFC 4180, but with `\n` at the ends of lines): a header, then a line for each row, the status in
/// the last column. Numbers are the shortest texts that read back to the same double, with a decimal point whatever the
/// locale; NaN is an empty cell. Whether writing worked is told by the stream.
void write_csv(std::ostream& out, const KpiTable& table);

/// The same as a text.
[[nodiscard]] std::string to_csv(const KpiTable& table);

/// A text as a cell: in double quotes, with quotes in it doubled, when it holds a comma, a quote, an end of line, or
/// begins or ends with a blank.
[[nodiscard]] std::string csv_cell(std::string_view text);

/// The shortest text that reads back to the same double; `inf`, `-inf`, and nothing for NaN.
[[nodiscard]] std::string csv_cell(double value);

/// Adds a number of a column to a line: its text in a column of texts (nothing when it has none of that index).
void append_csv_cell(std::string& line, const TableColumn& column, double value);

}  // namespace twin
