// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <tests/engine/timeline.hpp>

using namespace twin;
using namespace twin::test;

namespace {

using Table = std::vector<std::vector<std::int64_t>>;  // part × station, ticks

/// Stations m0, m1, … in series, never starved, with `places[k]` between m(k) and m(k+1).
Factory series(std::size_t stations, const std::vector<std::int64_t>& places) {
  Factory f("series");
  std::string flow = "supply";
  for (std::size_t k = 0; k < stations; ++k) {
    const std::string m = "m" + std::to_string(k);
    f.machine(m, {.cycle = call("times")});
    flow += " -> " + m;
    if (k + 1 < stations && places[k] > 0) {
      const std::string b = "b" + std::to_string(k);
      f.buffer(b, {.capacity = places[k]});
      flow += " -> " + b;
    }
  }
  f.flow(flow + " -> shipped");
  return f;
}

/// D(k,i) = max(max(D(k,i-1), D(k-1,i)) + S(k,i), D(k-B_i-1, i+1)), blocking after service.
Table recursion(const Table& service, const std::vector<std::int64_t>& places) {
  const std::size_t n = service.size();
  const std::size_t m = service[0].size();
  Table d(n, std::vector<std::int64_t>(m, 0));
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < m; ++i) {
      const std::int64_t came = i == 0 ? 0 : d[k][i - 1];
      const std::int64_t freed = k == 0 ? 0 : d[k - 1][i];
      std::int64_t left = std::max(came, freed) + service[k][i];
      if (i + 1 < m) {
        const auto before = static_cast<std::size_t>(places[i]) + 1;
        if (k >= before) left = std::max(left, d[k - before][i + 1]);
      }
      d[k][i] = left;
    }
  }
  return d;
}

Table departures(const Table& service, const std::vector<std::int64_t>& places, std::int64_t horizon_ticks) {
  const std::size_t m = service[0].size();
  Times times;
  for (std::size_t i = 0; i < m; ++i) {
    for (const auto& row : service) {
      times.of_station[static_cast<std::uint32_t>(i)].push_back(static_cast<double>(row[i]) / kTicksPerSecond);
    }
  }
  CompileOptions options;
  options.process_times["times"] = times.rule();
  const Outcome out = simulate(series(m, places), static_cast<double>(horizon_ticks) / kTicksPerSecond, options);
  Table d(service.size(), std::vector<std::int64_t>(m, -1));
  for (std::size_t i = 0; i < m; ++i) {
    const Seconds left = out.departures("m" + std::to_string(i));
    for (std::size_t k = 0; k < std::min(left.size(), d.size()); ++k) {
      d[k][i] = static_cast<std::int64_t>(left[k] * kTicksPerSecond);
    }
  }
  return d;
}

}  // namespace

TEST_CASE("a line of three stations departs as worked out by hand") {
  const std::int64_t s = 1 << 24;
  const Table service{{4, 6, 3}, {5, 2, 7}, {3, 8, 4}, {6, 1, 5}, {2, 9, 2}, {5, 3, 6}};
  const Table expected{{4, 10, 13}, {9, 13, 20}, {12, 21, 25}, {18, 25, 30}, {21, 34, 36}, {26, 37, 43}};
  Table in_ticks = service;
  for (auto& row : in_ticks) {
    for (auto& x : row) x *= s;
  }
  Table d = departures(in_ticks, {1, 0}, 60 * s);
  for (auto& row : d) {
    for (auto& x : row) x /= s;
  }
  CHECK(d == expected);
}

TEST_CASE("random lines depart as the recursion says, to the last tick") {
  Stream random(run_key(7, 0), stream_key(name_key("random lines"), Purpose::test));
  const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
  for (int line = 0; line < 200; ++line) {
    const auto stations = static_cast<std::size_t>(2 + below(6));
    const auto parts = static_cast<std::size_t>(5 + below(40));
    std::vector<std::int64_t> places(stations, 0);
    for (auto& p : places) p = below(4);
    // Short whole seconds, so that ties are common, or any ticks at all.
    const bool has_ties = below(2) == 0;
    Table service(parts, std::vector<std::int64_t>(stations));
    for (auto& row : service) {
      for (auto& x : row) x = has_ties ? below(4) << 24 : below(std::uint64_t{1} << 30);
    }
    const Table expected = recursion(service, places);
    INFO("line " << line);
    REQUIRE(departures(service, places, expected.back().back()) == expected);
  }
}

TEST_CASE("a buffer that counts the machine's place is one place smaller") {
  // Two machines; counted with the machine, a capacity of 2 leaves one waiting place.
  const auto build = [](std::int64_t capacity, Counting counts) {
    Factory f;
    f.machine("a", {.cycle = 1});
    f.machine("b", {.cycle = 10});
    f.buffer("q", {.capacity = capacity, .counts = counts});
    f.flow("supply -> a -> q -> b -> shipped");
    return f;
  };
  const Outcome waiting = simulate(build(1, Counting::waiting), 35);
  const Outcome counted = simulate(build(2, Counting::with_machine), 35);
  CHECK(waiting.departures("a") == Seconds{1, 2, 11, 21, 31});
  CHECK(counted.departures("a") == Seconds{1, 2, 11, 21, 31});
  // Part 1 passes at 1; the place is taken from 2 to the end, and the machine from 1 on.
  CHECK(waiting.buffer("q").mean_level == Approx(33.0 / 35));
  CHECK(counted.buffer("q").mean_level == Approx((33.0 + 34.0) / 35));
  CHECK(counted.buffer("q").final_level == 1);
  CHECK(waiting.buffer("q").parts == 4);
  CHECK(waiting.buffer("q").mean_wait_s == Approx(33.0 / 4));
  CHECK(waiting.states("a") == "0 busy, 3 blocked, 11 busy, 12 blocked, 21 busy, 22 blocked, 31 busy, 32 blocked");
}

TEST_CASE("a buffer of no places is a handoff") {
  const auto build = [](bool has_buffer) {
    Factory f;
    f.machine("a", {.cycle = 3});
    f.machine("b", {.cycle = 5});
    if (has_buffer) f.buffer("q", {.capacity = 0});
    f.flow(has_buffer ? "supply -> a -> q -> b -> shipped" : "supply -> a -> b -> shipped");
    return simulate(f, 30);
  };
  CHECK(build(true).departures("a") == Seconds{3, 8, 13, 18, 23, 28});
  CHECK(build(true).departures("a") == build(false).departures("a"));
  CHECK(build(true).buffer("q").mean_level == 0);
  CHECK(build(true).buffer("q").parts == 6);
}

TEST_CASE("parallel servers take parts in turn and give up their places in order") {
  Factory f;
  f.machine("a", {.servers = 3, .cycle = 6});
  f.machine("b", {.cycle = 4});
  f.flow("supply -> a -> b -> shipped");
  const Outcome out = simulate(f, 30);
  // All three finish at 6; the blocked ones leave at 10 and 14 in the order they stopped.
  CHECK(out.departures("a", 0) == Seconds{6, 18, 30});
  CHECK(out.departures("a", 1) == Seconds{10, 22});
  CHECK(out.departures("a", 2) == Seconds{14, 26});
  CHECK(out.states("a", 1) == "0 busy, 6 blocked, 10 busy, 16 blocked, 22 busy, 28 blocked");
  CHECK(out.seconds("a", StationState::blocked) == (6 + 6) + (4 + 6 + 2) + (8 + 6));
}

TEST_CASE("the wip area, the level and the wait are exact") {
  Factory f;
  f.source("in", {.arrivals = constant(2)});
  f.buffer("q");
  f.machine("a", {.cycle = 3});
  f.flow("in -> q -> a -> shipped");
  RunInput input;
  input.horizon_s = 20;
  const Outcome out = simulate(f, input);
  // Arrivals at 2, 4, …, 20; departures at 5, 8, 11, 14, 17, 20.
  CHECK(out.departures("a") == Seconds{5, 8, 11, 14, 17, 20});
  const double wip_area = (18 + 16 + 14 + 12 + 10 + 8 + 6 + 4 + 2 + 0) - (15 + 12 + 9 + 6 + 3 + 0);
  CHECK(out.result.mean_wip * 20 == Approx(wip_area));
  CHECK(static_cast<double>(out.result.wip_area_low) / kTicksPerSecond == wip_area);
  // Waits before the machine: 0, 1, 2, 3, 4, 5, 6 of the seven parts that were taken.
  const double waits = 0 + 1 + 2 + 3 + 4 + 5 + 6;
  const double still_waiting = (20 - 16) + (20 - 18) + 0;
  CHECK(out.buffer("q").mean_level * 20 == Approx(waits + still_waiting));
  CHECK(out.buffer("q").parts == 7);
  CHECK(out.buffer("q").final_level == 3);
  CHECK(out.result.mean_lead_s == Approx((3 + 4 + 5 + 6 + 7 + 8) / 6.0));
  CHECK(out.result.good == 6);
  CHECK(out.result.events == 10 + 6 + 2);
}
