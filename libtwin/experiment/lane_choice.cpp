// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/lane_choice.hpp>

#include <libtwin/experiment/mistakes.hpp>

namespace twin::detail {
namespace {

// Fewer leave most lanes empty, and the event engine gives batch means of a single run besides.
constexpr std::uint64_t kFewestRuns = 4;

}  // namespace

bool choose_lanes(const Compiled& compiled, EngineChoice choice, std::uint64_t runs, bool is_possible) {
  if (choice == EngineChoice::event) return false;
  if (compiled.lanes.is_eligible() && is_possible) return choice == EngineChoice::lanes || runs >= kFewestRuns;
  if (choice == EngineChoice::automatic) return false;
  std::vector<Diagnostic> mistakes;
  for (const std::string& obstacle : lane_obstacles(compiled)) {
    add_mistake(mistakes, "E060", "run", "cannot be run in lanes: " + obstacle, "leave out --engine lanes");
  }
  if (mistakes.empty()) {
    add_mistake(mistakes, "E060", "design",
                "cannot be run in lanes: the study changes what needs a new compilation (servers, texts, run settings)",
                "leave out --engine lanes");
  }
  throw ModelError(std::move(mistakes));
}

LaneStatistics statistics_for(std::span<const Kpi> kpis, const std::vector<bool>& is_used) {
  auto wanted = LaneStatistics::throughput;
  for (std::size_t k = 0; k < kpis.size(); ++k) {
    if (!is_used[k]) continue;
    switch (kpis[k].kind) {
      case Kpi::Kind::throughput:
      case Kpi::Kind::sink_rate:
      case Kpi::Kind::sink_parts:
      case Kpi::Kind::good:
        break;
      case Kpi::Kind::lead_quantile:
        return LaneStatistics::leads;
      case Kpi::Kind::lead_mean:
      case Kpi::Kind::wip:
      case Kpi::Kind::state_share:
      case Kpi::Kind::station_parts:
      case Kpi::Kind::station_scrap:
      case Kpi::Kind::station_failures:
      case Kpi::Kind::buffer_level:
      case Kpi::Kind::buffer_wait:
      case Kpi::Kind::crew_share:
      case Kpi::Kind::cards_in_use:
      case Kpi::Kind::scrapped:
      case Kpi::Kind::lost:
      case Kpi::Kind::created:
        wanted = LaneStatistics::all;
        break;
    }
  }
  return wanted;
}

}  // namespace twin::detail
