// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/write_tree.hpp>

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/path.hpp>
#include <libtwin/scenario/units.hpp>
#include <libtwin/scenario/visit.hpp>

namespace twin::detail {

Node seed_node(std::uint64_t seed) {
  if (seed <= static_cast<std::uint64_t>(INT64_MAX)) return integer_node(static_cast<std::int64_t>(seed));
  return text_node(std::to_string(seed));
}

namespace {

class TreeWriter {
 public:
  TreeWriter(const Scenario& scenario, Extent extent)
      : scenario_(scenario), extent_(extent), expressions_(scenario.bindings) {}

  Node write() {
    Node root = table_node();
    add(root, "format", integer_node(1));
    if (scenario_.study && !scenario_.study->model.empty()) add(root, "model", text_node(scenario_.study->model));
    add(root, "factory", head());
    add(root, "run", run());
    if (!scenario_.parameters.empty()) add(root, "parameter", parameters_node(scenario_.parameters));
    visit_simple_kinds(scenario_.factory, [&](std::string_view section, const auto& elements) {
      for (const auto& element : elements) add_element(root, std::string(section), element);
    });
    for (const Station& station : scenario_.factory.stations) {
      add_element(root, std::string(enum_names(StationKind{})[static_cast<std::size_t>(station.kind)]), station);
    }
    if (scenario_.study) add_study(root, *scenario_.study, extent_);
    if (!scenario_.known.empty()) add(root, "known", known_node(scenario_.known));
    return root;
  }

 private:
  [[nodiscard]] bool says_all() const { return extent_ == Extent::everything; }

  Node head() const {
    Node table = table_node();
    add(table, "name", text_node(scenario_.factory.name));
    std::vector<Node> flow;
    for (const Arrow& arrow : scenario_.factory.arrows) flow.push_back(text_node(flow_line(arrow)));
    add(table, "flow", array_node(std::move(flow)));
    return table;
  }

  std::string flow_line(const Arrow& arrow) const {
    std::string line = arrow.from + " -> " + arrow.to;
    switch (arrow.route) {
      case RouteKind::always:
        return line;
      case RouteKind::share: {
        const std::string* const bound = expressions_.find("flow." + arrow.from + "->" + arrow.to + ".share");
        return line + " : " + (bound != nullptr ? *bound : write_quantity(arrow.share, Dimension::share));
      }
      case RouteKind::product:
        return line + " : product " + arrow.name;
      case RouteKind::call:
        return line + " : call(" + arrow.name + ")";
      case RouteKind::otherwise:
      case RouteKind::shortest:
      case RouteKind::round_robin:
      case RouteKind::priority:
        break;
    }
    return line + " : " + std::string(enum_names(RouteKind{})[static_cast<std::size_t>(arrow.route)]);
  }

  /// A number, or the expression that is bound to its path.
  Node bound_or(const std::string& path, Node node) const {
    const std::string* const bound = expressions_.find(path);
    return bound != nullptr ? text_node(*bound) : std::move(node);
  }

  template <class Value>
  std::optional<Node> member_node(const Field& field, Dimension dimension, const Value& member,
                                  const std::string& path) const {
    if constexpr (std::is_same_v<Value, double>) {
      return bound_or(path, number_node(member, dimension));
    } else if constexpr (std::is_same_v<Value, std::int64_t>) {
      if (field.name == "capacity" && member == kUnlimited) return text_node("unlimited");
      return bound_or(path, integer_node(member));
    } else if constexpr (std::is_same_v<Value, std::uint64_t>) {
      return seed_node(member);
    } else if constexpr (std::is_same_v<Value, bool>) {
      return boolean_node(member);
    } else if constexpr (std::is_enum_v<Value>) {
      return text_node(std::string(enum_names(Value{})[static_cast<std::size_t>(member)]));
    } else if constexpr (std::is_same_v<Value, std::string>) {
      return text_node(member);
    } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
      return texts_node(member);
    } else if constexpr (std::is_same_v<Value, Distribution>) {
      return law_node(member, dimension, path, expressions_);
    } else if constexpr (std::is_same_v<Value, std::optional<Distribution>>) {
      if (!member) return {};
      return law_node(*member, dimension, path, expressions_);
    } else if constexpr (std::is_same_v<Value, std::vector<FailureMode>>) {
      Node table = table_node();
      for (const FailureMode& mode : member)
        add(table, mode.name, element_node(mode, path + "." + path_part(mode.name)));
      return table;
    } else {
      Node table = table_node();
      for (const auto& [key, value] : member) {
        if (auto node = member_node(field, dimension, value, path + "." + path_part(key)))
          add(table, key, std::move(*node));
      }
      return table;
    }
  }

  template <class T>
  Node element_node(const T& object, const std::string& path) const {
    Node table = table_node();
    visit_fields(object, [&](const Field& field, const auto& member) {
      if (!has_field(object, field)) return;
      const std::string inner = path + "." + std::string(field.name);
      if constexpr (std::is_same_v<T, Source>) {
        if (field.name == "schedule") return add_schedule(table, object);
      }
      auto node = member_node(field, dimension_of(object, field), member, inner);
      if (!node || (!says_all() && is_default<T>(field, member) && !expressions_.reach(inner))) return;
      add(table, std::string(field.name), std::move(*node));
    });
    return table;
  }

  /// Whether a field may be left out: it has the value that an object has of itself, and nothing must be said there.
  template <class T, class Value>
  static bool is_default(const Field& field, const Value& member) {
    const bool must_be_said =
        field.name == "cycle" || field.name == "every" || field.name == "repair" || field.name == "cards";
    if (must_be_said) return false;
    bool equal = false;
    const T defaults{};
    visit_fields(defaults, [&](const Field& other, const auto& value) {
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Value>) {
        if (other.name == field.name) equal = value == member;
      }
    });
    return equal;
  }

  void add_schedule(Node& table, const Source& source) const {
    if (source.schedule.empty() && source.arrivals_list.empty()) {
      if (says_all()) add(table, "schedule", array_node({}));
      return;
    }
    std::vector<Node> releases;
    for (const ScheduledArrival& arrival : source.arrivals_list) {
      Node release = table_node();
      add(release, "time", text_node(write_quantity(arrival.time_s, Dimension::time)));
      if (!arrival.product.empty() || says_all()) add(release, "product", text_node(arrival.product));
      add(release, "count", integer_node(arrival.count));
      releases.push_back(std::move(release));
    }
    Node schedule = table_node();
    if (!source.schedule.empty()) add(schedule, "file", text_node(source.schedule));
    add(schedule, "releases", array_node(std::move(releases)));
    add(table, "schedule", std::move(schedule));
  }

  template <class T>
  void add_element(Node& root, const std::string& section, const T& element) const {
    Node table = table_node();
    add(table, element.name, element_node(element, section + "." + path_part(element.name)));
    add(root, section, std::move(table));
  }

  Node run() const {
    Node table = table_node();
    RunSettings settings = scenario_.factory.run;
    run_fields(settings, [&](const Field& field, const auto& member) {
      const std::string name(field.name);
      const std::string path = "run." + name;
      if constexpr (std::is_same_v<std::decay_t<decltype(member)>, Warmup>) {
        add(table, name,
            member.is_auto ? text_node("auto")
                           : bound_or(path, text_node(write_quantity(member.seconds, Dimension::time))));
      } else {
        if (auto node = member_node(field, field.dimension, member, path)) add(table, name, std::move(*node));
      }
    });
    return table;
  }

  const Scenario& scenario_;
  Extent extent_;
  Expressions expressions_;
};

}  // namespace

Node scenario_tree(const Scenario& scenario, Extent extent) { return TreeWriter(scenario, extent).write(); }

}  // namespace twin::detail
