// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/csv.hpp>

#include <algorithm>

#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

char separator_of(std::string_view line) {
  for (const char c : {',', ';', '\t'}) {
    if (line.find(c) != std::string_view::npos) return c;
  }
  return ',';
}

CsvCell quoted_cell(std::string_view line, std::size_t& i, char separator) {
  CsvCell cell{{}, to_column(i)};
  for (++i; i < line.size(); ++i) {
    if (line[i] != '"') {
      cell.text += line[i];
    } else if (i + 1 < line.size() && line[i + 1] == '"') {
      cell.text += line[i++];
    } else {
      break;
    }
  }
  i = std::min(line.find(separator, std::min(i, line.size())), line.size());
  return cell;
}

std::vector<CsvCell> cells_of(std::string_view line, char separator) {
  std::vector<CsvCell> cells;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    while (i < line.size() && line[i] == ' ') ++i;
    if (i < line.size() && line[i] == '"') {
      cells.push_back(quoted_cell(line, i, separator));
      continue;
    }
    const std::size_t end = std::min(line.find(separator, i), line.size());
    cells.push_back({std::string(trim(line.substr(i, end - i))), to_column(i)});
    i = end;
  }
  return cells;
}

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<CsvRow> rows;
  char separator = '\0';
  int line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = trim(text.substr(begin, end - begin));
    begin = end + 1;
    ++line_number;
    if (line.empty() || line.front() == '#') continue;
    if (separator == '\0') separator = separator_of(line);
    rows.push_back({line_number, cells_of(line, separator)});
  }
  return rows;
}

}  // namespace twin::detail
