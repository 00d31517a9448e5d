// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

namespace twin::detail {

/// What to tell someone who wrote a name that is none.
inline constexpr std::string_view kNameRule =
    "names hold letters, digits, '_' and '-', and do not begin or end with '-'";

/// Whether `text` can be the name of something in a factory. Any byte from 0x80 counts as a letter, so that UTF-8 passes.
/// A `-` at either end is refused because it would run into an arrow.
constexpr bool is_name(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

}  // namespace twin::detail
