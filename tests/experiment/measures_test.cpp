// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include <libtwin/engine/run.hpp>
#include <libtwin/experiment/measures.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::KpiDimension;
using twin::Study;
using twin::detail::MeasurePlan;
using twin::detail::plan_measures;

const twin::PlantNames& names() {
  static const twin::Compiled kCompiled = twin::compile(twin::test::single_server(0.5));
  return kCompiled.names;
}

Study study_of(std::vector<twin::Measure> measures, std::vector<std::string> conditions = {}, std::string goal = {}) {
  Study study;
  study.measures = std::move(measures);
  study.subject_to = std::move(conditions);
  study.goal = std::move(goal);
  return study;
}

KpiDimension dimension_of(const std::string& expression) {
  return plan_measures(study_of({{"x", expression}}), names()).dimensions.front();
}

std::string mistakes(const Study& study) {
  return twin::test::mistakes_of([&] { static_cast<void>(plan_measures(study, names())); });
}

}  // namespace

TEST_CASE("measures are arithmetic over KPIs of a run", "[measures]") {
  const MeasurePlan plan = plan_measures(
      study_of(
          {{"a", "throughput"}, {"b", "parts(server) / parts(done)"}, {"c", "max(wip, 1) + 0 * busy(server) + wip"}}),
      names());
  const twin::Compiled compiled = twin::compile(twin::test::single_server(0.5));
  twin::PlantState state(compiled.plant);
  twin::RunInput input;
  input.horizon_s = 5000;
  const twin::RunResult& run = twin::run(state, input);
  std::vector<double> values(plan.kpis.size());
  std::vector<double> measured(3);
  plan.read(run, values, measured);
  CHECK(measured[0] == run.throughput_per_s());
  CHECK(measured[1] == static_cast<double>(run.stations[0].parts) / static_cast<double>(run.sinks[0].parts));
  CHECK(measured[2] == std::max(run.mean_wip, 1.0) + run.mean_wip);
}

TEST_CASE("a study without measures has the throughput", "[measures]") {
  const MeasurePlan plan = plan_measures(study_of({}), names());
  CHECK(plan.names == std::vector<std::string>{"throughput"});
  CHECK(plan.dimensions == std::vector<KpiDimension>{KpiDimension::rate});
}

TEST_CASE("the dimension of a measure follows from its KPIs and units", "[measures]") {
  CHECK(dimension_of("throughput") == KpiDimension::rate);
  CHECK(dimension_of("rate(done)") == KpiDimension::rate);
  CHECK(dimension_of("2 * rate( done )") == KpiDimension::rate);
  CHECK(dimension_of("p95(lead_time)") == KpiDimension::time);
  CHECK(dimension_of("p95(lead_time) - mean(lead_time)") == KpiDimension::time);
  CHECK(dimension_of("min(lead_time, 4 h)") == KpiDimension::time);
  CHECK(dimension_of("1 / lead_time") == KpiDimension::rate);
  CHECK(dimension_of("throughput * 1 h") == KpiDimension::number);
  CHECK(dimension_of("wip") == KpiDimension::parts);
  CHECK(dimension_of("busy(server)") == KpiDimension::share);
  CHECK(dimension_of("busy(server) + 0") == KpiDimension::number);
  CHECK(dimension_of("wip / throughput") == KpiDimension::time);
}

TEST_CASE("measures that cannot be understood are told together", "[measures]") {
  const std::string text = mistakes(
      study_of({{"a", "troughput"}, {"b", "rate(don)"}, {"c", "lead_time + throughput"}, {"d", "lead_time < 4"}},
               {"e < 4", "a <"}, "f"));
  CHECK(text.find("measure.a: in 'troughput': unknown name 'troughput' (did you mean 'throughput'?)") !=
        std::string::npos);
  CHECK(text.find("measure.b: in 'rate(don)': there is no sink 'don'; did you mean 'done'?") != std::string::npos);
  CHECK(text.find("measure.c: in 'lead_time + throughput': ") != std::string::npos);
  CHECK(text.find("measure.d: ") != std::string::npos);
  CHECK(text.find("goal.subject_to: in 'e < 4': unknown name 'e'") != std::string::npos);
  CHECK(text.find("goal.subject_to: in 'a <': ") != std::string::npos);
  CHECK(text.find("goal: 'f' is not a measure of this study") != std::string::npos);
}

TEST_CASE("conditions compare measures with numbers of their kind", "[measures]") {
  const std::vector<twin::Measure> measures{{"lead", "lead_time"}, {"rate", "throughput"}};
  const MeasurePlan plan = plan_measures(study_of(measures, {"lead < 1 min", "rate >= 30 /h"}, "rate"), names());
  CHECK(plan.goal == 1);
  CHECK(plan.is_feasible(std::vector{59.0, 0.01}));
  CHECK_FALSE(plan.is_feasible(std::vector{61.0, 0.01}));
  CHECK_FALSE(plan.is_feasible(std::vector{59.0, 0.001}));
  CHECK_FALSE(plan.is_feasible(std::vector{std::nan(""), 0.01}));
  CHECK(mistakes(study_of(measures, {"lead < 60"})).find("goal.subject_to: in 'lead < 60': ") != std::string::npos);
  CHECK(mistakes(study_of(measures, {"p95(lead_time) < 1 h"})).find("declare 'p95(…)' under [measure]") !=
        std::string::npos);
}

TEST_CASE("only KPIs that a measure names are read", "[measures]") {
  const MeasurePlan plan = plan_measures(study_of({{"a", "wip"}}), names());
  CHECK(std::count(plan.is_used.begin(), plan.is_used.end(), true) == 1);
}
