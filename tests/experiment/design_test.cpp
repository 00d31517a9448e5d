// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <libtwin/experiment/study.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::DesignTable;
using twin::Scenario;
using twin::test::levels_of;
using twin::test::mistakes_of;

/// A study of parameters alone; what they do to the model is of no account here.
Scenario parameters(const std::vector<std::pair<std::string, std::vector<double>>>& levels,
                    std::vector<std::string> where = {}) {
  Scenario scenario;
  scenario.factory = twin::test::single_server(0.5);
  for (const auto& [name, values] : levels) scenario.parameters.push_back({name, values, values.front()});
  scenario.study.emplace();
  scenario.study->where = std::move(where);
  return scenario;
}

std::vector<double> range(int from, int to) {
  std::vector<double> values;
  for (int i = from; i <= to; ++i) values.push_back(i);
  return values;
}

/// A file in the folder for temporary files, removed again.
class DesignFile {
 public:
  DesignFile(const std::string& name, const std::string& text) : path_(std::filesystem::temp_directory_path() / name) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  DesignFile(const DesignFile&) = delete;
  DesignFile& operator=(const DesignFile&) = delete;
  ~DesignFile() { std::filesystem::remove(path_); }

  [[nodiscard]] Scenario study() const {
    Scenario scenario = parameters({{"r", {1}}, {"q", {1, 2}}});
    scenario.study->method = twin::DesignMethod::file;
    scenario.study->file = path_.filename().string();
    return scenario;
  }
  [[nodiscard]] DesignTable read() const { return twin::make_design(study(), path_.parent_path().string()); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("a grid holds every combination, the last factor running fastest", "[design]") {
  Scenario scenario = parameters({{"a", {1, 2}}, {"fixed", {7}}, {"b", {5, 3}}});
  scenario.study->factors.push_back({"buffer.queue.capacity", {10, 20, 30}, {}});
  const DesignTable design = twin::make_design(scenario);
  CHECK(design.factors == std::vector<std::string>{"a", "b", "buffer.queue.capacity"});
  REQUIRE(design.size() == 12);
  CHECK(levels_of(design, 0) == std::vector<double>{1, 5, 10});
  CHECK(levels_of(design, 1) == std::vector<double>{1, 5, 20});
  CHECK(levels_of(design, 3) == std::vector<double>{1, 3, 10});
  CHECK(levels_of(design, 11) == std::vector<double>{2, 3, 30});
}

TEST_CASE("a factor that names a parameter says its levels", "[design]") {
  Scenario scenario = parameters({{"a", {1, 2, 3}}, {"b", {9}}});
  scenario.study->factors.push_back({"a", {4}, {}});
  scenario.study->factors.push_back({"b", {5, 6}, {}});
  const DesignTable design = twin::make_design(scenario);
  CHECK(design.factors == std::vector<std::string>{"a", "b"});
  CHECK(design.values == std::vector<double>{4, 5, 4, 6});
}

TEST_CASE("texts of numbers give way to their values, other texts stay", "[design]") {
  Scenario scenario = parameters({});
  scenario.study->factors.push_back({"machine.server.cycle.mean", {36, 60}, {"36 s", "1 min"}});
  scenario.study->factors.push_back({"buffer.queue.order", {0, 1}, {"fifo", "lifo"}});
  const DesignTable design = twin::make_design(scenario);
  CHECK(design.texts[0].empty());
  CHECK(design.texts[1] == std::vector<std::string>{"fifo", "lifo"});
  CHECK(design.values == std::vector<double>{36, 0, 36, 1, 60, 0, 60, 1});
}

TEST_CASE("a study that varies nothing has no factors", "[design]") {
  CHECK(twin::make_design(parameters({{"a", {1}}})).factors.empty());
}

TEST_CASE("conditions leave the same designs as asking them of every combination", "[design]") {
  const std::vector<std::string> where{"a + c == 9", "b < c or b == 7", "a * b * c > k"};
  const Scenario scenario =
      parameters({{"a", range(1, 9)}, {"b", range(1, 9)}, {"k", {20}}, {"c", range(1, 9)}}, where);
  std::vector<double> wanted;
  for (int a = 1; a <= 9; ++a) {
    for (int b = 1; b <= 9; ++b) {
      for (int c = 1; c <= 9; ++c) {
        if (a + c == 9 && (b < c || b == 7) && a * b * c > 20) {
          wanted.insert(wanted.end(), {static_cast<double>(a), static_cast<double>(b), static_cast<double>(c)});
        }
      }
    }
  }
  CHECK(twin::make_design(scenario).values == wanted);
}

TEST_CASE("conditions on the first parameters keep a vast grid small", "[design]") {
  std::vector<std::pair<std::string, std::vector<double>>> levels;
  std::vector<std::string> where;
  for (int i = 0; i < 12; ++i) {
    levels.emplace_back("p" + std::to_string(i), range(1, 100));
    if (i > 0) where.push_back("p" + std::to_string(i) + " == p" + std::to_string(i - 1));
  }
  CHECK(twin::make_design(parameters(levels, where)).size() == 100);
}

TEST_CASE("the designs of the throughput problem are 3,249", "[design]") {
  const Scenario scenario = parameters(
      {{"r1", range(1, 18)}, {"r2", range(1, 18)}, {"r3", range(1, 18)}, {"b2", range(1, 19)}, {"b3", range(1, 19)}},
      {"r1 + r2 + r3 == 20", "b2 + b3 == 20"});
  CHECK(twin::make_design(scenario).size() == 3249);
}

TEST_CASE("grids that cannot be are refused", "[design]") {
  const auto refused = [](const Scenario& scenario) {
    return mistakes_of([&] { static_cast<void>(twin::make_design(scenario)); });
  };
  CHECK(refused(parameters({{"a", {1, 2}}}, {"a > 5"})).find("no design meets") != std::string::npos);
  CHECK(refused(parameters({{"a", {1, 2}}, {"k", {1}}}, {"k == 2"})).find("no design meets") != std::string::npos);
  CHECK(refused(parameters({{"speed", {1, 2}}}, {"sped > 5"})).find("did you mean 'speed'?") != std::string::npos);
  CHECK(refused(parameters({{"a", range(1, 9000)}, {"b", range(1, 9000)}})).find("50 million") != std::string::npos);
  const std::string both = refused(parameters({{"a", {1, 2}}}, {"x == 1", "a +"}));
  CHECK(std::count(both.begin(), both.end(), '\n') == 2);
}

TEST_CASE("designs come from a file, in its order, with or without units", "[design]") {
  const DesignFile file("twin-designs-1.csv",
                        "\xEF\xBB\xBFr, machine.server.cycle.mean, buffer.queue.order, machine.server.cycle\n"
                        "3, 1 min, lifo, \"exponential(2 s)\"\n"
                        "2, 30, fifo, \"uniform(1 s, 3 s)\"\n"
                        "3 %, 0.5 s, lifo, \"exponential(2 s)\"\n");
  const DesignTable design = file.read();
  CHECK(design.factors ==
        std::vector<std::string>{"r", "machine.server.cycle.mean", "buffer.queue.order", "machine.server.cycle"});
  CHECK(design.texts[2] == std::vector<std::string>{"lifo", "fifo"});
  CHECK(design.texts[3] == std::vector<std::string>{"exponential(2 s)", "uniform(1 s, 3 s)"});
  REQUIRE(design.size() == 3);
  CHECK(levels_of(design, 0) == std::vector<double>{3, 60, 0, 0});
  CHECK(levels_of(design, 1) == std::vector<double>{2, 30, 1, 1});
  CHECK(levels_of(design, 2) == std::vector<double>{0.03, 0.5, 0, 0});
}

TEST_CASE("lines of a file that do not meet the conditions are left out", "[design]") {
  const DesignFile file("twin-designs-2.csv", "r,q\n1,1\n2,1\n2,2\n");
  Scenario scenario = file.study();
  scenario.study->where = {"r == q"};
  CHECK(twin::make_design(scenario, std::filesystem::temp_directory_path().string()).values ==
        std::vector<double>{1, 1, 2, 2});
}

TEST_CASE("mistakes in a file of designs are told together, with their lines", "[design]") {
  const DesignFile file("twin-designs-3.csv",
                        "q,buffer.queue.capacit,buffer.queue.order,q\n1,5,fifo,1\n1,5,fif,x\n1,5,fifo\n");
  std::vector<twin::Diagnostic> found;
  try {
    static_cast<void>(file.read());
  } catch (const twin::ModelError& error) {
    found = error.diagnostics();
  }
  REQUIRE(found.size() == 6);
  CHECK(found[0].message == "the column 'buffer.queue.capacit' is neither a parameter nor a path of the model");
  CHECK(found[0].hint == "did you mean 'buffer.queue.capacity'?");
  CHECK(found[1].message == "the column 'q' is there twice");
  CHECK(found.back().message == "this line has 3 cells, the header 4");
  CHECK(found.back().line == 4);
  CHECK(found.back().file == "twin-designs-3.csv");
}

TEST_CASE("files that are not there or hold nothing are refused", "[design]") {
  Scenario scenario = parameters({{"q", {1, 2}}});
  scenario.study->method = twin::DesignMethod::file;
  scenario.study->file = "no-such-designs.csv";
  CHECK_THROWS_AS(twin::make_design(scenario), twin::FileError);
  scenario.study->file = "/";
  CHECK_THROWS_AS(twin::make_design(scenario), twin::FileError);
  const DesignFile empty("twin-designs-4.csv", "");
  CHECK_THROWS_AS(empty.read(), twin::ModelError);
  const DesignFile header("twin-designs-5.csv", "r,q\n");
  CHECK_THROWS_AS(header.read(), twin::ModelError);
}
