// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/values.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <system_error>
#include <utility>

#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/lexer.hpp>
#include <libtwin/scenario/units.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

/// Whole numbers above this are no longer exact in a double.
constexpr double kLargestWhole = 9007199254740992.0;

/// The last part of a path; for the value of a constant the field that holds it.
std::string_view last_segment(std::string_view path) {
  if (path.ends_with(".value")) path.remove_suffix(6);
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::string unit_advice(Dimension dimension, const std::string& number) {
  if (dimension == Dimension::rate) return "write \"" + number + " /h\" (or /s, /min, /d)";
  return "write \"" + number + " s\" (or ms, min, h, d, weeks)";
}

bool check_range(Reader& reader, const Place& place, const NumberRule& rule, const std::string& path, double value) {
  const std::string name(last_segment(path));
  if (!std::isfinite(value)) {
    reader.error("E022", place, path, name + " is not a finite number", "not finite");
    return false;
  }
  if (rule.is_whole && (value != std::floor(value) || std::abs(value) > kLargestWhole)) {
    reader.error("E022", place, path, name + " is " + write_number(value) + ", which is not a whole number",
                 "not whole", "round it");
    return false;
  }
  const bool low = rule.min_is_open ? !(value > rule.min) : !(value >= rule.min);
  if (!low && value <= rule.max) return true;
  const std::string limit =
      low ? (rule.min_is_open ? "more than " : "at least ") + write_quantity(rule.min, rule.dimension)
          : "at most " + write_quantity(rule.max, rule.dimension);
  reader.error("E022", place, path, name + " is " + write_quantity(value, rule.dimension) + "; it must be " + limit,
               low && rule.min == 0 && value < 0 ? "negative" : "out of range", "use " + limit);
  return false;
}

/// Whether the power of time of an expression fits; `at` is where it stands.
bool check_dimension(Reader& reader, const Place& at, const NumberRule& rule, const std::string& path, int power,
                     std::string_view text) {
  const int wanted = time_power_of(rule.dimension);
  if (power == wanted) return true;
  const std::string name(last_segment(path));
  if (power == 0) {
    const std::vector<Token> tokens = tokenize(text);
    const bool is_plain = tokens.size() == 2 && tokens[0].kind == TokenKind::number;
    reader.error("E020", at, path,
                 name + " needs a unit: " + quote(text) + " is " + std::string(describe_time_power(0)), "no unit",
                 is_plain ? unit_advice(rule.dimension, std::string(text)) : unit_advice(rule.dimension, "1"));
    return false;
  }
  std::string hint = "write " + std::string(describe_time_power(wanted));
  if (wanted == 1) hint += ", such as \"38 s\" or \"5 min\"";
  if (wanted == -1) hint += ", such as \"2.5 /h\"";
  if (wanted == 0) hint += " without a unit of time";
  if (wanted == 1 && power == -1) hint = "turn it round: \"1 / (" + std::string(trim(text)) + ")\" is a time";
  reader.error("E021", at, path,
               name + " must be " + std::string(describe_time_power(wanted)) + ", but " + quote(text) + " is " +
                   std::string(describe_time_power(power)),
               std::string(describe_time_power(power)), std::move(hint));
  return false;
}

}  // namespace

NumberRule rule_of(const Field& field) { return {field.dimension, field.min, field.max, false, false}; }

NumberRule rule_of(const LawParameter& parameter, Dimension dimension) {
  NumberRule rule;
  rule.dimension = parameter.has_dimension ? dimension : Dimension::none;
  rule.min = parameter.min;
  rule.min_is_open = parameter.min_is_open;
  rule.is_whole = parameter.is_integer;
  return rule;
}

bool read_number(Reader& reader, const Node& node, std::string_view text, std::size_t offset, const NumberRule& rule,
                 const std::string& path, double& out) {
  const std::string_view body = trim(text);
  if (!body.empty()) offset += static_cast<std::size_t>(body.data() - text.data());
  std::vector<Diagnostic> mistakes;
  const Expression expression = Expression::parse(body, reader.names, mistakes);
  for (Diagnostic& mistake : mistakes) reader.error_inside(std::move(mistake), node, offset, path);
  if (expression.empty()) return false;

  const Place place = node.inside(offset, body.size());
  if (!check_dimension(reader, place, rule, path, expression.time_power(), body)) return false;
  const double value = expression.evaluate(reader.nominals);
  if (!check_range(reader, place, rule, path, value)) return false;
  if (!expression.used_names().empty()) reader.bindings.push_back({path, std::string(body)});
  out = value;
  return true;
}

bool read_number(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path, double& out) {
  if (node.is(NodeKind::text)) return read_number(reader, node, node.text, 0, rule, path, out);
  if (!node.is(NodeKind::integer) && !node.is(NodeKind::real)) {
    const bool has_unit = time_power_of(rule.dimension) != 0;
    return refuse_kind(reader, node, path, has_unit ? "a number with a unit" : "a number");
  }
  const double value = node.is(NodeKind::integer) ? static_cast<double>(node.integer) : node.real;
  if (!std::isfinite(value)) return check_range(reader, node.place, rule, path, value);
  const std::string text = node.is(NodeKind::integer) ? std::to_string(node.integer) : write_number(value);
  if (!check_dimension(reader, node.place, rule, path, 0, text)) return false;
  if (!check_range(reader, node.place, rule, path, value)) return false;
  out = value;
  return true;
}

bool read_amount(Reader& reader, const Node& node, const std::string& path, Amount& out) {
  NumberRule rule{.dimension = Dimension::none, .min = -std::numeric_limits<double>::infinity()};
  if (node.is(NodeKind::text)) {
    std::vector<Diagnostic> ignored;  // Mistakes are reported when the number is read.
    const Expression expression = Expression::parse(node.text, reader.names, ignored);
    if (expression.time_power() == 1) rule.dimension = Dimension::time;
    if (expression.time_power() == -1) rule.dimension = Dimension::rate;
  }
  double value = 0;
  if (!read_number(reader, node, rule, path, value)) return false;
  out = {value, rule.dimension};
  return true;
}

bool read_whole(Reader& reader, const Node& node, NumberRule rule, const std::string& path, std::int64_t& out) {
  rule.is_whole = true;
  double value = 0;
  if (!read_number(reader, node, rule, path, value)) return false;
  out = static_cast<std::int64_t>(value);
  return true;
}

bool read_seed(Reader& reader, const Node& node, const std::string& path, std::uint64_t& out) {
  if (node.is(NodeKind::integer) && node.integer >= 0) {
    out = static_cast<std::uint64_t>(node.integer);
    return true;
  }
  // TOML's integers end at 2^63 - 1; the upper half of the seeds is written as text.
  if (node.is(NodeKind::text)) {
    const std::string_view text = trim(node.text);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error == std::errc() && end == text.data() + text.size()) return true;
  }
  if (!node.is(NodeKind::integer) && !node.is(NodeKind::text)) return refuse_kind(reader, node, path, "a whole number");
  reader.error("E022", node.place, path, "a seed is a whole number from 0 to 18446744073709551615", "not a seed");
  return false;
}

bool read_text(Reader& reader, const Node& node, const std::string& path, std::string& out) {
  if (!node.is(NodeKind::text)) return refuse_kind(reader, node, path, "text", "put it in quotes");
  out = node.text;
  return true;
}

bool read_truth(Reader& reader, const Node& node, const std::string& path, bool& out) {
  const bool is_word = node.is(NodeKind::text) && (node.text == "true" || node.text == "false");
  if (!node.is(NodeKind::boolean) && !is_word) return refuse_kind(reader, node, path, "true or false");
  out = is_word ? node.text == "true" : node.boolean;
  return true;
}

bool read_texts(Reader& reader, const Node& node, const std::string& path, std::vector<std::string>& out) {
  if (node.is(NodeKind::text)) {
    out = {node.text};
    return true;
  }
  if (!node.is(NodeKind::array)) return refuse_kind(reader, node, path, "a list of texts");
  std::vector<std::string> texts;
  bool good = true;
  for (const Node& item : node.items) good = read_text(reader, item, path, texts.emplace_back()) && good;
  if (good) out = std::move(texts);
  return good;
}

bool read_choice(Reader& reader, const Node& node, const std::string& path, const std::vector<std::string>& words,
                 std::size_t& out) {
  if (!node.is(NodeKind::text)) return refuse_kind(reader, node, path, list_words(words));
  const auto found = std::find(words.begin(), words.end(), node.text);
  if (found == words.end()) {
    reader.error("E026", node.inside(0, node.text.size()), path,
                 std::string(last_segment(path)) + " cannot be " + quote(node.text), "not one of the words",
                 reader.suggest(node.text, words, "it is " + list_words(words)));
    return false;
  }
  out = static_cast<std::size_t>(found - words.begin());
  return true;
}

bool refuse_kind(Reader& reader, const Node& node, const std::string& path, std::string_view wanted, std::string hint) {
  const std::string name = path.empty() ? "this" : std::string(last_segment(path));
  reader.error("E025", node.place, path,
               name + " must be " + std::string(wanted) + ", not " + std::string(describe(node.kind)),
               std::string(describe(node.kind)), std::move(hint));
  return false;
}

}  // namespace twin::detail
