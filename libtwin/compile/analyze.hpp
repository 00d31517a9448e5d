// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/core/error.hpp>
#include <libtwin/model/factory.hpp>

namespace twin {

/// How much a station can do against how much is asked of it.
struct StationLoad {
  std::string station;

  /// Parts per second the station would have to work on for the arrivals to be met; NaN when parts are never short.
  double offered_per_s = 0;

  /// The most it can do, its failures, setups aside [parts/s].
  double capacity_per_s = 0;

  /// offered / capacity, or the visits of one finished part over capacity, relative to the slowest, for lines that are never starved.
  double load = 0;
};

/// What can be known of a factory without running it.
struct Analysis {
  /// Warnings: unreachable elements, loads of one and more, buffers that cannot matter, loops that can deadlock.
  std::vector<Diagnostic> findings;

  std::vector<StationLoad> loads;

  /// No run can have a higher long-run rate of good parts [parts/s]; infinity when nothing limits it.
  double throughput_bound_per_s = 0;

  /// The station that sets the bound, or the loop whose cards do; empty when arrivals do.
  std::string bottleneck;
  bool is_bound_by_cards = false;
};

/// @pre `validate(factory)` has no errors.
[[nodiscard]] Analysis analyze(const Factory& factory);

}  // namespace twin
