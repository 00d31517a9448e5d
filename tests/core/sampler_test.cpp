// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <boost/math/distributions/chi_squared.hpp>

#include <libtwin/core/sampler.hpp>
#include <libtwin/core/time.hpp>
#include <tests/core/goodness.hpp>
#include <tests/core/laws.hpp>

using namespace twin;
using namespace twin::test;

namespace {

Stream test_stream(std::uint64_t seed) { return {run_key(seed, 0), stream_key(name_key("sampler"), Purpose::test)}; }

std::vector<double> variates(const Distribution& law, int n, std::uint64_t seed) {
  SamplerCache cache;
  const Sampler sampler = cache.prepare(law, 1.0);
  Stream stream = test_stream(seed);
  std::vector<double> result(static_cast<std::size_t>(n));
  for (double& x : result) x = sample(sampler, stream);
  return result;
}

/// Which standard draw a law transforms.
enum class Draw { none, uniform, exponential, normal };

Draw draw_of(LawKind kind) {
  switch (kind) {
    case LawKind::constant:
    case LawKind::call:
      return Draw::none;
    case LawKind::uniform:
    case LawKind::triangular:
    case LawKind::empirical:
    case LawKind::discrete:
    case LawKind::poisson:
      return Draw::uniform;
    case LawKind::exponential:
    case LawKind::weibull:
      return Draw::exponential;
    case LawKind::normal:
    case LawKind::lognormal:
    case LawKind::gamma:
    case LawKind::erlang:
    case LawKind::pert:
    case LawKind::beta:
    case LawKind::hyperexponential:
      return Draw::normal;
  }
  return Draw::none;
}

/// Takes the law's standard draw and returns it as the share of the law below it.
double share_below(Draw draw, Stream& stream) {
  switch (draw) {
    case Draw::none:
      break;
    case Draw::uniform:
      return uniform_draw(stream);
    case Draw::exponential:
      return -std::expm1(-exponential_draw(stream));
    case Draw::normal:
      return normal_cumulative(normal_draw(stream));
  }
  return 0.5;
}

struct Moments {
  double mean = 0;
  double variance = 0;
  double mean_error = 0;
  double variance_error = 0;
};

Moments moments(const std::vector<double>& sample) {
  const auto n = static_cast<double>(sample.size());
  Moments m;
  for (const double x : sample) m.mean += x / n;
  double fourth = 0;
  for (const double x : sample) {
    const double square = (x - m.mean) * (x - m.mean);
    m.variance += square / n;
    fourth += square * square / n;
  }
  m.mean_error = std::sqrt(m.variance / n);
  m.variance_error = std::sqrt((fourth - m.variance * m.variance) / n);
  return m;
}

}  // namespace

TEST_CASE("sampled mean and variance lie within four standard errors of the exact ones") {
  std::uint64_t seed = 100;
  for (const Distribution& law : laws()) {
    CAPTURE(describe(law));
    const Moments m = moments(variates(law, 400'000, ++seed));
    CHECK(std::abs(m.mean - mean(law)) <= 4 * m.mean_error + 1e-9 * mean(law));
    CHECK(std::abs(m.variance - variance(law)) <= 4 * m.variance_error + 1e-12);
  }
}

TEST_CASE("variates follow the distribution function") {
  std::uint64_t seed = 200;
  for (const Distribution& law : laws()) {
    CAPTURE(describe(law));
    const auto f = [&](double x) { return cumulative(law, x); };
    CHECK(kolmogorov_smirnov(variates(law, 40'000, ++seed), f, is_discrete(law)) < kKolmogorov);
  }
}

TEST_CASE("a variate is the quantile at the share of its standard draw") {
  for (const Distribution& law : laws()) {
    CAPTURE(describe(law));
    SamplerCache cache;
    const Sampler sampler = cache.prepare(law, 1.0);
    Stream stream = test_stream(300);
    // Where two phases of different length meet, the quantile function of a hyperexponential law has a corner.
    const double tolerance = law.kind == LawKind::hyperexponential ? 1e-3 : 1e-7;
    const double scale = std::sqrt(variance(law));
    double worst = 0;
    for (int i = 0; i < 3'000; ++i) {
      Stream copy = stream;
      const double x = sample(sampler, stream);
      const double q = quantile(law, share_below(draw_of(law.kind), copy));
      worst = std::max(worst, is_discrete(law) ? std::abs(x - q) : std::abs(x - q) / (q + scale));
      if (draw_of(law.kind) != Draw::none) REQUIRE(copy == stream);
    }
    CHECK(worst <= (is_discrete(law) ? 0.0 : tolerance));
  }
}

TEST_CASE("sampled quantiles are those of the law") {
  std::uint64_t seed = 400;
  constexpr int kN = 200'000;
  for (const Distribution& law : laws()) {
    if (is_discrete(law)) continue;
    auto sample = variates(law, kN, ++seed);
    std::sort(sample.begin(), sample.end());
    for (const double p : {0.01, 0.1, 0.5, 0.9, 0.99}) {
      CAPTURE(describe(law), p);
      // Four standard errors of the share, turned into an interval of quantiles.
      const double error = 4 * std::sqrt(p * (1 - p) / kN);
      const double x = sample[static_cast<std::size_t>(p * kN)];
      CHECK(x >= quantile(law, p - error));
      CHECK(x <= quantile(law, p + error));
    }
  }
}

TEST_CASE("discrete, empirical and poisson values come as often as they should (chi-square)") {
  const std::vector<std::pair<Distribution, std::vector<double>>> cases{
      {discrete({10, 0, 25, 3}, {2, 1, 7, 0.5}), {0, 3, 10, 25}},
      {empirical({3, 1, 4, 1, 5, 9, 2, 6}), {1, 2, 3, 4, 5, 6, 9}},
      {poisson(2.5), {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}};
  for (const auto& [law, values] : cases) {
    CAPTURE(describe(law));
    constexpr int kN = 300'000;
    std::map<double, double> seen;
    for (const double x : variates(law, kN, 500)) ++seen[std::min(x, values.back())];
    double statistic = 0;
    double below = 0;
    for (const double value : values) {
      const double up_to = value == values.back() ? 1.0 : cumulative(law, value);
      const double expected = kN * (up_to - below);
      below = up_to;
      statistic += (seen[value] - expected) * (seen[value] - expected) / expected;
      seen.erase(value);
    }
    CHECK(seen.empty());
    CHECK(statistic < boost::math::quantile(boost::math::chi_squared(static_cast<double>(values.size() - 1)), 0.999));
  }
}

TEST_CASE("laws of one kind take the same standard draws whatever their parameters") {
  const std::vector<std::vector<Distribution>> kinds{
      {exponential(1), exponential(50)},
      {weibull(1, 1), weibull(9, 0.5), weibull(1, 4)},
      {uniform(0, 1), uniform(5, 9), uniform(2, 2)},
      {triangular(1, 2, 3), triangular(0, 0, 9), triangular(4, 4, 4)},
      {empirical({1}), empirical({1, 2, 3})},
      {discrete({1}, {1}), discrete({1, 2, 3}, {1, 0, 5})},
      {poisson(0), poisson(0.5), poisson(1e4)},
      {normal(0, 1), normal(3, 1), normal(100, 1), normal(7, 0)},
      {lognormal(1, 0.1), lognormal(50, 2)},
      {gamma(1, 0.3), gamma(9, 1), gamma(2, 3)},
      {erlang(1, 1), erlang(4, 2), erlang(1, 100)},
      {pert(1, 2, 3), pert(0, 0, 9), pert(4, 4, 4)},
      {beta(0, 1, 2, 3), beta(5, 9, 0.5, 0.5), beta(3, 3, 2, 2)},
      {hyperexponential(1, 1), hyperexponential(7, 1.5), hyperexponential(1, 20)}};
  for (const auto& kind : kinds) {
    std::optional<Stream> first;
    for (const Distribution& law : kind) {
      CAPTURE(describe(law));
      SamplerCache cache;
      const Sampler sampler = cache.prepare(law, 1.0);
      Stream stream = test_stream(600);
      for (int i = 0; i < 20'000; ++i) sample(sampler, stream);
      if (!first) first = stream;
      CHECK(stream == *first);
    }
    CHECK_FALSE(*first == test_stream(600));
  }
}

TEST_CASE("a constant takes no draw") {
  SamplerCache cache;
  const Sampler sampler = cache.prepare(constant(38), 2.0);
  Stream stream = test_stream(1);
  CHECK(sample(sampler, stream) == 76.0);
  CHECK(stream == test_stream(1));
}

TEST_CASE("a larger standard draw never gives a smaller variate") {
  std::vector<Distribution> all = laws();
  for (const Distribution& extreme : {gamma(1, 100), gamma(1, 30), hyperexponential(1, 50), hyperexponential(1, 1000),
                                      beta(0, 1, 0.01, 0.01), beta(0, 1, 0.01, 3), gamma(1, 0.001)}) {
    all.push_back(extreme);
  }
  for (const Distribution& law : all) {
    CAPTURE(describe(law));
    SamplerCache cache;
    const Sampler sampler = cache.prepare(law, 1.0);
    Stream stream = test_stream(700);
    std::vector<std::pair<double, double>> pairs(20'000);
    for (auto& [share, variate] : pairs) {
      Stream copy = stream;
      share = share_below(draw_of(law.kind), copy);
      variate = sample(sampler, stream);
    }
    std::sort(pairs.begin(), pairs.end());
    int falls = 0;
    for (std::size_t i = 1; i < pairs.size(); ++i) {
      // Draws that differ in their last bits may round the other way.
      if (pairs[i].second < pairs[i - 1].second * (1 - 1e-13) - 1e-300) ++falls;
    }
    CHECK(falls == 0);
  }
}

TEST_CASE("variates are finite and never negative, at extreme shapes too") {
  std::vector<Distribution> all = laws();
  for (const Distribution& extreme :
       {gamma(1, 0.001), gamma(1, 100), lognormal(1, 0.001), lognormal(1, 1000), weibull(1, 0.02), weibull(1, 1000),
        beta(0, 1, 0.01, 1e6), beta(0, 1, 1e6, 0.01), beta(0, 1, 0.01, 0.01), hyperexponential(1, 1000), normal(0, 1e9),
        normal(1e-9, 1e9), normal(8.2, 1), normal(8.4, 1), erlang(1, 1000000), poisson(1e6)}) {
    all.push_back(extreme);
  }
  for (const Distribution& law : all) {
    CAPTURE(describe(law));
    const auto sample = variates(law, 50'000, 800);
    CHECK(std::all_of(sample.begin(), sample.end(), [](double x) { return x >= 0 && std::isfinite(x); }));
  }
}

TEST_CASE("the scale multiplies every variate") {
  for (const Distribution& law : laws()) {
    CAPTURE(describe(law));
    SamplerCache cache;
    const Sampler seconds = cache.prepare(law, 1.0);
    const Sampler ticks = cache.prepare(law, kTicksPerSecond);
    Stream a = test_stream(900);
    Stream b = test_stream(900);
    for (int i = 0; i < 1000; ++i) {
      const double x = sample(seconds, a);
      CHECK(sample(ticks, b) == Approx(x * kTicksPerSecond).epsilon(1e-13));
    }
  }
}

TEST_CASE("laws of one shape share a table, and a cache may be moved") {
  SamplerCache cache;
  const Sampler first = cache.prepare(gamma(1, 0.5), 1.0);
  CHECK(cache.prepare(gamma(30, 0.5), 7.0).table == first.table);
  CHECK(cache.prepare(erlang(30, 4), 7.0).table == first.table);
  CHECK(cache.prepare(gamma(1, 0.6), 1.0).table != first.table);
  Stream stream = test_stream(2);
  const double before = sample(first, stream);
  const SamplerCache moved = std::move(cache);
  stream = test_stream(2);
  CHECK(sample(first, stream) == before);
}

TEST_CASE("variates keep their values from version to version") {
  SamplerCache cache;
  Stream stream(run_key(1, 0), stream_key(name_key("weld"), Purpose::cycle));
  const auto next = [&](const Distribution& law) { return sample(cache.prepare(law, 1.0), stream); };
  CHECK(next(exponential(1)) == 0x1.66fdcee599b9p+2);
  CHECK(next(uniform(0, 1)) == 0x1.d02adc426106ep-2);
  CHECK(next(lognormal(1, 0.5)) == 0x1.cb0359af4e6cap+0);
  CHECK(next(weibull(1, 2)) == 0x1.a2738dd34cabcp+0);
  CHECK(next(normal(9, 1)) == 0x1.31c44156249f8p+3);
}
