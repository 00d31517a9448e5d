// SPDX-License-Identifier: Apache-2.0
#include <libtwin/model/factory.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twin {
namespace {

template <class Element>
Element& add(std::vector<Element>& elements, std::string&& name, Element value) {
  value.name = std::move(name);
  elements.push_back(std::move(value));
  return elements.back();
}

Station& add_station(std::vector<Station>& stations, std::string name, Station value, StationKind kind) {
  value.kind = kind;
  return add(stations, std::move(name), std::move(value));
}

template <class Element>
bool has_name(const std::vector<Element>& elements, const std::string& name) {
  return std::any_of(elements.begin(), elements.end(), [&](const Element& e) { return e.name == name; });
}

bool has_element(const Factory& factory, const std::string& name) {
  return has_name(factory.stations, name) || has_name(factory.buffers, name) || has_name(factory.sources, name) ||
         has_name(factory.sinks, name);
}

/// A C++ program has numbers, not parameters: a condition that is neither a share nor a word is a misspelt word here.
void refuse_expressions(const std::vector<Arrow>& arrows, const std::vector<ArrowPlaces>& places,
                        std::vector<Diagnostic>& diagnostics) {
  for (std::size_t i = 0; i < arrows.size(); ++i) {
    if (arrows[i].route != RouteKind::share || !std::isnan(arrows[i].share)) continue;
    const std::string near = nearest_name(arrows[i].name, {"otherwise", "shortest", "round_robin", "priority"});
    Diagnostic d;
    d.code = "E040";
    d.path = "flow." + arrows[i].from + "->" + arrows[i].to;
    d.column = static_cast<int>(places[i].route_offset) + 1;
    d.length = static_cast<int>(places[i].route_length);
    d.message = "unknown condition '" + arrows[i].name + "'";
    d.label = "not a condition";
    d.hint = near.empty() ? "write a share such as '3 %', 'otherwise', 'product A', 'shortest', 'round_robin', "
                            "'priority' or 'call(rule)'"
                          : "did you mean '" + near + "'?";
    diagnostics.push_back(std::move(d));
  }
}

}  // namespace

bool Station::has_field(std::string_view field) const {
  static constexpr std::array<std::string_view, 8> kWork{"servers",  "cycle", "cycle_of", "setup",
                                                         "blocking", "scrap", "makes",    "failure"};
  if (field == "behaviour") return kind == StationKind::process;
  if (field == "takes") return kind == StationKind::assembly;
  if (field == "gives") return kind == StationKind::disassembly;
  return kind != StationKind::process && std::find(kWork.begin(), kWork.end(), field) != kWork.end();
}

Source& Factory::source(std::string name_of_source, Source value) {
  return add(sources, std::move(name_of_source), std::move(value));
}

Station& Factory::machine(std::string name_of_machine, Station value) {
  return add_station(stations, std::move(name_of_machine), std::move(value), StationKind::machine);
}

Station& Factory::assembly(std::string name_of_assembly, Station value) {
  return add_station(stations, std::move(name_of_assembly), std::move(value), StationKind::assembly);
}

Station& Factory::disassembly(std::string name_of_disassembly, Station value) {
  return add_station(stations, std::move(name_of_disassembly), std::move(value), StationKind::disassembly);
}

Station& Factory::process(std::string name_of_process, std::string behaviour) {
  return add_station(stations, std::move(name_of_process), {.behaviour = std::move(behaviour)}, StationKind::process);
}

Buffer& Factory::buffer(std::string name_of_buffer, Buffer value) {
  return add(buffers, std::move(name_of_buffer), std::move(value));
}

Sink& Factory::sink(std::string name_of_sink, Sink value) {
  return add(sinks, std::move(name_of_sink), std::move(value));
}

Crew& Factory::crew(std::string name_of_crew, Crew value) {
  return add(crews, std::move(name_of_crew), std::move(value));
}

Product& Factory::product(std::string name_of_product, Product value) {
  return add(products, std::move(name_of_product), std::move(value));
}

CardLoop& Factory::loop(std::string name_of_loop, CardLoop value) {
  return add(loops, std::move(name_of_loop), std::move(value));
}

void Factory::flow(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  std::vector<ArrowPlaces> places;
  std::vector<Arrow> added = parse_flow(text, diagnostics, places);
  refuse_expressions(added, places, diagnostics);
  if (has_errors(diagnostics)) throw ModelError(std::move(diagnostics));

  const std::string first = added.front().from;
  const std::string last = added.back().to;
  for (Arrow& arrow : added) arrows.push_back(std::move(arrow));
  // A name inside a chain, or one that has arrows both ways, is no end: `validate` finds it undeclared.
  const auto is_target = [&](const std::string& n) {
    return std::any_of(arrows.begin(), arrows.end(), [&](const Arrow& a) { return a.to == n; });
  };
  const auto is_origin = [&](const std::string& n) {
    return std::any_of(arrows.begin(), arrows.end(), [&](const Arrow& a) { return a.from == n; });
  };
  if (!has_element(*this, first) && !is_target(first)) source(first);
  if (!has_element(*this, last) && !is_origin(last)) sink(last);
}

}  // namespace twin
