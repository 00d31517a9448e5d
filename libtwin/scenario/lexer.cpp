// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/lexer.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

namespace twin::detail {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::size_t length_of_number(std::string_view rest) {
  std::size_t n = 0;
  const auto skip_digits = [&] {
    while (n < rest.size() && is_digit(rest[n])) ++n;
  };
  skip_digits();
  if (n < rest.size() && rest[n] == '.') {
    ++n;
    skip_digits();
  }
  // An `e` belongs to the number only when digits follow: `2 each` is a number and a word.
  if (n < rest.size() && (rest[n] == 'e' || rest[n] == 'E')) {
    std::size_t m = n + 1;
    if (m < rest.size() && (rest[m] == '+' || rest[m] == '-')) ++m;
    if (m < rest.size() && is_digit(rest[m])) {
      n = m;
      skip_digits();
    }
  }
  return n;
}

Token number_token(std::string_view text, std::size_t offset) {
  Token token{TokenKind::number, {}, offset, length_of_number(text.substr(offset)), 0};
  token.text = text.substr(offset, token.length);
  const auto [end, error] = std::from_chars(token.text.data(), token.text.data() + token.length, token.value);
  static_cast<void>(end);
  if (error == std::errc::result_out_of_range) token.value = std::numeric_limits<double>::infinity();
  return token;
}

Token word_token(std::string_view text, std::size_t offset) {
  std::size_t n = offset;
  while (n < text.size() && (is_letter(text[n]) || is_digit(text[n]))) ++n;
  return {TokenKind::word, text.substr(offset, n - offset), offset, n - offset, 0};
}

Token text_token(std::string_view text, std::size_t offset) {
  const std::size_t close = text.find(text[offset], offset + 1);
  if (close == std::string_view::npos) return {TokenKind::symbol, text.substr(offset, 1), offset, 1, 0};
  return {TokenKind::text, text.substr(offset + 1, close - offset - 1), offset, close - offset + 1, 0};
}

Token symbol_token(std::string_view text, std::size_t offset) {
  static constexpr std::string_view kPairs[] = {"==", "!=", "<=", ">="};
  const std::string_view two = text.substr(offset, 2);
  const std::size_t length = std::find(std::begin(kPairs), std::end(kPairs), two) != std::end(kPairs) ? 2 : 1;
  return {TokenKind::symbol, text.substr(offset, length), offset, length, 0};
}

}  // namespace

std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (is_blank(c)) {
      ++i;
      continue;
    }
    const bool is_number = is_digit(c) || (c == '.' && i + 1 < text.size() && is_digit(text[i + 1]));
    if (is_number) {
      tokens.push_back(number_token(text, i));
    } else if (is_letter(c)) {
      tokens.push_back(word_token(text, i));
    } else if (c == '\'' || c == '"') {
      tokens.push_back(text_token(text, i));
    } else {
      tokens.push_back(symbol_token(text, i));
    }
    i += tokens.back().length;
  }
  tokens.push_back({TokenKind::end, {}, text.size(), 1, 0});
  return tokens;
}

bool is_word(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

}  // namespace twin::detail
