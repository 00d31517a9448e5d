// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/scenario/node.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::detail {

/// How much a tree says.
enum class Extent { without_defaults, everything };

/// The scenario as a tree that reads back to it, in the layout of a TOML file. Sections of stations stand in the order of
/// the stations: `machine` may occur several times among the members of the root, with one table each.
[[nodiscard]] Node scenario_tree(const Scenario& scenario, Extent extent);

/// A plain number as a number, whole ones without a point; what has a unit as text.
[[nodiscard]] Node number_node(double value, Dimension dimension);
[[nodiscard]] Node texts_node(const std::vector<std::string>& texts);

[[nodiscard]] Node parameters_node(const std::vector<Parameter>& parameters);
[[nodiscard]] Node known_node(const std::vector<KnownAnswer>& known);

/// A seed as a number, or as text where TOML has no number that large.
[[nodiscard]] Node seed_node(std::uint64_t seed);

/// Adds the sections of a study.
void add_study(Node& root, const Study& study, Extent extent);

/// A law as text or, when it holds observed values, as a table. `expressions` gives the text of a number that is bound
/// to parameters, by path.
class Expressions;
[[nodiscard]] Node law_node(const Distribution& law, Dimension dimension, const std::string& path,
                            const Expressions& expressions);

/// The bindings of a scenario by path.
class Expressions {
 public:
  explicit Expressions(const std::vector<Binding>& bindings);

  /// The expression bound to a path, or null.
  [[nodiscard]] const std::string* find(std::string_view path) const;

  /// Whether any is bound to the path or below it.
  [[nodiscard]] bool reach(std::string_view path) const;

 private:
  std::map<std::string_view, const std::string*> by_path_;
};

}  // namespace twin::detail
