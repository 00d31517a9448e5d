// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <libtwin/experiment/morris.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::DesignTable;
using twin::MorrisEffect;
using twin::Scenario;
using twin::test::levels_of;

Scenario screening(std::int64_t trajectories, std::int64_t levels = 4) {
  Scenario scenario;
  scenario.factory = twin::test::single_server(0.5);
  scenario.parameters = {{"a", {0, 1}, 0, true}, {"b", {10, 30}, 10, true}, {"c", {1, 2, 3}, 1}};
  scenario.study.emplace();
  scenario.study->method = twin::DesignMethod::morris;
  scenario.study->trajectories = trajectories;
  scenario.study->levels = levels;
  return scenario;
}

std::vector<double> results_of(const DesignTable& design, const std::function<double(const std::vector<double>&)>& f) {
  std::vector<double> results;
  for (std::size_t s = 0; s < design.size(); ++s) results.push_back(f(levels_of(design, s)));
  return results;
}

std::vector<MorrisEffect> effects_of(const Scenario& scenario,
                                     const std::function<double(const std::vector<double>&)>& f) {
  const DesignTable design = twin::make_design(scenario);
  return twin::morris_effects(design, twin::factor_widths(scenario, design), results_of(design, f));
}

}  // namespace

TEST_CASE("a trajectory moves every factor once, by half the levels", "[morris]") {
  for (const std::int64_t levels : {2, 4, 6, 10}) {
    const DesignTable design = twin::make_design(screening(50, levels));
    REQUIRE(design.size() == 50 * 4);
    const double p = static_cast<double>(levels);
    const double delta = p / (2 * (p - 1));
    std::map<std::vector<std::size_t>, int> orders;
    std::set<double> seen;
    for (std::size_t t = 0; t < 50; ++t) {
      std::vector<std::size_t> order;
      for (std::size_t k = 1; k < 4; ++k) {
        const auto before = levels_of(design, 4 * t + k - 1);
        const auto after = levels_of(design, 4 * t + k);
        for (std::size_t i = 0; i < 3; ++i) {
          if (before[i] != after[i]) order.push_back(i);
        }
        REQUIRE(order.size() == k);
        seen.insert(before[0]);
        if (order.back() == 0) CHECK(std::abs(after[0] - before[0]) == Approx(delta));
        if (order.back() == 1) CHECK(std::abs(after[1] - before[1]) == Approx(delta * 20));
      }
      ++orders[order];
      std::sort(order.begin(), order.end());
      CHECK(order == std::vector<std::size_t>{0, 1, 2});
    }
    CHECK(orders.size() == 6);
    CHECK(seen.size() == static_cast<std::size_t>(levels));
    CHECK(*seen.begin() == 0);
    CHECK(*seen.rbegin() == 1);
  }
}

TEST_CASE("lists and texts stand on the nearest step, both ends included", "[morris]") {
  Scenario scenario = screening(40);
  scenario.study->factors.push_back({"buffer.queue.order", {0, 1}, {"fifo", "lifo"}});
  const DesignTable design = twin::make_design(scenario);
  std::set<double> c;
  std::set<double> orders;
  for (std::size_t s = 0; s < design.size(); ++s) {
    c.insert(levels_of(design, s)[2]);
    orders.insert(levels_of(design, s)[3]);
  }
  CHECK(c == std::set<double>{1, 2, 3});
  CHECK(orders == std::set<double>{0, 1});
  CHECK(design.size() == 40 * 5);
  CHECK(twin::factor_widths(scenario, design) == std::vector<double>{1, 20, 2, 1});
}

TEST_CASE("a linear function has the same effect everywhere", "[morris]") {
  const auto effects = effects_of(screening(20), [](const auto& x) { return 5 + 2 * x[0] - 0.25 * x[1] + 3 * x[2]; });
  REQUIRE(effects.size() == 3);
  const double wanted[] = {2, -5, 6};
  for (std::size_t i = 0; i < 3; ++i) {
    INFO(effects[i].factor);
    CHECK(effects[i].n == 20);
    CHECK(effects[i].mu == Approx(wanted[i]));
    CHECK(effects[i].mu_star == Approx(std::abs(wanted[i])));
    CHECK(effects[i].sigma < 1e-12);
    CHECK(effects[i].mu_error < 1e-12);
    CHECK(effects[i].mu_star_error < 1e-12);
    CHECK(effects[i].sigma_error < 1e-12);
  }
  CHECK(effects[1].factor == "b");
}

TEST_CASE("an interaction spreads the effects as it must", "[morris]") {
  // The effect of a is the place of b, 2 (b - 10) / 20 - 1: -1, -1/3, 1/3 or 1, each as likely as the others.
  const auto effects =
      effects_of(screening(4000), [](const auto& x) { return x[0] * ((x[1] - 10) / 10 - 1) + 0.0 * x[2]; });
  const double sigma = std::sqrt((1 + 1.0 / 9) / 2);
  const auto& a = effects[0];
  CHECK(a.sigma == Approx(sigma).epsilon(0.03));
  CHECK(a.mu_error == Approx(sigma / std::sqrt(4000.0)).epsilon(0.03));
  CHECK(std::abs(a.mu) < 4 * a.mu_error);
  CHECK(std::abs(a.mu_star - 2.0 / 3) < 4 * a.mu_star_error);
  CHECK(a.mu_star_error == Approx(1.0 / 3 / std::sqrt(4000.0)).epsilon(0.03));
  // Of four equally likely values the fourth moment is 41/81: the variance of s^2 is (41/81 - sigma^4) / n.
  CHECK(a.sigma_error == Approx(std::sqrt((41.0 / 81 - 25.0 / 81) / 4000) / (2 * sigma)).epsilon(0.05));
  CHECK(std::abs(a.sigma - sigma) < 4 * a.sigma_error);
  CHECK(effects[1].mu == Approx(1.0).epsilon(0.05));
  CHECK(effects[2].mu_star == 0);
}

TEST_CASE("effects of a table by hand are exact", "[morris]") {
  DesignTable design;
  design.factors = {"a", "b"};
  design.texts = {{}, {}};
  design.values = {0, 0, 1, 0, 1, 1,   // y = a + 2 a b: effects a 1, b 2
                   1, 1, 1, 0, 0, 0,   // b 2, a 1
                   0, 1, 1, 1, 1, 0};  // a 3, b 2
  const auto y = [](const auto& x) { return x[0] + 2 * x[0] * x[1]; };
  const auto effects = twin::morris_effects(design, std::vector<double>{1, 1}, results_of(design, y));
  CHECK(effects[0].mu == Approx(5.0 / 3));
  CHECK(effects[0].sigma == Approx(std::sqrt(4.0 / 3)));
  CHECK(effects[0].mu_error == Approx(2.0 / 3));
  CHECK(effects[1].mu == 2);
  CHECK(effects[1].sigma == 0);
  CHECK(effects[1].n == 3);
}

TEST_CASE("rows without a result have no effects, and a fixed factor none at all", "[morris]") {
  Scenario scenario = screening(10);
  scenario.study->factors.push_back({"machine.server.servers", {2}, {}});
  const DesignTable design = twin::make_design(scenario);
  CHECK(design.size() == 10 * 4);
  std::vector<double> results = results_of(design, [](const auto& x) { return x[0] + x[1] + x[2]; });
  const std::vector<double> widths = twin::factor_widths(scenario, design);
  results[4] = std::numeric_limits<double>::quiet_NaN();  // the start of the second trajectory
  const auto effects = twin::morris_effects(design, widths, results);
  CHECK(effects[0].n + effects[1].n + effects[2].n == 29);
  CHECK(effects[0].mu == Approx(1));
  CHECK(effects[3].n == 0);
  CHECK(std::isnan(effects[3].mu_star));
  CHECK(std::isnan(twin::morris_effects(design, widths, std::vector<double>(40, NAN))[0].mu));
}

TEST_CASE("trajectories meet the conditions from end to end", "[morris]") {
  Scenario scenario = screening(30);
  scenario.study->where = {"a < 0.9 or c < 3"};
  const DesignTable design = twin::make_design(scenario);
  REQUIRE(design.size() == 30 * 4);
  for (std::size_t s = 0; s < design.size(); ++s) {
    const auto row = levels_of(design, s);
    CHECK((row[0] < 0.9 || row[2] < 3));
  }
  CHECK(effects_of(scenario, [](const auto& x) { return x[0] - x[2]; })[2].mu == Approx(-2));
}

TEST_CASE("tables that are no trajectories are refused", "[morris]") {
  DesignTable design;
  design.factors = {"a", "b"};
  design.texts = {{}, {}};
  design.values = {0, 0, 1, 1, 1, 0};
  const std::vector<double> widths{1, 1};
  CHECK_THROWS_AS(twin::morris_effects(design, widths, std::vector<double>(3)), std::logic_error);
  CHECK_THROWS_AS(twin::morris_effects(design, widths, std::vector<double>(2)), std::logic_error);
  CHECK_THROWS_AS(twin::morris_effects(design, std::vector<double>{1}, std::vector<double>(3)), std::logic_error);
  design.values.resize(4);
  CHECK_THROWS_AS(twin::morris_effects(design, widths, std::vector<double>(2)), std::logic_error);
}
