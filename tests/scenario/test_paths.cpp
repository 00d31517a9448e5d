// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>

#include <libtwin/model/units.hpp>
#include <tests/scenario/text.hpp>
#include <tests/support/catch.hpp>

using namespace twin;
using namespace twin::literals;

namespace {

Factory example() {
  Factory f("f");
  f.source("s", {.arrivals = exponential(40), .mix = {{"A", 0.7}, {"B", 0.3}}});
  f.machine("weld", {.servers = 2,
                     .cycle = lognormal(41, 0.15),
                     .cycle_of = {{"B", 55_s}},
                     .setup = {{"A -> B", exponential(60)}},
                     .failures = {{.name = "tip", .every = weibull(21600, 1.8), .repair = 1080}}});
  f.buffer("b1", {.capacity = 20});
  f.crew("m", {.size = 2});
  f.sink("k");
  f.sink("bin");
  f.flow("s -> b1 -> weld -> k : otherwise");
  f.flow("weld -> bin : 3 %");
  return f;
}

std::string mistake(const std::string& path, const std::string& text) {
  Factory f = example();
  const Factory before = f;
  std::vector<Diagnostic> diagnostics;
  set_value(f, path, text, diagnostics);
  REQUIRE(diagnostics.size() == 1);
  CHECK(f == before);
  return diagnostics[0].code + ":" + std::to_string(diagnostics[0].column) + " " + diagnostics[0].hint;
}

}  // namespace

TEST_CASE("every number of a factory has a path, and the path leads back to it") {
  Factory f = example();
  const auto numbers = list_numbers(f);
  const std::map<std::string, double> by_path(numbers.begin(), numbers.end());
  CHECK(by_path.size() == numbers.size());
  for (const auto& [path, value] : std::map<std::string, double>{{"machine.weld.servers", 2},
                                                                 {"machine.weld.cycle.mean", 41},
                                                                 {"machine.weld.cycle.cv", 0.15},
                                                                 {"machine.weld.cycle_of.B.value", 55},
                                                                 {"machine.weld.setup.A->B.mean", 60},
                                                                 {"machine.weld.failure.tip.every.scale", 21600},
                                                                 {"machine.weld.failure.tip.repair.value", 1080},
                                                                 {"machine.weld.scrap", 0},
                                                                 {"buffer.b1.capacity", 20},
                                                                 {"crew.m.size", 2},
                                                                 {"source.s.arrivals.mean", 40},
                                                                 {"source.s.mix.A", 0.7},
                                                                 {"flow.weld->bin.share", 0.03},
                                                                 {"run.horizon", 28 * 86400.0}}) {
    INFO(path);
    REQUIRE(by_path.count(path) == 1);
    CHECK(by_path.at(path) == value);
  }
  for (const auto& [path, value] : numbers) {
    Factory changed = f;
    set_number(changed, path, value);
    CHECK(changed == f);
    set_number(changed, path,
               value == 0                              ? 1
               : path.find("mix") != std::string::npos ? 0.5
               : value >= 1                            ? value + 1
                                                       : value / 2);
    INFO(path);
    CHECK_FALSE(changed == f);
  }
}

TEST_CASE("paths are forgiving about blanks and about the mean of a constant") {
  Factory f = example();
  set_number(f, "machine.weld.setup.\"A -> B\".mean", 70);
  set_number(f, "flow.weld -> bin.share", 0.5);
  set_number(f, "machine.weld.cycle_of.B.mean", 56);
  CHECK(f.stations[0].setup.at("A -> B") == exponential(70));
  CHECK(f.arrows.back().share == 0.5);
  CHECK(f.stations[0].cycle_of.at("B") == constant(56));
  set_number(f, "machine.weld.cycle_of.B", 57);
  CHECK(f.stations[0].cycle_of.at("B") == constant(57));
}

TEST_CASE("numbers that a field does not allow are refused") {
  Factory f = example();
  CHECK_THROWS_AS(set_number(f, "machine.weld.servers", 1.5), ModelError);
  CHECK_THROWS_AS(set_number(f, "machine.weld.servers", 0), ModelError);
  CHECK_THROWS_AS(set_number(f, "machine.weld.cycle.mean", -1), ModelError);
  CHECK_THROWS_AS(set_number(f, "machine.weld.cycle.mean", std::nan("")), ModelError);
  CHECK_THROWS_AS(set_number(f, "machine.weld.cycle", 1), ModelError);
  CHECK_THROWS_AS(set_number(f, "machine.weld", 1), ModelError);
  CHECK_THROWS_AS(set_number(f, "", 1), ModelError);
  CHECK(f == example());
  set_number(f, "buffer.b1.capacity", -1);
  CHECK(f.buffers[0].capacity == kUnlimited);
}

TEST_CASE("values are set from text, whole laws and words too") {
  Factory f = example();
  std::vector<Diagnostic> diagnostics;
  const auto set = [&](const std::string& path, const std::string& text) { set_value(f, path, text, diagnostics); };
  set("machine.weld.cycle", "gamma(mean = 1 min, cv = 0.5)");
  set("machine.weld.cycle.mean", "2 min");
  set("machine.weld.cycle_of.A", "3 s");
  set("machine.weld.setup.B->A", "10 s");
  set("machine.weld.blocking", "before_service");
  set("machine.weld.failure.tip.clock", "calendar");
  set("machine.weld.failure.tip.every.scale", "7 h");
  set("buffer.b1.capacity", "unlimited");
  set("buffer.b1.order", "lifo");
  set("source.s.mix.C", "50 %");
  set("flow.weld->bin.share", "5 %");
  set("run.warmup", "auto");
  set("run.seed", "7");
  INFO((diagnostics.empty() ? "" : diagnostics[0].message));
  REQUIRE(diagnostics.empty());
  const Station& weld = f.stations[0];
  CHECK(weld.cycle == gamma(120, 0.5));
  CHECK(weld.cycle_of.at("A") == constant(3));
  CHECK(weld.setup.at("B -> A") == constant(10));
  CHECK(weld.blocking == Blocking::before_service);
  CHECK(weld.failures[0].clock == FailureClock::calendar);
  CHECK(weld.failures[0].every == weibull(25200, 1.8));
  CHECK(f.buffers[0].capacity == kUnlimited);
  CHECK(f.buffers[0].order == QueueOrder::lifo);
  CHECK(f.sources[0].mix.at("C") == 0.5);
  CHECK(f.arrows.back().share == 0.05);
  CHECK(f.run.warmup_is_auto);
  CHECK(f.run.seed == 7);
}

TEST_CASE("what is wrong with a value is said, and nothing is changed") {
  CHECK(mistake("machine.weld.cycle.maen", "1 s") == "E012:0 did you mean 'machine.weld.cycle.mean'?");
  CHECK(mistake("machine.weld.cycle.mean", "41") == "E020:1 write \"41 s\" (or ms, min, h, d, weeks)");
  CHECK(mistake("machine.weld.cycle", "gamma(1 min, cv = x)").find("E012:19") == 0);
  CHECK(mistake("machine.weld.servers", "0").find("E022:1") == 0);
  CHECK(mistake("buffer.b1.order", "fiffo") == "E026:1 did you mean 'fifo'?");
  CHECK(mistake("weld", "1").find("E012:0") == 0);
  CHECK(mistake("flow.weld->k.share", "1 %").find("E012:0") == 0);
}
