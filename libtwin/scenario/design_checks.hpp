// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/scenario/scenario.hpp>

/// What the numbers under `[design]` and `[replicate]` may be, for the door of the files and for that of C++.
namespace twin::detail {

inline constexpr double kMostDesigns = 50'000'000;
inline constexpr double kMostTrajectories = 1'000'000;
inline constexpr double kMostMorrisLevels = 1000;

/// Something wrong with a number that the method of a design, or the control of replications, goes by.
struct DesignMistake {
  /// In `[design]` or `[replicate]`.
  std::string key;

  std::string message;
  std::string hint;
};

[[nodiscard]] std::vector<DesignMistake> design_mistakes(const Study& study);

/// What is wrong with stopping rules and their numbers; what their measures mean is known where runs are measured.
[[nodiscard]] std::vector<DesignMistake> replicate_mistakes(const Study& study);

}  // namespace twin::detail
