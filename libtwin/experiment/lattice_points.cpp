// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/lattice_points.hpp>

#include <algorithm>
#include <set>
#include <utility>

#include <libtwin/experiment/design_methods.hpp>
#include <libtwin/experiment/unit_points.hpp>

namespace twin::detail {
namespace {

// Above this many axes, pairs are tried only where a condition links them.
constexpr std::size_t kMostFreePairs = 8;

std::int64_t step_of(const Axis& axis, int level) {
  return std::max(axis.unit, (axis.last + 1) >> std::min(level, 62));
}

class Neighbours {
 public:
  Neighbours(const Lattice& lattice, const Point& centre, int level)
      : lattice_(lattice), centre_(centre), level_(level) {}

  std::vector<Point> all() {
    const std::size_t count = lattice_.dimensions();
    for (std::size_t i = 0; i < count; ++i) add_along(i);
    std::size_t ordered = 0;
    for (std::size_t i = 0; i < count; ++i) ordered += moves(i) ? 1 : 0;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j) {
        if (i != j && moves(i) && moves(j) && (ordered <= kMostFreePairs || lattice_.are_linked(i, j))) exchange(i, j);
      }
    }
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool moves(std::size_t i) const {
    return lattice_.axis(i).kind != Axis::Kind::unordered && lattice_.axis(i).last > 0;
  }

  void add_along(std::size_t i) {
    const Axis& axis = lattice_.axis(i);
    Point point = centre_;
    if (axis.kind == Axis::Kind::unordered) {
      for (std::int64_t place = 0; place <= axis.last; ++place) {
        point[i] = place;
        add(point);
      }
      return;
    }
    for (const std::int64_t step : {step_of(axis, level_), -step_of(axis, level_)}) {
      point[i] = std::clamp<std::int64_t>(centre_[i] + step, 0, axis.last);
      if (point[i] != centre_[i]) mend(point, {i}, 2);
    }
  }

  void exchange(std::size_t i, std::size_t j) {
    Point point = centre_;
    point[i] = std::min(centre_[i] + step_of(lattice_.axis(i), level_), lattice_.axis(i).last);
    point[j] = std::max<std::int64_t>(centre_[j] - step_of(lattice_.axis(j), level_), 0);
    if (point[i] != centre_[i] && point[j] != centre_[j]) mend(point, {i, j}, 1);
  }

  /// Adds the point, or those to which a move along up to `depth` other axes leads.
  void mend(const Point& point, const std::vector<std::size_t>& moved, int depth) {
    if (lattice_.accepts(point)) return add(point);
    if (depth == 0) return;
    for (std::size_t j = 0; j < point.size(); ++j) {
      const bool is_linked = std::any_of(moved.begin(), moved.end(), [&](auto i) { return lattice_.are_linked(i, j); });
      if (!is_linked || std::find(moved.begin(), moved.end(), j) != moved.end()) continue;
      const auto place = lattice_.place_to_mend(point, j);
      if (!place) continue;
      Point next = point;
      next[j] = *place;
      std::vector<std::size_t> more = moved;
      more.push_back(j);
      // A chain of three is for conditions that overlap; where one other axis is enough, it is longer than it must be.
      if (lattice_.accepts(next)) {
        add(next);
      } else {
        mend(next, more, depth - 1);
      }
    }
  }

  void add(const Point& point) {
    if (point != centre_ && lattice_.accepts(point) && seen_.insert(point).second) found_.push_back(point);
  }

  const Lattice& lattice_;
  const Point& centre_;
  int level_;
  std::set<Point> seen_;
  std::vector<Point> found_;
};

/// Points of a grid at even distances in its order; nothing when there are too many to list.
std::vector<Point> listed_points(const Lattice& lattice, std::size_t count) {
  constexpr double kMostListed = 1e7;
  const DesignSpace& space = lattice.space();
  const bool has_range = std::any_of(space.columns.begin(), space.columns.end(), [](auto& c) { return c.is_range; });
  if (has_range || lattice.design_count() > kMostListed) return {};
  const std::vector<double> rows = grid_rows(space);
  const std::size_t width = space.columns.size();
  const std::size_t designs = rows.size() / width;
  std::vector<Point> points;
  for (std::size_t k = 0; k < std::min(count, designs); ++k) {
    const double* row = &rows[(designs * k / std::min(count, designs)) * width];
    Point point(width);
    for (std::size_t i = 0; i < width; ++i) {
      const auto& levels = space.columns[i].levels;
      point[i] = std::find(levels.begin(), levels.end(), row[i]) - levels.begin();
    }
    points.push_back(std::move(point));
  }
  return points;
}

}  // namespace

std::vector<Point> spread_points(const Lattice& lattice, std::size_t count, std::uint64_t seed) {
  const std::size_t width = lattice.dimensions();
  if (width == 0) refuse_design("E053", "there is nothing to search: no factor varies", "write [factor]");
  if (width > kMostSobolDimensions) refuse_design("E053", "a search has at most 3,667 factors", "take fewer");
  std::vector<std::string> names;
  for (const Column& column : lattice.space().columns) names.push_back(column.name);
  const UnitPoints next = shifted_sobol_points(names, seed);
  std::vector<double> unit(width);
  std::set<Point> seen;
  std::vector<Point> points;
  const std::size_t most_tries = 64 * count + 4096;
  for (std::size_t tries = 0; tries < most_tries && points.size() < count; ++tries) {
    next(unit);
    Point point(width);
    for (std::size_t i = 0; i < width; ++i) {
      const auto places = static_cast<double>(lattice.axis(i).last + 1);
      point[i] = std::min(static_cast<std::int64_t>(unit[i] * places), lattice.axis(i).last);
    }
    if (lattice.project(point) && seen.insert(point).second) points.push_back(std::move(point));
  }
  if (points.empty()) points = listed_points(lattice, count);
  if (points.empty()) {
    refuse_design("E052", "no design was found that meets the conditions",
                  "make one parameter an expression of the others, or check the conditions under [design] where");
  }
  return points;
}

Neighbourhood neighbours_of(const Lattice& lattice, const Point& point, int level, std::size_t most) {
  Neighbourhood result;
  std::vector<Point> all = Neighbours(lattice, point, level).all();
  result.count = all.size();
  if (all.size() <= most) {
    result.points = std::move(all);
  } else {
    for (std::size_t k = 0; k < most; ++k) result.points.push_back(std::move(all[k * result.count / most]));
  }
  return result;
}

int last_level(const Lattice& lattice) {
  int level = 0;
  for (std::size_t i = 0; i < lattice.dimensions(); ++i) {
    const Axis& axis = lattice.axis(i);
    while (axis.kind != Axis::Kind::unordered && step_of(axis, level) > axis.unit) ++level;
  }
  return level;
}

}  // namespace twin::detail
