// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/model/name.hpp>
#include <libtwin/scenario/law_names.hpp>
#include <libtwin/scenario/units.hpp>
#include <libtwin/scenario/values.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

/// The keys a law in table form may have, beside `dist`.
std::vector<std::string> keys_of(const LawInfo& info) {
  std::vector<std::string> keys;
  for (const LawParameter& p : info.parameters) keys.emplace_back(p.name);
  if (info.kind == LawKind::empirical) keys = {"file", "column", "unit", "values"};
  if (info.kind == LawKind::discrete) keys = {"values", "weights"};
  if (info.kind == LawKind::call) keys = {"name"};
  return keys;
}

bool check_keys(Reader& reader, const Node& table, const LawInfo& info, const std::string& path) {
  const std::vector<std::string> keys = keys_of(info);
  bool good = true;
  for (const Member& m : table.members) {
    if (m.key == "dist" || std::find(keys.begin(), keys.end(), m.key) != keys.end()) continue;
    reader.error("E031", m.place, path, quote(info.name) + " has no parameter " + quote(m.key), "not a parameter",
                 reader.suggest(m.key, keys, "write " + law_signature(info)));
    good = false;
  }
  return good;
}

bool read_numbers(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path,
                  std::vector<double>& out) {
  if (!node.is(NodeKind::array)) return refuse_kind(reader, node, path, "a list of numbers");
  bool good = true;
  out.reserve(node.items.size());
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    good = read_number(reader, node.items[i], rule, path + "." + std::to_string(i), out.emplace_back()) && good;
  }
  return good;
}

bool missing(Reader& reader, const Node& table, const LawInfo& info, const std::string& path, std::string_view key) {
  reader.error("E031", table.place, path, quote(info.name) + " needs " + quote(key), "incomplete",
               "write " + law_signature(info));
  return false;
}

bool read_parameters(Reader& reader, const Node& table, const LawInfo& info, Dimension dimension,
                     const std::string& path, Distribution& law) {
  bool good = true;
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const LawParameter& p = info.parameters[i];
    const std::string inner = path + "." + std::string(p.name);
    if (const Node* const value = table.find(p.name)) {
      good = read_number(reader, *value, rule_of(p, dimension), inner, law.parameters[i]) && good;
    } else if (!reader.overrides.contains(inner)) {
      good = missing(reader, table, info, path, p.name);
    }
  }
  return good;
}

bool read_discrete(Reader& reader, const Node& table, const LawInfo& info, Dimension dimension, const std::string& path,
                   Distribution& law) {
  const Node* const values = table.find("values");
  const Node* const weights = table.find("weights");
  if (values == nullptr) return missing(reader, table, info, path, "values");
  if (weights == nullptr) return missing(reader, table, info, path, "weights");
  NumberRule rule;
  const bool good = read_numbers(reader, *weights, rule, path + ".weights", law.weights);
  rule.dimension = dimension;
  return read_numbers(reader, *values, rule, path + ".values", law.values) && good;
}

/// Values given in the table itself are bare numbers of `unit`, or carry one each.
bool read_empirical(Reader& reader, const Node& table, const LawInfo& info, Dimension dimension,
                    const std::string& path, Distribution& law) {
  std::string unit;
  const auto read_key = [&](std::string_view key, std::string& out) {
    const Node* const value = table.find(key);
    return value == nullptr || read_text(reader, *value, path + "." + std::string(key), out);
  };
  if (!read_key("file", law.name) || !read_key("column", law.column) || !read_key("unit", unit)) return false;
  const Node* const values = table.find("values");
  if (values == nullptr) {
    if (law.name.empty()) return missing(reader, table, info, path, "file");
    return read_csv_column(reader, table, path, law.name, law.column, unit, dimension, law.values);
  }
  NumberRule rule;
  rule.dimension = unit.empty() ? dimension : Dimension::none;
  if (!read_numbers(reader, *values, rule, path + ".values", law.values)) return false;
  if (unit.empty()) return true;
  const Unit* const found = find_unit(unit);
  if (found == nullptr || found->time_power != time_power_of(dimension)) {
    reader.error("E023", table.find("unit")->place, path, quote(unit) + " is not a unit of this value", "not a unit",
                 unit_hint(unit));
    return false;
  }
  for (double& value : law.values) value = found->to_si(value);
  return true;
}

bool read_call(Reader& reader, const Node& table, const LawInfo& info, const std::string& path, Distribution& law) {
  const Node* const name = table.find("name");
  if (name == nullptr) return missing(reader, table, info, path, "name");
  if (!read_text(reader, *name, path + ".name", law.name)) return false;
  if (is_name(law.name)) return true;
  reader.error("E031", name->place, path, quote(law.name) + " is not the name of a function", "not a name",
               std::string(kNameRule));
  return false;
}

bool read_of_kind(Reader& reader, const Node& node, const LawInfo& info, Dimension dimension, const std::string& path,
                  Distribution& law) {
  switch (info.kind) {
    case LawKind::discrete:
      return read_discrete(reader, node, info, dimension, path, law);
    case LawKind::empirical:
      return read_empirical(reader, node, info, dimension, path, law);
    case LawKind::call:
      return read_call(reader, node, info, path, law);
    default:
      return read_parameters(reader, node, info, dimension, path, law);
  }
}

}  // namespace

std::vector<std::string> law_names() {
  std::vector<std::string> names;
  for (const LawInfo& info : law_infos()) names.emplace_back(info.name);
  return names;
}

std::string law_signature(const LawInfo& info) {
  if (info.kind == LawKind::empirical) return "empirical('file.csv', column = 'cycle_s')";
  if (info.kind == LawKind::discrete) return "discrete(10 s: 0.3, 20 s: 0.7)";
  if (info.kind == LawKind::call) return "call(name)";
  std::string text(info.name);
  text += '(';
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    if (i > 0) text += ", ";
    text += info.parameters[i].name;
  }
  return text + ")";
}

bool read_law_table(Reader& reader, const Node& node, Dimension dimension, const std::string& path, Distribution& out) {
  const Node* const dist = node.find("dist");
  if (dist == nullptr) {
    reader.error("E031", node.place, path, "this table does not say which distribution it is", "no 'dist'",
                 "write { dist = \"lognormal\", mean = \"41 s\", cv = 0.15 }");
    return false;
  }
  std::string name;
  if (!read_text(reader, *dist, path + ".dist", name)) return false;
  const LawInfo* const info = find_law(name);
  if (info == nullptr) {
    reader.error("E030", dist->inside(0, name.size()), path, "unknown distribution " + quote(name),
                 "not a distribution",
                 reader.suggest(name, law_names(), "distributions are " + list_words(law_names())));
    return false;
  }
  Distribution law;
  law.kind = info->kind;
  law.parameters = {};
  const bool keys_are_good = check_keys(reader, node, *info, path);
  if (!read_of_kind(reader, node, *info, dimension, path, law) || !keys_are_good) return false;
  const std::vector<std::string> found = problems(law);
  if (!found.empty() && law.kind != LawKind::call) {
    reader.error("E032", node.place, path, std::string(info->name) + " cannot be: " + found.front(), "impossible",
                 std::string(info->doc));
    return false;
  }
  out = std::move(law);
  return true;
}

}  // namespace twin::detail
