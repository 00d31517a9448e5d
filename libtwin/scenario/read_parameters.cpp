// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/lexer.hpp>
#include <libtwin/scenario/read_fields.hpp>
#include <libtwin/scenario/read_levels.hpp>
#include <libtwin/scenario/read_model.hpp>
#include <libtwin/scenario/units.hpp>

namespace twin::detail {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// More than a study can vary; keeps a hostile file from filling the memory with levels.
constexpr std::size_t kMostParameters = 100;

/// A condition of `[design] where`, with what it costs to ask.
struct Condition {
  Expression expression;
  std::size_t cost = 1;

  [[nodiscard]] bool holds(std::span<const double> values) const { return expression.evaluate(values) != 0; }
};

/// Finds the first design of the grid, the last parameter running fastest, that meets all conditions. Conditions are
/// asked as soon as their names have values, which keeps the search far from the size of the grid.
class DesignSearch {
 public:
  DesignSearch(const std::vector<Condition>& conditions, std::vector<std::vector<double>> levels)
      : levels_(std::move(levels)), values_(levels_.size()), due_(levels_.size()) {
    for (const Condition& condition : conditions) {
      const std::vector<int>& used = condition.expression.used_names();
      if (used.empty()) {
        is_possible_ = is_possible_ && condition.holds({});
      } else {
        due_[static_cast<std::size_t>(used.back())].push_back(&condition);
      }
    }
  }

  bool find() { return is_possible_ && find_from(0); }
  [[nodiscard]] const std::vector<double>& values() const { return values_; }
  [[nodiscard]] bool gave_up() const { return steps_ <= 0; }

 private:
  bool find_from(std::size_t index) {
    if (index == levels_.size()) return true;
    for (const double value : levels_[index]) {
      values_[index] = value;
      const bool holds = std::all_of(due_[index].begin(), due_[index].end(), [&](const Condition* c) {
        steps_ -= static_cast<long>(c->cost);
        return c->holds(values_);
      });
      if (--steps_ <= 0) return false;
      if (holds && find_from(index + 1)) return true;
    }
    return false;
  }

  std::vector<std::vector<double>> levels_;
  std::vector<double> values_;
  std::vector<std::vector<const Condition*>> due_;
  bool is_possible_ = true;

  /// Bounds the search to a fraction of a second.
  long steps_ = 2000000;
};

bool is_good_name(Reader& reader, const Member& member) {
  static constexpr std::string_view kWords[] = {"and", "or", "not", "nan", "inf"};
  const bool is_keyword = std::find(std::begin(kWords), std::end(kWords), member.key) != std::end(kWords);
  if (is_word(member.key) && find_unit(member.key) == nullptr && !is_keyword) return true;
  reader.error("E051", member.place, "parameter." + path_part(member.key),
               quote(member.key) + " cannot be the name of a parameter", "not a name",
               "a name has letters, digits and '_', begins with a letter, and is no unit");
  return false;
}

void read_parameter(Reader& reader, const Member& member, Parameter& parameter) {
  const std::string path = "parameter." + member.key;
  const NumberRule rule{.dimension = Dimension::none, .min = -kInf};
  Levels levels;
  const Node* const value = member.value.is(NodeKind::table) ? member.value.find("value") : nullptr;
  const bool has_value_only = value != nullptr && member.value.members.size() == 1;
  const Node& levels_node = has_value_only ? *value : member.value;
  if (!read_levels(reader, levels_node, rule, path, LevelsOf::parameter, levels)) levels.values = {1};
  parameter.name = member.key;
  parameter.values = std::move(levels.values);
  parameter.is_range = levels.is_range;
  parameter.nominal = parameter.values.front();
  if (value != nullptr) read_number(reader, *value, rule, path + ".value", parameter.nominal);
}

/// The conditions of `[design] where` that could be read, with the node they come from.
std::vector<Condition> read_conditions(Reader& reader, const Node& root, const Node*& where) {
  std::vector<Condition> conditions;
  const Node* const design = root.find("design");
  where = design != nullptr ? design->find("where") : nullptr;
  if (where == nullptr) return conditions;
  const auto read_one = [&](const Node& node) {
    if (!node.is(NodeKind::text)) return;  // Complained about where the study is read.
    std::vector<Diagnostic> mistakes;
    Expression condition = Expression::parse(node.text, reader.names, mistakes);
    for (Diagnostic& mistake : mistakes) reader.error_inside(std::move(mistake), node, 0, "design.where");
    if (!condition.empty()) conditions.push_back({std::move(condition), 1 + node.text.size() / 4});
  };
  if (where->is(NodeKind::array)) {
    for (const Node& item : where->items) read_one(item);
  } else {
    read_one(*where);
  }
  return conditions;
}

/// The values that a search for nominal values looks at: all there are, or some that are spread over a range.
std::vector<double> candidates_of(const Parameter& parameter) {
  if (!parameter.is_range) return parameter.values;
  constexpr int kIntervals = 32;
  std::vector<double> values;
  const double width = parameter.values[1] - parameter.values[0];
  for (int i = 0; i < kIntervals; ++i) values.push_back(parameter.values[0] + width / kIntervals * i);
  values.push_back(parameter.values[1]);
  return values;
}

/// Moves the nominal values to a design that the study allows: a model that stands for none of its designs is no use.
void meet_conditions(Reader& reader, const std::vector<Condition>& conditions, const Node& where,
                     const std::vector<bool>& is_fixed, std::vector<Parameter>& parameters) {
  std::vector<double> nominals;
  for (const Parameter& p : parameters) nominals.push_back(p.nominal);
  const bool holds =
      std::all_of(conditions.begin(), conditions.end(), [&](const Condition& c) { return c.holds(nominals); });
  if (holds) return;
  for (const bool keeps_values : {true, false}) {
    std::vector<std::vector<double>> levels;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      levels.push_back(keeps_values && is_fixed[i] ? std::vector{parameters[i].nominal} : candidates_of(parameters[i]));
    }
    DesignSearch search(conditions, std::move(levels));
    if (search.find()) {
      for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].nominal = search.values()[i];
      return;
    }
    if (search.gave_up()) return;
  }
  // Between the values that were looked at there may be some that do.
  if (std::any_of(parameters.begin(), parameters.end(), [](const Parameter& p) { return p.is_range; })) return;
  reader.error("E051", where.place, "design.where", "no design meets these conditions", "never true",
               "check the ranges of the parameters");
}

}  // namespace

void read_parameters(Reader& reader, const Node& root, std::vector<Parameter>& parameters) {
  std::vector<bool> is_fixed;
  const Node* const section = root.find("parameter");
  if (section != nullptr && !section->is(NodeKind::table)) {
    refuse_kind(reader, *section, "parameter", "a table", "write [parameter]");
  } else if (section != nullptr) {
    for (const Member& member : section->members) {
      if (!is_good_name(reader, member)) continue;
      if (parameters.size() == kMostParameters) {
        reader.error("E051", member.place, "parameter." + member.key, "there are more than 100 parameters",
                     "one too many");
        break;
      }
      read_parameter(reader, member, parameters.emplace_back());
      is_fixed.push_back(member.value.is(NodeKind::table) && member.value.find("value") != nullptr);
    }
  }
  for (const Parameter& p : parameters) reader.names.push_back(p.name);
  const Node* where = nullptr;
  const std::vector<Condition> conditions = read_conditions(reader, root, where);
  if (!conditions.empty()) meet_conditions(reader, conditions, *where, is_fixed, parameters);
  for (const Parameter& p : parameters) reader.nominals.push_back(p.nominal);
}

}  // namespace twin::detail
