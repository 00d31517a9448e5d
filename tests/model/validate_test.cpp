// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <string>

#include <libtwin/core/time.hpp>
#include <libtwin/model/factory.hpp>
#include <tests/model/problems_of.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/growth.hpp>

using twin::Factory;

namespace {
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

/// The tiny factory made whole, then changed.
template <class Change>
Lines after(Change&& change) {
  Factory f = tiny_factory();
  f.flow("m -> out");
  change(f);
  return problems_of(f);
}
}  // namespace

TEST_CASE("a good factory has no problems") {
  CHECK(problems_of(small_factory()) == Lines{});
  CHECK(after([](Factory&) {}) == Lines{});
}

TEST_CASE("all problems are found at once") {
  Factory f = small_factory();
  f.stations[0].servers = 0;
  f.stations[1].failures[0].crew = "maintenanc";
  f.run.replications = 0;
  CHECK(problems_of(f) ==
        Lines{"E022 machine.press.servers", "E041 machine.weld.failure.tip.crew", "E022 run.replications"});
}

TEST_CASE("a message names the value and the hint the remedy") {
  Factory f = small_factory();
  f.stations[0].servers = -3;
  f.stations[1].failures[0].crew = "maintenanc";
  const auto found = twin::validate(f);
  REQUIRE(found.size() == 2);
  CHECK(found[0].message == "servers is -3, out of range");
  CHECK(found[0].hint == "use a number from 1 to 10000");
  CHECK(found[1].message == "unknown crew 'maintenanc'");
  CHECK(found[1].hint == "did you mean 'maintenance'?");
  CHECK(found[0].severity == twin::Severity::error);
}

TEST_CASE("elements of the flow share one name space") {
  CHECK(after([](Factory& f) { f.machine("m", {.cycle = 1_s}); })[0] == "E011 machine.m");
  CHECK(after([](Factory& f) { f.buffer("m"); })[0] == "E011 buffer.m");
  CHECK(after([](Factory& f) { f.sink("in"); })[0] == "E011 sink.in");
}

TEST_CASE("crews and products have name spaces of their own") {
  CHECK(after([](Factory& f) { f.crew("m"); }) == Lines{});
  CHECK(after([](Factory& f) { f.product("m"); }) == Lines{});
  CHECK(after([](Factory& f) { f.crew("c"), f.crew("c"); }) == Lines{"E011 crew.c"});
  CHECK(after([](Factory& f) { f.product("c"), f.product("c"); }) == Lines{"E011 product.c"});
}

TEST_CASE("names that cannot stand in a path or a flow are refused") {
  CHECK(after([](Factory& f) { f.crew("a.b"); }) == Lines{"E040 crew.a.b"});
  CHECK(after([](Factory& f) { f.product(""); }) == Lines{"E040 product."});
  CHECK(after([](Factory& f) { f.machine("my press"); })[0] == "E040 machine.my press");
  CHECK(after([](Factory& f) { f.stations[0].failures = {{.name = "a b", .every = 1_h}}; }) ==
        Lines{"E040 machine.m.failure.a b"});
}

TEST_CASE("numbers out of range are found by the range of their field") {
  CHECK(after([](Factory& f) { f.stations[0].servers = 0; }) == Lines{"E022 machine.m.servers"});
  CHECK(after([](Factory& f) { f.stations[0].servers = 10001; }) == Lines{"E022 machine.m.servers"});
  for (const double bad : {-0.1, 1.1, kNan}) {
    CHECK(after([&](Factory& f) { f.stations[0].scrap = bad; }) == Lines{"E022 machine.m.scrap"});
  }
  CHECK(after([](Factory& f) { f.crew("c", {.size = 0}); }) == Lines{"E022 crew.c.size"});
  CHECK(after([](Factory& f) { f.product("A", {.priority = kInf}); }) == Lines{"E022 product.A.priority"});
  CHECK(after([](Factory& f) { f.product("A", {.priority = -5}); }) == Lines{});
  for (const double bad : {-1.0, kNan, kInf}) {
    CHECK(after([&](Factory& f) { f.sources[0].mix = {{"A", bad}, {"B", 2}}; }) == Lines{"E022 source.in.mix.A"});
  }
  CHECK(after([](Factory& f) { f.sources[0].mix = {{"A", 0.0}}; }) == Lines{"E022 source.in.mix"});
}

TEST_CASE("a capacity is a number of places or unlimited") {
  for (const auto& [capacity, lines] : {std::pair<std::int64_t, Lines>{-2, {"E022 buffer.again.capacity"}},
                                        {5'000'000'000, {"E022 buffer.again.capacity"}},
                                        {twin::kUnlimited, {}},
                                        {0, {}}}) {
    Factory f = small_factory();
    f.buffers[1].capacity = capacity;
    CHECK(problems_of(f) == lines);
  }
}

TEST_CASE("run settings out of range are found") {
  for (const double bad : {0.0, -1.0, kNan, kInf, twin::kMaxSeconds * 1.001}) {
    INFO(bad);
    const Lines lines = after([&](Factory& f) { f.run.horizon_s = bad; });
    REQUIRE(!lines.empty());
    CHECK(lines[0] == "E022 run.horizon");
  }
  CHECK(after([](Factory& f) { f.run.horizon_s = twin::kMaxSeconds; }) == Lines{});
  for (const double bad : {-1.0, kNan, kInf, 28 * 86400.0}) {
    CHECK(after([&](Factory& f) { f.run.warmup_s = bad; }) == Lines{"E022 run.warmup"});
  }
  CHECK(after([](Factory& f) { f.run.warmup_s = 1_d; }) == Lines{});
  CHECK(after([](Factory& f) {
          f.run.warmup_s = kNan;
          f.run.warmup_is_auto = true;
        }) == Lines{});
  CHECK(after([](Factory& f) { f.run.replications = 0; }) == Lines{"E022 run.replications"});
}

TEST_CASE("laws that cannot be are found wherever they stand") {
  const twin::Distribution bad = twin::exponential(-1);
  CHECK(after([&](Factory& f) { f.stations[0].cycle = bad; }) == Lines{"E032 machine.m.cycle"});
  CHECK(after([&](Factory& f) { f.sources[0].arrivals = bad; }) == Lines{"E032 source.in.arrivals"});
  CHECK(after([&](Factory& f) { f.sources[0].batch = twin::poisson(kNan); }) == Lines{"E032 source.in.batch"});
  CHECK(after([&](Factory& f) {
          f.product("A");
          f.stations[0].cycle_of = {{"A", bad}};
          f.stations[0].setup = {{"A -> *", bad}};
        }) == Lines{"E032 machine.m.cycle_of.A", "E032 machine.m.setup.A -> *"});
  CHECK(after([&](Factory& f) { f.stations[0].failures = {{.name = "tip", .every = bad, .repair = bad}}; }) ==
        Lines{"E032 machine.m.failure.tip.every", "E032 machine.m.failure.tip.repair"});
}

TEST_CASE("times between events that are always 0 are refused, for they would stop the clock") {
  CHECK(after([](Factory& f) { f.sources[0].arrivals = 0_s; }) == Lines{"E032 source.in.arrivals"});
  CHECK(after([](Factory& f) { f.sources[0].batch = 0; }) == Lines{"E032 source.in.batch"});
  CHECK(after([](Factory& f) { f.stations[0].failures = {{.name = "tip"}}; }) ==
        Lines{"E032 machine.m.failure.tip.every"});
  CHECK(after([](Factory& f) { f.stations[0].cycle = 0_s; }) == Lines{});
}

TEST_CASE("a source has arrivals, or a schedule, or neither") {
  CHECK(after([](Factory& f) { f.sources[0].arrivals_list = {{.time_s = 1, .product = "A"}}; }) ==
        Lines{"E010 source.in.schedule"});
  CHECK(after([](Factory& f) {
          f.sources[0].arrivals.reset();
          f.sources[0].schedule = "plan.csv";
        }) == Lines{"E022 source.in.schedule"});
  CHECK(after([](Factory& f) {
          f.sources[0].arrivals.reset();
          f.sources[0].batch = 2;
        }) == Lines{"E010 source.in.batch"});
}

TEST_CASE("a schedule is in order of time and counts parts") {
  const auto with = [](std::vector<twin::ScheduledArrival> list) {
    return after([&](Factory& f) {
      f.sources[0].arrivals.reset();
      f.sources[0].arrivals_list = std::move(list);
    });
  };
  const Lines wrong{"E022 source.in.schedule"};
  CHECK(with({{.time_s = 0}, {.time_s = 5}, {.time_s = 5, .count = 3}}) == Lines{});
  CHECK(with({{.time_s = 5}, {.time_s = 4}}) == wrong);
  CHECK(with({{.time_s = -1}}) == wrong);
  CHECK(with({{.time_s = kNan}}) == wrong);
  CHECK(with({{.time_s = kInf}}) == wrong);
  CHECK(with({{.time_s = 1, .count = 0}}) == wrong);
}

TEST_CASE("products named in a mix, a schedule or by makes need not be declared") {
  const auto with = [](auto&& change) {
    return after([&](Factory& f) {
      f.stations[0].cycle_of = {{"A", 3_s}};
      change(f);
    });
  };
  CHECK(with([](Factory&) {}) == Lines{"E041 machine.m.cycle_of.A"});
  CHECK(with([](Factory& f) { f.product("A"); }) == Lines{});
  CHECK(with([](Factory& f) { f.sources[0].mix = {{"A", 1}}; }) == Lines{});
  CHECK(with([](Factory& f) { f.stations[0].makes = "A"; }) == Lines{});
  CHECK(with([](Factory& f) {
          f.sources[0].arrivals.reset();
          f.sources[0].arrivals_list = {{.time_s = 1, .product = "A"}};
        }) == Lines{});
}

TEST_CASE("a setup says from which known product to which") {
  const auto with = [](const std::string& key) {
    return after([&](Factory& f) {
      f.product("A");
      f.product("B");
      f.stations[0].setup = {{key, 1_min}};
    });
  };
  CHECK(with("A -> B") == Lines{});
  CHECK(with("A->*") == Lines{});
  CHECK(with("* -> *") == Lines{});
  CHECK(with("A -> C") == Lines{"E041 machine.m.setup.A -> C"});
  CHECK(with("C -> A") == Lines{"E041 machine.m.setup.C -> A"});
  CHECK(with("A") == Lines{"E040 machine.m.setup.A"});
  CHECK(with("A ->") == Lines{"E040 machine.m.setup.A ->"});
  CHECK(with("-> A") == Lines{"E040 machine.m.setup.-> A"});
}

TEST_CASE("the crew of a failure is known and its name used once") {
  CHECK(after([](Factory& f) { f.stations[0].failures = {{.name = "tip", .every = 1_h, .crew = "x"}}; }) ==
        Lines{"E041 machine.m.failure.tip.crew"});
  CHECK(after([](Factory& f) {
          f.stations[0].failures = {{.name = "tip", .every = 1_h}, {.name = "tip", .every = 2_h}};
        }) == Lines{"E011 machine.m.failure.tip"});
}

TEST_CASE("fields that do not apply to a kind of station are refused") {
  CHECK(after([](Factory& f) { f.stations[0].takes = {{"in", 2}}; }) == Lines{"E010 machine.m.takes"});
  CHECK(after([](Factory& f) { f.stations[0].gives = {{"out", 2}}; }) == Lines{"E010 machine.m.gives"});
  CHECK(after([](Factory& f) { f.stations[0].behaviour = "cure"; }) == Lines{"E010 machine.m.behaviour"});
  CHECK(after([](Factory& f) {
          f.stations[0] = {.name = "m",
                           .kind = twin::StationKind::process,
                           .servers = 2,
                           .cycle = 1_s,
                           .cycle_of = {{"A", 1_s}},
                           .setup = {{"A -> A", 1_s}},
                           .blocking = twin::Blocking::before_service,
                           .scrap = 0.1,
                           .makes = "A",
                           .behaviour = "cure",
                           .failures = {{.name = "tip", .every = 1_h}}};
        }) == Lines{"E010 process.m.servers", "E010 process.m.cycle", "E010 process.m.cycle_of", "E010 process.m.setup",
                    "E010 process.m.blocking", "E010 process.m.scrap", "E010 process.m.makes",
                    "E010 process.m.failure"});
}

TEST_CASE("a process names its behaviour and a called order its rule") {
  CHECK(after([](Factory& f) { f.stations[0] = {.name = "m", .kind = twin::StationKind::process}; }) ==
        Lines{"E041 process.m.behaviour"});
  const auto with = [](twin::QueueOrder order, const char* rule) {
    Factory f = small_factory();
    f.buffers[0].order = order;
    f.buffers[0].rule = rule;
    return problems_of(f);
  };
  CHECK(with(twin::QueueOrder::call, "") == Lines{"E041 buffer.b1.rule"});
  CHECK(with(twin::QueueOrder::call, "spt") == Lines{});
  CHECK(with(twin::QueueOrder::lifo, "spt") == Lines{"E010 buffer.b1.rule"});
}

namespace {

/// A line of `n` machines that fail, each with a buffer behind it.
Factory long_line(int n) {
  Factory f("long");
  std::string before = "supply";
  f.source(before, {.mix = {{"A", 1}}});
  for (int i = 0; i < n; ++i) {
    const std::string machine = "m" + std::to_string(i);
    const std::string buffer = "b" + std::to_string(i);
    f.machine(machine, {.cycle = 5_s, .failures = {{.name = "x", .every = 1_h, .repair = 1_min}}});
    f.buffer(buffer, {.capacity = 3});
    f.arrows.push_back({.from = before, .to = machine});
    f.arrows.push_back({.from = machine, .to = buffer});
    before = buffer;
  }
  f.machine("last");
  f.arrows.push_back({.from = before, .to = "last"});
  f.sink("out");
  f.arrows.push_back({.from = "last", .to = "out"});
  return f;
}

/// The same with four mistakes a machine, and every arrow into nowhere.
Factory wrong_line(int n) {
  Factory f = long_line(n);
  for (auto& station : f.stations) {
    station.servers = 0;
    station.cycle_of = {{"unknown", 1_s}};
    for (auto& mode : station.failures) mode.crew = "nobody";
  }
  for (auto& arrow : f.arrows) arrow.to += "x";
  return f;
}

/// One machine with `n` ways out.
Factory fan(int n) {
  Factory f("wide");
  f.source("in", {.arrivals = 1_s});
  f.machine("m", {.cycle = 1_s});
  f.arrows.push_back({.from = "in", .to = "m"});
  for (int i = 0; i < n; ++i) {
    const std::string name = "s" + std::to_string(i);
    f.sink(name);
    f.arrows.push_back({.from = "m", .to = name, .route = twin::RouteKind::share, .share = 1.0 / n});
  }
  return f;
}

}  // namespace

TEST_CASE("checking ten thousand stations grows with their number only, right or wrong") {
  const auto eightfold = [](Factory (*make)(int), int n, std::size_t problems_each) {
    const Factory small = make(n / 8);
    const Factory large = make(n);
    return twin::testing::times_as_long(
        [&] { CHECK(twin::validate(small).size() >= problems_each * static_cast<std::size_t>(n / 8)); },
        [&] { CHECK(twin::validate(large).size() >= problems_each * static_cast<std::size_t>(n)); });
  };
  CHECK(twin::validate(long_line(10000)).empty());
  CHECK(twin::validate(fan(20000)).empty());
  CHECK(eightfold(long_line, 10000, 0) < twin::testing::kMostForEightfold);
  CHECK(eightfold(wrong_line, 10000, 4) < twin::testing::kMostForEightfold);
  CHECK(eightfold(fan, 20000, 0) < twin::testing::kMostForEightfold);
}
