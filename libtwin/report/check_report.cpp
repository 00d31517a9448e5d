// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <libtwin/report/format.hpp>
#include <libtwin/report/text.hpp>
#include <libtwin/report/wording.hpp>

namespace twin {
namespace detail {
namespace {

std::string size_line(const Factory& f, bool has_colour) {
  std::string text = bold(f.name.empty() ? "factory" : f.name, has_colour);
  const auto add = [&](std::size_t count, std::string_view noun) {
    if (count > 0) text += " · " + plural(count, noun);
  };
  add(f.sources.size(), "source");
  add(f.stations.size(), "station");
  add(f.buffers.size(), "buffer");
  add(f.sinks.size(), "sink");
  add(f.crews.size(), "crew");
  add(f.loops.size(), "loop");
  add(f.products.size(), "product");
  return text + "\n";
}

std::string load_table(const Analysis& a, bool has_colour) {
  constexpr std::size_t kMostRows = 30;
  std::vector<std::size_t> rows(a.loads.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (rows.size() > kMostRows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [&](std::size_t x, std::size_t y) { return a.loads[x].load > a.loads[y].load; });
    rows.resize(kMostRows);
  }
  const bool is_offered =
      std::any_of(a.loads.begin(), a.loads.end(), [](const StationLoad& l) { return !std::isnan(l.offered_per_s); });
  TextTable table;
  table.columns = {{"station", Align::left}, {"", Align::left}, {"load %"}, {"can do /h"}};
  if (is_offered) table.columns.push_back({"offered /h"});
  for (const std::size_t i : rows) {
    const StationLoad& l = a.loads[i];
    std::vector<std::string> cells{l.station, bar_text(l.load, 8),
                                   std::isnan(l.load) ? "–" : fmt::format("{:.1f}", 100 * l.load),
                                   number_text(3600 * l.capacity_per_s)};
    if (is_offered) cells.push_back(number_text(3600 * l.offered_per_s));
    table.rows.push_back(std::move(cells));
  }
  std::string text = table.rows.empty() ? "" : "\n" + table.text("  ", has_colour);
  if (a.loads.size() > kMostRows) {
    text += dim(fmt::format("  the {} highest of {} loads\n", kMostRows, count_text(a.loads.size())), has_colour);
  }
  return text;
}

std::string bound_line(const Analysis& a) {
  if (!std::isfinite(a.throughput_bound_per_s))
    return "\nNothing that can be seen without running limits the throughput.\n";
  std::string cause = "the arrivals set";
  if (!a.bottleneck.empty()) {
    cause = a.is_bound_by_cards ? "the cards of '" + a.bottleneck + "' set" : "'" + a.bottleneck + "' sets";
  }
  return fmt::format("\nThroughput cannot exceed {} /h, which {}.\n", number_text(3600 * a.throughput_bound_per_s),
                     cause);
}

std::string engine_line(const std::vector<std::string>& obstacles) {
  if (obstacles.empty()) {
    return "Many runs of it go in lanes: it is a recursion over parts, which is many times faster than event by "
           "event.\n";
  }
  constexpr std::size_t kMostReasons = 5;
  std::string text = "It runs event by event, not in lanes:\n";
  for (std::size_t k = 0; k < std::min(obstacles.size(), kMostReasons); ++k) text += "  " + obstacles[k] + "\n";
  if (obstacles.size() > kMostReasons) text += fmt::format("  and {} more\n", obstacles.size() - kMostReasons);
  return text;
}

}  // namespace
}  // namespace detail

std::string check_report(const Factory& factory, const Analysis& analysis,
                         const std::vector<std::string>& lane_obstacles, const ReportOptions& options) {
  return detail::size_line(factory, options.has_colour) + detail::load_table(analysis, options.has_colour) +
         detail::bound_line(analysis) + detail::engine_line(lane_obstacles);
}

}  // namespace twin
