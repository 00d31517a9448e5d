// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/core/distribution.hpp>
#include <libtwin/scenario/reader.hpp>

namespace twin::detail {

/// The spellings of all laws.
[[nodiscard]] std::vector<std::string> law_names();

/// How a law is written: `lognormal(mean, cv)`.
[[nodiscard]] std::string law_signature(const LawInfo& info);

/// Reads a law written as a table: `{ dist = "lognormal", mean = "41 s", cv = 0.15 }`.
bool read_law_table(Reader& reader, const Node& node, Dimension dimension, const std::string& path, Distribution& out);

}  // namespace twin::detail
