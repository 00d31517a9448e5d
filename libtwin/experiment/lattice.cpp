// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/lattice.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <libtwin/experiment/design_methods.hpp>
#include <libtwin/experiment/mistakes.hpp>
#include <libtwin/scenario/number_ref.hpp>

namespace twin::detail {
namespace {

DesignSpace checked_space(const Scenario& scenario) {
  std::vector<Diagnostic> mistakes;
  if (scenario.study->method == DesignMethod::file) {
    add_mistake(mistakes, "E053", "design.method", "a file of designs is a list, and a search needs ranges or levels",
                "write [factor] or [parameter], or compare the designs of the file: twin sweep");
  }
  DesignSpace space = design_space(scenario, mistakes);
  throw_mistakes(std::move(mistakes));
  return space;
}

Axis axis_of(Column& column) {
  if (column.is_range) {
    return {Axis::Kind::continuous, Lattice::kPlacesOfRange, Lattice::kPlacesOfRange / Lattice::kStepsOfRange};
  }
  if (column.texts.empty()) {
    // A search walks along an axis: numbers must rise, and each stand once.
    std::sort(column.levels.begin(), column.levels.end());
    column.levels.erase(std::unique(column.levels.begin(), column.levels.end()), column.levels.end());
  }
  return {column.texts.empty() ? Axis::Kind::ordered : Axis::Kind::unordered,
          static_cast<std::int64_t>(column.levels.size()) - 1, 1};
}

}  // namespace

Lattice::Lattice(const Scenario& scenario) : space_(checked_space(scenario)), parameters_(space_.nominals) {
  for (Column& column : space_.columns) axes_.push_back(axis_of(column));
  std::vector<std::string> names;
  for (const Parameter& p : scenario.parameters) names.push_back(p.name);
  for (const std::string& text : scenario.study->where) {
    for (Margin& margin : Margin::of(text, names)) conditions_.push_back(std::move(margin));
  }
  const std::size_t count = axes_.size();
  links_.assign(count * count, 0);
  for (const Margin& condition : conditions_) {
    const auto& used = condition.used_names();
    std::vector<std::size_t>& axes = axes_of_.emplace_back();
    for (std::size_t i = 0; i < count; ++i) {
      if (std::find(used.begin(), used.end(), space_.columns[i].parameter) != used.end()) axes.push_back(i);
    }
    for (const std::size_t i : axes)
      for (const std::size_t j : axes) links_[i * count + j] = 1;
  }
}

double Lattice::design_count() const {
  double count = 1;
  for (const Axis& axis : axes_) {
    const std::int64_t places = axis.last / axis.unit + 1;
    count *= static_cast<double>(places);
  }
  return count;
}

double Lattice::value(std::size_t axis, std::int64_t place) const {
  const Column& column = space_.columns[axis];
  if (column.is_range) return column.at(static_cast<double>(place) / static_cast<double>(kPlacesOfRange));
  // For texts the level is the index of the text.
  return column.levels[static_cast<std::size_t>(place)];
}

void Lattice::write_row(const Point& point, std::span<double> row) const {
  for (std::size_t i = 0; i < point.size(); ++i) row[i] = value(i, point[i]);
}

void Lattice::set_parameters(const Point& point) const {
  for (std::size_t i = 0; i < point.size(); ++i) {
    const int parameter = space_.columns[i].parameter;
    if (parameter >= 0) parameters_[static_cast<std::size_t>(parameter)] = value(i, point[i]);
  }
}

bool Lattice::is_inside(const Point& point) const {
  for (std::size_t i = 0; i < point.size(); ++i) {
    if (point[i] < 0 || point[i] > axes_[i].last) return false;
  }
  return true;
}

bool Lattice::accepts(const Point& point) const {
  if (!is_inside(point)) return false;
  set_parameters(point);
  return std::all_of(space_.conditions.begin(), space_.conditions.end(),
                     [&](const Expression& e) { return e.evaluate(parameters_) != 0; });
}

double Lattice::excess_of(const Margin& margin, const Point& point) const {
  set_parameters(point);
  return margin.excess(parameters_);
}

std::optional<std::int64_t> Lattice::place_to_mend(const Point& point, std::size_t j) const {
  if (axes_[j].kind == Axis::Kind::unordered || axes_[j].last == 0) return {};
  for (std::size_t c = 0; c < conditions_.size(); ++c) {
    if (std::find(axes_of_[c].begin(), axes_of_[c].end(), j) == axes_of_[c].end()) continue;
    if (conditions_[c].is_met(excess_of(conditions_[c], point))) continue;
    if (const auto place = place_that_meets(conditions_[c], point, j)) return place;
  }
  return {};
}

// A line gives the place where a condition is met; for conditions that are no lines a few of them come near it.
std::optional<std::int64_t> Lattice::place_that_meets(const Margin& margin, const Point& point, std::size_t j) const {
  constexpr int kMostLines = 4;
  const Axis& axis = axes_[j];
  Point trial = point;
  double excess = excess_of(margin, trial);
  for (int line = 0; line < kMostLines && !margin.is_met(excess); ++line) {
    const std::int64_t here = trial[j];
    const std::int64_t aside = here + axis.unit <= axis.last ? axis.unit : -std::min(axis.unit, here);
    trial[j] = here + aside;
    const double slope = (excess_of(margin, trial) - excess) / static_cast<double>(aside);
    if (!std::isfinite(slope) || slope == 0) return {};
    const double way = -excess / slope;
    const double whole = margin.relation() == Margin::Relation::equal ? std::round(way)
                         : way > 0                                    ? std::ceil(way - 1e-9)
                                                                      : std::floor(way + 1e-9);
    const double place = std::clamp(static_cast<double>(here) + whole, 0.0, static_cast<double>(axis.last));
    trial[j] = static_cast<std::int64_t>(place);
    excess = excess_of(margin, trial);
    if (margin.relation() == Margin::Relation::below && excess == 0) {
      // A strict condition is not met where the sides are equal.
      trial[j] = std::clamp<std::int64_t>(trial[j] + (slope > 0 ? -1 : 1), 0, axis.last);
      excess = excess_of(margin, trial);
    }
    if (trial[j] == here) break;
  }
  return trial[j] == point[j] ? std::nullopt : std::optional(trial[j]);
}

bool Lattice::project(Point& point) const {
  constexpr std::size_t kMostPasses = 30;
  const std::size_t count = axes_.size();
  for (std::size_t pass = 0; pass < kMostPasses; ++pass) {
    for (std::size_t k = 0; k < count; ++k) {
      if (accepts(point)) return true;
      const std::size_t j = (k + pass) % count;
      const auto place = place_to_mend(point, j);
      if (!place) continue;
      // Its share of the way; the last one goes all of it.
      const auto left = static_cast<std::int64_t>(count - k);
      const std::int64_t way = *place - point[j];
      point[j] += way > 0 ? (way + left - 1) / left : -((-way + left - 1) / left);
    }
  }
  return accepts(point);
}

std::optional<Point> Lattice::nominal() const {
  Factory factory = space_.scenario.factory;
  Point point(axes_.size());
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const Column& column = space_.columns[i];
    if (axes_[i].kind == Axis::Kind::unordered) return {};
    double wanted = 0;
    if (column.parameter >= 0) {
      wanted = space_.nominals[static_cast<std::size_t>(column.parameter)];
    } else {
      const auto number = find_number(factory, column.name);
      if (!number) return {};
      wanted = number->value();
    }
    if (column.is_range) {
      const double share = (wanted - column.levels[0]) / (column.levels[1] - column.levels[0]);
      if (!(share >= 0 && share <= 1)) return {};
      point[i] = std::llround(share * static_cast<double>(kPlacesOfRange));
      continue;
    }
    const auto found = std::find(column.levels.begin(), column.levels.end(), wanted);
    if (found == column.levels.end()) return {};
    point[i] = found - column.levels.begin();
  }
  return accepts(point) ? std::optional(point) : std::nullopt;
}

}  // namespace twin::detail
