// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <nlohmann/json.hpp>

#include <tests/scenario/text.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

namespace {

/// Something of everything that a file can hold.
const std::string kRich = R"~(format = 1
[factory]
name = "rich \"line\""
flow = [
  "s -> m0 -> b1 -> m1 -> b2 -> join -> split -> k",
  "s2 -> join",
  "split -> m2 -> bin : p",
  "m2 -> k2 : otherwise",
]
[run]
horizon = "90 min"
warmup = "auto"
replications = 7
seed = "18446744073709551615"
[parameter]
r = { from = 1, to = 5, value = 3 }
p = [0.1, 0.25]
n = { from = 1, to = 2, step = 0.5 }
[source.s]
arrivals = "hyperexponential(mean = 41.3 s, cv = 1.7)"
batch = "discrete(1: 0.3, 3: 0.7)"
mix = { B = "1 / r", A = 0.1 }
[source.s2]
schedule = [{ time = "1.5 s", product = "A", count = 3 }, { time = "2 h" }]
[product.B]
priority = -2.5
[product.A]
[machine.m2]
cycle = "1 s"
cycle_of = { A = "call(my_law)" }
[machine.m0]
servers = "r"
cycle = { dist = "empirical", file = "x.csv", column = "c", unit = "ms", values = [1, 2.5, 1e3] }
setup = { "A->B" = "1 s / r", "* -> A" = "gamma(1 s, 0.3)" }
scrap = 0.001
  [machine.m0.failure.tool]
  every = "poisson(200)"
  clock = "cycles"
  repair = "erlang(5 min, k = r)"
  part = "scrap"
  [machine.m0.failure.aging]
  every = "weibull(scale = 6 h / r, shape = 1.8)"
  repair = "0.1 s"
  crew = "c"
[assembly.join]
cycle = "normal(10 s, 2 s)"
takes = { b2 = 2 }
makes = "AB"
[machine.m1]
cycle = "beta(1 s, 2 s, 0.5, 3)"
blocking = "before_service"
[disassembly.split]
cycle = "0 s"
gives = { k = "r" }
[buffer.b2]
capacity = "4 * r"
order = "lifo"
[buffer.b1]
counts = "with_machine"
capacity = 9
[crew.c]
size = 2
[loop.first]
from = "m1"
to = "b2"
cards = "2 * r"
[loop.second]
from = "join"
to = "split"
cards = 1
[sink.k]
[sink.k2]
[sink.bin]
counts = "scrap"
[design]
where = ["r * n < 9"]
[factor]
n = [1, 1.5]
"machine.m1.cycle.alpha" = [0.5, 0.7]
"buffer.b1.order" = ["fifo", "lifo"]
[[refine]]
best = 3
count = 40
[measure]
lead = "p95(lead_time)"
good = "rate(k) + rate(k2)"
[goal]
minimize = "lead"
subject_to = ["good > 1 /h"]
[[known.wip]]
value = 4.25
at = { r = 3 }
source = "a \\ book"
[[known.wip]]
value = 0.1
[known.throughput]
value = "5.776121751464 /h"
)~";

}  // namespace

TEST_CASE("TOML written from a scenario reads back to an equal one") {
  const ReadResult first = read(kRich);
  INFO(shown(first));
  REQUIRE(first.diagnostics.empty());
  const std::string text = write_toml(first.scenario);
  const ReadResult second = read(text);
  INFO(text << shown(second));
  REQUIRE(second.diagnostics.empty());
  CHECK(second.scenario == first.scenario);
  CHECK(write_toml(second.scenario) == text);
}

TEST_CASE("JSON written from a scenario reads back to an equal one, and equal scenarios give equal text") {
  const ReadResult first = read(kRich);
  const std::string text = write_json(first.scenario);
  const ReadResult second = read(text);
  INFO(text << shown(second));
  REQUIRE(second.diagnostics.empty());
  CHECK(second.scenario == first.scenario);
  CHECK(write_json(second.scenario) == text);
  CHECK(write_json(read(write_toml(first.scenario)).scenario) == text);
}

TEST_CASE("JSON is sorted, says every default and keeps the order of elements") {
  const nlohmann::json json = nlohmann::json::parse(write_json(read(line_with("cycle = \"1 min\"")).scenario));
  CHECK(json["station"][0]["name"] == "weld");
  CHECK(json["station"][1]["name"] == "pack");
  CHECK(json["station"][0]["kind"] == "machine");
  CHECK(json["station"][0]["cycle"] == "1 min");
  CHECK(json["station"][0]["servers"] == 1);
  CHECK(json["station"][0]["blocking"] == "after_service");
  CHECK(json["buffer"][0]["capacity"] == 5);
  CHECK(json["run"]["horizon"] == "28 d");
}

TEST_CASE("any change of a scenario changes its canonical text") {
  const Scenario scenario = read(kRich).scenario;
  const std::string text = write_json(scenario);
  for (const auto& [path, value] : list_numbers(scenario.factory)) {
    // What is bound to parameters is written as its expression.
    bool is_bound = path == "run.warmup" || path == "run.seed";
    for (const Binding& b : scenario.bindings) is_bound = is_bound || b.path == path;
    if (is_bound) continue;
    Scenario changed = scenario;
    set_number(changed.factory, path,
               value <= 0   ? 1
               : value > 1  ? value + 1
               : value == 1 ? 2 - (path.find("scrap") != std::string::npos)
                            : value / 2);
    INFO(path);
    CHECK(write_json(changed) != text);
  }
}

TEST_CASE("a scenario made in C++ can be written") {
  Scenario scenario;
  scenario.factory = Factory("hand-made");
  scenario.factory.machine("m", {.cycle = 0.1 + 0.2});
  scenario.factory.flow("s -> m -> k");
  const ReadResult again = read(write_toml(scenario));
  INFO(shown(again));
  REQUIRE(again.ok());
  CHECK(again.scenario == scenario);
  CHECK(read(write_json(scenario)).scenario == scenario);
}

TEST_CASE("mistakes in JSON have a place too") {
  CHECK(codes_of(read("{\"format\": 1,\n \"factory\": {\"flow\": [}}")) == "E002");
  const ReadResult result = read(
      "{\"format\": 1, \"factory\": {\"flow\": [\"s -> m -> k\"]},\n"
      " \"source\": [{\"name\": \"s\"}], \"sink\": [{\"name\": \"k\"}],\n"
      " \"station\": [{\"name\": \"m\", \"kind\": \"machine\",\n  \"cycle\": \"38 sx\"}]}");
  INFO(shown(result));
  REQUIRE(codes_of(result) == "E023");
  CHECK(result.diagnostics[0].line == 4);
  CHECK(result.diagnostics[0].column == 16);
}
