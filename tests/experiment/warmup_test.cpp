// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <libtwin/experiment/pilot.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::RunSummary;
using twin::test::bits_of;
using twin::test::single_server;

twin::RunSettings automatic(double horizon_s, std::int64_t replications) {
  twin::RunSettings s;
  s.horizon_s = horizon_s;
  s.warmup_is_auto = true;
  s.replications = replications;
  return s;
}

/// A slow machine behind a buffer that takes an hour and a half to fill; lead times rise until then.
twin::Factory filling_line() {
  twin::Factory factory("filling");
  factory.machine("fast", {.cycle = twin::exponential(50)});
  factory.machine("slow", {.cycle = twin::exponential(60)});
  factory.buffer("b", {.capacity = 20});
  factory.flow("supply -> fast -> b -> slow -> shipped");
  return factory;
}

}  // namespace

TEST_CASE("the warm-up of a line that fills is found, and is the time of a departure within the first half",
          "[warmup]") {
  const twin::Compiled compiled = twin::compile(filling_line());
  const RunSummary summary = twin::replicate(compiled, automatic(200 * 3600.0, 5));
  CHECK(summary.warmup_was_found);
  CHECK(summary.warmup_s > 600);
  CHECK(summary.warmup_s < 100 * 3600.0);
  CHECK(summary.warmup_note.find("of 5 pilot runs") != std::string::npos);
}

TEST_CASE("runs after a warm-up that was found are those with the same warm-up given", "[warmup]") {
  const twin::Compiled compiled = twin::compile(filling_line());
  const RunSummary found = twin::replicate(compiled, automatic(50 * 3600.0, 4), twin::test::on_threads(2));
  twin::RunSettings given = automatic(50 * 3600.0, 4);
  given.warmup_is_auto = false;
  given.warmup_s = found.warmup_s;
  CHECK(bits_of(found.rows) == bits_of(twin::replicate(compiled, given).rows));
  CHECK(found.warmup_s == twin::replicate(compiled, automatic(50 * 3600.0, 4), twin::test::on_threads(1)).warmup_s);
}

TEST_CASE("an empty single server at a load of 0.8 is close to theory after its warm-up", "[warmup]") {
  const RunSummary summary = twin::replicate(twin::compile(single_server(0.8)), automatic(100000, 10));
  CHECK(summary.warmup_s >= 0);
  CHECK(summary.warmup_s <= 50000);
  CHECK(std::abs(summary.wip.mean - 4) < 2 * summary.wip.half_width);
}

TEST_CASE("a factory that never settles leaves out half of the horizon and says so", "[warmup]") {
  // More comes than goes: lead times rise for ever.
  const RunSummary summary = twin::replicate(twin::compile(single_server(1.5)), automatic(5000, 4));
  CHECK_FALSE(summary.warmup_was_found);
  CHECK(summary.warmup_s == 2500);
  CHECK(summary.warmup_note.find("half of the horizon") != std::string::npos);
}

TEST_CASE("too few parts to tell leave out half of the horizon", "[warmup]") {
  const RunSummary summary = twin::replicate(twin::compile(single_server(0.5)), automatic(20, 2));
  CHECK_FALSE(summary.warmup_was_found);
  CHECK(summary.warmup_s == 10);
}

TEST_CASE("lead times from a trace are those of the run", "[warmup]") {
  // Parts meet in an assembly, so part numbers end in several ways and are used again.
  twin::Factory factory("meet");
  factory.source("bodies", {.arrivals = twin::exponential(3)});
  factory.source("lids", {.arrivals = twin::exponential(3)});
  factory.machine("check", {.cycle = twin::exponential(1), .scrap = 0.1});
  factory.assembly("join", {.cycle = twin::exponential(1)});
  factory.buffer("b1", {.capacity = 5});
  factory.buffer("b2", {.capacity = 5});
  factory.sink("done");
  factory.flow("bodies -> check -> b1 -> join -> done");
  factory.flow("lids -> b2 -> join");
  const twin::Compiled compiled = twin::compile(factory);
  twin::PlantState state(compiled.plant);
  twin::detail::LeadTimes leads(compiled.plant);
  twin::RunInput input;
  input.horizon_s = 20000;
  input.trace = &leads;
  const twin::RunResult& run = twin::run(state, input);
  REQUIRE(leads.series().size() == run.good);
  double sum = 0;
  for (const double lead : leads.series()) sum += lead;
  CHECK(sum / static_cast<double>(run.good) == Approx(run.mean_lead_s).epsilon(1e-12));
  CHECK(leads.left_s(leads.series().size() - 1) <= 20000);
}
