// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/units.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include <libtwin/core/error.hpp>
#include <libtwin/scenario/expression.hpp>

namespace twin {
namespace detail {
namespace {

constexpr Unit kUnits[] = {
    {"us", 1e6, true, 1},       {"ms", 1e3, true, 1},        {"s", 1, false, 1},       {"sec", 1, false, 1},
    {"second", 1, false, 1},    {"seconds", 1, false, 1},    {"min", 60, false, 1},    {"minute", 60, false, 1},
    {"minutes", 60, false, 1},  {"h", 3600, false, 1},       {"hr", 3600, false, 1},   {"hour", 3600, false, 1},
    {"hours", 3600, false, 1},  {"d", 86400, false, 1},      {"day", 86400, false, 1}, {"days", 86400, false, 1},
    {"week", 604800, false, 1}, {"weeks", 604800, false, 1}, {"%", 100, true, 0},      {"part", 1, false, 0},
    {"parts", 1, false, 0},
};

}  // namespace

std::span<const Unit> units() { return kUnits; }

const Unit* find_unit(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& u) { return u.name == name; });
  return found == std::end(kUnits) ? nullptr : found;
}

std::string unit_hint(std::string_view word) {
  const auto is_one_of = [&](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (is_one_of({"month", "months", "year", "years", "y", "a"})) {
    return "months and years have no fixed length; write days or weeks";
  }
  if (word == "m") return "write 'min' for minutes";
  std::vector<std::string> names;
  for (const Unit& unit : kUnits) names.emplace_back(unit.name);
  const std::string near = nearest_name(std::string(word), names);
  if (!near.empty()) return "did you mean '" + near + "'?";
  return "units are ms, s, min, h, d, weeks for times, /s, /min, /h, /d for rates, % and parts";
}

int time_power_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::time:
      return 1;
    case Dimension::rate:
      return -1;
    case Dimension::none:
    case Dimension::share:
    case Dimension::parts:
      return 0;
  }
  return 0;
}

std::string_view describe_time_power(int power) {
  switch (power) {
    case 1:
      return "a time";
    case -1:
      return "a rate";
    case 0:
      return "a plain number";
    default:
      return "neither a time nor a rate";
  }
}

std::string write_number(double value) {
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  static_cast<void>(error);  // 40 characters hold every double.
  return {text.data(), end};
}

namespace {

/// `value` in the unit as text, if some text of at most 17 digits reads back to `value` exactly; else empty.
std::string write_in(double value, const Unit& unit, bool is_per) {
  const double quotient = unit.divides == is_per ? value / unit.scale : value * unit.scale;
  const auto reads_back = [&](double q) { return (is_per ? q / unit.to_si(1) : unit.to_si(q)) == value; };
  const std::string suffix = (is_per ? " /" : " ") + std::string(unit.name);
  // The quotient may be off by an ulp where fewer digits are exact: 2.5 /h is stored as 0.000694… /s.
  std::array<char, 40> text{};
  for (const int digits : {15, 16, 17}) {
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), quotient, std::chars_format::general, digits);
    static_cast<void>(error);
    double rounded = 0;
    std::from_chars(text.data(), end, rounded);
    if (reads_back(rounded)) return write_number(rounded) + suffix;
  }
  return {};
}

/// The first of the spellings that is a whole number, `18 min` rather than `0.3 h`; empty when none is.
std::string write_whole(double value, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const Unit& unit = *find_unit(name);
    const double quotient = value / unit.to_si(1);
    if (quotient != std::round(quotient) || std::abs(quotient) < 1 || std::abs(quotient) > 1e6) continue;
    if (std::string text = write_in(value, unit, false); !text.empty()) return text;
  }
  return {};
}

/// The shortest of the spellings; among equals the first.
std::string write_shortest(double value, std::initializer_list<std::string_view> names, bool is_per) {
  std::string best;
  for (const std::string_view name : names) {
    const std::string text = write_in(value, *find_unit(name), is_per);
    if (!text.empty() && (best.empty() || text.size() < best.size())) best = text;
  }
  return best;
}

}  // namespace
}  // namespace detail

std::string write_quantity(double value, Dimension dimension) {
  switch (dimension) {
    case Dimension::time: {
      if (value == 0 || !std::isfinite(value)) return detail::write_number(value) + " s";
      const std::string whole = detail::write_whole(value, {"d", "h", "min", "s"});
      return whole.empty() ? detail::write_shortest(value, {"h", "min", "s", "ms"}, false) : whole;
    }
    case Dimension::rate:
      if (value == 0 || !std::isfinite(value)) return detail::write_number(value) + " /s";
      return detail::write_shortest(value, {"h", "min", "s"}, true);
    case Dimension::share: {
      const std::string percent = detail::write_in(value, *detail::find_unit("%"), false);
      const std::string plain = detail::write_number(value);
      return percent.empty() || percent.size() > plain.size() + 1 ? plain : percent;
    }
    case Dimension::none:
    case Dimension::parts:
      return detail::write_number(value);
  }
  return detail::write_number(value);
}

}  // namespace twin
