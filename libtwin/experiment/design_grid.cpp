// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include <libtwin/experiment/design_methods.hpp>
#include <libtwin/scenario/design_checks.hpp>

namespace twin::detail {
namespace {

constexpr auto kMostRows = static_cast<std::size_t>(kMostDesigns);

// Candidates a grid looks at before it gives up: some ten seconds.
constexpr std::uint64_t kMostSteps = 2'000'000'000;

class Grid {
 public:
  explicit Grid(const DesignSpace& space)
      : columns_(space.columns), parameters_(space.nominals), row_(columns_.size()), due_(columns_.size()) {
    for (const Expression& condition : space.conditions) {
      const std::size_t depth = depth_of(condition);
      if (depth == columns_.size()) {
        is_possible_ = is_possible_ && holds(condition);
      } else {
        due_[depth].push_back(&condition);
      }
    }
  }

  std::vector<double> values() {
    if (!is_possible_) refuse_empty();
    if (columns_.empty()) return {};
    choose(0);
    if (values_.empty()) refuse_empty();
    return std::move(values_);
  }

 private:
  /// The last column that a condition depends on; the number of columns when it depends on none.
  [[nodiscard]] std::size_t depth_of(const Expression& condition) const {
    const auto& used = condition.used_names();
    for (std::size_t i = columns_.size(); i-- > 0;) {
      if (std::find(used.begin(), used.end(), columns_[i].parameter) != used.end()) return i;
    }
    return columns_.size();
  }

  [[nodiscard]] bool holds(const Expression& condition) const { return condition.evaluate(parameters_) != 0; }

  void choose(std::size_t depth) {
    if (depth == columns_.size()) {
      if (values_.size() / columns_.size() == kMostRows) give_up();
      values_.insert(values_.end(), row_.begin(), row_.end());
      return;
    }
    const Column& column = columns_[depth];
    for (const double level : column.levels) {
      if (++steps_ > kMostSteps) give_up();
      row_[depth] = level;
      if (column.parameter >= 0) parameters_[static_cast<std::size_t>(column.parameter)] = level;
      const auto& due = due_[depth];
      if (std::all_of(due.begin(), due.end(), [&](const Expression* e) { return holds(*e); })) choose(depth + 1);
    }
  }

  [[noreturn]] static void give_up() {
    refuse_design("E052", "the grid has more than 50 million designs, or billions of candidates",
                  "give fewer levels, or conditions that speak of the first parameters; or search it: twin optimize");
  }

  const std::vector<Column>& columns_;
  std::vector<double> parameters_;
  std::vector<double> row_;
  std::vector<std::vector<const Expression*>> due_;
  std::vector<double> values_;
  std::uint64_t steps_ = 0;
  bool is_possible_ = true;
};

}  // namespace

std::vector<double> grid_rows(const DesignSpace& space) { return Grid(space).values(); }

}  // namespace twin::detail
