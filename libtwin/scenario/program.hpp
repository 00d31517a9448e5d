// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <libtwin/scenario/expression.hpp>

namespace twin::detail {

enum class Operation : std::uint8_t {
  number,
  name,
  negate,
  add,
  subtract,
  multiply,
  divide,
  power,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  both,
  either,
  invert,
  absolute,
  floor,
  ceil,
  round,
  minimum,
  maximum,
};

struct Instruction {
  Operation operation = Operation::number;
  int index = 0;
  double value = 0;
};

/// The most values an expression holds at once while it is evaluated, and the most instructions.
inline constexpr std::size_t kMaxStack = 256;
inline constexpr std::size_t kMaxInstructions = 20000;

/// An expression in reverse Polish order: evaluated by one loop over a small stack, without recursion.
struct Code {
  std::vector<Instruction> instructions;

  /// Indices of the names it uses, rising.
  std::vector<int> used;

  int time_power = 0;
};

/// What the names of an expression may be.
struct ParseRules {
  std::span<const std::string> names;

  /// Null: no calls but the built-in ones, and names are plain numbers whose dimension is checked.
  const Expression::ResolveCall* resolve = nullptr;
};

/// Parses `text`; empty after a mistake.
[[nodiscard]] std::optional<Code> parse_code(std::string_view text, const ParseRules& rules,
                                             std::vector<Diagnostic>& diagnostics);

}  // namespace twin::detail

namespace twin {

struct Expression::Program : detail::Code {};

}  // namespace twin
