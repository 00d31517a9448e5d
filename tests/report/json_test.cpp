// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <tests/report/samples.hpp>
#include <tests/support/catch.hpp>

#include <libtwin/report/json.hpp>

using namespace twin;
using Json = nlohmann::ordered_json;

namespace {

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

using Keys = std::vector<std::string>;

}  // namespace

TEST_CASE("a run as JSON has exactly the keys of the contract") {
  const Json j = Json::parse(run_json(samples::run()));
  CHECK(keys(j) == Keys{"model", "engine", "seed", "replications", "status", "kpis", "stations", "buffers"});
  CHECK(keys(j["kpis"]) == Keys{"throughput", "lead_time", "wip"});
  CHECK(keys(j["kpis"]["throughput"]) == Keys{"unit", "mean", "half_width", "n"});
  CHECK(keys(j["kpis"]["lead_time"]) == Keys{"unit", "mean", "half_width", "n", "p95"});
  CHECK(keys(j["kpis"]["wip"]) == Keys{"unit", "mean", "half_width", "n"});
  CHECK(keys(j["stations"]["weld"]) ==
        Keys{"busy", "setup", "starved", "blocked", "down", "waiting_crew", "idle", "parts"});
  CHECK(keys(j["buffers"]["b1"]) == Keys{"mean_level"});
}

TEST_CASE("a run as JSON has rates per hour and times in seconds") {
  const Json j = Json::parse(run_json(samples::run()));
  CHECK(j["model"] == "press-line");
  CHECK(j["engine"] == "event");
  CHECK(j["seed"] == 42);
  CHECK(j["replications"] == 30);
  CHECK(j["status"] == "ok");
  CHECK(j["kpis"]["throughput"]["unit"] == "/h");
  CHECK(j["kpis"]["throughput"]["mean"].get<double>() == Approx(61.4));
  CHECK(j["kpis"]["throughput"]["half_width"].get<double>() == Approx(0.83));
  CHECK(j["kpis"]["throughput"]["n"] == 30);
  CHECK(j["kpis"]["lead_time"]["unit"] == "s");
  CHECK(j["kpis"]["lead_time"]["mean"] == 1638);
  CHECK(j["kpis"]["lead_time"]["p95"] == 3480);
  CHECK(j["kpis"]["wip"]["unit"] == "parts");
  CHECK(j["stations"]["weld"]["busy"] == 0.76);
  CHECK(j["stations"]["weld"]["down"] == 0.09);
  CHECK(j["stations"]["weld"]["parts"] == 81234);
  CHECK(j["buffers"]["b1"]["mean_level"] == 9.1);
}

TEST_CASE("what does not exist is null, and the text is still JSON") {
  RunSummary s = samples::run();
  s.lead_time_s = {};
  s.lead_p95_s = samples::kNaN;
  s.wip.half_width = std::numeric_limits<double>::infinity();
  const Json j = Json::parse(run_json(s));
  CHECK(j["kpis"]["lead_time"]["mean"].is_null());
  CHECK(j["kpis"]["lead_time"]["p95"].is_null());
  CHECK(j["kpis"]["wip"]["half_width"].is_null());
}

TEST_CASE("numbers read back to the same bits") {
  RunSummary s = samples::run();
  s.wip.mean = 0.1 + 0.2;
  CHECK(Json::parse(run_json(s))["kpis"]["wip"]["mean"].get<double>() == 0.1 + 0.2);
}

TEST_CASE("a run that failed says how in its status") {
  RunSummary s = samples::run();
  s.status = RunStatus::deadlocked;
  CHECK(Json::parse(run_json(s))["status"] == "deadlocked");
}

TEST_CASE("a name that is no UTF-8 does not break the text") {
  RunSummary s = samples::run();
  s.model = "bad\xff name";
  CHECK_NOTHROW(Json::parse(run_json(s)));
}

TEST_CASE("a study as JSON has exactly the keys of the contract, the best first") {
  const Json j = Json::parse(study_json(samples::study()));
  CHECK(keys(j) == Keys{"study", "scenarios", "runs", "engine", "seed", "cpu_s", "wall_s", "status", "guarantee",
                        "operations", "best"});
  CHECK(j["study"] == "speeds");
  CHECK(j["scenarios"] == 3);
  CHECK(j["runs"] == 80);
  CHECK(j["status"] == "ok");
  REQUIRE(j["best"].size() == 3);
  const Json& best = j["best"][0];
  CHECK(keys(best) == Keys{"parameters", "kpis"});
  CHECK(best["parameters"]["r1"] == 6);
  CHECK(best["parameters"]["r1"].is_number_integer());
  CHECK(best["parameters"]["buffer.b1.order"] == "lifo");
  CHECK(keys(best["kpis"]["throughput"]) == Keys{"mean", "half_width", "n"});
  CHECK(best["kpis"]["throughput"]["mean"].get<double>() == Approx(5.7761));
  CHECK(best["kpis"]["lead"]["mean"] == 720);
}

TEST_CASE("a selection as JSON has what was chosen, promised and spent, in the units of the goal") {
  StudyResult r = samples::study();
  r.selection = samples::selection();
  const Json j = Json::parse(study_json(r))["selection"];
  CHECK(j["procedure"] == "KN");
  CHECK(j["parameters"]["r1"] == 6);
  CHECK(j["probability"] == 0.95);
  CHECK(j["delta"].get<double>() == Approx(0.1));
  CHECK(j["estimate"]["mean"].get<double>() == Approx(5.7761));
  CHECK(j["observations"] == 80);
  CHECK(j["rounds"] == 4);
  CHECK(j["survivors"] == 2);
  r.selection->guarantee = {0, 0, "none: fixed budget", ""};
  const Json none = Json::parse(study_json(r))["selection"];
  CHECK(none["probability"].is_null());
  CHECK(none["delta"].is_null());
  CHECK(none["promise"] == "none: fixed budget");
}

TEST_CASE("a study lists ten designs unless told otherwise, and none without a result") {
  StudyResult r = samples::study();
  CHECK(Json::parse(study_json(r, 1))["best"].size() == 1);
  r.rows[2].n = 0;
  r.is_complete = false;
  const Json j = Json::parse(study_json(r));
  CHECK(j["best"].size() == 2);
  CHECK(j["status"] == "stopped");
}

TEST_CASE("diagnostics as JSON have their place and their hint") {
  const Json j = Json::parse(
      diagnostics_json({{"E030", Severity::error, "machine.weld.cycle", "line.toml", 31, 10, 9,
                         "unknown distribution 'lognormol'", "not a distribution", "did you mean 'lognormal'?"}}));
  REQUIRE(j.size() == 1);
  CHECK(j[0]["code"] == "E030");
  CHECK(j[0]["severity"] == "error");
  CHECK(j[0]["line"] == 31);
  CHECK(j[0]["hint"] == "did you mean 'lognormal'?");
}

TEST_CASE("stopping rules stand in the JSON of a run that went by them") {
  const Json j = Json::parse(run_json(samples::stopped_run(StopReason::at_most)));
  const Json& stopping = j["stopping"];
  CHECK(keys(stopping) == Keys{"reason", "replications", "first", "at_most", "looks", "rules"});
  CHECK(stopping["reason"] == "at_most");
  CHECK(stopping["replications"] == 30);
  REQUIRE(stopping["rules"].size() == 2);
  const Json& rate = stopping["rules"][0];
  CHECK(keys(rate) == Keys{"rule", "measure", "unit", "mean", "half_width", "n", "asked", "met"});
  CHECK(rate["rule"] == "halfwidth(throughput) < 1.5 %");
  CHECK(rate["half_width"].get<double>() == Approx(0.83));
  CHECK(rate["asked"].get<double>() == Approx(61.4 * 0.015 / 1.015));
  CHECK(stopping["rules"][1]["asked"] == 60);
  CHECK(stopping["rules"][1]["met"] == false);
}

TEST_CASE("a comparison as JSON has exactly the keys of the contract, rates per hour, and null for what is not") {
  const Json j = Json::parse(compare_json(samples::comparison()));
  CHECK(keys(j) ==
        Keys{"base", "seed", "replications", "common_random_numbers", "level", "status", "variants", "differences"});
  CHECK(j["base"] == "line");
  CHECK(j["status"] == "failed");
  CHECK(keys(j["variants"][0]) == Keys{"name", "engine", "n", "failed", "status", "kpis"});
  CHECK(j["variants"][2]["status"] == "deadlocked");
  CHECK(j["variants"][0]["kpis"]["throughput"]["mean"].get<double>() == Approx(60));
  const Json& first = j["differences"][0];
  CHECK(keys(first) == Keys{"variant", "measure", "unit", "mean", "half_width", "n", "share", "p_value", "verdict",
                            "replications_needed", "correlation"});
  CHECK(first["variant"] == "buffer.b1.capacity=12");
  CHECK(first["mean"].get<double>() == Approx(1.2));
  CHECK(first["verdict"] == "larger");
  CHECK(first["replications_needed"].is_null());
  CHECK(j["differences"][1]["replications_needed"] == 2345);
  CHECK(j["differences"][3]["p_value"].is_null());
  CHECK(j["differences"][3]["verdict"] == "open");
}
