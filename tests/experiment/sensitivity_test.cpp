// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <libtwin/experiment/sensitivity.hpp>
#include <libtwin/lanes/gradient.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/exponential_line.hpp>

using namespace twin;

namespace {

// Builds without optimisation or with sanitizers make fewer replications, and see less.
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr int kFewer = 1;
#else
constexpr int kFewer = 16;
#endif
const double kCoarser = std::sqrt(kFewer);

// Of a dozen replications the standard error itself is not well known.
const double kErrors = kFewer == 1 ? 3 : 5;

double standard_error(const Estimate& e) {
  return e.half_width / student_t_quantile(0.975, static_cast<double>(e.n - 1));
}

/// Within three standard errors of the exact number (in full builds), which are few enough for an error of 2 % to be seen.
void check_exact(const Estimate& ours, double exact, double scale) {
  const double error = standard_error(ours);
  INFO(ours.mean << " ± " << error << " (standard error), exact " << exact);
  CHECK(std::abs(ours.mean - exact) <= kErrors * error);
  CHECK(3 * error < 0.02 * kCoarser * std::abs(scale));
}

const MeanSensitivity& find(const SensitivitySummary& s, const std::string& name,
                            SensitivityKind kind = SensitivityKind::cycle) {
  const auto found = std::find_if(s.means.begin(), s.means.end(),
                                  [&](const MeanSensitivity& m) { return m.name == name && m.kind == kind; });
  REQUIRE(found != s.means.end());
  return *found;
}

RunSettings by_parts(std::int64_t parts, std::int64_t replications, std::uint64_t seed = 11) {
  RunSettings s;
  s.parts = parts;
  s.warmup_parts = parts / 20;
  s.replications = replications;
  s.seed = seed;
  return s;
}

RunSettings by_time(double horizon_s, std::int64_t replications, std::uint64_t seed = 11) {
  RunSettings s;
  s.horizon_s = horizon_s;
  s.warmup_s = horizon_s / 20;
  s.replications = replications;
  s.seed = seed;
  return s;
}

SensitivitySummary of(const Factory& factory, const RunSettings& settings, unsigned threads = 0) {
  const Compiled compiled = compile(factory);
  ExecutionOptions options;
  options.threads = threads;
  return sensitivity(compiled, settings, options);
}

Factory line_of_three(const std::array<double, 3>& means, const std::array<int, 2>& places) {
  Factory f("line");
  f.machine("m0", {.cycle = exponential(means[0])});
  f.buffer("b1", {.capacity = places[0]});
  f.machine("m1", {.cycle = exponential(means[1])});
  f.buffer("b2", {.capacity = places[1]});
  f.machine("m2", {.cycle = exponential(means[2])});
  f.flow("supply -> m0 -> b1 -> m1 -> b2 -> m2 -> shipped");
  return f;
}

Factory queue(double between, double work, int servers) {
  Factory f("queue");
  f.source("customers", {.arrivals = exponential(between)});
  f.buffer("hall");
  f.machine("desk", {.servers = servers, .cycle = exponential(work)});
  f.flow("customers -> hall -> desk -> served");
  return f;
}

}  // namespace

TEST_CASE("The exact lines of the tests are those of the literature") {
  // Hunt (1956), Operations Research 4: three equal exponential stations without places between them.
  CHECK(test::exponential_line_throughput({1, 1, 1}, {0, 0}) == Approx(22.0 / 39).epsilon(1e-12));
  // A last station so fast that it is never in the way: two stations and b places, (b + 2) / (b + 3).
  CHECK(test::exponential_line_throughput({1, 1, 1e-9}, {4, 0}) == Approx(6.0 / 7).epsilon(1e-6));
}

TEST_CASE("Derivatives of the throughput are those of the exact chain") {
  struct Case {
    std::array<double, 3> means;
    std::array<int, 2> places;
  };
  for (const Case& c : {Case{{1, 1, 1}, {0, 0}}, Case{{1, 1.2, 0.9}, {2, 3}}, Case{{1, 1, 1}, {4, 1}}}) {
    const double throughput = test::exponential_line_throughput(c.means, c.places);
    const SensitivitySummary s = of(line_of_three(c.means, c.places), by_parts(40000, 96 / kFewer));
    check_exact(s.throughput_per_s, throughput, throughput);
    for (std::size_t k = 0; k < 3; ++k) {
      const double step = 1e-4;
      std::array<double, 3> less = c.means;
      std::array<double, 3> more = c.means;
      less[k] -= step;
      more[k] += step;
      const double exact =
          (test::exponential_line_throughput(more, c.places) - test::exponential_line_throughput(less, c.places)) /
          (2 * step);
      const MeanSensitivity& m = find(s, "m" + std::to_string(k));
      CHECK(m.mean_s == c.means[k]);
      check_exact(m.throughput.slope, exact, exact);
      check_exact(m.throughput.elasticity, exact * c.means[k] / throughput, exact * c.means[k] / throughput);
    }
  }
}

TEST_CASE("Runs that end at a time have the same derivatives") {
  const std::array<double, 3> means{1, 1.2, 0.9};
  const SensitivitySummary s = of(line_of_three(means, {2, 3}), by_time(60000, 80 / kFewer));
  const auto exact = [&](std::size_t k) {
    std::array<double, 3> less = means;
    std::array<double, 3> more = means;
    less[k] -= 1e-4;
    more[k] += 1e-4;
    return (test::exponential_line_throughput(more, {2, 3}) - test::exponential_line_throughput(less, {2, 3})) / 2e-4;
  };
  for (std::size_t k = 0; k < 3; ++k)
    check_exact(find(s, "m" + std::to_string(k)).throughput.slope, exact(k), exact(k));
}

TEST_CASE("Derivatives of the mean lead time are those of the queues that are known") {
  // M/M/1: W = s / (1 - s / a), with s the mean work and a the mean time between arrivals.
  for (const double s : {0.5, 0.7}) {
    const SensitivitySummary found = of(queue(1, s, 1), by_parts(100000, 400 / kFewer));
    check_exact(found.lead_time_s, s / (1 - s), s / (1 - s));
    const double by_work = 1 / ((1 - s) * (1 - s));
    check_exact(find(found, "desk").lead_time.slope, by_work, by_work);
    const double by_arrivals = -s * s / ((1 - s) * (1 - s));
    check_exact(find(found, "customers", SensitivityKind::arrivals).lead_time.slope, by_arrivals, by_arrivals);
    // Whoever comes is served: the desk makes no difference to how many.
    check_exact(find(found, "desk").throughput.elasticity, 0, 1);
    check_exact(find(found, "customers", SensitivityKind::arrivals).throughput.elasticity, -1, 1);
  }
  // M/M/2, where parts overtake: W = s / (1 - r²), r = s / (2 a).
  const double s = 1.2;
  const double r = s / 2;
  const SensitivitySummary found = of(queue(1, s, 2), by_time(100000, 192 / kFewer));
  check_exact(found.lead_time_s, s / (1 - r * r), s / (1 - r * r));
  const double by_work = (1 + r * r) / ((1 - r * r) * (1 - r * r));
  check_exact(find(found, "desk").lead_time.slope, by_work, by_work);
}

TEST_CASE("Failures: repairs have a derivative, the work that fails has none") {
  // One station alone: work s, failures every f of work, repairs of r: a part takes s (1 + r / f).
  Factory f("press");
  FailureMode jam;
  jam.name = "jam";
  jam.every = exponential(50);
  jam.repair = exponential(20);
  f.machine("press", {.cycle = exponential(1), .failures = {jam}});
  f.flow("supply -> press -> shipped");
  const SensitivitySummary s = of(f, by_parts(50000, 192 / kFewer));
  const double exact = -(20.0 / 50) / (1 + 20.0 / 50);
  check_exact(find(s, "press.jam", SensitivityKind::repair).throughput.elasticity, exact, exact);
  const Derivative& refused = find(s, "press").throughput;
  CHECK(refused.refusal.find("'press' fails after so much work") == 0);
  CHECK(refused.elasticity.n == 0);
  CHECK(has_derivatives(s));

  // What is refused would be wrong by all that the failures add: -1 is right, for the failures grow with the work.
  const Compiled compiled = compile(f);
  GradientRunner runner(compiled.plant, compiled.lanes);
  double naive = 0;
  runner.run(run_input(by_parts(50000, 1)), 8, [&](std::uint32_t, const RunGradient& g) {
    naive += g.throughput_by_op[0].value / g.throughput_per_s / 8;
  });
  CHECK(naive == Approx(-1 / 1.4).epsilon(0.02));
}

TEST_CASE("Long runs with other means differ by as much as the derivatives say") {
  // No exact answer; differences of long runs on the same random numbers, with steps that many maxima change sides in.
  Factory f("cell");
  FailureMode jam;
  jam.name = "jam";
  jam.every = exponential(30);
  jam.repair = exponential(6);
  f.machine("a", {.cycle = lognormal(1, 0.5)});
  f.buffer("b1", {.capacity = 3});
  f.machine("c", {.servers = 2, .cycle = gamma(1.9, 0.7)});
  f.buffer("b2", {.capacity = 2});
  f.machine("d", {.cycle = erlang(0.6, 2), .failures = {jam}});
  f.buffer("b3", {.capacity = 2});
  f.machine("lids", {.cycle = exponential(0.9)});
  f.buffer("b4", {.capacity = 5});
  f.assembly("e", {.cycle = uniform(0.4, 1.2)});
  f.flow("supply -> a -> b1 -> c -> b2 -> d -> b3 -> e -> shipped");
  f.flow("more -> lids -> b4 -> e");
  const RunSettings settings = by_time(30000, 48 / kFewer);
  const SensitivitySummary s = of(f, settings);
  const auto paired = [&](const std::string& name, double scale, auto&& change) {
    std::array<std::vector<double>, 2> throughput;
    std::array<std::vector<double>, 2> lead;
    constexpr double kStep = 0.02;
    for (const int side : {0, 1}) {
      Factory g = f;
      change(g, side == 0 ? 1 - kStep : 1 + kStep);
      const Compiled compiled = compile(g);
      GradientRunner runner(compiled.plant, compiled.lanes);
      runner.run(
          run_input(settings), static_cast<std::uint32_t>(settings.replications),
          [&](std::uint32_t, const RunGradient& gradient) {
            throughput[static_cast<std::size_t>(side)].push_back(gradient.throughput_per_s / (2 * kStep * scale));
            lead[static_cast<std::size_t>(side)].push_back(gradient.mean_lead_s / (2 * kStep * scale));
          });
    }
    const auto near = [&](const Estimate& ours, const std::array<std::vector<double>, 2>& theirs, double whole) {
      const Estimate difference = paired_difference(theirs[1], theirs[0]);
      const double error = std::hypot(standard_error(ours), standard_error(difference));
      // What bends within the step: a few hundredths of its square.
      INFO(name << ": " << ours.mean << ", by steps " << difference.mean << ", standard error " << error);
      CHECK(std::abs(ours.mean - difference.mean) <= 3 * error + 0.004 * whole / scale);
      CHECK(error < 0.015 * kCoarser * whole / scale);
    };
    const bool is_repair = name == "d.jam";
    const MeanSensitivity& m = find(s, name, is_repair ? SensitivityKind::repair : SensitivityKind::cycle);
    near(m.throughput.slope, throughput, s.throughput_per_s.mean);
    near(m.lead_time.slope, lead, s.lead_time_s.mean);
  };
  paired("a", 1, [](Factory& g, double x) { g.stations[0].cycle = lognormal(x, 0.5); });
  paired("c", 1.9, [](Factory& g, double x) { g.stations[1].cycle = gamma(1.9 * x, 0.7); });
  paired("d.jam", 6, [](Factory& g, double x) { g.stations[2].failures[0].repair = exponential(6 * x); });
  paired("e", 0.8, [](Factory& g, double x) { g.stations[4].cycle = uniform(0.4 * x, 1.2 * x); });
  paired("lids", 0.9, [](Factory& g, double x) { g.stations[3].cycle = exponential(0.9 * x); });
}

TEST_CASE("Equal constant times have two derivatives, and none is given") {
  Factory f("twins");
  f.machine("a", {.cycle = constant(2)});
  f.machine("b", {.cycle = constant(2)});
  f.machine("c", {.cycle = constant(1)});
  f.flow("supply -> a -> b -> c -> shipped");
  const SensitivitySummary s = of(f, by_time(2000, 4));
  CHECK(find(s, "a").throughput.refusal.find("exactly the same instant") != std::string::npos);
  CHECK(find(s, "b").throughput.refusal.find("exactly the same instant") != std::string::npos);
  CHECK(find(s, "c").throughput.refusal.empty());
  CHECK(find(s, "c").throughput.elasticity.mean == Approx(0).margin(0.002));

  // One that is slower decides alone.
  f.stations[1].cycle = constant(2.5);
  const SensitivitySummary alone = of(f, by_time(2000, 4));
  CHECK(find(alone, "b").throughput.elasticity.mean == Approx(-1).margin(0.01));
  CHECK(find(alone, "a").throughput.refusal.empty());
}

TEST_CASE("Factories that are no recursion are refused in their own words, and still have neighbours") {
  Factory f("rework");
  f.machine("weld", {.cycle = exponential(1)});
  f.buffer("b", {.capacity = 2});
  f.machine("inspect", {.cycle = exponential(1)});
  f.sink("scrap", {.counts = SinkCounts::scrap});
  f.flow("supply -> weld -> b -> inspect");
  f.flow("inspect -> shipped : 90 %");
  f.flow("inspect -> scrap : otherwise");
  const SensitivitySummary s = of(f, by_time(5000, 6));
  REQUIRE(s.obstacles.size() == 1);
  CHECK(s.obstacles.front() == "'inspect' sends parts different ways");
  CHECK(s.means.empty());
  CHECK_FALSE(has_derivatives(s));
  REQUIRE(s.buffers.size() == 1);
  CHECK(s.buffers.front().throughput_more.mean > 0);
  CHECK(s.buffers.front().throughput_less.mean < 0);
}

TEST_CASE("One place more or less is worth what the exact chains differ by") {
  const std::array<double, 3> means{1, 1.1, 1};
  const SensitivitySummary s = of(line_of_three(means, {3, 1}), by_parts(40000, 64 / kFewer));
  const double now = test::exponential_line_throughput(means, {3, 1});
  REQUIRE(s.buffers.size() == 2);
  for (const BufferSensitivity& b : s.buffers) {
    const int which = b.name == "b1" ? 0 : 1;
    const auto with = [&](int more) {
      std::array<int, 2> places{3, 1};
      places[static_cast<std::size_t>(which)] += more;
      return test::exponential_line_throughput(means, places) - now;
    };
    CHECK(b.capacity == (which == 0 ? 3 : 1));
    CHECK(std::abs(b.throughput_more.mean - with(1)) <= 3 * standard_error(b.throughput_more));
    CHECK(std::abs(b.throughput_less.mean - with(-1)) <= 3 * standard_error(b.throughput_less));
    CHECK(3 * standard_error(b.throughput_more) < 0.1 * kCoarser * with(1));
  }
}

TEST_CASE("Sensitivities are the same for any number of threads") {
  const Factory f = line_of_three({1, 1.2, 0.9}, {2, 3});
  const SensitivitySummary one = of(f, by_time(3000, 21), 1);
  for (const unsigned threads : {2U, 7U}) {
    const SensitivitySummary s = of(f, by_time(3000, 21), threads);
    REQUIRE(s.means.size() == 3);
    CHECK(s.runs == one.runs);
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(s.means[k].name == one.means[k].name);
      CHECK(s.means[k].throughput.slope.mean == one.means[k].throughput.slope.mean);
      CHECK(s.means[k].lead_time.slope.half_width == one.means[k].lead_time.slope.half_width);
    }
    for (std::size_t k = 0; k < 2; ++k) CHECK(s.buffers[k].throughput_more.mean == one.buffers[k].throughput_more.mean);
  }
}
