// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/node.hpp>

#include <algorithm>
#include <utility>

#include <libtwin/scenario/wording.hpp>

namespace twin::detail {

const Node* Node::find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

Node* Node::find(std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

Place Node::inside(std::size_t offset, std::size_t length) const {
  if (inner_column == 0) return place;
  Place result = place;
  result.column = inner_column + to_column(offset) - 1;
  result.length = std::max(1, to_column(length) - 1);
  return result;
}

Node text_node(std::string text) {
  Node node;
  node.kind = NodeKind::text;
  node.text = std::move(text);
  return node;
}

Node integer_node(std::int64_t value) {
  Node node;
  node.kind = NodeKind::integer;
  node.integer = value;
  return node;
}

Node real_node(double value) {
  Node node;
  node.kind = NodeKind::real;
  node.real = value;
  return node;
}

Node boolean_node(bool value) {
  Node node;
  node.kind = NodeKind::boolean;
  node.boolean = value;
  return node;
}

Node array_node(std::vector<Node> items) {
  Node node;
  node.kind = NodeKind::array;
  node.items = std::move(items);
  return node;
}

Node table_node() { return {}; }

Node& add(Node& table, std::string key, Node value) {
  table.members.push_back({std::move(key), {}, std::move(value)});
  return table.members.back().value;
}

std::string_view describe(NodeKind kind) {
  switch (kind) {
    case NodeKind::table:
      return "a table";
    case NodeKind::array:
      return "a list";
    case NodeKind::text:
      return "text";
    case NodeKind::integer:
    case NodeKind::real:
      return "a number";
    case NodeKind::boolean:
      return "true or false";
    case NodeKind::other:
      return "a date or time";
  }
  return "a value";
}

}  // namespace twin::detail
