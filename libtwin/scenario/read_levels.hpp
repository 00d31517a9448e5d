// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/scenario/values.hpp>

namespace twin::detail {

/// The levels of a parameter or a factor.
struct Levels {
  std::vector<double> values;

  /// As written, one each; empty when all were plain numbers or a range of them.
  std::vector<std::string> texts;

  /// Whether `values` are the ends of a range of which any number may be chosen.
  bool is_range = false;
};

/// What has the levels: a parameter, whose table may also have a `value`; a factor that names one; or a number of the
/// model, whose rule says whether it is whole.
enum class LevelsOf { parameter, parameter_factor, number };

/// Reads `[1, 2, 3]`, `{ values = [...] }`, `{ from, to, step }`, `{ from, to, whole }` or a single number. Parameters may
/// not stand in them.
bool read_levels(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path, LevelsOf owner,
                 Levels& out);

}  // namespace twin::detail
