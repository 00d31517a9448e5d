// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace twin::detail {

/// The hyperexponential law with mean 1 and balanced means: with probability p1 exponential of rate 2 p1, else of
/// rate 2 p2 (Tijms 2003, appendix B). cv = 1 is the exponential law itself.
class Hyperexponential {
 public:
  explicit Hyperexponential(double cv);
  [[nodiscard]] double cumulative(double x) const;

  /// The quantile where a share `below` lies below and `above` above; both are given so that neither tail loses digits.
  [[nodiscard]] double quantile(double below, double above) const;

 private:
  double p1_ = 0.5;
  double p2_ = 0.5;
};

}  // namespace twin::detail
