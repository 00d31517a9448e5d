// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <cmath>
#include <limits>

#include <libtwin/core/elementary.hpp>

using namespace twin;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

double relative_error(double ours, double exact) {
  if (ours == exact) return 0.0;
  return std::abs(ours - exact) / std::abs(exact);
}

static_assert(detail::log(1.0) == 0.0 && detail::exp(0.0) == 1.0 && detail::sqrt(4.0) == 2.0);

}  // namespace

TEST_CASE("the logarithm is right to 2e-15 over all normal numbers") {
  double worst = 0;
  for (double x = std::numeric_limits<double>::min(); x < 1e308; x *= 1.00137) {
    worst = std::max(worst, relative_error(detail::log(x), std::log(x)));
  }
  CHECK(worst < 2e-15);
}

TEST_CASE("the logarithm keeps its digits next to 1") {
  double worst = 0;
  for (double d = 1e-16; d < 0.6; d *= 1.01) {
    worst = std::max(worst, relative_error(detail::log(1.0 + d), std::log(1.0 + d)));
    worst = std::max(worst, relative_error(detail::log(1.0 - d), std::log(1.0 - d)));
  }
  CHECK(worst < 2e-15);
  CHECK(detail::log(1.0) == 0.0);
}

TEST_CASE("the logarithm of nothing is minus infinity") {
  CHECK(detail::log(0.0) == -kInf);
  CHECK(detail::log(-1.0) == -kInf);
}

TEST_CASE("the exponential is right to 2e-15 over the range of doubles") {
  double worst = 0;
  for (double x = -707.0; x < 708.9; x += 0.00731) worst = std::max(worst, relative_error(detail::exp(x), std::exp(x)));
  for (double x = 1e-18; x < 1.0; x *= 1.03) {
    worst = std::max(worst, relative_error(detail::exp(x), std::exp(x)));
    worst = std::max(worst, relative_error(detail::exp(-x), std::exp(-x)));
  }
  CHECK(worst < 2e-15);
}

TEST_CASE("the exponential ends in 0, infinity and NaN") {
  CHECK(detail::exp(-746.0) == 0.0);
  CHECK(detail::exp(-kInf) == 0.0);
  CHECK(detail::exp(710.0) == kInf);
  CHECK(detail::exp(kInf) == kInf);
  CHECK(std::isnan(detail::exp(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("square root and power follow from them") {
  for (double x = 1e-300; x < 1e300; x *= 17.3) CHECK(relative_error(detail::sqrt(x), std::sqrt(x)) < 4e-16);
  for (double x = 1e-6; x < 1e6; x *= 1.7) {
    for (const double y : {-2.0, -0.5, 0.3, 1.0, 2.5}) CHECK(relative_error(detail::pow(x, y), std::pow(x, y)) < 1e-14);
  }
  CHECK(detail::sqrt(0.0) == 0.0);
  CHECK(detail::pow(0.0, 2.0) == 0.0);
  CHECK(detail::pow(5.0, 0.0) == 1.0);
}
