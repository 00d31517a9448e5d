// SPDX-License-Identifier: Apache-2.0
// Designs that need a compilation of their own, and designs that cannot be.
#include <cmath>
#include <string>
#include <vector>

#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/experiment/variants.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::RunStatus;
using twin::Scenario;
using twin::StudyResult;
using twin::test::bits_of;
using twin::test::on_threads;
using twin::test::scenario_of;
using twin::test::two_machines;

const char* const kModel = R"TOML(
[machine.m1]
cycle = "exponential(1 h / r)"
[buffer.b]
capacity = 4
[parameter]
r = [50, 60]
[replicate]
count = 3
)TOML";

Scenario study(const std::string& factors) { return scenario_of(two_machines(kModel + ("[factor]\n" + factors))); }

/// What `replicate` gives for the factory with some numbers set.
double throughput(const Scenario& scenario, const std::vector<std::pair<std::string, double>>& numbers) {
  twin::Factory factory = scenario.factory;
  for (const auto& [path, value] : numbers) twin::set_number(factory, path, value);
  factory.run.replications = 3;
  return twin::replicate(twin::compile(factory), factory.run).throughput_per_s.mean;
}

}  // namespace

TEST_CASE("numbers that a run can change need no compilation", "[variants]") {
  Scenario scenario = study("\"buffer.b.capacity\" = [1, 4, -1]\n\"machine.m2.cycle.mean\" = [\"50 s\", \"1 min\"]\n");
  const twin::DesignTable design = twin::make_design(scenario);
  CHECK(twin::detail::Variants(scenario, design, {}).needs_no_compiling());
  const StudyResult result = twin::run_study(scenario);
  REQUIRE(result.rows.size() == 12);
  CHECK(result.rows[0].measures[0].mean ==
        throughput(scenario, {{"machine.m1.cycle.mean", 72}, {"buffer.b.capacity", 1}, {"machine.m2.cycle.mean", 50}}));
  CHECK(result.rows[11].measures[0].mean ==
        throughput(scenario, {{"machine.m1.cycle.mean", 60}, {"buffer.b.capacity", -1}}));
}

TEST_CASE("the number of servers is compiled, with the other numbers as changes", "[variants]") {
  Scenario scenario = study("\"machine.m2.servers\" = [2, 1, 3]\n\"buffer.b.capacity\" = [2, 6]\n");
  CHECK_FALSE(twin::detail::Variants(scenario, twin::make_design(scenario), {}).needs_no_compiling());
  const StudyResult result = twin::run_study(scenario, {}, on_threads(1));
  REQUIRE(result.rows.size() == 12);
  CHECK(bits_of(result) == bits_of(twin::run_study(scenario, {}, on_threads(3))));
  std::size_t s = 0;
  for (const double r : {50.0, 60.0}) {
    for (const double servers : {2.0, 1.0, 3.0}) {
      for (const double capacity : {2.0, 6.0}) {
        CHECK(result.rows[s++].measures[0].mean == throughput(scenario, {{"machine.m1.cycle.mean", 3600 / r},
                                                                         {"machine.m2.servers", servers},
                                                                         {"buffer.b.capacity", capacity}}));
      }
    }
  }
}

TEST_CASE("more structures than a worker keeps give the same rows", "[variants]") {
  Scenario scenario = study("\"buffer.b.capacity\" = [2, 6]\n\"machine.m2.servers\" = { from = 1, to = 12 }\n");
  const StudyResult result = twin::run_study(scenario, {}, on_threads(1));
  REQUIRE(result.rows.size() == 48);
  CHECK(result.rows[24 + 12 + 11].measures[0].mean ==
        throughput(scenario, {{"machine.m1.cycle.mean", 60}, {"buffer.b.capacity", 6}, {"machine.m2.servers", 12}}));
}

TEST_CASE("laws, words and the horizon can be factors", "[variants]") {
  Scenario scenario = study(
      "\"machine.m2.cycle\" = [\"exponential(1 min)\", \"uniform(30 s, 90 s)\"]\n"
      "\"machine.m1.blocking\" = [\"after_service\", \"before_service\"]\n"
      "\"run.horizon\" = [\"4 h\", \"8 h\"]\n");
  scenario.parameters[0].values = {60};
  const StudyResult result = twin::run_study(scenario, {}, on_threads(2));
  REQUIRE(result.rows.size() == 8);
  CHECK(result.failed_runs == 0);
  twin::Factory factory = scenario.factory;
  for (twin::Station& station : factory.stations) {
    if (station.name == "m2") station.cycle = twin::uniform(30, 90);
    if (station.name == "m1") station.blocking = twin::Blocking::before_service;
  }
  factory.run.horizon_s = 8 * 3600.0;
  factory.run.replications = 3;
  CHECK(result.rows[7].measures[0].mean == twin::replicate(twin::compile(factory), factory.run).throughput_per_s.mean);
  CHECK(result.design.texts[0].size() == 2);
}

TEST_CASE("a factor takes the place of the parameter's expression", "[variants]") {
  Scenario scenario = study("\"machine.m1.cycle.mean\" = [\"1 min\", \"2 min\"]\n");
  const StudyResult result = twin::run_study(scenario);
  REQUIRE(result.rows.size() == 4);
  CHECK(bits_of(result.rows[0]) == bits_of(result.rows[2]));
  CHECK(result.rows[1].measures[0].mean == throughput(scenario, {{"machine.m1.cycle.mean", 120}}));
}

TEST_CASE("designs that make no factory are failed rows", "[variants]") {
  const auto statuses = [](const Scenario& scenario) {
    std::vector<RunStatus> all;
    const StudyResult result = twin::run_study(scenario, {}, on_threads(2));
    for (const twin::StudyRow& row : result.rows) {
      all.push_back(row.status);
      CHECK((row.status == RunStatus::ok ? row.n : row.failed) == 3);
    }
    CHECK(result.is_complete);
    return all;
  };
  constexpr auto kOk = RunStatus::ok;
  constexpr auto kBad = RunStatus::bad_number;
  SECTION("a rate of zero, a negative one") {
    Scenario scenario = study("");
    scenario.parameters[0].values = {0, 60, -1};
    CHECK(statuses(scenario) == std::vector{kBad, kOk, kBad});
  }
  SECTION("half a place, fewer than no places") {
    Scenario scenario = study("\"buffer.b.capacity\" = [4, 5]\n");
    scenario.parameters[0].values = {60};
    scenario.study->factors[0].values = {0, 0.5, -2, 5e9, -1};
    CHECK(statuses(scenario) == std::vector{kOk, kBad, kBad, kBad, kOk});
  }
  SECTION("no servers") {
    Scenario scenario = study("\"machine.m2.servers\" = [1, 2]\n");
    scenario.parameters[0].values = {60};
    scenario.study->factors[0].values = {0, 1, 1.5};
    CHECK(statuses(scenario) == std::vector{kBad, kOk, kBad});
  }
  SECTION("a horizon before the warm-up") {
    Scenario scenario = study("\"run.horizon\" = [\"4 h\", \"5 h\"]\n");
    scenario.parameters[0].values = {60};
    scenario.study->factors[0].values = {60, 7200};
    CHECK(statuses(scenario) == std::vector{kBad, kOk});
  }
}

TEST_CASE("shares of a design must leave no part without a way", "[variants]") {
  Scenario scenario = scenario_of(R"TOML(format = 1
[factory]
name = "split"
flow = ["supply -> m", "m -> a : q", "m -> b : 2 * q", "m -> c : otherwise"]
[run]
horizon = "1 h"
[source.supply]
[machine.m]
cycle = "10 s"
[sink.a]
[sink.b]
[sink.c]
[parameter]
q = [0.1, 0.3, 0.4, -0.1]
[replicate]
count = 3
[measure]
a = "rate(a) / throughput"
)TOML");
  const StudyResult result = twin::run_study(scenario);
  REQUIRE(result.rows.size() == 4);
  CHECK(result.rows[0].status == RunStatus::ok);
  CHECK(result.rows[0].measures[0].mean == Approx(0.1).margin(0.05));
  CHECK(result.rows[1].measures[0].mean == Approx(0.3).margin(0.08));
  CHECK(result.rows[2].status == RunStatus::bad_number);
  CHECK(result.rows[3].status == RunStatus::bad_number);
  CHECK(result.ranking == std::vector<std::uint32_t>{1, 0, 2, 3});
}

TEST_CASE("scrap that the model leaves out is compiled in", "[variants]") {
  Scenario scenario = study("\"machine.m2.scrap\" = [\"0 %\", \"50 %\"]\n");
  scenario.parameters[0].values = {60};
  const StudyResult result = twin::run_study(scenario);
  CHECK(result.rows[1].measures[0].mean == Approx(result.rows[0].measures[0].mean / 2).epsilon(0.1));
}

TEST_CASE("a design that deadlocks costs its own row", "[variants]") {
  const Scenario scenario = scenario_of(R"TOML(format = 1
[factory]
name = "knot"
flow = ["supply -> make -> b -> check", "check -> b : 50 %", "check -> done : otherwise"]
[run]
horizon = "40 h"
[source.supply]
[machine.make]
cycle = "exponential(1 s)"
[machine.check]
cycle = "exponential(1 s)"
[buffer.b]
capacity = 1
[sink.done]
[factor]
"buffer.b.capacity" = [1, 1000000]
[replicate]
count = 4
)TOML");
  const StudyResult result = twin::run_study(scenario, {}, on_threads(2));
  CHECK(result.rows[0].status == RunStatus::deadlocked);
  CHECK(result.rows[0].failed == 4);
  CHECK(result.rows[0].n == 0);
  CHECK(result.rows[1].status == RunStatus::ok);
  CHECK(result.rows[1].n == 4);
  CHECK(result.failed_runs == 4);
  CHECK(result.runs == 8);
  CHECK(result.ranking == std::vector<std::uint32_t>{1, 0});
  CHECK(result.is_complete);
}

TEST_CASE("factors that are nowhere in the model are refused", "[variants]") {
  Scenario scenario = study("");
  scenario.study->factors.push_back({"machine.m9.servers", {1, 2}, {}});
  scenario.study->factors.push_back({"run.replications", {1, 2}, {}});
  const std::string text = twin::test::mistakes_of([&] { static_cast<void>(twin::run_study(scenario)); });
  CHECK(text.find("machine.m9.servers") != std::string::npos);
  CHECK(text.find("[replicate] count") != std::string::npos);
}
