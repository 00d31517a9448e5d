// SPDX-License-Identifier: Apache-2.0
// KN and GSP once more, word for word after their papers and without any care for speed.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include <libtwin/experiment/selection.hpp>
#include <libtwin/stats/selection_constants.hpp>

namespace twin_test {

/// value(design, replication), larger is better.
using Values = std::function<double(std::uint32_t, std::uint32_t)>;

struct Choice {
  std::uint32_t design = 0;
  std::vector<std::uint32_t> taken;
};

inline double mean_of(const Values& value, std::uint32_t design, std::uint32_t n) {
  double sum = 0;
  for (std::uint32_t r = 0; r < n; ++r) sum += value(design, r);
  return sum / n;
}

inline std::uint32_t best_of(const std::vector<std::uint32_t>& in, const std::function<double(std::uint32_t)>& mean) {
  std::uint32_t best = in.front();
  for (const std::uint32_t i : in)
    if (mean(i) > mean(best)) best = i;
  return best;
}

inline Choice plain_kn(std::uint32_t k, const twin::KnProcedure& kn, const Values& value) {
  const double h2 = 2 * twin::kim_nelson_eta(k, kn.alpha, kn.first) * (kn.first - 1);
  const auto variance = [&](std::uint32_t i, std::uint32_t l) {
    const double apart = mean_of(value, i, kn.first) - mean_of(value, l, kn.first);
    double sum = 0;
    for (std::uint32_t r = 0; r < kn.first; ++r) sum += std::pow(value(i, r) - value(l, r) - apart, 2);
    return sum / (kn.first - 1);
  };
  const auto last = [&](const std::vector<std::uint32_t>& in) {
    double n = 0;
    for (const std::uint32_t i : in)
      for (std::uint32_t l = 0; l < k; ++l)
        if (l != i) n = std::max(n, std::floor(h2 * variance(i, l) / (kn.delta * kn.delta)));
    return n;
  };
  Choice choice{0, std::vector<std::uint32_t>(k, kn.first)};
  std::vector<std::uint32_t> in(k);
  std::iota(in.begin(), in.end(), 0U);
  std::uint32_t r = kn.first;
  const auto mean = [&](std::uint32_t i) { return mean_of(value, i, r); };
  while (in.size() > 1 && r <= last(in)) {
    const std::vector<std::uint32_t> old = in;
    std::erase_if(in, [&](std::uint32_t i) {
      for (const std::uint32_t l : old) {
        if (l == i) continue;
        const double w = kn.delta / (2.0 * r) * (h2 * variance(i, l) / (kn.delta * kn.delta) - r);
        if (mean(i) < mean(l) - std::max(0.0, w)) return true;
      }
      return false;
    });
    if (in.size() == 1) break;
    ++r;
    for (const std::uint32_t i : in) choice.taken[i] = r;
  }
  choice.design = best_of(in, mean);
  return choice;
}

inline Choice plain_gsp(std::uint32_t k, const twin::GspProcedure& gsp, const Values& value) {
  const double eta = twin::good_selection_eta(k, gsp.alpha_screening, gsp.first);
  const double h = twin::rinott_h(k, 1 - gsp.alpha_last, gsp.first);
  std::vector<double> variance(k);
  std::vector<std::uint32_t> batch(k);
  double deviations = 0;
  for (std::uint32_t i = 0; i < k; ++i) {
    for (std::uint32_t r = 0; r < gsp.first; ++r)
      variance[i] += std::pow(value(i, r) - mean_of(value, i, gsp.first), 2) / (gsp.first - 1);
    deviations += std::sqrt(variance[i]);
  }
  for (std::uint32_t i = 0; i < k; ++i)
    batch[i] = static_cast<std::uint32_t>(std::ceil(gsp.batch * std::sqrt(variance[i]) / (deviations / k)));
  Choice choice{0, std::vector<std::uint32_t>(k, gsp.first)};
  std::vector<std::uint32_t> in(k);
  std::iota(in.begin(), in.end(), 0U);
  for (std::uint32_t r = 0;; ++r) {
    const std::vector<std::uint32_t> old = in;
    const auto tau = [&](std::uint32_t i, std::uint32_t j, std::uint32_t rounds) {
      return 1 / (variance[i] / (gsp.first + rounds * batch[i]) + variance[j] / (gsp.first + rounds * batch[j]));
    };
    std::erase_if(in, [&](std::uint32_t i) {
      for (const std::uint32_t j : old) {
        if (j == i) continue;
        const double apart = mean_of(value, i, choice.taken[i]) - mean_of(value, j, choice.taken[j]);
        if (tau(i, j, r) * apart < -eta * std::sqrt((gsp.first - 1) * tau(i, j, gsp.batches))) return true;
      }
      return false;
    });
    if (in.size() == 1 || r == gsp.batches) break;
    for (const std::uint32_t i : in) choice.taken[i] += batch[i];
  }
  if (in.size() > 1)
    for (const std::uint32_t i : in)
      choice.taken[i] = std::max(choice.taken[i],
                                 static_cast<std::uint32_t>(std::ceil(h * h * variance[i] / (gsp.delta * gsp.delta))));
  choice.design = best_of(in, [&](std::uint32_t i) { return mean_of(value, i, choice.taken[i]); });
  return choice;
}

}  // namespace twin_test
