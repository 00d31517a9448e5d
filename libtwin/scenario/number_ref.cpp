// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/number_ref.hpp>

#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <libtwin/scenario/path.hpp>
#include <libtwin/scenario/visit.hpp>

namespace twin::detail {
namespace {

using VisitNumber = std::function<void(const std::string&, const NumberRef&)>;

void visit_law(Distribution& law, Dimension dimension, const std::string& path, const VisitNumber& visit) {
  const LawInfo& info = law_info(law.kind);
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    const LawParameter& p = info.parameters[i];
    visit(path + "." + std::string(p.name), {.real = &law.parameters[i], .rule = rule_of(p, dimension)});
  }
  if (law.kind != LawKind::discrete) return;
  NumberRule rule;
  for (std::size_t i = 0; i < law.weights.size(); ++i) {
    visit(path + ".weights." + std::to_string(i), {.real = &law.weights[i], .rule = rule});
  }
  rule.dimension = dimension;
  for (std::size_t i = 0; i < law.values.size(); ++i) {
    visit(path + ".values." + std::to_string(i), {.real = &law.values[i], .rule = rule});
  }
}

template <class T>
void visit_object(T& object, const std::string& path, const VisitNumber& visit);

template <class Value>
void visit_member(const Field& field, Dimension dimension, Value& member, const std::string& path,
                  const VisitNumber& visit) {
  NumberRule rule = rule_of(field);
  rule.dimension = dimension;
  if constexpr (std::is_same_v<Value, double>) {
    visit(path, {.real = &member, .rule = rule});
  } else if constexpr (std::is_same_v<Value, std::int64_t>) {
    rule.is_whole = true;
    if (field.name == "capacity") rule.min = static_cast<double>(kUnlimited);
    visit(path, {.whole = &member, .rule = rule});
  } else if constexpr (std::is_same_v<Value, std::uint64_t>) {
    rule.is_whole = true;
    visit(path, {.seed = &member, .rule = rule});
  } else if constexpr (std::is_same_v<Value, Warmup>) {
    visit(path, {.real = &member.seconds, .rule = rule});
  } else if constexpr (std::is_same_v<Value, Distribution>) {
    visit_law(member, dimension, path, visit);
  } else if constexpr (std::is_same_v<Value, std::optional<Distribution>>) {
    if (member) visit_law(*member, dimension, path, visit);
  } else if constexpr (std::is_same_v<Value, std::vector<FailureMode>>) {
    for (FailureMode& mode : member) visit_object(mode, path + "." + path_part(mode.name), visit);
  } else if constexpr (std::is_same_v<Value, std::map<std::string, double>> ||
                       std::is_same_v<Value, std::map<std::string, std::int64_t>> ||
                       std::is_same_v<Value, std::map<std::string, Distribution>>) {
    for (auto& [key, value] : member) visit_member(field, dimension, value, path + "." + path_part(key), visit);
  }
}

template <class T>
void visit_object(T& object, const std::string& path, const VisitNumber& visit) {
  object.fields([&](const Field& field, auto& member) {
    if (!has_field(object, field)) return;
    visit_member(field, dimension_of(object, field), member, path + "." + std::string(field.name), visit);
  });
}

std::string_view section_of(const Station& station) {
  return enum_names(StationKind{})[static_cast<std::size_t>(station.kind)];
}

void visit_run(RunSettings& run, const VisitNumber& visit) {
  run_fields(run, [&](const Field& field, auto& member) {
    visit_member(field, field.dimension, member, "run." + std::string(field.name), visit);
  });
}

void visit_arrow(Arrow& arrow, const VisitNumber& visit) {
  if (arrow.route != RouteKind::share) return;
  visit("flow." + arrow.from + "->" + arrow.to + ".share",
        {.real = &arrow.share, .rule = {.dimension = Dimension::share, .min = 0, .max = 1}});
}

/// Visits the numbers of the one element that the first two parts of a path name, and no others.
void visit_owner(Factory& factory, const std::vector<std::string>& parts, const VisitNumber& visit) {
  if (parts.size() < 2) return;
  const std::string& section = parts[0];
  const std::string& name = parts[1];
  if (section == "run") return visit_run(factory.run, visit);
  if (section == "flow") {
    const std::string wanted = path_part(name);
    for (Arrow& arrow : factory.arrows) {
      if (wanted == arrow.from + "->" + arrow.to) visit_arrow(arrow, visit);
    }
    return;
  }
  for (Station& station : factory.stations) {
    if (station.name == name && section_of(station) == section)
      visit_object(station, section + "." + path_part(name), visit);
  }
  visit_simple_kinds(factory, [&](std::string_view kind, auto& elements) {
    if (kind != section) return;
    for (auto& element : elements) {
      if (element.name == name) visit_object(element, section + "." + path_part(name), visit);
    }
  });
}

}  // namespace

double NumberRef::value() const {
  if (real != nullptr) return *real;
  if (whole != nullptr) return static_cast<double>(*whole);
  return static_cast<double>(*seed);
}

bool NumberRef::set(double number) const {
  const bool low = rule.min_is_open ? !(number > rule.min) : !(number >= rule.min);
  if (low || !(number <= rule.max) || !std::isfinite(number)) return false;
  if (rule.is_whole && (number != std::floor(number) || std::abs(number) > 9007199254740992.0)) return false;
  if (real != nullptr) *real = number;
  if (whole != nullptr) *whole = static_cast<std::int64_t>(number);
  if (seed != nullptr) *seed = static_cast<std::uint64_t>(number);
  return true;
}

void visit_numbers(Factory& factory, const VisitNumber& visit) {
  visit_simple_kinds(factory, [&](std::string_view section, auto& elements) {
    for (auto& element : elements) visit_object(element, std::string(section) + "." + path_part(element.name), visit);
  });
  for (Station& station : factory.stations) {
    visit_object(station, std::string(section_of(station)) + "." + path_part(station.name), visit);
  }
  for (Arrow& arrow : factory.arrows) visit_arrow(arrow, visit);
  visit_run(factory.run, visit);
}

std::optional<NumberRef> find_number(Factory& factory, std::string_view path) {
  const auto parts = split_path(path);
  if (!parts) return {};
  const std::string wanted = canonical_path(path);
  // A constant has a value; `mean`, or the path of the law alone, mean the same.
  const std::string as_value =
      wanted.ends_with(".mean") ? wanted.substr(0, wanted.size() - 5) + ".value" : wanted + ".value";
  std::optional<NumberRef> exact;
  std::optional<NumberRef> alias;
  visit_owner(factory, *parts, [&](const std::string& name, const NumberRef& number) {
    if (name != wanted && name != as_value) return;
    std::optional<NumberRef>& found = name == wanted ? exact : alias;
    found = number;
    found->path = name;
  });
  return exact ? exact : alias;
}

}  // namespace twin::detail
