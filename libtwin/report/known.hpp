// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/report/text.hpp>

namespace twin::detail {

/// A table of known answers beside ours, with the difference in per cent and in standard errors; empty without any.
[[nodiscard]] std::string known_block(const std::vector<KnownComparison>& known, bool has_colour);

}  // namespace twin::detail
