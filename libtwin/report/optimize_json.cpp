// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include <libtwin/report/json_values.hpp>
#include <libtwin/report/optimize.hpp>

namespace twin {
namespace {

using detail::Json;

constexpr double kPerHour = 3600;

double scale_of(const OptimizeResult& r, std::size_t measure) {
  return r.dimensions[measure] == KpiDimension::rate ? kPerHour : 1;
}

Json factor_value(const DesignTable& design, std::size_t row, std::size_t factor) {
  const double value = design.values[row * design.factors.size() + factor];
  if (!design.texts[factor].empty()) return design.texts[factor][static_cast<std::size_t>(value)];
  if (value == std::floor(value) && std::abs(value) < 9e15) return static_cast<std::int64_t>(value);
  return detail::json_number(value);
}

Json compared_entry(const OptimizeResult& r, const ComparedDesign& one) {
  Json parameters = Json::object();
  for (std::size_t f = 0; f < r.design.factors.size(); ++f) {
    parameters[r.design.factors[f]] = factor_value(r.design, one.row, f);
  }
  Json kpis = Json::object();
  for (std::size_t m = 0; m < r.measures.size(); ++m)
    kpis[r.measures[m]] = detail::json_estimate(one.measures[m], scale_of(r, m));
  Json entry{{"role", detail::json_word(one.role)}, {"parameters", std::move(parameters)}, {"kpis", std::move(kpis)}};
  entry["minus_best"] = one.role == ComparedDesign::Role::best
                            ? Json(nullptr)
                            : detail::json_estimate(one.difference, scale_of(r, r.goal_index));
  entry["feasible"] = one.is_feasible ? "yes" : one.is_surely_infeasible ? "no" : "unsure";
  entry["run_status"] = detail::json_word(one.status);
  return entry;
}

std::string status_of(const OptimizeResult& r) {
  if (r.stop == OptimizeStop::interrupted) return "stopped";
  if (r.compared.empty() || r.compared[0].n == 0 || r.compared[0].failed > 0) return "failed";
  return r.compared[0].is_feasible ? "ok" : "infeasible";
}

}  // namespace

std::string optimize_json(const OptimizeResult& r, std::size_t compared) {
  Json list = Json::array();
  std::size_t shown = 0;
  for (const ComparedDesign& one : r.compared) {
    if (++shown <= compared || one.role == ComparedDesign::Role::nominal) list.push_back(compared_entry(r, one));
  }
  Json conditions = Json::array();
  for (const CheckedCondition& c : r.conditions) {
    conditions.push_back({{"condition", c.text}, {"excess", detail::json_estimate(c.excess)}, {"met", c.is_met}});
  }
  const Json out{{"study", r.study},
                 {"status", status_of(r)},
                 {"goal", r.goal},
                 {"maximize", r.maximize},
                 {"designs", r.designs},
                 {"space", detail::json_number(r.space)},
                 {"runs", r.runs()},
                 {"search_runs", r.search_runs},
                 {"fresh_runs", r.fresh_runs},
                 {"failed_runs", r.failed_runs},
                 {"engine", r.engine},
                 {"seed", r.seed},
                 {"confirmed", r.is_confirmed},
                 {"fresh_seed", r.fresh_seed},
                 {"stop", detail::json_word(r.stop)},
                 {"starts", r.starts},
                 {"starts_at_best", r.starts_at_best},
                 {"rounds", r.rounds},
                 {"neighbours", r.neighbours},
                 {"compared_neighbours", r.compared_neighbours},
                 {"regret", detail::json_number(r.regret * (r.compared.empty() ? 1 : scale_of(r, r.goal_index)))},
                 {"reproducible", r.is_reproducible},
                 {"guarantee", r.guarantee},
                 {"conditions", std::move(conditions)},
                 {"warmup_s", r.warmup_s},
                 {"operations", r.operations},
                 {"cpu_s", r.cpu_s},
                 {"wall_s", r.wall_s},
                 {"compared", std::move(list)}};
  // Names come from files and may hold anything: bytes that are no UTF-8 are replaced.
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace twin
