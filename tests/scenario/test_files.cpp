// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <tests/scenario/text.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

namespace {

std::set<std::filesystem::path> scenario_files() {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(TWIN_SOURCE_DIR) / "scenarios")) {
    if (entry.path().extension() == ".toml") files.insert(entry.path());
  }
  return files;
}

}  // namespace

TEST_CASE("every file in scenarios/ reads without a word and survives writing") {
  CHECK(scenario_files().size() >= 12);
  for (const auto& file : scenario_files()) {
    const ReadResult result = read_scenario_file(file.string());
    INFO(file << "\n" << shown(result));
    REQUIRE(result.diagnostics.empty());
    CHECK_FALSE(result.scenario.factory.name.empty());
    CHECK(read(write_toml(result.scenario)).scenario == result.scenario);
    CHECK(read(write_json(result.scenario)).scenario == result.scenario);
  }
}

TEST_CASE("the README of scenarios/ names every file") {
  std::ifstream in(std::filesystem::path(TWIN_SOURCE_DIR) / "scenarios" / "README.md");
  std::stringstream text;
  text << in.rdbuf();
  for (const auto& file : scenario_files()) CHECK(text.str().find(file.filename().string()) != std::string::npos);
}

TEST_CASE("the study of issue 2 has 3,249 designs and two known optima") {
  const ReadResult result =
      read_scenario_file((std::filesystem::path(TWIN_SOURCE_DIR) / "scenarios" / "tpmax20.toml").string());
  REQUIRE(result.ok());
  const Scenario& s = result.scenario;
  REQUIRE(s.parameters.size() == 5);
  CHECK(s.bindings.size() == 5);
  REQUIRE(s.study.has_value());
  CHECK(s.study->where.size() == 2);
  int designs = 0;
  for (const double r1 : s.parameters[0].values) {
    for (const double r2 : s.parameters[1].values) {
      for (const double r3 : s.parameters[2].values) designs += r1 + r2 + r3 == 20 ? 19 : 0;
    }
  }
  CHECK(designs == 3249);
  REQUIRE(s.known.size() == 2);
  CHECK(s.known[0].value * 3600 == Approx(5.776121751464));
  CHECK(s.factory.buffers[0].counts == Counting::with_machine);
}
