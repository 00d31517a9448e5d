// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Exact answers: closed forms, or stationary vectors of the whole state space. Every digit holds. The unit of time is that
/// of the parameters.
namespace twin::validation {

using NamedNumbers = std::vector<std::pair<std::string_view, std::vector<double>>>;

struct Anchor {
  std::string_view id;
  std::string_view model;
  NamedNumbers parameters;
  NamedNumbers values;

  /// For M/G/1: the law of the service time.
  std::string_view law = "";
};

inline const std::vector<double>& numbers(const NamedNumbers& all, std::string_view name) {
  for (const auto& [key, list] : all) {
    if (key == name) return list;
  }
  throw std::out_of_range("no number named " + std::string(name));
}

inline bool has(const NamedNumbers& all, std::string_view name) {
  for (const auto& entry : all) {
    if (entry.first == name) return true;
  }
  return false;
}

/// All of them.
[[nodiscard]] const std::vector<Anchor>& anchors();

}  // namespace twin::validation
