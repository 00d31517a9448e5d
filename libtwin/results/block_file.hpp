// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <libtwin/results/store.hpp>

namespace twin::detail {

/// All that a block's file says besides its numbers: known before the file is read, so its header is compared and never
/// believed.
struct BlockPlace {
  StudyHash study;
  std::uint32_t block = 0;
  std::uint32_t columns = 0;
  std::uint64_t first_row = 0;
  std::uint64_t rows = 0;
};

inline constexpr std::size_t kBlockHeaderSize = 64;

/// The bytes of the file: header, columns, status, checksum (docs/reference/store.md). A pure function of its arguments, on
/// any machine. @pre the sizes are those of `place`.
[[nodiscard]] std::string encode_block(const BlockPlace& place, std::span<const double> values,
                                       std::span<const std::uint8_t> status);

/// @pre `fault_of_block` found none.
[[nodiscard]] Block decode_block(const BlockPlace& place, std::string_view bytes);

/// What is wrong with a file of `size` bytes that begins with `header`, in words; empty when nothing is.
[[nodiscard]] std::string fault_of_header(const BlockPlace& place, std::string_view header, std::uint64_t size);

/// The same of the whole file, with its checksum.
[[nodiscard]] std::string fault_of_block(const BlockPlace& place, std::string_view bytes);

/// The checksum that stands at the end. @pre bytes.size() >= 4.
[[nodiscard]] std::uint32_t stored_checksum(std::string_view bytes);

}  // namespace twin::detail
