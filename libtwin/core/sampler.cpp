// SPDX-License-Identifier: Apache-2.0
#include <libtwin/core/sampler.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <tuple>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>

#include <libtwin/core/hyperexponential.hpp>

namespace twin {
namespace detail {

Hyperexponential::Hyperexponential(double cv) {
  const double c2 = cv * cv;
  const double root = std::sqrt((c2 - 1.0) / (c2 + 1.0));
  p1_ = 0.5 * (1.0 + root);
  // 1 - p1 without the cancellation that would take its digits at a large cv.
  p2_ = 1.0 / ((c2 + 1.0) * (1.0 + root));
}

double Hyperexponential::cumulative(double x) const {
  return -p1_ * std::expm1(-2.0 * p1_ * x) - p2_ * std::expm1(-2.0 * p2_ * x);
}

double Hyperexponential::quantile(double below, double above) const {
  // Bisection: the function is monotone, and this runs only when tables are made.
  const auto survival = [&](double x) { return p1_ * std::exp(-2.0 * p1_ * x) + p2_ * std::exp(-2.0 * p2_ * x); };
  const auto too_low = [&](double x) { return below < 0.5 ? cumulative(x) < below : survival(x) > above; };
  double low = 0.0;
  double high = 1.0;
  while (too_low(high) && high < 1e18) high *= 2.0;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = 0.5 * (low + high);
    if (middle == low || middle == high) break;
    (too_low(middle) ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace detail

namespace {

namespace bm = boost::math;

// Quantile tables: nodes evenly spaced in the standard normal score z. Beyond |z| = 8.25 lies a share of 2e-16.
constexpr std::uint32_t kIntervals = 1024;
constexpr double kEdge = 8.25;
constexpr double kPerScore = kIntervals / (2.0 * kEdge);

/// A shape is told by the kind of table and up to two numbers.
enum class TableKind : std::uint8_t { gamma, beta, hyperexponential, truncated_normal, poisson, list };

/// Quantile as a function of (share below, share above).
using Quantile = std::function<double(double, double)>;

Quantile quantile_function(TableKind kind, double first, double second) {
  switch (kind) {
    case TableKind::gamma:
      return [law = bm::gamma_distribution<>(first, 1.0 / first)](double below, double above) {
        return below < 0.5 ? bm::quantile(law, below) : bm::quantile(bm::complement(law, above));
      };
    case TableKind::beta:
      return [law = bm::beta_distribution<>(first, second)](double below, double above) {
        return below < 0.5 ? bm::quantile(law, below) : bm::quantile(bm::complement(law, above));
      };
    case TableKind::truncated_normal: {
      // Unit standard deviation, mean `first`; the share above x is a share of what lies above 0.
      const double kept = bm::cdf(bm::complement(bm::normal(), -first));
      return [first, kept](double, double above) {
        return std::max(0.0, first + bm::quantile(bm::complement(bm::normal(), above * kept)));
      };
    }
    case TableKind::hyperexponential:
    case TableKind::poisson:
    case TableKind::list:
      break;
  }
  return [law = detail::Hyperexponential(first)](double below, double above) { return law.quantile(below, above); };
}

/// Pairs (value, slope per interval) at the nodes; slopes by fourth-order differences, so that cubic Hermite
/// interpolation between nodes is of fourth order too. At the kinks of extreme shapes a slope is held below three
/// times the smaller rise beside it, which keeps the interpolant monotone (Fritsch and Carlson 1980).
std::vector<double> make_table(const Quantile& q) {
  std::array<double, kIntervals + 5> value{};
  for (std::size_t i = 0; i < value.size(); ++i) {
    const double z = -kEdge + (static_cast<double>(i) - 2.0) / kPerScore;
    value[i] = q(0.5 * std::erfc(-z / std::sqrt(2.0)), 0.5 * std::erfc(z / std::sqrt(2.0)));
  }
  std::vector<double> table;
  table.reserve(2 * (kIntervals + 1));
  for (std::size_t i = 2; i < value.size() - 2; ++i) {
    const double slope = (8.0 * (value[i + 1] - value[i - 1]) - (value[i + 2] - value[i - 2])) / 12.0;
    const double steepest = 3.0 * std::min(value[i + 1] - value[i], value[i] - value[i - 1]);
    table.push_back(value[i]);
    table.push_back(std::max(0.0, std::min(slope, steepest)));
  }
  return table;
}

double interpolate(const double* table, double z) {
  const double position = std::clamp((z + kEdge) * kPerScore, 0.0, kIntervals - 1e-9);
  const auto i = static_cast<std::size_t>(position);
  const double f = position - static_cast<double>(i);
  const double* node = table + 2 * i;
  const double rise = node[2] - node[0];
  const double c2 = 3.0 * rise - 2.0 * node[1] - node[3];
  const double c3 = node[1] + node[3] - 2.0 * rise;
  return node[0] + f * (node[1] + f * (c2 + f * c3));
}

/// Values in rising order followed by their cumulative shares.
std::vector<double> make_steps(const Distribution& law) {
  std::vector<std::pair<double, double>> steps;
  if (law.kind == LawKind::poisson) {
    const double m = law.parameters[0];
    const double last = std::ceil(m + 12.0 * std::sqrt(m) + 20.0);
    for (double x = std::max(0.0, std::floor(m - 12.0 * std::sqrt(m))); x <= last; x += 1.0) {
      const double log_p = m == 0 ? (x == 0 ? 0.0 : -1e9) : x * std::log(m) - m - std::lgamma(x + 1.0);
      steps.emplace_back(x, std::exp(log_p));
    }
  } else {
    for (std::size_t i = 0; i < law.values.size(); ++i) {
      steps.emplace_back(law.values[i], law.kind == LawKind::discrete ? law.weights[i] : 1.0);
    }
    std::sort(steps.begin(), steps.end());
  }
  double total = 0;
  for (const auto& step : steps) total += step.second;
  std::vector<double> result;
  for (const auto& step : steps) result.push_back(step.first);
  double sum = 0;
  for (const auto& step : steps) result.push_back((sum += step.second) / total);
  result.back() = 1.0;
  return result;
}

}  // namespace

struct SamplerCache::Tables {
  std::map<std::tuple<TableKind, double, double>, std::vector<double>> quantiles;
  std::map<std::vector<double>, std::vector<double>> steps;
};

SamplerCache::SamplerCache() : tables_(std::make_unique<Tables>()) {}
SamplerCache::~SamplerCache() = default;
SamplerCache::SamplerCache(SamplerCache&&) noexcept = default;
SamplerCache& SamplerCache::operator=(SamplerCache&&) noexcept = default;

Sampler SamplerCache::prepare(const Distribution& law, double scale) {
  const auto& p = law.parameters;
  Sampler s;
  const auto use_table = [&](TableKind kind, double first, double second) {
    auto [it, is_new] = tables_->quantiles.try_emplace({kind, first, second});
    if (is_new) it->second = make_table(quantile_function(kind, first, second));
    s.form = SampleForm::table;
    s.table = it->second.data();
  };
  const auto set = [&](SampleForm form, double a, double b = 0.0, double c = 0.0) {
    s.form = form;
    s.a = a;
    s.b = b;
    s.c = c;
  };
  // No short cuts at special parameters (a gamma law of shape 1 is exponential): they would take another standard draw
  // than their neighbours and put the stream out of step.
  switch (law.kind) {
    case LawKind::constant:
      set(SampleForm::constant, p[0] * scale);
      break;
    case LawKind::exponential:
      set(SampleForm::exponential, p[0] * scale);
      break;
    case LawKind::uniform:
      set(SampleForm::uniform, p[0] * scale, (p[1] - p[0]) * scale);
      break;
    case LawKind::normal:
      if (p[1] == 0 || p[0] / p[1] > 8.3) {
        set(SampleForm::normal, p[0] * scale, p[1] * scale);
      } else {
        use_table(TableKind::truncated_normal, p[0] / p[1], 0.0);
        s.b = p[1] * scale;
      }
      break;
    case LawKind::lognormal: {
      const double s2 = detail::log(1.0 + p[1] * p[1]);
      // exp of the mean of the logarithm: mean / sqrt(1 + cv^2).
      set(SampleForm::lognormal, p[0] * scale / std::sqrt(1.0 + p[1] * p[1]), std::sqrt(s2));
      break;
    }
    case LawKind::weibull:
      set(p[1] == 1.0 ? SampleForm::exponential : SampleForm::weibull, p[0] * scale, 1.0 / p[1]);
      break;
    case LawKind::gamma:
    case LawKind::erlang: {
      const double shape = law.kind == LawKind::erlang ? p[1] : 1.0 / (p[1] * p[1]);
      use_table(TableKind::gamma, shape, 0.0);
      s.b = p[0] * scale;
      break;
    }
    case LawKind::triangular: {
      const double range = p[2] - p[0];
      set(SampleForm::triangular, p[0] * scale, range * scale, range == 0 ? 0.5 : (p[1] - p[0]) / range);
      break;
    }
    case LawKind::pert:
    case LawKind::beta: {
      const double range = (law.kind == LawKind::beta ? p[1] : p[2]) - p[0];
      if (range == 0) {
        set(SampleForm::normal, p[0] * scale);
        break;
      }
      const double first = law.kind == LawKind::beta ? p[2] : 1.0 + 4.0 * (p[1] - p[0]) / range;
      const double second = law.kind == LawKind::beta ? p[3] : 1.0 + 4.0 * (p[2] - p[1]) / range;
      use_table(TableKind::beta, first, second);
      s.a = p[0] * scale;
      s.b = range * scale;
      break;
    }
    case LawKind::hyperexponential:
      use_table(TableKind::hyperexponential, p[1], 0.0);
      s.b = p[0] * scale;
      break;
    case LawKind::empirical:
    case LawKind::discrete:
    case LawKind::poisson: {
      std::vector<double> key{static_cast<double>(law.kind), p[0]};
      key.insert(key.end(), law.values.begin(), law.values.end());
      key.insert(key.end(), law.weights.begin(), law.weights.end());
      auto [it, is_new] = tables_->steps.try_emplace(std::move(key));
      if (is_new) it->second = make_steps(law);
      set(SampleForm::steps, 0.0, scale);
      s.table = it->second.data();
      s.table_size = static_cast<std::uint32_t>(it->second.size() / 2);
      break;
    }
    case LawKind::call:
      set(SampleForm::call, 0.0);
      break;
  }
  return s;
}

AffineLaw affine_law(const Sampler& s) {
  switch (s.form) {
    case SampleForm::constant:
    case SampleForm::exponential:
    case SampleForm::lognormal:
    case SampleForm::weibull:
      return {0.0, s.a};
    case SampleForm::uniform:
    case SampleForm::normal:
    case SampleForm::triangular:
    case SampleForm::table:
      return {s.a, s.b};
    case SampleForm::steps:
      return {0.0, s.b};
    case SampleForm::call:
      break;
  }
  return {};
}

double shape_variate(const Sampler& s, Stream& stream) {
  switch (s.form) {
    case SampleForm::constant:
      return 1.0;
    case SampleForm::exponential:
      return exponential_draw(stream);
    case SampleForm::uniform:
      return uniform_draw(stream);
    case SampleForm::normal:
      return normal_draw(stream);
    case SampleForm::lognormal:
      return detail::exp(s.b * normal_draw(stream));
    case SampleForm::weibull:
      return detail::pow(exponential_draw(stream), s.b);
    case SampleForm::triangular: {
      const double u = uniform_draw(stream);
      return u < s.c ? std::sqrt(u * s.c) : 1.0 - std::sqrt((1.0 - u) * (1.0 - s.c));
    }
    case SampleForm::table:
      return interpolate(s.table, normal_draw(stream));
    case SampleForm::steps: {
      const double* shares = s.table + s.table_size;
      const auto i = std::lower_bound(shares, shares + s.table_size, uniform_draw(stream)) - shares;
      return s.table[i];
    }
    case SampleForm::call:
      break;
  }
  return 0.0;
}

std::pair<SampleForm, std::uint64_t> shape_key(const Sampler& s) {
  switch (s.form) {
    case SampleForm::lognormal:
    case SampleForm::weibull:
      return {s.form, std::bit_cast<std::uint64_t>(s.b)};
    case SampleForm::triangular:
      return {s.form, std::bit_cast<std::uint64_t>(s.c)};
    case SampleForm::table:
    case SampleForm::steps:
      return {s.form, reinterpret_cast<std::uintptr_t>(s.table)};
    case SampleForm::constant:
    case SampleForm::exponential:
    case SampleForm::uniform:
    case SampleForm::normal:
    case SampleForm::call:
      break;
  }
  return {s.form, 0};
}

namespace detail {

double sample_rare(const Sampler& s, Stream& stream) {
  if (s.form == SampleForm::call) return 0.0;
  const AffineLaw law = affine_law(s);
  return std::max(0.0, law.offset + law.factor * shape_variate(s, stream));
}

}  // namespace detail
}  // namespace twin
