// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/core/random.hpp>
#include <libtwin/core/standard_draw.hpp>
#include <libtwin/experiment/design_methods.hpp>

namespace twin::detail {
namespace {

constexpr std::size_t kMostCells = 500'000'000;

std::size_t draw_below(Stream& stream, std::size_t count) {
  return static_cast<std::size_t>(uniform_draw(stream) * static_cast<double>(count));
}

/// Draws trajectories over a grid of `levels` steps in every column.
class Trajectories {
 public:
  Trajectories(const DesignSpace& space, std::size_t levels)
      : space_(space), seed_(design_seed(space.scenario)), levels_(levels), check_(space), row_(space.columns.size()) {
    for (std::size_t i = 0; i < row_.size(); ++i) {
      if (space.columns[i].levels.size() > 1) moving_.push_back(i);
    }
  }

  [[nodiscard]] std::size_t length() const { return moving_.size() + 1; }

  /// Appends the rows of candidate `number`; false, and nothing is appended, when one of them does not meet the conditions.
  bool append(std::uint64_t number, std::vector<double>& values) {
    const std::uint64_t run = run_key(seed_, number);
    const std::size_t size = values.size();
    std::vector<double> ends(row_.size());
    for (std::size_t i = 0; i < row_.size(); ++i) {
      const Column& column = space_.columns[i];
      // A number of its own for each column, so that another one more leaves its steps as they were.
      Stream stream(run, stream_key(name_key(column.name), Purpose::design));
      const std::size_t low = draw_below(stream, levels_ / 2);
      row_[i] = column.at_step(low, levels_);
      ends[i] = column.at_step(low + levels_ / 2, levels_);
      if (draw_below(stream, 2) == 1) std::swap(row_[i], ends[i]);
    }
    Stream stream(run, stream_key(0, Purpose::design, 1));
    std::vector<std::size_t> order = moving_;
    bool is_good = append_row(values);
    for (std::size_t left = order.size(); left > 0 && is_good; --left) {
      std::swap(order[left - 1], order[draw_below(stream, left)]);
      row_[order[left - 1]] = ends[order[left - 1]];
      is_good = append_row(values);
    }
    if (!is_good) values.resize(size);
    return is_good;
  }

 private:
  bool append_row(std::vector<double>& values) {
    values.insert(values.end(), row_.begin(), row_.end());
    return check_.accepts(row_);
  }

  const DesignSpace& space_;
  std::uint64_t seed_;
  std::size_t levels_;
  RowCheck check_;
  std::vector<double> row_;
  std::vector<std::size_t> moving_;
};

}  // namespace

std::vector<double> morris_rows(const DesignSpace& space) {
  const auto count = static_cast<std::size_t>(space.scenario.study->trajectories);
  Trajectories trajectories(space, static_cast<std::size_t>(space.scenario.study->levels));
  if (trajectories.length() == 1)
    refuse_design("E053", "there is nothing to screen: no factor varies", "write [factor]");
  if (count > kMostCells / (trajectories.length() * space.columns.size()))
    refuse_design("E053", "the design has more than 500 million values", "take fewer trajectories");
  std::vector<double> values;
  std::size_t found = 0;
  for (std::size_t candidate = 0; found < count; ++candidate) {
    if (trajectories.append(candidate, values)) ++found;
    if (is_hopeless(found, candidate + 1)) {
      refuse_design(
          "E053",
          "of " + std::to_string(candidate + 1) + " trajectories " + std::to_string(found) +
              " meet the conditions, and " + std::to_string(count) + " are wanted",
          "a condition with '==' is never met by all rows of a trajectory: make one parameter an expression of "
          "the others");
    }
  }
  return values;
}

}  // namespace twin::detail
