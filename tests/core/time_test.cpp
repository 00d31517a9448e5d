// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <cmath>
#include <limits>
#include <type_traits>

#include <libtwin/core/time.hpp>

using namespace twin;

namespace {

constexpr double kTick = 1.0 / kTicksPerSecond;
constexpr std::uint64_t kTwo52 = std::uint64_t{1} << 52;
constexpr std::uint64_t kTwo53 = std::uint64_t{1} << 53;

static_assert(!std::is_convertible_v<double, SimTime>, "seconds must not pass for a time");
static_assert(!std::is_convertible_v<int, SimTime>, "a number must not pass for a time");
static_assert(!std::is_constructible_v<SimTime, double>);
static_assert(!std::is_convertible_v<SimTime, double>);
static_assert(SimTime::from_seconds(1.0).ticks() == 16777216, "works in constant expressions");

}  // namespace

TEST_CASE("seconds are rounded to the nearest step of 2^-24 s, ties to even") {
  CHECK(SimTime::from_seconds(0.0).ticks() == 0);
  CHECK(SimTime::from_seconds(1.0).ticks() == 16777216);
  CHECK(SimTime::from_seconds(0.1).ticks() == 1677722);
  CHECK(SimTime::from_seconds(0.49 * kTick).ticks() == 0);
  CHECK(SimTime::from_seconds(0.5 * kTick).ticks() == 0);
  CHECK(SimTime::from_seconds(0.51 * kTick).ticks() == 1);
  CHECK(SimTime::from_seconds(1.5 * kTick).ticks() == 2);
  CHECK(SimTime::from_seconds(2.5 * kTick).ticks() == 2);
  CHECK(SimTime::from_seconds(3.5 * kTick).ticks() == 4);
}

TEST_CASE("negative seconds are rounded as their mirror image") {
  CHECK(SimTime::from_seconds(-1.5 * kTick).ticks() == -2);
  CHECK(SimTime::from_seconds(-2.5 * kTick).ticks() == -2);
  CHECK(SimTime::from_seconds(-0.0).ticks() == 0);
  CHECK(SimTime::from_seconds(-3600.0) == SimTime{} - SimTime::from_seconds(3600.0));
}

TEST_CASE("seconds come back exactly from every time on the grid") {
  for (std::int64_t ticks = 1; ticks <= kMaxTicks && ticks > 0; ticks = ticks * 3 + 1) {
    CHECK(SimTime::from_seconds(SimTime::from_ticks(ticks).seconds()).ticks() == ticks);
    CHECK(SimTime::from_seconds(SimTime::from_ticks(-ticks).seconds()).ticks() == -ticks);
  }
  CHECK(SimTime::from_seconds(kMaxSeconds).ticks() == kMaxTicks);
  CHECK(SimTime::from_ticks(kMaxTicks).seconds() == kMaxSeconds);
}

TEST_CASE("sums of times do not depend on their order") {
  SimTime up;
  SimTime down;
  for (int i = 1; i <= 10000; ++i) up = up + SimTime::from_seconds(0.1 * i);
  for (int i = 10000; i >= 1; --i) down = down + SimTime::from_seconds(0.1 * i);
  CHECK(up == down);
  CHECK(up > down - SimTime::from_ticks(1));
  CHECK(SimTime::from_seconds(2) < SimTime::from_seconds(3));
}

TEST_CASE("a double is rounded to ticks as nearbyint does it, up to 2^53") {
  const auto nearest = [](double x) { return static_cast<std::uint64_t>(std::nearbyint(x)); };
  for (double x = 0.0; x < 20.0; x += 0.125) CHECK(detail::round_to_ticks(x) == nearest(x));
  for (double x = 0.3; x < 9.0e15; x *= 1.37) CHECK(detail::round_to_ticks(x) == nearest(x));
}

TEST_CASE("rounding to ticks holds where doubles stop having halves") {
  CHECK(detail::round_to_ticks(4503599627370494.5) == kTwo52 - 2);
  CHECK(detail::round_to_ticks(4503599627370495.0) == kTwo52 - 1);
  CHECK(detail::round_to_ticks(4503599627370495.5) == kTwo52);
  CHECK(detail::round_to_ticks(4503599627370496.0) == kTwo52);
  CHECK(detail::round_to_ticks(4503599627370497.0) == kTwo52 + 1);
  CHECK(detail::round_to_ticks(9007199254740991.0) == kTwo53 - 1);
}

TEST_CASE("what is too long for the clock, or no number, becomes the longest span") {
  CHECK(detail::round_to_ticks(9007199254740992.0) == kTwo53);
  CHECK(detail::round_to_ticks(1e300) == kTwo53);
  CHECK(detail::round_to_ticks(std::numeric_limits<double>::infinity()) == kTwo53);
  CHECK(detail::round_to_ticks(std::numeric_limits<double>::quiet_NaN()) == kTwo53);
  CHECK(detail::round_to_ticks(std::numeric_limits<double>::denorm_min()) == 0);
}
