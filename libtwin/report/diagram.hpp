// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/model/factory.hpp>

/// A factory as boxes and arrows, with places once it has been laid out. Lengths in pixels, y downwards.
namespace twin::detail {

enum class Shape { source, machine, assembly, disassembly, process, buffer, sink, scrap_sink };

struct DiagramNode {
  std::string name{};
  Shape shape = Shape::machine;

  /// The line under the name: work per part, capacity, arrivals. May be empty.
  std::string note{};

  /// Everything that is known, for the tooltip; one line each.
  std::vector<std::string> details{};

  bool can_fail = false;

  // Filled by `lay_out`.
  std::size_t rank = 0;
  double x = 0;  ///< centre
  double y = 0;  ///< centre
  double width = 0;
  double height = 0;
};

struct DiagramEdge {
  std::size_t from = 0;
  std::size_t to = 0;

  /// The condition: `3 %`, `product A`. May be empty.
  std::string label{};

  // Filled by `lay_out`.
  bool leads_back = false;
  std::vector<std::pair<double, double>> points{};
  double label_x = 0;
  double label_y = 0;
};

struct Diagram {
  std::string title;
  std::vector<DiagramNode> nodes;
  std::vector<DiagramEdge> edges;

  /// Crews and the like: lines under the picture.
  std::vector<std::string> remarks;

  double width = 0;
  double height = 0;
};

/// The boxes and arrows of a factory, without places.
[[nodiscard]] Diagram diagram_of(const Factory& factory);

/// Places boxes in layers: ranks by the longest path from the sources once arrows that close a cycle are set aside,
/// the order within a rank by the mean place of the neighbours (Sugiyama, Tagawa, Toda 1981), rows when a line is long.
void lay_out(Diagram& diagram);

/// What a law is, in few characters: `lognormal 41 s`.
[[nodiscard]] std::string law_text(const Distribution& law, Dimension dimension);

}  // namespace twin::detail
