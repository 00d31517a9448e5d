// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <tests/scenario/text.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

TEST_CASE("a whole line is read as it is written") {
  const ReadResult result = read(R"~(format = 1
[factory]
name = "line"
flow = ["supply -> press -> b1 -> weld", "weld -> shipped : otherwise", "weld -> bin : 3 %"]
[run]
horizon = "8 weeks"
warmup = "2 days"
replications = 30
seed = 42
[machine.weld]
cycle = "lognormal(mean = 41 s, cv = 0.15)"
  [machine.weld.failure.tip]
  every = "weibull(6 h, shape = 1.8)"
  repair = "18 min"
  crew = "maintenance"
[machine.press]
cycle = { dist = "uniform", min = "30 s", max = "40 s" }
servers = 2
setup = { "A->B" = "12 min", "* -> A" = "15 min" }
cycle_of = { B = "1 min" }
scrap = "1 %"
blocking = "before_service"
[source.supply]
arrivals = "exponential(40 s)"
mix = { A = 0.7, B = "30 %" }
when_full = "lose"
[buffer.b1]
capacity = 20
order = "priority"
[crew.maintenance]
size = 2
[product.B]
priority = 3
[sink.bin]
counts = "scrap"
[sink.shipped]
)~");
  INFO(shown(result));
  REQUIRE(result.diagnostics.empty());
  const Factory& f = result.scenario.factory;
  CHECK(f.name == "line");
  CHECK(f.run == RunSettings{.horizon_s = 8 * 604800.0, .warmup_s = 172800, .replications = 30, .seed = 42});
  REQUIRE(f.stations.size() == 2);
  CHECK(f.stations[0].name == "weld");  // in the order of the file
  CHECK(f.stations[0].cycle == lognormal(41, 0.15));
  REQUIRE(f.stations[0].failures.size() == 1);
  CHECK(f.stations[0].failures[0] ==
        FailureMode{.name = "tip", .every = weibull(21600, 1.8), .repair = 1080, .crew = "maintenance"});
  const Station& press = f.stations[1];
  CHECK(press.cycle == uniform(30, 40));
  CHECK(press.servers == 2);
  CHECK(press.setup == std::map<std::string, Distribution>{{"A -> B", 720.0}, {"* -> A", 900.0}});
  CHECK(press.cycle_of.at("B") == constant(60));
  CHECK(press.scrap == 0.01);
  CHECK(press.blocking == Blocking::before_service);
  CHECK(f.sources[0].arrivals == exponential(40));
  CHECK(f.sources[0].mix == std::map<std::string, double>{{"A", 0.7}, {"B", 0.3}});
  CHECK(f.sources[0].when_full == WhenFull::lose);
  CHECK(f.buffers[0] == Buffer{.name = "b1", .capacity = 20, .order = QueueOrder::priority});
  CHECK(f.crews[0].size == 2);
  CHECK(f.products[0].priority == 3);
  CHECK(f.sinks[0] == Sink{.name = "bin", .counts = SinkCounts::scrap});
  CHECK(f.arrows.size() == 5);
}

TEST_CASE("every law can be written as a call, by name or by position") {
  const std::vector<std::pair<std::string, Distribution>> cases{
      {"38 s", constant(38)},
      {"constant(38 s)", constant(38)},
      {"exponential(1 min)", exponential(60)},
      {"uniform(max = 9 s, min = 3 s)", uniform(3, 9)},
      {"normal(5 min, 30 s)", normal(300, 30)},
      {"lognormal(41 s, 0.15)", lognormal(41, 0.15)},
      {"lognormal(mean = 41 s, cv = 15 %)", lognormal(41, 0.15)},
      {"gamma(2 s, 0.5)", gamma(2, 0.5)},
      {"erlang(mean = 70 s, k = 3)", erlang(70, 3)},
      {"triangular(1 s, 2 s, 4 s)", triangular(1, 2, 4)},
      {"pert(1 s, 2 s, 4 s)", pert(1, 2, 4)},
      {"beta(1 s, 2 s, 0.5, 3)", beta(1, 2, 0.5, 3)},
      {"hyperexponential(10 s, cv = 2)", hyperexponential(10, 2)},
      {"discrete(10 s: 0.3, 20 s: 70 %)", discrete({10, 20}, {0.3, 0.7})},
      {"call(my_law)", call("my_law")},
      {"  exponential ( mean = 1 h / 4 )  ", exponential(900)},
  };
  for (const auto& [text, law] : cases) {
    const ReadResult result = read(line_with("cycle = \"" + text + "\""));
    INFO(text << "\n" << shown(result));
    REQUIRE(result.ok());
    CHECK(weld_of(result).cycle == law);
  }
}

TEST_CASE("failures that count cycles take plain numbers, wherever the clock stands") {
  const std::string head = "cycle = \"1 s\"\n[machine.weld.failure.tool]\nrepair = \"5 min\"\n";
  const ReadResult good = read(line_with(head + "every = \"poisson(200)\"\nclock = \"cycles\""));
  INFO(shown(good));
  REQUIRE(good.ok());
  CHECK(weld_of(good).failures[0].every == poisson(200));
  CHECK(codes_of(read(line_with(head + "every = \"2 h\"\nclock = \"cycles\""))) == "E021");
  CHECK(codes_of(read(line_with(head + "every = 200\nclock = \"busy\""))) == "E020");
}

TEST_CASE("parameters stand for numbers of the model") {
  const ReadResult result = read(line_with("cycle = \"exponential(1 h / r)\"\nservers = \"n\"\nscrap = \"p / 2\"",
                                           "[parameter]\nr = { from = 2, to = 5 }\nn = [1, 3]\n"
                                           "p = { from = 0, to = 0.2, step = 0.1, value = 0.2 }\nq = 7\n"));
  INFO(shown(result));
  REQUIRE(result.ok());
  CHECK(result.scenario.parameters ==
        std::vector<Parameter>{{"r", {2, 3, 4, 5}, 2}, {"n", {1, 3}, 1}, {"p", {0, 0.1, 0.2}, 0.2}, {"q", {7}, 7}});
  CHECK(result.scenario.bindings == std::vector<Binding>{{"machine.weld.cycle.mean", "1 h / r"},
                                                         {"machine.weld.scrap", "p / 2"},
                                                         {"machine.weld.servers", "n"}});
  CHECK(weld_of(result).cycle == exponential(1800));
  CHECK(weld_of(result).scrap == 0.1);
}

TEST_CASE("a share of an arrow may be an expression of parameters") {
  const ReadResult result = read(R"~(format = 1
[factory]
flow = ["s -> m", "m -> k : otherwise", "m -> bin : p * 2"]
[source.s]
[machine.m]
cycle = "1 s"
[sink.k]
[sink.bin]
[parameter]
p = [0.05, 0.1]
)~");
  INFO(shown(result));
  REQUIRE(result.ok());
  CHECK(result.scenario.factory.arrows[2].share == 0.1);
  CHECK(result.scenario.bindings == std::vector<Binding>{{"flow.m->bin.share", "p * 2"}});
  CHECK(result.scenario.factory.name == "line");  // the file's name
}

TEST_CASE("the nominal design meets the conditions of the study") {
  const std::string parameters =
      "[parameter]\na = { from = 1, to = 9 }\nb = { from = 1, to = 9, value = 7 }\n[design]\n";
  const auto nominals = [&](const std::string& where) {
    const ReadResult result = read(line_with("cycle = \"1 s * a\"", parameters + "where = " + where));
    INFO(shown(result));
    REQUIRE(result.ok());
    return std::vector<double>{result.scenario.parameters[0].nominal, result.scenario.parameters[1].nominal};
  };
  CHECK(nominals(R"(["a < b"])") == std::vector<double>{1, 7});
  CHECK(nominals(R"("a + b == 12")") == std::vector<double>{5, 7});  // b keeps its value
  CHECK(nominals(R"(["a + b == 18"])") == std::vector<double>{9, 9});
  const ReadResult none = read(line_with("cycle = \"1 s * a\"", parameters + "where = [\"a + b == 19\"]"));
  CHECK(codes_of(none) == "E051");
}

TEST_CASE("sources take schedules from the file itself") {
  const ReadResult result = read(R"~(format = 1
[factory]
flow = "s -> m -> k"
[source.s]
schedule = [{ time = "0 s", product = "A" }, { time = "1 h", product = "B", count = 10 }]
[machine.m]
cycle = "1 s"
[sink.k]
)~");
  INFO(shown(result));
  REQUIRE(result.ok());
  CHECK(result.scenario.factory.sources[0].arrivals_list ==
        std::vector<ScheduledArrival>{{0, "A", 1}, {3600, "B", 10}});
}

TEST_CASE("settings count as if the file said so") {
  const std::string file = line_with(
      "cycle = \"lognormal(mean = 41 s, cv = 0.15)\"\n"
      "setup = { \"A -> B\" = \"exponential(1 min)\" }\n"
      "[machine.weld.failure.tip]\nevery = \"exponential(1 h / r)\"\nrepair = \"5 min\"",
      "[parameter]\nr = [1, 2, 4]\n[product.A]\n[product.B]\n");
  const ReadResult result = read(file, {{"machine.weld.cycle.mean", "39 s"},
                                        {"machine.weld.servers", "3"},
                                        {"machine.weld.failure.tip.clock", "calendar"},
                                        {"machine.weld.setup.A->B.mean", "2 min"},
                                        {"machine.pack.cycle", "erlang(1 min, 2)"},
                                        {"buffer.b1.capacity", "unlimited"},
                                        {"parameter.r", "4"},
                                        {"run.seed", "99"},
                                        {"run.horizon", "5 h"}});
  INFO(shown(result));
  REQUIRE(result.ok());
  CHECK(weld_of(result).cycle == lognormal(39, 0.15));
  CHECK(weld_of(result).servers == 3);
  CHECK(weld_of(result).failures[0].every == exponential(900));
  CHECK(weld_of(result).failures[0].clock == FailureClock::calendar);
  CHECK(weld_of(result).setup.at("A -> B") == exponential(120));
  CHECK(result.scenario.factory.stations[1].cycle == erlang(60, 2));
  CHECK(result.scenario.factory.buffers[0].capacity == kUnlimited);
  CHECK(result.scenario.parameters == std::vector<Parameter>{{"r", {4}, 4}});
  CHECK(result.scenario.factory.run.seed == 99);
  CHECK(result.scenario.factory.run.horizon_s == 18000);
}

TEST_CASE("a setting that names nothing says what was meant") {
  const std::string file = line_with("cycle = \"lognormal(mean = 41 s, cv = 0.15)\"");
  const auto hint = [&](const std::string& path, const std::string& value) {
    const ReadResult result = read(file, {{path, value}});
    REQUIRE(result.diagnostics.size() == 1);
    return result.diagnostics[0].code + " " + result.diagnostics[0].hint;
  };
  CHECK(hint("machine.weld.cycle.maen", "1 s") == "E012 did you mean 'machine.weld.cycle.mean'?");
  CHECK(hint("machine.weld.cycel", "1 s") == "E010 did you mean 'cycle'?");
  CHECK(hint("machine.wled.cycle", "1 s") == "E012 did you mean 'machine.weld'?");
  CHECK(hint("machin.weld.cycle", "1 s") == "E012 did you mean 'machine.weld.cycle'?");
  CHECK(hint("machine.weld.cycle.mean", "1") == "E020 write \"1 s\" (or ms, min, h, d, weeks)");
  CHECK(hint("run.sead", "1") == "E010 did you mean 'seed'?");
}
