// SPDX-License-Identifier: Apache-2.0
#include <libtwin/report/known.hpp>

#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include <libtwin/report/format.hpp>
#include <libtwin/report/wording.hpp>

namespace twin {

double standard_errors_apart(const Estimate& ours, double known) {
  if (ours.n < 2 || !std::isfinite(ours.half_width)) return std::numeric_limits<double>::quiet_NaN();
  const double t = student_t_quantile(0.5 + kDefaultLevel / 2, static_cast<double>(ours.n - 1));
  const double apart = ours.mean - known;
  if (ours.half_width == 0) return apart == 0 ? 0 : std::copysign(std::numeric_limits<double>::infinity(), apart);
  return apart / (ours.half_width / t);
}

namespace detail {

std::string known_block(const std::vector<KnownComparison>& known, bool has_colour) {
  if (known.empty()) return "";
  TextTable table;
  table.columns = {
      {"known answer", Align::left}, {"exact"}, {"ours"}, {"", Align::left}, {"difference"}, {"standard errors"}};
  std::set<std::string> sources;
  for (const KnownComparison& k : known) {
    const ShownUnit unit = shown_unit(k.dimension, k.value);
    const double per_cent = 100 * (k.ours.mean - k.value) / k.value;
    table.rows.push_back({k.of, number_text(k.value * unit.scale, 7), estimate_text(k.ours, unit.scale), unit.name,
                          std::isfinite(per_cent) ? fmt::format("{:+.3f} %", per_cent) : "–",
                          std::isfinite(standard_errors_apart(k.ours, k.value))
                              ? fmt::format("{:+.2f}", standard_errors_apart(k.ours, k.value))
                              : "–"});
    if (!k.source.empty()) sources.insert(k.source);
  }
  std::string text = "\n" + table.text("  ", has_colour);
  for (const std::string& source : sources) text += dim("  source: " + source, has_colour) + "\n";
  return text;
}

}  // namespace detail
}  // namespace twin
