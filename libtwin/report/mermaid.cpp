// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <libtwin/report/diagram.hpp>
#include <libtwin/report/draw.hpp>

namespace twin {
namespace {

using detail::Shape;

/// Text within quotes; what would end them or start markup becomes an entity.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "#quot;";
        break;
      case '<':
        out += "#lt;";
        break;
      case '>':
        out += "#gt;";
        break;
      case '#':
        out += "#35;";
        break;
      default:
        out += c;
    }
  }
  return out + '"';
}

std::pair<std::string_view, std::string_view> brackets_of(Shape shape) {
  switch (shape) {
    case Shape::source:
      return {"([", "])"};
    case Shape::machine:
      return {"[", "]"};
    case Shape::assembly:
      return {"[/", "\\]"};
    case Shape::disassembly:
      return {"[\\", "/]"};
    case Shape::process:
      return {"[[", "]]"};
    case Shape::buffer:
      return {"[(", ")]"};
    case Shape::sink:
    case Shape::scrap_sink:
      return {"(((", ")))"};
  }
  return {"[", "]"};
}

std::string_view class_of(Shape shape) {
  switch (shape) {
    case Shape::source:
    case Shape::sink:
      return "end_";
    case Shape::buffer:
      return "buffer";
    case Shape::scrap_sink:
      return "scrap";
    default:
      return "station";
  }
}

}  // namespace

std::string draw_mermaid(const Factory& factory) {
  const detail::Diagram diagram = detail::diagram_of(factory);
  std::string out = "flowchart LR\n";
  // Names may hold what Mermaid takes for syntax, or be one of its words ("end"): ids are numbers, names are labels.
  for (std::size_t i = 0; i < diagram.nodes.size(); ++i) {
    const auto& node = diagram.nodes[i];
    const auto [open, close] = brackets_of(node.shape);
    std::string label = quoted(node.name);
    if (!node.note.empty()) label = label.substr(0, label.size() - 1) + "<br/>" + quoted(node.note).substr(1);
    out += fmt::format("  n{}{}{}{}:::{}\n", i, open, label, close, class_of(node.shape));
  }
  for (const auto& edge : diagram.edges) {
    out += edge.label.empty() ? fmt::format("  n{} --> n{}\n", edge.from, edge.to)
                              : fmt::format("  n{} -->|{}| n{}\n", edge.from, quoted(edge.label), edge.to);
  }
  out += "  classDef station fill:#d6e8f5,stroke:#0072b2,color:#10202c\n";
  out += "  classDef buffer fill:#fbecc8,stroke:#b57f00,color:#10202c\n";
  out += "  classDef end_ fill:#d5efe6,stroke:#00805f,color:#10202c\n";
  out += "  classDef scrap fill:#f7dccf,stroke:#b04a00,color:#10202c\n";
  return out;
}

}  // namespace twin
