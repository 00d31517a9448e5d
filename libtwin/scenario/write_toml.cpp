// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <libtwin/scenario/scenario.hpp>
#include <libtwin/scenario/units.hpp>
#include <libtwin/scenario/write_tree.hpp>

namespace twin {
namespace {

using detail::Member;
using detail::Node;
using detail::NodeKind;

constexpr std::size_t kWidestLine = 100;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string key_text(std::string_view key) {
  const bool is_bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return is_bare ? std::string(key) : quoted(key);
}

std::string real_text(double value) {
  std::string text = detail::write_number(value);
  if (text.find_first_not_of("0123456789-") == std::string::npos) text += ".0";
  return text;
}

std::string value_text(const Node& node);

std::string table_text(const Node& node) {
  std::string out = "{";
  for (const Member& m : node.members)
    out += (out.size() > 1 ? ", " : " ") + key_text(m.key) + " = " + value_text(m.value);
  return out + (node.members.empty() ? "}" : " }");
}

std::string array_text(const Node& node) {
  std::vector<std::string> items;
  std::size_t width = 0;
  for (const Node& item : node.items) {
    items.push_back(value_text(item));
    width += items.back().size() + 2;
  }
  if (width <= kWidestLine) return fmt::format("[{}]", fmt::join(items, ", "));
  std::string out = "[\n ";
  std::size_t column = 1;
  for (const std::string& item : items) {
    if (column > 1 && column + item.size() > kWidestLine) {
      out += "\n ";
      column = 1;
    }
    out += " " + item + ",";
    column += item.size() + 2;
  }
  return out + "\n]";
}

std::string value_text(const Node& node) {
  switch (node.kind) {
    case NodeKind::table:
      return table_text(node);
    case NodeKind::array:
      return array_text(node);
    case NodeKind::text:
    case NodeKind::other:
      return quoted(node.text);
    case NodeKind::integer:
      return std::to_string(node.integer);
    case NodeKind::real:
      return real_text(node.real);
    case NodeKind::boolean:
      return node.boolean ? "true" : "false";
  }
  return {};
}

/// Tables that get a header of their own: those of elements, of failures, and lists of tables.
bool has_header(const Node& value, const std::string& key) {
  if (value.is(NodeKind::array)) {
    return !value.items.empty() && value.items.front().is(NodeKind::table) &&
           (key == "refine" || key.starts_with("known."));
  }
  return value.is(NodeKind::table) && key.ends_with(".failure");
}

void write_table(const std::string& header, const Node& table, bool is_element, std::string& out);

void write_list(const std::string& header, const Node& list, std::string& out) {
  for (const Node& item : list.items) {
    out += "\n[[" + header + "]]\n";
    for (const Member& m : item.members) out += key_text(m.key) + " = " + value_text(m.value) + "\n";
  }
}

void write_table(const std::string& header, const Node& table, bool is_element, std::string& out) {
  if (is_element || !table.members.empty()) out += "\n[" + header + "]\n";
  for (const Member& m : table.members) {
    if (!has_header(m.value, header + "." + m.key)) out += key_text(m.key) + " = " + value_text(m.value) + "\n";
  }
  for (const Member& m : table.members) {
    const std::string inner = header + "." + key_text(m.key);
    if (!has_header(m.value, header + "." + m.key)) continue;
    for (const Member& mode : m.value.members) write_table(inner + "." + key_text(mode.key), mode.value, true, out);
  }
}

/// Sections whose members are tables by name.
bool holds_elements(std::string_view section) {
  constexpr std::string_view kPlain[] = {"factory", "run",     "parameter", "design", "replicate",
                                         "factor",  "measure", "goal",      "select"};
  return std::find(std::begin(kPlain), std::end(kPlain), section) == std::end(kPlain);
}

}  // namespace

std::string write_toml(const Scenario& scenario) {
  const Node root = detail::scenario_tree(scenario, detail::Extent::without_defaults);
  std::string out;
  for (const Member& section : root.members) {
    const Node& value = section.value;
    if (value.is(NodeKind::array)) {
      write_list(section.key, value, out);
    } else if (!value.is(NodeKind::table)) {
      out += section.key + " = " + value_text(value) + "\n";
    } else if (section.key == "known") {
      for (const Member& m : value.members) write_list("known." + key_text(m.key), m.value, out);
    } else if (holds_elements(section.key)) {
      for (const Member& m : value.members) write_table(section.key + "." + key_text(m.key), m.value, true, out);
    } else {
      write_table(section.key, value, false, out);
    }
  }
  return out;
}

}  // namespace twin
