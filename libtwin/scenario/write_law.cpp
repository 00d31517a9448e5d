// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/units.hpp>
#include <libtwin/scenario/write_tree.hpp>

namespace twin::detail {
namespace {

/// A number inside a text: an expression or a quantity.
std::string number_text(double value, Dimension dimension, const std::string& path, const Expressions& expressions) {
  const std::string* const bound = expressions.find(path);
  return bound != nullptr ? *bound : write_quantity(value, dimension);
}

std::string call_text(const LawInfo& info, const Distribution& law, Dimension dimension, const std::string& path,
                      const Expressions& expressions) {
  std::string text = std::string(info.name) + "(";
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const LawParameter& p = info.parameters[i];
    if (i > 0) text += ", ";
    text += std::string(p.name) + " = " +
            number_text(law.parameters[i], p.has_dimension ? dimension : Dimension::none,
                        path + "." + std::string(p.name), expressions);
  }
  return text + ")";
}

std::string discrete_text(const Distribution& law, Dimension dimension, const std::string& path,
                          const Expressions& expressions) {
  std::string text = "discrete(";
  for (std::size_t i = 0; i < law.values.size(); ++i) {
    const std::string index = std::to_string(i);
    if (i > 0) text += ", ";
    text += number_text(law.values[i], dimension, path + ".values." + index, expressions) + ": ";
    text += number_text(i < law.weights.size() ? law.weights[i] : 0, Dimension::none, path + ".weights." + index,
                        expressions);
  }
  return text + ")";
}

/// Observed values are kept with the law, so that a scenario that was read needs its files no more.
Node empirical_node(const Distribution& law, Dimension dimension) {
  Node table = table_node();
  add(table, "dist", text_node("empirical"));
  if (!law.name.empty()) add(table, "file", text_node(law.name));
  if (!law.column.empty()) add(table, "column", text_node(law.column));
  if (dimension == Dimension::time) add(table, "unit", text_node("s"));
  std::vector<Node> values;
  values.reserve(law.values.size());
  for (const double value : law.values) values.push_back(real_node(value));
  add(table, "values", array_node(std::move(values)));
  return table;
}

}  // namespace

Expressions::Expressions(const std::vector<Binding>& bindings) {
  for (const Binding& binding : bindings) by_path_.emplace(binding.path, &binding.expression);
}

const std::string* Expressions::find(std::string_view path) const {
  if (by_path_.empty()) return nullptr;
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

bool Expressions::reach(std::string_view path) const {
  const auto next = by_path_.lower_bound(path);
  return next != by_path_.end() && next->first.starts_with(path) &&
         (next->first.size() == path.size() || next->first[path.size()] == '.');
}

Node law_node(const Distribution& law, Dimension dimension, const std::string& path, const Expressions& expressions) {
  const LawInfo& info = law_info(law.kind);
  switch (law.kind) {
    case LawKind::constant: {
      const std::string* const bound = expressions.find(path + ".value");
      return bound != nullptr ? text_node(*bound) : number_node(law.parameters[0], dimension);
    }
    case LawKind::empirical:
      return empirical_node(law, dimension);
    case LawKind::discrete:
      return text_node(discrete_text(law, dimension, path, expressions));
    case LawKind::call:
      return text_node("call(" + law.name + ")");
    default:
      return text_node(call_text(info, law, dimension, path, expressions));
  }
}

}  // namespace twin::detail
