// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include <libtwin/scenario/wording.hpp>

namespace twin::detail {

/// Where the lines of a text begin. Lines count from 1; the text must outlive the index.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text) : text_(text), begins_{0} {
    for (std::size_t i = text.find('\n'); i != std::string_view::npos; i = text.find('\n', i + 1))
      begins_.push_back(i + 1);
  }

  [[nodiscard]] std::size_t size() const { return begins_.size(); }
  [[nodiscard]] std::size_t offset(std::size_t line) const {
    return begins_[std::clamp<std::size_t>(line, 1, size()) - 1];
  }

  /// Without the end of line; empty for a line that is not there.
  [[nodiscard]] std::string_view line(std::size_t number) const {
    if (number < 1 || number > size()) return {};
    const std::size_t begin = begins_[number - 1];
    std::size_t end = number < size() ? begins_[number] - 1 : text_.size();
    if (end > begin && text_[end - 1] == '\r') --end;
    return text_.substr(begin, end - begin);
  }

  /// The line that holds the byte at `offset`.
  [[nodiscard]] std::size_t line_at(std::size_t offset) const {
    return static_cast<std::size_t>(std::upper_bound(begins_.begin(), begins_.end(), offset) - begins_.begin());
  }

  /// The column in bytes of one that counts code points, both from 1. On lines so long that walking them for every
  /// value would be felt, code points are taken for bytes.
  [[nodiscard]] int column_in_bytes(std::size_t number, std::size_t column) const {
    constexpr std::size_t kLongLine = 4096;
    const std::string_view text = line(number);
    if (text.size() > kLongLine) return to_column(column) - 1;
    std::size_t byte = 0;
    for (std::size_t i = 1; i < column && byte < text.size(); ++i) {
      do ++byte;
      while (byte < text.size() && (static_cast<unsigned char>(text[byte]) & 0xC0U) == 0x80U);
    }
    return to_column(byte);
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> begins_;
};

}  // namespace twin::detail
