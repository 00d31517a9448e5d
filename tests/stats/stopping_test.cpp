// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/stats/stopping.hpp>

using namespace twin;

namespace {

template <class Draw>
Tally run_until_met(const RelativeWidth& rule, Draw draw) {
  Tally tally;
  for (std::int64_t more = rule.more(tally); more > 0; more = rule.more(tally))
    for (std::int64_t i = 0; i < more; ++i) tally.add(draw());
  return tally;
}

/// How often the interval at the end holds the mean, and how many observations it takes.
template <class Draw>
std::pair<double, double> coverage(const RelativeWidth& rule, double mean, Draw draw) {
  const int macros = 4000;
  int held = 0;
  double observations = 0;
  for (int m = 0; m < macros; ++m) {
    const Tally tally = run_until_met(rule, draw);
    const Estimate e = mean_interval(tally, rule.level);
    held += e.low() <= mean && mean <= e.high() ? 1 : 0;
    observations += static_cast<double>(e.n);
  }
  return {held / static_cast<double>(macros), observations / macros};
}

}  // namespace

TEST_CASE("replications stop when the half-width is the share of the mean that was asked for") {
  Stream stream(run_key(1, 0), 2);
  const RelativeWidth rule{.share = 0.02};
  const Tally tally = run_until_met(rule, [&] { return 10 + 2 * normal_draw(stream); });
  CHECK(rule.is_met(tally));
  CHECK(mean_interval(tally).half_width <= 0.02 * tally.mean());
  // (1.96 * 2 / 0.2)² = 384, and no round is more than half of what went before.
  CHECK(tally.count() > 250);
  CHECK(tally.count() < 600);
}

TEST_CASE("sequential stopping holds its level nearly, and less than nearly for skewed observations") {
  Stream stream(run_key(2, 0), 2);
  const auto [normal, n] = coverage({.share = 0.1}, 2, [&] { return 2 + normal_draw(stream); });
  INFO("normal: " << normal << " with " << n << " observations");
  CHECK(normal > 0.93);
  CHECK(normal < 0.96);
  // Coefficient of variation 1: sigma² = log 2, mean exp(sigma² / 2).
  const double sigma = std::sqrt(std::log(2.0));
  const auto lognormal_draw = [&] { return std::exp(sigma * normal_draw(stream)); };
  const auto [skewed, m] = coverage({.share = 0.1}, std::sqrt(2.0), lognormal_draw);
  INFO("lognormal: " << skewed << " with " << m << " observations");
  CHECK(skewed > 0.90);
  CHECK(skewed < 0.95);
  const auto [patient, p] = coverage({.share = 0.1, .first = 200}, std::sqrt(2.0), lognormal_draw);
  INFO("lognormal, 200 first: " << patient << " with " << p << " observations");
  CHECK(patient > skewed);
}

TEST_CASE("a stopping rule asks for the first observations, then for growing rounds, and never past its limit") {
  RelativeWidth rule{.share = 1e-9, .first = 4, .at_most = 12};
  Tally tally;
  CHECK(rule.more(tally) == 4);
  tally.add(1);
  CHECK(rule.more(tally) == 3);
  for (int i = 0; i < 3; ++i) tally.add(2 + i);
  CHECK(rule.more(tally) == 2);
  for (int i = 0; i < 6; ++i) tally.add(3);
  CHECK(rule.more(tally) == 2);
  for (int i = 0; i < 2; ++i) tally.add(3);
  CHECK(rule.more(tally) == 0);
  CHECK_FALSE(rule.is_met(tally));
}

TEST_CASE("a small lack asks for few, equal observations for none, a mean of 0 for the largest round") {
  Tally close;
  for (int i = 0; i < 100; ++i) close.add(i % 2 == 0 ? 9 : 11);
  const double width = mean_interval(close).half_width;
  CHECK(RelativeWidth{.share = width / 10 / 1.05}.more(close) == 11);
  CHECK(RelativeWidth{.share = width / 10 * 1.01}.more(close) == 0);
  Tally equal;
  for (int i = 0; i < 10; ++i) equal.add(3);
  CHECK(RelativeWidth{}.more(equal) == 0);
  Tally zero;
  for (int i = 0; i < 10; ++i) zero.add(i % 2 == 0 ? 1 : -1);
  CHECK(RelativeWidth{}.more(zero) == 5);
  Tally unknown = zero;
  unknown.add(std::numeric_limits<double>::quiet_NaN());
  CHECK(RelativeWidth{.first = 2}.more(unknown) == 5);
  CHECK_THROWS_AS(RelativeWidth{.share = 0}.more(zero), std::logic_error);
  CHECK_THROWS_AS((RelativeWidth{.first = 10, .at_most = 5}.more(zero)), std::logic_error);
}

TEST_CASE("looks come at the first batch, then a quarter later each time, and last at the limit") {
  std::vector<std::int64_t> looks;
  for (std::int64_t n = next_look(0, 10, 40); n != 0; n = next_look(n, 10, 40)) looks.push_back(n);
  CHECK(looks == std::vector<std::int64_t>{10, 13, 17, 22, 28, 35, 40});
  CHECK(next_look(3, 10, 40) == 10);
  CHECK(next_look(40, 10, 40) == 0);
  CHECK(next_look(41, 10, 40) == 0);
  CHECK(next_look(2, 2, 3) == 3);
  CHECK_THROWS_AS(next_look(0, 1, 40), std::logic_error);
  CHECK_THROWS_AS(next_look(0, 10, 9), std::logic_error);
}

TEST_CASE("a limit on the half-width is in the unit of the mean, or a share of it that allows for its own error") {
  Tally tally;
  for (int i = 0; i < 16; ++i) tally.add(i % 2 == 0 ? -9 : -11);
  const double half = mean_interval(tally).half_width;
  CHECK(WidthLimit{.limit = half * 1.001, .of = WidthLimit::Of::value}.is_met(tally));
  CHECK_FALSE(WidthLimit{.limit = half * 0.999, .of = WidthLimit::Of::value}.is_met(tally));
  // half <= g / (1 + g) * 10 exactly at g = half / (10 - half).
  const double share = half / (10 - half);
  CHECK(WidthLimit{.limit = share * 1.001}.is_met(tally));
  CHECK_FALSE(WidthLimit{.limit = share * 0.999}.is_met(tally));
  CHECK_FALSE(WidthLimit{.limit = half / 10 * 1.001}.is_met(tally));
  CHECK(WidthLimit{.limit = 0.25}.most(-10) == Approx(2));
  CHECK(WidthLimit{.limit = 0.25, .of = WidthLimit::Of::value}.most(-10) == 0.25);
  CHECK_FALSE(WidthLimit{.limit = 10}.is_met(Tally{}));
  CHECK_THROWS_AS(WidthLimit{.limit = 0}.is_met(tally), std::logic_error);
}
