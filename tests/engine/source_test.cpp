// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

Outcome run_source(Source in, const std::string& flow, double cycle, std::int64_t capacity, double horizon_s) {
  Factory f;
  f.source("in", std::move(in));
  if (flow.find("-> q ->") != std::string::npos) f.buffer("q", {.capacity = capacity});
  f.machine("m", {.cycle = cycle});
  f.flow(flow);
  return simulate(f, horizon_s);
}

Source schedule(std::vector<ScheduledArrival> list) {
  Source s;
  s.arrivals_list = std::move(list);
  return s;
}

}  // namespace

TEST_CASE("arrivals without a buffer wait at the source, as long as they come") {
  const Outcome out = run_source({.arrivals = constant(4)}, "in -> m -> shipped", 6, 0, 30);
  CHECK(out.departures("m") == Seconds{10, 16, 22, 28});
  CHECK(out.result.created == 7);
  CHECK(out.result.final_wip == 3);
  CHECK(out.result.mean_lead_s == Approx((6 + 8 + 10 + 12) / 4.0));
  CHECK(out.result.lost == 0);
}

TEST_CASE("arrivals that may not wait are lost while the machine works") {
  const Outcome out =
      run_source({.arrivals = constant(4), .when_full = WhenFull::lose}, "in -> m -> shipped", 6, 0, 30);
  CHECK(out.departures("m") == Seconds{10, 18, 26});
  CHECK(out.result.lost == 3);
  CHECK(out.result.created == 4);
  CHECK(out.result.mean_lead_s == 6);
}

TEST_CASE("arrivals are lost only when the buffer is full") {
  const Outcome out =
      run_source({.arrivals = constant(1), .when_full = WhenFull::lose}, "in -> q -> m -> shipped", 10, 2, 25);
  // 1 into the machine, 2 and 3 wait; a place at 11 for the part of 11, and at 21 for that of 21.
  CHECK(out.result.created == 5);
  CHECK(out.result.lost == 20);
  CHECK(out.departures("m") == Seconds{11, 21});
  CHECK(out.times(TraceKind::lose, "m").empty());
}

TEST_CASE("arrivals wait at the source for a place in the buffer, in order") {
  const Outcome out = run_source({.arrivals = constant(1)}, "in -> q -> m -> shipped", 10, 2, 35);
  CHECK(out.departures("m") == Seconds{11, 21, 31});
  CHECK(out.result.mean_lead_s == Approx((10 + 19 + 28) / 3.0));
  CHECK(out.buffer("q").final_level == 2);
  CHECK(out.result.final_wip == 32);
}

TEST_CASE("batches arrive together") {
  const Outcome out =
      run_source({.arrivals = constant(10), .batch = constant(3)}, "in -> q -> m -> shipped", 2, kUnlimited, 25);
  CHECK(out.departures("m") == Seconds{12, 14, 16, 22, 24});
  CHECK(out.result.mean_lead_s == Approx((2 + 4 + 6 + 2 + 4) / 5.0));
  CHECK(out.result.events == 2 + 5 + 2);
}

TEST_CASE("a batch that finds little room is lost in part") {
  const Outcome out = run_source({.arrivals = constant(10), .batch = constant(4), .when_full = WhenFull::lose},
                                 "in -> q -> m -> shipped", 100, 2, 25);
  CHECK(out.result.created == 3);
  CHECK(out.result.lost == 1 + 4);
}

TEST_CASE("batches of random size may be empty") {
  const Outcome out =
      run_source({.arrivals = constant(1), .batch = poisson(2)}, "in -> q -> m -> shipped", 0.25, kUnlimited, 10000);
  // 10,000 batches of mean 2 and variance 2.
  CHECK(static_cast<double>(out.result.created) == Approx(20000).margin(4 * 141));
}

TEST_CASE("a schedule releases what it says when it says so") {
  const Outcome out =
      run_source(schedule({{0, "", 1}, {0, "", 1}, {5, "", 2}, {5, "", 1}, {30, "", 1}, {31, "", 1}, {1e9, "", 5}}),
                 "in -> q -> m -> shipped", 1, kUnlimited, 30);
  CHECK(out.departures("m") == Seconds{1, 2, 6, 7, 8});
  CHECK(out.result.initial_wip == 2);
  CHECK(out.result.created == 4);  // that of 30 is in, those after are not
  CHECK(out.result.final_wip == 1);
}

TEST_CASE("a schedule that is at its end leaves the factory to itself") {
  const Outcome out = run_source(schedule({{1, "", 1}}), "in -> q -> m -> shipped", 1, kUnlimited, 1000);
  CHECK(out.result.status == RunStatus::ok);
  CHECK(out.result.good == 1);
  CHECK(out.result.events == 4);
}

TEST_CASE("parts of a schedule wait at the source too") {
  const Outcome out = run_source(schedule({{1, "", 3}, {2, "", 1}}), "in -> m -> shipped", 10, 0, 45);
  CHECK(out.departures("m") == Seconds{11, 21, 31, 41});
  CHECK(out.result.mean_lead_s == Approx((10 + 20 + 30 + 39) / 4.0));
}

TEST_CASE("a mix makes products by their shares, from arrivals and from a supply") {
  for (const bool has_arrivals : {true, false}) {
    Factory f;
    Source in{.mix = {{"A", 1}, {"B", 3}, {"C", 0}}};
    if (has_arrivals) in.arrivals = constant(1);
    f.source("in", in);
    f.machine("m", {.cycle = 0.5});
    f.sink("a");
    f.sink("b");
    f.sink("c");
    f.flow("in -> m -> a : product A");
    f.flow("m -> b : product B");
    f.flow("m -> c : product C");
    const Outcome out = simulate(f, has_arrivals ? 10000 : 5000);
    CHECK(static_cast<double>(out.result.sinks[0].parts) == Approx(2500).margin(4 * 44));
    CHECK(static_cast<double>(out.result.sinks[1].parts) == Approx(7500).margin(4 * 44));
    CHECK(out.result.sinks[2].parts == 0);
  }
}

TEST_CASE("sources do not stop each other when they share a full buffer") {
  Factory f;
  f.source("x", schedule({{1, "", 2}}));
  f.source("y", schedule({{2, "", 1}}));
  f.buffer("q", {.capacity = 0});
  f.machine("m", {.cycle = 10});
  f.flow("x -> q -> m -> shipped");
  f.flow("y -> q");
  const Outcome out = simulate(f, 35);
  // The second part of x waits since 1, that of y since 2.
  CHECK(out.departures("m") == Seconds{11, 21, 31});
  CHECK(out.result.mean_lead_s == Approx((10 + 20 + 29) / 3.0));
}
