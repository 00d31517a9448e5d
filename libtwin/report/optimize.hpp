// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include <libtwin/experiment/optimize.hpp>
#include <libtwin/report/text.hpp>

/// What the program prints about a search for the best design, for people and for programs.
namespace twin {

/// What `twin optimize` prints: the best design with its interval on fresh random numbers, the designs it was compared with,
/// why the search stopped and what the result promises.
[[nodiscard]] std::string optimize_report(const OptimizeResult& result, const ReportOptions& options = {});

/// What `twin optimize --json` prints. Rates per hour, times in seconds; factors that are not numbers as text. `status` is
/// `ok`, `stopped`, `infeasible` when no design was found that meets the conditions, or `failed` when runs of the best did not
/// end well.
/// @param compared  the most designs to list, the best included.
[[nodiscard]] std::string optimize_json(const OptimizeResult& result, std::size_t compared = 10);

}  // namespace twin
