// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/core/error.hpp>
#include <libtwin/model/fields.hpp>

namespace twin {

/// A number with its power of time: `1 h / r1` with a plain r1 is 3600/r1 s^1; a rate has -1.
struct Quantity {
  double value = 0;
  int time_power = 0;
};

/// An arithmetic expression of numbers, units, names and calls: `1 h / r1`, `r1 + r2 + r3 == 20`,
/// `energy / parts(shipped)`. Parsed once, evaluated often; no recursion deeper than 200, no allocation in `evaluate`.
///
/// Operators by rising precedence: `or`, `and`, comparisons, `+ -`, `* /`, unary `-`, `^`. A unit directly follows a
/// number. Truth is 1 and 0.
class Expression {
 public:
  Expression();
  ~Expression();
  Expression(const Expression&);
  Expression(Expression&&) noexcept;
  Expression& operator=(const Expression&);
  Expression& operator=(Expression&&) noexcept;

  /// Parses `text`. Mistakes are appended with `column` counted from 1 within `text`; the result is then empty.
  /// @param names  the variables that may occur; their index is their place in `evaluate`'s values. A name that
  ///               is not among them is a mistake (code E012) with the nearest one as a hint.
  [[nodiscard]] static Expression parse(std::string_view text, std::span<const std::string> names,
                                        std::vector<Diagnostic>& diagnostics);

  /// Same, with calls such as `rate(shipped)`: `resolve` turns the name of a call and its arguments into an index into
  /// the values, or says what is wrong with it.
  using ResolveCall =
      std::function<int(std::string_view call, std::span<const std::string> arguments, std::string& problem)>;
  [[nodiscard]] static Expression parse(std::string_view text, std::span<const std::string> names,
                                        const ResolveCall& resolve, std::vector<Diagnostic>& diagnostics);

  /// The value for the given values of the names, in SI units.
  [[nodiscard]] double evaluate(std::span<const double> values) const;

  /// Indices of the names the expression uses, rising.
  [[nodiscard]] const std::vector<int>& used_names() const;

  /// Power of time of the result, when all names are plain numbers.
  [[nodiscard]] int time_power() const;

  [[nodiscard]] bool empty() const;

 private:
  struct Program;
  std::unique_ptr<Program> program_;
};

/// A value in SI units as text in a unit that reads well: 2280 s is "38 min"; exact, so that it reads back to the same
/// double.
[[nodiscard]] std::string write_quantity(double value, Dimension dimension);

}  // namespace twin
