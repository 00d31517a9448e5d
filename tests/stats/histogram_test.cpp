// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/stats/histogram.hpp>

using namespace twin;

namespace {

std::vector<std::uint64_t> wild_values(std::uint64_t seed, std::size_t n) {
  Stream stream(seed, 5);
  std::vector<std::uint64_t> values(n);
  for (std::uint64_t& x : values) x = stream() >> (10 + stream() % 54);
  return values;
}

Histogram histogram_of(const std::vector<std::uint64_t>& values, std::size_t from, std::size_t to) {
  Histogram h;
  for (std::size_t i = from; i < to; ++i) h.add(values[i]);
  return h;
}

}  // namespace

TEST_CASE("an empty histogram has no quantile") {
  const Histogram h;
  CHECK(h.empty());
  CHECK(h.count() == 0);
  CHECK(std::isnan(h.quantile(0.5)));
}

TEST_CASE("a single value is every quantile, exactly, from 0 to the largest") {
  std::vector<std::uint64_t> values{0, 1, 2, 62, 63, 64, 1000003, Histogram::kMaxValue - 1, Histogram::kMaxValue};
  for (int e = 0; e < 54; ++e) values.push_back((std::uint64_t{1} << e) + 1);
  for (const std::uint64_t value : values) {
    Histogram h;
    h.add(value);
    CHECK(h.count() == 1);
    CHECK(h.min() == value);
    CHECK(h.max() == value);
    for (const double p : {0.0, 0.5, 1.0}) CHECK(h.quantile(p) == static_cast<double>(value));
  }
}

TEST_CASE("small whole numbers are told apart") {
  Histogram h;
  for (std::uint64_t v = 0; v <= 62; ++v) h.add(v);
  for (int v = 0; v <= 62; ++v) CHECK(h.quantile((v + 0.5) / 63.0) == v);
}

TEST_CASE("every quantile is within a bin, 3.2 percent, of the observation of its rank") {
  std::vector<std::uint64_t> values = wild_values(1, 20001);
  const Histogram h = histogram_of(values, 0, values.size());
  std::sort(values.begin(), values.end());
  for (std::size_t i = 0; i < values.size(); i += 37) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(values.size());
    CHECK(h.quantile(p) == Approx(static_cast<double>(values[i])).epsilon(0.032));
  }
}

TEST_CASE("quantiles rise with the share, from the exact minimum to the exact maximum") {
  const std::vector<std::uint64_t> values = wild_values(2, 5000);
  const Histogram h = histogram_of(values, 0, values.size());
  CHECK(h.quantile(0.0) == static_cast<double>(*std::min_element(values.begin(), values.end())));
  CHECK(h.quantile(1.0) == static_cast<double>(*std::max_element(values.begin(), values.end())));
  double before = h.quantile(0.0);
  for (double p = 0.0; p <= 1.0; p += 0.0007) {
    CHECK(h.quantile(p) >= before);
    before = h.quantile(p);
  }
}

TEST_CASE("quantiles of an exponential law come out within 2 percent") {
  Stream stream(3, 5);
  Histogram h;
  constexpr double kMean = 300 * kTicksPerSecond;
  for (int i = 0; i < 1'000'000; ++i) h.add_rounded(kMean * exponential_draw(stream));
  CHECK(h.count() == 1'000'000);
  for (const double p : {0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99}) {
    const double exact = -kMean * std::log1p(-p);
    // Four standard errors of the sample's own quantile come to 0.4 to 1.3 %: the bins must add next to nothing.
    const double error = 4 * kMean * std::sqrt(p / (1 - p) / 1e6);
    CHECK(std::abs(h.quantile(p) - exact) < std::min(0.02 * exact, error + 0.002 * exact));
  }
}

TEST_CASE("a merged histogram equals one of everything") {
  const std::vector<std::uint64_t> values = wild_values(4, 3000);
  const Histogram all = histogram_of(values, 0, 3000);
  for (const std::size_t cut : {0u, 1u, 1500u, 3000u}) {
    const Histogram first = histogram_of(values, 0, cut);
    const Histogram second = histogram_of(values, cut, 3000);
    Histogram forward = first;
    forward.merge(second);
    Histogram backward = second;
    backward.merge(first);
    CHECK(forward == all);
    CHECK(backward == all);
    CHECK(forward.count() == 3000);
    CHECK(forward.quantile(0.37) == all.quantile(0.37));
  }
}

TEST_CASE("a cleared histogram equals a new one and counts anew") {
  const std::vector<std::uint64_t> values = wild_values(5, 1000);
  Histogram h = histogram_of(values, 0, 1000);
  h.clear();
  CHECK(h == Histogram{});
  CHECK(h.count() == 0);
  for (std::size_t i = 200; i < 300; ++i) h.add(values[i]);
  CHECK(h == histogram_of(values, 200, 300));
}

TEST_CASE("histograms of other values differ") {
  Histogram a;
  Histogram b;
  for (const std::uint64_t x : {10u, 20u, 30u}) a.add(x);
  for (const std::uint64_t x : {10u, 21u, 30u}) b.add(x);
  CHECK_FALSE(a == b);
  CHECK_FALSE(a == Histogram{});
}

TEST_CASE("a share outside 0 to 1 is refused") {
  Histogram h;
  h.add(1);
  CHECK_THROWS_AS(h.quantile(-0.1), std::logic_error);
  CHECK_THROWS_AS(h.quantile(1.1), std::logic_error);
  CHECK_THROWS_AS(h.quantile(std::nan("")), std::logic_error);
}
