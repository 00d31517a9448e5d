// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include <libtwin/engine/run.hpp>
#include <libtwin/experiment/kpi.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::Kpi;
using twin::KpiDimension;

twin::PlantNames names() {
  twin::PlantNames all;
  all.stations = {"press", "weld"};
  all.buffers = {"b1"};
  all.sinks = {"bin", "shipped"};
  all.crews = {"smiths"};
  all.loops = {"cell"};
  return all;
}

Kpi found(const std::string& call, const std::vector<std::string>& arguments) {
  Kpi kpi;
  std::string problem;
  const bool is_found = twin::find_kpi(names(), call, arguments, kpi, problem);
  INFO(problem);
  REQUIRE(is_found);
  return kpi;
}

std::string problem_of(const std::string& call, const std::vector<std::string>& arguments) {
  Kpi kpi;
  std::string problem;
  REQUIRE_FALSE(twin::find_kpi(names(), call, arguments, kpi, problem));
  return problem;
}

}  // namespace

TEST_CASE("KPIs are found by the names that measures use", "[kpi]") {
  CHECK(found("throughput", {}) == Kpi{.kind = Kpi::Kind::throughput});
  CHECK(found("lead_time", {}) == Kpi{.kind = Kpi::Kind::lead_mean});
  CHECK(found("mean", {"lead_time"}) == Kpi{.kind = Kpi::Kind::lead_mean});
  CHECK(found("mean", {"wip"}) == Kpi{.kind = Kpi::Kind::wip});
  CHECK(found("p95", {"lead_time"}) == Kpi{.kind = Kpi::Kind::lead_quantile, .p = 0.95});
  CHECK(found("p5", {"lead_time"}) == Kpi{.kind = Kpi::Kind::lead_quantile, .p = 0.05});
  CHECK(found("rate", {"shipped"}) == Kpi{.kind = Kpi::Kind::sink_rate, .index = 1});
  CHECK(found("parts", {"shipped"}) == Kpi{.kind = Kpi::Kind::sink_parts, .index = 1});
  CHECK(found("parts", {"weld"}) == Kpi{.kind = Kpi::Kind::station_parts, .index = 1});
  CHECK(found("scrap", {"weld"}) == Kpi{.kind = Kpi::Kind::station_scrap, .index = 1});
  CHECK(found("failures", {"press"}) == Kpi{.kind = Kpi::Kind::station_failures});
  CHECK(found("level", {"b1"}) == Kpi{.kind = Kpi::Kind::buffer_level});
  CHECK(found("wait", {"b1"}) == Kpi{.kind = Kpi::Kind::buffer_wait});
  CHECK(found("utilization", {"smiths"}) == Kpi{.kind = Kpi::Kind::crew_share});
  CHECK(found("cards_in_use", {"cell"}) == Kpi{.kind = Kpi::Kind::cards_in_use});
  CHECK(found("share", {"weld", "blocked"}) == Kpi{.kind = Kpi::Kind::state_share, .index = 1, .state = 3});
  CHECK(found("blocked", {"weld"}) == found("share", {"weld", "blocked"}));
  CHECK(found("waiting_crew", {"weld"}) == found("share", {"weld", "waiting_crew"}));
}

TEST_CASE("what is no KPI is told with the nearest name", "[kpi]") {
  CHECK(problem_of("troughput", {}) == "unknown KPI 'troughput'; did you mean 'throughput'?");
  CHECK(problem_of("zzz", {"weld"}) == "unknown KPI 'zzz'");
  CHECK(problem_of("throughput", {"weld"}) == "'throughput' is of the whole factory and takes no arguments");
  CHECK(problem_of("rate", {}) == "'rate' takes one argument: rate(name)");
  CHECK(problem_of("rate", {"shiped"}) == "there is no sink 'shiped'; did you mean 'shipped'?");
  CHECK(problem_of("rate", {"weld"}) == "'weld' is a station, and 'rate' takes a sink");
  CHECK(problem_of("level", {"weld"}) == "'weld' is a station, and 'level' takes a buffer");
  CHECK(problem_of("utilization", {"weld"}) == "'weld' is a station, and 'utilization' takes a crew");
  CHECK(problem_of("share", {"weld"}) == "'share' takes a station and a state: share(weld, busy)");
  CHECK(problem_of("share", {"weld", "bussy"}) == "'bussy' is not a state of a station; did you mean 'busy'?");
  CHECK(problem_of("busy", {"b1"}) == "'b1' is a buffer, and 'busy' takes a station");
  CHECK(problem_of("p95", {"wip"}) == "quantiles are known of lead_time only: p95(lead_time)");
  CHECK(problem_of("p100", {"lead_time"}) == "unknown KPI 'p100'; quantiles go from p1(lead_time) to p99(lead_time)");
  CHECK(problem_of("p0", {"lead_time"}).starts_with("unknown KPI 'p0'; quantiles"));
  CHECK(problem_of("mean", {"throughput"}) == "'mean' takes lead_time or wip");
}

TEST_CASE("a KPI knows what it is a number of", "[kpi]") {
  CHECK(found("throughput", {}).dimension() == KpiDimension::rate);
  CHECK(found("p50", {"lead_time"}).dimension() == KpiDimension::time);
  CHECK(found("wip", {}).dimension() == KpiDimension::parts);
  CHECK(found("busy", {"weld"}).dimension() == KpiDimension::share);
  CHECK(found("failures", {"weld"}).dimension() == KpiDimension::number);
}

TEST_CASE("KPIs read what the run holds", "[kpi]") {
  const twin::Compiled compiled = twin::compile(twin::test::single_server(0.5));
  twin::PlantState state(compiled.plant);
  twin::RunInput input;
  input.horizon_s = 10000;
  const twin::RunResult& run = twin::run(state, input);
  double shares = 0;
  for (const twin::KpiColumn& column : twin::all_kpis(compiled.names)) {
    const double value = column.kpi.read(run);
    INFO(column.name);
    CHECK(std::isfinite(value));
    if (column.kpi.kind == Kpi::Kind::state_share) shares += value;
    if (column.name == "throughput") CHECK(value == static_cast<double>(run.good) / 10000);
    if (column.name == "done.parts") CHECK(value == static_cast<double>(run.good));
    if (column.name == "server.busy") CHECK(value == Approx(0.5).margin(0.05));
    if (column.name == "queue.wait") CHECK(value == run.buffers[0].mean_wait_s);
    if (column.name == "lead_p95") CHECK(value == run.lead_quantile_s(0.95));
  }
  CHECK(shares == Approx(1));
}

TEST_CASE("column names are unique", "[kpi]") {
  std::vector<std::string> all;
  for (const twin::KpiColumn& column : twin::all_kpis(names())) all.push_back(column.name);
  CHECK(std::find(all.begin(), all.end(), "weld.waiting_crew") != all.end());
  CHECK(std::find(all.begin(), all.end(), "smiths.utilization") != all.end());
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}
