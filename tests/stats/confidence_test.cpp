// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/stats/confidence.hpp>

using namespace twin;

TEST_CASE("quantiles of Student's t are those of the tables") {
  CHECK(student_t_quantile(0.975, 1) == Approx(12.706204736174698).epsilon(1e-12));
  CHECK(student_t_quantile(0.975, 2) == Approx(4.302652729749462).epsilon(1e-12));
  CHECK(student_t_quantile(0.975, 9) == Approx(2.262157162798205).epsilon(1e-12));
  CHECK(student_t_quantile(0.975, 29) == Approx(2.045229642132703).epsilon(1e-12));
  CHECK(student_t_quantile(0.95, 5) == Approx(2.015048373333023).epsilon(1e-12));
  CHECK(student_t_quantile(0.995, 10) == Approx(3.169272672616951).epsilon(1e-12));
  CHECK(student_t_quantile(0.975, 1e9) == Approx(1.959963984540054).epsilon(1e-8));
  CHECK(student_t_quantile(0.025, 9) == Approx(-student_t_quantile(0.975, 9)).epsilon(1e-14));
  CHECK(student_t_quantile(0.5, 3) == Approx(0.0).margin(1e-15));
}

TEST_CASE("quantiles of t with one and two degrees of freedom are in closed form") {
  for (const double p : {0.6, 0.9, 0.99, 0.9995}) {
    CHECK(student_t_quantile(p, 1) == Approx(std::tan(M_PI * (p - 0.5))).epsilon(1e-12));
    CHECK(student_t_quantile(p, 2) == Approx((2 * p - 1) / std::sqrt(2 * p * (1 - p))).epsilon(1e-12));
  }
}

TEST_CASE("the interval of a mean is worked out by hand") {
  // Mean 5, variance 32/7, n = 8, t(0.975, 7) = 2.364624.
  const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};
  const Estimate e = mean_interval(values);
  CHECK(e.mean == 5.0);
  CHECK(e.n == 8);
  CHECK(e.half_width == Approx(2.364624251592784 * std::sqrt(32.0 / 7 / 8)).epsilon(1e-12));
  CHECK(e.low() == 5.0 - e.half_width);
  CHECK(e.high() == 5.0 + e.half_width);
  CHECK(mean_interval(values, 0.99).half_width > e.half_width);
}

TEST_CASE("a tally gives the same interval as its values") {
  const std::vector<double> values{2, 4, 4, 4, 5, 5, 7, 9};
  Tally tally;
  for (const double x : values) tally.add(x);
  CHECK(mean_interval(tally).mean == mean_interval(values).mean);
  CHECK(mean_interval(tally).half_width == Approx(mean_interval(values).half_width).epsilon(1e-14));
  CHECK(mean_interval(tally).n == 8);
}

TEST_CASE("one replication says nothing of its spread, none nothing at all") {
  const Estimate one = mean_interval(std::vector<double>{3.0});
  CHECK(one.mean == 3.0);
  CHECK(std::isnan(one.half_width));
  CHECK(one.n == 1);
  const Estimate none = mean_interval(std::vector<double>{});
  CHECK(std::isnan(none.mean));
  CHECK(std::isnan(none.half_width));
  CHECK(none.n == 0);
  CHECK(std::isnan(mean_interval(Tally{}).mean));
}

TEST_CASE("equal values have an interval of no width, and large ones lose no digits") {
  CHECK(mean_interval(std::vector<double>{0.1, 0.1, 0.1}).half_width == 0.0);
  const Estimate e = mean_interval(std::vector<double>{1e12 + 1, 1e12 + 2, 1e12 + 3});
  CHECK(e.mean == 1e12 + 2);
  CHECK(e.half_width == Approx(student_t_quantile(0.975, 2) / std::sqrt(3.0)).epsilon(1e-14));
}

TEST_CASE("a NaN among the values shows") {
  const Estimate e = mean_interval(std::vector<double>{1, std::numeric_limits<double>::quiet_NaN(), 2});
  CHECK(std::isnan(e.mean));
  CHECK(std::isnan(e.half_width));
}

TEST_CASE("intervals of normal data hold the true mean as often as they say") {
  Stream stream(run_key(11, 0), 0);
  constexpr int kSets = 20000;
  for (const double level : {0.9, 0.95}) {
    for (const std::size_t n : {2u, 5u, 30u}) {
      int holds = 0;
      std::vector<double> values(n);
      for (int i = 0; i < kSets; ++i) {
        for (double& x : values) x = 7.0 + 3.0 * normal_draw(stream);
        const Estimate e = mean_interval(values, level);
        holds += e.low() <= 7.0 && 7.0 <= e.high();
      }
      CAPTURE(level, n);
      CHECK(std::abs(static_cast<double>(holds) / kSets - level) < 4 * std::sqrt(level * (1 - level) / kSets));
    }
  }
}

TEST_CASE("a paired difference is the interval of the differences") {
  const std::vector<double> a{10.1, 20.3, 30.2, 40.6};
  const std::vector<double> b{9, 19, 29, 39};
  const Estimate e = paired_difference(a, b);
  CHECK(e.mean == Approx(1.3));
  CHECK(e.n == 4);
  // Differences 1.1 1.3 1.2 1.6, of variance 0.14 / 3; t(0.975, 3) = 3.182446.
  CHECK(e.half_width == Approx(3.18244630528 * std::sqrt(0.14 / 3 / 4)).epsilon(1e-9));
  CHECK_THROWS_AS(paired_difference(a, std::vector<double>{1.0}), std::logic_error);
}

TEST_CASE("Wilson's interval ends where the share lies z standard errors away") {
  const double z = 1.959963984540054;
  for (const auto& [successes, n] : {std::pair{5, 10}, {1, 30}, {29, 30}, {300, 1000}}) {
    const Interval i = wilson_interval(successes, n);
    const double share = static_cast<double>(successes) / n;
    for (const double p : {i.low, i.high}) {
      CHECK(std::abs(share - p) == Approx(z * std::sqrt(p * (1 - p) / n)).epsilon(1e-10));
    }
    CHECK((i.low < share && share < i.high));
  }
  CHECK(wilson_interval(5, 10).low == Approx(0.2365931).epsilon(1e-6));
  CHECK(wilson_interval(5, 10).high == Approx(0.7634069).epsilon(1e-6));
}

TEST_CASE("Wilson's interval stays within 0 and 1") {
  CHECK(wilson_interval(0, 10).low == 0.0);
  CHECK(wilson_interval(0, 10).high == Approx(3.841458820694124 / (10 + 3.841458820694124)).epsilon(1e-12));
  CHECK(wilson_interval(10, 10).high == 1.0);
  CHECK(wilson_interval(10, 10).low == Approx(1 - wilson_interval(0, 10).high).epsilon(1e-12));
  CHECK(wilson_interval(0, 0).low == 0.0);
  CHECK(wilson_interval(0, 0).high == 1.0);
}

TEST_CASE("levels, shares and counts that mean nothing are refused") {
  const std::vector<double> values{1, 2};
  for (const double level : {0.0, 1.0, 95.0, -1.0, std::nan("")}) {
    CHECK_THROWS_AS(mean_interval(values, level), std::logic_error);
    CHECK_THROWS_AS(wilson_interval(1, 2, level), std::logic_error);
  }
  CHECK_THROWS_AS(student_t_quantile(1.0, 3), std::logic_error);
  CHECK_THROWS_AS(student_t_quantile(0.5, 0), std::logic_error);
  CHECK_THROWS_AS(wilson_interval(3, 2), std::logic_error);
  CHECK_THROWS_AS(wilson_interval(-1, 2), std::logic_error);
}
