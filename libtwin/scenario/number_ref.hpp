// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/model/factory.hpp>
#include <libtwin/scenario/values.hpp>

namespace twin::detail {

/// One number of a factory that a path can name; exactly one of the pointers is set.
struct NumberRef {
  double* real = nullptr;
  std::int64_t* whole = nullptr;
  std::uint64_t* seed = nullptr;
  NumberRule rule{};

  /// Its canonical path; set by `find_number`.
  std::string path{};

  [[nodiscard]] double value() const;

  /// False when the rule does not allow `number`.
  [[nodiscard]] bool set(double number) const;
};

/// Calls `visit(path, number)` for every number of a factory, elements in the order of the file.
void visit_numbers(Factory& factory,
                   const std::function<void(const std::string& path, const NumberRef& number)>& visit);

/// The number at a path; nothing when there is none.
[[nodiscard]] std::optional<NumberRef> find_number(Factory& factory, std::string_view path);

/// Reads a value of the factory by its path from a node, as if the file said so. False when the path is unknown; what is
/// wrong with the value goes to the reader.
[[nodiscard]] bool set_node(Reader& reader, Factory& factory, std::string_view path, const Node& node);

}  // namespace twin::detail
