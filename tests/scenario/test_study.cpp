// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <string>

#include <tests/scenario/text.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

namespace {

/// A folder of its own with files in it, gone at the end.
class Folder {
 public:
  explicit Folder(const std::string& name) : path_(std::filesystem::path(TWIN_BINARY_DIR) / name) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

const std::string kStudy = R"~(
[design]
method = "grid"
[factor]
"buffer.b1.capacity" = { from = 2, to = 4 }
"machine.weld.cycle.mean" = { from = "36 s", to = "40 s", step = "2 s" }
machine.pack.cycle = ["30 s", "40 s"]
"buffer.b1.order" = ["fifo", "lifo"]
r = [2, 3]
[replicate]
count = 20
crn = false
[[refine]]
best = 5
count = 100
[measure]
rate = "rate(shipped)"
lead = "p95(lead_time)"
[goal]
minimize = "lead"
subject_to = ["rate > 30 /h"]
)~";

}  // namespace

TEST_CASE("a study is read with its factors, rounds, measures and goal") {
  const ReadResult result = read(line_with("cycle = \"exponential(38 s)\"", "[parameter]\nr = [1, 2, 3]\n" + kStudy));
  INFO(shown(result));
  REQUIRE(result.diagnostics.empty());
  REQUIRE(result.scenario.study.has_value());
  const Study& s = *result.scenario.study;
  CHECK(s.name == "line");
  CHECK(s.factors == std::vector<Factor>{{"buffer.b1.capacity", {2, 3, 4}, {}},
                                         {"machine.weld.cycle.mean", {36, 38, 40}, {"36 s", "38 s", "40 s"}},
                                         {"machine.pack.cycle.value", {30, 40}, {"30 s", "40 s"}},
                                         {"buffer.b1.order", {0, 1}, {"fifo", "lifo"}},
                                         {"r", {2, 3}, {}}});
  CHECK(s.replications == 20);
  CHECK_FALSE(s.common_random_numbers);
  CHECK(s.refine == std::vector<RefineRound>{{5, 100}});
  CHECK(s.measures == std::vector<Measure>{{"rate", "rate(shipped)"}, {"lead", "p95(lead_time)"}});
  CHECK(s.goal == "lead");
  CHECK_FALSE(s.maximize);
  CHECK(s.subject_to == std::vector<std::string>{"rate > 30 /h"});
}

TEST_CASE("a study without measures and goal maximizes throughput") {
  const ReadResult result = read(line_with("cycle = \"1 s\"", "[replicate]\ncount = 3\n"));
  REQUIRE(result.ok());
  const Study& s = *result.scenario.study;
  CHECK(s.measures == std::vector<Measure>{{"throughput", "throughput"}});
  CHECK(s.goal == "throughput");
  CHECK(s.maximize);
  CHECK_FALSE(read(line_with("cycle = \"1 s\"")).scenario.study.has_value());
}

TEST_CASE("mistakes in a study are found") {
  const auto codes = [](const std::string& study) {
    const ReadResult result = read(line_with("cycle = \"exponential(38 s)\"", study));
    INFO(study);
    CHECK_FALSE(result.ok());
    return codes_of(result);
  };
  CHECK(codes("[factor]\n\"buffer.b2.capacity\" = [1]\n") == "E012");
  CHECK(codes("[factor]\n\"machine.weld.cycle.mean\" = [38]\n") == "E020");
  CHECK(codes("[factor]\n\"machine.weld.cycle.mean\" = { from = \"36 s\", to = \"40 s\" }\n") == "E052");
  CHECK(codes("[factor]\n\"machine.weld.servers\" = { from = 3, to = 1 }\n") == "E052");
  CHECK(codes("[factor]\n\"machine.weld.servers\" = []\n") == "E052");
  CHECK(codes("[factor]\n\"machine.weld.servers\" = [1.5]\n") == "E022");
  CHECK(codes("[factor]\n\"buffer.b1.order\" = [\"fifo\", \"lifoo\"]\n") == "E026");
  CHECK(codes("[factor]\nq = [1]\n") == "E012");
  CHECK(codes("[design]\nmethod = \"grit\"\n") == "E026");
  CHECK(codes("[design]\nmethod = \"file\"\n") == "E050");
  CHECK(codes("[design]\nfile = \"designs.csv\"\n") == "E050");
  CHECK(codes("[design]\nwhere = [\"a == 1\"]\n") == "E012");
  CHECK(codes("[goal]\nmaximize = \"thruput\"\n") == "E050");
  CHECK(codes("[goal]\nmaximize = \"throughput\"\nminimize = \"throughput\"\n") == "E050");
  CHECK(codes("[measure]\nx = \"rate(\"\n") == "E024");
  CHECK(codes("[replicate]\ncount = 0\n") == "E022");
  CHECK(codes("[[refine]]\nbest = 0\n") == "E022");
  CHECK(codes("[parameter]\nmin = 3\n") == "E051");
  CHECK(codes("[known]\nthroughput = { at = { q = 1 } }\n") == "E013");
  CHECK(codes("[known]\nthroughput = { value = \"1 /h\", at = { q = 1 } }\n") == "E012");
}

TEST_CASE("a selection is read with the unit of its delta, and fills in what its method goes by") {
  const auto study = [](const std::string& text) {
    const ReadResult result = read(line_with("cycle = \"1 s\"", text));
    INFO(text << shown(result));
    REQUIRE(result.ok());
    CHECK(read(write_toml(result.scenario)).scenario == result.scenario);
    CHECK(read(write_json(result.scenario)).scenario == result.scenario);
    return *result.scenario.study;
  };
  const Study kn = study("[select]\nmethod = \"kn\"\ndelta = \"0.1 /h\"\nahead = 8\nat_most = 100000\n");
  CHECK(*kn.select == Selection{.method = SelectionMethod::kn,
                                .delta = Amount{0.1 / 3600, Dimension::rate},
                                .at_most = 100000,
                                .ahead = 8});
  CHECK(kn.replications == 20);
  CHECK(kn.common_random_numbers);
  const Study gsp =
      study("[select]\nmethod = \"gsp\"\ndelta = \"2 min\"\nconfidence = \"99 %\"\nbatch = 50\nbatches = 0\n");
  CHECK(*gsp.select == Selection{.method = SelectionMethod::gsp,
                                 .delta = Amount{120, Dimension::time},
                                 .confidence = 0.99,
                                 .batch = 50,
                                 .batches = 0});
  CHECK(gsp.replications == 50);
  CHECK_FALSE(gsp.common_random_numbers);
  const Study ocba = study("[select]\nmethod = \"ocba\"\nbudget = 5000\nstep = 70\n[replicate]\ncount = 5\n");
  CHECK(*ocba.select == Selection{.method = SelectionMethod::ocba, .budget = 5000, .step = 70});
  CHECK(ocba.replications == 5);
  CHECK_FALSE(ocba.common_random_numbers);
  const Study halving = study("[select]\nmethod = \"halving\"\nbudget = 5000\n[replicate]\ncrn = false\n");
  CHECK(*halving.select == Selection{.method = SelectionMethod::halving, .budget = 5000});
  CHECK_FALSE(halving.common_random_numbers);
  CHECK(study("[select]\nmethod = \"halving\"\nbudget = 5000\n").common_random_numbers);
  CHECK(study("[select]\nmethod = \"kn\"\ndelta = 0.25\n").select->delta == Amount{0.25, Dimension::none});
}

TEST_CASE("mistakes in a selection are found together") {
  const auto codes = [](const std::string& study) {
    const ReadResult result = read(line_with("cycle = \"1 s\"", study));
    INFO(study);
    CHECK_FALSE(result.ok());
    return codes_of(result);
  };
  CHECK(codes("[select]\n") == "E055");
  CHECK(codes("[select]\nmethod = \"kn\"\n") == "E055");
  CHECK(codes("[select]\nmethod = \"best\"\n") == "E026");
  CHECK(codes("[select]\nmethod = \"kn\"\ndelta = \"0.1 /q\"\n") == "E012");  // and not missing besides
  CHECK(codes("[select]\nmethod = \"kn\"\ndelta = 0\n") == "E055");
  CHECK(codes("[select]\nmethod = \"kn\"\ndelta = 1\nconfidence = 1\n") == "E055");
  CHECK(codes("[select]\nmethod = \"kn\"\ndelta = 1\nconfidence = 95\n") == "E022");
  CHECK(codes("[select]\nmethod = \"kn\"\ndelta = 1\nbudget = 100\nbatch = 3\n") == "E055 E055");
  CHECK(codes("[select]\nmethod = \"ocba\"\n") == "E055");
  CHECK(codes("[select]\nmethod = \"halving\"\nbudget = 100\ndelta = 1\nahead = 2\nstep = 3\n") == "E055 E055 E055");
  CHECK(codes("[select]\nmethod = \"kn\"\ndelta = 1\n[[refine]]\nbest = 1\n") == "E055");
  CHECK(codes("[select]\nmethod = \"kn\"\ndelta = 1\n[goal]\nsubject_to = [\"throughput > 1 /h\"]\n") == "E055");
  CHECK(codes("[select]\nmethod = \"gsp\"\ndelta = 1\n[replicate]\ncrn = true\n") == "E055");
  CHECK(codes("[select]\nmethod = \"kn\"\ndelta = 1\n[replicate]\ncount = 1\n") == "E055");
  CHECK(codes("[select]\nmethod = \"kn\"\ndelta = 1\ndelat = 1\n") == "E010");
  CHECK(codes("[parameter]\nx = 3\n[select]\nmethod = \"kn\"\ndelta = \"x\"\n") == "E055");
}

TEST_CASE("known answers keep their dimension") {
  const ReadResult result =
      read(line_with("cycle = \"1 s * r\"",
                     "[parameter]\nr = [1, 2]\n[known]\nlead_time = \"4 min\"\n"
                     "wip = 4\nthroughput = [{ value = \"2.5 /h\", at = { r = 1 }, source = \"x\" }]\n"));
  INFO(shown(result));
  REQUIRE(result.ok());
  CHECK(result.scenario.known ==
        std::vector<KnownAnswer>{{"lead_time", 240, Dimension::time, {}, ""},
                                 {"wip", 4, Dimension::none, {}, ""},
                                 {"throughput", 2.5 / 3600, Dimension::rate, {{"r", 1}}, "x"}});
}

TEST_CASE("a study in a file of its own reads the model it names, and shows mistakes in both") {
  const Folder folder("scenario-study");
  folder.write("model.toml", line_with("cycle = \"exponential(38 s)\"",
                                       "[run]\nseed = 5\nreplications = 9\n[parameter]\nr = [1, 2, 3]\n"));
  const ReadResult good = read_scenario_file(
      folder.write("my_study.toml", "format = 1\nmodel = \"model.toml\"\n[run]\nseed = 6\n" + kStudy));
  INFO(shown(good));
  REQUIRE(good.ok());
  CHECK(good.scenario.study->name == "my_study");
  CHECK(good.scenario.study->model == "model.toml");
  CHECK(good.scenario.factory.run.seed == 6);
  CHECK(good.scenario.factory.run.replications == 9);

  folder.write("bad.toml", line_with("cycle = 38", "[parameter]\nr = 1\n"));
  const ReadResult bad = read_scenario_file(
      folder.write("study2.toml", "format = 1\nmodel = \"bad.toml\"\n[machine.x]\n[goal]\nmaximize = \"y\"\n"));
  CHECK(codes_of(bad) == "E050 E050 E020");
  const std::string text = shown(bad);
  CHECK(text.find("7 | cycle = 38\n") != std::string::npos);
  CHECK(text.find("3 | [machine.x]\n") != std::string::npos);
  CHECK(codes_of(read_scenario_file(folder.write("study3.toml", "format = 1\nmodel = \"nowhere.toml\"\n"))) == "E001");
}

TEST_CASE("data files are read, and their mistakes have a line") {
  const Folder folder("scenario-data");
  folder.write("cycles.csv", "cycle_s,cycle_min\n1,0.5\n2,1.5\n");
  folder.write("bad.csv", "cycle_s\n1\nx\n-3\n");
  folder.write("plan.csv", "time_min;product;count\n0;A;5\n# a comment\n30;B;2\n");
  folder.write("late.csv", "time,product\n5,A\n4,A\nx,A\n");
  const auto read_in = [&](const std::string& machine) {
    return read_scenario_file(folder.write("m.toml", line_with(machine)));
  };
  const ReadResult good = read_in(
      "cycle = \"empirical('cycles.csv', column = 'cycle_min')\"\ncycle_of = { A = \"empirical('cycles.csv')\" }\n"
      "[product.A]");
  INFO(shown(good));
  REQUIRE(good.ok());
  CHECK(weld_of(good).cycle.values == std::vector<double>{30, 90});
  CHECK(weld_of(good).cycle_of.at("A").values == std::vector<double>{1, 2});

  const ReadResult bad = read_in("cycle = \"empirical('bad.csv')\"");
  REQUIRE(codes_of(bad) == "E061 E061");
  CHECK(bad.diagnostics[0].line == 3);
  CHECK(bad.diagnostics[1].line == 4);
  CHECK(codes_of(read_in("cycle = \"empirical('cycles.csv', column = 'cycle')\"")) == "E061");

  const auto plan = [&](const std::string& file) {
    return read_scenario_file(
        folder.write("p.toml", "format = 1\n[factory]\nflow = \"s -> m -> k\"\n[source.s]\nschedule = \"" + file +
                                   "\"\n[machine.m]\ncycle = \"1 s\"\n[sink.k]\n"));
  };
  const ReadResult schedule = plan("plan.csv");
  INFO(shown(schedule));
  REQUIRE(schedule.ok());
  CHECK(schedule.scenario.factory.sources[0].arrivals_list ==
        std::vector<ScheduledArrival>{{0, "A", 5}, {1800, "B", 2}});
  const ReadResult late = plan("late.csv");
  REQUIRE(codes_of(late) == "E061 E061");
  CHECK(late.diagnostics[0].message == "this release comes before the one above it");
  CHECK(late.diagnostics[0].line == 3);
}

TEST_CASE("stopping rules are read with their limits, and written back") {
  const auto study_of = [](const std::string& replicate) {
    const ReadResult result = read(line_with("cycle = \"38 s\"", "[replicate]\n" + replicate));
    INFO(replicate << shown(result));
    REQUIRE(result.diagnostics.empty());
    return *result.scenario.study;
  };
  const Study one = study_of("until = \"halfwidth(throughput) < 0.5 %\"\nat_most = 100\n");
  CHECK(one.until == std::vector<StoppingRule>{{"throughput", 0.005, Dimension::share}});
  CHECK(one.replications == 10);
  CHECK(one.at_most == 100);
  const Study several = study_of(
      "count = 12\nuntil = [\"halfwidth(share(weld, busy)) < 0.01\", \"halfwidth( p95(lead_time) )<2 min\", "
      "\"halfwidth(rate(shipped)) < 0.3 /h\"]\n");
  CHECK(several.until == std::vector<StoppingRule>{{"share(weld, busy)", 0.01, Dimension::none},
                                                   {"p95(lead_time)", 120, Dimension::time},
                                                   {"rate(shipped)", 0.3 / 3600, Dimension::rate}});
  CHECK_FALSE(several.at_most);
  CHECK(study_of("until = \"\"\nat_most = 5\n").until.empty());
  CHECK(study_of("until = []\ncount = 3\n").until.empty());
  for (const char* share : {"0.1", "0.3", "0.7", "1.1", "2.3", "0.0123", "33.3"}) {
    const std::string text =
        "[replicate]\ncount = 20\nuntil = \"halfwidth(wip) < " + std::string(share) + " %\"\nat_most = 30\n";
    const ReadResult first = read(line_with("cycle = \"38 s\"", text));
    REQUIRE(first.ok());
    const std::string toml = write_toml(first.scenario);
    INFO(toml);
    CHECK(toml.find("halfwidth(wip) < " + std::string(share) + " %") != std::string::npos);
    const ReadResult again = read(toml);
    CHECK(again.scenario == first.scenario);
    CHECK(read(write_json(first.scenario)).scenario == first.scenario);
  }
}

TEST_CASE("stopping rules that cannot be are refused, each with its place") {
  const auto line_of = [](const std::string& replicate) {
    const ReadResult result = read(line_with("cycle = \"38 s\"", "[replicate]\n" + replicate));
    if (result.diagnostics.empty()) return std::string("nothing");
    const Diagnostic& d = result.diagnostics.front();
    return d.code + " " + d.path + " " + std::to_string(d.line - 13) + ":" + std::to_string(d.column);
  };
  CHECK(line_of("until = \"throughput < 1 %\"\n") == "E054 replicate.until 1:10");
  CHECK(line_of("until = \"halfwidth(throughput) > 1 %\"\n") == "E054 replicate.until 1:10");
  CHECK(line_of("until = \"halfwidth(throughput < 1 %\"\n") == "E054 replicate.until 1:10");
  CHECK(line_of("until = \"halfwidth(throughput) < 1 % + 2\"\n") == "E054 replicate.until 1:10");
  CHECK(line_of("until = \"halfwidth(throughput) < 1 secs\"\n") == "E023 replicate.until 1:36");
  CHECK(line_of("until = \"halfwidth(wip +) < 1 %\"\n").rfind("E024 replicate.until 1:", 0) == 0);
  CHECK(line_of("until = \"halfwidth(wip) < 0\"\n") == "E054 replicate.until 1:9");
  CHECK(line_of("until = 3\n") == "E025 replicate.until 1:9");
  CHECK(line_of("until = \"halfwidth(wip) < 1 %\"\ncount = 9\n") == "E054 replicate.count 2:9");
  CHECK(line_of("until = \"halfwidth(wip) < 1 %\"\nat_most = 9\n") == "E054 replicate.at_most 2:11");
  CHECK(line_of("until = \"halfwidth(wip) < 1 %\"\ncount = 2000\n") == "E054 replicate.at_most 0:1");
  CHECK(line_of("at_most = 100\n") == "E054 replicate.at_most 1:11");
}
