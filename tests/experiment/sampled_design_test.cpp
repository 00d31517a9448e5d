// SPDX-License-Identifier: Apache-2.0
// Designs by sobol, lhs, random and one_at_a_time.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <libtwin/experiment/study.hpp>
#include <libtwin/experiment/unit_points.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::DesignMethod;
using twin::DesignTable;
using twin::Scenario;
using twin::test::levels_of;
using twin::test::mistakes_of;

const std::vector<std::string> kNames{"a", "b", "c", "d", "e"};

std::vector<std::vector<double>> take(twin::detail::UnitPoints next, std::size_t count, std::size_t dimensions) {
  std::vector<std::vector<double>> points(count, std::vector<double>(dimensions));
  for (std::vector<double>& point : points) next(point);
  return points;
}

/// Whether every box of 2^-i by 2^-(k-i) holds one of 2^k points, for all i: a (0, k, 2)-net. Looser by a quality of t: boxes
/// 2^t times as large hold 2^t points.
bool is_net(const std::vector<std::vector<double>>& points, std::size_t x, std::size_t y, int k, int t) {
  for (int i = 0; i <= k - t; ++i) {
    std::map<std::pair<int, int>, int> boxes;
    for (const auto& p : points) {
      ++boxes[{static_cast<int>(std::ldexp(p[x], i)), static_cast<int>(std::ldexp(p[y], k - t - i))}];
    }
    const bool is_even = std::all_of(boxes.begin(), boxes.end(), [&](const auto& box) { return box.second == 1 << t; });
    if (!is_even || boxes.size() != std::size_t{1} << (k - t)) return false;
  }
  return true;
}

/// How many points fall into each of `count` intervals of a dimension.
std::vector<int> counts_of(const std::vector<std::vector<double>>& points, std::size_t dimension, std::size_t count) {
  std::vector<int> counts(count);
  for (const auto& p : points) ++counts[static_cast<std::size_t>(p[dimension] * static_cast<double>(count))];
  return counts;
}

Scenario study_of(DesignMethod method, std::int64_t points) {
  Scenario scenario;
  scenario.factory = twin::test::single_server(0.5);
  scenario.study.emplace();
  scenario.study->method = method;
  scenario.study->points = points;
  return scenario;
}

/// One of each: any number, whole numbers, texts.
Scenario mixed_study(DesignMethod method, std::int64_t points) {
  Scenario scenario = study_of(method, points);
  scenario.parameters.push_back({"r", {0.5, 2}, 0.5, true});
  scenario.study->factors.push_back({"machine.server.cycle.mean", {36, 46}, {"36 s", "46 s"}, true});
  scenario.study->factors.push_back({"machine.server.servers", {1, 2, 3, 4, 5, 6}, {}});
  scenario.study->factors.push_back({"buffer.queue.order", {0, 1, 2}, {"fifo", "lifo", "priority"}});
  return scenario;
}

std::map<double, int> tally_of(const DesignTable& design, std::size_t column) {
  std::map<double, int> tally;
  for (std::size_t s = 0; s < design.size(); ++s) ++tally[levels_of(design, s)[column]];
  return tally;
}

std::string refused(const Scenario& scenario) {
  return mistakes_of([&] { static_cast<void>(twin::make_design(scenario)); });
}

}  // namespace

TEST_CASE("the plain points of Sobol' are the known ones, the origin first", "[design]") {
  // The first dimensions of new-joe-kuo-6 in the order of Gray's code.
  CHECK(take(twin::detail::sobol_points(3), 8, 3) == std::vector<std::vector<double>>{{0, 0, 0},
                                                                                      {0.5, 0.5, 0.5},
                                                                                      {0.75, 0.25, 0.25},
                                                                                      {0.25, 0.75, 0.75},
                                                                                      {0.375, 0.375, 0.625},
                                                                                      {0.875, 0.875, 0.125},
                                                                                      {0.625, 0.125, 0.875},
                                                                                      {0.125, 0.625, 0.375}});
}

TEST_CASE("the first 2^k points of Sobol' are nets, shifted or not", "[design]") {
  for (const bool is_shifted : {false, true}) {
    const auto points =
        take(is_shifted ? twin::detail::shifted_sobol_points(kNames, 7) : twin::detail::sobol_points(5), 256, 5);
    CHECK(is_net(points, 0, 1, 8, 0));
    for (std::size_t x = 0; x < 5; ++x) {
      CHECK(counts_of(points, x, 256) == std::vector<int>(256, 1));
      for (std::size_t y = x + 1; y < 5; ++y) CHECK(is_net(points, x, y, 8, 3));
    }
  }
  const auto by_chance = take(twin::detail::random_points(kNames, 7), 256, 5);
  CHECK_FALSE(is_net(by_chance, 0, 1, 8, 3));
}

TEST_CASE("a Latin hypercube has one point in each interval of each factor", "[design]") {
  for (const std::size_t count : {1U, 2U, 7U, 49U, 1000U}) {
    const auto points = take(twin::detail::latin_points(kNames, 3, count), count, 5);
    for (std::size_t i = 0; i < 5; ++i) CHECK(counts_of(points, i, count) == std::vector<int>(count, 1));
  }
  // The orders differ by factor, and the places within the intervals are not all the same.
  const auto points = take(twin::detail::latin_points(kNames, 3, 1000), 1000, 5);
  double product = 0;
  std::set<double> places;
  for (const auto& p : points) {
    product += (p[0] - 0.5) * (p[1] - 0.5) / 1000;
    places.insert(p[0] * 1000 - std::floor(p[0] * 1000));
  }
  CHECK(std::abs(product) < 4 / 12.0 / std::sqrt(1000.0));
  CHECK(places.size() > 900);
}

TEST_CASE("a factor's numbers by lhs and random do not move when another factor joins", "[design]") {
  const auto column = [](const auto& points, std::size_t i) {
    std::vector<double> values;
    for (const auto& p : points) values.push_back(p[i]);
    return values;
  };
  using namespace twin::detail;
  CHECK(column(take(random_points({"a", "b"}, 1), 50, 2), 1) == column(take(random_points({"b"}, 1), 50, 1), 0));
  CHECK(column(take(latin_points({"a", "b"}, 1, 50), 50, 2), 1) == column(take(latin_points({"b"}, 1, 50), 50, 1), 0));
}

TEST_CASE("sampled designs keep whole numbers whole and share out levels and texts evenly", "[design]") {
  for (const DesignMethod method : {DesignMethod::sobol, DesignMethod::lhs}) {
    const DesignTable design = twin::make_design(mixed_study(method, 384));
    CHECK(design.factors ==
          std::vector<std::string>{"r", "machine.server.cycle.mean", "machine.server.servers", "buffer.queue.order"});
    CHECK(design.texts[1].empty());
    CHECK(design.texts[3] == std::vector<std::string>{"fifo", "lifo", "priority"});
    REQUIRE(design.size() == 384);
    const auto means = tally_of(design, 1);
    CHECK(means.size() == 384);
    CHECK(means.begin()->first >= 36);
    CHECK(means.begin()->first < 36.1);
    CHECK(means.rbegin()->first <= 46);
    CHECK(means.rbegin()->first > 45.9);
    const auto servers = tally_of(design, 2);
    REQUIRE(servers.size() == 6);
    for (const auto& [value, count] : servers) {
      CHECK(value == std::floor(value));
      CHECK(std::abs(count - 64) <= (method == DesignMethod::lhs ? 0 : 3));
    }
    const auto orders = tally_of(design, 3);
    REQUIRE(orders.size() == 3);
    for (const auto& [value, count] : orders) CHECK(std::abs(count - 128) <= (method == DesignMethod::lhs ? 0 : 3));
  }
}

TEST_CASE("random designs cover whole ranges with both ends", "[design]") {
  const auto servers = tally_of(twin::make_design(mixed_study(DesignMethod::random, 600)), 2);
  REQUIRE(servers.size() == 6);
  // Within four standard deviations of 100.
  for (const auto& [value, count] : servers) CHECK(std::abs(count - 100) < 4 * std::sqrt(600 * 5.0 / 36));
}

TEST_CASE("a design is a function of the study and its seed", "[design]") {
  for (const DesignMethod method :
       {DesignMethod::sobol, DesignMethod::lhs, DesignMethod::random, DesignMethod::morris}) {
    Scenario scenario = mixed_study(method, 32);
    const std::vector<double> first = twin::make_design(scenario).values;
    CHECK(twin::make_design(scenario).values == first);
    scenario.factory.run.seed = 2;
    const std::vector<double> other = twin::make_design(scenario).values;
    CHECK(other != first);
    scenario.study->design_seed = 1;
    CHECK(twin::make_design(scenario).values == first);
  }
  // Without the shift the seed is of no account.
  Scenario plain = mixed_study(DesignMethod::sobol, 32);
  plain.study->scramble = false;
  const std::vector<double> first = twin::make_design(plain).values;
  CHECK(levels_of(twin::make_design(plain), 0) == std::vector<double>{0.5, 36, 1, 0});
  plain.study->design_seed = 9;
  CHECK(twin::make_design(plain).values == first);
}

TEST_CASE("sobol and random go on until enough points meet the conditions, lhs leaves the others out", "[design]") {
  const auto with_condition = [](DesignMethod method) {
    Scenario scenario = study_of(method, 100);
    scenario.parameters = {{"a", {1, 2, 3, 4, 5, 6}, 1}, {"b", {0, 1}, 0, true}};
    scenario.study->where = {"a + b < 4"};
    return scenario;
  };
  for (const DesignMethod method : {DesignMethod::sobol, DesignMethod::random, DesignMethod::lhs}) {
    const DesignTable design = twin::make_design(with_condition(method));
    for (std::size_t s = 0; s < design.size(); ++s) {
      CHECK(levels_of(design, s)[0] + levels_of(design, s)[1] < 4);
    }
    if (method == DesignMethod::lhs) {
      CHECK(design.size() > 40);
      CHECK(design.size() < 60);
    } else {
      CHECK(design.size() == 100);
    }
  }
}

TEST_CASE("conditions that chance seldom meets are refused, and named", "[design]") {
  Scenario scenario = study_of(DesignMethod::sobol, 10);
  scenario.parameters = {{"a", {0, 1}, 0, true}, {"b", {0, 1}, 0, true}};
  scenario.study->where = {"a + b == 1.2345"};
  CHECK(refused(scenario).find("of 100000 points 0 meet the conditions, and 10 are wanted") != std::string::npos);
  scenario.study->method = DesignMethod::lhs;
  CHECK(refused(scenario).find("no design meets the conditions") != std::string::npos);
  scenario.study->method = DesignMethod::morris;
  CHECK(refused(scenario).find("of 100000 trajectories 0 meet") != std::string::npos);
}

TEST_CASE("one at a time begins with the model and moves each factor alone", "[design]") {
  Scenario scenario = study_of(DesignMethod::one_at_a_time, 1);
  scenario.parameters = {{"a", {1, 2, 3}, 2}, {"fixed", {7}, 7}};
  scenario.study->factors = {{"machine.server.servers", {1, 2, 4}, {}},
                             {"machine.server.cycle.mean", {0.5, 0.7}, {"0.5 s", "0.7 s"}},
                             {"buffer.queue.order", {0, 1, 2}, {"lifo", "fifo", "priority"}}};
  const DesignTable design = twin::make_design(scenario);
  const std::vector<double> base{2, 1, 1, 1};  // the model's cycle of 1 s is none of the levels
  // Levels that the model has already are not there twice.
  CHECK(design.size() == 1 + 2 + 2 + 2 + 2);
  CHECK(levels_of(design, 0) == base);
  CHECK(design.values == std::vector<double>{2, 1, 1,   1,                //
                                             1, 1, 1,   1, 3, 1, 1,   1,  //
                                             2, 2, 1,   1, 2, 4, 1,   1,  //
                                             2, 1, 0.5, 1, 2, 1, 0.7, 1,  //
                                             2, 1, 1,   0, 2, 1, 1,   2});
  scenario.study->where = {"a != 3"};
  CHECK(twin::make_design(scenario).size() == 8);
  scenario.study->where = {"a != 2"};
  CHECK(refused(scenario).find("the model as it stands does not meet the conditions") != std::string::npos);
  scenario.study->where.clear();
  scenario.study->factors[2] = {"buffer.queue.order", {0, 1}, {"lifo", "priority"}};
  CHECK(refused(scenario).find("'buffer.queue.order' has in the model is none of its levels") != std::string::npos);
}

TEST_CASE("one at a time with nothing to vary is the model", "[design]") {
  CHECK(twin::make_design(study_of(DesignMethod::one_at_a_time, 1)).factors.empty());
}

TEST_CASE("designs that cannot be laid out are refused", "[design]") {
  CHECK(refused(study_of(DesignMethod::random, 8)).find("no factor varies") != std::string::npos);
  CHECK(refused(study_of(DesignMethod::morris, 8)).find("no factor varies") != std::string::npos);
  CHECK(refused(mixed_study(DesignMethod::sobol, 0)).find("from 1 to 50 million points, not 0") != std::string::npos);
  Scenario scenario = mixed_study(DesignMethod::lhs, 10);
  scenario.study->points.reset();
  CHECK(refused(scenario).find("design.points: method = 'lhs' needs a number of points") != std::string::npos);
  scenario.study->method = DesignMethod::morris;
  scenario.study->levels = 3;
  scenario.study->trajectories = 0;
  const std::string both = refused(scenario);
  CHECK(both.find("an even number of levels, from 2 to 1000, not 3") != std::string::npos);
  CHECK(both.find("from 1 to a million trajectories, not 0") != std::string::npos);
  scenario.study->method = DesignMethod::grid;
  CHECK(refused(scenario).find("this range needs levels") != std::string::npos);
  Scenario many = study_of(DesignMethod::sobol, 2);
  for (int i = 0; i < 3668; ++i) many.parameters.push_back({"p" + std::to_string(i), {0, 1}, 0, true});
  CHECK(refused(many).find("at most 3,667 factors") != std::string::npos);
  many.parameters.pop_back();
  CHECK(twin::make_design(many).size() == 2);
  many.study->points = 50'000'000;
  CHECK(refused(many).find("500 million values") != std::string::npos);
}

TEST_CASE("a sampled study runs, and gives the same bits on any number of threads", "[design][study]") {
  const Scenario scenario = twin::test::scenario_of(twin::test::two_machines(R"TOML([parameter]
c = { from = 1, to = 9 }
t = { from = 0.5, to = 2 }
[machine.m1]
cycle = "exponential(1 min * t)"
[buffer.b]
capacity = "c"
[design]
method = "sobol"
points = 16
[replicate]
count = 2
)TOML"));
  const twin::StudyResult one = twin::run_study(scenario, {}, twin::test::on_threads(1));
  CHECK(one.rows.size() == 16);
  CHECK(one.failed_runs == 0);
  CHECK(twin::test::bits_of(one) == twin::test::bits_of(twin::run_study(scenario, {}, twin::test::on_threads(3))));
}
