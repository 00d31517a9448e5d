// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/toml_guard.hpp>

#include <algorithm>
#include <cstddef>
#include <string>

#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

constexpr std::size_t kLongestLine = 1U << 20U;
constexpr int kMostDots = 16;

Place place_at(std::string_view text, int file, std::size_t offset) {
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
  const std::size_t break_before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::size_t begin = break_before == std::string_view::npos ? 0 : break_before + 1;
  return {file, to_column(static_cast<std::size_t>(line)), to_column(offset - begin), 1};
}

/// The offset of the first byte that is no UTF-8, or npos.
std::size_t find_broken_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text, i);
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

/// The offset of the first line that is too long, or npos.
std::size_t find_long_line(std::string_view text) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end - begin > kLongestLine) return begin;
    begin = end + 1;
  }
  return std::string_view::npos;
}

/// The end of the string that opens at `i`: the offset after its closing quotes, or of the end of its line or text.
std::size_t skip_string(std::string_view text, std::size_t i) {
  const char mark = text[i];
  const std::string triple(3, mark);
  if (text.substr(i, 3) == triple) {
    for (std::size_t j = i + 3; j < text.size(); ++j) {
      if (mark == '"' && text[j] == '\\') {
        ++j;
      } else if (text.substr(j, 3) == triple) {
        return j + 3;
      }
    }
    return text.size();
  }
  for (std::size_t j = i + 1; j < text.size() && text[j] != '\n'; ++j) {
    if (mark == '"' && text[j] == '\\') {
      ++j;
    } else if (text[j] == mark) {
      return j + 1;
    }
  }
  return std::min(text.find('\n', i), text.size());
}

/// The offset of the dot that makes a key `a.b.c.…` too deep, or npos. A parser makes a table of every dot and frees
/// it by recursion; a hundred thousand of them would end the process.
std::size_t find_deep_key(std::string_view text) {
  int dots = 0;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    if (c == '"' || c == '\'') {
      i = skip_string(text, i);
      continue;
    }
    if (c == '.') {
      if (++dots > kMostDots) return i;
    } else if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}') {
      dots = 0;
    }
    ++i;
  }
  return std::string_view::npos;
}

}  // namespace

bool guard_toml(Reader& reader, int file, std::string_view text) {
  const auto refuse = [&](std::size_t offset, std::string message, std::string hint) {
    reader.error("E002", place_at(text, file, offset), "", std::move(message), "here", std::move(hint));
    reader.is_whole = false;
    return false;
  };
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    return refuse(zero, "this is not a text file: it has a byte of value 0", "a scenario is TOML, in UTF-8");
  }
  if (const std::size_t broken = find_broken_text(text); broken != std::string_view::npos) {
    return refuse(broken, "this byte is not UTF-8", "save the file as UTF-8");
  }
  if (const std::size_t begin = find_long_line(text); begin != std::string_view::npos) {
    return refuse(begin, "this line is longer than 1 MiB", "keep long lists of numbers in a CSV file");
  }
  if (const std::size_t dot = find_deep_key(text); dot != std::string_view::npos) {
    return refuse(dot, "this key is nested deeper than 16 levels", "no key of a scenario is");
  }
  return true;
}

}  // namespace twin::detail
