// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace twin {

/// `0.1.0`. Another version may give other bits for the same file and seed.
[[nodiscard]] std::string_view library_version();

}  // namespace twin
