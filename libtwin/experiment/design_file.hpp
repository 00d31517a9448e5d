// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/experiment/study.hpp>

namespace twin::detail {

/// Reads the designs of `study.file`: a header of parameters and paths, then a line for each design. A cell is a number in
/// SI units or a quantity with a unit; where the path is no number, the text of a value. Appends what is wrong.
/// @throws FileError when the file cannot be read.
[[nodiscard]] DesignTable read_design_file(const Scenario& scenario, const std::string& folder,
                                           std::vector<Diagnostic>& mistakes);

}  // namespace twin::detail
