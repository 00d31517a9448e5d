// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include <libtwin/engine/run.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/stats/tally.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::RunStatus;
using twin::RunSummary;
using twin::test::bits_of;
using twin::test::on_threads;
using twin::test::single_server;

twin::RunSettings settings(double horizon_s, std::int64_t replications, std::uint64_t seed = 1) {
  twin::RunSettings s;
  s.horizon_s = horizon_s;
  s.warmup_s = horizon_s / 10;
  s.replications = replications;
  s.seed = seed;
  return s;
}

/// Parts that may turn back into a buffer of one place: sooner or later both hold one for each other.
twin::Factory knot() {
  twin::Factory factory("knot");
  factory.machine("make", {.cycle = twin::exponential(1)});
  factory.machine("check", {.cycle = twin::exponential(1)});
  factory.buffer("b", {.capacity = 1});
  factory.sink("done");
  factory.flow("jobs -> make -> b -> check");
  factory.flow("check -> b : 50 %");
  factory.flow("check -> done : otherwise");
  return factory;
}

double column(const RunSummary& summary, std::size_t row, const std::string& name) {
  const auto found = std::find(summary.columns.begin(), summary.columns.end(), name);
  REQUIRE(found != summary.columns.end());
  return summary.rows[row * summary.columns.size() + static_cast<std::size_t>(found - summary.columns.begin())];
}

}  // namespace

TEST_CASE("replications give the same bits on any number of threads", "[replicate]") {
  const twin::Compiled compiled = twin::compile(single_server(0.8));
  const RunSummary one = twin::replicate(compiled, settings(5000, 23), on_threads(1));
  for (const unsigned threads : {2U, 7U}) {
    const RunSummary other = twin::replicate(compiled, settings(5000, 23), on_threads(threads));
    CHECK(bits_of(one.rows) == bits_of(other.rows));
    CHECK(bits_of({one.throughput_per_s.mean, one.throughput_per_s.half_width, one.lead_time_s.half_width,
                   one.lead_p95_s, one.stations[0].shares[0].mean}) ==
          bits_of({other.throughput_per_s.mean, other.throughput_per_s.half_width, other.lead_time_s.half_width,
                   other.lead_p95_s, other.stations[0].shares[0].mean}));
    CHECK(one.events == other.events);
    CHECK(one.operations == other.operations);
  }
}

TEST_CASE("a row is the run of its number and nothing else", "[replicate]") {
  const twin::Compiled compiled = twin::compile(single_server(0.8));
  const RunSummary summary = twin::replicate(compiled, settings(3000, 9, 77), on_threads(2));
  twin::PlantState state(compiled.plant);
  twin::RunInput input = twin::run_input(settings(3000, 9, 77));
  for (const std::uint64_t r : {8U, 0U, 5U}) {
    input.replication = r;
    const twin::RunResult& run = twin::run(state, input);
    std::vector<double> numbers;
    for (const twin::KpiColumn& c : twin::all_kpis(compiled.names)) numbers.push_back(c.kpi.read(run));
    const std::size_t width = summary.columns.size();
    const std::vector<double> row(summary.rows.begin() + static_cast<std::ptrdiff_t>(r * width),
                                  summary.rows.begin() + static_cast<std::ptrdiff_t>((r + 1) * width));
    CHECK(bits_of(row) == bits_of(numbers));
  }
}

TEST_CASE("estimates are those of the rows, with Student's t over replications", "[replicate]") {
  const twin::Compiled compiled = twin::compile(single_server(0.5));
  const RunSummary summary = twin::replicate(compiled, settings(2000, 12), on_threads(2));
  std::vector<double> wip;
  std::vector<double> level;
  for (std::size_t r = 0; r < 12; ++r) {
    wip.push_back(column(summary, r, "wip"));
    level.push_back(column(summary, r, "queue.level"));
  }
  CHECK(summary.wip.mean == Approx(twin::mean_interval(wip).mean));
  CHECK(summary.wip.half_width == Approx(twin::mean_interval(wip).half_width));
  CHECK(summary.wip.n == 12);
  CHECK(summary.buffers[0].mean_level.mean == Approx(twin::mean_interval(level).mean));
  CHECK(summary.sinks[0].second.mean == Approx(summary.throughput_per_s.mean));
  CHECK(summary.lead_p50_s < summary.lead_p95_s);
  CHECK(summary.lead_p95_s < summary.lead_p99_s);
  CHECK(summary.status == RunStatus::ok);
  CHECK(summary.model == "mm1");
  CHECK(summary.columns.size() == summary.dimensions.size());
}

TEST_CASE("intervals hold the true mean about as often as they say", "[replicate]") {
  // WIP of M/M/1 at half load is 1. 400 experiments at 95 %: a miss of the band 92 to 98 % has a chance below 1 %.
  const twin::Compiled compiled = twin::compile(single_server(0.5));
  int hits = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const RunSummary summary = twin::replicate(compiled, settings(1000, 8, seed), on_threads(1));
    hits += static_cast<int>(summary.wip.low() <= 1 && 1 <= summary.wip.high());
  }
  CHECK(hits >= 368);
  CHECK(hits <= 392);
}

TEST_CASE("one long replication has an interval of about the width of many short ones", "[replicate]") {
  const twin::Compiled compiled = twin::compile(single_server(0.5));
  twin::RunSettings one = settings(600000, 1);
  one.warmup_s = 600;
  twin::RunSettings many = settings(20600, 30);
  many.warmup_s = 600;
  const RunSummary by_batches = twin::replicate(compiled, one);
  const RunSummary by_runs = twin::replicate(compiled, many);
  const auto is_like = [](const twin::Estimate& a, const twin::Estimate& b) {
    CHECK(a.half_width / b.half_width > 0.5);
    CHECK(a.half_width / b.half_width < 2);
    CHECK(std::abs(a.mean - b.mean) < 2 * (a.half_width + b.half_width));
    CHECK(a.n == 16);
  };
  is_like(by_batches.throughput_per_s, by_runs.throughput_per_s);
  is_like(by_batches.lead_time_s, by_runs.lead_time_s);
  is_like(by_batches.wip, by_runs.wip);
  CHECK(by_batches.wip.mean == column(by_batches, 0, "wip"));
  CHECK(by_batches.throughput_per_s.mean == column(by_batches, 0, "throughput"));
  CHECK(std::abs(by_batches.wip.mean - 1) < 2 * by_batches.wip.half_width);
}

TEST_CASE("batch means within a run cover the true mean about as often as they say", "[replicate]") {
  const twin::Compiled compiled = twin::compile(single_server(0.5));
  int hits = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    twin::RunSettings s = settings(20000, 1, seed);
    s.warmup_s = 200;
    const RunSummary summary = twin::replicate(compiled, s, on_threads(1));
    hits += static_cast<int>(summary.lead_time_s.low() <= 2 && 2 <= summary.lead_time_s.high());
  }
  CHECK(hits >= 133);
  CHECK(hits <= 149);
}

TEST_CASE("runs that deadlock are rows without numbers, and say where", "[replicate]") {
  const twin::Compiled compiled = twin::compile(knot());
  const RunSummary summary = twin::replicate(compiled, settings(100000, 4), on_threads(2));
  CHECK(summary.status == RunStatus::deadlocked);
  CHECK(summary.failed == 4);
  CHECK(summary.statuses == std::vector<RunStatus>(4, RunStatus::deadlocked));
  CHECK((summary.failed_at == "make" || summary.failed_at == "check"));
  CHECK(summary.failed_time_s > 0);
  CHECK(std::isnan(summary.throughput_per_s.mean));
  CHECK(summary.throughput_per_s.n == 0);
  for (const double value : summary.rows) CHECK(std::isnan(value));
}

TEST_CASE("runs that fail leave the others' estimates alone", "[replicate]") {
  // So short that only some of the runs have come to a stop.
  const twin::Compiled compiled = twin::compile(knot());
  const RunSummary summary = twin::replicate(compiled, settings(4, 40), on_threads(2));
  REQUIRE(summary.failed > 0);
  REQUIRE(summary.failed < 40);
  twin::Tally good;
  for (std::size_t r = 0; r < 40; ++r) {
    const double value = column(summary, r, "throughput");
    CHECK(std::isnan(value) == (summary.statuses[r] != RunStatus::ok));
    if (summary.statuses[r] == RunStatus::ok) good.add(value);
  }
  CHECK(summary.throughput_per_s.n == 40 - summary.failed);
  CHECK(summary.throughput_per_s.mean == good.mean());
}

TEST_CASE("an event limit is a status", "[replicate]") {
  twin::ExecutionOptions options;
  options.event_limit = 1000;
  const RunSummary summary = twin::replicate(twin::compile(single_server(0.5)), settings(1e6, 3), options);
  CHECK(summary.status == RunStatus::event_limit);
  CHECK(summary.failed == 3);
}

TEST_CASE("exceptions of the user's rules pass through", "[replicate]") {
  twin::Factory factory = single_server(0.5);
  factory.stations[0].cycle = twin::call("mine");
  twin::CompileOptions code;
  code.process_times["mine"].seconds = [](void*, const twin::RunView& view, twin::StationId, const twin::PartView&,
                                          twin::Stream&) -> double {
    if (view.now_s() > 100) throw std::runtime_error("the rule does not know");
    return 1;
  };
  const twin::Compiled compiled = twin::compile(factory, code);
  const std::size_t threads = twin::test::count_threads();
  CHECK_THROWS_WITH(twin::replicate(compiled, settings(1000, 10), on_threads(4)), "the rule does not know");
  CHECK(twin::test::settled_threads(threads) == threads);
}

TEST_CASE("a rule that gives no number makes the run fail", "[replicate]") {
  twin::Factory factory = single_server(0.5);
  factory.stations[0].cycle = twin::call("mine");
  twin::CompileOptions code;
  code.process_times["mine"].seconds = [](void*, const twin::RunView&, twin::StationId, const twin::PartView&,
                                          twin::Stream&) -> double { return std::nan(""); };
  const RunSummary summary = twin::replicate(twin::compile(factory, code), settings(1000, 2));
  CHECK(summary.status == RunStatus::bad_number);
  CHECK(summary.failed_at == "server");
}

TEST_CASE("the progress callback hears of the work, seldom, and of its end", "[replicate]") {
  std::vector<twin::Progress> heard;
  twin::ExecutionOptions options = on_threads(3);
  options.on_progress = [&](const twin::Progress& p) {
    heard.push_back(p);
    return true;
  };
  const RunSummary summary = twin::replicate(twin::compile(single_server(0.5)), settings(2000, 200), options);
  REQUIRE_FALSE(heard.empty());
  CHECK(heard.back().done == 200);
  CHECK(heard.back().total == 200);
  for (std::size_t i = 1; i < heard.size(); ++i) CHECK(heard[i].done >= heard[i - 1].done);
  CHECK(static_cast<double>(heard.size()) <= 3 + 10 * summary.wall_s);
}

TEST_CASE("a callback that says no stops the work within the run", "[replicate]") {
  twin::ExecutionOptions options = on_threads(2);
  options.on_progress = [](const twin::Progress&) { return false; };
  // Hours of work, were it not stopped.
  const RunSummary summary = twin::replicate(twin::compile(single_server(0.5)), settings(5e8, 6), options);
  CHECK(summary.status == RunStatus::stopped);
  CHECK(summary.failed == 6);
  CHECK(std::isnan(summary.wip.mean));
}

TEST_CASE("a stop token stops the work, what is finished stays", "[replicate]") {
  std::stop_source stop;
  twin::ExecutionOptions options = on_threads(1);
  options.stop = stop.get_token();
  options.on_progress = [&](const twin::Progress& p) {
    if (p.done >= 1) stop.request_stop();
    return true;
  };
  const RunSummary summary = twin::replicate(twin::compile(single_server(0.5)), settings(50000, 100000), options);
  CHECK(summary.status == RunStatus::stopped);
  CHECK(summary.statuses.front() == RunStatus::ok);
  CHECK(summary.statuses.back() == RunStatus::stopped);
  CHECK(summary.throughput_per_s.n == 100000 - summary.failed);
}

TEST_CASE("settings out of range are refused", "[replicate]") {
  const twin::Compiled compiled = twin::compile(single_server(0.5));
  CHECK_THROWS_AS(twin::replicate(compiled, settings(1000, 0)), std::logic_error);
  CHECK_THROWS_AS(twin::replicate(compiled, settings(-1, 2)), std::logic_error);
}
