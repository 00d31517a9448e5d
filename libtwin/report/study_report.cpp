// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
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

/// Which of the measures the study ranks by.
std::size_t goal_index(const StudyResult& r) {
  const auto found = std::find(r.measures.begin(), r.measures.end(), r.goal);
  return found == r.measures.end() ? 0 : static_cast<std::size_t>(found - r.measures.begin());
}

KpiDimension dimension_of(const StudyResult& r, std::size_t measure) {
  return measure < r.dimensions.size() ? r.dimensions[measure] : KpiDimension::number;
}

/// A path without its section (`weld.cycle.mean`) as long as no other factor is then called the same.
std::vector<std::string> short_names(const std::vector<std::string>& factors) {
  const auto tail = [](const std::string& path) {
    const std::size_t dot = path.find('.');
    return dot == std::string::npos ? path : path.substr(dot + 1);
  };
  std::vector<std::string> names;
  for (const std::string& f : factors) {
    const auto same = std::count_if(factors.begin(), factors.end(), [&](const auto& g) { return tail(g) == tail(f); });
    names.push_back(same == 1 ? tail(f) : f);
  }
  return names;
}

std::string factor_value(const DesignTable& design, std::size_t scenario, std::size_t factor) {
  const double value = design.values[scenario * design.factors.size() + factor];
  if (factor < design.texts.size() && !design.texts[factor].empty()) {
    const auto& texts = design.texts[factor];
    const auto level = static_cast<std::size_t>(value);
    return level < texts.size() ? texts[level] : number_text(value);
  }
  return number_text(value, 6);
}

/// A blank and the unit of a factor; nothing when it has none.
std::string unit_after(const ReportOptions& o, std::size_t factor) {
  return factor < o.factor_units.size() && !o.factor_units[factor].empty() ? " " + o.factor_units[factor] : "";
}

bool is_estimate(const StudyRow& row, std::size_t goal) {
  return row.n > 0 && goal < row.measures.size() && !std::isnan(row.measures[goal].mean);
}

std::string headline(const StudyResult& r, const ReportOptions& o) {
  std::string text = bold(r.study.empty() ? "study" : r.study, o.has_colour);
  text += fmt::format(" · {} · {} · seed {} · {} engine\n", plural(r.rows.size(), "scenario"), plural(r.runs, "run"),
                      r.seed, r.engine);
  text += speed_text(r.wall_s, r.cpu_s, o.threads, static_cast<double>(r.operations));
  text += fmt::format(" · {} runs/s\n", number_text(static_cast<double>(r.runs) / std::max(r.wall_s, 1e-9), 3));
  const auto unfinished =
      std::count_if(r.rows.begin(), r.rows.end(), [](const StudyRow& row) { return row.n == 0 && row.failed == 0; });
  if (!r.is_complete) {
    text += bold(fmt::format("Stopped early: {} of {} scenarios have no result.",
                             count_text(static_cast<std::uint64_t>(unfinished)), count_text(r.rows.size())),
                 o.has_colour) +
            "\n";
  }
  if (r.failed_runs > 0) {
    const auto failed = std::count_if(r.rows.begin(), r.rows.end(), [](const StudyRow& row) { return row.failed > 0; });
    text += bold(fmt::format("{} in {} did not end well.", plural(r.failed_runs, "run"),
                             plural(static_cast<std::uint64_t>(failed), "scenario")),
                 o.has_colour) +
            "\n";
  }
  return text;
}

std::string ranking_table(const StudyResult& r, const ReportOptions& o) {
  const std::size_t goal = goal_index(r);
  const bool some_infeasible =
      std::any_of(r.rows.begin(), r.rows.end(), [](const StudyRow& row) { return row.n > 0 && !row.is_feasible; });
  const bool some_failed = r.failed_runs > 0;
  std::vector<ShownUnit> units;
  for (std::size_t m = 0; m < r.measures.size(); ++m) {
    const bool has_best = !r.ranking.empty() && m < r.rows[r.ranking[0]].measures.size();
    units.push_back(shown_unit(dimension_of(r, m), has_best ? r.rows[r.ranking[0]].measures[m].mean : 1));
  }
  TextTable table;
  table.columns = {{"rank"}};
  const std::vector<std::string> names = short_names(r.design.factors);
  for (std::size_t f = 0; f < names.size(); ++f) table.columns.push_back({names[f] + unit_after(o, f)});
  for (std::size_t m = 0; m < r.measures.size(); ++m) {
    table.columns.push_back({(m == goal ? (r.maximize ? "▲ " : "▼ ") : "") + r.measures[m] +
                             (units[m].name.empty() ? "" : " " + units[m].name)});
  }
  table.columns.push_back({"n"});
  if (some_infeasible) table.columns.push_back({"feasible", Align::left});
  if (some_failed) table.columns.push_back({"failed"});
  for (std::size_t rank = 0; rank < std::min(o.top, r.ranking.size()); ++rank) {
    const std::uint32_t scenario = r.ranking[rank];
    const StudyRow& row = r.rows[scenario];
    if (row.n == 0 && row.failed == 0) break;
    std::vector<std::string> cells{std::to_string(rank + 1)};
    for (std::size_t f = 0; f < r.design.factors.size(); ++f) cells.push_back(factor_value(r.design, scenario, f));
    for (std::size_t m = 0; m < r.measures.size(); ++m) {
      cells.push_back(m < row.measures.size() ? estimate_text(row.measures[m], units[m].scale) : "–");
    }
    cells.push_back(std::to_string(row.n));
    if (some_infeasible) cells.push_back(row.is_feasible ? "✓" : "✗");
    if (some_failed)
      cells.push_back(row.failed > 0 ? fmt::format("{} {}", row.failed,
                                                   enum_names(row.status)[static_cast<std::size_t>(row.status)])
                                     : "");
    table.rows.push_back(std::move(cells));
  }
  return table.rows.empty() ? "" : "\n" + table.text("  ", o.has_colour);
}

/// How a procedure chose, and what that promises.
std::string selection_block(const SelectionResult& s, std::size_t designs) {
  constexpr std::size_t kWidth = 110;
  std::string how = fmt::format("Chosen by {} from {} with {} in {}; ", s.procedure, plural(designs, "design"),
                                plural(s.observations, "run"), plural(s.rounds, "round"));
  how +=
      s.survivors.size() < 2
          ? "no other was left at the end."
          : fmt::format("{} not screened out.",
                        s.survivors.size() == 2 ? "1 other was" : count_text(s.survivors.size() - 1) + " others were");
  if (s.failed_designs > 0) how += fmt::format(" {} left out: runs failed.", plural(s.failed_designs, "design"));
  std::string text = wrapped(how, kWidth) + wrapped("Promise: " + s.guarantee.words + ".", kWidth);
  if (!s.guarantee.conditions.empty()) text += wrapped("It holds when " + s.guarantee.conditions + ".", kWidth);
  return text;
}

/// The best design in words, and how many others could be it.
std::string best_block(const StudyResult& r, const ReportOptions& o) {
  const std::size_t goal = goal_index(r);
  if (r.ranking.empty() || !is_estimate(r.rows[r.ranking[0]], goal)) return "\nNo scenario gave a result.\n";
  const StudyRow& best = r.rows[r.ranking[0]];
  const ShownUnit unit = shown_unit(dimension_of(r, goal), best.measures[goal].mean);
  if (!best.is_feasible) return "\nNo scenario meets the conditions of the study; the ranking is by the goal alone.\n";
  std::vector<std::string> parts;
  for (std::size_t f = 0; f < r.design.factors.size(); ++f) {
    parts.push_back(
        fmt::format("{} = {}{}", r.design.factors[f], factor_value(r.design, r.ranking[0], f), unit_after(o, f)));
  }
  std::string text = fmt::format("\nBest: {}, {} {} {}\n", fmt::join(parts, ", "), r.goal,
                                 estimate_text(best.measures[goal], unit.scale), unit.name);
  if (r.selection) return text + selection_block(*r.selection, r.rows.size());
  const auto could_be = std::count_if(r.ranking.begin() + 1, r.ranking.end(), [&](std::uint32_t s) {
    const StudyRow& row = r.rows[s];
    // A design of one run, left behind, has no interval.
    if (!is_estimate(row, goal) || std::isnan(row.measures[goal].half_width) || !row.is_feasible) return false;
    return r.maximize ? !(row.measures[goal].high() < best.measures[goal].low())
                      : !(row.measures[goal].low() > best.measures[goal].high());
  });
  text += could_be == 0
              ? "No other design's interval reaches the best one's.\n"
              : fmt::format("The intervals of {} overlap with the best one's: the ranking among them is not settled.\n",
                            plural(static_cast<std::uint64_t>(could_be), "other design"));
  return text;
}

}  // namespace
}  // namespace detail

std::string study_report(const StudyResult& result, const ReportOptions& options) {
  std::string text =
      detail::headline(result, options) + detail::ranking_table(result, options) + detail::best_block(result, options);
  text += detail::known_block(options.known, options.has_colour);
  text += "\n" + detail::dim("± is the 95 % interval of Student's t over n replications.", options.has_colour) + "\n";
  return text;
}

}  // namespace twin
