// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// A scenario file as a tree, whatever it was written in. TOML and JSON are read into it and written from it.
namespace twin::detail {

enum class NodeKind : std::uint8_t { table, array, text, integer, real, boolean, other };

/// Where something stands: the index of its file, line and column from 1 (in bytes), and how many bytes it covers.
struct Place {
  int file = -1;
  int line = 0;
  int column = 0;
  int length = 1;
};

struct Member;

struct Node {
  NodeKind kind = NodeKind::table;

  /// For `text`: what it says. For `other`: how it is written.
  std::string text{};

  std::int64_t integer = 0;
  double real = 0;
  bool boolean = false;

  /// For `table`, in the order of the file.
  std::vector<Member> members;

  /// For `array`.
  std::vector<Node> items;

  Place place{};

  /// For `text`: the column of its first byte, when every byte stands in the file as it is (no escapes, one line), so
  /// that a caret can point into it; else 0.
  int inner_column = 0;

  [[nodiscard]] bool is(NodeKind k) const { return kind == k; }

  /// The value of a key, or null. Linear: tables are small, but for those of elements, which are only walked.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Node* find(std::string_view key);

  /// Where `length` bytes from `offset` within the text stand; the whole value when that is not known.
  [[nodiscard]] Place inside(std::size_t offset, std::size_t length) const;
};

struct Member {
  std::string key{};

  /// Of the key.
  Place place{};

  Node value{};
};

[[nodiscard]] Node text_node(std::string text);
[[nodiscard]] Node integer_node(std::int64_t value);
[[nodiscard]] Node real_node(double value);
[[nodiscard]] Node boolean_node(bool value);
[[nodiscard]] Node array_node(std::vector<Node> items);
[[nodiscard]] Node table_node();

/// Adds a member and returns its value, valid until the next one is added.
Node& add(Node& table, std::string key, Node value);

/// `a table`, `text`, `a number` …, for messages.
[[nodiscard]] std::string_view describe(NodeKind kind);

}  // namespace twin::detail
