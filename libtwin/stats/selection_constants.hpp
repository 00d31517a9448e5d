// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// The constants of procedures that select the best of `k` means, computed when asked for and not read from tables. All
/// of them throw std::logic_error when k < 2, a probability lies outside (0, 1), or there are fewer than two first
/// observations.
namespace twin {

/// Rinott's h: with ceil((h S / delta)^2) independent normal observations of each of `k` designs, S² from the `first`
/// ones, the design with the largest mean is the best with probability >= `level` whenever it leads by delta.
///
/// Solves  ∫ [ ∫ Φ(h / sqrt((n - 1)(1/x + 1/y))) f(x) dx ]^(k-1) f(y) dy = level,  f the density of chi-square with
/// n - 1 degrees of freedom, n = `first` (Rinott 1978, section 3). To about 10 digits; some milliseconds.
[[nodiscard]] double rinott_h(std::uint32_t k, double level, std::uint32_t first);

/// The eta of Kim and Nelson (2001) for their recommended c = 1: ((2 beta)^(-2 / (n - 1)) - 1) / 2, where each of the
/// k - 1 rivals of the best gets the error beta = alpha / (k - 1), as common random numbers demand. 0 when alpha is so
/// large that no evidence is needed.
[[nodiscard]] double kim_nelson_eta(std::uint32_t k, double alpha, std::uint32_t first);

/// The eta by which the good selection procedure screens: E[2 (1 - Φ(eta sqrt(R)))] = 1 - (1 - alpha)^(1 / (k-1)), R
/// the smaller of two independent chi-squares with n - 1 degrees of freedom (Ni, Ciocan, Henderson and Hunter 2017,
/// section 4). To about 10 digits.
[[nodiscard]] double good_selection_eta(std::uint32_t k, double alpha, std::uint32_t first);

}  // namespace twin
