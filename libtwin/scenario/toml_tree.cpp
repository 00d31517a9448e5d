// SPDX-License-Identifier: Apache-2.0
// The only file that includes toml++, without exceptions and with a bound on nesting.
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_MAX_NESTED_VALUES 32
#include <toml++/toml.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <libtwin/scenario/line_index.hpp>
#include <libtwin/scenario/reader.hpp>
#include <libtwin/scenario/toml_guard.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

/// After this many mistakes of syntax the rest of the file is not searched for more.
constexpr int kMostSyntaxErrors = 10;

/// Searching on means parsing again, which only files of a size that people write deserve.
constexpr std::size_t kMostBytesToParseAgain = 200000;

/// Turns the tables of toml++, which are sorted by key, into nodes in the order of the file.
class Converter {
 public:
  Converter(const LineIndex& lines, int file) : lines_(lines), file_(file) {}

  Node table(const toml::table& from) const {
    Node node;
    node.place = place_of(from.source());
    node.members.reserve(from.size());
    for (auto&& [key, value] : from) {
      node.members.push_back({std::string(key.str()), place_of(key.source()), convert(value)});
    }
    std::stable_sort(node.members.begin(), node.members.end(), [](const Member& a, const Member& b) {
      return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
    });
    return node;
  }

 private:
  [[nodiscard]] Place place_of(const toml::source_region& region) const {
    Place place{file_, static_cast<int>(region.begin.line), 0, 1};
    place.column = lines_.column_in_bytes(region.begin.line, region.begin.column);
    if (region.end.line == region.begin.line && region.end.column > region.begin.column) {
      place.length = std::max(1, lines_.column_in_bytes(region.end.line, region.end.column) - place.column);
    }
    return place;
  }

  Node convert(const toml::node& from) const {
    if (const auto* const value = from.as_table()) return table(*value);
    Node node;
    if (const auto* const list = from.as_array()) {
      node = array_node({});
      node.items.reserve(list->size());
      for (const toml::node& item : *list) node.items.push_back(convert(item));
    } else if (const auto* const text = from.as_string()) {
      node = text_node(text->get());
    } else if (const auto* const whole = from.as_integer()) {
      node = integer_node(whole->get());
    } else if (const auto* const real = from.as_floating_point()) {
      node = real_node(real->get());
    } else if (const auto* const truth = from.as_boolean()) {
      node = boolean_node(truth->get());
    } else {
      node.kind = NodeKind::other;
    }
    node.place = place_of(from.source());
    if (node.kind == NodeKind::text) set_inner_column(node);
    return node;
  }

  void set_inner_column(Node& node) const {
    const std::string_view line = lines_.line(static_cast<std::size_t>(node.place.line));
    const auto begin = static_cast<std::size_t>(node.place.column);  // Of the byte after the quote, from 0.
    if (begin <= line.size() && line.substr(begin, node.text.size()) == node.text) {
      node.inner_column = node.place.column + 1;
    }
  }

  const LineIndex& lines_;
  int file_;
};

/// What toml++ found, in our words.
struct SyntaxError {
  std::size_t line = 1;
  std::size_t column = 1;
  std::string description;
};

/// `machine.weld` in "cannot redefine existing table 'machine.weld'"; empty when that is not the mistake.
std::string redefined_name(const std::string& description) {
  const std::size_t word = description.find("redefine");
  if (word == std::string::npos) return {};
  const std::size_t open = description.find('\'', word);
  const std::size_t close = description.rfind('\'');
  return open == std::string::npos || close <= open ? "" : description.substr(open + 1, close - open - 1);
}

/// The commonest slip: `cycle = 38 s` instead of `cycle = "38 s"`.
std::string syntax_hint(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return "a line is a comment, a [section] or key = value";
  const std::string_view value = trim(line.substr(equals + 1));
  const auto is_plain = [](char c) { return c != '"' && c != '\'' && c != '[' && c != '{' && c != '#'; };
  if (value.empty()) return "a value is missing after '='";
  if (is_plain(value.front()) && value.size() <= 60 && value.find_first_of("\"'#") == std::string_view::npos) {
    return "put text and quantities in quotes: " + std::string(trim(line.substr(0, equals))) + " = \"" +
           std::string(value) + "\"";
  }
  return {};
}

void report(Reader& reader, int file, const LineIndex& lines, const SyntaxError& error) {
  const std::string_view line = lines.line(error.line);
  Place place{file, static_cast<int>(error.line), lines.column_in_bytes(error.line, error.column), 1};
  const std::string name = redefined_name(error.description);
  if (name.empty()) {
    std::string what = error.description;
    const std::size_t colon = what.find(": ");
    if (what.starts_with("Error while parsing") && colon != std::string::npos) what = what.substr(colon + 2);
    what = quote(what);
    reader.error("E002", place, "", "not valid TOML: " + what.substr(1, what.size() - 2), "here", syntax_hint(line));
    return;
  }
  const std::string last = name.substr(name.rfind('.') + 1);
  const std::size_t found = line.find(last);
  if (found != std::string_view::npos) {
    place.column = to_column(found);
    place.length = static_cast<int>(last.size());
  }
  reader.error("E011", place, name, quote(name) + " is described twice", "again here",
               "keep one of the two, or give this one a name of its own");
}

/// Blanks out what could not be read, so that parsing again finds the next mistake; false when that leads nowhere.
/// A second description of a table goes with all its lines: they would else be read as belonging to the table before.
bool blank_out(std::string& text, const LineIndex& lines, const SyntaxError& error) {
  std::size_t last = error.line;
  const bool is_header = trim(lines.line(error.line)).starts_with('[');
  if (is_header) {
    while (last < lines.size() && !trim(lines.line(last + 1)).starts_with('[')) ++last;
  }
  bool changed = false;
  for (std::size_t line = error.line; line <= last; ++line) {
    const std::size_t begin = lines.offset(line);
    for (std::size_t i = begin; i < begin + lines.line(line).size(); ++i) {
      changed = changed || text[i] != ' ';
      text[i] = ' ';
    }
  }
  return changed;
}

}  // namespace

Node read_toml_tree(Reader& reader, int file) {
  // A copy: mistakes are blanked out in it, and further files move the original.
  std::string text = reader.files[static_cast<std::size_t>(file)].text;
  if (!guard_toml(reader, file, text)) return {};
  const std::string original = text;
  const LineIndex lines(original);
  const bool may_parse_again = text.size() <= kMostBytesToParseAgain;
  for (int attempt = 0; attempt < kMostSyntaxErrors; ++attempt) {
    const toml::parse_result result = toml::parse(std::string_view(text), std::string_view());
    if (result) return Converter(lines, file).table(result.table());
    const auto& begin = result.error().source().begin;
    const SyntaxError error{std::max<std::size_t>(1, begin.line), std::max<std::size_t>(1, begin.column),
                            std::string(result.error().description())};
    reader.is_whole = false;
    report(reader, file, lines, error);
    if (!may_parse_again || !blank_out(text, lines, error)) break;
  }
  return {};
}

}  // namespace twin::detail
