// SPDX-License-Identifier: Apache-2.0
// Replications that go on until intervals are as narrow as asked for.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <libtwin/experiment/measures.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/stats/stopping.hpp>
#include <libtwin/stats/tally.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

using namespace twin;
using twin::test::bits_of;
using twin::test::mistakes_of;
using twin::test::on_threads;
using twin::test::scenario_of;
using twin::test::single_server;
using twin::test::two_machines;

namespace {

RunSettings settings(double horizon_s = 4000) {
  RunSettings s;
  s.horizon_s = horizon_s;
  s.warmup_s = horizon_s / 10;
  s.replications = 3;  // not looked at where there are rules
  return s;
}

ReplicationPlan until(std::vector<StoppingRule> rules, std::int64_t at_most = 400) {
  return {.until = std::move(rules), .at_most = at_most};
}

const StoppingRule kNarrow{"lead_time", 0.04};

}  // namespace

TEST_CASE("replications stop at the first look at which all rules hold", "[stopping]") {
  const Compiled compiled = compile(single_server(0.6));
  const ReplicationPlan plan = until({kNarrow, {"throughput", 0.01}});
  const RunSummary summary = replicate(compiled, settings(), plan, on_threads(2));
  REQUIRE(summary.stopping);
  CHECK(summary.stopping->reason == StopReason::met);
  REQUIRE(summary.replications > plan.first);
  CHECK(summary.statuses.size() == static_cast<std::size_t>(summary.replications));

  // The same decision from all the replications there could be.
  RunSettings all = settings();
  all.replications = plan.at_most;
  const RunSummary every = replicate(compiled, all, {.measures = {{"lead", "lead_time"}, {"rate", "throughput"}}});
  std::int64_t expected = 0;
  std::int64_t looks = 0;
  for (std::int64_t n = next_look(0, 10, 400); n != 0 && expected == 0; n = next_look(n, 10, 400)) {
    ++looks;
    Tally lead;
    Tally rate;
    for (std::size_t r = 0; r < static_cast<std::size_t>(n); ++r) {
      lead.add(every.measured[2 * r]);
      rate.add(every.measured[2 * r + 1]);
    }
    if (WidthLimit{.limit = 0.04}.is_met(lead) && WidthLimit{.limit = 0.01}.is_met(rate)) expected = n;
  }
  CHECK(summary.replications == expected);
  CHECK(summary.stopping->looks == looks);
  const RuleOutcome& rule = summary.stopping->rules.front();
  CHECK(rule.is_met);
  CHECK(rule.estimate.half_width == summary.lead_time_s.half_width);
  CHECK(rule.estimate.half_width <= rule.asked);
  CHECK(rule.asked == Approx(0.04 / 1.04 * summary.lead_time_s.mean));
}

TEST_CASE("when to stop depends neither on threads nor on the engine", "[stopping]") {
  const Compiled compiled = compile(single_server(0.6));
  const ReplicationPlan plan = until({kNarrow});
  const RunSummary one = replicate(compiled, settings(), plan, on_threads(1));
  CHECK(one.engine == "lanes");
  for (const unsigned threads : {2U, 7U}) {
    for (const EngineChoice engine : {EngineChoice::event, EngineChoice::lanes}) {
      const RunSummary other = replicate(compiled, settings(), plan, {.engine = engine, .threads = threads});
      CHECK(other.replications == one.replications);
      CHECK(other.stopping->looks == one.stopping->looks);
      CHECK(bits_of(other.rows) == bits_of(one.rows));
      CHECK(bits_of(other.measured) == bits_of(one.measured));
      CHECK(other.lead_time_s.half_width == one.lead_time_s.half_width);
      CHECK(other.lead_p95_s == one.lead_p95_s);
    }
  }
}

TEST_CASE("at most so many replications are made, and it is said that they were too few", "[stopping]") {
  const Compiled compiled = compile(single_server(0.6));
  const RunSummary summary = replicate(compiled, settings(), until({{"throughput", 1e-6}}, 25));
  CHECK(summary.replications == 25);
  CHECK(summary.stopping->reason == StopReason::at_most);
  CHECK_FALSE(summary.stopping->rules.front().is_met);
  CHECK(summary.stopping->at_most == 25);
  // Without rules the settings say how many.
  CHECK(replicate(compiled, settings(), ReplicationPlan{}).replications == 3);
  CHECK_FALSE(replicate(compiled, settings()).stopping);
}

TEST_CASE("a replication that does not end well ends the wait at the next look", "[stopping]") {
  RunSettings s = settings();
  ExecutionOptions few;
  few.event_limit = 100;
  const RunSummary summary = replicate(compile(single_server(0.6)), s, until({kNarrow}), few);
  CHECK(summary.replications == 10);
  CHECK(summary.failed == 10);
  CHECK(summary.stopping->reason == StopReason::failed);
}

TEST_CASE("stopped work says so", "[stopping]") {
  std::stop_source source;
  source.request_stop();
  ExecutionOptions options;
  options.stop = source.get_token();
  const RunSummary summary = replicate(compile(single_server(0.6)), settings(), until({kNarrow}), options);
  CHECK(summary.stopping->reason == StopReason::stopped);
}

TEST_CASE("rules name measures or KPIs, and limits have their unit", "[stopping]") {
  const Compiled compiled = compile(single_server(0.6));
  ReplicationPlan named =
      until({{"lead", 0.05}, {"2 * lead_time", 20, Dimension::time}, {"busy(server)", 0.02, Dimension::none}});
  named.measures = {{"lead", "lead_time"}};
  const RunSummary summary = replicate(compiled, settings(), named);
  CHECK(summary.measures == std::vector<std::string>{"lead", "2 * lead_time", "busy(server)"});
  CHECK(summary.stopping->reason == StopReason::met);
  const auto wrong = [&](const StoppingRule& rule) {
    return mistakes_of([&] { static_cast<void>(replicate(compiled, settings(), until({rule}))); });
  };
  CHECK(wrong({"thruput", 0.1}).find("replicate.until") != std::string::npos);
  CHECK(wrong({"throughput", 3, Dimension::time}).find("the limit is not in the unit of 'throughput'") !=
        std::string::npos);
  CHECK(wrong({"lead_time", 3, Dimension::none}).find("write a time") != std::string::npos);
  CHECK(wrong({"wip", 3, Dimension::rate}).find("write a plain number") != std::string::npos);
  CHECK(wrong({"wip", 0}).find("never reached") != std::string::npos);
  CHECK(mistakes_of([&] {
          static_cast<void>(replicate(compiled, settings(), until({kNarrow}, 9)));
        }).find("replicate.at_most") != std::string::npos);
}

TEST_CASE("a design of a study is done when its rules hold, it has all it may have, or a run failed", "[stopping]") {
  const Scenario scenario = scenario_of(two_machines(R"TOML(
[machine.m1]
cycle = "exponential(1 min)"
[buffer.b]
capacity = 4
[replicate]
count = 12
until = ["halfwidth(rate) < 10 %", "halfwidth(wip) < 0.5"]
at_most = 20
[measure]
rate = "throughput"
)TOML"));
  const Study& study = *scenario.study;
  const detail::MeasurePlan plan = detail::plan_measures(study, compile(scenario.factory).names);
  CHECK(plan.names == std::vector<std::string>{"rate", "wip"});
  REQUIRE(plan.until.size() == 2);
  std::vector<Tally> tallies(2);
  CHECK(detail::next_replications(plan, study, 0, 0, tallies) == 12);
  for (int i = 0; i < 12; ++i) {
    tallies[0].add(i % 2 == 0 ? 10 : 10.5);
    tallies[1].add(i % 2 == 0 ? 3 : 8);
  }
  CHECK(detail::next_replications(plan, study, 12, 0, tallies) == 15);
  CHECK(detail::next_replications(plan, study, 12, 1, tallies) == 0);
  CHECK(detail::next_replications(plan, study, 20, 0, tallies) == 0);
  tallies[1] = tallies[0];
  CHECK(plan.is_settled(tallies));
  CHECK(detail::next_replications(plan, study, 12, 0, tallies) == 0);
}
