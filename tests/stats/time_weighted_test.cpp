// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <cmath>

#include <libtwin/stats/time_weighted.hpp>

using namespace twin;

namespace {

SimTime at(double seconds) { return SimTime::from_seconds(seconds); }

}  // namespace

TEST_CASE("the mean level weighs each level with its time") {
  TimeWeighted level(at(10));
  level.set(at(12), 3);      // 0 for 2 s
  level.change(at(15), 2);   // 3 for 3 s
  level.change(at(16), -4);  // 5 for 1 s
  CHECK(level.level() == 1);
  CHECK(level.area(at(20)) == 0 * 2 + 3 * 3 + 5 * 1 + 1 * 4);
  CHECK(level.mean(at(20)) == 1.8);
  CHECK(level.min() == 0);
  CHECK(level.max() == 5);
}

TEST_CASE("a restart forgets the past and keeps the level") {
  TimeWeighted level(at(0), 7);
  level.set(at(5), 2);
  level.restart(at(8));
  CHECK(level.level() == 2);
  CHECK(level.area(at(8)) == 0.0);
  CHECK(std::isnan(level.mean(at(8))));
  CHECK(level.max() == 2);
  level.set(at(9), 4);
  CHECK(level.mean(at(10)) == 3.0);
}

TEST_CASE("levels that are held for no time weigh nothing") {
  TimeWeighted level(at(0), 1);
  level.set(at(2), 100);
  level.set(at(2), 3);
  CHECK(level.mean(at(4)) == 2.0);
  CHECK(level.max() == 100);
}

TEST_CASE("setting the same level more often changes no bit of the mean") {
  TimeWeighted seldom(at(0), 3);
  TimeWeighted often(at(0), 3);
  for (int i = 1; i <= 1000; ++i) often.set(at(0.1 * i), 3);
  seldom.set(at(100.1), 8);
  often.set(at(100.1), 8);
  CHECK(often.mean(at(137.7)) == seldom.mean(at(137.7)));
}

TEST_CASE("the area is exact over the whole clock, at negative levels too") {
  TimeWeighted level(SimTime{}, 1'000'000'000);
  level.set(SimTime::from_ticks(kMaxTicks - 1), -1'000'000'000);
  const SimTime end = SimTime::from_ticks(2 * (kMaxTicks - 1));
  CHECK(level.area(end) == 0.0);
  CHECK(level.mean(end + SimTime::from_ticks(2)) == -1e9 / static_cast<double>(kMaxTicks));
}
