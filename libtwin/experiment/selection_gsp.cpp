// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <libtwin/core/check.hpp>
#include <libtwin/experiment/selection_steps.hpp>
#include <libtwin/stats/selection_constants.hpp>

namespace twin::detail {
namespace {

/// Batches in proportion to the standard deviation: of all ways to share a number of observations between two designs,
/// the one that knows their difference best. (The paper also divides by the root of a run's time, found in a stage
/// before; here all runs count the same.)
void set_batches(SelectionState& state, const GspProcedure& gsp) {
  double sum = 0;
  for (const std::uint32_t i : state.contenders) {
    Candidate& candidate = state.candidates[i];
    candidate.variance = variance_of(candidate);
    sum += std::sqrt(candidate.variance);
  }
  const double mean = sum / static_cast<double>(state.contenders.size());
  for (const std::uint32_t i : state.contenders) {
    Candidate& candidate = state.candidates[i];
    const double share = mean > 0 ? std::sqrt(candidate.variance) / mean : 1.0;
    candidate.batch = std::max(1U, count_of(gsp.batch * share));
  }
}

/// Designs i and j are told apart when their means differ by more than a_ij / tau_ij of the paper, which is
/// eta sqrt(n1 - 1) v / sqrt(v_end), v the variance of the difference now and v_end after the last batch.
void screen(SelectionState& state, const GspProcedure& gsp) {
  std::vector<std::uint32_t> leaders = ranked_contenders(state);
  if (leaders.size() > gsp.rivals) leaders.resize(gsp.rivals);
  const double factor = state.eta * std::sqrt(gsp.first - 1.0);
  const auto now = [](const Candidate& c) { return c.variance / c.used; };
  const auto at_end = [&](const Candidate& c) {
    return c.variance / (gsp.first + static_cast<double>(gsp.batches) * c.batch);
  };
  for (const std::uint32_t i : state.contenders) {
    Candidate& one = state.candidates[i];
    for (const std::uint32_t j : leaders) {
      const Candidate& rival = state.candidates[j];
      const double trails = rival.mean - one.mean;
      if (!(trails > 0)) break;
      const double end = at_end(one) + at_end(rival);
      if (trails <= (end > 0 ? factor * (now(one) + now(rival)) / std::sqrt(end) : 0.0)) continue;
      one.standing = Standing::out;
      break;
    }
  }
  drop_marked(state);
}

}  // namespace

void begin(SelectionState& state, const GspProcedure& gsp) {
  TWIN_CHECK(gsp.delta > 0 && std::isfinite(gsp.delta), "GSP needs an indifference zone delta above 0");
  TWIN_CHECK(gsp.alpha_screening > 0 && gsp.alpha_last > 0 && gsp.alpha_screening + gsp.alpha_last < 1,
             "both errors of GSP are above 0 and add up to less than 1");
  TWIN_CHECK(gsp.first >= 2, "GSP needs two first replications or more");
  TWIN_CHECK(gsp.batch >= 1 && gsp.rivals >= 1, "a batch and the rivals of GSP are one or more");
  const auto designs = static_cast<std::uint32_t>(state.candidates.size());
  if (designs > 1) {
    state.eta = good_selection_eta(designs, gsp.alpha_screening, gsp.first);
    state.h = rinott_h(designs, 1 - gsp.alpha_last, gsp.first);
  }
  want_more(state, gsp.first);
}

bool advance(SelectionState& state, const GspProcedure& gsp) {
  drop_marked(state);
  if (state.contenders.size() < 2 || state.stage > gsp.batches) return false;
  if (state.stage == 0) set_batches(state, gsp);
  screen(state, gsp);
  if (state.contenders.size() < 2) return false;
  for (const std::uint32_t i : state.contenders) {
    Candidate& candidate = state.candidates[i];
    const double scale = state.h / gsp.delta;
    const double wanted = state.stage < gsp.batches ? static_cast<double>(candidate.taken) + candidate.batch
                                                    : scale * scale * candidate.variance;
    candidate.wanted = std::max(candidate.taken, count_of(wanted));
    state.was_cut = state.was_cut || wanted > candidate.wanted;  // Replications have run out of numbers.
  }
  ++state.stage;
  return true;
}

}  // namespace twin::detail
