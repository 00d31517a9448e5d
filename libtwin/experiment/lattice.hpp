// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <libtwin/experiment/design_space.hpp>
#include <libtwin/experiment/margin.hpp>

namespace twin::detail {

/// A design of a search: for each axis the number of a place, from 0.
using Point = std::vector<std::int64_t>;

/// A factor or parameter as a search sees it: places in a row.
struct Axis {
  enum class Kind : std::uint8_t {
    ordered,     ///< numbers, rising; one place is one level
    continuous,  ///< any number of a range; places are far closer than what is told apart
    unordered    ///< texts
  };
  Kind kind = Kind::ordered;
  std::int64_t last = 0;  ///< places are 0 … last
  std::int64_t unit = 1;  ///< the smallest step that a search takes
};

/// The designs among which a search looks, as points with whole coordinates, and the conditions on them.
class Lattice {
 public:
  /// Ranges without a step are cut into this many places; a search takes no step below a 1,024th of them.
  static constexpr std::int64_t kPlacesOfRange = 1 << 20;
  static constexpr std::int64_t kStepsOfRange = 1 << 10;

  /// Keeps a reference. @throws ModelError for conditions and factors that are wrong, and for `file`, which is no space.
  explicit Lattice(const Scenario& scenario);

  [[nodiscard]] std::size_t dimensions() const { return axes_.size(); }
  [[nodiscard]] const Axis& axis(std::size_t i) const { return axes_[i]; }
  [[nodiscard]] const DesignSpace& space() const { return space_; }
  [[nodiscard]] const std::vector<Margin>& conditions() const { return conditions_; }

  /// How many designs the ranges hold, conditions aside, a range without a step counting as its 1,025 smallest steps.
  [[nodiscard]] double design_count() const;

  /// The row of a design table. @param row  of the size of `dimensions`.
  void write_row(const Point& point, std::span<double> row) const;

  /// Whether it lies within all axes and meets all conditions.
  [[nodiscard]] bool accepts(const Point& point) const;

  /// Whether some condition speaks of both.
  [[nodiscard]] bool are_linked(std::size_t i, std::size_t j) const { return links_[i * axes_.size() + j] != 0; }

  /// The place on axis j nearest to where the point stands at which the first condition that it misses and that hangs on j is
  /// met, as far as a straight line tells; nothing when j is of no use. Never outside of the axis.
  [[nodiscard]] std::optional<std::int64_t> place_to_mend(const Point& point, std::size_t j) const;

  /// Moves a point to one near it that meets the conditions, sharing the way evenly among the axes. False when none is found.
  [[nodiscard]] bool project(Point& point) const;

  /// The model as it stands; nothing when it is not among the designs.
  [[nodiscard]] std::optional<Point> nominal() const;

 private:
  [[nodiscard]] bool is_inside(const Point& point) const;
  [[nodiscard]] double excess_of(const Margin& margin, const Point& point) const;
  [[nodiscard]] std::optional<std::int64_t> place_that_meets(const Margin& margin, const Point& point,
                                                             std::size_t j) const;
  [[nodiscard]] double value(std::size_t axis, std::int64_t place) const;
  void set_parameters(const Point& point) const;

  DesignSpace space_;
  std::vector<Axis> axes_;
  std::vector<Margin> conditions_;
  std::vector<std::vector<std::size_t>> axes_of_;  ///< of each condition
  std::vector<std::uint8_t> links_;                ///< (axes × axes)
  mutable std::vector<double> parameters_;         // scratch: one search is one thread
};

}  // namespace twin::detail
