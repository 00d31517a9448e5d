// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/path.hpp>

#include <libtwin/scenario/wording.hpp>

namespace twin::detail {

std::optional<std::vector<std::string>> split_path(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i <= path.size();) {
    std::size_t end = 0;
    if (i < path.size() && path[i] == '"') {
      const std::size_t close = path.find('"', i + 1);
      if (close == std::string_view::npos) return {};
      parts.emplace_back(path.substr(i + 1, close - i - 1));
      end = close + 1;
      if (end < path.size() && path[end] != '.') return {};
    } else {
      end = std::min(path.find('.', i), path.size());
      parts.emplace_back(trim(path.substr(i, end - i)));
    }
    if (parts.back().empty()) return {};
    i = end + 1;
  }
  return parts;
}

std::string path_part(std::string_view name) {
  std::string text = spaced_arrow(name);
  if (const std::size_t arrow = text.find(" -> "); arrow != std::string::npos) text.replace(arrow, 4, "->");
  const bool is_plain = !text.empty() && text.find_first_of(". \t\"") == std::string::npos;
  return is_plain ? text : "\"" + text + "\"";
}

std::string spaced_arrow(std::string_view text) {
  const std::size_t arrow = text.find("->");
  if (arrow == std::string_view::npos) return std::string(trim(text));
  return std::string(trim(text.substr(0, arrow))) + " -> " + std::string(trim(text.substr(arrow + 2)));
}

std::string canonical_path(std::string_view path) {
  const auto parts = split_path(path);
  if (!parts) return std::string(path);
  std::string result;
  for (const std::string& part : *parts) {
    if (!result.empty()) result += '.';
    result += path_part(part);
  }
  return result;
}

}  // namespace twin::detail
