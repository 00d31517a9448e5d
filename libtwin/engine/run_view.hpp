// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <libtwin/core/id.hpp>
#include <libtwin/core/states.hpp>
#include <libtwin/engine/rules.hpp>

namespace twin {

namespace detail {
struct StateData;
}

/// A running plant as rules and processes of the user's program see it: everything as it is now, nothing to change.
class RunView {
 public:
  RunView() = default;
  explicit RunView(const detail::StateData* data) : data_(data) {}

  /// The clock [s].
  [[nodiscard]] double now_s() const;

  /// Parts in the places of a buffer.
  [[nodiscard]] std::uint32_t level(BufferId buffer) const;

  /// What server number `server` of a station is doing.
  [[nodiscard]] StationState state(StationId station, std::uint32_t server = 0) const;

  /// Parts in the factory.
  [[nodiscard]] std::uint64_t wip() const;

  /// Parts that could leave now by outlet number `outlet` of a station: places that are free, and idle machines.
  [[nodiscard]] std::uint32_t room(StationId station, std::uint32_t outlet) const;

  /// Parts waiting behind outlet number `outlet` of a station.
  [[nodiscard]] std::uint32_t waiting(StationId station, std::uint32_t outlet) const;

 private:
  const detail::StateData* data_ = nullptr;
};

}  // namespace twin
