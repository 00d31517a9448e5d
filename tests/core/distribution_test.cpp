// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <cmath>
#include <limits>

#include <libtwin/core/distribution.hpp>
#include <tests/core/laws.hpp>

using namespace twin;
using namespace twin::test;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

/// The integral of f(quantile) over (0, 1) by the trapezoidal rule in the normal score, where both ends are smooth.
template <class Function>
double expectation(const Distribution& law, Function f) {
  constexpr int kSteps = 4000;
  constexpr double kEdge = 7.5;
  double sum = 0;
  double weights = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double z = kEdge * (2.0 * i / kSteps - 1.0);
    const double weight = std::exp(-0.5 * z * z);
    sum += weight * f(quantile(law, normal_cumulative(z)));
    weights += weight;
  }
  return sum / weights;
}

}  // namespace

TEST_CASE("mean and variance are those of the quantile function") {
  for (const Distribution& law : laws()) {
    CAPTURE(describe(law));
    // A step function costs the rule one interval of a jump.
    const double tolerance = is_discrete(law) ? 3e-3 : 2e-6;
    const double m = expectation(law, [](double x) { return x; });
    CHECK(mean(law) == Approx(m).epsilon(tolerance));
    const double v = expectation(law, [&](double x) { return (x - m) * (x - m); });
    CHECK(variance(law) == Approx(v).epsilon(10 * tolerance).margin(1e-12));
  }
}

TEST_CASE("moments of laws have their textbook values") {
  CHECK(mean(normal(0, 1)) == Approx(std::sqrt(2 / M_PI)).epsilon(1e-14));
  CHECK(variance(normal(0, 1)) == Approx(1 - 2 / M_PI).epsilon(1e-14));
  CHECK(mean(weibull(10, 2)) == Approx(10 * std::sqrt(M_PI) / 2).epsilon(1e-14));
  CHECK(variance(weibull(10, 2)) == Approx(100 * (1 - M_PI / 4)).epsilon(1e-13));
  CHECK(variance(triangular(0, 0, 6)) == Approx(2.0).epsilon(1e-14));
  CHECK(variance(triangular(1, 2, 6)) == Approx(21.0 / 18).epsilon(1e-14));
  CHECK(mean(pert(1, 2, 6)) == Approx(2.5).epsilon(1e-14));
  CHECK(variance(beta(0, 1, 2, 3)) == Approx(0.04).epsilon(1e-14));
  CHECK(variance(erlang(6, 4)) == Approx(9.0).epsilon(1e-14));
  CHECK(mean(discrete({10, 20}, {3, 1})) == 12.5);
  CHECK(variance(discrete({10, 20}, {3, 1})) == 18.75);
  CHECK(variance(empirical({1, 2, 3, 4})) == 1.25);
  CHECK(mean(poisson(4)) == 4.0);
}

TEST_CASE("a narrow law far from zero keeps its variance") {
  CHECK(variance(triangular(1e6, 1e6 + 0.5, 1e6 + 1)) == Approx(1.0 / 24).epsilon(1e-9));
  CHECK(variance(normal(1e6, 1e-3)) == Approx(1e-6).epsilon(1e-12));
  CHECK(variance(normal(1, 1e-320)) == 0.0);
  CHECK(variance(hyperexponential(1, 1000)) == Approx(1e6));
  CHECK(quantile(hyperexponential(1, 1000), 1 - 1e-7) ==
        Approx(std::log(5e-7 / 1e-7) / 1e-6).epsilon(1e-5));  // p2 = 5e-7, of rate 2 p2
}

TEST_CASE("quantile and cumulative invert each other for continuous laws") {
  for (const Distribution& law : laws()) {
    if (is_discrete(law)) continue;
    for (const double p : {1e-4, 0.01, 0.1, 0.25, 0.5, 0.632, 0.9, 0.99, 0.9999}) {
      CAPTURE(describe(law), p);
      const double x = quantile(law, p);
      CHECK(cumulative(law, x) == Approx(p).epsilon(1e-9));
      CHECK(quantile(law, cumulative(law, x)) == Approx(x).epsilon(1e-7));
    }
  }
}

TEST_CASE("the quantile of a law with steps is the smallest value that reaches the share") {
  for (const Distribution& law : laws()) {
    if (!is_discrete(law)) continue;
    for (const double p : {1e-6, 0.1, 0.125, 0.3, 0.5, 0.74, 0.9, 0.999}) {
      CAPTURE(describe(law), p);
      const double x = quantile(law, p);
      CHECK(cumulative(law, x) >= p);
      CHECK(cumulative(law, std::nextafter(x, -1.0)) < p);
    }
  }
}

TEST_CASE("the distribution function rises from 0 to 1 over the numbers >= 0") {
  for (const Distribution& law : laws()) {
    CAPTURE(describe(law));
    CHECK(cumulative(law, -1e-9) == 0.0);
    double before = 0;
    for (double x = 0; x < 300; x += 0.37) {
      const double c = cumulative(law, x);
      CHECK((c >= before && c <= 1.0));
      before = c;
    }
    CHECK(cumulative(law, 1e300) == 1.0);
  }
}

TEST_CASE("distribution functions have textbook values") {
  CHECK(cumulative(exponential(2), 2) == Approx(1 - std::exp(-1)).epsilon(1e-14));
  CHECK(cumulative(normal(0, 1), 1) == Approx(std::erf(1 / std::sqrt(2))).epsilon(1e-13));
  CHECK(cumulative(lognormal(1, 1), 1 / std::sqrt(2)) == Approx(0.5).epsilon(1e-13));
  CHECK(cumulative(weibull(10, 3), 10) == Approx(1 - std::exp(-1)).epsilon(1e-14));
  CHECK(cumulative(erlang(2, 2), 2) == Approx(1 - 3 * std::exp(-2)).epsilon(1e-13));
  CHECK(cumulative(gamma(1, std::sqrt(2.0)), 1) == Approx(std::erf(1 / std::sqrt(2))).epsilon(1e-13));
  CHECK(cumulative(triangular(0, 1, 2), 1) == 0.5);
  CHECK(cumulative(pert(0, 1, 2), 1) == Approx(0.5).epsilon(1e-14));
  CHECK(cumulative(beta(0, 1, 2, 1), 0.5) == Approx(0.25).epsilon(1e-14));
  CHECK(cumulative(hyperexponential(1, 1), 1) == Approx(1 - std::exp(-1)).epsilon(1e-14));
  CHECK(cumulative(poisson(2), 1) == Approx(3 * std::exp(-2)).epsilon(1e-14));
  CHECK(cumulative(discrete({10, 20}, {3, 1}), 10) == 0.75);
  CHECK(cumulative(empirical({1, 2, 2, 4}), 2) == 0.75);
}

TEST_CASE("laws of one point are steps") {
  for (const Distribution& law : {uniform(5, 5), normal(5, 0), triangular(5, 5, 5), pert(5, 5, 5), beta(5, 5, 2, 3),
                                  discrete({5}, {1}), constant(5), Distribution(5.0)}) {
    CAPTURE(describe(law));
    CHECK(problems(law).empty());
    CHECK(mean(law) == 5.0);
    CHECK(variance(law) == 0.0);
    CHECK(quantile(law, 0.3) == 5.0);
    CHECK(cumulative(law, 4.999) == 0.0);
    CHECK(cumulative(law, 5.0) == 1.0);
  }
}

TEST_CASE("what a user's function gives is not known") {
  const Distribution law = call("mine");
  CHECK(problems(law).empty());
  CHECK(std::isnan(mean(law)));
  CHECK(std::isnan(variance(law)));
  CHECK(std::isnan(quantile(law, 0.5)));
  CHECK(std::isnan(cumulative(law, 1.0)));
}

TEST_CASE("laws are found by name, in the order of their kinds") {
  REQUIRE(law_infos().size() == kLawKinds);
  for (std::size_t i = 0; i < kLawKinds; ++i) {
    const LawInfo& info = law_infos()[i];
    CHECK(static_cast<std::size_t>(info.kind) == i);
    CHECK(find_law(info.name) == &info);
    CHECK(&law_info(info.kind) == &info);
    CHECK_FALSE(info.doc.empty());
    CHECK(info.parameters.size() <= kMaxLawParameters);
  }
  CHECK(find_law("lognormol") == nullptr);
  CHECK(find_law("") == nullptr);
}

TEST_CASE("good parameters have no problems") {
  for (const Distribution& law : laws()) {
    CAPTURE(describe(law));
    CHECK(problems(law).empty());
  }
}

TEST_CASE("a parameter that is NaN, infinite or negative is a problem of every law") {
  for (const Distribution& good : laws()) {
    for (std::size_t i = 0; i < law_info(good.kind).parameters.size(); ++i) {
      for (const double bad : {kNan, kInf, -kInf, -1.0, -1e-300}) {
        Distribution law = good;
        law.parameters[i] = bad;
        CAPTURE(describe(law));
        REQUIRE_FALSE(problems(law).empty());
        CHECK(problems(law)[0].find(law_info(law.kind).parameters[i].name) == 0);
      }
    }
  }
}

TEST_CASE("a problem names the parameter, its value and what it must be") {
  CHECK(problems(exponential(-2)) == std::vector<std::string>{"mean is -2.000000; it must be > 0"});
  CHECK(problems(exponential(kInf)) == std::vector<std::string>{"mean is inf; it must be finite"});
  CHECK(problems(hyperexponential(1, 0.5)) == std::vector<std::string>{"cv is 0.500000; it must be >= 1"});
  CHECK(problems(uniform(-1, kNan)).size() == 2);
}

TEST_CASE("zero is a problem where the law would be empty") {
  for (const Distribution& law :
       {exponential(0), lognormal(0, 1), lognormal(1, 0), weibull(0, 1), weibull(1, 0), gamma(0, 1), gamma(1, 0),
        erlang(0, 1), erlang(1, 0), beta(0, 1, 0, 1), beta(0, 1, 1, 0), hyperexponential(0, 2)}) {
    CAPTURE(describe(law));
    CHECK(problems(law).size() == 1);
  }
  for (const Distribution& law : {constant(0), uniform(0, 0), normal(0, 0), triangular(0, 0, 0), poisson(0)}) {
    CAPTURE(describe(law));
    CHECK(problems(law).empty());
  }
}

TEST_CASE("parameters out of order are a problem") {
  for (const Distribution& law : {uniform(3, 2), beta(3, 2, 1, 1), triangular(3, 2, 5), triangular(1, 7, 5),
                                  pert(3, 2, 5), pert(1, 7, 5), triangular(9, 5, 1)}) {
    CAPTURE(describe(law));
    CHECK_FALSE(problems(law).empty());
  }
}

TEST_CASE("shapes no double can hold are a problem, and those at the edge work") {
  for (const Distribution& law :
       {gamma(1, 1e-4), gamma(1, 101), lognormal(1, 1e-4), lognormal(1, 1e4), hyperexponential(1, 1e4),
        weibull(1, 0.01), weibull(1, 1e4), beta(0, 1, 1e-3, 1), beta(0, 1, 1, 1e7), erlang(1, 1000001), poisson(1e7)}) {
    CAPTURE(describe(law));
    CHECK(problems(law).size() == 1);
  }
  for (const Distribution& law : {gamma(1, 0.001), gamma(1, 100), lognormal(1, 0.001), lognormal(1, 1000),
                                  hyperexponential(1, 1000), weibull(1, 0.02), weibull(1, 1000), beta(0, 1, 0.01, 1e6),
                                  beta(0, 1, 1e6, 0.01), beta(0, 1, 0.01, 0.01), erlang(1, 1000000), poisson(1e6)}) {
    CAPTURE(describe(law));
    CHECK(problems(law).empty());
    CHECK((mean(law) > 0 && mean(law) < kInf));
    CHECK((variance(law) > 0 && variance(law) < kInf));
    for (const double x : {0.0, 1e-300, 1e-3, 1.0, 1e3, 1e300}) {
      const double c = cumulative(law, x);
      CHECK((c >= 0 && c <= 1));
    }
    for (const double p : {1e-9, 0.5, 1 - 1e-9}) CHECK(quantile(law, p) >= 0);
  }
}

TEST_CASE("an erlang law has a whole number of phases") {
  Distribution law = erlang(1, 2);
  law.parameters[1] = 2.5;
  CHECK(problems(law).size() == 1);
}

TEST_CASE("lists of values need values, weights that fit, and something to choose") {
  CHECK_FALSE(problems(empirical({})).empty());
  CHECK_FALSE(problems(empirical({1, -1})).empty());
  CHECK_FALSE(problems(empirical({1, kNan})).empty());
  CHECK_FALSE(problems(empirical({1, kInf})).empty());
  CHECK_FALSE(problems(discrete({}, {})).empty());
  CHECK_FALSE(problems(discrete({1, 2}, {1})).empty());
  CHECK_FALSE(problems(discrete({1, 2}, {1, -1})).empty());
  CHECK_FALSE(problems(discrete({1, 2}, {1, kNan})).empty());
  CHECK_FALSE(problems(discrete({1, 2}, {0, 0})).empty());
  CHECK_FALSE(problems(discrete({1, 2}, {1e308, 1e308})).empty());
  CHECK_FALSE(problems(call("")).empty());
}

TEST_CASE("laws are values that can be compared") {
  CHECK(gamma(1, 0.5) == gamma(1, 0.5));
  CHECK_FALSE(gamma(1, 0.5) == gamma(1, 0.6));
  CHECK_FALSE(gamma(1, 0.5) == lognormal(1, 0.5));
  CHECK_FALSE(discrete({1, 2}, {1, 1}) == discrete({1, 2}, {1, 2}));
}
