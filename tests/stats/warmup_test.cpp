// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <cmath>
#include <numeric>
#include <vector>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/stats/warmup.hpp>

using namespace twin;

namespace {

/// MSER-5 by its definition, with two passes for every cut.
std::optional<std::size_t> mser5_by_definition(const std::vector<double>& series) {
  std::vector<double> z;
  for (std::size_t i = 0; i + 5 <= series.size(); i += 5) {
    z.push_back(std::accumulate(series.begin() + static_cast<std::ptrdiff_t>(i),
                                series.begin() + static_cast<std::ptrdiff_t>(i + 5), 0.0) /
                5);
  }
  std::size_t best = 0;
  double best_value = INFINITY;
  for (std::size_t d = 0; d + 5 < z.size(); ++d) {
    const auto kept = static_cast<double>(z.size() - d);
    const double mean = std::accumulate(z.begin() + static_cast<std::ptrdiff_t>(d), z.end(), 0.0) / kept;
    double squares = 0;
    for (std::size_t i = d; i < z.size(); ++i) squares += (z[i] - mean) * (z[i] - mean);
    if (squares / (kept * kept) < best_value) {
      best_value = squares / (kept * kept);
      best = d;
    }
  }
  if (2 * best > z.size()) return std::nullopt;
  return best * 5;
}

/// The number in an M/M/1 queue of load `rho` and service rate 1, empty at first, at times 1, 2, …
std::vector<double> queue_lengths(Stream& stream, std::size_t n, double rho) {
  std::vector<double> series;
  double now = 0;
  int length = 0;
  while (series.size() < n) {
    const double rate = rho + (length > 0 ? 1.0 : 0.0);
    now += exponential_draw(stream) / rate;
    while (series.size() < n && static_cast<double>(series.size() + 1) < now) series.push_back(length);
    length += uniform_draw(stream) * rate < rho ? 1 : -1;
  }
  return series;
}

}  // namespace

TEST_CASE("a step at the start is cut exactly") {
  Stream stream(run_key(31, 0), 0);
  for (const std::size_t transient : {50u, 100u, 300u}) {
    std::vector<double> series(1000);
    for (std::size_t i = 0; i < series.size(); ++i) series[i] = (i < transient ? 10.0 : 0.0) + normal_draw(stream);
    const auto cut = mser5(series);
    REQUIRE(cut);
    CHECK(*cut >= transient);
    CHECK(*cut <= transient + 30);
  }
}

TEST_CASE("a step without noise is cut at its end, and a constant series nowhere") {
  std::vector<double> series(1000, 3.0);
  CHECK(mser5(series) == std::optional<std::size_t>(0));
  for (std::size_t i = 0; i < 200; ++i) series[i] = 0.0;
  CHECK(mser5(series) == std::optional<std::size_t>(200));
}

TEST_CASE("an exponential approach is cut when little of it is left") {
  Stream stream(run_key(32, 0), 0);
  std::vector<double> series(2000);
  for (std::size_t i = 0; i < series.size(); ++i) {
    series[i] = 20.0 * (1 - std::exp(-static_cast<double>(i) / 50.0)) + normal_draw(stream);
  }
  const auto cut = mser5(series);
  REQUIRE(cut);
  CHECK(*cut > 100);
  CHECK(*cut < 400);
}

TEST_CASE("a series that never settles has no steady state") {
  std::vector<double> series(1000);
  std::iota(series.begin(), series.end(), 0.0);
  CHECK_FALSE(mser5(series));
  for (std::size_t i = 0; i < series.size(); ++i) series[i] = i < 700 ? 5.0 : 0.0;
  CHECK_FALSE(mser5(series));
}

TEST_CASE("a series too short to tell has no steady state") {
  CHECK_FALSE(mser5({}));
  CHECK_FALSE(mser5(std::vector<double>(49, 1.0)));
  CHECK(mser5(std::vector<double>(50, 1.0)) == std::optional<std::size_t>(0));
}

TEST_CASE("the warm-up of an empty M/M/1 queue is found in the mean over replications") {
  // Load 0.8: the number in the queue tends to 4, with a relaxation time of 1 / (1 - sqrt(0.8))^2 = 90.
  Stream stream(run_key(33, 0), 0);
  constexpr std::size_t kN = 2000;
  constexpr int kReplications = 300;
  std::vector<double> mean(kN);
  for (int r = 0; r < kReplications; ++r) {
    const std::vector<double> series = queue_lengths(stream, kN, 0.8);
    for (std::size_t i = 0; i < kN; ++i) mean[i] += series[i] / kReplications;
  }
  const auto cut = mser5(mean);
  REQUIRE(cut);
  CHECK(*cut >= 20);
  CHECK(*cut <= 400);
  const auto average = [&](std::size_t from, std::size_t to) {
    return std::accumulate(mean.begin() + static_cast<std::ptrdiff_t>(from),
                           mean.begin() + static_cast<std::ptrdiff_t>(to), 0.0) /
           static_cast<double>(to - from);
  };
  CHECK(average(0, *cut) < 3.5);
  CHECK(average(*cut, kN) == Approx(4.0).margin(0.35));
}

TEST_CASE("the one-pass computation is the definition") {
  Stream stream(run_key(34, 0), 0);
  for (int i = 0; i < 50; ++i) {
    const std::vector<double> series = queue_lengths(stream, 203 + static_cast<std::size_t>(i), 0.5 + 0.01 * i);
    CHECK(mser5(series) == mser5_by_definition(series));
  }
}
