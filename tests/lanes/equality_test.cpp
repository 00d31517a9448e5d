// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <libtwin/scenario/scenario.hpp>
#include <tests/lanes/both_engines.hpp>
#include <tests/lanes/random_line.hpp>

using namespace twin;
using twin::test::departure_difference;
using twin::test::difference;

namespace {

// Builds without optimisation or with sanitizers see fewer. TWIN_LANE_FACTORIES asks for any number.
int random_factories() {
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  constexpr int kMany = 10'000;
#else
  constexpr int kMany = 500;
#endif
  const char* const wanted = std::getenv("TWIN_LANE_FACTORIES");
  return wanted != nullptr ? std::atoi(wanted) : kMany;
}

}  // namespace

TEST_CASE("Both engines give the same bits for random factories") {
  int eligible = 0;
  int seen = 0;
  int failures = 0;
  int lagging = 0;
  int looping = 0;
  int traced = 0;
  int compared = 0;
  for (std::uint64_t seed = 0; eligible < random_factories(); ++seed) {
    const Factory factory = RandomLine(seed).make();
    const Compiled compiled = compile(factory);
    const LaneProgram program = make_lane_program(compiled.plant);
    ++seen;
    if (!program.is_eligible()) continue;
    ++eligible;
    lagging += program.has_lag ? 1 : 0;
    looping += factory.loops.empty() ? 0 : 1;
    RunInput input;
    input.horizon_s = (seed % 10 == 9 ? 600 : 20) + static_cast<double>(seed % 7) * 40;
    input.warmup_s = seed % 3 == 0 ? 0 : input.horizon_s / 5;
    input.seed = seed;
    LaneOptions options;
    options.instructions = std::min(best_instructions(), static_cast<LaneInstructions>(seed % 3));
    // What is added up decides which loops run.
    options.statistics = static_cast<LaneStatistics>(seed / 3 % 3);
    const auto replications = static_cast<std::uint32_t>(1 + seed % 3 * 4);
    std::string found = difference(compiled.plant, program, input, replications, options);
    if (found.empty() && seed % 4 == 0) {
      ++traced;
      found = departure_difference(compiled.plant, program, input, compared);
    }
    if (found.empty() && program.can_count_parts) {
      RunInput by_parts = input;
      by_parts.parts = 20 + seed % 50;
      by_parts.warmup_parts = seed % 2 == 0 ? 0 : 7;
      by_parts.warmup_s = 0;
      by_parts.horizon_s = kMaxSeconds;
      found = difference(compiled.plant, program, by_parts, replications, options);
      if (!found.empty()) found = "by parts: " + found;
    }
    if (!found.empty() && ++failures <= 5) {
      Scenario scenario;
      scenario.factory = factory;
      INFO("seed " << seed << "\n" << write_toml(scenario));
      CHECK(found == "");
    }
  }
  CHECK(failures == 0);
  // The generator is meant for the recursion: a test of few factories would prove little.
  CHECK(eligible > seen * 3 / 4);
  CHECK(lagging > eligible / 10);
  CHECK(looping > eligible / 8);
  CHECK(compared > traced * 3 / 4);
}

TEST_CASE("Both engines give the same bits for every scenario of the repository that can be run in lanes") {
  int eligible = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TWIN_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".toml") continue;
    const ReadResult read = read_scenario_file(entry.path().string());
    REQUIRE(read.ok());
    const Compiled compiled = compile(read.scenario.factory);
    const LaneProgram program = make_lane_program(compiled.plant);
    if (!program.is_eligible()) continue;
    ++eligible;
    INFO(entry.path().string());
    RunInput input = run_input(read.scenario.factory.run);
    if (input.parts > 2000) {
      input.parts = 2000;
      input.warmup_parts = std::min<std::uint64_t>(input.warmup_parts, 500);
    }
    for (int set = 0; set <= static_cast<int>(best_instructions()); ++set) {
      LaneOptions options;
      options.instructions = static_cast<LaneInstructions>(set);
      for (const auto statistics : {LaneStatistics::throughput, LaneStatistics::all, LaneStatistics::leads}) {
        options.statistics = statistics;
        CHECK(difference(compiled.plant, program, input, 5, options) == "");
      }
    }
    int compared = 0;
    CHECK(departure_difference(compiled.plant, program, input, compared) == "");
    CHECK(compared == 1);
  }
  CHECK(eligible >= 5);
}

TEST_CASE("Runs whose numbers do not fit the recursion are made by events, with the same result") {
  const auto same_in_both = [](const Factory& factory, const RunInput& input) {
    const Compiled compiled = compile(factory);
    REQUIRE(compiled.lanes.is_eligible());
    CHECK(difference(compiled.plant, compiled.lanes, input, 3) == "");
  };
  Factory queue("queue");
  queue.source("orders", {.arrivals = exponential(3600)});
  queue.buffer("hall");
  queue.machine("slow", {.cycle = exponential(7200)});
  queue.flow("orders -> hall -> slow -> shipped");
  RunInput input;
  // Three years in which the queue grows to some ten thousand: parts times ticks are more than 64 bits hold.
  input.horizon_s = 1e8;
  same_in_both(queue, input);
  // More than the four years that times in lanes reach.
  input.horizon_s = 2e8;
  same_in_both(queue, input);
  // A run of so many parts finds that out on the way.
  Factory slow("slow");
  slow.machine("press", {.cycle = exponential(3e7)});
  slow.flow("supply -> press -> shipped");
  input.horizon_s = kMaxSeconds;
  input.parts = 9;
  same_in_both(slow, input);
}

TEST_CASE("A stoppage that no pace foretold does not change a run") {
  Factory line("line");
  FailureMode rare;
  rare.name = "rare";
  rare.every = exponential(3000);
  rare.repair = constant(4000);
  line.machine("a", {.cycle = exponential(1), .failures = {rare}});
  line.buffer("b", {.capacity = 3});
  line.machine("c", {.cycle = exponential(1)});
  line.flow("supply -> a -> b -> c -> shipped");
  const Compiled compiled = compile(line);
  RunInput input;
  input.warmup_s = 3000;
  input.horizon_s = 9000;
  for (const auto statistics : {LaneStatistics::throughput, LaneStatistics::all, LaneStatistics::leads}) {
    LaneOptions options;
    options.statistics = statistics;
    CHECK(difference(compiled.plant, compiled.lanes, input, 64, options) == "");
  }
}

TEST_CASE("Scenarios of one call have cards of their own") {
  Factory line("line");
  line.source("in", {.arrivals = exponential(1.1)});
  line.machine("a", {.cycle = exponential(1)});
  line.buffer("b");
  line.machine("c", {.cycle = erlang(0.9, 2)});
  line.buffer("d", {.capacity = 2});
  line.machine("e", {.servers = 2, .cycle = exponential(1.8)});
  line.sink("out");
  line.flow("in -> a -> b -> c -> d -> e -> out");
  line.loop("all", {.cards = 4, .from = "a", .to = "e"});
  line.loop("store", {.cards = 2, .from = "a", .to = "b"});
  for (const bool has_lag : {true, false}) {
    if (!has_lag) line.stations[2].servers = 1;
    const Compiled compiled = compile(line);
    REQUIRE(compiled.lanes.is_eligible());
    CHECK(compiled.lanes.has_lag == has_lag);
    std::vector<std::vector<ValueChange>> changes;
    for (double all = 1; all <= 9; ++all) {
      for (double store = 1; store <= 3; ++store) {
        changes.push_back({{compiled.slot("loop.all.cards"), all}, {compiled.slot("loop.store.cards"), store}});
      }
    }
    std::vector<LaneJob> jobs;
    for (const auto& change : changes) {
      LaneJob& job = jobs.emplace_back();
      job.input.horizon_s = 800;
      job.input.seed = 3;
      job.input.changes = change;
      job.replications = 4;
    }
    PlantState state(compiled.plant);
    std::vector<std::uint64_t> good(jobs.size(), 0);
    LaneRunner runner(compiled.plant, compiled.lanes);
    runner.run(jobs, [&](std::size_t job, std::uint32_t replication, const RunResult& result) {
      RunInput input = jobs[job].input;
      input.replication = replication;
      INFO("job " << job << ", replication " << replication);
      CHECK(difference(run(state, input), result) == "");
      good[job] += result.good;
    });
    // More cards never make a line slower, and few of them do.
    for (std::size_t k = 3; k < good.size(); ++k) CHECK(good[k] >= good[k - 3]);
    CHECK(good.back() > good.front() * 3 / 2);
  }
}

TEST_CASE("With fewer cards than parts that may overtake, the event engine makes the runs") {
  Factory line("line");
  line.machine("a", {.servers = 3, .cycle = exponential(3)});
  line.flow("supply -> a -> out");
  for (const std::int64_t cards : {1, 2, 3, 4}) {
    line.loops.clear();
    line.loop("cell", {.cards = cards, .from = "a", .to = "a"});
    const Compiled compiled = compile(line);
    RunInput input;
    input.horizon_s = 500;
    CHECK(difference(compiled.plant, compiled.lanes, input, 5) == "");
    int compared = 0;
    CHECK(departure_difference(compiled.plant, compiled.lanes, input, compared) == "");
    CHECK(compared == (cards < 3 ? 0 : 1));
  }
}

TEST_CASE("Parts wait for their card on the machine before, or at the source") {
  Factory line("line");
  line.source("in", {.arrivals = exponential(1), .batch = constant(2)});
  line.machine("a", {.cycle = exponential(1)});
  line.machine("b", {.cycle = exponential(1)});
  line.machine("c", {.cycle = exponential(1)});
  line.sink("out");
  line.flow("in -> a -> b -> c -> out");
  line.loop("first", {.cards = 1, .from = "a", .to = "b"});
  line.loop("second", {.cards = 2, .from = "b", .to = "c"});
  const Compiled compiled = compile(line);
  RunInput input;
  input.horizon_s = 700;
  input.warmup_s = 100;
  CHECK(difference(compiled.plant, compiled.lanes, input, 9) == "");
  int compared = 0;
  CHECK(departure_difference(compiled.plant, compiled.lanes, input, compared) == "");
  CHECK(compared == 1);
}
