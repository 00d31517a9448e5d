// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <libtwin/scenario/line_index.hpp>
#include <libtwin/scenario/read_model.hpp>
#include <libtwin/scenario/reader.hpp>
#include <libtwin/scenario/units.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

using Json = nlohmann::json;

/// Walks over a text and counts what has been consumed, which is where the parser stands in it.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, std::size_t* consumed) : at_(at), consumed_(consumed) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    ++*consumed_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at_ == b.at_; }
  friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return !(a == b); }

 private:
  const char* at_;
  std::size_t* consumed_;
};

/// Builds the tree from the events of the parser; nothing recurses, so no nesting can exhaust the stack.
class TreeBuilder {
 public:
  TreeBuilder(Reader& reader, int file, const LineIndex& lines, std::string_view text, const std::size_t& consumed)
      : reader_(reader), file_(file), lines_(lines), text_(text), consumed_(consumed) {}

  bool null() { return fail("null says nothing here", "leave the key out"); }
  bool boolean(bool value) { return put(boolean_node(value)); }
  bool number_integer(Json::number_integer_t value) { return put(integer_node(value)); }
  bool number_unsigned(Json::number_unsigned_t value) {
    if (value <= static_cast<std::uint64_t>(INT64_MAX)) return put(integer_node(static_cast<std::int64_t>(value)));
    return put(text_node(std::to_string(value)));
  }
  bool number_float(Json::number_float_t value, const std::string&) { return put(real_node(value)); }
  bool string(std::string& value) { return put(text_node(std::move(value))); }
  bool binary(Json::binary_t&) { return false; }

  bool start_object(std::size_t) { return open(table_node()); }
  bool start_array(std::size_t) { return open(array_node({})); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    const Place place = place_before(name.size() + 2);
    Node& table = open_.back();
    if (table.find(name) != nullptr) {
      reader_.error("E011", place, "", quote(name) + " is described twice", "again here", "keep one of the two");
    }
    keys_.emplace_back(std::move(name), place);
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception& error) {
    std::string what = error.what();
    const std::size_t colon = what.find("; ");
    what = quote(colon == std::string::npos ? what : what.substr(colon + 2));
    return fail("not valid JSON: " + what.substr(1, what.size() - 2), "");
  }

  [[nodiscard]] Node take_root() { return std::move(root_); }

 private:
  static constexpr std::size_t kDeepest = 64;

  bool fail(std::string message, std::string hint) {
    reader_.error("E002", place_before(1), "", std::move(message), "here", std::move(hint));
    reader_.is_whole = false;
    return false;
  }

  /// The place of the `length` bytes before the point that the parser has reached.
  [[nodiscard]] Place place_before(std::size_t length) const {
    const std::size_t end = std::min(consumed_, text_.size());
    const std::size_t begin = end > length ? end - length : 0;
    const std::size_t line = lines_.line_at(begin);
    return {file_, to_column(line) - 1, to_column(begin - lines_.offset(line)), to_column(end - begin) - 1};
  }

  bool open(Node node) {
    if (open_.size() >= kDeepest) return fail("this is nested deeper than 64 levels", "no scenario is");
    node.place = place_before(1);
    open_.push_back(std::move(node));
    return true;
  }

  bool close() {
    Node node = std::move(open_.back());
    open_.pop_back();
    by_name(node);
    return attach(std::move(node));
  }

  bool put(Node node) {
    const bool is_text = node.is(NodeKind::text);
    node.place = place_before(is_text ? node.text.size() + 2 : 1);
    // Escapes make the text longer in the file than it is; then no caret can point into it.
    const std::size_t inner =
        lines_.offset(static_cast<std::size_t>(node.place.line)) + static_cast<std::size_t>(node.place.column);
    if (is_text && text_.substr(std::min(inner, text_.size()), node.text.size()) == node.text) {
      node.inner_column = node.place.column + 1;
    }
    return attach(std::move(node));
  }

  bool attach(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (open_.back().is(NodeKind::array)) {
      open_.back().items.push_back(std::move(node));
    } else {
      auto& [key, place] = keys_.back();
      // An empty list is an empty table where lists of names stand for tables.
      if (node.is(NodeKind::array) && node.items.empty() && keeps_order(key)) node.kind = NodeKind::table;
      open_.back().members.push_back({std::move(key), place, std::move(node)});
      keys_.pop_back();
    }
    return true;
  }

  /// Canonical JSON sorts keys, and so keeps what has an order as a list of objects with a `name`; that is a table here.
  static void by_name(Node& node) {
    if (!node.is(NodeKind::array) || node.items.empty()) return;
    const bool all_named = std::all_of(node.items.begin(), node.items.end(), [](const Node& item) {
      const Node* const name = item.is(NodeKind::table) ? item.find("name") : nullptr;
      return name != nullptr && name->is(NodeKind::text);
    });
    if (!all_named) return;
    Node table = table_node();
    table.place = node.place;
    for (Node& item : node.items) {
      Member member{item.find("name")->text, item.find("name")->place, {}};
      std::erase_if(item.members, [](const Member& m) { return m.key == "name"; });
      Node* const value = item.find("is");
      member.value = value != nullptr && item.members.size() == 1 ? Node(std::move(*value)) : std::move(item);
      table.members.push_back(std::move(member));
    }
    node = std::move(table);
  }

  Reader& reader_;
  int file_;
  const LineIndex& lines_;
  std::string_view text_;
  const std::size_t& consumed_;
  std::vector<Node> open_;
  std::vector<std::pair<std::string, Place>> keys_;
  Node root_;
};

/// Stations stand in one list, `station`, each with its kind, because they share one order.
void split_stations(Node& root) {
  Node* const stations = root.find("station");
  if (stations == nullptr || !stations->is(NodeKind::table)) return;
  std::vector<Member> members = std::move(stations->members);
  std::erase_if(root.members, [](const Member& m) { return m.key == "station"; });
  for (Member& m : members) {
    const Node* const kind = m.value.find("kind");
    const std::string section = kind != nullptr && kind->is(NodeKind::text) ? kind->text : "machine";
    std::erase_if(m.value.members, [](const Member& inner) { return inner.key == "kind"; });
    Node* table = root.find(section);
    if (table == nullptr) table = &add(root, section, table_node());
    if (table->is(NodeKind::table)) table->members.push_back(std::move(m));
  }
}

}  // namespace

Node read_json_tree(Reader& reader, int file) {
  const std::string text = reader.files[static_cast<std::size_t>(file)].text;
  const LineIndex lines(text);
  std::size_t consumed = 0;
  TreeBuilder builder(reader, file, lines, text, consumed);
  const CountingIterator begin(text.data(), &consumed);
  const CountingIterator end(text.data() + text.size(), &consumed);
  if (!Json::sax_parse(begin, end, &builder)) return {};
  Node root = builder.take_root();
  if (!root.is(NodeKind::table)) return {};
  split_stations(root);
  return root;
}

}  // namespace twin::detail
