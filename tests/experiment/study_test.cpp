// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>
#include <map>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/study.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::RunStatus;
using twin::Scenario;
using twin::StudyResult;
using twin::test::bits_of;
using twin::test::kTwelveDesigns;
using twin::test::levels_of;
using twin::test::on_threads;
using twin::test::scenario_of;
using twin::test::two_machines;

const char* const kGrid = R"TOML(
[replicate]
count = 5
[measure]
throughput = "throughput"
lead = "p90(lead_time)"
)TOML";

Scenario grid(const std::string& more = {}) {
  return scenario_of(two_machines(std::string(kTwelveDesigns) + kGrid + more));
}

/// Rows by their levels.
std::map<std::vector<double>, std::vector<std::uint64_t>> by_levels(const StudyResult& result) {
  std::map<std::vector<double>, std::vector<std::uint64_t>> rows;
  for (std::size_t s = 0; s < result.rows.size(); ++s) rows[levels_of(result.design, s)] = bits_of(result.rows[s]);
  return rows;
}

}  // namespace

namespace {

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

}  // namespace

TEST_CASE("a study gives the same bits on any number of threads", "[study]") {
  const Scenario scenario = grid("[[refine]]\nbest = 4\ncount = 9\n[[refine]]\nbest = 2\ncount = 80\n");
  const StudyResult one = twin::run_study(scenario, {}, on_threads(1));
  REQUIRE(one.rows.size() == 12);
  for (const unsigned threads : {2U, 7U}) {
    const StudyResult other = twin::run_study(scenario, {}, on_threads(threads));
    CHECK(bits_of(one) == bits_of(other));
    CHECK(one.ranking == other.ranking);
    CHECK(one.operations == other.operations);
    CHECK(one.runs == other.runs);
  }
}

TEST_CASE("the order of the designs changes no row", "[study]") {
  for (const bool has_common_numbers : {true, false}) {
    Scenario scenario = grid();
    scenario.study->common_random_numbers = has_common_numbers;
    const auto before = by_levels(twin::run_study(scenario, {}, on_threads(2)));
    scenario.parameters[0].values = {80, 50, 60};
    scenario.parameters[1].values = {9, 20, 1, 3};
    CHECK(by_levels(twin::run_study(scenario, {}, on_threads(3))) == before);
  }
}

TEST_CASE("a row alone, and the replications of its factory, give the bits of the study", "[study]") {
  Scenario scenario = grid("[[refine]]\nbest = 3\ncount = 70\n");
  const StudyResult all = twin::run_study(scenario);
  const std::uint32_t best = all.ranking.front();
  REQUIRE(all.rows[best].n == 70);
  const std::vector<double> levels = levels_of(all.design, best);

  Scenario alone = scenario;
  alone.parameters[0].values = {levels[0], 1};
  alone.parameters[1].values = {levels[1], 2};
  alone.study->refine.clear();
  alone.study->replications = 70;
  CHECK(bits_of(twin::run_study(alone).rows[0]) == bits_of(all.rows[best]));

  twin::Factory factory = scenario.factory;
  twin::set_number(factory, "machine.m1.cycle.mean", 3600 / levels[0]);
  twin::set_number(factory, "buffer.b.capacity", levels[1]);
  factory.run.replications = 70;
  const twin::RunSummary summary = twin::replicate(twin::compile(factory), factory.run);
  CHECK(summary.throughput_per_s.mean == all.rows[best].measures[0].mean);
  CHECK(summary.throughput_per_s.half_width == all.rows[best].measures[0].half_width);
}

TEST_CASE("common random numbers make designs alike that are almost the same", "[study]") {
  // Whether m1 works 0.1 % faster makes next to no difference to a run on the same numbers, and little beside the noise else.
  Scenario scenario = grid();
  scenario.parameters[0].values = {50, 50.05};
  scenario.parameters[1].values = {20};
  const auto difference = [&] {
    const StudyResult result = twin::run_study(scenario);
    return std::abs(result.rows[0].measures[0].mean / result.rows[1].measures[0].mean - 1);
  };
  const double common = difference();
  scenario.study->common_random_numbers = false;
  const double independent = difference();
  CHECK(common < 0.003);
  CHECK(independent > 2 * common);
}

TEST_CASE("more speed and more room never harm on common random numbers", "[study]") {
  const StudyResult result = twin::run_study(grid());
  const auto mean = [&](std::size_t r, std::size_t c) { return result.rows[r * 4 + c].measures[0].mean; };
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 1; c < 4; ++c) CHECK(mean(r, c) >= mean(r, c - 1) * (1 - 1e-3));
  }
  CHECK(mean(2, 3) > mean(0, 0));
  CHECK(result.ranking.back() == 0);
}

TEST_CASE("refinement gives the best more replications, round by round", "[study]") {
  const StudyResult result =
      twin::run_study(grid("[[refine]]\nbest = 5\ncount = 12\n[[refine]]\nbest = 2\ncount = 40\n"));
  std::vector<std::int64_t> counts;
  for (const std::uint32_t s : result.ranking) counts.push_back(result.rows[s].n);
  CHECK(counts == std::vector<std::int64_t>{40, 40, 12, 12, 12, 5, 5, 5, 5, 5, 5, 5});
  CHECK(result.runs == 2 * 40 + 3 * 12 + 7 * 5);
  const auto mean = [&](std::size_t k) { return result.rows[result.ranking[k]].measures[0].mean; };
  CHECK(mean(0) >= mean(1));
  CHECK(mean(2) >= mean(3));
  for (std::size_t k = 6; k < 12; ++k) CHECK(mean(k - 1) >= mean(k));
}

TEST_CASE("a goal can be the least, and conditions put designs behind", "[study]") {
  const StudyResult least = twin::run_study(grid("[goal]\nminimize = \"lead\"\n"));
  CHECK(least.goal == "lead");
  CHECK_FALSE(least.maximize);
  for (std::size_t k = 1; k < 12; ++k) {
    CHECK(least.rows[least.ranking[k - 1]].measures[1].mean <= least.rows[least.ranking[k]].measures[1].mean);
  }
  const StudyResult bound =
      twin::run_study(grid("[goal]\nmaximize = \"throughput\"\nsubject_to = [\"lead < 10 min\"]\n"));
  std::size_t feasible = 0;
  for (const twin::StudyRow& row : bound.rows) {
    CHECK(row.is_feasible == (row.measures[1].mean < 600));
    feasible += static_cast<std::size_t>(row.is_feasible);
  }
  REQUIRE(feasible > 0);
  REQUIRE(feasible < 12);
  for (std::size_t k = 0; k < 12; ++k) CHECK(bound.rows[bound.ranking[k]].is_feasible == (k < feasible));
}

TEST_CASE("a study that varies nothing runs the model as it stands", "[study]") {
  Scenario scenario = grid();
  scenario.parameters[0].values = {60};
  scenario.parameters[1].values = {3};
  const StudyResult result = twin::run_study(scenario);
  REQUIRE(result.rows.size() == 1);
  CHECK(result.rows[0].n == 5);
  CHECK(result.ranking == std::vector<std::uint32_t>{0});
}

TEST_CASE("a study has the same bits event by event and in lanes", "[study]") {
  Scenario scenario = grid("[[refine]]\nbest = 4\ncount = 37\n");
  for (const bool shares_noise : {true, false}) {
    scenario.study->common_random_numbers = shares_noise;
    twin::ExecutionOptions options = on_threads(2);
    options.engine = twin::EngineChoice::event;
    const StudyResult events = twin::run_study(scenario, {}, options);
    options.engine = twin::EngineChoice::lanes;
    options.threads = 3;
    const StudyResult lanes = twin::run_study(scenario, {}, options);
    CHECK(events.engine == "event");
    CHECK(lanes.engine == "lanes");
    CHECK(lanes.ranking == events.ranking);
    CHECK(lanes.operations == events.operations);
    for (std::size_t s = 0; s < events.rows.size(); ++s) {
      CHECK(lanes.rows[s].n == events.rows[s].n);
      for (std::size_t m = 0; m < events.rows[s].measures.size(); ++m) {
        CHECK(same_bits(lanes.rows[s].measures[m].mean, events.rows[s].measures[m].mean));
        CHECK(same_bits(lanes.rows[s].measures[m].half_width, events.rows[s].measures[m].half_width));
      }
    }
  }
}

TEST_CASE("lanes that are asked for and cannot be are refused with the reasons", "[study]") {
  Scenario scenario = grid();
  scenario.factory.stations[0].scrap = 0.1;
  twin::ExecutionOptions options;
  options.engine = twin::EngineChoice::lanes;
  CHECK_THROWS_AS(twin::run_study(scenario, {}, options), twin::ModelError);
  options.engine = twin::EngineChoice::automatic;
  CHECK(twin::run_study(scenario, {}, options).engine == "event");
}

TEST_CASE("a study in lanes can be stopped and keeps what is finished", "[study]") {
  Scenario scenario = grid();
  scenario.study->replications = 4000;
  twin::ExecutionOptions options = on_threads(2);
  options.engine = twin::EngineChoice::lanes;
  options.on_progress = [](const twin::Progress& p) { return p.done < 50; };
  const StudyResult result = twin::run_study(scenario, {}, options);
  CHECK_FALSE(result.is_complete);
  CHECK(result.runs < 12 * 4000);
  CHECK(result.ranking.size() == 12);
  CHECK(result.failed_runs == 0);
}

TEST_CASE("a stopped study keeps what is finished", "[study]") {
  Scenario scenario = grid("[[refine]]\nbest = 2\ncount = 9\n");
  scenario.study->replications = 2000;
  twin::ExecutionOptions options = on_threads(2);
  options.engine = twin::EngineChoice::event;
  options.on_progress = [](const twin::Progress& p) { return p.done < 50; };
  const StudyResult result = twin::run_study(scenario, {}, options);
  CHECK_FALSE(result.is_complete);
  CHECK(result.runs >= 50);
  CHECK(result.runs < 12 * 2000);
  CHECK(result.rows[0].n > 0);
  CHECK(result.rows.back().n == 0);
  CHECK(result.rows.back().failed == 0);
  CHECK(std::isnan(result.rows.back().measures[0].mean));
  CHECK(result.ranking.size() == 12);
  CHECK(result.failed_runs == 0);
}

TEST_CASE("a study stopped before it begins has no runs", "[study]") {
  std::stop_source stop;
  stop.request_stop();
  twin::ExecutionOptions options;
  options.stop = stop.get_token();
  const StudyResult result = twin::run_study(grid(), {}, options);
  CHECK_FALSE(result.is_complete);
  CHECK(result.runs == 0);
}

TEST_CASE("progress counts all runs of all rounds and names the best", "[study]") {
  std::vector<twin::Progress> heard;
  twin::ExecutionOptions options = on_threads(2);
  options.on_progress = [&](const twin::Progress& p) {
    heard.push_back(p);
    return true;
  };
  const StudyResult result = twin::run_study(grid("[[refine]]\nbest = 3\ncount = 8\n"), {}, options);
  REQUIRE_FALSE(heard.empty());
  CHECK(result.runs == 12 * 5 + 3 * 3);
  CHECK(heard.back().done == result.runs);
  CHECK(heard.back().total == result.runs);
  CHECK(heard.back().best.find("r = ") != std::string::npos);
  CHECK(heard.back().best.find(": throughput ") != std::string::npos);
}

TEST_CASE("exceptions of the user's rules pass through a study, and no thread stays", "[study]") {
  const Scenario scenario = scenario_of(two_machines(R"TOML(
[machine.m1]
cycle = "call(mine)"
[buffer.b]
capacity = "c"
[parameter]
c = [1, 2, 3, 4, 5]
[replicate]
count = 4
)TOML"));
  twin::CompileOptions code;
  code.process_times["mine"].seconds = [](void*, const twin::RunView& view, twin::StationId, const twin::PartView&,
                                          twin::Stream&) -> double {
    if (view.now_s() > 3600) throw std::domain_error("out of wisdom");
    return 40;
  };
  const std::size_t threads = twin::test::count_threads();
  CHECK_THROWS_WITH(twin::run_study(scenario, {}, on_threads(4), code), "out of wisdom");
  CHECK(twin::test::settled_threads(threads) == threads);
}

TEST_CASE("an automatic warm-up is one for all designs", "[study]") {
  Scenario scenario = grid();
  scenario.parameters[0].values = {70, 90};
  scenario.parameters[1].values = {10, 20};
  scenario.factory.run.warmup_is_auto = true;
  scenario.factory.run.warmup_s = 0;
  const StudyResult found = twin::run_study(scenario, {}, on_threads(2));
  CHECK(found.warmup_s > 0);
  CHECK(found.warmup_s <= 2 * 3600.0);
  CHECK_FALSE(found.warmup_note.empty());
  scenario.factory.run.warmup_is_auto = false;
  scenario.factory.run.warmup_s = found.warmup_s;
  CHECK(bits_of(twin::run_study(scenario)) == bits_of(found));
}

TEST_CASE("a scenario without a study cannot be studied", "[study]") {
  Scenario scenario = grid();
  scenario.study->replications = 0;
  CHECK_THROWS_AS(twin::run_study(scenario), std::logic_error);
  scenario.study.reset();
  CHECK_THROWS_AS(twin::run_study(scenario), std::logic_error);
}
