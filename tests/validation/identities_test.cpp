// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>

#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>
#include <libtwin/scenario/scenario.hpp>
#include <tests/compile/random_factory.hpp>
#include <tests/support/catch.hpp>
#include <tests/validation/trace_replay.hpp>

namespace {

using namespace twin;
using validation::TraceReplay;

RunInput some_input(double warmup_s, double horizon_s) {
  RunInput input;
  input.warmup_s = warmup_s;
  input.horizon_s = horizon_s;
  input.seed = 7;
  return input;
}

std::int64_t ticks(double seconds) { return SimTime::from_seconds(seconds).ticks(); }

/// Parts are neither made nor lost: exact, in whole numbers.
void check_conservation(const RunResult& r) {
  CHECK(r.initial_wip + r.created == r.good + r.scrapped + r.consumed + r.final_wip);
}

/// Every server is in exactly one state at any time: exact, in ticks.
void check_shares(const RunResult& r, const Compiled& c) {
  for (std::size_t k = 0; k < r.stations.size(); ++k) {
    INFO(c.names.stations[k]);
    std::int64_t sum = 0;
    for (const std::int64_t t : r.stations[k].state_ticks) {
      CHECK(t >= 0);
      sum += t;
    }
    CHECK(sum == r.span_ticks * r.stations[k].servers);
  }
}

void check_stations(const RunResult& r, const TraceReplay& replay, const Compiled& c) {
  for (std::size_t k = 0; k < r.stations.size(); ++k) {
    INFO(c.names.stations[k]);
    CHECK(r.stations[k].state_ticks == replay.station_states[k]);
    CHECK(r.stations[k].parts == replay.operations[k]);
  }
}

void check_buffers(const RunResult& r, const TraceReplay& replay, const Compiled& c) {
  const Plant& plant = c.plant;
  for (std::size_t b = 0; b < r.buffers.size(); ++b) {
    INFO(c.names.buffers[b]);
    const std::uint32_t index = plant.buffer_stores[b];
    const PlantStore& store = plant.stores[index];
    std::int64_t area = replay.level_area[index];
    bool is_only_way_in = true;
    std::uint64_t starts = 0;
    for (std::uint32_t k = 0; k < store.consumer_count; ++k) {
      const std::uint32_t station = plant.consumers[store.first_consumer + k];
      if (store.machine_places != 0) area += replay.occupied_area[station];
      is_only_way_in = is_only_way_in && plant.stations[station].input_count == 1;
      starts += replay.starts[station];
    }
    CHECK(r.buffers[b].mean_level == static_cast<double>(area) / static_cast<double>(r.span_ticks));
    CHECK(r.buffers[b].final_level == static_cast<std::uint64_t>(replay.level[index]));
    if (is_only_way_in) CHECK(r.buffers[b].parts == starts);
  }
}

/// Never more parts than cards, which the replay looks after, and as many on average as reported.
void check_loops(const RunResult& r, const TraceReplay& replay, const Compiled& c) {
  for (std::size_t k = 0; k < r.loops.size(); ++k) {
    if (c.plant.loops[k].last == kNone) continue;
    INFO(c.names.loops[k]);
    CHECK(r.loops[k].mean_in_use == static_cast<double>(replay.loop_area[k]) / static_cast<double>(r.span_ticks));
  }
}

bool makes_or_joins(const Plant& plant) {
  for (const PlantStation& s : plant.stations) {
    if (s.kind == PlantStationKind::assembly || s.kind == PlantStationKind::disassembly) return true;
  }
  return false;
}

/// Little's law with its boundary terms, exact: the area under the number of parts is the sum of their stays.
void check_little(const RunResult& r, const TraceReplay& replay, const Plant& plant) {
  CHECK(r.wip_area_high == 0);
  CHECK(r.wip_area_low == static_cast<std::uint64_t>(replay.wip_area));
  if (!makes_or_joins(plant)) CHECK(replay.wip_area == replay.stay_sum + replay.residual_area);
  if (r.good == 0) return;
  const double mean_lead = static_cast<double>(replay.lead_sum) / static_cast<double>(r.good) / kTicksPerSecond;
  CHECK(r.mean_lead_s == mean_lead);
}

void check_run(const Compiled& c, const RunInput& given) {
  PlantState state(c.plant);
  const RunResult bare = run(state, given);
  RunInput input = given;
  TraceReplay replay(c.plant, ticks(input.warmup_s), ticks(input.horizon_s));
  input.trace = &replay;
  const RunResult& r = run(state, input);
  REQUIRE((r.status == RunStatus::ok || r.status == RunStatus::deadlocked));
  replay.close();
  CHECK(replay.impossible == 0);
  check_conservation(r);
  check_shares(r, c);
  CHECK(r.created == replay.created);
  CHECK(r.good == replay.good);
  CHECK(r.scrapped == replay.scrapped);
  CHECK(r.consumed == replay.consumed);
  CHECK(r.lost == replay.lost);
  CHECK(r.initial_wip == static_cast<std::uint64_t>(replay.initial_wip));
  CHECK(r.final_wip == static_cast<std::uint64_t>(replay.wip));
  check_stations(r, replay, c);
  check_buffers(r, replay, c);
  check_loops(r, replay, c);
  check_little(r, replay, c.plant);
  // Being watched changes nothing.
  CHECK(bare.events == r.events);
  CHECK(bare.wip_area_low == r.wip_area_low);
  CHECK(bare.good == r.good);
}

std::string text_of(const Factory& f) {
  std::ostringstream out;
  for (const Arrow& a : f.arrows) {
    out << a.from << " -> " << a.to << " : " << enum_names(RouteKind{})[static_cast<std::size_t>(a.route)] << "\n";
  }
  for (const Buffer& b : f.buffers) {
    out << b.name << " capacity " << b.capacity << " " << enum_names(Counting{})[static_cast<std::size_t>(b.counts)]
        << " " << enum_names(QueueOrder{})[static_cast<std::size_t>(b.order)] << "\n";
  }
  for (const Station& s : f.stations) {
    out << s.name << " servers " << s.servers << " " << enum_names(Blocking{})[static_cast<std::size_t>(s.blocking)]
        << " mean " << mean(s.cycle) << " scrap " << s.scrap << " setups " << s.setup.size() << "\n";
    for (const FailureMode& m : s.failures) {
      out << "  " << m.name << " " << enum_names(FailureClock{})[static_cast<std::size_t>(m.clock)] << " "
          << enum_names(FailureEffect{})[static_cast<std::size_t>(m.part)] << " " << m.crew << "\n";
    }
  }
  for (const CardLoop& l : f.loops) out << l.name << " " << l.cards << " cards " << l.from << " to " << l.to << "\n";
  return out.str();
}

TEST_CASE("a run reports exactly what its trace shows: a queue and a line") {
  Factory queue("queue");
  queue.source("in", {.arrivals = exponential(1.25)});
  queue.buffer("q");
  queue.machine("m", {.cycle = exponential(1)});
  queue.sink("out");
  queue.flow("in -> q -> m -> out");
  check_run(compile(queue), some_input(100, 20'000));

  Factory line("line");
  line.machine("a", {.cycle = exponential(1)});
  line.buffer("b", {.capacity = 3, .counts = Counting::with_machine});
  Station unreliable{.cycle = exponential(1), .blocking = Blocking::before_service};
  unreliable.failures = {{.name = "f", .every = exponential(30), .repair = exponential(5)}};
  line.machine("c", unreliable);
  line.flow("in -> a -> b -> c -> out");
  check_run(compile(line), some_input(100, 20'000));
}

TEST_CASE("a run reports exactly what its trace shows: three hundred random factories") {
  std::size_t loops = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Factory f = random_factory(seed);
    loops += f.loops.size();
    INFO("seed " << seed << "\n" << text_of(f));
    check_run(compile(f), some_input(50, 500));
  }
  CHECK(loops > 60);
}

TEST_CASE("a run reports exactly what its trace shows: every scenario file") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(TWIN_SOURCE_DIR) + "/scenarios")) {
    if (entry.path().extension() != ".toml") continue;
    INFO(entry.path().filename().string());
    const ReadResult read = read_scenario_file(entry.path().string());
    REQUIRE(read.ok());
    // Weeks are as good as months here.
    const RunSettings& settings = read.scenario.factory.run;
    const double horizon_s = std::min(settings.horizon_s, 7 * 86400.0);
    check_run(compile(read.scenario.factory), some_input(std::min(settings.warmup_s, horizon_s / 4), horizon_s));
    ++files;
  }
  CHECK(files >= 5);
}

}  // namespace
