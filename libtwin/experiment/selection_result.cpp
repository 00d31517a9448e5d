// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <fmt/format.h>

#include <libtwin/experiment/selection_steps.hpp>

namespace twin {
namespace {

constexpr const char* kNormal =
    "observations are about normal (means over long runs are), and replications independent of each other";

std::string shown(double delta, const SelectionOptions& options) {
  return fmt::format("{:.6g}{}{}", delta * options.shown_scale, options.shown_unit.empty() ? "" : " ",
                     options.shown_unit);
}

SelectionGuarantee guarantee_of(const KnProcedure& kn, const SelectionOptions& options) {
  const double level = 1 - kn.alpha;
  const std::string delta = shown(kn.delta, options);
  return {
      level, kn.delta,
      fmt::format("the best design with probability >= {:.6g} if it leads all others by {} or more", level, delta),
      fmt::format("{}; common random numbers are allowed. With others closer to the best than {}, one of them may be "
                  "chosen, and that a worse one is chosen with probability <= {:.6g} is observed but not proven",
                  kNormal, delta, kn.alpha)};
}

SelectionGuarantee guarantee_of(const GspProcedure& gsp, const SelectionOptions& options) {
  const double level = 1 - gsp.alpha_screening - gsp.alpha_last;
  return {level, gsp.delta,
          fmt::format("a design within {} of the best with probability >= {:.6g}", shown(gsp.delta, options), level),
          fmt::format("{}; designs independent, that is, without common random numbers", kNormal)};
}

SelectionGuarantee no_guarantee(const char* why) { return {0, 0, std::string("none: ") + why, {}}; }
SelectionGuarantee guarantee_of(const OcbaProcedure&, const SelectionOptions&) { return no_guarantee("fixed budget"); }
SelectionGuarantee guarantee_of(const HalvingProcedure&, const SelectionOptions&) {
  return no_guarantee("fixed budget");
}

const char* name_of(const KnProcedure&) { return "KN"; }
const char* name_of(const GspProcedure&) { return "GSP"; }
const char* name_of(const OcbaProcedure&) { return "OCBA"; }
const char* name_of(const HalvingProcedure&) { return "sequential halving"; }

Estimate estimate_of(const Candidate& candidate, Better better) {
  Estimate estimate{.mean = better == Better::larger ? candidate.mean : -candidate.mean, .n = candidate.used};
  if (candidate.used >= 2) {
    const double t = student_t_quantile(0.5 + 0.5 * kDefaultLevel, candidate.used - 1.0);
    estimate.half_width = t * std::sqrt(detail::variance_of(candidate) / candidate.used);
  }
  return estimate;
}

}  // namespace

SelectionResult selection_result(const SelectionState& state, const SelectionOptions& options) {
  SelectionResult result;
  const bool is_decided = state.requests.empty() && !state.was_cut;
  std::visit(
      [&](const auto& procedure) {
        result.procedure = name_of(procedure);
        result.guarantee = guarantee_of(procedure, options);
      },
      options.procedure);
  if (state.was_cut) {
    result.guarantee = no_guarantee(
        state.has_too_many ? "the first screening left too many designs for KN to compare all pairs of them"
                           : "the limit of observations was reached");
  }
  if (!is_decided && !state.was_cut) result.guarantee = no_guarantee("not finished");
  for (const Candidate& candidate : state.candidates) {
    result.by_design.push_back(candidate.taken);
    result.failed_observations += candidate.failed;
    result.failed_designs += candidate.standing == Standing::failed ? 1 : 0;
  }
  if (result.failed_designs > 0 && result.guarantee.probability > 0)
    result.guarantee.words += ", among the designs that did not fail";
  result.observations = state.observations;
  result.rounds = state.rounds;
  for (const std::uint32_t i : detail::ranked_contenders(state))
    if (state.candidates[i].standing == Standing::contender) result.survivors.push_back(i);
  if (!result.survivors.empty() && state.candidates[result.survivors.front()].used > 0) {
    result.design = result.survivors.front();
    result.estimate = estimate_of(state.candidates[*result.design], options.better);
  }
  return result;
}

}  // namespace twin
