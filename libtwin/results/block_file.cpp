// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/block_file.hpp>

#include <bit>
#include <cstring>

#include <fmt/format.h>

#include <libtwin/results/crc32c.hpp>

namespace twin {

std::uint64_t block_file_size(std::uint64_t rows, std::uint64_t columns) {
  return detail::kBlockHeaderSize + rows * columns * sizeof(double) + rows + sizeof(std::uint32_t);
}

namespace detail {
namespace {

// As in PNG: a byte that is no ASCII and ends of lines of both kinds show at once what a text mode has done to the file.
constexpr std::string_view kMagic = "\x89TWBLK\r\n";
constexpr std::uint32_t kBlockFormat = 1;
constexpr std::uint32_t kByteOrderMark = 0x01020304;

constexpr std::size_t kFormatAt = 8;
constexpr std::size_t kByteOrderAt = 12;
constexpr std::size_t kStudyAt = 16;

/// Numbers are little-endian on every machine.
template <class Number>
Number little(Number number) {
  if constexpr (std::endian::native == std::endian::little) return number;
  Number swapped = 0;
  for (std::size_t k = 0; k < sizeof(Number); ++k) swapped = (swapped << 8) | ((number >> (8 * k)) & 0xff);
  return swapped;
}

template <class Number>
void append(std::string& bytes, Number number) {
  number = little(number);
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return little(number);
}

std::string header_of(const BlockPlace& place) {
  std::string header(kMagic);
  append(header, kBlockFormat);
  append(header, kByteOrderMark);
  append(header, place.study.first);
  append(header, place.study.second);
  append(header, place.block);
  append(header, place.columns);
  append(header, place.first_row);
  append(header, place.rows);
  header.resize(kBlockHeaderSize, '\0');
  return header;
}

void append_values(std::string& bytes, std::span<const double> values) {
  if constexpr (std::endian::native == std::endian::little) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  } else {
    for (const double value : values) append(bytes, std::bit_cast<std::uint64_t>(value));
  }
}

}  // namespace

std::string encode_block(const BlockPlace& place, std::span<const double> values,
                         std::span<const std::uint8_t> status) {
  std::string bytes;
  bytes.reserve(block_file_size(place.rows, place.columns));
  bytes += header_of(place);
  append_values(bytes, values);
  bytes.append(reinterpret_cast<const char*>(status.data()), status.size());
  append(bytes, crc32c(bytes));
  return bytes;
}

Block decode_block(const BlockPlace& place, std::string_view bytes) {
  Block block{.id = place.block, .first_row = place.first_row, .values = {}, .status = {}};
  block.values.resize(place.rows * place.columns);
  const std::size_t values_size = block.values.size() * sizeof(double);
  if (values_size > 0) std::memcpy(block.values.data(), bytes.data() + kBlockHeaderSize, values_size);
  if constexpr (std::endian::native != std::endian::little) {
    for (double& value : block.values) value = std::bit_cast<double>(little(std::bit_cast<std::uint64_t>(value)));
  }
  const std::string_view status = bytes.substr(kBlockHeaderSize + values_size, place.rows);
  block.status.assign(status.begin(), status.end());
  block.checksum = stored_checksum(bytes);
  return block;
}

std::string fault_of_header(const BlockPlace& place, std::string_view header, std::uint64_t size) {
  const std::string wanted = header_of(place);
  if (!header.starts_with(kMagic)) return "it is no block file";
  if (header.size() < kBlockHeaderSize) return fmt::format("it has {} bytes, less than a header", size);
  const auto format = number_at<std::uint32_t>(header, kFormatAt);
  if (format > kBlockFormat && format < 256) {
    return fmt::format("it is of block format {}, and this version of libtwin knows format {}", format, kBlockFormat);
  }
  if (number_at<std::uint32_t>(header, kByteOrderAt) != kByteOrderMark) return "its bytes are in another order";
  const StudyHash study{number_at<std::uint64_t>(header, kStudyAt), number_at<std::uint64_t>(header, kStudyAt + 8)};
  if (study != place.study) return "it belongs to another study (" + to_text(study) + ")";
  if (header.substr(0, kBlockHeaderSize) != wanted) return "its header is that of another block, or damaged";
  const std::uint64_t wanted_size = block_file_size(place.rows, place.columns);
  if (size != wanted_size) return fmt::format("it has {} bytes instead of {}", size, wanted_size);
  return {};
}

std::string fault_of_block(const BlockPlace& place, std::string_view bytes) {
  std::string fault = fault_of_header(place, bytes.substr(0, kBlockHeaderSize), bytes.size());
  if (!fault.empty()) return fault;
  const std::uint32_t stored = stored_checksum(bytes);
  const std::uint32_t computed = crc32c(bytes.substr(0, bytes.size() - sizeof stored));
  if (stored == computed) return {};
  return fmt::format("its checksum is {:08x}, that of its content {:08x}", stored, computed);
}

std::uint32_t stored_checksum(std::string_view bytes) {
  return number_at<std::uint32_t>(bytes, bytes.size() - sizeof(std::uint32_t));
}

}  // namespace detail
}  // namespace twin
