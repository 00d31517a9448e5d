// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace twin::detail {

/// CRC-32C (Castagnoli; RFC 3720, appendix B.4). Finds every change of up to 32 bits in a row. `before` is the checksum of
/// what came before, to go on with.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace twin::detail
