// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <libtwin/report/format.hpp>
#include <libtwin/report/known.hpp>
#include <libtwin/report/text.hpp>
#include <libtwin/report/wording.hpp>

namespace twin {
namespace detail {
namespace {

/// Longer tables help nobody; the CSV and the JSON have every row.
constexpr std::size_t kMostRows = 30;

const Estimate& share(const StationSummary& s, StationState state) { return s.shares[static_cast<std::size_t>(state)]; }

/// Time in which a station could not have taken more: all but starved, blocked and idle.
double occupied(const StationSummary& s) {
  return share(s, StationState::busy).mean + share(s, StationState::setup).mean + share(s, StationState::down).mean +
         share(s, StationState::waiting_crew).mean;
}

/// The rows to show: all in their order, or the most occupied ones when there are too many.
std::vector<std::size_t> rows_to_show(std::size_t count, auto&& weight) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (count <= kMostRows) return rows;
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) { return weight(a) > weight(b); });
  rows.resize(kMostRows);
  return rows;
}

std::string more_text(std::size_t all, std::string_view what, bool has_colour) {
  if (all <= kMostRows) return "";
  return dim(fmt::format("  the {} first of {} {}; --json and --csv have all\n", kMostRows, count_text(all), what),
             has_colour);
}

std::string headline(const RunSummary& s, const ReportOptions& o) {
  std::string text = bold(s.model.empty() ? "factory" : s.model, o.has_colour);
  text += fmt::format(" · {} × {}", plural(static_cast<std::uint64_t>(s.replications), "replication"),
                      s.parts > 0 ? plural(static_cast<std::uint64_t>(s.parts), "part") : duration_text(s.horizon_s));
  if (s.warmup_parts > 0) {
    text += fmt::format(" (warm-up {})", plural(static_cast<std::uint64_t>(s.warmup_parts), "part"));
  } else if (s.warmup_was_found) {
    text += fmt::format(" (warm-up {} by MSER-5)", duration_text(s.warmup_s));
  } else if (s.warmup_s > 0) {
    text += fmt::format(" (warm-up {})", duration_text(s.warmup_s));
  }
  text += fmt::format(" · seed {} · {} engine\n", s.seed, s.engine);
  text += speed_text(s.wall_s, s.cpu_s, o.threads, static_cast<double>(s.operations)) + "\n";
  if (!s.warmup_note.empty()) text += s.warmup_note + "\n";
  return text;
}

std::string status_line(const RunSummary& s, const ReportOptions& o) {
  if (s.status == RunStatus::ok) return "";
  std::string text =
      fmt::format("{} of {} did not end well: {}", s.failed,
                  plural(static_cast<std::uint64_t>(s.replications), "replication"), status_text(s.status));
  if (!s.failed_at.empty()) {
    text += fmt::format(", the first at '{}' after {}", s.failed_at, duration_text(s.failed_time_s));
  }
  return bold(text, o.has_colour) + "; the numbers below are of the others.\n";
}

std::string kpi_block(const RunSummary& s) {
  const TimeUnit unit = time_unit_for(s.lead_time_s.mean);
  std::string text = fmt::format("\n  throughput   {} /h\n", estimate_text(s.throughput_per_s, 3600));
  text += fmt::format("  lead time    {} {}", estimate_text(s.lead_time_s, 1 / unit.seconds), unit.name);
  if (!std::isnan(s.lead_p95_s)) {
    const TimeUnit tail = time_unit_for(s.lead_p95_s);
    text += fmt::format("; 95 % of parts within {} {}", number_text(s.lead_p95_s / tail.seconds, 3), tail.name);
  }
  text += fmt::format("\n  WIP          {} parts\n", estimate_text(s.wip));
  if (s.scrapped.mean > 0) text += fmt::format("  scrapped     {} parts a run\n", estimate_text(s.scrapped));
  if (s.lost.mean > 0) text += fmt::format("  turned away  {} arrivals a run\n", estimate_text(s.lost));
  if (s.sinks.size() > 1) {
    for (const auto& [name, rate] : s.sinks) text += fmt::format("  into {}  {} /h\n", name, estimate_text(rate, 3600));
  }
  return text;
}

/// `throughput ± 0.46 % (asked for: below 0.5 %)`.
std::string rule_text(const RuleOutcome& r) {
  const ShownUnit unit =
      r.rule.is_relative() ? ShownUnit{100 / std::abs(r.estimate.mean), "%"} : shown_unit(r.dimension, r.rule.limit);
  const double limit = r.rule.limit * (r.rule.is_relative() ? 100 : unit.scale);
  const std::string name = unit.name.empty() ? "" : " " + unit.name;
  return fmt::format("{} ± {}{} (asked for: below {}{})", r.rule.measure,
                     number_text(r.estimate.half_width * unit.scale, 3), name, number_text(limit), name);
}

/// About how many replications it would take for all rules to hold: half-widths shrink with the root of their number.
std::uint64_t replications_for(const StoppingOutcome& stopping) {
  double most = 0;
  for (const RuleOutcome& r : stopping.rules) {
    const double ratio = r.estimate.half_width / r.asked;
    most = std::max(most, std::ceil(static_cast<double>(r.estimate.n) * ratio * ratio));
  }
  return std::isfinite(most) && most < 1e12 ? static_cast<std::uint64_t>(most) : 0;
}

std::string stopping_block(const RunSummary& s) {
  if (!s.stopping) return "";
  const std::string after = plural(static_cast<std::uint64_t>(s.replications), "replication");
  std::string text = "  stopped      after " + after;
  switch (s.stopping->reason) {
    case StopReason::met:
      text += fmt::format(", {} at most: the intervals are as narrow as asked for\n", s.stopping->at_most);
      break;
    case StopReason::at_most: {
      text += ", the most allowed, before the intervals were as narrow as asked for";
      const std::uint64_t enough = replications_for(*s.stopping);
      text += enough == 0 ? "\n" : fmt::format("; about {} would do\n", count_text(enough));
      break;
    }
    case StopReason::failed:
      text += ": a replication did not end well\n";
      break;
    case StopReason::stopped:
      text += ": the work was stopped\n";
      break;
  }
  for (const RuleOutcome& r : s.stopping->rules) text += "               " + rule_text(r) + "\n";
  return text;
}

std::string occupied_text(const StationSummary& s) {
  std::string text = fmt::format("busy {} %", share_text(share(s, StationState::busy)));
  for (const StationState state : {StationState::setup, StationState::down, StationState::waiting_crew}) {
    if (share(s, state).mean < 0.0005) continue;
    text += fmt::format(", {} {} %", state_title(state), share_text(share(s, state)));
  }
  return text;
}

/// Names the station that is kept waiting least, and says so when it is not alone.
std::string bottleneck_line(const RunSummary& s) {
  if (s.stations.size() < 2) return "";
  std::vector<std::size_t> order(s.stations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return occupied(s.stations[a]) > occupied(s.stations[b]); });
  const StationSummary& first = s.stations[order[0]];
  const StationSummary& second = s.stations[order[1]];
  if (!(occupied(first) > 0)) return "";
  const double spread = share(first, StationState::busy).half_width + share(second, StationState::busy).half_width;
  if (occupied(first) - occupied(second) <= std::max(0.005, std::isnan(spread) ? 0 : spread)) {
    std::size_t close = 0;
    for (const std::size_t i : order)
      close += occupied(first) - occupied(s.stations[i]) <= std::max(0.005, spread) ? 1 : 0;
    const std::string others = close <= 2 ? fmt::format("'{}'", second.name) : fmt::format("{} others", close - 1);
    return fmt::format("  bottleneck   none stands out: '{}' is as occupied as {} ({})\n", first.name, others,
                       occupied_text(first));
  }
  return fmt::format("  bottleneck   probably '{}', the least kept waiting: {}\n", first.name, occupied_text(first));
}

std::string station_table(const RunSummary& s, const ReportOptions& o) {
  if (s.stations.empty()) return "";
  std::vector<StationState> states{StationState::busy, StationState::setup, StationState::starved,
                                   StationState::blocked, StationState::down};
  for (const StationState rare : {StationState::waiting_crew, StationState::idle}) {
    if (std::any_of(s.stations.begin(), s.stations.end(), [&](const auto& x) { return share(x, rare).mean > 0; })) {
      states.push_back(rare);
    }
  }
  std::erase_if(states, [&](StationState state) {
    return (state == StationState::setup || state == StationState::down) &&
           std::none_of(s.stations.begin(), s.stations.end(), [&](const auto& x) { return share(x, state).mean > 0; });
  });
  TextTable table;
  table.columns = {{"station", Align::left}, {"", Align::left}};
  for (const StationState state : states) table.columns.push_back({state_title(state) + " %"});
  table.columns.push_back({"parts a run"});
  for (const std::size_t i : rows_to_show(s.stations.size(), [&](std::size_t r) { return occupied(s.stations[r]); })) {
    const StationSummary& station = s.stations[i];
    std::vector<std::string> row{station.name, bar_text(share(station, StationState::busy).mean, 8)};
    for (const StationState state : states) row.push_back(share_text(share(station, state)));
    row.push_back(estimate_text(station.parts));
    table.rows.push_back(std::move(row));
  }
  return "\n" + table.text("  ", o.has_colour) + more_text(s.stations.size(), "stations", o.has_colour);
}

std::string capacity_text(const Factory& factory, std::size_t i) {
  if (i >= factory.buffers.size() || factory.buffers[i].capacity == kUnlimited) return "unlimited";
  return count_text(static_cast<std::uint64_t>(factory.buffers[i].capacity));
}

std::string buffer_table(const Factory& factory, const RunSummary& s, const ReportOptions& o) {
  if (s.buffers.empty()) return "";
  TextTable table;
  table.columns = {{"buffer", Align::left}, {"capacity"}, {"mean level"}, {"mean wait"}, {"", Align::left}};
  for (const std::size_t i :
       rows_to_show(s.buffers.size(), [&](std::size_t r) { return s.buffers[r].mean_level.mean; })) {
    const BufferSummary& b = s.buffers[i];
    const TimeUnit unit = time_unit_for(b.mean_wait_s.mean);
    table.rows.push_back({b.name, capacity_text(factory, i), estimate_text(b.mean_level),
                          estimate_text(b.mean_wait_s, 1 / unit.seconds), std::string(unit.name)});
  }
  return "\n" + table.text("  ", o.has_colour) + more_text(s.buffers.size(), "buffers", o.has_colour);
}

std::string crew_table(const RunSummary& s, const ReportOptions& o) {
  if (s.crews.empty()) return "";
  TextTable table;
  table.columns = {{"crew", Align::left}, {"", Align::left}, {"busy %"}};
  for (const auto& [name, use] : s.crews) table.rows.push_back({name, bar_text(use.mean, 8), share_text(use)});
  return "\n" + table.text("  ", o.has_colour);
}

std::string loop_table(const Factory& factory, const RunSummary& s, const ReportOptions& o) {
  if (s.loops.empty()) return "";
  TextTable table;
  table.columns = {{"loop", Align::left}, {"cards"}, {"mean in use"}};
  for (std::size_t i = 0; i < s.loops.size() && i < factory.loops.size(); ++i) {
    table.rows.push_back({s.loops[i].first, count_text(static_cast<std::uint64_t>(factory.loops[i].cards)),
                          estimate_text(s.loops[i].second)});
  }
  return "\n" + table.text("  ", o.has_colour);
}

std::string next_line(const ReportOptions& o) {
  if (o.file.empty() || o.file == "-") return "";
  return fmt::format("Next: twin run {0} --set PATH=VALUE · twin draw {0} -o line.svg\n", shell_word(o.file));
}

}  // namespace
}  // namespace detail

std::string run_report(const Factory& factory, const RunSummary& summary, const ReportOptions& options) {
  std::string text = detail::headline(summary, options);
  text += detail::status_line(summary, options);
  text += detail::kpi_block(summary) + detail::stopping_block(summary) + detail::bottleneck_line(summary);
  text += detail::station_table(summary, options);
  text += detail::buffer_table(factory, summary, options);
  text += detail::crew_table(summary, options);
  text += detail::loop_table(factory, summary, options);
  text += detail::known_block(options.known, options.has_colour);
  text += "\n" + detail::dim(detail::footnote(factory, summary.replications), options.has_colour);
  text += detail::next_line(options);
  return text;
}

}  // namespace twin
