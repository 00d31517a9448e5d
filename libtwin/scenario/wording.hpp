// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/core/error.hpp>

/// How messages are worded: short quotes, hints, columns.
namespace twin::detail {

/// `text` in quotes, on one line, cut where it is longer than a message bears.
[[nodiscard]] std::string quote(std::string_view text);

/// `text` without blanks at its ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// How many bytes the UTF-8 sequence at `offset` has; 0 when there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t offset);

/// `a, b or c`.
[[nodiscard]] std::string list_words(const std::vector<std::string>& words);

/// `did you mean 'weld'?`, or `otherwise` when no candidate is near.
[[nodiscard]] std::string suggest(std::string_view word, const std::vector<std::string>& candidates,
                                  std::string otherwise = {});

/// A column counted from 1 for an offset counted from 0; what does not fit into an int is cut.
[[nodiscard]] inline int to_column(std::size_t offset) {
  return static_cast<int>(std::min<std::size_t>(offset, 2000000000)) + 1;
}

}  // namespace twin::detail
