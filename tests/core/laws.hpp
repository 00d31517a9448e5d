// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <libtwin/core/distribution.hpp>

namespace twin::test {

/// Every law but `call` at several parameters, special ones (shape 1, mode at an end) included.
inline std::vector<Distribution> laws() {
  return {
      constant(38.0),
      exponential(1.0),
      exponential(50.0),
      uniform(0.0, 1.0),
      uniform(20.0, 30.0),
      normal(0.0, 1.0),
      normal(1.0, 2.0),
      normal(10.0, 2.0),
      normal(60.0, 1.5),
      lognormal(5.0, 0.1),
      lognormal(1.0, 1.0),
      lognormal(40.0, 2.0),
      weibull(10.0, 0.7),
      weibull(1.0, 1.0),
      weibull(3.0, 3.5),
      gamma(4.0, 0.1),
      gamma(1.0, 0.5),
      gamma(20.0, 1.0),
      gamma(1.0, 2.0),
      erlang(6.0, 1),
      erlang(6.0, 2),
      erlang(1.0, 30),
      triangular(1.0, 2.0, 6.0),
      triangular(0.0, 0.0, 1.0),
      triangular(0.0, 1.0, 1.0),
      pert(1.0, 2.0, 6.0),
      pert(0.0, 0.0, 10.0),
      beta(0.0, 1.0, 0.5, 0.5),
      beta(2.0, 5.0, 2.0, 5.0),
      beta(0.0, 1.0, 1.0, 1.0),
      hyperexponential(1.0, 1.0),
      hyperexponential(7.0, 1.5),
      hyperexponential(1.0, 4.0),
      empirical({3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0}),
      discrete({10.0, 0.0, 25.0}, {2.0, 1.0, 7.0}),
      discrete({1.0, 2.0, 3.0}, {0.0, 5.0, 0.0}),
      poisson(0.3),
      poisson(4.0),
      poisson(60.0),
  };
}

inline bool is_discrete(const Distribution& law) {
  return law.kind == LawKind::constant || law.kind == LawKind::empirical || law.kind == LawKind::discrete ||
         law.kind == LawKind::poisson;
}

/// `gamma(1, 0.5, 0, 0)`, for messages.
inline std::string describe(const Distribution& law) {
  std::string text{law_info(law.kind).name};
  for (const double p : law.parameters) text += " " + std::to_string(p);
  return text;
}

inline double normal_cumulative(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

}  // namespace twin::test
