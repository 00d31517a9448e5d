// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <span>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>
#include <tests/support/catch.hpp>

// A path that is known to the last digit: three stations, one place before the second and none before the third, given times.
namespace {

using namespace twin;

constexpr std::size_t kParts = 6;
constexpr std::array<std::array<double, 3>, kParts> kTimes{
    {{4, 6, 3}, {5, 2, 7}, {3, 8, 4}, {6, 1, 5}, {2, 9, 2}, {5, 3, 6}}};
constexpr std::array<std::array<double, 3>, kParts> kDepartures{
    {{4, 10, 13}, {9, 13, 20}, {12, 21, 25}, {18, 25, 30}, {21, 34, 36}, {26, 37, 43}}};

/// The times of one station, part after part; whatever comes after them takes for ever.
struct GivenTimes {
  std::size_t station = 0;
  std::size_t next = 0;

  static double seconds(void* context, const RunView&, StationId, const PartView&, Stream&) {
    auto& self = *static_cast<GivenTimes*>(context);
    const std::size_t part = self.next++;
    return part < kParts ? kTimes[part][self.station] : 1e6;
  }
};

class Departures : public TraceSink {
 public:
  std::array<std::vector<double>, 3> of;

 private:
  void write(std::span<const TraceRecord> records) override {
    for (const TraceRecord& r : records) {
      if (r.kind() != TraceKind::depart) continue;
      of[r.element].push_back(SimTime::from_ticks(r.ticks()).seconds());
    }
  }
};

TEST_CASE("the departures of a known path are right to the last digit") {
  Factory f("path");
  f.source("in");
  f.machine("m0", {.cycle = call("t0")});
  f.buffer("b", {.capacity = 1});
  f.machine("m1", {.cycle = call("t1")});
  f.machine("m2", {.cycle = call("t2")});
  f.sink("out");
  f.flow("in -> m0 -> b -> m1 -> m2 -> out");
  std::array<GivenTimes, 3> times{{{0}, {1}, {2}}};
  CompileOptions options;
  for (std::size_t k = 0; k < 3; ++k)
    options.process_times["t" + std::to_string(k)] = {&GivenTimes::seconds, &times[k]};
  const Compiled compiled = compile(f, options);
  Departures departures;
  PlantState state(compiled.plant);
  RunInput input;
  input.horizon_s = 50;
  input.trace = &departures;
  const RunResult& r = run(state, input);
  CHECK(r.good == kParts);
  for (std::size_t k = 0; k < 3; ++k) {
    REQUIRE(departures.of[k].size() >= kParts);
    for (std::size_t part = 0; part < kParts; ++part) CHECK(departures.of[k][part] == kDepartures[part][k]);
  }
}

}  // namespace
