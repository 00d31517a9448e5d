// SPDX-License-Identifier: Apache-2.0
#include <libtwin/report/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include <libtwin/report/json_values.hpp>

namespace twin {
namespace {

using detail::Json;

constexpr double kPerHour = 3600;

Json kpi(std::string_view unit, const Estimate& e, double scale = 1) {
  Json out{{"unit", unit}};
  out.update(detail::json_estimate(e, scale));
  return out;
}

Json station(const StationSummary& s) {
  constexpr std::array kOrder{StationState::busy,    StationState::setup, StationState::starved,
                              StationState::blocked, StationState::down,  StationState::waiting_crew,
                              StationState::idle};
  Json out = Json::object();
  for (const StationState state : kOrder) {
    const auto i = static_cast<std::size_t>(state);
    out[std::string(enum_names(state)[i])] =
        i < s.shares.size() ? detail::json_number(s.shares[i].mean) : Json(nullptr);
  }
  out["parts"] = detail::json_number(s.parts.mean);
  return out;
}

/// A factor's value: text where the design has texts, a whole number where it is one.
Json factor_value(const DesignTable& design, std::size_t scenario, std::size_t factor) {
  const double value = design.values[scenario * design.factors.size() + factor];
  if (factor < design.texts.size() && !design.texts[factor].empty()) {
    const auto level = static_cast<std::size_t>(value);
    if (level < design.texts[factor].size()) return design.texts[factor][level];
  }
  if (value == std::floor(value) && std::abs(value) < 9e15) return static_cast<std::int64_t>(value);
  return detail::json_number(value);
}

double scale_of(const StudyResult& r, std::size_t measure) {
  return measure < r.dimensions.size() && r.dimensions[measure] == KpiDimension::rate ? kPerHour : 1;
}

Json best_entry(const StudyResult& r, std::uint32_t scenario) {
  Json parameters = Json::object();
  for (std::size_t f = 0; f < r.design.factors.size(); ++f)
    parameters[r.design.factors[f]] = factor_value(r.design, scenario, f);
  Json kpis = Json::object();
  const StudyRow& row = r.rows[scenario];
  for (std::size_t m = 0; m < std::min(r.measures.size(), row.measures.size()); ++m) {
    kpis[r.measures[m]] = detail::json_estimate(row.measures[m], scale_of(r, m));
  }
  return {{"parameters", std::move(parameters)}, {"kpis", std::move(kpis)}};
}

/// What a procedure chose and promises; delta in the unit of the goal.
/// @pre the study has a selection.
Json selection(const StudyResult& r) {
  const SelectionResult& s = *r.selection;
  const auto goal =
      static_cast<std::size_t>(std::find(r.measures.begin(), r.measures.end(), r.goal) - r.measures.begin());
  const bool has_promise = s.guarantee.probability > 0;
  return {{"procedure", s.procedure},
          {"parameters", s.design ? best_entry(r, *s.design)["parameters"] : Json(nullptr)},
          {"estimate", detail::json_estimate(s.estimate, scale_of(r, goal))},
          {"promise", s.guarantee.words},
          {"conditions", s.guarantee.conditions},
          {"probability", has_promise ? detail::json_number(s.guarantee.probability) : Json(nullptr)},
          {"delta", has_promise ? detail::json_number(s.guarantee.delta * scale_of(r, goal)) : Json(nullptr)},
          {"observations", s.observations},
          {"rounds", s.rounds},
          {"survivors", s.survivors.size()},
          {"failed_designs", s.failed_designs}};
}

Json diagnostic(const Diagnostic& d) {
  static constexpr std::array<const char*, 3> kSeverities{"error", "warning", "note"};
  return {{"code", d.code},     {"severity", kSeverities[static_cast<std::size_t>(d.severity)]},
          {"path", d.path},     {"file", d.file},
          {"line", d.line},     {"column", d.column},
          {"length", d.length}, {"message", d.message},
          {"label", d.label},   {"hint", d.hint}};
}

Json list_of(const std::vector<Diagnostic>& diagnostics) {
  Json list = Json::array();
  for (const Diagnostic& d : diagnostics) list.push_back(diagnostic(d));
  return list;
}

/// Names come from files and may hold anything: bytes that are no UTF-8 are replaced, never thrown about.
std::string_view unit_of(KpiDimension dimension) {
  return dimension == KpiDimension::rate    ? "/h"
         : dimension == KpiDimension::time  ? "s"
         : dimension == KpiDimension::parts ? "parts"
                                            : "";
}

Json stopping_of(const StoppingOutcome& s, std::int64_t replications) {
  Json rules = Json::array();
  for (const RuleOutcome& r : s.rules) {
    const double scale = r.dimension == KpiDimension::rate ? kPerHour : 1;
    Json rule{{"rule", write_stopping_rule(r.rule)}, {"measure", r.rule.measure}};
    rule.update(kpi(unit_of(r.dimension), r.estimate, scale));
    rule["asked"] = detail::json_number(r.asked * scale);
    rule["met"] = r.is_met;
    rules.push_back(std::move(rule));
  }
  return {{"reason", std::string(enum_names(s.reason)[static_cast<std::size_t>(s.reason)])},
          {"replications", replications},
          {"first", s.first},
          {"at_most", s.at_most},
          {"looks", s.looks},
          {"rules", std::move(rules)}};
}

}  // namespace

std::string run_json(const RunSummary& s) {
  Json lead = kpi("s", s.lead_time_s);
  lead["p95"] = detail::json_number(s.lead_p95_s);
  Json stations = Json::object();
  for (const StationSummary& x : s.stations) stations[x.name] = station(x);
  Json buffers = Json::object();
  for (const BufferSummary& b : s.buffers) buffers[b.name] = {{"mean_level", detail::json_number(b.mean_level.mean)}};
  Json out{{"model", s.model},
           {"engine", s.engine},
           {"seed", s.seed},
           {"replications", s.replications},
           {"status", detail::json_word(s.status)},
           {"kpis",
            {{"throughput", kpi("/h", s.throughput_per_s, kPerHour)},
             {"lead_time", std::move(lead)},
             {"wip", kpi("parts", s.wip)}}},
           {"stations", std::move(stations)},
           {"buffers", std::move(buffers)}};
  for (const auto& [name, in_use] : s.loops) out["loops"][name] = {{"cards_in_use", detail::json_number(in_use.mean)}};
  if (s.stopping) out["stopping"] = stopping_of(*s.stopping, s.replications);
  return detail::json_text(out);
}

std::string study_json(const StudyResult& r, std::size_t best) {
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(best, r.ranking.size()); ++i) {
    if (r.rows[r.ranking[i]].n > 0) list.push_back(best_entry(r, r.ranking[i]));
  }
  const std::string status = !r.is_complete ? "stopped" : r.failed_runs > 0 ? "failed" : "ok";
  Json out{{"study", r.study},         {"scenarios", r.rows.size()}, {"runs", r.runs},         {"engine", r.engine},
           {"seed", r.seed},           {"cpu_s", r.cpu_s},           {"wall_s", r.wall_s},     {"status", status},
           {"guarantee", r.guarantee}, {"operations", r.operations}, {"best", std::move(list)}};
  if (r.selection) out["selection"] = selection(r);
  if (!r.store.path.empty()) {
    out["store"] = {{"path", r.store.path},          {"blocks", r.store.blocks},   {"found", r.store.found},
                    {"made", r.store.made},          {"missing", r.store.missing}, {"runs_made", r.store.runs_made},
                    {"set_aside", r.store.set_aside}};
  }
  return detail::json_text(out);
}

std::string compare_json(const Comparison& c) {
  const auto scale = [&](std::size_t m) { return c.dimensions[m] == KpiDimension::rate ? kPerHour : 1; };
  Json variants = Json::array();
  for (const VariantResult& v : c.variants) {
    Json kpis = Json::object();
    for (std::size_t m = 0; m < c.measures.size(); ++m)
      kpis[c.measures[m]] = kpi(unit_of(c.dimensions[m]), v.measures[m], scale(m));
    variants.push_back({{"name", v.name},
                        {"engine", v.engine},
                        {"n", v.n},
                        {"failed", v.failed},
                        {"status", detail::json_word(v.status)},
                        {"kpis", std::move(kpis)}});
  }
  Json differences = Json::array();
  for (const Difference& d : c.differences) {
    Json one{{"variant", c.variants[d.variant].name}, {"measure", c.measures[d.measure]}};
    one.update(kpi(unit_of(c.dimensions[d.measure]), d.difference, scale(d.measure)));
    one["share"] = detail::json_number(d.share);
    one["p_value"] = detail::json_number(d.p_value);
    one["verdict"] = std::string(enum_names(d.verdict)[static_cast<std::size_t>(d.verdict)]);
    one["replications_needed"] = d.replications_needed == 0 ? Json(nullptr) : Json(d.replications_needed);
    one["correlation"] = detail::json_number(d.correlation);
    differences.push_back(std::move(one));
  }
  const Json out{{"base", c.variants[0].name},
                 {"seed", c.seed},
                 {"replications", c.replications},
                 {"common_random_numbers", c.numbers == RandomNumbers::common},
                 {"level", c.level},
                 {"status", !c.is_complete      ? "stopped"
                            : c.failed_runs > 0 ? "failed"
                                                : "ok"},
                 {"variants", std::move(variants)},
                 {"differences", std::move(differences)}};
  return detail::json_text(out);
}

std::string sensitivity_json(const SensitivitySummary& s) {
  const auto derivative = [](const Derivative& d, std::string_view unit, double scale) {
    if (!d.refusal.empty()) return Json{{"elasticity", nullptr}, {"slope", nullptr}, {"refusal", d.refusal}};
    return Json{{"elasticity", detail::json_estimate(d.elasticity)}, {"slope", kpi(unit, d.slope, scale)}};
  };
  Json means = Json::array();
  for (const MeanSensitivity& m : s.means) {
    static constexpr std::array<const char*, 3> kKinds{"cycle", "arrivals", "repair"};
    means.push_back({{"kind", kKinds[static_cast<std::size_t>(m.kind)]},
                     {"name", m.name},
                     {"mean_s", detail::json_number(m.mean_s)},
                     {"throughput", derivative(m.throughput, "/h per s", kPerHour)},
                     {"lead_time", derivative(m.lead_time, "s per s", 1)}});
  }
  Json buffers = Json::array();
  for (const BufferSensitivity& b : s.buffers) {
    buffers.push_back(
        {{"name", b.name},
         {"capacity", b.capacity},
         {"one_more", {{"throughput", kpi("/h", b.throughput_more, kPerHour)}, {"lead_time", kpi("s", b.lead_more)}}},
         {"one_less", {{"throughput", kpi("/h", b.throughput_less, kPerHour)}, {"lead_time", kpi("s", b.lead_less)}}}});
  }
  const std::string status = !s.is_complete ? "stopped" : s.failed_runs > 0 ? "failed" : "ok";
  const Json out{
      {"model", s.model},
      {"seed", s.seed},
      {"replications", s.replications},
      {"status", status},
      {"kpis", {{"throughput", kpi("/h", s.throughput_per_s, kPerHour)}, {"lead_time", kpi("s", s.lead_time_s)}}},
      {"obstacles", s.obstacles},
      {"means", std::move(means)},
      {"buffers", std::move(buffers)}};
  return detail::json_text(out);
}

std::string check_json(const Factory& factory, const Analysis& analysis,
                       const std::vector<std::string>& lane_obstacles) {
  Json loads = Json::object();
  for (const StationLoad& l : analysis.loads) {
    loads[l.station] = {{"load", detail::json_number(l.load)},
                        {"capacity_per_h", detail::json_number(kPerHour * l.capacity_per_s)},
                        {"offered_per_h", detail::json_number(kPerHour * l.offered_per_s)}};
  }
  const Json out{{"model", factory.name},
                 {"findings", list_of(analysis.findings)},
                 {"loads", std::move(loads)},
                 {"throughput_bound_per_h", detail::json_number(kPerHour * analysis.throughput_bound_per_s)},
                 {"bottleneck", analysis.bottleneck},
                 {"engine", lane_obstacles.empty() ? "lanes" : "event"},
                 {"lane_obstacles", lane_obstacles}};
  return detail::json_text(out);
}

std::string diagnostics_json(const std::vector<Diagnostic>& diagnostics) {
  return detail::json_text(list_of(diagnostics));
}

}  // namespace twin
