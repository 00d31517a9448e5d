// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <libtwin/model/factory.hpp>

/// Pictures of a factory: the same text for the same factory, on every machine.
namespace twin {

/// A picture as SVG, for light and dark pages: parts flow from left to right, arrows that lead back run below. Long
/// lines are broken into rows.
[[nodiscard]] std::string draw_svg(const Factory& factory);

/// The graph for Graphviz.
[[nodiscard]] std::string draw_dot(const Factory& factory);

/// The graph for Mermaid, as Markdown pages show it.
[[nodiscard]] std::string draw_mermaid(const Factory& factory);

}  // namespace twin
