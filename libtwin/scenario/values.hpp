// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/core/distribution.hpp>
#include <libtwin/model/elements.hpp>
#include <libtwin/scenario/reader.hpp>

/// Reading single values. Each returns whether it could, leaves `out` as it is when not, and says what is wrong.
namespace twin::detail {

/// What a number may be.
struct NumberRule {
  Dimension dimension = Dimension::none;
  double min = 0;
  double max = std::numeric_limits<double>::infinity();
  bool min_is_open = false;
  bool is_whole = false;
};

[[nodiscard]] NumberRule rule_of(const Field& field);
[[nodiscard]] NumberRule rule_of(const LawParameter& parameter, Dimension dimension);

/// Reads `"38 s"`, `"1 h / r1"`, `0.15`. An expression that uses parameters becomes a binding of the path, and `out` its
/// value for their nominal values.
bool read_number(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path, double& out);

/// The same for a part of a text, which begins at `offset` of `node.text`.
bool read_number(Reader& reader, const Node& node, std::string_view text, std::size_t offset, const NumberRule& rule,
                 const std::string& path, double& out);

/// A number whose unit says what it is a number of: a time, a rate, or neither.
bool read_amount(Reader& reader, const Node& node, const std::string& path, Amount& out);

bool read_whole(Reader& reader, const Node& node, NumberRule rule, const std::string& path, std::int64_t& out);
bool read_seed(Reader& reader, const Node& node, const std::string& path, std::uint64_t& out);
bool read_text(Reader& reader, const Node& node, const std::string& path, std::string& out);
bool read_truth(Reader& reader, const Node& node, const std::string& path, bool& out);

/// A list of texts; a single text is a list of one.
bool read_texts(Reader& reader, const Node& node, const std::string& path, std::vector<std::string>& out);

/// The index of the word among `words`.
bool read_choice(Reader& reader, const Node& node, const std::string& path, const std::vector<std::string>& words,
                 std::size_t& out);

template <class Enumeration>
bool read_word(Reader& reader, const Node& node, const std::string& path, Enumeration& out) {
  constexpr auto kNames = enum_names(Enumeration{});
  std::size_t index = 0;
  if (!read_choice(reader, node, path, std::vector<std::string>(kNames.begin(), kNames.end()), index)) return false;
  out = static_cast<Enumeration>(index);
  return true;
}

/// Reads a law: `"38 s"`, `"lognormal(mean = 41 s, cv = 0.15)"`, `{ dist = "lognormal", mean = "41 s", cv = 0.15 }`.
bool read_law(Reader& reader, const Node& node, Dimension dimension, const std::string& path, Distribution& out);

/// Complains about a value of the wrong kind; returns false.
bool refuse_kind(Reader& reader, const Node& node, const std::string& path, std::string_view wanted,
                 std::string hint = {});

/// The values of a column of a CSV file, in SI units. Without a name the first column; without a unit the one that the
/// column's name ends in (`cycle_min`), else seconds.
bool read_csv_column(Reader& reader, const Node& node, const std::string& path, const std::string& file,
                     const std::string& column, const std::string& unit, Dimension dimension,
                     std::vector<double>& values);

/// The lines of a release schedule: columns `time` (or `time_min`, `time_h` …), `product`, `count`.
bool read_csv_schedule(Reader& reader, const Node& node, const std::string& path, const std::string& file,
                       std::vector<ScheduledArrival>& arrivals);

}  // namespace twin::detail
