// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace twin {

/// A small index with a type: a `BufferId` cannot be passed where a `StationId` is asked for.
///
/// Ids count from 0 in the order of the file and mean something only together with the plant they come from.
template <class Tag>
struct Id {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t index = kNone;

  constexpr Id() = default;
  constexpr explicit Id(std::uint32_t i) : index(i) {}
  constexpr explicit operator bool() const { return index != kNone; }
  friend constexpr auto operator<=>(Id, Id) = default;
};

using StationId = Id<struct StationTag>;
using BufferId = Id<struct BufferTag>;
using SinkId = Id<struct SinkTag>;
using CrewId = Id<struct CrewTag>;
using ProductId = Id<struct ProductTag>;
using PartId = Id<struct PartTag>;

}  // namespace twin
