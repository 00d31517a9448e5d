// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/read_stopping.hpp>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/lexer.hpp>
#include <libtwin/scenario/read_fields.hpp>
#include <libtwin/scenario/units.hpp>

namespace twin {
namespace detail {
namespace {

constexpr std::string_view kExample = "write until = \"halfwidth(throughput) < 0.5 %\"";

/// Where the parts of `halfwidth(MEASURE) < LIMIT` stand; nothing when a text is not one.
struct Parts {
  std::size_t measure_begin = 0;
  std::size_t measure_end = 0;
  std::size_t limit_begin = 0;
  bool is_whole = false;
};

Parts parts_of(std::string_view text) {
  Parts parts;
  const std::vector<Token> tokens = tokenize(text);
  if (tokens.size() < 6 || tokens[0].text != "halfwidth" || !tokens[1].is("(")) return parts;
  int open = 0;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    open += static_cast<int>(tokens[i].is("(")) - static_cast<int>(tokens[i].is(")"));
    if (open > 0) continue;
    // A number and at most the two words of a unit: `0.5 %`, `0.3 /h`.
    const std::size_t after = tokens.size() - i - 2;
    parts.is_whole = after >= 2 && after <= 4 && tokens[i + 1].is("<") && tokens[i + 2].kind == TokenKind::number;
    parts.measure_begin = tokens[1].offset + 1;
    parts.measure_end = tokens[i].offset;
    if (parts.is_whole) parts.limit_begin = tokens[i + 2].offset;
    break;
  }
  return parts;
}

bool read_limit(Reader& reader, const Node& node, std::size_t offset, const std::string& path, StoppingRule& rule) {
  const std::string_view text = std::string_view(node.text).substr(offset);
  std::vector<Diagnostic> mistakes;
  const Expression limit = Expression::parse(text, {}, mistakes);
  const bool is_readable = mistakes.empty();
  for (Diagnostic& mistake : mistakes) reader.error_inside(std::move(mistake), node, offset, path);
  if (!is_readable) return false;
  rule.limit = limit.evaluate({});
  rule.dimension = text.find('%') != std::string_view::npos ? Dimension::share
                   : limit.time_power() == 1                ? Dimension::time
                   : limit.time_power() == -1               ? Dimension::rate
                                                            : Dimension::none;
  return true;
}

void read_stopping_rule(Reader& reader, const Node& node, const std::string& path, std::vector<StoppingRule>& rules) {
  if (!node.is(NodeKind::text)) {
    refuse_kind(reader, node, path, "text", std::string(kExample));
    return;
  }
  if (trim(node.text).empty()) return;
  const Parts parts = parts_of(node.text);
  if (!parts.is_whole) {
    reader.error("E054", node.inside(0, node.text.size()), path,
                 "a stopping rule is a half-width, '<' and a number with '%' or a unit", "not a stopping rule",
                 std::string(kExample));
    return;
  }
  const std::string_view measure =
      std::string_view(node.text).substr(parts.measure_begin, parts.measure_end - parts.measure_begin);
  StoppingRule rule;
  rule.measure = std::string(trim(measure));
  const std::size_t before = reader.diagnostics.size();
  check_syntax(reader, node, measure, parts.measure_begin, path);
  if (!read_limit(reader, node, parts.limit_begin, path, rule) || reader.diagnostics.size() > before) return;
  rules.push_back(std::move(rule));
}

/// The percentage that reads back to a share, or the nearest to it.
double percentage_of(double share) {
  const double about = share * 100;
  for (const double candidate : {about, std::nextafter(about, 0.0), std::nextafter(about, HUGE_VAL)}) {
    if (candidate / 100 == share) return candidate;
  }
  return about;
}

}  // namespace

void check_syntax(Reader& reader, const Node& node, std::string_view text, std::size_t offset,
                  const std::string& path) {
  std::vector<std::string> words;
  for (const Token& token : tokenize(text)) {
    if (token.kind == TokenKind::word) words.emplace_back(token.text);
  }
  const Expression::ResolveCall any = [](std::string_view, std::span<const std::string>, std::string&) { return 0; };
  std::vector<Diagnostic> mistakes;
  static_cast<void>(Expression::parse(text, words, any, mistakes));
  for (Diagnostic& mistake : mistakes) reader.error_inside(std::move(mistake), node, offset, path);
}

void read_stopping_rules(Reader& reader, const Node& node, const std::string& path, std::vector<StoppingRule>& rules) {
  if (!node.is(NodeKind::array)) return read_stopping_rule(reader, node, path, rules);
  for (const Node& item : node.items) read_stopping_rule(reader, item, path, rules);
}

}  // namespace detail

std::string write_stopping_rule(const StoppingRule& rule) {
  const std::string limit = rule.is_relative() ? detail::write_number(detail::percentage_of(rule.limit)) + " %"
                                               : write_quantity(rule.limit, rule.dimension);
  return "halfwidth(" + rule.measure + ") < " + limit;
}

}  // namespace twin
