// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <cmath>
#include <numeric>
#include <vector>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/stats/batch_means.hpp>

using namespace twin;

namespace {

/// x[i] = mean + phi (x[i-1] - mean) + noise of variance 1, from its steady state. The variance of the mean of n, times
/// n, tends to 1 / (1 - phi)^2.
std::vector<double> autoregressive(Stream& stream, std::size_t n, double phi, double mean) {
  std::vector<double> series(n);
  double x = normal_draw(stream) / std::sqrt(1 - phi * phi);
  for (double& value : series) {
    value = mean + x;
    x = phi * x + normal_draw(stream);
  }
  return series;
}

}  // namespace

TEST_CASE("batch means are worked out by hand, the remainder left out at the front") {
  std::vector<double> series{1000, 1000, 1000};  // 43 observations in 4 batches of 10
  for (const double batch : {1.0, 2.0, 4.0, 5.0}) {
    for (int i = 0; i < 10; ++i) series.push_back(batch + (i % 2 == 0 ? 10 : -10));
  }
  const BatchMeans b = batch_means(series, 0.95, 4);
  CHECK(b.batch_size == 10);
  CHECK(b.estimate.n == 4);
  CHECK(b.estimate.mean == 3.0);
  // Variance of 1 2 4 5 is 10/3; t(0.975, 3) = 3.182446.
  CHECK(b.estimate.half_width == Approx(3.18244630528 * std::sqrt(10.0 / 3 / 4)).epsilon(1e-9));
  // Deviations -2 -1 1 2: (2 - 1 + 2) / 10.
  CHECK(b.lag1 == Approx(0.3));
  CHECK(b.looks_independent);
}

TEST_CASE("the interval of an autoregressive series holds the mean as often as it says, and is as wide as theory") {
  Stream stream(run_key(21, 0), 0);
  constexpr int kSeries = 1000;
  constexpr std::size_t kN = 10000;
  constexpr double kPhi = 0.9;
  int holds = 0;
  int independent = 0;
  double squares = 0;
  for (int i = 0; i < kSeries; ++i) {
    const BatchMeans b = batch_means(autoregressive(stream, kN, kPhi, 40.0));
    holds += b.estimate.low() <= 40.0 && 40.0 <= b.estimate.high();
    independent += b.looks_independent;
    squares += b.estimate.half_width * b.estimate.half_width;
  }
  // Batches of 500 at a relaxation time of 10: the bias of the variance is 1 - 19 / 500, about 4 %.
  CHECK(static_cast<double>(holds) / kSeries > 0.925);
  CHECK(static_cast<double>(holds) / kSeries < 0.975);
  CHECK(static_cast<double>(independent) / kSeries > 0.85);
  const double t = student_t_quantile(0.975, 19);
  const double exact = 1.0 / ((1 - kPhi) * (1 - kPhi)) / kN;
  CHECK(squares / kSeries / (t * t) == Approx(exact).epsilon(0.08));
}

TEST_CASE("batches that are too short are told by the correlation of neighbours") {
  Stream stream(run_key(22, 0), 0);
  int found = 0;
  for (int i = 0; i < 200; ++i) found += !batch_means(autoregressive(stream, 400, 0.99, 0.0)).looks_independent;
  CHECK(found > 150);
}

TEST_CASE("an independent series seldom looks correlated") {
  Stream stream(run_key(23, 0), 0);
  int found = 0;
  for (int i = 0; i < 1000; ++i) found += !batch_means(autoregressive(stream, 200, 0.0, 0.0)).looks_independent;
  CHECK(found < 80);
}

TEST_CASE("the correlation of neighbours is that of the series") {
  Stream stream(run_key(24, 0), 0);
  CHECK(lag1_autocorrelation(autoregressive(stream, 200000, 0.7, 5.0)) == Approx(0.7).margin(0.01));
  CHECK(lag1_autocorrelation(autoregressive(stream, 200000, -0.5, 5.0)) == Approx(-0.5).margin(0.01));
  CHECK(lag1_autocorrelation(std::vector<double>{1, -1, 1, -1}) == -0.75);
  CHECK(std::isnan(lag1_autocorrelation(std::vector<double>{1, 1, 1})));
  CHECK(std::isnan(lag1_autocorrelation(std::vector<double>{1, 2})));
}

TEST_CASE("a series shorter than the batches has a mean and no interval") {
  const std::vector<double> series{1, 2, 6};
  const BatchMeans b = batch_means(series);
  CHECK(b.estimate.mean == 3.0);
  CHECK(std::isnan(b.estimate.half_width));
  CHECK(b.batch_size == 0);
  CHECK_FALSE(b.looks_independent);
  CHECK(std::isnan(batch_means({}).estimate.mean));
  CHECK_THROWS_AS(batch_means(series, 0.95, 1), std::logic_error);
}
