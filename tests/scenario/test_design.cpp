// SPDX-License-Identifier: Apache-2.0
// [design] and the levels of what varies, for the methods beyond grid and file.
#include <string>

#include <nlohmann/json.hpp>

#include <tests/scenario/text.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

namespace {

ReadResult read_study(const std::string& study, const std::vector<Setting>& settings = {}) {
  return read(line_with("cycle = \"gamma(mean = 38 s, cv = 0.5)\"", study), settings);
}

/// The study of a text without mistakes.
Study good_study(const std::string& text, const std::vector<Setting>& settings = {}) {
  const ReadResult result = read_study(text, settings);
  INFO(text << shown(result));
  REQUIRE(result.diagnostics.empty());
  return *result.scenario.study;
}

const std::string kSobol = "[design]\nmethod = \"sobol\"\npoints = 64\n";

const std::string kEverything = R"~(
[parameter]
r = { from = 1, to = 5, value = 3 }
v = { from = 0.5, to = 2 }
w = { from = 1, to = 4, whole = false, value = 2 }
x = { from = 0, to = 1e300, whole = false }
y = [1.5]
[design]
method = "sobol"
points = 64
trajectories = 7
levels = 6
seed = "18446744073709551615"
scramble = false
where = ["r < 4"]
[factor]
y = { from = -2, to = 7, whole = false }
"machine.weld.cycle.mean" = { from = "36 s", to = "46.5 s" }
"machine.weld.cycle.cv" = { from = 1, to = 2 }
"machine.weld.scrap" = { from = "1 %", to = "3 %" }
"buffer.b1.capacity" = { from = 2, to = 4 }
"machine.pack.cycle.mean" = { from = "36 s", to = "40 s", step = "2 s" }
"buffer.b1.order" = ["fifo", "lifo"]
)~";

}  // namespace

TEST_CASE("the numbers of a method are read, and have defaults") {
  const Study plain = good_study("[design]\nmethod = \"morris\"\n");
  CHECK(plain.method == DesignMethod::morris);
  CHECK(plain.trajectories == 20);
  CHECK(plain.levels == 4);
  CHECK_FALSE(plain.points.has_value());
  CHECK_FALSE(plain.design_seed.has_value());
  CHECK(plain.scramble);
  const Study said = good_study(kEverything);
  CHECK(said.method == DesignMethod::sobol);
  CHECK(said.points == 64);
  CHECK(said.trajectories == 7);
  CHECK(said.levels == 6);
  CHECK(said.design_seed == 18446744073709551615U);
  CHECK_FALSE(said.scramble);
}

TEST_CASE("a range is whole where the number is, and any number of it else") {
  const ReadResult result = read_study(kEverything);
  INFO(shown(result));
  REQUIRE(result.diagnostics.empty());
  CHECK(result.scenario.parameters == std::vector<Parameter>{{"r", {1, 2, 3, 4, 5}, 3},
                                                             {"v", {0.5, 2}, 0.5, true},
                                                             {"w", {1, 4}, 2, true},
                                                             {"x", {0, 1e300}, 0, true},
                                                             {"y", {1.5}, 1.5}});
  CHECK(result.scenario.study->factors ==
        std::vector<Factor>{{"y", {-2, 7}, {}, true},
                            {"machine.weld.cycle.mean", {36, 46.5}, {"36 s", "46.5 s"}, true},
                            {"machine.weld.cycle.cv", {1, 2}, {}, true},
                            {"machine.weld.scrap", {0.01, 0.03}, {}, true},
                            {"buffer.b1.capacity", {2, 3, 4}, {}},
                            {"machine.pack.cycle.value", {36, 38, 40}, {"36 s", "38 s", "40 s"}},
                            {"buffer.b1.order", {0, 1}, {"fifo", "lifo"}}});
}

TEST_CASE("grids and their like have the levels they always had") {
  for (const std::string method : {"grid", "one_at_a_time"}) {
    const std::string head = "[design]\nmethod = \"" + method + "\"\n[factor]\n";
    CHECK(good_study(head + "\"machine.weld.cycle.cv\" = { from = 1, to = 3 }\n").factors ==
          std::vector<Factor>{{"machine.weld.cycle.cv", {1, 2, 3}, {}}});
    for (const std::string range : {"\"machine.weld.cycle.mean\" = { from = \"36 s\", to = \"46 s\" }",
                                    "\"machine.weld.cycle.cv\" = { from = 0.5, to = 2 }",
                                    "\"machine.weld.cycle.cv\" = { from = 1, to = 2, whole = false }"}) {
      INFO(range);
      const ReadResult result = read_study(head + range + "\n");
      REQUIRE(codes_of(result) == "E052");
      CHECK(result.diagnostics[0].message == "this range needs a 'step'");
    }
  }
}

TEST_CASE("a range of one number is one level") {
  CHECK(good_study(kSobol + "[factor]\n\"machine.weld.cycle.mean\" = { from = \"40 s\", to = \"40 s\" }\n").factors ==
        std::vector<Factor>{{"machine.weld.cycle.mean", {40}, {"40 s"}}});
}

TEST_CASE("what a method of design cannot go by is found, with its place") {
  const auto line_of = [](const std::string& study) {
    const ReadResult result = read_study(study);
    INFO(study << shown(result));
    REQUIRE(result.diagnostics.size() == 1);
    const Diagnostic& d = result.diagnostics[0];
    CHECK_FALSE(d.hint.empty());
    return d.code + " " + d.path + " " + std::to_string(d.line - 12);  // the model has twelve lines
  };
  CHECK(line_of("[design]\nmethod = \"sobol\"\n") == "E053 design.points 1");
  CHECK(line_of("[design]\nmethod = \"lhs\"\npoints = 0\n") == "E022 design.points 3");
  CHECK(line_of("[design]\nmethod = \"random\"\npoints = 60000000\n") == "E022 design.points 3");
  CHECK(line_of("[design]\nmethod = \"random\"\npoints = 1.5\n") == "E022 design.points 3");
  CHECK(line_of("[design]\nmethod = \"morris\"\nlevels = 5\n") == "E053 design.levels 3");
  CHECK(line_of("[design]\nmethod = \"morris\"\ntrajectories = 0\n") == "E022 design.trajectories 3");
  CHECK(line_of("[design]\nmethod = \"sobel\"\npoints = 4\n") == "E026 design.method 2");
  const std::string head = kSobol + "[factor]\n";
  CHECK(line_of(head + "\"buffer.b1.capacity\" = { from = 1, to = 3, whole = false }\n") ==
        "E052 factor.\"buffer.b1.capacity\" 5");
  CHECK(line_of(head + "\"buffer.b1.capacity\" = { from = 1.5, to = 3 }\n") ==
        "E022 factor.\"buffer.b1.capacity\".from 5");
  CHECK(line_of(head + "\"machine.weld.cycle.mean\" = { from = \"1 s\", to = \"2 s\", whole = true }\n") ==
        "E052 factor.\"machine.weld.cycle.mean\" 5");
  CHECK(line_of(head + "\"machine.weld.cycle.cv\" = { from = 1, to = 2, step = 1, whole = true }\n") ==
        "E052 factor.\"machine.weld.cycle.cv\" 5");
  CHECK(line_of(head + "\"machine.weld.cycle.cv\" = { values = [1, 2], whole = true }\n") ==
        "E052 factor.\"machine.weld.cycle.cv\".whole 5");
  CHECK(line_of(kSobol + "[parameter]\nx = { from = -1.5e308, to = 1.5e308, whole = false }\n") ==
        "E052 parameter.x 5");
}

TEST_CASE("mistakes of a design are told together with all others") {
  CHECK(
      codes_of(read_study("[design]\nmethod = \"morris\"\nlevels = 5\nwhere = [\"q > 1\"]\n[factor]\n"
                          "\"machine.weld.cycle.mean\" = { from = 36, to = \"46 s\" }\n[goal]\nmaximize = \"y\"\n")) ==
      "E053 E012 E020 E050");
}

TEST_CASE("nominal values within ranges meet the conditions") {
  const ReadResult result = read_study(kSobol + "where = [\"a * b > 0.3\", \"a < 0.5\"]\n[parameter]\n" +
                                       "a = { from = 0, to = 1, whole = false }\nb = { from = 0.1, to = 0.9 }\n");
  INFO(shown(result));
  REQUIRE(result.ok());
  const double a = result.scenario.parameters[0].nominal;
  const double b = result.scenario.parameters[1].nominal;
  CHECK(a * b > 0.3);
  CHECK(a < 0.5);
  CHECK(b <= 0.9);
  // Whether some number between those that were tried would do is not known.
  CHECK(read_study(kSobol + "where = [\"a == 0.3333\"]\n[parameter]\na = { from = 0.1, to = 1 }\n").ok());
}

TEST_CASE("designs of every method survive writing") {
  for (const std::string method : {"sobol", "lhs", "random", "morris"}) {
    const ReadResult first = read_study(kEverything, {{"design.method", method}});
    INFO(method << shown(first));
    REQUIRE(first.ok());
    const std::string toml = write_toml(first.scenario);
    INFO(toml);
    CHECK(read(toml).scenario == first.scenario);
    const std::string json = write_json(first.scenario);
    CHECK(read(json).scenario == first.scenario);
    CHECK(write_json(read(toml).scenario) == json);
  }
}

TEST_CASE("TOML leaves out what a design has of itself, JSON says it") {
  const Scenario scenario = read_study(kSobol).scenario;
  const std::string toml = write_toml(scenario);
  CHECK(toml.find("points = 64") != std::string::npos);
  CHECK(toml.find("trajectories") == std::string::npos);
  CHECK(toml.find("scramble") == std::string::npos);
  const nlohmann::json design = nlohmann::json::parse(write_json(scenario))["design"];
  CHECK(design["trajectories"] == 20);
  CHECK(design["levels"] == 4);
  CHECK(design["scramble"] == true);
  CHECK_FALSE(design.contains("seed"));
}

TEST_CASE("a design can be set from outside") {
  const std::string text = kSobol + "[factor]\n\"buffer.b1.capacity\" = { from = 1, to = 3 }\n";
  const Study study = good_study(text, {{"design.method", "lhs"}, {"design.points", "8"}, {"design.seed", "5"}});
  CHECK(study.method == DesignMethod::lhs);
  CHECK(study.points == 8);
  CHECK(study.design_seed == 5U);
  const ReadResult wrong = read_study(text, {{"design.method", "morris"}, {"design.levels", "7"}});
  REQUIRE(codes_of(wrong) == "E053");
  CHECK(wrong.diagnostics[0].file == "--set design.levels");
}
