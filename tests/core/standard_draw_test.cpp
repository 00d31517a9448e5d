// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <array>
#include <cmath>
#include <vector>

#include <libtwin/core/standard_draw.hpp>
#include <tests/core/goodness.hpp>
#include <tests/core/laws.hpp>

using namespace twin;
using namespace twin::test;

namespace {

constexpr int kDraws = 1'000'000;

template <class Draw>
std::vector<double> draws(std::uint64_t seed, Draw draw) {
  Stream stream(run_key(seed, 0), stream_key(name_key("draws"), Purpose::test));
  std::vector<double> result(kDraws);
  for (double& x : result) x = draw(stream);
  return result;
}

/// How many standard errors the sample's kth raw moment lies from `moment`, given the variance of the kth power.
double deviation(const std::vector<double>& sample, int k, double moment, double variance) {
  double sum = 0;
  for (const double x : sample) sum += std::pow(x, k);
  const auto n = static_cast<double>(sample.size());
  return std::abs(sum / n - moment) / std::sqrt(variance / n);
}

double share_above(const std::vector<double>& sample, double limit) {
  const auto above = std::count_if(sample.begin(), sample.end(), [&](double x) { return x > limit; });
  return static_cast<double>(above) / static_cast<double>(sample.size());
}

/// The standard error of a share of `kDraws`.
double share_error(double share) { return std::sqrt(share * (1 - share) / kDraws); }

}  // namespace

TEST_CASE("exponential draws have the moments of the exponential law") {
  const auto sample = draws(1, [](Stream& s) { return exponential_draw(s); });
  CHECK(*std::min_element(sample.begin(), sample.end()) >= 0.0);
  constexpr std::array factorial{1.0, 1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5040.0, 40320.0};
  for (std::size_t k = 1; k <= 4; ++k) {
    CAPTURE(k);
    CHECK(deviation(sample, static_cast<int>(k), factorial[k], factorial[2 * k] - factorial[k] * factorial[k]) < 4.0);
  }
}

TEST_CASE("exponential draws follow the exponential law, its tail included") {
  const auto sample = draws(2, [](Stream& s) { return exponential_draw(s); });
  CHECK(kolmogorov_smirnov(
            sample, [](double x) { return -std::expm1(-x); }, false) < kKolmogorov);
  for (const double limit : {detail::kExponentialTail, detail::kExponentialTail + 1.0, 9.0}) {
    const double share = std::exp(-limit);
    CHECK(std::abs(share_above(sample, limit) - share) < 4 * share_error(share));
  }
}

TEST_CASE("normal draws have the moments of the normal law") {
  const auto sample = draws(3, [](Stream& s) { return normal_draw(s); });
  CHECK(deviation(sample, 1, 0.0, 1.0) < 4.0);
  CHECK(deviation(sample, 2, 1.0, 2.0) < 4.0);
  CHECK(deviation(sample, 3, 0.0, 15.0) < 4.0);
  CHECK(deviation(sample, 4, 3.0, 96.0) < 4.0);
}

TEST_CASE("normal draws follow the normal law, both tails included") {
  auto sample = draws(4, [](Stream& s) { return normal_draw(s); });
  CHECK(kolmogorov_smirnov(sample, normal_cumulative, false) < kKolmogorov);
  for (int side = 0; side < 2; ++side) {
    for (const double limit : {3.0, detail::kNormalTail, 4.0}) {
      const double share = normal_cumulative(-limit);
      CHECK(std::abs(share_above(sample, limit) - share) < 4 * share_error(share));
    }
    for (double& x : sample) x = -x;
  }
}

TEST_CASE("short cuts at the edge of a layer decide as the curve itself does") {
  // As in the paper: a point beyond the part that is inside is compared with the curve.
  const auto by_the_curve = [](Stream& s) {
    const auto& z = detail::kExponentialZiggurat;
    double offset = 0;
    for (;;) {
      const std::uint64_t bits = s();
      const std::uint64_t i = bits & 255;
      const std::uint64_t position = bits >> 11;
      const double x = static_cast<double>(position) * z.layers[i].width;
      if (position < z.layers[i].inside) return offset + x;
      if (i == 0) {
        offset += detail::kExponentialTail;
      } else if (z.density[i] + uniform_draw(s) * (z.density[i + 1] - z.density[i]) < detail::exp(-x)) {
        return offset + x;
      }
    }
  };
  Stream one(run_key(8, 0), 1);
  Stream other = one;
  int wrong = 0;
  for (int k = 0; k < 10 * kDraws; ++k) wrong += exponential_draw(one) == by_the_curve(other) ? 0 : 1;
  CHECK(wrong == 0);
  CHECK(one == other);
}

TEST_CASE("a stream goes on from its state") {
  Stream stream(1, 2);
  stream();
  Stream again(stream.state());
  CHECK(again() == stream());
  CHECK(again == stream);
}

TEST_CASE("the layers of the ziggurats close at the top and hold equal areas") {
  for (const auto* z : {&detail::kExponentialZiggurat, &detail::kNormalZiggurat}) {
    // Layer i is width x[i] and reaches from density[i] to density[i + 1].
    const double area = z->layers[1].width * (z->density[2] - z->density[1]);
    for (std::size_t i = 1; i < 256; ++i) {
      CHECK(z->layers[i].width * (z->density[i + 1] - z->density[i]) == Approx(area).epsilon(1e-9));
    }
  }
}

TEST_CASE("uniform draws are the middles of 2^52 equal steps, so never 0 or 1") {
  const auto sample = draws(5, [](Stream& s) { return uniform_draw(s); });
  CHECK(kolmogorov_smirnov(
            sample, [](double x) { return x; }, false) < kKolmogorov);
  CHECK(deviation(sample, 1, 1.0 / 2, 1.0 / 12) < 4.0);
  CHECK(deviation(sample, 2, 1.0 / 3, 1.0 / 5 - 1.0 / 9) < 4.0);
  const bool all_odd = std::all_of(sample.begin(), sample.end(), [](double u) {
    const double steps = u * 9007199254740992.0;
    return steps == std::floor(steps) && std::fmod(steps, 2.0) == 1.0;
  });
  CHECK(all_odd);
}

TEST_CASE("neighbouring draws are not correlated") {
  for (const auto& sample : {draws(6, [](Stream& s) { return exponential_draw(s) - 1.0; }),
                             draws(7, [](Stream& s) { return normal_draw(s); })}) {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < sample.size(); ++i) sum += sample[i] * sample[i + 1];
    CHECK(std::abs(sum / kDraws) < 4.0 / std::sqrt(kDraws));
  }
}
