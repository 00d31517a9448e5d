// SPDX-License-Identifier: Apache-2.0
// What a scenario reads from CSV files.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <libtwin/scenario/csv.hpp>
#include <libtwin/scenario/units.hpp>
#include <libtwin/scenario/values.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

/// The rows of a CSV file and how to complain about them.
struct Data {
  Reader& reader;
  std::string name;
  std::string path;
  std::vector<CsvRow> rows{};
  int mistakes = 0;

  bool fail(int line, int column, std::string message, std::string hint = {}) {
    // The same slip on each of a thousand lines is one slip.
    constexpr int kMostMistakes = 5;
    if (++mistakes > kMostMistakes) return false;
    Diagnostic d;
    d.code = "E061";
    d.path = path;
    d.file = name;
    d.line = line;
    d.column = column;
    d.message = std::move(message);
    d.hint = std::move(hint);
    reader.add(std::move(d));
    return false;
  }
};

bool load(Data& data, const Node& node) {
  std::filesystem::path file(data.name);
  if (file.is_relative()) file = std::filesystem::path(data.reader.folder) / file;
  std::string text;
  const Place place = node.place;
  if (!load_file(data.reader, file.string(), true, place, data.path, text)) return false;
  data.rows = parse_csv(text);
  if (!data.rows.empty()) return true;
  data.fail(1, 1, quote(data.name) + " has no lines");
  return false;
}

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

/// The index of the cell in the header, or of the only column; -1 when there is none of that name.
int find_column(const CsvRow& header, std::string_view name) {
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    if (header.cells[i].text == name) return static_cast<int>(i);
  }
  return -1;
}

std::vector<std::string> names_of(const CsvRow& header) {
  std::vector<std::string> names;
  for (const CsvCell& cell : header.cells) names.push_back(cell.text);
  return names;
}

/// The unit that the name of a column ends in, `cycle_min`; else seconds.
const Unit* unit_of_column(std::string_view name) {
  const std::size_t mark = name.rfind('_');
  const Unit* const unit = mark == std::string_view::npos ? nullptr : find_unit(name.substr(mark + 1));
  return unit != nullptr && unit->time_power == 1 ? unit : find_unit("s");
}

/// The unit of a column of numbers of `dimension`; null, with a diagnostic, when `given` is not one.
const Unit* unit_for(Data& data, const Node& node, std::string_view column, const std::string& given,
                     Dimension dimension) {
  const int power = time_power_of(dimension);
  const Unit* const plain = find_unit("parts");
  if (given.empty()) return power == 1 ? unit_of_column(column) : plain;
  const Unit* const unit = find_unit(given);
  if (unit != nullptr && unit->time_power == power) return unit;
  data.reader.error("E023", node.place, data.path, quote(given) + " is not a unit of this value", "not a unit",
                    unit_hint(given));
  return nullptr;
}

}  // namespace

bool read_csv_column(Reader& reader, const Node& node, const std::string& path, const std::string& file,
                     const std::string& column, const std::string& unit, Dimension dimension,
                     std::vector<double>& values) {
  Data data{reader, file, path};
  if (!load(data, node)) return false;
  const CsvRow& first = data.rows.front();
  const bool has_header = !number_of(first.cells.front().text) || !column.empty();
  const int index = column.empty() ? 0 : find_column(first, column);
  if (index < 0) {
    return data.fail(first.line, 1, "there is no column " + quote(column),
                     reader.suggest(column, names_of(first), "its columns are " + list_words(names_of(first))));
  }
  const auto at = static_cast<std::size_t>(index);
  const Unit* const factor = unit_for(data, node, has_header ? first.cells[at].text : "", unit, dimension);
  if (factor == nullptr) return false;
  for (std::size_t r = has_header ? 1 : 0; r < data.rows.size(); ++r) {
    const CsvRow& row = data.rows[r];
    const std::string text = at < row.cells.size() ? row.cells[at].text : "";
    const std::optional<double> value = number_of(text);
    if (!value || *value < 0) {
      data.fail(row.line, at < row.cells.size() ? row.cells[at].column : 1,
                quote(text) + (value ? " is negative" : " is not a number"), "use a number from 0 up");
      continue;
    }
    values.push_back(factor->to_si(*value));
  }
  if (values.empty() && data.mistakes == 0) data.fail(first.line, 1, quote(file) + " has no values");
  return data.mistakes == 0;
}

namespace {

/// Which column of a schedule holds what; -1: none.
struct ScheduleColumns {
  int time = -1;
  int product = -1;
  int count = -1;
  const Unit* unit = nullptr;
};

bool find_schedule_columns(Data& data, ScheduleColumns& columns) {
  const CsvRow& header = data.rows.front();
  for (std::size_t i = 0; i < header.cells.size(); ++i) {
    const std::string& name = header.cells[i].text;
    const int index = static_cast<int>(i);
    if (name == "product") {
      columns.product = index;
    } else if (name == "count") {
      columns.count = index;
    } else if (name == "time" || (name.starts_with("time_") && find_unit(name.substr(5)) != nullptr)) {
      columns.time = index;
      columns.unit = unit_of_column(name);
    } else {
      return data.fail(header.line, header.cells[i].column, "unknown column " + quote(name),
                       data.reader.suggest(name, {"time", "time_s", "time_min", "time_h", "product", "count"},
                                           "a schedule has the columns time (or time_min, time_h …), product, count"));
    }
  }
  if (columns.time >= 0) return true;
  return data.fail(header.line, 1, "there is no column 'time'", "name it time (in seconds), time_min or time_h");
}

}  // namespace

bool read_csv_schedule(Reader& reader, const Node& node, const std::string& path, const std::string& file,
                       std::vector<ScheduledArrival>& arrivals) {
  Data data{reader, file, path};
  ScheduleColumns columns;
  if (!load(data, node) || !find_schedule_columns(data, columns)) return false;
  double before = 0;
  for (std::size_t r = 1; r < data.rows.size(); ++r) {
    const CsvRow& row = data.rows[r];
    const auto cell = [&](int column) -> std::string {
      const auto index = static_cast<std::size_t>(column);
      return column >= 0 && index < row.cells.size() ? row.cells[index].text : "";
    };
    const std::optional<double> time = number_of(cell(columns.time));
    const std::optional<double> count = columns.count < 0 ? std::optional(1.0) : number_of(cell(columns.count));
    if (!time || *time < 0) {
      data.fail(row.line, 1, "the time " + quote(cell(columns.time)) + " is not a number from 0 up");
    } else if (!count || *count < 1 || *count > 1e9 || *count != std::floor(*count)) {
      data.fail(row.line, 1, "the count " + quote(cell(columns.count)) + " is not a whole number from 1 up");
    } else if (columns.unit->to_si(*time) < before) {
      data.fail(row.line, 1, "this release comes before the one above it", "sort the file by time");
    } else {
      before = columns.unit->to_si(*time);
      arrivals.push_back({before, cell(columns.product), static_cast<std::int64_t>(*count)});
    }
  }
  if (arrivals.empty() && data.mistakes == 0) data.fail(data.rows.front().line, 1, quote(file) + " has no releases");
  return data.mistakes == 0;
}

}  // namespace twin::detail
