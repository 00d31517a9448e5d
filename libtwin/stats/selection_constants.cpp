// SPDX-License-Identifier: Apache-2.0
#include <libtwin/stats/selection_constants.hpp>

#include <cmath>
#include <numbers>
#include <vector>

#include <boost/math/special_functions/gamma.hpp>
#include <boost/math/tools/roots.hpp>

#include <libtwin/core/check.hpp>

namespace twin {
namespace {

void check(std::uint32_t k, double probability, std::uint32_t first) {
  TWIN_CHECK(k >= 2, "a selection is among two designs or more");
  TWIN_CHECK(probability > 0 && probability < 1, "a probability lies between 0 and 1");
  TWIN_CHECK(first >= 2, "a variance needs two observations");
}

/// 1 - Φ(x), with all its digits where it is small.
double above(double x) { return 0.5 * std::erfc(x / std::numbers::sqrt2); }

/// 1 - p^(1 / (k - 1)) for p = 1 - `alpha`, with all its digits for many designs.
double share_of_error(double alpha, std::uint32_t k) { return -std::expm1(std::log1p(-alpha) / (k - 1.0)); }

struct Node {
  double value;
  double weight;
};

/// Chi-square with `dof` degrees of freedom as points and weights: the trapezoidal rule in u, x = dof e^u. The
/// density in u is analytic and falls off on both sides faster than any power, where this rule converges
/// exponentially (Trefethen and Weideman 2014). Two fifths of its deviation sqrt(2 / dof) is a step fine enough for 10 digits of
/// what is sought here; the points end where the density is below e^-60 of its peak.
std::vector<Node> chi_square_nodes(double dof) {
  const double step = 0.4 * std::sqrt(2.0 / dof);
  const auto log_density = [dof](double u) { return 0.5 * dof * (u - std::expm1(u)); };
  double u = 0;
  while (log_density(u) > -60) u -= step;
  std::vector<Node> nodes;
  double sum = 0;
  for (u += step; log_density(u) > -60; u += step) {
    nodes.push_back({dof * std::exp(u), std::exp(log_density(u))});
    sum += nodes.back().weight;
  }
  for (Node& node : nodes) node.weight /= sum;
  return nodes;
}

/// Where `rising`, negative at 0, crosses zero.
template <class Function>
double root_of(Function rising) {
  double low = 0;
  double high = 1;
  while (rising(high) < 0) {
    low = high;
    high *= 2;
  }
  std::uintmax_t tries = 100;
  const auto ends =
      boost::math::tools::toms748_solve(rising, low, high, boost::math::tools::eps_tolerance<double>(44), tries);
  return 0.5 * (ends.first + ends.second);
}

/// The probability that Rinott's procedure selects the best when all others are delta worse.
double rinott_level(const std::vector<Node>& nodes, double dof, std::uint32_t k, double h) {
  double level = 0;
  for (const Node& best : nodes) {
    double loses = 0;  // to one rival
    for (const Node& rival : nodes)
      loses += rival.weight * above(h / std::sqrt(dof * (1 / rival.value + 1 / best.value)));
    if (loses < 1) level += best.weight * std::exp((k - 1.0) * std::log1p(-loses));
  }
  return level;
}

}  // namespace

double rinott_h(std::uint32_t k, double level, std::uint32_t first) {
  check(k, level, first);
  const double dof = first - 1.0;
  const std::vector<Node> nodes = chi_square_nodes(dof);
  // At h = 0 a rival wins every second time.
  if (std::exp2(-(k - 1.0)) >= level) return 0;
  return root_of([&](double h) { return rinott_level(nodes, dof, k, h) - level; });
}

double kim_nelson_eta(std::uint32_t k, double alpha, std::uint32_t first) {
  check(k, alpha, first);
  const double doubled = 2 * alpha / (k - 1.0);
  return doubled >= 1 ? 0 : 0.5 * std::expm1(-2 / (first - 1.0) * std::log(doubled));
}

double good_selection_eta(std::uint32_t k, double alpha, std::uint32_t first) {
  check(k, alpha, first);
  const double dof = first - 1.0;
  const std::vector<Node> nodes = chi_square_nodes(dof);
  std::vector<double> beyond;  // the chance of the other chi-square to be larger
  beyond.reserve(nodes.size());
  for (const Node& node : nodes) beyond.push_back(boost::math::gamma_q(0.5 * dof, 0.5 * node.value));
  const double error = share_of_error(alpha, k);
  return root_of([&](double eta) {
    double found = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i)
      found += 4 * nodes[i].weight * beyond[i] * above(eta * std::sqrt(nodes[i].value));
    return error - found;
  });
}

}  // namespace twin
