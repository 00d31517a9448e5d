// SPDX-License-Identifier: Apache-2.0
// What `validate` checks of a factory, for changes to a plant: a study asks it for each of a million designs, and a copy of the
// factory each time would cost more than a short run.
#include <algorithm>
#include <cmath>
#include <limits>

#include <libtwin/experiment/variants.hpp>

namespace twin::detail {
namespace {

constexpr double kMostPlaces = 4e9;
constexpr double kLargestCrew = 1e6;
constexpr double kMostCards = 1e6;

// As `validate` has it: shares written as 0.333 three times are meant to be all.
constexpr double kShareTolerance = 1e-9;

bool is_whole_within(double value, double low, double high) {
  return value >= low && value <= high && value == std::floor(value);
}

/// Laws of times between events must not be always 0, or the clock stands still.
bool must_advance(const Plant& plant, std::uint32_t law) {
  const auto is_arrivals = [&](const PlantStation& s) {
    return s.batch_law == law || (s.kind == PlantStationKind::source && s.law == law);
  };
  return std::any_of(plant.stations.begin(), plant.stations.end(), is_arrivals) ||
         std::any_of(plant.failures.begin(), plant.failures.end(),
                     [&](const PlantFailure& f) { return f.every == law; });
}

bool is_possible_law(const Plant& plant, std::uint32_t index, std::span<const ValueChange> changes) {
  Distribution law = plant.laws[index];
  for (const ValueChange& change : changes) {
    const ValueSlot& slot = plant.slots[change.slot];
    if (slot.kind == SlotKind::law && slot.index == index) law.parameters[slot.part] = change.value;
  }
  return problems(law).empty() && (law.kind == LawKind::call || mean(law) > 0 || !must_advance(plant, index));
}

bool are_possible_shares(const Plant& plant, std::uint32_t outlet, std::span<const ValueChange> changes) {
  const auto owns = [&](const PlantStation& s) {
    return outlet >= s.first_outlet && outlet < s.first_outlet + s.outlet_count;
  };
  const auto station = std::find_if(plant.stations.begin(), plant.stations.end(), owns);
  double sum = 0;
  bool has_rest = false;
  for (std::uint32_t o = station->first_outlet; o < station->first_outlet + station->outlet_count; ++o) {
    double share = plant.outlets[o].share;
    for (const ValueChange& change : changes) {
      const ValueSlot& slot = plant.slots[change.slot];
      if (slot.kind == SlotKind::share && slot.index == o) share = change.value;
    }
    if (!(share >= 0 && share <= 1)) return false;
    sum += share;
    has_rest = has_rest || plant.outlets[o].is_otherwise;
  }
  return sum <= 1 + kShareTolerance && (has_rest || sum >= 1 - kShareTolerance);
}

}  // namespace

bool are_possible(const Plant& plant, std::span<const ValueChange> changes) {
  return std::all_of(changes.begin(), changes.end(), [&](const ValueChange& change) {
    const ValueSlot& slot = plant.slots[change.slot];
    switch (slot.kind) {
      case SlotKind::law:
        return is_possible_law(plant, slot.index, changes);
      case SlotKind::capacity:
        return std::isinf(change.value) ? change.value > 0 : is_whole_within(change.value, 0, kMostPlaces);
      case SlotKind::crew_size:
        return is_whole_within(change.value, 1, kLargestCrew);
      case SlotKind::cards:
        return is_whole_within(change.value, 1, kMostCards);
      case SlotKind::share:
        return are_possible_shares(plant, slot.index, changes);
      case SlotKind::scrap:
        return change.value >= 0 && change.value <= 1;
    }
    return false;
  });
}

}  // namespace twin::detail
