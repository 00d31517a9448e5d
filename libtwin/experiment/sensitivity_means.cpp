// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/sensitivity_means.hpp>

#include <algorithm>

#include <libtwin/core/distribution.hpp>

namespace twin::detail {
namespace {

/// The shares of products among the parts of an operation.
std::vector<double> product_shares(const Plant& plant, const LaneProgram& program, const LaneOp& op) {
  std::vector<double> shares(plant.product_count, 0.0);
  const LaneOp& origin = program.ops[op.origin];
  const PlantStation& source = plant.stations[origin.station];
  const std::uint32_t mix = origin.supply != kNone ? plant.stores[origin.supply].mix : source.mix;
  if (op.fixed_product != kNone) {
    shares[op.fixed_product] = 1;
  } else if (origin.is_source && source.first_release != kNone) {
    double all = 0;
    for (std::uint32_t r = 0; r < source.release_count; ++r) {
      const Release& release = plant.releases[source.first_release + r];
      shares[release.product] += release.count;
      all += release.count;
    }
    for (double& share : shares) share /= all;
  } else if (mix != kNone) {
    double before = 0;
    for (const auto& [until, product] : plant.mixes[mix].cumulative) {
      shares[product] += until - before;
      before = until;
    }
  } else {
    shares[0] = 1;
  }
  return shares;
}

double mean_of_op(const Plant& plant, const LaneProgram& program, const LaneOp& op) {
  const PlantStation& station = plant.stations[op.station];
  if (station.first_product_law == kNone) return mean(plant.laws[station.law]);
  const std::vector<double> shares = product_shares(plant, program, op);
  double sum = 0;
  for (std::uint32_t p = 0; p < plant.product_count; ++p) {
    if (shares[p] > 0) sum += shares[p] * mean(plant.laws[plant.product_laws[station.first_product_law + p]]);
  }
  return sum;
}

bool has_atoms(const Distribution& law) {
  switch (law.kind) {
    case LawKind::constant:
    case LawKind::empirical:
    case LawKind::discrete:
    case LawKind::poisson:
      return true;
    default:
      return variance(law) == 0;
  }
}

constexpr const char* kFails =
    "fails after so much work: longer work moves a failure from one part to another, and the jump that makes is missed";

}  // namespace

std::vector<MeanOf> means_of(const Compiled& compiled) {
  std::vector<MeanOf> all;
  const Plant& plant = compiled.plant;
  const LaneProgram& program = compiled.lanes;
  if (!program.is_eligible()) return all;
  for (std::uint32_t k = 0; k < program.ops.size(); ++k) {
    const LaneOp& op = program.ops[k];
    const PlantStation& station = plant.stations[op.station];
    // A list of releases has no mean.
    if (op.is_source && station.first_release != kNone) continue;
    MeanOf of;
    of.kind = op.is_source ? SensitivityKind::arrivals : SensitivityKind::cycle;
    of.name = (op.is_source ? compiled.names.sources : compiled.names.stations)[station.index];
    of.op = k;
    of.mean_s = mean_of_op(plant, program, op);
    if (station.failure_count != 0) of.refusal = "'" + of.name + "' " + kFails;
    if (of.mean_s > 0) all.push_back(of);
    for (std::uint32_t m = 0; m < station.failure_count; ++m) {
      MeanOf repair;
      repair.kind = SensitivityKind::repair;
      repair.mode = station.first_failure + m;
      repair.op = k;
      repair.name = of.name + "." + compiled.names.failures[repair.mode];
      repair.mean_s = mean(plant.laws[plant.failures[repair.mode].repair]);
      if (repair.mean_s > 0) all.push_back(repair);
    }
  }
  return all;
}

bool may_tie(const Compiled& compiled) {
  const Plant& plant = compiled.plant;
  const auto is_so = [&](std::uint32_t law) { return law != kNone && has_atoms(plant.laws[law]); };
  return std::any_of(plant.stations.begin(), plant.stations.end(), [&](const PlantStation& s) {
    if (s.first_release != kNone || is_so(s.law)) return true;
    for (std::uint32_t p = 0; s.first_product_law != kNone && p < plant.product_count; ++p) {
      if (is_so(plant.product_laws[s.first_product_law + p])) return true;
    }
    return false;
  });
}

}  // namespace twin::detail
