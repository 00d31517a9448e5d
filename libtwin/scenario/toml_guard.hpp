// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <libtwin/scenario/reader.hpp>

namespace twin::detail {

/// Refuses, with one diagnostic, what no person writes and what a recursive parser must not see: bytes that are no
/// text, lines above 1 MiB, keys nested deeper than 16.
[[nodiscard]] bool guard_toml(Reader& reader, int file, std::string_view text);

}  // namespace twin::detail
