// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/design_file.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <libtwin/experiment/mistakes.hpp>
#include <libtwin/scenario/csv.hpp>
#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/number_ref.hpp>
#include <libtwin/scenario/path.hpp>
#include <libtwin/scenario/units.hpp>

namespace twin::detail {
namespace {

// The same slip on each of a thousand lines is one slip.
constexpr std::size_t kMostMistakes = 10;

std::string load(const std::filesystem::path& file) {
  // A folder opens as if it were a file and fails when it is read, in a way that depends on the standard library.
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  if (!in || std::filesystem::is_directory(file, error)) {
    throw FileError("cannot read the designs in '" + file.string() + "': there is no such file, or no permission");
  }
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
}

class FileDesign {
 public:
  FileDesign(const Scenario& scenario, std::string name, std::vector<Diagnostic>& mistakes)
      : scenario_(scenario), name_(std::move(name)), mistakes_(mistakes), trial_(scenario.factory) {}

  DesignTable read(const std::vector<CsvRow>& rows) {
    DesignTable design;
    if (rows.size() < 2) {
      complain(1, 1, "a file of designs has a header and at least one line");
      return design;
    }
    const std::vector<CsvCell>& header = rows.front().cells;
    for (const CsvCell& cell : header) add_column(rows.front().line, cell, rows, design);
    design.values.reserve((rows.size() - 1) * header.size());
    for (std::size_t r = 1; r < rows.size() && mistakes_.size() < kMostMistakes; ++r) add_row(rows[r], design);
    return design;
  }

 private:
  /// How the cells of a column are read.
  struct Column {
    Dimension dimension = Dimension::none;
    bool is_text = false;
    std::unordered_map<std::string, std::size_t> seen{};
  };

  void complain(int line, int column, std::string message, std::string hint = {}) {
    if (mistakes_.size() >= kMostMistakes) return;
    Diagnostic d;
    d.code = "E061";
    d.path = "design.file";
    d.file = name_;
    d.line = line;
    d.column = column;
    d.message = std::move(message);
    d.hint = std::move(hint);
    mistakes_.push_back(std::move(d));
  }

  void add_column(int line, const CsvCell& cell, const std::vector<CsvRow>& rows, DesignTable& design) {
    const auto& parameters = scenario_.parameters;
    const bool is_parameter =
        std::any_of(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.name == cell.text; });
    Column column;
    const std::string path = is_parameter ? cell.text : canonical_path(cell.text);
    if (!is_parameter) {
      const std::optional<NumberRef> number = find_number(trial_, path);
      column.dimension = number ? number->rule.dimension : Dimension::none;
      const std::size_t index = columns_.size();
      column.is_text = !number || std::any_of(rows.begin() + 1, rows.end(), [&](const CsvRow& row) {
        return index < row.cells.size() && !number_of(row.cells[index].text, column.dimension);
      });
      if (column.is_text && !is_path(path)) refuse_column(line, cell);
    }
    if (std::find(design.factors.begin(), design.factors.end(), path) != design.factors.end()) {
      complain(line, cell.column, "the column '" + cell.text + "' is there twice", "keep one of the two");
    }
    columns_.push_back(std::move(column));
    design.factors.push_back(path);
    design.texts.emplace_back();
  }

  /// Whether some value can be set at the path, this or another.
  [[nodiscard]] bool is_path(const std::string& path) const {
    Factory factory = scenario_.factory;
    std::vector<Diagnostic> found;
    set_value(factory, path, "", found);
    return std::none_of(found.begin(), found.end(), [](const Diagnostic& d) { return d.code == "E012"; });
  }

  void refuse_column(int line, const CsvCell& cell) {
    std::vector<std::string> known;
    for (const Parameter& p : scenario_.parameters) known.push_back(p.name);
    for (const auto& [path, value] : list_numbers(scenario_.factory)) known.push_back(path);
    const std::string near = nearest_name(cell.text, known);
    complain(
        line, cell.column, "the column '" + cell.text + "' is neither a parameter nor a path of the model",
        near.empty() ? "name a parameter, or a path such as machine.weld.cycle.mean" : "did you mean '" + near + "'?");
  }

  /// A number in SI units, or with a unit of the dimension.
  [[nodiscard]] static std::optional<double> number_of(std::string_view text, Dimension dimension) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && std::isfinite(value)) return value;
    std::vector<Diagnostic> found;
    const Expression expression = Expression::parse(text, {}, found);
    if (!found.empty() || expression.time_power() != time_power_of(dimension)) return {};
    value = expression.evaluate({});
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
  }

  void add_row(const CsvRow& row, DesignTable& design) {
    if (row.cells.size() != columns_.size()) {
      complain(row.line, 1,
               "this line has " + std::to_string(row.cells.size()) + " cells, the header " +
                   std::to_string(columns_.size()));
      return;
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const CsvCell& cell = row.cells[i];
      if (columns_[i].is_text) {
        design.values.push_back(static_cast<double>(level_of(row.line, cell, i, design)));
        continue;
      }
      const std::optional<double> value = number_of(cell.text, columns_[i].dimension);
      if (!value) complain(row.line, cell.column, "'" + cell.text + "' is not a value of '" + design.factors[i] + "'");
      design.values.push_back(value.value_or(0));
    }
  }

  std::size_t level_of(int line, const CsvCell& cell, std::size_t i, DesignTable& design) {
    auto& texts = design.texts[i];
    const auto [level, is_new] = columns_[i].seen.try_emplace(cell.text, texts.size());
    if (!is_new) return level->second;
    std::vector<Diagnostic> found;
    set_value(trial_, design.factors[i], cell.text, found);
    if (!found.empty()) complain(line, cell.column, found.front().message, found.front().hint);
    texts.push_back(cell.text);
    return level->second;
  }

  const Scenario& scenario_;
  std::string name_;
  std::vector<Diagnostic>& mistakes_;
  Factory trial_;
  std::vector<Column> columns_;
};

}  // namespace

DesignTable read_design_file(const Scenario& scenario, const std::string& folder, std::vector<Diagnostic>& mistakes) {
  const std::string& name = scenario.study->file;
  std::filesystem::path file(name);
  if (file.is_relative() && !folder.empty()) file = std::filesystem::path(folder) / file;
  return FileDesign(scenario, name, mistakes).read(parse_csv(load(file)));
}

}  // namespace twin::detail
