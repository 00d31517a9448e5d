// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <libtwin/scenario/expression.hpp>

namespace twin::detail {

/// A condition as a number that says how far it is from being met: `lead < 4 h` as lead - 4 h.
class Margin {
 public:
  enum class Relation : std::uint8_t {
    below,    ///< met when the excess is negative
    at_most,  ///< met when it is not positive
    equal,    ///< met when it is 0
    truth     ///< no comparison that can be measured: the excess is 0 where the condition holds, else 1
  };

  /// The conditions that `text` joins by `and`, one by one. A condition with `or`, and one that compares nothing, is `truth`.
  /// @param text  an expression that `Expression::parse` accepts with these names.
  [[nodiscard]] static std::vector<Margin> of(const std::string& text, std::span<const std::string> names);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] Relation relation() const { return relation_; }
  [[nodiscard]] const std::vector<int>& used_names() const { return whole_.used_names(); }

  /// By how much the condition is missed, in the unit of what it compares; NaN where that is not known.
  [[nodiscard]] double excess(std::span<const double> values) const;

  /// The larger of the two sides in absolute value, to set an excess in relation to; 1 for `truth`.
  [[nodiscard]] double size(std::span<const double> values) const;

  /// Whether a condition with this excess is met.
  [[nodiscard]] bool is_met(double excess) const;

 private:
  std::string text_;
  Relation relation_ = Relation::truth;
  Expression whole_;
  Expression left_;   ///< what must not be larger; empty for `truth`
  Expression right_;  ///< than this
};

}  // namespace twin::detail
