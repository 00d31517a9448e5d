// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/read_levels.hpp>

#include <cmath>
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

bool read_range(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path, Levels& out) {
  const auto fail = [&](std::string message, std::string hint) {
    reader.error("E052", node.place, path, std::move(message), "this range", std::move(hint));
    return false;
  };
  const Node* const from_node = node.find("from");
  const Node* const to_node = node.find("to");
  const Node* const step_node = node.find("step");
  if (from_node == nullptr || to_node == nullptr) {
    return fail("a range needs 'from' and 'to'", "write { from = 1, to = 18 } or { values = [1, 2, 4] }");
  }
  double from = 0;
  double to = 0;
  double step = 1;
  NumberRule step_rule = rule;
  step_rule.min = 0;
  step_rule.min_is_open = true;
  bool good = read_number(reader, *from_node, rule, path + ".from", from);
  good = read_number(reader, *to_node, rule, path + ".to", to) && good;
  if (step_node != nullptr) good = read_number(reader, *step_node, step_rule, path + ".step", step) && good;
  if (!good) return false;
  if (to < from) return fail("this range ends below its start", "swap from and to");
  if (step_node == nullptr &&
      (from != std::floor(from) || to != std::floor(to) || time_power_of(rule.dimension) != 0)) {
    return fail("this range needs a 'step'", "only ranges of whole numbers go without one");
  }
  // A hair more than the quotient, so that { from = 0, to = 0.3, step = 0.1 } ends at 0.3.
  const double steps = std::floor((to - from) / step + 1e-9);
  if (!(steps < kMostLevels)) return fail("this range has more than 100,000 levels", "take a larger step");
  const bool has_unit = time_power_of(rule.dimension) != 0;
  for (double i = 0; i <= steps; ++i) {
    out.values.push_back(from + i * step);
    if (has_unit) out.texts.push_back(write_quantity(out.values.back(), rule.dimension));
  }
  return true;
}

}  // namespace

bool read_levels(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path,
                 const std::vector<std::string>& extra, Levels& out) {
  if (node.is(NodeKind::array)) return read_list(reader, node, rule, path, out);
  if (!node.is(NodeKind::table)) return read_level(reader, node, rule, path, out);
  std::vector<std::string> known{"from", "to", "step", "values"};
  known.insert(known.end(), extra.begin(), extra.end());
  refuse_unknown_keys(reader, node, path, known);
  if (const Node* const values = node.find("values")) return read_list(reader, *values, rule, path, out);
  return read_range(reader, node, rule, path, out);
}

}  // namespace twin::detail
