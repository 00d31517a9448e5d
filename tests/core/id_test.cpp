// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <type_traits>

#include <libtwin/core/id.hpp>

using namespace twin;

namespace {

using TakesStation = bool (*)(StationId);

static_assert(std::is_invocable_v<TakesStation, StationId>);
static_assert(!std::is_invocable_v<TakesStation, BufferId>, "a buffer must not pass for a station");
static_assert(!std::is_invocable_v<TakesStation, std::uint32_t>, "a number must not pass for a station");
static_assert(!std::is_convertible_v<BufferId, StationId> && !std::is_constructible_v<StationId, BufferId>);
static_assert(!std::is_convertible_v<SinkId, CrewId> && !std::is_convertible_v<PartId, ProductId>);
static_assert(!std::is_convertible_v<StationId, std::uint32_t> && !std::is_convertible_v<StationId, bool>);

template <class A, class B>
concept can_be_compared = requires(A a, B b) {
  a == b;
};
static_assert(can_be_compared<StationId, StationId>);
static_assert(!can_be_compared<StationId, BufferId>, "ids of two kinds must not be compared");

}  // namespace

TEST_CASE("an id that was given nothing names nothing") {
  CHECK_FALSE(StationId{});
  CHECK(StationId{0});
  CHECK(StationId{} == StationId{StationId::kNone});
}

TEST_CASE("ids of one kind are ordered by index and take four bytes") {
  CHECK(BufferId{1} < BufferId{2});
  CHECK(BufferId{2} == BufferId{2});
  CHECK(BufferId{2}.index == 2);
  CHECK(sizeof(BufferId) == 4);
}
