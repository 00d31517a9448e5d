// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace twin::cli {

/// Files to start from.
struct Template {
  std::string_view name;
  std::string_view summary;
  std::string_view model;   ///< model.toml
  std::string_view study;   ///< study.toml, a study of that model
  std::string_view readme;  ///< README.md
};

[[nodiscard]] std::span<const Template> templates();

}  // namespace twin::cli
