// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/stats/tally.hpp>

using namespace twin;

namespace {

template <class T, class Values>
T tally_of(const Values& values, std::size_t from, std::size_t to) {
  T tally;
  for (std::size_t i = from; i < to; ++i) tally.add(values[i]);
  return tally;
}

}  // namespace

TEST_CASE("a tally gives the moments and the range of what was added") {
  Tally tally;
  for (const double x : {2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0}) tally.add(x);
  CHECK(tally.count() == 8);
  CHECK(tally.mean() == 5.0);
  CHECK(tally.variance() == Approx(32.0 / 7).epsilon(1e-15));
  CHECK(tally.min() == 2.0);
  CHECK(tally.max() == 9.0);
}

TEST_CASE("an empty tally has no mean, one observation no variance") {
  Tally tally;
  CHECK(std::isnan(tally.mean()));
  CHECK(tally.min() > tally.max());
  tally.add(3.0);
  CHECK(tally.mean() == 3.0);
  CHECK(std::isnan(tally.variance()));
  TickTally ticks;
  CHECK(std::isnan(ticks.mean()));
  ticks.add(3);
  CHECK(ticks.mean() == 3.0);
  CHECK(std::isnan(ticks.variance()));
}

TEST_CASE("a tally keeps the variance of values far from zero") {
  Tally tally;
  for (const double x : {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}) tally.add(x);
  CHECK(tally.mean() == 1e9 + 10);
  CHECK(tally.variance() == Approx(30.0).epsilon(1e-12));
}

TEST_CASE("a NaN shows in the mean") {
  Tally tally;
  tally.add(1.0);
  tally.add(std::numeric_limits<double>::quiet_NaN());
  tally.add(2.0);
  CHECK(std::isnan(tally.mean()));
  CHECK(std::isnan(tally.variance()));
}

TEST_CASE("merged tallies equal one tally of everything") {
  Stream stream(1, 1);
  std::vector<double> values(10000);
  for (double& x : values) x = 50.0 + normal_draw(stream);
  const Tally all = tally_of<Tally>(values, 0, values.size());
  for (const std::size_t cut : {0u, 1u, 17u, 5000u, 9999u, 10000u}) {
    Tally merged = tally_of<Tally>(values, 0, cut);
    merged.merge(tally_of<Tally>(values, cut, values.size()));
    CHECK(merged.count() == all.count());
    CHECK(merged.mean() == Approx(all.mean()).epsilon(1e-14));
    CHECK(merged.variance() == Approx(all.variance()).epsilon(1e-12));
    CHECK(merged.min() == all.min());
    CHECK(merged.max() == all.max());
  }
}

TEST_CASE("merged tick tallies equal one of everything to the bit, in any order") {
  Stream stream(1, 2);
  std::vector<std::uint64_t> values(3000);
  for (std::uint64_t& x : values) x = stream() >> (11 + stream() % 40);
  const auto all = tally_of<TickTally>(values, 0, 3000);
  auto forward = tally_of<TickTally>(values, 0, 1000);
  forward.merge(tally_of<TickTally>(values, 1000, 3000));
  auto backward = tally_of<TickTally>(values, 1000, 3000);
  backward.merge(TickTally{});
  backward.merge(tally_of<TickTally>(values, 0, 1000));
  CHECK(forward == all);
  CHECK(backward == all);
  CHECK(forward.variance() == all.variance());
}

TEST_CASE("a tick tally is exact at the far end of the clock") {
  TickTally tally;
  const std::uint64_t top = std::uint64_t{1} << 53;
  for (int i = 0; i < 100000; ++i) {
    tally.add(top);
    tally.add(top - 2);
  }
  CHECK(tally.count() == 200000);
  CHECK(tally.mean() == static_cast<double>(top - 1));
  CHECK(tally.variance() == Approx(200000.0 / 199999).epsilon(1e-15));
  CHECK(tally.min() == top - 2);
  CHECK(tally.max() == top);
}

TEST_CASE("a tick tally agrees with a tally") {
  Stream stream(1, 3);
  Tally doubles;
  TickTally ticks;
  for (int i = 0; i < 100000; ++i) {
    const std::uint64_t x = stream() >> 24;
    doubles.add(static_cast<double>(x));
    ticks.add(x);
  }
  CHECK(ticks.mean() == Approx(doubles.mean()).epsilon(1e-12));
  CHECK(ticks.variance() == Approx(doubles.variance()).epsilon(1e-10));
}
