// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <libtwin/model/fields.hpp>

namespace twin::detail {

/// A word that may follow a number.
struct Unit {
  std::string_view name;

  /// What one of it is in SI units: `scale`, or `1 / scale` when `divides`. A quotient keeps `3 %` the double nearest
  /// to 0.03, which a product with 0.01 does not.
  double scale = 1;
  bool divides = false;

  int time_power = 0;

  [[nodiscard]] double to_si(double value) const { return divides ? value / scale : value * scale; }
};

[[nodiscard]] std::span<const Unit> units();

/// The unit of that name, or null.
[[nodiscard]] const Unit* find_unit(std::string_view name);

/// What to do about a word that is no unit: `did you mean 'min'?`; never empty.
[[nodiscard]] std::string unit_hint(std::string_view word);

/// The power of time of numbers of a dimension: 1 for times, -1 for rates, else 0.
[[nodiscard]] int time_power_of(Dimension dimension);

/// `a time`, `a rate`, `a plain number` …, for messages.
[[nodiscard]] std::string_view describe_time_power(int power);

/// The shortest text that reads back to the same double.
[[nodiscard]] std::string write_number(double value);

}  // namespace twin::detail
