// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <nlohmann/json.hpp>

#include <libtwin/report/json.hpp>
#include <libtwin/report/text.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

namespace {

SensitivitySummary sample() {
  SensitivitySummary s;
  s.model = "press-line";
  s.seed = 42;
  s.replications = 30;
  s.horizon_s = 8 * 604800.0;
  s.throughput_per_s = {61.4 / 3600, 0.83 / 3600, 30};
  s.lead_time_s = {1638, 66, 30};
  s.runs = 120;
  s.wall_s = 1.9;
  MeanSensitivity press{SensitivityKind::cycle, "press", 38, {}, {}};
  press.throughput = {{-0.61, 0.012, 30}, {-0.985 / 3600, 0.02 / 3600, 30}, {}};
  press.lead_time = {{1.2, 0.1, 30}, {51.7, 4.3, 30}, {}};
  MeanSensitivity weld{SensitivityKind::cycle, "weld", 41, {}, {}};
  weld.throughput.refusal = weld.lead_time.refusal = "'weld' fails after so much work: no";
  s.means = {press, weld};
  s.buffers.push_back({"b1", 20, {0.3 / 3600, 0.05 / 3600, 30}, {}, {12, 2, 30}, {}});
  return s;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the report of sensitivities has a row for each mean and buffer, and says what is refused and why") {
  const std::string text = sensitivity_report(sample());
  INFO(text);
  CHECK(contains(text, "press-line · sensitivities · 30 replications × 8 weeks · seed 42 · 120 runs in 1.9 s\n"));
  CHECK(contains(text, "press    cycle  38 s  -0.610 ± 0.012  -0.985 ± 0.020  per s    1.20 ± 0.10\n"));
  CHECK(contains(text, "weld     cycle  41 s            none            none                  none\n"));
  CHECK(contains(text, "none for 'weld': 'weld' fails after so much work: no."));
  CHECK(contains(text, "b1       20  0.300 ± 0.050    0.200 ± 0.033             –                –\n"));
  CHECK(has_derivatives(sample()));
}

TEST_CASE("the report of a factory without derivatives says why") {
  SensitivitySummary s = sample();
  s.means.clear();
  s.obstacles = {"'inspect' sends parts different ways"};
  CHECK(contains(sensitivity_report(s), "no derivatives: 'inspect' sends parts different ways."));
  CHECK_FALSE(has_derivatives(s));
}

TEST_CASE("sensitivities as JSON have units, and null with the reason where there is no derivative") {
  const auto j = nlohmann::ordered_json::parse(sensitivity_json(sample()));
  const auto& press = j["means"][0];
  CHECK(press["kind"] == "cycle");
  CHECK(press["mean_s"] == 38);
  CHECK(press["throughput"]["elasticity"]["mean"] == -0.61);
  CHECK(press["throughput"]["slope"]["unit"] == "/h per s");
  CHECK(press["throughput"]["slope"]["mean"].get<double>() == Approx(-0.985));
  CHECK(press["lead_time"]["slope"]["mean"] == 51.7);
  const auto& weld = j["means"][1];
  CHECK(weld["throughput"]["elasticity"].is_null());
  CHECK(weld["throughput"]["refusal"] == "'weld' fails after so much work: no");
  CHECK(j["buffers"][0]["one_more"]["throughput"]["mean"].get<double>() == Approx(0.3));
  CHECK(j["buffers"][0]["one_less"]["throughput"]["mean"].is_null());
  CHECK(j["buffers"][0]["one_less"]["throughput"]["n"] == 0);
}
