// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/read_levels.hpp>

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/read_fields.hpp>
#include <libtwin/scenario/units.hpp>

namespace twin::detail {
namespace {

constexpr double kMostLevels = 1e5;

bool read_level(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path, Levels& out) {
  double value = 0;
  if (!read_number(reader, node, rule, path, value)) return false;
  out.values.push_back(value);
  if (node.is(NodeKind::text)) out.texts.push_back(node.text);
  return true;
}

bool read_list(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path, Levels& out) {
  if (!node.is(NodeKind::array)) return refuse_kind(reader, node, path, "a list of levels");
  bool good = true;
  for (const Node& item : node.items) good = read_level(reader, item, rule, path, out) && good;
  if (out.texts.size() != out.values.size()) {
    // Mixed lists keep every level as text, so that one rule tells how to apply them.
    const bool is_mixed = !out.texts.empty();
    out.texts.clear();
    for (const Node& item : node.items) {
      if (is_mixed && good)
        out.texts.push_back(item.is(NodeKind::text) ? item.text : write_number(out.values[out.texts.size()]));
    }
  }
  if (good && out.values.empty()) {
    reader.error("E052", node.place, path, "there are no levels in this list", "empty", "give it at least one");
    return false;
  }
  return good;
}

/// `{ from, to, step }` or `{ from, to, whole }`.
struct Range {
  double from = 0;
  double to = 0;
  std::optional<double> step;
  std::optional<bool> is_whole;
};

/// Complains about a range; returns false.
bool refuse_range(Reader& reader, const Node& node, const std::string& path, std::string message, std::string hint) {
  reader.error("E052", node.place, path, std::move(message), "this range", std::move(hint));
  return false;
}

bool read_ends(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path, Range& range) {
  const Node* const from = node.find("from");
  const Node* const to = node.find("to");
  if (from == nullptr || to == nullptr) {
    return refuse_range(reader, node, path, "a range needs 'from' and 'to'",
                        "write { from = 1, to = 18 } or { values = [1, 2, 4] }");
  }
  NumberRule step_rule = rule;
  step_rule.min = 0;
  step_rule.min_is_open = true;
  bool good = read_number(reader, *from, rule, path + ".from", range.from);
  good = read_number(reader, *to, rule, path + ".to", range.to) && good;
  if (const Node* const step = node.find("step"))
    good = read_number(reader, *step, step_rule, path + ".step", range.step.emplace()) && good;
  if (const Node* const whole = node.find("whole"))
    good = read_truth(reader, *whole, path + ".whole", range.is_whole.emplace()) && good;
  if (good && range.to < range.from)
    return refuse_range(reader, node, path, "this range ends below its start", "swap from and to");
  return good;
}

/// Whether a range without a step is one of whole numbers when nothing is said. A range of a grid is, where it can be.
bool is_whole_by_itself(const Reader& reader, const NumberRule& rule, LevelsOf owner, bool can_be_whole) {
  return rule.is_whole || (can_be_whole && (owner != LevelsOf::number || !reader.samples_ranges));
}

bool read_range(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path, LevelsOf owner,
                Levels& out) {
  const auto fail = [&](const char* message, const char* hint) {
    return refuse_range(reader, node, path, message, hint);
  };
  Range range;
  if (!read_ends(reader, node, rule, path, range)) return false;
  const auto& [from, to, step, is_whole] = range;
  const bool has_unit = time_power_of(rule.dimension) != 0;
  const bool can_be_whole = from == std::floor(from) && to == std::floor(to) && !has_unit;
  if (step && is_whole) return fail("this range has both a 'step' and 'whole'", "leave one of the two out");
  if (is_whole && *is_whole && !can_be_whole)
    return fail("this range is not one of whole numbers", "whole = true needs whole ends without a unit");
  if (is_whole && !*is_whole && rule.is_whole)
    return fail("there is nothing between the whole numbers of this range", "leave whole = false out");
  const bool has_levels = step || is_whole.value_or(is_whole_by_itself(reader, rule, owner, can_be_whole));
  if (!has_levels && !reader.samples_ranges)
    return fail(
        "this range needs a 'step'",
        "only ranges of whole numbers go without one, and all ranges when method = \"sobol\", \"lhs\" or \"random\"");
  const auto add = [&](double value) {
    out.values.push_back(value);
    if (has_unit) out.texts.push_back(write_quantity(value, rule.dimension));
  };
  if (has_levels) {
    // A hair more than the quotient, so that { from = 0, to = 0.3, step = 0.1 } ends at 0.3.
    const double steps = std::floor((to - from) / step.value_or(1) + 1e-9);
    if (!(steps < kMostLevels)) return fail("this range has more than 100,000 levels", "take a larger step");
    for (double i = 0; i <= steps; ++i) add(from + i * step.value_or(1));
    return true;
  }
  if (!std::isfinite(to - from)) return fail("this range is too wide", "its width is no finite number");
  add(from);
  if (to > from) add(to);
  out.is_range = to > from;
  return true;
}

}  // namespace

bool read_levels(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path, LevelsOf owner,
                 Levels& out) {
  if (node.is(NodeKind::array)) return read_list(reader, node, rule, path, out);
  if (!node.is(NodeKind::table)) return read_level(reader, node, rule, path, out);
  std::vector<std::string> known{"from", "to", "step", "whole", "values"};
  if (owner == LevelsOf::parameter) known.emplace_back("value");
  refuse_unknown_keys(reader, node, path, known);
  const Node* const values = node.find("values");
  if (values == nullptr) return read_range(reader, node, rule, path, owner, out);
  if (const Node* const whole = node.find("whole")) {
    reader.error("E052", whole->place, path + ".whole", "'whole' is for ranges, and this is a list", "not a range",
                 "leave it out");
  }
  return read_list(reader, *values, rule, path, out);
}

}  // namespace twin::detail
