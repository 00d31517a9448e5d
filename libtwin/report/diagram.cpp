// SPDX-License-Identifier: Apache-2.0
#include <libtwin/report/diagram.hpp>

#include <array>
#include <cmath>
#include <map>
#include <string>

#include <fmt/format.h>

#include <libtwin/report/format.hpp>
#include <libtwin/report/wording.hpp>

namespace twin::detail {
namespace {

std::string percent(double share) { return number_text(100 * share) + " %"; }

std::string route_label(const Arrow& arrow) {
  switch (arrow.route) {
    case RouteKind::always:
      return "";
    case RouteKind::share:
      return arrow.name.empty() ? percent(arrow.share) : arrow.name;
    case RouteKind::otherwise:
      return "otherwise";
    case RouteKind::product:
      return arrow.name;
    case RouteKind::shortest:
      return "shortest";
    case RouteKind::round_robin:
      return "in turn";
    case RouteKind::priority:
      return "priority";
    case RouteKind::call:
      return "by " + arrow.name;
  }
  return "";
}

DiagramNode node_of(const Source& s) {
  DiagramNode node{.name = s.name, .shape = Shape::source};
  if (s.arrivals) {
    node.note = law_text(*s.arrivals, Dimension::time);
    node.details.push_back("arrivals: " + node.note);
  } else if (!s.schedule.empty() || !s.arrivals_list.empty()) {
    node.note = "schedule";
  } else {
    node.note = "always";
    node.details.emplace_back("never starved");
  }
  for (const auto& [product, share] : s.mix)
    node.details.push_back(fmt::format("product {}: {}", product, number_text(share)));
  if (s.when_full == WhenFull::lose) node.details.emplace_back("parts without room are lost");
  return node;
}

std::string work_text(const Station& s) {
  if (s.kind == StationKind::process) return s.behaviour;
  if (!s.cycle_of.empty()) return "by product";
  return law_text(s.cycle, Dimension::time);
}

DiagramNode node_of(const Station& s) {
  static constexpr std::array kShapes{Shape::machine, Shape::assembly, Shape::disassembly, Shape::process};
  DiagramNode node{.name = s.name, .shape = kShapes[static_cast<std::size_t>(s.kind)]};
  node.note = work_text(s);
  if (s.servers > 1) node.note = fmt::format("{} × {}", s.servers, node.note);
  node.details.push_back(fmt::format("{}: {}", enum_names(s.kind)[static_cast<std::size_t>(s.kind)], node.note));
  for (const auto& [product, law] : s.cycle_of) {
    node.details.push_back(fmt::format("product {}: {}", product, law_text(law, Dimension::time)));
  }
  if (!s.setup.empty()) node.details.push_back("setup between products");
  if (s.scrap > 0) node.details.push_back("scrap " + percent(s.scrap));
  if (s.blocking == Blocking::before_service) node.details.emplace_back("blocks before service");
  for (const FailureMode& f : s.failures) {
    node.can_fail = true;
    node.details.push_back(
        fmt::format("fails ({}): every {}, repair {}{}", f.name,
                    law_text(f.every, f.clock == FailureClock::cycles ? Dimension::parts : Dimension::time),
                    law_text(f.repair, Dimension::time), f.crew.empty() ? "" : " by " + f.crew));
  }
  return node;
}

DiagramNode node_of(const Buffer& b) {
  DiagramNode node{.name = b.name, .shape = Shape::buffer};
  node.note = b.capacity == kUnlimited ? "∞" : count_text(static_cast<std::uint64_t>(b.capacity));
  node.details.push_back("capacity " + (b.capacity == kUnlimited ? std::string("unlimited") : node.note));
  if (b.counts == Counting::with_machine) node.details.emplace_back("counts the place on the machine");
  if (b.order != QueueOrder::fifo) {
    node.details.push_back(fmt::format("order: {}", enum_names(b.order)[static_cast<std::size_t>(b.order)]));
  }
  return node;
}

DiagramNode node_of(const Sink& s) {
  return {.name = s.name, .shape = s.counts == SinkCounts::scrap ? Shape::scrap_sink : Shape::sink};
}

}  // namespace

std::string law_text(const Distribution& law, Dimension dimension) {
  if (law.kind == LawKind::call) return "by " + law.name;
  const double m = problems(law).empty() ? mean(law) : std::nan("");
  std::string value = number_text(m);
  if (dimension == Dimension::time && std::isfinite(m)) {
    const TimeUnit unit = time_unit_for(m);
    value = number_text(m / unit.seconds, 3) + " " + std::string(unit.name);
  }
  if (law.kind == LawKind::constant) return value;
  const std::string_view name = law.kind == LawKind::hyperexponential ? "hyperexp" : law_info(law.kind).name;
  return fmt::format("{} {}", name, value);
}

Diagram diagram_of(const Factory& factory) {
  Diagram diagram;
  diagram.title = factory.name;
  std::map<std::string, std::size_t> index;
  const auto add = [&](const auto& elements) {
    for (const auto& e : elements) {
      index.emplace(e.name, diagram.nodes.size());
      diagram.nodes.push_back(node_of(e));
    }
  };
  add(factory.sources);
  add(factory.stations);
  add(factory.buffers);
  add(factory.sinks);
  for (const Arrow& arrow : factory.arrows) {
    const auto from = index.find(arrow.from);
    const auto to = index.find(arrow.to);
    if (from == index.end() || to == index.end()) continue;
    diagram.edges.push_back({.from = from->second, .to = to->second, .label = route_label(arrow)});
  }
  // What an assembly takes and a disassembly gives belongs to an arrow, though the file says it at the station.
  for (const Station& s : factory.stations) {
    if (s.takes.empty() && s.gives.empty()) continue;
    for (DiagramEdge& edge : diagram.edges) {
      const auto count = [&](const auto& counts, std::size_t other) {
        const auto found = counts.find(diagram.nodes[other].name);
        if (found != counts.end() && found->second != 1) edge.label = fmt::format("{} parts", found->second);
      };
      if (diagram.nodes[edge.to].name == s.name) count(s.takes, edge.from);
      if (diagram.nodes[edge.from].name == s.name) count(s.gives, edge.to);
    }
  }
  for (const Crew& c : factory.crews) diagram.remarks.push_back(fmt::format("crew {}: {}", c.name, c.size));
  for (const CardLoop& l : factory.loops) {
    diagram.remarks.push_back(
        fmt::format("loop {}: {}, {} to {}", l.name, plural(static_cast<std::size_t>(l.cards), "card"), l.from, l.to));
  }
  return diagram;
}

}  // namespace twin::detail
