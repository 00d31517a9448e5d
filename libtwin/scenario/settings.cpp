// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/settings.hpp>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <libtwin/scenario/path.hpp>
#include <libtwin/scenario/read_model.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

template <class Number>
bool read_all(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

/// The value of a setting: a TOML list or table, a number, true or false, and else text without quotes.
Node value_of(Reader& reader, const Setting& setting) {
  const int file = static_cast<int>(reader.files.size());
  reader.files.push_back({"--set " + setting.first, setting.second});
  const std::string_view text = trim(setting.second);
  if (!text.empty() && (text.front() == '[' || text.front() == '{' || text.front() == '"' || text.front() == '\'')) {
    reader.files.back().text = "value = " + std::string(text);
    Node tree = read_toml_tree(reader, file);
    if (Node* const value = tree.find("value")) return std::move(*value);
    return text_node("");
  }
  Node node = text_node(setting.second);
  std::int64_t whole = 0;
  double real = 0;
  if (read_all(text, whole)) {
    node = integer_node(whole);
  } else if (read_all(text, real)) {
    node = real_node(real);
  } else if (text == "true" || text == "false") {
    node = boolean_node(text == "true");
  }
  node.place = {file, 1, 1, std::max(1, to_column(setting.second.size()) - 1)};
  node.inner_column = node.is(NodeKind::text) ? 1 : 0;
  return node;
}

/// The member of a path part; keys of setups are compared without regard to blanks around the arrow.
Node* find_part(Node& table, const std::string& part) {
  if (Node* const exact = table.find(part)) return exact;
  const std::string wanted = path_part(part);
  for (Member& m : table.members) {
    if (m.key.find("->") != std::string::npos && path_part(m.key) == wanted) return &m.value;
  }
  return nullptr;
}

Node& find_or_add(Node& table, const std::string& part, const Place& place) {
  if (Node* const found = find_part(table, part)) return *found;
  Node& added = add(table, part, table_node());
  table.members.back().place = place;
  added.place = place;
  return added;
}

void refuse_path(Reader& reader, const Place& place, const std::string& path,
                 const std::vector<std::string>& candidates) {
  reader.error("E012", place, path, "unknown path " + quote(path), "nothing has this path",
               reader.suggest(path, candidates, "a path is like machine.weld.cycle.mean or run.seed"));
}

/// The paths of the elements, for suggestions.
std::vector<std::string> element_paths(const Node& root) {
  std::vector<std::string> paths;
  for (const std::string& section : element_sections()) {
    if (const Node* const table = root.find(section)) {
      for (const Member& m : table->members) paths.push_back(section + "." + path_part(m.key));
    }
  }
  return paths;
}

void refuse_section(Reader& reader, const Node& root, const Node& value, const std::string& path,
                    const std::vector<std::string>& parts) {
  std::vector<std::string> sections = element_sections();
  sections.insert(sections.end(), {"run", "parameter", "flow"});
  const std::string near = nearest_name(parts[0], sections);
  std::string hint;
  if (!near.empty() && near != parts[0]) {
    hint = "did you mean '" + near + path.substr(parts[0].size()) + "'?";
  } else {
    const std::string element = parts.size() > 1 ? parts[0] + "." + path_part(parts[1]) : path;
    hint = reader.suggest(element, element_paths(root), "a path is like machine.weld.cycle.mean or run.seed");
  }
  reader.error("E012", value.place, path, "unknown path " + quote(path), "nothing has this path", std::move(hint));
}

void apply_setting(Reader& reader, Node& root, const Setting& setting) {
  Node value = value_of(reader, setting);
  const std::string& path = setting.first;
  const auto parts = split_path(path);
  if (!parts || parts->size() < 2) return refuse_path(reader, value.place, path, element_paths(root));
  const std::string& section = parts->front();
  if (section == "flow") {
    reader.overrides.insert_or_assign(canonical_path(path), Reader::Override{std::move(value)});
    return;
  }
  const bool is_element = contains(element_sections(), section);
  const Node* const table = root.find(section);
  const bool has_element = is_element && table != nullptr && table->find((*parts)[1]) != nullptr;
  const bool is_section = contains(model_sections(), section) || contains(study_sections(), section);
  if (is_element ? !has_element || parts->size() < 3 : !is_section) {
    return refuse_section(reader, root, value, path, *parts);
  }
  Node* node = &find_or_add(root, section, value.place);
  for (std::size_t i = 1; i + 1 < parts->size() && node->is(NodeKind::table); ++i) {
    node = &find_or_add(*node, (*parts)[i], value.place);
  }
  if (!node->is(NodeKind::table)) {
    reader.overrides.insert_or_assign(canonical_path(path), Reader::Override{std::move(value)});
    return;
  }
  const Place place = value.place;
  find_or_add(*node, parts->back(), place) = std::move(value);
}

}  // namespace

void apply_settings(Reader& reader, Node& root, const std::vector<Setting>& settings) {
  for (const Setting& setting : settings) apply_setting(reader, root, setting);
}

void refuse_unused_overrides(Reader& reader, const Factory& factory) {
  std::vector<std::string> candidates;
  for (const auto& [path, override_of] : reader.overrides) {
    if (override_of.is_taken) continue;
    if (candidates.empty()) {
      for (const auto& [name, value] : list_numbers(factory)) candidates.push_back(name);
    }
    refuse_path(reader, override_of.value.place, path, candidates);
  }
}

}  // namespace twin::detail
