// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <libtwin/report/diagram.hpp>
#include <libtwin/report/draw.hpp>

namespace twin {
namespace {

using detail::Shape;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string_view style_of(Shape shape) {
  switch (shape) {
    case Shape::source:
      return R"(shape=oval, style=filled, fillcolor="#d5efe6")";
    case Shape::machine:
      return R"(shape=box, style="rounded,filled", fillcolor="#d6e8f5")";
    case Shape::assembly:
      return R"(shape=trapezium, orientation=270, style=filled, fillcolor="#d6e8f5")";
    case Shape::disassembly:
      return R"(shape=invtrapezium, orientation=270, style=filled, fillcolor="#d6e8f5")";
    case Shape::process:
      return R"(shape=component, style=filled, fillcolor="#d6e8f5")";
    case Shape::buffer:
      return R"(shape=cylinder, style=filled, fillcolor="#fbecc8")";
    case Shape::sink:
      return R"(shape=oval, peripheries=2, style=filled, fillcolor="#d5efe6")";
    case Shape::scrap_sink:
      return R"(shape=oval, peripheries=2, style=filled, fillcolor="#f7dccf")";
  }
  return "";
}

}  // namespace

std::string draw_dot(const Factory& factory) {
  detail::Diagram diagram = detail::diagram_of(factory);
  detail::lay_out(diagram);
  std::string out = fmt::format("digraph {} {{\n", quoted(diagram.title.empty() ? "factory" : diagram.title));
  out +=
      "  rankdir=LR;\n  node [fontname=\"sans-serif\", fontsize=11];\n  edge [fontname=\"sans-serif\", fontsize=10];\n";
  for (const auto& node : diagram.nodes) {
    // The line break is dot's own escape and must not be escaped again.
    std::string label = quoted(node.name);
    if (!node.note.empty()) label = label.substr(0, label.size() - 1) + "\\n" + quoted(node.note).substr(1);
    out += fmt::format("  {} [label={}, {}];\n", quoted(node.name), label, style_of(node.shape));
  }
  for (const auto& edge : diagram.edges) {
    std::string attributes;
    if (!edge.label.empty()) attributes = "label=" + quoted(edge.label);
    if (edge.leads_back)
      attributes += std::string(attributes.empty() ? "" : ", ") + "constraint=false, color=\"#b04a00\"";
    out += fmt::format("  {} -> {}{};\n", quoted(diagram.nodes[edge.from].name), quoted(diagram.nodes[edge.to].name),
                       attributes.empty() ? "" : " [" + attributes + "]");
  }
  return out + "}\n";
}

}  // namespace twin
