// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <libtwin/scenario/number_ref.hpp>
#include <libtwin/scenario/read_fields.hpp>
#include <libtwin/scenario/units.hpp>

namespace twin {
namespace detail {
namespace {

/// A path on its way down: which part comes next.
struct Way {
  const std::vector<std::string>& parts;
  std::size_t next;

  [[nodiscard]] bool at_end() const { return next >= parts.size(); }
  [[nodiscard]] const std::string& part() const { return parts[next]; }
  [[nodiscard]] Way down() const { return {parts, next + 1}; }
};

template <class T>
bool set_in_object(Reader& reader, T& object, Way way, const Node& node, const std::string& path);

bool set_in_law(Reader& reader, Distribution& law, Dimension dimension, Way way, const Node& node,
                const std::string& path) {
  if (way.at_end()) return read_law(reader, node, dimension, path, law), true;
  const LawInfo& info = law_info(law.kind);
  const bool is_constant_mean = law.kind == LawKind::constant && way.part() == "mean";
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const LawParameter& p = info.parameters[i];
    if ((p.name != way.part() && !is_constant_mean) || !way.down().at_end()) continue;
    Distribution changed = law;
    if (!read_number(reader, node, rule_of(p, dimension), path, changed.parameters[i])) return true;
    const std::vector<std::string> found = problems(changed);
    if (found.empty()) {
      law = std::move(changed);
    } else {
      reader.error("E032", node.place, path, std::string(info.name) + " cannot be: " + found.front(), "impossible",
                   std::string(info.doc));
    }
    return true;
  }
  return false;
}

template <class Value>
bool set_in_member(Reader& reader, const Field& field, Dimension dimension, Value& member, Way way, const Node& node,
                   const std::string& path) {
  if constexpr (std::is_same_v<Value, Distribution>) {
    return set_in_law(reader, member, dimension, way, node, path);
  } else if constexpr (std::is_same_v<Value, std::optional<Distribution>>) {
    if (!member && !way.at_end()) return false;
    Distribution law = member.value_or(Distribution());
    const std::size_t mistakes = reader.diagnostics.size();
    if (!set_in_law(reader, law, dimension, way, node, path)) return false;
    if (reader.diagnostics.size() == mistakes) member = std::move(law);
    return true;
  } else if constexpr (std::is_same_v<Value, std::vector<FailureMode>>) {
    if (way.at_end()) return refuse_kind(reader, node, path, "tables by name"), true;
    const auto found =
        std::find_if(member.begin(), member.end(), [&](const FailureMode& m) { return m.name == way.part(); });
    return found != member.end() && set_in_object(reader, *found, way.down(), node, path);
  } else if constexpr (std::is_same_v<Value, std::map<std::string, double>> ||
                       std::is_same_v<Value, std::map<std::string, std::int64_t>> ||
                       std::is_same_v<Value, std::map<std::string, Distribution>>) {
    if (way.at_end()) {
      member.clear();
      return read_member(reader, node, field, dimension, path, member), true;
    }
    const std::string key = field.name == "setup" ? spaced_arrow(way.part()) : way.part();
    const auto found = member.find(key);
    if (found != member.end()) return set_in_member(reader, field, dimension, found->second, way.down(), node, path);
    if (!way.down().at_end()) return false;
    typename Value::mapped_type value{};
    const std::size_t mistakes = reader.diagnostics.size();
    read_member(reader, node, field, dimension, path, value);
    if (reader.diagnostics.size() == mistakes) member.emplace(key, std::move(value));
    return true;
  } else {
    if (!way.at_end()) return false;
    return read_member(reader, node, field, dimension, path, member), true;
  }
}

template <class T>
bool set_in_object(Reader& reader, T& object, Way way, const Node& node, const std::string& path) {
  if (way.at_end()) return false;
  bool found = false;
  object.fields([&](const Field& field, auto& member) {
    if (found || field.name != way.part() || !has_field(object, field)) return;
    if constexpr (std::is_same_v<T, Source>) {
      if (field.name == "schedule" && way.down().at_end()) {
        object.arrivals_list.clear();
        read_schedule(reader, node, path, object);
        found = true;
        return;
      }
    }
    found = set_in_member(reader, field, dimension_of(object, field), member, way.down(), node, path);
  });
  return found;
}

bool set_in_run(Reader& reader, RunSettings& run, Way way, const Node& node, const std::string& path) {
  bool found = false;
  run_fields(run, [&](const Field& field, auto& member) {
    if (found || field.name != way.part() || !way.down().at_end()) return;
    read_member(reader, node, field, field.dimension, path, member);
    found = true;
  });
  return found;
}

bool set_in_flow(Reader& reader, std::vector<Arrow>& arrows, Way way, const Node& node, const std::string& path) {
  if (way.down().at_end() || way.down().part() != "share" || !way.down().down().at_end()) return false;
  const std::string wanted = path_part(way.part());
  for (Arrow& arrow : arrows) {
    if (arrow.route != RouteKind::share || wanted != arrow.from + "->" + arrow.to) continue;
    read_number(reader, node, {.dimension = Dimension::share, .min = 0, .max = 1}, path, arrow.share);
    return true;
  }
  return false;
}

/// An unknown path, with the nearest known one.
Diagnostic unknown_path(const Factory& factory, std::string_view path) {
  std::vector<std::string> candidates;
  for (const auto& [name, value] : list_numbers(factory)) candidates.push_back(name);
  Diagnostic d;
  d.code = "E012";
  d.path = std::string(path);
  d.message = "unknown path " + quote(path);
  d.label = "nothing has this path";
  d.hint = suggest(path, candidates, "a path is like machine.weld.cycle.mean or buffer.b1.capacity");
  return d;
}

}  // namespace

bool set_node(Reader& reader, Factory& factory, std::string_view path, const Node& node) {
  const auto parts = split_path(path);
  if (!parts || parts->size() < 2) return false;
  const Way way{*parts, 1};
  const std::string& section = parts->front();
  const std::string name = canonical_path(path);
  if (section == "run") return set_in_run(reader, factory.run, way, node, name);
  if (section == "flow") return set_in_flow(reader, factory.arrows, way, node, name);
  bool found = false;
  const auto try_set = [&](auto& element, std::string_view kind) {
    if (found || kind != section || element.name != way.part()) return;
    found = set_in_object(reader, element, way.down(), node, name);
  };
  for (Station& station : factory.stations) {
    try_set(station, enum_names(StationKind{})[static_cast<std::size_t>(station.kind)]);
  }
  visit_simple_kinds(factory, [&](std::string_view kind, auto& elements) {
    for (auto& element : elements) try_set(element, kind);
  });
  return found;
}

}  // namespace detail

void set_value(Factory& factory, std::string_view path, std::string_view text, std::vector<Diagnostic>& diagnostics) {
  detail::Reader reader;
  detail::Node node = detail::text_node(std::string(text));
  node.inner_column = 1;
  if (!detail::set_node(reader, factory, path, node)) reader.add(detail::unknown_path(factory, path));
  for (Diagnostic& d : reader.diagnostics) diagnostics.push_back(std::move(d));
}

void set_number(Factory& factory, std::string_view path, double value) {
  const auto number = detail::find_number(factory, path);
  if (!number) throw ModelError({detail::unknown_path(factory, path)});
  if (number->set(value)) return;
  Diagnostic d;
  d.code = "E022";
  d.path = std::string(path);
  d.message = detail::quote(path) + " cannot be " + detail::write_number(value);
  d.label = "out of range";
  throw ModelError({std::move(d)});
}

std::vector<std::pair<std::string, double>> list_numbers(const Factory& factory) {
  std::vector<std::pair<std::string, double>> numbers;
  // Numbers are found through the field lists, which want a mutable object; none is changed.
  detail::visit_numbers(const_cast<Factory&>(factory), [&](const std::string& path, const detail::NumberRef& number) {
    numbers.emplace_back(path, number.value());
  });
  return numbers;
}

}  // namespace twin
