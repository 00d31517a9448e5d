// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <libtwin/experiment/lattice_points.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

namespace {

using twin::Scenario;
using twin::detail::Lattice;
using twin::detail::neighbours_of;
using twin::detail::Point;
using twin::test::scenario_of;
using twin::test::two_machines;

/// Parameters and conditions; what they do in the model is of no account here.
Scenario space(const std::string& parameters, const std::string& design) {
  return scenario_of(two_machines("[machine.m1]\ncycle = \"1 min\"\n[buffer.b]\ncapacity = 3\n[parameter]\n" +
                                  parameters + "[design]\n" + design + "[measure]\nthroughput = \"throughput\"\n"));
}

std::set<Point> neighbours(const Lattice& lattice, const Point& point, int level = 60) {
  const auto near = neighbours_of(lattice, point, level, 100'000);
  CHECK(near.count == near.points.size());
  std::set<Point> all(near.points.begin(), near.points.end());
  CHECK(all.size() == near.points.size());
  CHECK_FALSE(all.contains(point));
  for (const Point& p : all) CHECK(lattice.accepts(p));
  return all;
}

}  // namespace

TEST_CASE("steps and exchanges are the neighbours", "[optimize]") {
  const Scenario scenario = space("a = { from = 1, to = 9 }\nb = { from = 1, to = 9 }\n", "");
  const Lattice lattice(scenario);
  CHECK(neighbours(lattice, {4, 4}) == std::set<Point>{{3, 4}, {5, 4}, {4, 3}, {4, 5}, {5, 3}, {3, 5}});
  CHECK(neighbours(lattice, {0, 0}) == std::set<Point>{{1, 0}, {0, 1}});
  // A quarter of nine places is two.
  CHECK(neighbours(lattice, {4, 4}, 2).contains({6, 4}));
  // To the end, where a step leads beyond it.
  CHECK(neighbours(lattice, {1, 4}, 2).contains({0, 4}));
}

TEST_CASE("a sum is kept by exchanges, whatever the weights", "[optimize]") {
  const Scenario even = space("a = { from = 1, to = 9 }\nb = { from = 1, to = 9 }\nc = { from = 1, to = 9 }\n",
                              "where = [\"a + b + c == 12\"]\n");
  CHECK(neighbours(Lattice(even), {3, 3, 3}).size() == 6);
  const Scenario weighted =
      space("a = { from = 0, to = 9 }\nb = { from = 0, to = 30 }\n", "where = [\"3 * a + b == 21\"]\n");
  CHECK(neighbours(Lattice(weighted), {4, 9}) == std::set<Point>{{5, 6}, {3, 12}});
  // Conditions that overlap need three axes at once.
  const Scenario chain = space("a = { from = 0, to = 9 }\nb = { from = 0, to = 9 }\nc = { from = 0, to = 9 }\n",
                               "where = [\"a + b == 9\", \"b + c == 9\"]\n");
  CHECK(neighbours(Lattice(chain), {4, 5, 4}) == std::set<Point>{{5, 4, 5}, {3, 6, 3}});
  const Scenario most = space("a = { from = 0, to = 20 }\nb = { from = 0, to = 20 }\n", "where = [\"a + b < 10\"]\n");
  const auto near = neighbours(Lattice(most), {5, 4});
  CHECK(near.contains({6, 3}));
  CHECK_FALSE(near.contains({6, 4}));
}

TEST_CASE("first points are spread, and meet the conditions", "[optimize]") {
  std::string parameters;
  std::string sum;
  for (int i = 0; i < 12; ++i) {
    parameters += "b" + std::to_string(i) + " = { from = 1, to = 100 }\n";
    sum += (i == 0 ? "b" : " + b") + std::to_string(i);
  }
  const Scenario scenario = space(parameters, "where = [\"" + sum + " == 100\", \"b0 <= b1\"]\n");
  const Lattice lattice(scenario);
  const std::vector<Point> points = twin::detail::spread_points(lattice, 64, 1);
  REQUIRE(points.size() == 64);
  CHECK(std::set<Point>(points.begin(), points.end()).size() == 64);
  std::int64_t largest = 0;
  for (const Point& p : points) {
    CHECK(lattice.accepts(p));
    CHECK(std::accumulate(p.begin(), p.end(), std::int64_t{12}) == 100);
    largest = std::max(largest, *std::max_element(p.begin(), p.end()));
  }
  CHECK(largest > 15);
  CHECK(twin::detail::spread_points(lattice, 64, 1) == points);
  CHECK(twin::detail::spread_points(lattice, 64, 2) != points);
}

TEST_CASE("levels of a list rise along their axis", "[optimize]") {
  const Scenario scenario = space("a = [8, 1, 4, 1, 2]\n", "");
  const Lattice lattice(scenario);
  CHECK(lattice.axis(0).last == 3);
  std::vector<double> row(1);
  lattice.write_row({3}, row);
  CHECK(row[0] == 8);
  REQUIRE(lattice.nominal());
  CHECK(*lattice.nominal() == Point{3});
}

TEST_CASE("a range has steps of a 1,024th", "[optimize]") {
  const Scenario scenario = space("a = { from = 0.5, to = 2.5 }\n", "method = \"sobol\"\npoints = 4\n");
  const Lattice lattice(scenario);
  CHECK(lattice.design_count() == 1025);
  std::vector<double> row(1);
  for (const Point& p : neighbours(lattice, {Lattice::kPlacesOfRange / 2})) {
    lattice.write_row(p, row);
    CHECK(std::abs(row[0] - 1.5) == Approx(2.0 / 1024));
  }
  lattice.write_row({Lattice::kPlacesOfRange}, row);
  CHECK(row[0] == 2.5);
}
