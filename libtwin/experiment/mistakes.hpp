// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <libtwin/core/error.hpp>

namespace twin::detail {

/// Adds one mistake of a study.
inline void add_mistake(std::vector<Diagnostic>& mistakes, std::string code, std::string path, std::string message,
                        std::string hint = {}) {
  Diagnostic d;
  d.code = std::move(code);
  d.path = std::move(path);
  d.message = std::move(message);
  d.hint = std::move(hint);
  mistakes.push_back(std::move(d));
}

/// Adds the mistakes of an expression, whose places are those within its text: `in 'lead < 4': …`.
inline void add_mistakes(std::vector<Diagnostic>& mistakes, std::vector<Diagnostic> found, const std::string& path,
                         const std::string& text) {
  for (Diagnostic& d : found) {
    d.path = path;
    d.message = "in '" + text + "': " + d.message;
    d.column = 0;
    d.length = 1;
    mistakes.push_back(std::move(d));
  }
}

/// Throws when there are any.
inline void throw_mistakes(std::vector<Diagnostic>&& mistakes) {
  if (!mistakes.empty()) throw ModelError(std::move(mistakes));
}

}  // namespace twin::detail
