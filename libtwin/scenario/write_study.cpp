// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/visit.hpp>
#include <libtwin/scenario/write_tree.hpp>

namespace twin::detail {

Node number_node(double value, Dimension dimension) {
  if (dimension == Dimension::none || dimension == Dimension::parts) {
    const bool is_whole = value == std::floor(value) && std::abs(value) < 1e15 && !(value == 0 && std::signbit(value));
    return is_whole ? integer_node(static_cast<std::int64_t>(value)) : real_node(value);
  }
  std::string text = write_quantity(value, dimension);
  const bool is_plain_share = dimension == Dimension::share && !text.ends_with('%');
  return is_plain_share ? number_node(value, Dimension::none) : text_node(std::move(text));
}

Node texts_node(const std::vector<std::string>& texts) {
  std::vector<Node> items;
  for (const std::string& text : texts) items.push_back(text_node(text));
  return array_node(std::move(items));
}

namespace {

Node plain_list(const std::vector<double>& values) {
  std::vector<Node> items;
  for (const double value : values) items.push_back(number_node(value, Dimension::none));
  return array_node(std::move(items));
}

bool is_run_of_whole_numbers(const std::vector<double>& values) {
  if (values.size() < 3 || values.front() != std::floor(values.front())) return false;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] != values[i - 1] + 1) return false;
  }
  return true;
}

/// A section by its field list.
template <class Object, class Fields>
Node section(Object object, Fields&& fields) {
  Node table = table_node();
  fields(object, [&](const Field& field, const auto& member) {
    using Value = std::decay_t<decltype(member)>;
    const std::string name(field.name);
    if constexpr (std::is_same_v<Value, std::string>) {
      if (!member.empty()) add(table, name, text_node(member));
    } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
      if (!member.empty()) add(table, name, texts_node(member));
    } else if constexpr (std::is_same_v<Value, std::vector<StoppingRule>>) {
      std::vector<std::string> rules;
      for (const StoppingRule& rule : member) rules.push_back(write_stopping_rule(rule));
      if (!rules.empty()) add(table, name, texts_node(rules));
    } else if constexpr (std::is_same_v<Value, bool>) {
      add(table, name, boolean_node(member));
    } else if constexpr (std::is_enum_v<Value>) {
      add(table, name, text_node(std::string(enum_names(Value{})[static_cast<std::size_t>(member)])));
    } else if constexpr (std::is_same_v<Value, std::optional<std::int64_t>>) {
      if (member) add(table, name, integer_node(*member));
    } else if constexpr (std::is_same_v<Value, std::optional<double>>) {
      if (member) add(table, name, number_node(*member, field.dimension));
    } else if constexpr (std::is_same_v<Value, std::optional<Amount>>) {
      if (member) add(table, name, number_node(member->value, member->dimension));
    } else if constexpr (std::is_same_v<Value, std::optional<std::uint64_t>>) {
      if (member) add(table, name, seed_node(*member));
    } else {
      add(table, name, integer_node(member));
    }
  });
  return table;
}

/// Leaves out the numbers and switches that have the value they have of themselves.
void drop_defaults(Node& table, const Node& defaults) {
  std::erase_if(table.members, [&](const Member& m) {
    const Node* const other = defaults.find(m.key);
    if (other == nullptr || other->kind != m.value.kind) return false;
    if (m.value.is(NodeKind::boolean)) return m.value.boolean == other->boolean;
    return m.value.is(NodeKind::integer) && m.value.integer == other->integer;
  });
}

Node design_node(const Study& study, Extent extent) {
  const auto list = [](Study& s, auto&& visit) { design_fields(s, visit); };
  Node table = section(study, list);
  if (extent == Extent::without_defaults) drop_defaults(table, section(Study{}, list));
  return table;
}

/// Adds a range of which any number may be chosen. Whole ends alone would mean whole numbers.
void add_range(Node& table, const std::vector<double>& ends, const std::vector<std::string>& texts) {
  const auto end = [&](std::size_t i) {
    return texts.size() == 2 ? text_node(texts[i]) : number_node(ends[i], Dimension::none);
  };
  add(table, "from", end(0));
  add(table, "to", end(1));
  const bool looks_whole = texts.empty() && ends[0] == std::floor(ends[0]) && ends[1] == std::floor(ends[1]);
  if (looks_whole) add(table, "whole", boolean_node(false));
}

Node levels_node(const Factor& factor) {
  if (!factor.is_range || factor.values.size() != 2)
    return factor.texts.empty() ? plain_list(factor.values) : texts_node(factor.texts);
  Node table = table_node();
  add_range(table, factor.values, factor.texts);
  return table;
}

}  // namespace

Node parameters_node(const std::vector<Parameter>& parameters) {
  Node table = table_node();
  for (const Parameter& p : parameters) {
    Node entry = table_node();
    add(entry, "value", number_node(p.nominal, Dimension::none));
    if (p.is_range && p.values.size() == 2) {
      add_range(entry, p.values, {});
    } else if (is_run_of_whole_numbers(p.values)) {
      add(entry, "from", number_node(p.values.front(), Dimension::none));
      add(entry, "to", number_node(p.values.back(), Dimension::none));
    } else {
      add(entry, "values", plain_list(p.values));
    }
    add(table, p.name, std::move(entry));
  }
  return table;
}

Node known_node(const std::vector<KnownAnswer>& known) {
  Node table = table_node();
  for (const KnownAnswer& answer : known) {
    Node entry = table_node();
    add(entry, "value", number_node(answer.value, answer.dimension));
    if (!answer.at.empty()) {
      Node at = table_node();
      for (const auto& [name, value] : answer.at) add(at, name, number_node(value, Dimension::none));
      add(entry, "at", std::move(at));
    }
    if (!answer.source.empty()) add(entry, "source", text_node(answer.source));
    Node* list = table.find(answer.of);
    if (list == nullptr) list = &add(table, answer.of, array_node({}));
    list->items.push_back(std::move(entry));
  }
  return table;
}

void add_study(Node& root, const Study& study, Extent extent) {
  add(root, "design", design_node(study, extent));
  add(root, "replicate", section(study, [](Study& s, auto&& visit) { replicate_fields(s, visit); }));
  if (!study.refine.empty()) {
    std::vector<Node> rounds;
    for (const RefineRound& round : study.refine) {
      rounds.push_back(section(round, [](RefineRound& r, auto&& visit) { refine_fields(r, visit); }));
    }
    add(root, "refine", array_node(std::move(rounds)));
  }
  if (study.select) {
    add(root, "select", section(*study.select, [](Selection& s, auto&& visit) { select_fields(s, visit); }));
  }
  if (!study.factors.empty()) {
    Node factors = table_node();
    for (const Factor& factor : study.factors) {
      add(factors, factor.path, levels_node(factor));
    }
    add(root, "factor", std::move(factors));
  }
  Node measures = table_node();
  for (const Measure& m : study.measures) add(measures, m.name, text_node(m.expression));
  add(root, "measure", std::move(measures));
  Node goal = table_node();
  add(goal, study.maximize ? "maximize" : "minimize", text_node(study.goal));
  if (!study.subject_to.empty()) add(goal, "subject_to", texts_node(study.subject_to));
  add(root, "goal", std::move(goal));
}

}  // namespace twin::detail
