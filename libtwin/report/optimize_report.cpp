// SPDX-License-Identifier: Apache-2.0
#include <libtwin/report/optimize.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <libtwin/report/format.hpp>
#include <libtwin/report/known.hpp>
#include <libtwin/report/wording.hpp>

namespace twin {
namespace detail {
namespace {

constexpr std::size_t kWidth = 100;

std::string value_text(const DesignTable& design, std::size_t row, std::size_t factor) {
  const double value = design.values[row * design.factors.size() + factor];
  const auto& texts = design.texts[factor];
  return texts.empty() ? number_text(value, 6) : texts[static_cast<std::size_t>(value)];
}

std::string unit_after(const ReportOptions& o, std::size_t factor) {
  return factor < o.factor_units.size() && !o.factor_units[factor].empty() ? " " + o.factor_units[factor] : "";
}

std::vector<ShownUnit> units_of(const OptimizeResult& r) {
  std::vector<ShownUnit> units;
  for (std::size_t m = 0; m < r.measures.size(); ++m) {
    units.push_back(shown_unit(r.dimensions[m], r.compared.empty() ? 1 : r.compared[0].measures[m].mean));
  }
  return units;
}

std::string space_text(double space) {
  return space < 1e9 ? count_text(static_cast<std::uint64_t>(space)) : number_text(space, 3);
}

std::string headline(const OptimizeResult& r, const ReportOptions& o) {
  std::string text = bold(r.study.empty() ? "search" : r.study, o.has_colour);
  text += fmt::format(" · {} tried of {} · {} · seed {} · {} engine\n", plural(r.designs, "design"),
                      space_text(r.space), plural(r.runs(), "run"), r.seed, r.engine);
  text += speed_text(r.wall_s, r.cpu_s, o.threads, static_cast<double>(r.operations));
  text += fmt::format(" · {} runs/s\n", number_text(static_cast<double>(r.runs()) / std::max(r.wall_s, 1e-9), 3));
  if (r.failed_runs > 0) text += bold(plural(r.failed_runs, "run") + " did not end well.", o.has_colour) + "\n";
  return text;
}

std::string best_block(const OptimizeResult& r, const ReportOptions& o, const std::vector<ShownUnit>& units) {
  if (r.compared.empty()) return "\nNo design gave a result.\n";
  const ComparedDesign& best = r.compared[0];
  const bool has_failed = best.n == 0 || std::isnan(best.measures[r.goal_index].mean);
  std::vector<std::string> parts;
  for (std::size_t f = 0; f < r.design.factors.size(); ++f) {
    parts.push_back(fmt::format("{} = {}{}", r.design.factors[f], value_text(r.design, best.row, f), unit_after(o, f)));
  }
  std::string text = wrapped(
      fmt::format("{} {}", has_failed ? "No design gave a result; the first tried:" : "Best:", fmt::join(parts, ", ")),
      kWidth);
  text = "\n" + text + (text.ends_with('\n') ? "" : "\n");
  for (std::size_t m = 0; m < r.measures.size() && !has_failed; ++m) {
    text += fmt::format("  {}{} {} {}\n", m == r.goal_index ? (r.maximize ? "▲ " : "▼ ") : "  ", r.measures[m],
                        estimate_text(best.measures[m], units[m].scale), units[m].name);
  }
  if (!has_failed) {
    text += r.is_confirmed ? fmt::format("  {} on fresh random numbers (seed {})\n",
                                         plural(static_cast<std::uint64_t>(best.n), "replication"), r.fresh_seed)
                           : fmt::format("  {} of the search itself: optimistic, for it chose this design by them\n",
                                         plural(static_cast<std::uint64_t>(best.n), "replication"));
  }
  for (const CheckedCondition& condition : r.conditions) {
    if (has_failed) break;
    const bool is_missed = condition.excess.low() > 0;
    text += fmt::format("  {} {}: {}\n", condition.is_met ? "✓" : "✗", condition.text,
                        condition.is_met ? "met, its 95 % limit too"
                        : is_missed      ? "not met"
                                         : "not sure: its 95 % limit is beyond it");
  }
  return text;
}

std::string role_text(ComparedDesign::Role role) {
  switch (role) {
    case ComparedDesign::Role::best:
      return "best";
    case ComparedDesign::Role::optimum:
      return "end of a search";
    case ComparedDesign::Role::nominal:
      return "as it stands";
    case ComparedDesign::Role::neighbour:
      return "neighbour";
    case ComparedDesign::Role::candidate:
      return "candidate";
  }
  return "";
}

std::string condition_mark(const ComparedDesign& one) {
  if (one.is_feasible) return "✓";
  return one.is_surely_infeasible ? "✗" : "?";
}

std::string comparison_table(const OptimizeResult& r, const ReportOptions& o, const std::vector<ShownUnit>& units) {
  if (r.compared.size() < 2) return "";
  TextTable table;
  table.columns = {{"compared", Align::left}};
  for (std::size_t f = 0; f < r.design.factors.size(); ++f) {
    table.columns.push_back({r.design.factors[f] + unit_after(o, f)});
  }
  for (std::size_t m = 0; m < r.measures.size(); ++m) {
    table.columns.push_back({(m == r.goal_index ? (r.maximize ? "▲ " : "▼ ") : "") + r.measures[m] +
                             (units[m].name.empty() ? "" : " " + units[m].name)});
  }
  table.columns.push_back({"minus the best"});
  if (!r.conditions.empty()) table.columns.push_back({"meets", Align::left});
  std::size_t shown = 0;
  for (const ComparedDesign& one : r.compared) {
    // The model as it stands is what the user has: it is always shown.
    if (++shown > o.top && one.role != ComparedDesign::Role::nominal) continue;
    std::vector<std::string> cells{role_text(one.role)};
    for (std::size_t f = 0; f < r.design.factors.size(); ++f) cells.push_back(value_text(r.design, one.row, f));
    for (std::size_t m = 0; m < r.measures.size(); ++m) {
      cells.push_back(one.failed > 0 ? "–" : estimate_text(one.measures[m], units[m].scale));
    }
    cells.push_back(one.role == ComparedDesign::Role::best ? ""
                    : one.failed > 0                       ? status_text(one.status)
                                                           : estimate_text(one.difference, units[r.goal_index].scale));
    if (!r.conditions.empty()) cells.push_back(condition_mark(one));
    table.rows.push_back(std::move(cells));
  }
  std::string text = "\n" + table.text("  ", o.has_colour);
  if (r.compared.size() > o.top) text += fmt::format("  … {} designs were compared in all\n", r.compared.size());
  return text;
}

std::string stop_text(const OptimizeResult& r) {
  std::string why;
  switch (r.stop) {
    case OptimizeStop::optimum:
      why = "Stopped because no neighbour of the best was better any more";
      break;
    case OptimizeStop::budget:
      why = "Stopped because the runs were used up: --budget gives more";
      break;
    case OptimizeStop::time:
      why = "Stopped because the time was used up: --time gives more";
      break;
    case OptimizeStop::interrupted:
      why = "Interrupted: this is the best so far";
      break;
  }
  std::string text = fmt::format("{}; {} of {} ended at the best of their ends.", why, r.starts_at_best,
                                 r.starts == 1 ? "1 search" : fmt::format("{} searches", r.starts));
  if (!r.is_reproducible) {
    text += " With a limit of time another computer, or another hour, may find another design.";
  }
  return text;
}

std::string paragraph(const std::string& text) {
  std::string lines = wrapped(text, kWidth);
  return lines.ends_with('\n') ? lines : lines + "\n";
}

}  // namespace
}  // namespace detail

std::string optimize_report(const OptimizeResult& result, const ReportOptions& options) {
  const std::vector<detail::ShownUnit> units = detail::units_of(result);
  std::string text = detail::headline(result, options) + detail::best_block(result, options, units) +
                     detail::comparison_table(result, options, units);
  text += "\n" + detail::paragraph(detail::stop_text(result));
  text += detail::paragraph("Guarantee: " + result.guarantee + ".");
  text += detail::known_block(options.known, options.has_colour);
  text += "\n" +
          detail::dim("± is the 95 % interval of Student's t; of the differences, for all of them at once.",
                      options.has_colour) +
          "\n";
  return text;
}

}  // namespace twin
