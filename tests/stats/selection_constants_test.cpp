// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <cmath>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>

#include <libtwin/stats/selection_constants.hpp>

using namespace twin;

namespace {

/// Simpson's rule over chi-square's own axis: another rule on other points than the library's.
template <class Function>
double chi_square_mean(double dof, Function function) {
  const boost::math::chi_squared law(dof);
  const double from = boost::math::quantile(law, 1e-13);
  const double to = boost::math::quantile(boost::math::complement(law, 1e-13));
  const int steps = 200;
  const double step = (to - from) / steps;
  double sum = 0;
  for (int i = 0; i <= steps; ++i) {
    const double x = from + i * step;
    const double weight = i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2;
    sum += weight * boost::math::pdf(law, x) * function(x);
  }
  return sum * step / 3;
}

double rinott_probability(double h, int k, int first) {
  const double dof = first - 1;
  return chi_square_mean(dof, [&](double y) {
    const double wins = chi_square_mean(
        dof, [&](double x) { return boost::math::cdf(boost::math::normal(), h / std::sqrt(dof * (1 / x + 1 / y))); });
    return std::pow(wins, k - 1);
  });
}

}  // namespace

TEST_CASE("Rinott's h for two designs is that of the tables") {
  // For two designs it is also the constant of Dudewicz and Dalal (1975), printed with three digits in Law (2015), table 10.11.
  CHECK(rinott_h(2, 0.95, 20) == Approx(2.453).margin(1e-3));
  CHECK(rinott_h(2, 0.90, 20) == Approx(1.896).margin(1e-3));
  CHECK(rinott_h(2, 0.95, 40) == Approx(2.386).margin(1e-3));
  CHECK(rinott_h(2, 0.90, 40) == Approx(1.852).margin(1e-3));
}

TEST_CASE("Rinott's h solves its equation, integrated in another way") {
  for (const auto& [k, level, first] : {std::tuple{10, 0.95, 20}, {5, 0.9, 10}, {100, 0.975, 50}, {3, 0.99, 15}}) {
    const double h = rinott_h(static_cast<std::uint32_t>(k), level, static_cast<std::uint32_t>(first));
    CHECK(rinott_probability(h, k, first) == Approx(level).margin(2e-9));
  }
  CHECK(rinott_h(10, 0.95, 20) == Approx(3.8752766).epsilon(1e-7));
}

TEST_CASE("Rinott's h comes to the known-variance constant with many first observations") {
  // With known variances and two designs: h = sqrt(2) z.
  CHECK(rinott_h(2, 0.95, 100000) == Approx(std::sqrt(2.0) * 1.6448536).epsilon(1e-4));
}

TEST_CASE("Rinott's h grows with the number of designs and with the level, up to a million designs") {
  double before = 0;
  for (const std::uint32_t k : {2U, 3U, 10U, 100U, 10000U, 1000000U}) {
    const double h = rinott_h(k, 0.975, 50);
    CHECK(h > before + 0.1);
    before = h;
  }
  CHECK(before < 10);
  CHECK(rinott_h(5, 0.99, 20) > rinott_h(5, 0.95, 20));
  // By chance alone one of two is right half of the time.
  CHECK(rinott_h(2, 0.4, 20) == 0);
}

TEST_CASE("the eta of Kim and Nelson is worked out by hand") {
  // ((2 * 0.05 / 4)^(-2/9) - 1) / 2, with 0.025^(-2/9) = exp(0.8197509...).
  CHECK(kim_nelson_eta(5, 0.05, 10) == Approx(0.6349679).epsilon(1e-6));
  // 0.1^(-2/9): two designs at alpha 0.05.
  CHECK(kim_nelson_eta(2, 0.05, 10) == Approx(0.5 * (std::pow(10.0, 2.0 / 9) - 1)).epsilon(1e-14));
  // What it solves: (1 + 2 eta)^(-(n - 1) / 2) / 2 = alpha / (k - 1).
  const double eta = kim_nelson_eta(3249, 0.05, 20);
  CHECK(0.5 * std::pow(1 + 2 * eta, -9.5) == Approx(0.05 / 3248).epsilon(1e-12));
  CHECK(kim_nelson_eta(2, 0.6, 20) == 0);
}

TEST_CASE("the eta of the good selection procedure solves its equation, integrated in another way") {
  for (const auto& [k, alpha, first] : {std::tuple{2, 0.025, 20}, {10, 0.05, 10}, {3249, 0.025, 50}}) {
    const double dof = first - 1;
    const double eta = good_selection_eta(static_cast<std::uint32_t>(k), alpha, static_cast<std::uint32_t>(first));
    // E over both chi-squares, so without the density of the smaller one.
    const double found = chi_square_mean(dof, [&](double x) {
      return chi_square_mean(dof, [&](double y) { return std::erfc(eta * std::sqrt(0.5 * std::min(x, y))); });
    });
    CHECK(found == Approx(1 - std::pow(1 - alpha, 1.0 / (k - 1))).epsilon(1e-3));
  }
}

TEST_CASE("constants of selections refuse what has no meaning") {
  CHECK_THROWS_AS(rinott_h(1, 0.95, 20), std::logic_error);
  CHECK_THROWS_AS(rinott_h(2, 1.0, 20), std::logic_error);
  CHECK_THROWS_AS(kim_nelson_eta(2, 0.0, 20), std::logic_error);
  CHECK_THROWS_AS(good_selection_eta(2, 0.05, 1), std::logic_error);
}
