// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/csv.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <ostream>

namespace twin {
namespace {

void append_number(std::string& line, double value) {
  if (std::isnan(value)) return;
  std::array<char, 40> text{};  // The longest double has 24 characters.
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  line.append(text.data(), result.ptr);
}

void append_header(std::string& line, const KpiTable& table) {
  for (const TableColumn& column : table.columns) line += csv_cell(column.name) + ",";
  line += "status\n";
}

void append_row(std::string& line, const KpiTable& table, std::size_t row) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    append_csv_cell(line, table.columns[i], table.at(row, i));
    line += ',';
  }
  line += csv_cell(table.status[row]);
  line += '\n';
}

}  // namespace

std::string csv_cell(std::string_view text) {
  const bool has_edge_blank = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (text.find_first_of(",\"\r\n") == std::string_view::npos && !has_edge_blank) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_cell(double value) {
  std::string text;
  append_number(text, value);
  return text;
}

void append_csv_cell(std::string& line, const TableColumn& column, double value) {
  if (column.texts.empty()) return append_number(line, value);
  if (value >= 0 && value < static_cast<double>(column.texts.size())) {
    line += csv_cell(column.texts[static_cast<std::size_t>(value)]);
  }
}

std::string to_csv(const KpiTable& table) {
  std::string text;
  append_header(text, table);
  for (std::size_t row = 0; row < table.row_count(); ++row) append_row(text, table, row);
  return text;
}

void write_csv(std::ostream& out, const KpiTable& table) {
  std::string line;
  append_header(line, table);
  for (std::size_t row = 0; row < table.row_count() && out; ++row) {
    out.write(line.data(), static_cast<std::streamsize>(line.size()));
    line.clear();
    append_row(line, table, row);
  }
  out.write(line.data(), static_cast<std::streamsize>(line.size()));
}

}  // namespace twin
