// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <libtwin/report/format.hpp>
#include <libtwin/report/text.hpp>
#include <libtwin/report/wording.hpp>

namespace twin {
namespace detail {
namespace {

constexpr double kPerHour = 3600;
constexpr std::size_t kMostRows = 30;
constexpr std::size_t kWidth = 100;

std::string headline(const SensitivitySummary& s, const ReportOptions& o) {
  std::string text = bold(s.model.empty() ? "factory" : s.model, o.has_colour);
  text += fmt::format(" · sensitivities · {} × {}", plural(static_cast<std::uint64_t>(s.replications), "replication"),
                      s.parts > 0 ? plural(static_cast<std::uint64_t>(s.parts), "part") : duration_text(s.horizon_s));
  if (s.warmup_parts > 0) {
    text += fmt::format(" (warm-up {})", plural(static_cast<std::uint64_t>(s.warmup_parts), "part"));
  } else if (s.warmup_s > 0) {
    text += fmt::format(" (warm-up {})", duration_text(s.warmup_s));
  }
  text += fmt::format(" · seed {} · {} in {} s\n", s.seed, plural(s.runs, "run"), number_text(s.wall_s, 2));
  if (!s.is_complete) text += bold("Stopped early: the numbers are of what was done.", o.has_colour) + "\n";
  if (s.failed_runs > 0) {
    text += bold(plural(static_cast<std::uint64_t>(s.failed_runs), "run") + " did not end well.", o.has_colour) + "\n";
  }
  const TimeUnit unit = time_unit_for(s.lead_time_s.mean);
  text += fmt::format("\n  throughput   {} /h\n", estimate_text(s.throughput_per_s, kPerHour));
  return text + fmt::format("  lead time    {} {}\n", estimate_text(s.lead_time_s, 1 / unit.seconds), unit.name);
}

std::string more_line(std::size_t all, std::string_view what, bool has_colour) {
  if (all <= kMostRows) return "";
  return dim(fmt::format("  the {} first of {} {}; --json has all\n", kMostRows, count_text(all), what), has_colour);
}

std::string cell(const Derivative& d, const Estimate& e, double scale) {
  return d.refusal.empty() ? estimate_text(e, scale) : "none";
}

std::string mean_table(const SensitivitySummary& s, const ReportOptions& o) {
  if (s.means.empty()) return "";
  static constexpr std::array<const char*, 3> kWhat{"cycle", "arrivals", "repair"};
  TextTable table;
  table.columns = {{"mean of", Align::left}, {"", Align::left}, {"now"}, {"throughput %/%"}, {"/h"},
                   {"", Align::left},        {"lead time %/%"}};
  for (std::size_t k = 0; k < std::min(kMostRows, s.means.size()); ++k) {
    const MeanSensitivity& m = s.means[k];
    const TimeUnit unit = time_unit_for(m.mean_s);
    table.rows.push_back({m.name, kWhat[static_cast<std::size_t>(m.kind)], duration_text(m.mean_s),
                          cell(m.throughput, m.throughput.elasticity, 1),
                          cell(m.throughput, m.throughput.slope, kPerHour * unit.seconds),
                          m.throughput.refusal.empty() ? fmt::format("per {}", unit.name) : "",
                          cell(m.lead_time, m.lead_time.elasticity, 1)});
  }
  return "\n" + table.text("  ", o.has_colour) + more_line(s.means.size(), "means", o.has_colour);
}

std::string difference(const Estimate& e, double scale) { return e.n == 0 ? "–" : estimate_text(e, scale); }

std::string buffer_table(const SensitivitySummary& s, const ReportOptions& o) {
  if (s.buffers.empty()) return "";
  const TimeUnit unit = time_unit_for(s.lead_time_s.mean);
  const std::string lead = fmt::format("lead time [{}]", unit.name);
  TextTable table;
  table.columns = {{"buffer", Align::left}, {"now"}, {"one more: /h"}, {lead}, {"one less: /h"}, {lead}};
  for (std::size_t k = 0; k < std::min(kMostRows, s.buffers.size()); ++k) {
    const BufferSensitivity& b = s.buffers[k];
    table.rows.push_back({b.name, count_text(static_cast<std::uint64_t>(b.capacity)),
                          difference(b.throughput_more, kPerHour), difference(b.lead_more, 1 / unit.seconds),
                          difference(b.throughput_less, kPerHour), difference(b.lead_less, 1 / unit.seconds)});
  }
  return "\n" + table.text("  ", o.has_colour) + more_line(s.buffers.size(), "buffers", o.has_colour);
}

/// Each reason once, with what it is about.
std::string refusals(const SensitivitySummary& s) {
  std::vector<std::string> reasons;
  const auto add = [&](const std::string& text) {
    if (std::find(reasons.begin(), reasons.end(), text) == reasons.end()) reasons.push_back(text);
  };
  for (const std::string& obstacle : s.obstacles) add("no derivatives: " + obstacle);
  for (const MeanSensitivity& m : s.means) {
    if (!m.throughput.refusal.empty()) add(fmt::format("none for '{}': {}", m.name, m.throughput.refusal));
    if (!m.lead_time.refusal.empty() && m.lead_time.refusal != m.throughput.refusal) {
      add(fmt::format("none of the lead time for '{}': {}", m.name, m.lead_time.refusal));
    }
  }
  std::string text;
  for (const std::string& reason : reasons) text += wrapped("  " + reason + ".", kWidth);
  return text.empty() ? "" : "\n" + text;
}

constexpr const char* kMeaning =
    "%/%: change in percent for one percent more of the mean, the shape of its law as it is; -0.6 is 0.6 % less. "
    "Derivatives hold for small changes. One place more or less: the difference on the same random numbers. "
    "± is a 95 % interval over replications.";

}  // namespace
}  // namespace detail

std::string sensitivity_report(const SensitivitySummary& summary, const ReportOptions& options) {
  std::string text = detail::headline(summary, options);
  text += detail::mean_table(summary, options);
  text += detail::refusals(summary);
  text += detail::buffer_table(summary, options);
  return text + "\n" + detail::dim(detail::wrapped(detail::kMeaning, detail::kWidth), options.has_colour);
}

}  // namespace twin
