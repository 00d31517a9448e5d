// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/expression.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <libtwin/core/check.hpp>
#include <libtwin/scenario/program.hpp>

namespace twin {
namespace {

using detail::Operation;

/// Sums of decimal steps miss their decimal by an ulp (0.1 + 0.2 != 0.3), and `where = ["a + b == 0.3"]` must hold all
/// the same: numbers within 1e-12 of each other, relative to their size, are equal.
bool nearly_equal(double a, double b) { return a == b || std::abs(a - b) <= 1e-12 * (std::abs(a) + std::abs(b)); }

double apply(Operation operation, double a, double b) {
  switch (operation) {
    case Operation::add:
      return a + b;
    case Operation::subtract:
      return a - b;
    case Operation::multiply:
      return a * b;
    case Operation::divide:
      return a / b;
    case Operation::power:
      return std::pow(a, b);
    case Operation::less:
      return a < b && !nearly_equal(a, b) ? 1 : 0;
    case Operation::less_equal:
      return a <= b || nearly_equal(a, b) ? 1 : 0;
    case Operation::greater:
      return a > b && !nearly_equal(a, b) ? 1 : 0;
    case Operation::greater_equal:
      return a >= b || nearly_equal(a, b) ? 1 : 0;
    case Operation::equal:
      return nearly_equal(a, b) ? 1 : 0;
    case Operation::not_equal:
      return nearly_equal(a, b) ? 0 : 1;
    case Operation::both:
      return a != 0 && b != 0 ? 1 : 0;
    case Operation::either:
      return a != 0 || b != 0 ? 1 : 0;
    case Operation::minimum:
      return std::min(a, b);
    case Operation::maximum:
      return std::max(a, b);
    default:
      return std::nan("");
  }
}

double apply(Operation operation, double a) {
  switch (operation) {
    case Operation::negate:
      return -a;
    case Operation::invert:
      return a == 0 ? 1 : 0;
    case Operation::absolute:
      return std::abs(a);
    case Operation::floor:
      return std::floor(a);
    case Operation::ceil:
      return std::ceil(a);
    case Operation::round:
      return std::round(a);
    default:
      return std::nan("");
  }
}

bool is_unary(Operation operation) {
  switch (operation) {
    case Operation::negate:
    case Operation::invert:
    case Operation::absolute:
    case Operation::floor:
    case Operation::ceil:
    case Operation::round:
      return true;
    default:
      return false;
  }
}

}  // namespace

Expression::Expression() = default;
Expression::~Expression() = default;
Expression::Expression(const Expression& other)
    : program_(other.program_ ? std::make_unique<Program>(*other.program_) : nullptr) {}
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;
Expression& Expression::operator=(const Expression& other) {
  if (this != &other) *this = Expression(other);
  return *this;
}

Expression Expression::parse(std::string_view text, std::span<const std::string> names,
                             std::vector<Diagnostic>& diagnostics) {
  Expression result;
  if (auto code = detail::parse_code(text, {names, nullptr}, diagnostics)) {
    result.program_ = std::make_unique<Program>(Program{std::move(*code)});
  }
  return result;
}

Expression Expression::parse(std::string_view text, std::span<const std::string> names, const ResolveCall& resolve,
                             std::vector<Diagnostic>& diagnostics) {
  Expression result;
  if (auto code = detail::parse_code(text, {names, &resolve}, diagnostics)) {
    result.program_ = std::make_unique<Program>(Program{std::move(*code)});
  }
  return result;
}

double Expression::evaluate(std::span<const double> values) const {
  TWIN_CHECK(program_ != nullptr, "an empty expression has no value");
  TWIN_CHECK(program_->used.empty() || static_cast<std::size_t>(program_->used.back()) < values.size(),
             "evaluate needs a value for every name");
  std::array<double, detail::kMaxStack> stack;  // NOLINT: filled as the program runs
  std::size_t top = 0;
  for (const detail::Instruction& i : program_->instructions) {
    if (i.operation == Operation::number) {
      stack[top++] = i.value;
    } else if (i.operation == Operation::name) {
      stack[top++] = values[static_cast<std::size_t>(i.index)];
    } else if (is_unary(i.operation)) {
      stack[top - 1] = apply(i.operation, stack[top - 1]);
    } else {
      --top;
      stack[top - 1] = apply(i.operation, stack[top - 1], stack[top]);
    }
  }
  return stack[0];
}

const std::vector<int>& Expression::used_names() const {
  static const std::vector<int> kNone;
  return program_ ? program_->used : kNone;
}

int Expression::time_power() const { return program_ ? program_->time_power : 0; }

bool Expression::empty() const { return program_ == nullptr; }

}  // namespace twin
