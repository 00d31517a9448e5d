// SPDX-License-Identifier: Apache-2.0
// Designs with known means that answer a selection procedure with normal noise.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <boost/math/distributions/normal.hpp>

#include <libtwin/core/random.hpp>
#include <libtwin/experiment/selection.hpp>

namespace twin_test {

/// A standard normal number for a key: one of 65,536 equally likely quantiles, which costs a look-up. Variance
/// 0.99996.
inline double normal_of(std::uint64_t key) {
  static const std::vector<double> quantiles = [] {
    std::vector<double> q(65536);
    for (std::size_t i = 0; i < q.size(); ++i)
      q[i] = boost::math::quantile(boost::math::normal(), (static_cast<double>(i) + 0.5) / 65536.0);
    return q;
  }();
  return quantiles[twin::detail::mix(key) >> 48U];
}

/// value = mean + deviation × (sqrt(c) Z[r] + sqrt(1 - c) E[design, r]): two designs on common random numbers have the
/// correlation c.
struct NoisyDesigns {
  std::vector<double> means = {};
  std::vector<double> deviations = {};
  double correlation = 0;
  std::uint64_t seed = 0;  ///< of one macro-replication

  [[nodiscard]] double value(std::uint32_t design, std::uint32_t replication) const {
    return value(design, replication, std::sqrt(correlation), std::sqrt(1 - correlation));
  }

  void operator()(std::span<const twin::SampleRequest> requests, std::span<double> values) const {
    const double shared = std::sqrt(correlation);
    const double own = std::sqrt(1 - correlation);
    std::size_t at = 0;
    for (const twin::SampleRequest& request : requests)
      for (std::uint32_t r = 0; r < request.count; ++r)
        values[at++] = value(request.design, request.first + r, shared, own);
  }

 private:
  [[nodiscard]] double value(std::uint32_t design, std::uint32_t replication, double shared, double own) const {
    const std::uint64_t run = twin::detail::mix(seed + twin::detail::kGolden) + replication * twin::detail::kGolden;
    const std::uint64_t key = twin::detail::mix(run) + (design + 1) * 0xd1342543de82ef95ULL;
    return means[design] + deviations[design] * (shared * normal_of(run) + own * normal_of(key));
  }
};

}  // namespace twin_test
