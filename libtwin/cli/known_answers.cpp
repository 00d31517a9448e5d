// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/known_answers.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <libtwin/report/format.hpp>
#include <libtwin/stats/confidence.hpp>

namespace twin::cli {
namespace {

bool is_same(double a, double b) { return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b)); }

/// `busy(weld)` as its name and arguments.
std::pair<std::string, std::vector<std::string>> split_call(const std::string& text) {
  const auto trimmed = [](std::string s) {
    s.erase(0, s.find_first_not_of(' '));
    s.erase(s.find_last_not_of(' ') + 1);
    return s;
  };
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return {trimmed(text), {}};
  std::vector<std::string> arguments;
  for (std::size_t begin = open + 1; begin <= close;) {
    const std::size_t end = std::min(text.find(',', begin), close);
    arguments.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return {trimmed(text.substr(0, open)), arguments};
}

/// The column of the summary that holds a KPI or a measure that is no more than a KPI.
std::optional<std::size_t> column_of(const std::string& of, const Scenario& scenario, const Compiled& compiled,
                                     const std::vector<KpiColumn>& columns) {
  std::string call = of;
  if (scenario.study) {
    for (const Measure& m : scenario.study->measures) call = m.name == of ? m.expression : call;
  }
  const auto [name, arguments] = split_call(call);
  Kpi kpi;
  std::string problem;
  if (!find_kpi(compiled.names, name, arguments, kpi, problem)) return {};
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const KpiColumn& c) { return c.kpi == kpi; });
  if (found == columns.end()) return {};
  return static_cast<std::size_t>(found - columns.begin());
}

std::string name_with_design(const KnownAnswer& answer) {
  if (answer.at.empty()) return answer.of;
  std::string text = answer.of + " at ";
  bool is_first = true;
  for (const auto& [name, value] : answer.at) {
    text += fmt::format("{}{} = {}", is_first ? "" : ", ", name, detail::number_text(value, 6));
    is_first = false;
  }
  return text;
}

}  // namespace

std::vector<KnownComparison> known_of_run(const Scenario& scenario, const Compiled& compiled,
                                          const RunSummary& summary) {
  std::map<std::string, double> nominal;
  for (const Parameter& p : scenario.parameters) nominal[p.name] = p.nominal;
  const std::vector<KpiColumn> columns = all_kpis(compiled.names);
  std::vector<KnownComparison> found;
  for (const KnownAnswer& answer : scenario.known) {
    const bool is_here = std::all_of(answer.at.begin(), answer.at.end(), [&](const auto& at) {
      return nominal.count(at.first) != 0 && is_same(nominal.at(at.first), at.second);
    });
    const auto column = is_here ? column_of(answer.of, scenario, compiled, columns) : std::nullopt;
    if (!column) continue;
    std::vector<double> values;
    for (std::size_t r = 0; r < summary.statuses.size(); ++r) {
      const double value = summary.rows[r * columns.size() + *column];
      if (!std::isnan(value)) values.push_back(value);
    }
    Estimate ours = mean_interval(values);
    // One replication has an interval from batch means, for the KPIs that the summary estimates itself.
    if (values.size() == 1 && answer.of == "throughput") ours = summary.throughput_per_s;
    if (values.size() == 1 && answer.of == "lead_time") ours = summary.lead_time_s;
    if (values.size() == 1 && answer.of == "wip") ours = summary.wip;
    found.push_back({answer.of, answer.value, ours, columns[*column].kpi.dimension(), answer.source, 0});
  }
  return found;
}

std::vector<KnownComparison> known_of_study(const Scenario& scenario, const StudyResult& result) {
  std::vector<KnownComparison> found;
  const auto& factors = result.design.factors;
  for (const KnownAnswer& answer : scenario.known) {
    const auto measure = std::find(result.measures.begin(), result.measures.end(), answer.of);
    std::vector<std::pair<std::size_t, double>> wanted;
    for (const auto& [name, value] : answer.at) {
      const auto factor = std::find(factors.begin(), factors.end(), name);
      if (factor != factors.end()) wanted.emplace_back(static_cast<std::size_t>(factor - factors.begin()), value);
    }
    // An answer belongs to one design: it must say which.
    if (measure == result.measures.end() || wanted.size() != factors.size() || wanted.size() != answer.at.size())
      continue;
    const auto m = static_cast<std::size_t>(measure - result.measures.begin());
    for (std::size_t row = 0; row < result.rows.size(); ++row) {
      const bool is_row = std::all_of(wanted.begin(), wanted.end(), [&](const auto& w) {
        return is_same(result.design.values[row * factors.size() + w.first], w.second);
      });
      if (!is_row || result.rows[row].n == 0) continue;
      found.push_back({name_with_design(answer), answer.value, result.rows[row].measures[m], result.dimensions[m],
                       answer.source, row});
      break;
    }
  }
  return found;
}

}  // namespace twin::cli
