// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <libtwin/scenario/path.hpp>
#include <libtwin/scenario/values.hpp>
#include <libtwin/scenario/visit.hpp>
#include <libtwin/scenario/wording.hpp>

/// Reading a member of a description struct by its C++ type.
namespace twin::detail {

template <class T>
void read_table(Reader& reader, const Node& table, const std::string& path, T& object);

/// Reads a release schedule: a file name, a list of releases, or both as `{ file, releases }`.
void read_schedule(Reader& reader, const Node& node, const std::string& path, Source& source);

/// Reads `[replicate] until`: a rule or a list of rules; an empty text is none.
void read_stopping_rules(Reader& reader, const Node& node, const std::string& path, std::vector<StoppingRule>& rules);

/// Reads the tables of `[machine.weld.failure.NAME]`.
void read_failures(Reader& reader, const Node& node, const std::string& path, std::vector<FailureMode>& failures);

template <class Value>
void read_member(Reader& reader, const Node& node, const Field& field, Dimension dimension, const std::string& path,
                 Value& member);

template <class Value>
void read_map(Reader& reader, const Node& node, const Field& field, Dimension dimension, const std::string& path,
              std::map<std::string, Value>& member) {
  if (!node.is(NodeKind::table)) {
    refuse_kind(reader, node, path, "a table");
    return;
  }
  const bool is_setup = field.name == "setup";
  for (const Member& entry : node.members) {
    const std::string key = is_setup ? spaced_arrow(entry.key) : entry.key;
    Value value{};
    read_member(reader, entry.value, field, dimension, path + "." + path_part(key), value);
    if (!member.emplace(key, std::move(value)).second) {
      reader.error("E011", entry.place, path + "." + path_part(key), quote(key) + " is given twice", "again here",
                   "keep one of the two");
    }
  }
}

template <class Value>
void read_member(Reader& reader, const Node& node, const Field& field, Dimension dimension, const std::string& path,
                 Value& member) {
  if constexpr (std::is_same_v<Value, double>) {
    NumberRule rule = rule_of(field);
    rule.dimension = dimension;
    read_number(reader, node, rule, path, member);
  } else if constexpr (std::is_same_v<Value, std::int64_t>) {
    const bool is_unlimited = field.name == "capacity" && node.is(NodeKind::text) && trim(node.text) == "unlimited";
    if (is_unlimited) {
      member = kUnlimited;
    } else {
      read_whole(reader, node, rule_of(field), path, member);
    }
  } else if constexpr (std::is_same_v<Value, std::uint64_t>) {
    read_seed(reader, node, path, member);
  } else if constexpr (std::is_same_v<Value, std::optional<std::int64_t>>) {
    std::int64_t number = 0;
    if (read_whole(reader, node, rule_of(field), path, number)) member = number;
  } else if constexpr (std::is_same_v<Value, std::optional<std::uint64_t>>) {
    std::uint64_t number = 0;
    if (read_seed(reader, node, path, number)) member = number;
  } else if constexpr (std::is_same_v<Value, std::optional<double>>) {
    double number = 0;
    if (read_number(reader, node, rule_of(field), path, number)) member = number;
  } else if constexpr (std::is_same_v<Value, std::optional<Amount>>) {
    Amount amount;
    if (read_amount(reader, node, path, amount)) member = amount;
  } else if constexpr (std::is_same_v<Value, bool>) {
    read_truth(reader, node, path, member);
  } else if constexpr (std::is_enum_v<Value>) {
    read_word(reader, node, path, member);
  } else if constexpr (std::is_same_v<Value, std::string>) {
    read_text(reader, node, path, member);
  } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
    read_texts(reader, node, path, member);
  } else if constexpr (std::is_same_v<Value, std::vector<StoppingRule>>) {
    read_stopping_rules(reader, node, path, member);
  } else if constexpr (std::is_same_v<Value, Distribution>) {
    read_law(reader, node, dimension, path, member);
  } else if constexpr (std::is_same_v<Value, std::optional<Distribution>>) {
    Distribution law;
    if (read_law(reader, node, dimension, path, law)) member = std::move(law);
  } else if constexpr (std::is_same_v<Value, std::vector<FailureMode>>) {
    read_failures(reader, node, path, member);
  } else if constexpr (std::is_same_v<Value, Warmup>) {
    member.is_auto = node.is(NodeKind::text) && trim(node.text) == "auto";
    if (!member.is_auto) read_number(reader, node, rule_of(field), path, member.seconds);
  } else {
    read_map(reader, node, field, dimension, path, member);
  }
}

/// Complains about the members of a table that are none of `known`.
inline void refuse_unknown_keys(Reader& reader, const Node& table, const std::string& path,
                                const std::vector<std::string>& known) {
  for (const Member& m : table.members) {
    if (std::find(known.begin(), known.end(), m.key) != known.end()) continue;
    const std::string where = path.empty() ? "a scenario" : quote(path);
    reader.error("E010", m.place, path.empty() ? m.key : path + "." + path_part(m.key),
                 "unknown key " + quote(m.key) + " in " + where, "not known here",
                 reader.suggest(m.key, known, known.empty() ? "it has no keys" : "it knows " + list_words(known)));
  }
}

/// Reads the fields of `object` from a table and complains about keys that are none.
template <class T>
void read_table(Reader& reader, const Node& table, const std::string& path, T& object) {
  if (!table.is(NodeKind::table)) {
    refuse_kind(reader, table, path, "a table", "write [" + path + "]");
    return;
  }
  std::vector<std::string> known;
  object.fields([&](const Field& field, auto& member) {
    if (!has_field(object, field)) return;
    known.emplace_back(field.name);
    const Node* const node = table.find(field.name);
    if (node == nullptr) return;
    const std::string inner = path + "." + std::string(field.name);
    if constexpr (std::is_same_v<T, Source>) {
      if (field.name == "schedule") return read_schedule(reader, *node, inner, object);
    }
    read_member(reader, *node, field, dimension_of(object, field), inner, member);
  });
  if (known.size() < table.members.size() || !table.members.empty()) refuse_unknown_keys(reader, table, path, known);
}

}  // namespace twin::detail
