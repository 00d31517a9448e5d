// SPDX-License-Identifier: Apache-2.0
#include <libtwin/core/distribution.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/poisson.hpp>

#include <libtwin/core/hyperexponential.hpp>

namespace twin {
namespace {

namespace bm = boost::math;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

constexpr LawParameter kValue[] = {{"value"}};
constexpr LawParameter kMean[] = {{"mean", true, 0.0, true}};
constexpr LawParameter kMinMax[] = {{"min"}, {"max"}};
constexpr LawParameter kMeanSd[] = {{"mean"}, {"sd"}};
constexpr LawParameter kMeanCv[] = {{"mean", true, 0.0, true}, {"cv", false, 0.0, true}};
constexpr LawParameter kScaleShape[] = {{"scale", true, 0.0, true}, {"shape", false, 0.0, true}};
constexpr LawParameter kMeanK[] = {{"mean", true, 0.0, true}, {"k", false, 1.0, false, true}};
constexpr LawParameter kMinModeMax[] = {{"min"}, {"mode"}, {"max"}};
constexpr LawParameter kBeta[] = {{"min"}, {"max"}, {"alpha", false, 0.0, true}, {"beta", false, 0.0, true}};
constexpr LawParameter kHyper[] = {{"mean", true, 0.0, true}, {"cv", false, 1.0}};
constexpr LawParameter kPoisson[] = {{"mean"}};

constexpr LawInfo kLaws[kLawKinds] = {
    {LawKind::constant, "constant", kValue, "Always the same value."},
    {LawKind::exponential, "exponential", kMean, "Exponential with the given mean."},
    {LawKind::uniform, "uniform", kMinMax, "Equally likely between min and max."},
    {LawKind::normal, "normal", kMeanSd,
     "Normal with the given mean and standard deviation, truncated at 0 (both are those before truncation)."},
    {LawKind::lognormal, "lognormal", kMeanCv, "Lognormal with the given mean and coefficient of variation."},
    {LawKind::weibull, "weibull", kScaleShape, "Weibull; 63.2 % of the values lie below scale."},
    {LawKind::gamma, "gamma", kMeanCv, "Gamma with the given mean and coefficient of variation."},
    {LawKind::erlang, "erlang", kMeanK, "Sum of k equal exponential phases with the given total mean."},
    {LawKind::triangular, "triangular", kMinModeMax, "Triangular between min and max with its peak at mode."},
    {LawKind::pert, "pert", kMinModeMax, "PERT: a beta law between min and max with its peak at mode, weight 4."},
    {LawKind::beta, "beta", kBeta, "Beta between min and max with shapes alpha and beta."},
    {LawKind::hyperexponential, "hyperexponential", kHyper,
     "Two exponential phases with balanced means; coefficient of variation cv >= 1."},
    {LawKind::empirical, "empirical", {}, "Observed values, each equally likely, from a column of a CSV file."},
    {LawKind::discrete, "discrete", {}, "A few values, each with its weight."},
    {LawKind::poisson, "poisson", kPoisson, "Poisson counts with the given mean."},
    {LawKind::call, "call", {}, "A function of the user's program, by name."},
};

Distribution make(LawKind kind, std::initializer_list<double> parameters) {
  Distribution law;
  law.kind = kind;
  std::copy(parameters.begin(), parameters.end(), law.parameters.begin());
  return law;
}

double weight_sum(const Distribution& law) { return std::accumulate(law.weights.begin(), law.weights.end(), 0.0); }

// Chernoff's bound: at most exp(-e) of a law lies beyond x, with e = shape (r - 1 - log r), r = x / mean, for gamma and
// e = x log(x / mean) - x + mean for Poisson. Where that is less than a double can show, Boost's functions may throw.
constexpr double kNothingAbove = 40.0;
constexpr double kNothingBelow = 800.0;

/// Whether a normal law's truncation is beyond what a double can hold; a standard deviation of 0 is.
bool is_far_from_zero(const Distribution& law) { return law.parameters[0] >= 1e3 * law.parameters[1]; }

/// Shapes of the beta law on [0, 1] that a PERT or beta law is scaled from.
std::pair<double, double> beta_shapes(const Distribution& law) {
  const auto& p = law.parameters;
  if (law.kind == LawKind::beta) return {p[2], p[3]};
  const double range = p[2] - p[0];
  return {1.0 + 4.0 * (p[1] - p[0]) / range, 1.0 + 4.0 * (p[2] - p[1]) / range};
}

double upper_end(const Distribution& law) { return law.kind == LawKind::beta ? law.parameters[1] : law.parameters[2]; }

double gamma_shape(const Distribution& law) {
  const double second = law.parameters[1];
  return law.kind == LawKind::erlang ? second : 1.0 / (second * second);
}

/// Values in rising order with their cumulative probabilities.
std::vector<std::pair<double, double>> steps(const Distribution& law) {
  std::vector<std::pair<double, double>> result;
  const bool weighted = law.kind == LawKind::discrete;
  const double total = weighted ? weight_sum(law) : static_cast<double>(law.values.size());
  for (std::size_t i = 0; i < law.values.size(); ++i) {
    result.emplace_back(law.values[i], (weighted ? law.weights[i] : 1.0) / total);
  }
  std::sort(result.begin(), result.end());
  double sum = 0;
  for (auto& [value, p] : result) p = sum += p;
  if (!result.empty()) result.back().second = 1.0;
  return result;
}

void check_list(const Distribution& law, std::vector<std::string>& found) {
  if (law.values.empty()) found.emplace_back("has no values");
  for (const double v : law.values) {
    if (!(v >= 0 && v < kInf)) {
      found.emplace_back("has a value of " + std::to_string(v) + "; values must be >= 0");
      break;
    }
  }
  if (law.kind != LawKind::discrete) return;
  if (law.weights.size() != law.values.size()) found.emplace_back("needs one weight for each value");
  for (const double w : law.weights) {
    if (!(w >= 0 && w < kInf)) {
      found.emplace_back("has a weight of " + std::to_string(w) + "; weights must be >= 0");
      return;
    }
  }
  if (!law.weights.empty() && !(weight_sum(law) > 0)) found.emplace_back("has weights that sum to 0");
  if (!(weight_sum(law) < kInf)) found.emplace_back("has weights too large to sum");
}

void check_order(const Distribution& law, std::vector<std::string>& found) {
  const auto& p = law.parameters;
  // Outside these ranges the special functions underflow, or throw, and no double holds what the law means.
  const auto within = [&](double value, double low, double high, const char* text) {
    if (value < low || value > high) found.emplace_back(text);
  };
  const auto in_order = [&](double low, double high, const char* text) {
    if (low > high) found.emplace_back(text);
  };
  switch (law.kind) {
    case LawKind::uniform:
      in_order(p[0], p[1], "has a min above its max");
      break;
    case LawKind::beta:
      in_order(p[0], p[1], "has a min above its max");
      within(p[2], 0.01, 1e6, "has an alpha outside 0.01 to 1,000,000");
      within(p[3], 0.01, 1e6, "has a beta outside 0.01 to 1,000,000");
      break;
    case LawKind::triangular:
    case LawKind::pert:
      in_order(p[0], p[2], "has a min above its max");
      in_order(p[0], p[1], "has a min above its mode");
      in_order(p[1], p[2], "has a mode above its max");
      break;
    case LawKind::gamma:
      within(p[1], 0.001, 100.0, "has a cv outside 0.001 to 100");
      break;
    case LawKind::lognormal:
    case LawKind::hyperexponential:
      within(p[1], 0.001, 1000.0, "has a cv outside 0.001 to 1000");
      break;
    case LawKind::weibull:
      within(p[1], 0.02, 1000.0, "has a shape outside 0.02 to 1000");
      break;
    case LawKind::poisson:
      if (p[0] > 1e6) found.emplace_back("has a mean above 1,000,000");
      break;
    default:
      break;
  }
}

}  // namespace

std::span<const LawInfo> law_infos() { return kLaws; }
const LawInfo& law_info(LawKind kind) { return kLaws[static_cast<std::size_t>(kind)]; }

const LawInfo* find_law(std::string_view name) {
  for (const LawInfo& info : kLaws) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

Distribution constant(double value) { return make(LawKind::constant, {value}); }
Distribution exponential(double mean) { return make(LawKind::exponential, {mean}); }
Distribution uniform(double min, double max) { return make(LawKind::uniform, {min, max}); }
Distribution normal(double mean, double sd) { return make(LawKind::normal, {mean, sd}); }
Distribution lognormal(double mean, double cv) { return make(LawKind::lognormal, {mean, cv}); }
Distribution weibull(double scale, double shape) { return make(LawKind::weibull, {scale, shape}); }
Distribution gamma(double mean, double cv) { return make(LawKind::gamma, {mean, cv}); }
Distribution erlang(double mean, int k) { return make(LawKind::erlang, {mean, static_cast<double>(k)}); }
Distribution triangular(double min, double mode, double max) { return make(LawKind::triangular, {min, mode, max}); }
Distribution pert(double min, double mode, double max) { return make(LawKind::pert, {min, mode, max}); }
Distribution beta(double min, double max, double alpha, double beta) {
  return make(LawKind::beta, {min, max, alpha, beta});
}
Distribution hyperexponential(double mean, double cv) { return make(LawKind::hyperexponential, {mean, cv}); }
Distribution poisson(double mean) { return make(LawKind::poisson, {mean}); }

Distribution empirical(std::vector<double> values) {
  Distribution law = make(LawKind::empirical, {});
  law.values = std::move(values);
  return law;
}

Distribution discrete(std::vector<double> values, std::vector<double> weights) {
  Distribution law = make(LawKind::discrete, {});
  law.values = std::move(values);
  law.weights = std::move(weights);
  return law;
}

Distribution call(std::string name) {
  Distribution law = make(LawKind::call, {});
  law.name = std::move(name);
  return law;
}

std::vector<std::string> problems(const Distribution& law) {
  std::vector<std::string> found;
  const LawInfo& info = law_info(law.kind);
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const LawParameter& p = info.parameters[i];
    const double v = law.parameters[i];
    const bool low = p.min_is_open ? !(v > p.min) : !(v >= p.min);
    if (low || !(v < kInf)) {
      found.push_back(
          std::string(p.name) + " is " + std::to_string(v) + "; it must be " +
          (v == kInf ? "finite" : (p.min_is_open ? "> " : ">= ") + std::to_string(static_cast<int>(p.min))));
    } else if (p.is_integer && (v != std::floor(v) || v > 1e6)) {
      found.push_back(std::string(p.name) + " is " + std::to_string(v) + "; it must be a whole number up to 1,000,000");
    }
  }
  if (found.empty()) check_order(law, found);
  if (law.kind == LawKind::empirical || law.kind == LawKind::discrete) check_list(law, found);
  if (law.kind == LawKind::call && law.name.empty()) found.emplace_back("needs the name of a function");
  return found;
}

double mean(const Distribution& law) {
  const auto& p = law.parameters;
  switch (law.kind) {
    case LawKind::constant:
    case LawKind::exponential:
    case LawKind::lognormal:
    case LawKind::gamma:
    case LawKind::erlang:
    case LawKind::hyperexponential:
    case LawKind::poisson:
      return p[0];
    case LawKind::uniform:
      return 0.5 * (p[0] + p[1]);
    case LawKind::normal: {
      // Johnson, Kotz, Balakrishnan (1994), vol. 1, 13.10: lower truncation at 0.
      if (is_far_from_zero(law)) return p[0];
      const double alpha = -p[0] / p[1];
      return p[0] + p[1] * bm::pdf(bm::normal(), alpha) / bm::cdf(bm::complement(bm::normal(), alpha));
    }
    case LawKind::weibull:
      return p[0] * std::tgamma(1.0 + 1.0 / p[1]);
    case LawKind::triangular:
      return (p[0] + p[1] + p[2]) / 3.0;
    case LawKind::pert:
      return (p[0] + 4.0 * p[1] + p[2]) / 6.0;
    case LawKind::beta:
      return p[0] + (p[1] - p[0]) * p[2] / (p[2] + p[3]);
    case LawKind::empirical:
      return std::accumulate(law.values.begin(), law.values.end(), 0.0) / static_cast<double>(law.values.size());
    case LawKind::discrete:
      return std::inner_product(law.values.begin(), law.values.end(), law.weights.begin(), 0.0) / weight_sum(law);
    case LawKind::call:
      return kNan;
  }
  return kNan;
}

double variance(const Distribution& law) {
  const auto& p = law.parameters;
  const auto squared = [](double x) { return x * x; };
  switch (law.kind) {
    case LawKind::constant:
      return 0.0;
    case LawKind::exponential:
      return squared(p[0]);
    case LawKind::uniform:
      return squared(p[1] - p[0]) / 12.0;
    case LawKind::normal: {
      if (is_far_from_zero(law)) return squared(p[1]);
      const double alpha = -p[0] / p[1];
      const double ratio = bm::pdf(bm::normal(), alpha) / bm::cdf(bm::complement(bm::normal(), alpha));
      return squared(p[1]) * (1.0 + alpha * ratio - ratio * ratio);
    }
    case LawKind::lognormal:
    case LawKind::gamma:
    case LawKind::hyperexponential:
      return squared(p[0] * p[1]);
    case LawKind::erlang:
      return squared(p[0]) / p[1];
    case LawKind::weibull: {
      const double m = std::tgamma(1.0 + 1.0 / p[1]);
      return squared(p[0]) * (std::tgamma(1.0 + 2.0 / p[1]) - m * m);
    }
    case LawKind::triangular: {
      // By the place of the mode, as the textbook's difference of squares loses all digits of a narrow law.
      const double range = p[2] - p[0];
      if (range == 0) return 0.0;
      const double cut = (p[1] - p[0]) / range;
      return squared(range) * (1.0 - cut * (1.0 - cut)) / 18.0;
    }
    case LawKind::pert:
    case LawKind::beta: {
      const double range = upper_end(law) - p[0];
      if (range == 0) return 0.0;
      const auto [a, b] = beta_shapes(law);
      return squared(range) * a * b / (squared(a + b) * (a + b + 1.0));
    }
    case LawKind::empirical:
    case LawKind::discrete: {
      const double m = mean(law);
      double sum = 0;
      double weights = 0;
      for (std::size_t i = 0; i < law.values.size(); ++i) {
        const double w = law.kind == LawKind::discrete ? law.weights[i] : 1.0;
        sum += w * squared(law.values[i] - m);
        weights += w;
      }
      return sum / weights;
    }
    case LawKind::poisson:
      return p[0];
    case LawKind::call:
      return kNan;
  }
  return kNan;
}

double cumulative(const Distribution& law, double x) {
  const auto& p = law.parameters;
  if (x < 0) return 0.0;
  switch (law.kind) {
    case LawKind::constant:
      return x >= p[0] ? 1.0 : 0.0;
    case LawKind::exponential:
      return -std::expm1(-x / p[0]);
    case LawKind::uniform:
      if (x >= p[1]) return 1.0;
      return x <= p[0] ? 0.0 : (x - p[0]) / (p[1] - p[0]);
    case LawKind::normal: {
      if (p[1] == 0) return x >= p[0] ? 1.0 : 0.0;
      const double below = bm::cdf(bm::normal(), -p[0] / p[1]);
      return (bm::cdf(bm::normal(), (x - p[0]) / p[1]) - below) / (1.0 - below);
    }
    case LawKind::lognormal: {
      if (x == 0) return 0.0;
      const double s2 = std::log1p(p[1] * p[1]);
      return bm::cdf(bm::normal(), (std::log(x / p[0]) + 0.5 * s2) / std::sqrt(s2));
    }
    case LawKind::weibull:
      return -std::expm1(-std::pow(x / p[0], p[1]));
    case LawKind::gamma:
    case LawKind::erlang: {
      const double shape = gamma_shape(law);
      const double r = x / p[0];
      const double exponent = shape * (r - 1.0 - std::log(r));
      if (r > 1 ? exponent > kNothingAbove : exponent > kNothingBelow) return r > 1 ? 1.0 : 0.0;
      return bm::cdf(bm::gamma_distribution<>(shape, p[0] / shape), x);
    }
    case LawKind::triangular: {
      if (x <= p[0]) return p[2] > p[0] || x < p[0] ? 0.0 : 1.0;
      if (x >= p[2]) return 1.0;
      const double range = p[2] - p[0];
      if (x <= p[1]) return (x - p[0]) / range * ((x - p[0]) / (p[1] - p[0]));
      return 1.0 - (p[2] - x) / range * ((p[2] - x) / (p[2] - p[1]));
    }
    case LawKind::pert:
    case LawKind::beta: {
      const double high = upper_end(law);
      if (x >= high) return 1.0;
      if (x <= p[0]) return 0.0;
      const auto [a, b] = beta_shapes(law);
      return bm::cdf(bm::beta_distribution<>(a, b), (x - p[0]) / (high - p[0]));
    }
    case LawKind::hyperexponential:
      return detail::Hyperexponential(p[1]).cumulative(x / p[0]);
    case LawKind::empirical:
    case LawKind::discrete: {
      double below = 0;
      for (const auto& [value, c] : steps(law)) {
        if (value > x) break;
        below = c;
      }
      return below;
    }
    case LawKind::poisson: {
      if (p[0] == 0) return 1.0;
      if (x > p[0] && x * (std::log(x / p[0]) - 1.0) + p[0] > kNothingAbove) return 1.0;
      return bm::cdf(bm::poisson_distribution<>(p[0]), std::floor(x));
    }
    case LawKind::call:
      return kNan;
  }
  return kNan;
}

double quantile(const Distribution& law, double q) {
  const auto& p = law.parameters;
  switch (law.kind) {
    case LawKind::constant:
      return p[0];
    case LawKind::exponential:
      return -p[0] * std::log1p(-q);
    case LawKind::uniform:
      return p[0] + (p[1] - p[0]) * q;
    case LawKind::normal: {
      if (p[1] == 0) return p[0];
      const double below = bm::cdf(bm::normal(), -p[0] / p[1]);
      return std::max(0.0, p[0] + p[1] * bm::quantile(bm::complement(bm::normal(), (1.0 - q) * (1.0 - below))));
    }
    case LawKind::lognormal: {
      const double s2 = std::log1p(p[1] * p[1]);
      return p[0] * std::exp(std::sqrt(s2) * bm::quantile(bm::normal(), q) - 0.5 * s2);
    }
    case LawKind::weibull:
      return p[0] * std::pow(-std::log1p(-q), 1.0 / p[1]);
    case LawKind::gamma:
    case LawKind::erlang: {
      const double shape = gamma_shape(law);
      return bm::quantile(bm::gamma_distribution<>(shape, p[0] / shape), q);
    }
    case LawKind::triangular: {
      const double range = p[2] - p[0];
      if (range == 0) return p[0];
      const double cut = (p[1] - p[0]) / range;
      return q < cut ? p[0] + range * std::sqrt(q * cut) : p[2] - range * std::sqrt((1.0 - q) * (1.0 - cut));
    }
    case LawKind::pert:
    case LawKind::beta: {
      const double range = upper_end(law) - p[0];
      if (range == 0) return p[0];
      const auto [a, b] = beta_shapes(law);
      return p[0] + range * bm::quantile(bm::beta_distribution<>(a, b), q);
    }
    case LawKind::hyperexponential:
      return p[0] * detail::Hyperexponential(p[1]).quantile(q, 1.0 - q);
    case LawKind::empirical:
    case LawKind::discrete:
      for (const auto& [value, c] : steps(law)) {
        if (c >= q) return value;
      }
      return kNan;
    case LawKind::poisson: {
      if (p[0] == 0) return 0.0;
      double x = std::max(0.0, std::floor(p[0] - 12.0 * std::sqrt(p[0]) - 20.0));
      while (cumulative(law, x) < q) x += 1.0;
      return x;
    }
    case LawKind::call:
      return kNan;
  }
  return kNan;
}

}  // namespace twin
