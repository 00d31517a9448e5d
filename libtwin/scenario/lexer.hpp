// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace twin::detail {

enum class TokenKind : std::uint8_t { number, word, text, symbol, end };

/// One word of a small text such as `lognormal(mean = 41 s, cv = 0.15)`. Everything a caret needs is its offset.
struct Token {
  TokenKind kind = TokenKind::end;

  /// What was written; for `text` without the quotes.
  std::string_view text;

  /// Where it begins, in bytes from the start of the text, and how many bytes it covers.
  std::size_t offset = 0;
  std::size_t length = 0;

  /// For numbers; infinite when the number does not fit into a double.
  double value = 0;

  [[nodiscard]] bool is(std::string_view symbol_text) const { return kind == TokenKind::symbol && text == symbol_text; }
};

/// Cuts a text into tokens; the last one is `end`. Nothing is an error here: an unknown byte is a symbol of its own,
/// which no grammar accepts. Words hold letters, digits and `_`; any byte from 0x80 counts as a letter.
[[nodiscard]] std::vector<Token> tokenize(std::string_view text);

/// Whether `text` is one word in the sense of `tokenize`.
[[nodiscard]] bool is_word(std::string_view text);

}  // namespace twin::detail
