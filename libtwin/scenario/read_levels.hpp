// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/scenario/values.hpp>

namespace twin::detail {

/// The levels of a parameter or a factor.
struct Levels {
  std::vector<double> values;

  /// As written, one each; empty when all were plain numbers or a range.
  std::vector<std::string> texts;
};

/// Reads `[1, 2, 3]`, `{ values = [...] }`, `{ from, to, step }` or a single number. Parameters may not stand in them.
/// @param extra  further keys that the table may have
bool read_levels(Reader& reader, const Node& node, const NumberRule& rule, const std::string& path,
                 const std::vector<std::string>& extra, Levels& out);

}  // namespace twin::detail
