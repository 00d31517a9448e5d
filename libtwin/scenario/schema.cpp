// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include <libtwin/scenario/law_names.hpp>
#include <libtwin/scenario/scenario.hpp>
#include <libtwin/scenario/visit.hpp>

namespace twin {
namespace {

using detail::has_field;
using detail::Warmup;
using Json = nlohmann::json;

Json reference(std::string_view name) { return {{"$ref", "#/definitions/" + std::string(name)}}; }

Json described(std::string_view doc, Json schema) {
  // Beside a reference, draft 07 ignores all other keywords.
  if (schema.contains("$ref")) schema = Json{{"allOf", Json::array({std::move(schema)})}};
  schema["description"] = doc;
  return schema;
}

/// Keys that nothing else may stand beside.
Json closed_object(Json properties) {
  return {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
}

Json map_of(Json values) { return {{"type", "object"}, {"additionalProperties", std::move(values)}}; }

std::string_view name_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::time:
      return "time";
    case Dimension::rate:
      return "rate";
    case Dimension::none:
    case Dimension::share:
    case Dimension::parts:
      break;
  }
  return "number";
}

/// A number with its limits, or text that may be an expression of parameters.
Json limited(const Field& field, const char* type) {
  Json number{{"type", type}, {"minimum", field.min}};
  if (std::isfinite(field.max)) number["maximum"] = field.max;
  return {{"anyOf", Json::array({std::move(number), Json{{"type", "string"}}})}};
}

template <class T>
Json fields_schema(T object);

template <class Value>
Json member_schema(const Field& field, const Value& member) {
  if constexpr (std::is_same_v<Value, double>) {
    return field.dimension == Dimension::time || field.dimension == Dimension::rate
               ? reference(name_of(field.dimension))
               : limited(field, "number");
  } else if constexpr (std::is_same_v<Value, std::int64_t> || std::is_same_v<Value, std::uint64_t> ||
                       std::is_same_v<Value, std::optional<std::int64_t>> ||
                       std::is_same_v<Value, std::optional<std::uint64_t>>) {
    return limited(field, "integer");
  } else if constexpr (std::is_same_v<Value, std::optional<double>>) {
    return limited(field, "number");
  } else if constexpr (std::is_same_v<Value, std::optional<Amount>>) {
    return reference("value");
  } else if constexpr (std::is_same_v<Value, bool>) {
    return {{"type", "boolean"}, {"default", member}};
  } else if constexpr (std::is_enum_v<Value>) {
    const auto names = enum_names(Value{});
    return {{"enum", Json(std::vector<std::string>(names.begin(), names.end()))},
            {"default", std::string(names[static_cast<std::size_t>(member)])}};
  } else if constexpr (std::is_same_v<Value, std::string>) {
    if (field.name == "schedule") return reference("schedule");
    return {{"type", "string"}};
  } else if constexpr (std::is_same_v<Value, std::vector<std::string>> ||
                       std::is_same_v<Value, std::vector<StoppingRule>>) {
    return reference("texts");
  } else if constexpr (std::is_same_v<Value, Distribution> || std::is_same_v<Value, std::optional<Distribution>>) {
    return reference("law");
  } else if constexpr (std::is_same_v<Value, std::vector<FailureMode>>) {
    return map_of(reference("failure"));
  } else if constexpr (std::is_same_v<Value, Warmup>) {
    return {{"anyOf", Json::array({Json{{"const", "auto"}}, reference("time")})}};
  } else {
    return map_of(member_schema(field, typename Value::mapped_type{}));
  }
}

template <class T>
Json fields_schema(T object) {
  Json properties = Json::object();
  object.fields([&](const Field& field, const auto& member) {
    if (has_field(object, field))
      properties[std::string(field.name)] = described(field.doc, member_schema(field, member));
  });
  return closed_object(std::move(properties));
}

/// The schema of a section whose field list is a function.
template <class Object, class Fields>
Json section_schema(Object object, Fields&& fields) {
  Json properties = Json::object();
  fields(object, [&](const Field& field, const auto& member) {
    properties[std::string(field.name)] = described(field.doc, member_schema(field, member));
  });
  return closed_object(std::move(properties));
}

Json law_schema() {
  Json properties{{"dist", {{"enum", detail::law_names()}}}};
  for (const LawInfo& info : law_infos()) {
    for (const LawParameter& p : info.parameters) properties[std::string(p.name)] = reference("value");
  }
  for (const char* key : {"file", "column", "unit", "name"}) properties[key] = {{"type", "string"}};
  for (const char* key : {"values", "weights"}) properties[key] = {{"type", "array"}, {"items", reference("value")}};
  Json table = closed_object(std::move(properties));
  table["required"] = {"dist"};
  std::string doc = "A quantity for a constant, or a call:";
  for (const LawInfo& info : law_infos()) doc += " " + detail::law_signature(info) + ";";
  doc.back() = '.';
  return {{"description", doc}, {"anyOf", Json::array({reference("value"), std::move(table)})}};
}

Json levels_schema() {
  Json properties{{"from", reference("value")},  {"to", reference("value")},
                  {"step", reference("value")},  {"whole", {{"type", "boolean"}}},
                  {"value", reference("value")}, {"values", {{"type", "array"}, {"items", reference("value")}}}};
  return {{"anyOf", Json::array({reference("value"), Json{{"type", "array"}, {"items", reference("value")}},
                                 closed_object(std::move(properties))})}};
}

Json schedule_schema() {
  Json release =
      closed_object({{"time", reference("time")}, {"product", {{"type", "string"}}}, {"count", reference("value")}});
  Json releases{{"type", "array"}, {"items", std::move(release)}};
  Json table = closed_object({{"file", {{"type", "string"}}}, {"releases", releases}});
  return {{"anyOf", Json::array({Json{{"type", "string"}}, releases, std::move(table)})}};
}

Json known_schema() {
  Json answer = closed_object(
      {{"value", reference("value")}, {"at", map_of(reference("value"))}, {"source", {{"type", "string"}}}});
  return map_of({{"anyOf", Json::array({reference("value"), answer, Json{{"type", "array"}, {"items", answer}}})}});
}

Json definitions() {
  const auto text = [](std::string_view doc) { return Json{{"type", "string"}, {"description", doc}}; };
  return {
      {"time", text("A time with a unit: \"38 s\", \"5 min\", \"1 h / r1\".")},
      {"rate", text("A rate with a unit: \"2.5 /h\".")},
      {"value", {{"type", {"string", "number"}}}},
      {"texts",
       {{"anyOf", Json::array({Json{{"type", "string"}}, Json{{"type", "array"}, {"items", {{"type", "string"}}}}})}}},
      {"law", law_schema()},
      {"levels", levels_schema()},
      {"schedule", schedule_schema()},
      {"failure", fields_schema(FailureMode{})}};
}

Json goal_schema() {
  return closed_object(
      {{"maximize", {{"type", "string"}}}, {"minimize", {{"type", "string"}}}, {"subject_to", reference("texts")}});
}

}  // namespace

std::string scenario_schema() {
  using detail::visit_simple_kinds;
  Json properties{{"format", {{"const", 1}}},
                  {"model", {{"type", "string"}, {"description", "The model of a study, a file."}}}};
  properties["factory"] = closed_object(
      {{"name", {{"type", "string"}}}, {"flow", described("Lines of arrows: \"a -> b : 3 %\".", reference("texts"))}});
  properties["run"] = section_schema(RunSettings{}, [](RunSettings& r, auto&& visit) { detail::run_fields(r, visit); });
  Factory one;
  visit_simple_kinds(one, [&](std::string_view section, auto& elements) {
    properties[std::string(section)] = map_of(fields_schema(elements.emplace_back()));
  });
  for (std::size_t i = 0; i < enum_names(StationKind{}).size(); ++i) {
    Station station;
    station.kind = static_cast<StationKind>(i);
    properties[std::string(enum_names(StationKind{})[i])] = map_of(fields_schema(station));
  }
  properties["parameter"] = map_of(reference("levels"));
  properties["known"] = known_schema();
  properties["design"] = section_schema(Study{}, [](Study& s, auto&& visit) { detail::design_fields(s, visit); });
  properties["replicate"] = section_schema(Study{}, [](Study& s, auto&& visit) { detail::replicate_fields(s, visit); });
  properties["refine"] = {
      {"type", "array"},
      {"items", section_schema(RefineRound{}, [](RefineRound& r, auto&& visit) { detail::refine_fields(r, visit); })}};
  properties["select"] =
      section_schema(Selection{}, [](Selection& s, auto&& visit) { detail::select_fields(s, visit); });
  properties["select"]["required"] = {"method"};
  properties["factor"] = {{"type", "object"}};
  properties["measure"] = map_of({{"type", "string"}});
  properties["goal"] = goal_schema();
  Json schema = closed_object(std::move(properties));
  schema["$schema"] = "http://json-schema.org/draft-07/schema#";
  schema["title"] = "libtwin scenario";
  schema["required"] = {"format"};
  schema["definitions"] = definitions();
  return schema.dump(2) + "\n";
}

}  // namespace twin
