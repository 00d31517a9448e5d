// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/stats/confidence.hpp>

/// Numbers and tables as people read them.
namespace twin::detail {

/// A unit of time to show durations in: the name and how many seconds it has.
struct TimeUnit {
  std::string_view name;
  double seconds = 1;
};

/// The unit in which a duration of about `seconds` is easiest to read, from ms to days.
[[nodiscard]] TimeUnit time_unit_for(double seconds);

/// A duration in the largest unit in which it is a short number: `8 weeks`, `90 min`, `2.5 s`.
[[nodiscard]] std::string duration_text(double seconds);

/// Four significant digits at most, without trailing zeros: `0.1235`, `12.5`, `1,235`. NaN is `–`.
[[nodiscard]] std::string number_text(double value, int digits = 4);

/// A whole number with commas between thousands: `3,249`.
[[nodiscard]] std::string count_text(std::uint64_t value);

/// `61.42 ± 0.83`: as many decimals as give the half-width two digits. An interval that does not exist is `± ?`.
[[nodiscard]] std::string estimate_text(const Estimate& estimate, double scale = 1);

/// A share as a percentage with its half-width: `76.1 ±0.3`.
[[nodiscard]] std::string share_text(const Estimate& share);

/// A bar of `cells` characters, filled to `share` in eighths.
[[nodiscard]] std::string bar_text(double share, int cells);

/// How many columns a UTF-8 text takes, counting one for each character.
[[nodiscard]] std::size_t width_of(std::string_view text);

enum class Align { left, right };

/// Rows of cells under a header, each column as wide as its widest cell.
struct TextTable {
  struct Column {
    std::string title;
    Align align = Align::right;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;

  /// The table with every line behind `indent`; the header in bold when `has_colour`.
  [[nodiscard]] std::string text(std::string_view indent, bool has_colour) const;
};

/// A paragraph in lines of at most `width` columns, broken at blanks.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width);

/// `text` in bold or dim, when there are colours.
[[nodiscard]] std::string bold(std::string_view text, bool has_colour);
[[nodiscard]] std::string dim(std::string_view text, bool has_colour);

}  // namespace twin::detail
