// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include <libtwin/report/diagram.hpp>

namespace twin::detail {

inline constexpr std::size_t kNoNode = std::numeric_limits<std::size_t>::max();

/// A place in a layer: a box, or where an arrow passes a layer on its way.
struct LayerSlot {
  std::size_t rank = 0;
  std::size_t node = kNoNode;
  double y = 0;
  double height = 0;

  /// Slots of the neighbouring layers that an arrow joins to this one.
  std::vector<std::size_t> before{};
  std::vector<std::size_t> after{};
};

struct Layers {
  /// The slots of the boxes come first, in the order of `Diagram::nodes`.
  std::vector<LayerSlot> slots;

  /// Slots from top to bottom, by rank.
  std::vector<std::vector<std::size_t>> ranks;

  /// For each arrow its slots from end to end; empty for arrows that lead back.
  std::vector<std::vector<std::size_t>> chains;
};

/// Ranks the boxes, marks the arrows that lead back, orders the layers and finds each slot's height on the page.
/// @pre the boxes have their sizes.
[[nodiscard]] Layers make_layers(Diagram& diagram);

}  // namespace twin::detail
