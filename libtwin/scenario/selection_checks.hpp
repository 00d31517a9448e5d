// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/scenario/scenario.hpp>

/// What a selection may be, for the door of the files and for that of C++.
namespace twin::detail {

/// Something in a study that its selection does not go with.
struct SelectionMistake {
  /// `select.delta`, `replicate.crn`, `refine`.
  std::string path;

  std::string message;
  std::string hint;

  /// Whether the path is not there and has to be.
  bool is_missing = false;
};

/// All that can be told without the designs and the KPIs; none for a study without a selection.
[[nodiscard]] std::vector<SelectionMistake> selection_mistakes(const Study& study);

}  // namespace twin::detail
