// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <libtwin/scenario/reader.hpp>

namespace twin::detail {

/// Whether a part of a text, which begins at `offset` of `node.text`, is an expression at all. What its names and calls mean
/// is known where runs are measured.
void check_syntax(Reader& reader, const Node& node, std::string_view text, std::size_t offset, const std::string& path);

}  // namespace twin::detail
