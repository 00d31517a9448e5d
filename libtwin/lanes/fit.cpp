// SPDX-License-Identifier: Apache-2.0
#include <libtwin/lanes/detail/fit.hpp>

#include <algorithm>

#include <libtwin/core/time.hpp>

namespace twin::detail {
namespace {

bool may_take_no_time(const Plant& plant, const StateData& data, const LaneOp& op) {
  const PlantStation& station = plant.stations[op.station];
  const auto is_so = [&](std::uint32_t law) {
    const Sampler& s = data.samplers[law];
    if (s.form == SampleForm::steps) return s.table[0] * s.b < 1;
    return s.form == SampleForm::constant && s.a < 1;
  };
  if (station.first_product_law == kNone) return is_so(station.law);
  const auto first = plant.product_laws.begin() + station.first_product_law;
  return std::any_of(first, first + plant.product_count, is_so);
}

}  // namespace

bool is_fit_for_lanes(const Plant& plant, const LaneProgram& program, const StateData& data, const RunInput& input) {
  if (input.event_limit != UINT64_MAX || input.trace != nullptr || input.marks != 0) return false;
  if (input.parts == 0 && !(input.horizon_s * kTicksPerSecond < kLongestTicks)) return false;
  if (input.parts != 0 && (!program.can_count_parts || input.horizon_s < kMaxSeconds)) return false;
  // Work that takes no time on one of several servers is ordered by what else happens at that instant.
  for (const LaneOp& op : program.ops) {
    if (op.servers > 1 && may_take_no_time(plant, data, op)) return false;
  }
  return std::all_of(data.scraps.begin(), data.scraps.end(), [](double share) { return share == 0; });
}

}  // namespace twin::detail
