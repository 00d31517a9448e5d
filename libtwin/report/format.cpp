// SPDX-License-Identifier: Apache-2.0
#include <libtwin/report/format.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <fmt/format.h>

namespace twin::detail {
namespace {

constexpr std::array<TimeUnit, 6> kUnits{
    {{"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}, {"days", 86400}, {"weeks", 604800}}};

/// Puts commas between the thousands of the whole part of a printed number.
std::string with_commas(std::string text) {
  const std::size_t first = text.find_first_of("0123456789");
  const std::size_t end = std::min(text.find_first_not_of("0123456789", first), text.size());
  if (first == std::string::npos || end - first < 4) return text;
  for (std::size_t i = end; i > first + 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

/// Decimals that show `digits` significant digits of `value`, 0 to 9.
int decimals_for(double value, int digits) {
  if (!(std::abs(value) > 0)) return 0;
  return std::clamp(digits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 0, 9);
}

/// Whether a number has four significant digits at most.
bool is_short(double value) {
  return std::abs(value - std::strtod(fmt::format("{:.4g}", value).c_str(), nullptr)) <= 1e-12 * std::abs(value);
}

}  // namespace

TimeUnit time_unit_for(double seconds) {
  const double s = std::abs(seconds);
  if (s < 1 && s > 0) return kUnits[0];
  if (s < 120 || std::isnan(s)) return kUnits[1];
  if (s < 7200) return kUnits[2];
  return s < 172800 ? kUnits[3] : kUnits[4];
}

std::string duration_text(double seconds) {
  if (seconds == 0) return "0 s";
  if (!std::isfinite(seconds)) return number_text(seconds);
  TimeUnit unit = time_unit_for(seconds);
  // From the largest unit down, the first in which the number is short and whole.
  for (auto u = kUnits.rbegin(); u != kUnits.rend(); ++u) {
    const double n = seconds / u->seconds;
    if (n < 1 || n != std::floor(n) || !is_short(n) || (u->seconds < 1 && seconds >= 1)) continue;
    unit = *u;
    break;
  }
  const double n = seconds / unit.seconds;
  std::string name(unit.name);
  if (n == 1 && name.size() > 3 && name.back() == 's') name.pop_back();
  return number_text(n) + " " + name;
}

std::string number_text(double value, int digits) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return value > 0 ? "∞" : "-∞";
  const double size = std::abs(value);
  if (size != 0 && (size >= 1e12 || size < 1e-5)) return fmt::format("{:.{}g}", value, digits);
  std::string text = fmt::format("{:.{}f}", value, decimals_for(value, digits));
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return with_commas(text);
}

std::string count_text(std::uint64_t value) { return with_commas(std::to_string(value)); }

std::string estimate_text(const Estimate& estimate, double scale) {
  const double mean = estimate.mean * scale;
  const double half = estimate.half_width * scale;
  if (std::isnan(mean)) return "–";
  if (!std::isfinite(half)) return number_text(mean) + " ± ?";
  if (half == 0) return number_text(mean, 6) + " ± 0";
  const double size = std::max(std::abs(mean), std::abs(half));
  if (size >= 1e12 || size < 1e-5) return fmt::format("{:.4g} ± {:.2g}", mean, half);
  // No more than six digits of the mean: beyond, a tiny half-width would print a tail that nobody reads.
  const int decimals = std::min(decimals_for(half, 2), std::max(decimals_for(mean, 6), decimals_for(mean, 1)));
  return with_commas(fmt::format("{:.{}f}", mean, decimals)) + " ± " +
         with_commas(decimals_for(half, 1) > decimals ? fmt::format("{:.1g}", half)
                                                      : fmt::format("{:.{}f}", half, decimals));
}

std::string share_text(const Estimate& share) {
  if (std::isnan(share.mean)) return "–";
  const double half = 100 * share.half_width;
  if (share.mean == 0 && !(half > 0)) return "0";
  const std::string mean = fmt::format("{:.1f}", 100 * share.mean + 0.0);
  if (!std::isfinite(half)) return mean + " ±?";
  return fmt::format("{} ±{:.1f}", mean, half);
}

std::string bar_text(double share, int cells) {
  static constexpr std::array<const char*, 9> kEighths{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
  const double bounded = std::isnan(share) ? 0 : std::clamp(share, 0.0, 1.0);
  const int filled = static_cast<int>(std::lround(bounded * cells * 8));
  std::string text;
  for (int i = 0; i < cells; ++i) text += kEighths[static_cast<std::size_t>(std::clamp(filled - 8 * i, 0, 8))];
  return text;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string TextTable::text(std::string_view indent, bool has_colour) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::size_t width = width_of(columns[c].title);
    for (const auto& row : rows) width = std::max(width, width_of(row[c]));
    widths.push_back(width);
  }
  const auto line = [&](auto&& cell) {
    std::string out(indent);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string& content = cell(c);
      const std::string gap(widths[c] - width_of(content), ' ');
      if (c != 0) out += "  ";
      out += columns[c].align == Align::left ? content + gap : gap + content;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
  };
  std::string out =
      bold(line([&](std::size_t c) -> const std::string& { return columns[c].title; }), has_colour) + "\n";
  for (const auto& row : rows) out += line([&](std::size_t c) -> const std::string& { return row[c]; }) + "\n";
  return out;
}

std::string wrapped(std::string_view text, std::size_t width) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (column > 0 && column + 1 + width_of(word) > width) {
      out += '\n';
      column = 0;
    }
    if (column > 0) out += ' ';
    column += (column > 0 ? 1 : 0) + width_of(word);
    out += word;
    begin = end + 1;
  }
  return out + '\n';
}

std::string bold(std::string_view text, bool has_colour) {
  return has_colour ? fmt::format("\033[1m{}\033[0m", text) : std::string(text);
}

std::string dim(std::string_view text, bool has_colour) {
  return has_colour ? fmt::format("\033[2m{}\033[0m", text) : std::string(text);
}

}  // namespace twin::detail
