// SPDX-License-Identifier: Apache-2.0
// The procedures with a fixed budget: OCBA and sequential halving.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <libtwin/core/check.hpp>
#include <libtwin/experiment/selection_steps.hpp>

namespace twin::detail {
namespace {

/// What each contender should have of the observations (Chen, Lin, Yücesan and Chick 2000, theorem 1): (sigma_i / d_i)² for
/// one that trails the best by d_i, and sigma_b sqrt(sum of (sigma_i / d_i²)²) for the best. Not scaled to 1.
std::vector<double> shares(const SelectionState& state) {
  const std::vector<std::uint32_t>& contenders = state.contenders;
  const auto best = static_cast<std::size_t>(
      std::max_element(contenders.begin(), contenders.end(),
                       [&](auto a, auto b) { return state.candidates[a].mean < state.candidates[b].mean; }) -
      contenders.begin());
  const Candidate& leader = state.candidates[contenders[best]];
  // A lead that is small beside its own error is not known to be that small: without a floor a tie would get everything.
  const auto error = [](const Candidate& c) { return variance_of(c) / c.used; };
  std::vector<double> share(contenders.size());
  double sum = 0;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    const Candidate& one = state.candidates[contenders[i]];
    const double variance = variance_of(one);
    if (i == best || variance == 0) continue;
    const double trails = leader.mean - one.mean;
    const double squared = std::max(trails * trails, 1e-6 * (error(one) + error(leader)));
    share[i] = variance / squared;
    sum += share[i] / squared;
  }
  share[best] = std::sqrt(variance_of(leader) * sum);
  return share;
}

/// Gives `extra` observations to the contenders in proportion to `lack`; what rounding leaves goes to the largest
/// remainders, equal ones by index.
void hand_out(SelectionState& state, std::vector<double> lack, std::uint64_t extra) {
  const double lacking = std::accumulate(lack.begin(), lack.end(), 0.0);
  std::uint64_t left = extra;
  for (std::size_t i = 0; i < lack.size(); ++i) {
    Candidate& candidate = state.candidates[state.contenders[i]];
    const double exact = static_cast<double>(extra) * (lack[i] / lacking);
    const std::uint64_t given = std::min<std::uint64_t>(left, static_cast<std::uint64_t>(exact));
    candidate.wanted = count_of(static_cast<double>(candidate.taken) + static_cast<double>(given));
    lack[i] = exact - std::floor(exact);
    left -= given;
  }
  std::vector<std::size_t> order(lack.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto last = order.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(left, order.size()));
  std::nth_element(order.begin(), last, order.end(),
                   [&](auto x, auto y) { return lack[x] > lack[y] || (lack[x] == lack[y] && x < y); });
  std::for_each(order.begin(), last, [&](auto i) { ++state.candidates[state.contenders[i]].wanted; });
}

/// Those who have fewer than their share of all get more. False when no design varies: more observations tell nothing.
bool allocate(SelectionState& state, std::uint64_t extra) {
  std::vector<double> lack = shares(state);
  const double whole = std::accumulate(lack.begin(), lack.end(), 0.0);
  if (!(whole > 0)) return false;
  double total = static_cast<double>(extra);
  for (const std::uint32_t i : state.contenders) total += state.candidates[i].used;
  for (std::size_t i = 0; i < lack.size(); ++i)
    lack[i] = std::max(0.0, total * (lack[i] / whole) - state.candidates[state.contenders[i]].used);
  hand_out(state, std::move(lack), extra);
  return true;
}

std::uint64_t halving_rounds(std::size_t designs) {
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::bit_width(designs - 1)));
}

std::uint32_t halving_count(const SelectionState& state, const HalvingProcedure& halving) {
  const std::uint64_t parts = state.contenders.size() * halving_rounds(state.candidates.size());
  const std::uint64_t each = halving.budget / parts;
  return count_of(static_cast<double>(each));
}

}  // namespace

void begin(SelectionState& state, const OcbaProcedure& ocba) {
  TWIN_CHECK(ocba.first >= 2, "OCBA needs two first replications or more");
  TWIN_CHECK(ocba.budget / ocba.first >= state.candidates.size(),
             "the budget of OCBA pays the first replications of all designs");
  TWIN_CHECK(ocba.budget < std::numeric_limits<std::uint32_t>::max(), "the budget of OCBA is below 2^32");
  want_more(state, ocba.first);
}

bool advance(SelectionState& state, const OcbaProcedure& ocba) {
  drop_marked(state);
  ++state.stage;
  if (state.contenders.size() < 2 || state.observations >= ocba.budget) return false;
  const std::uint64_t step = ocba.step > 0 ? ocba.step : std::max<std::uint64_t>(1, ocba.budget / 100);
  return allocate(state, std::min(step, ocba.budget - state.observations));
}

void begin(SelectionState& state, const HalvingProcedure& halving) {
  TWIN_CHECK(halving.budget / halving_rounds(state.candidates.size()) >= state.candidates.size(),
             "the budget of sequential halving pays one replication of all designs: designs * ceil(log2(designs))");
  want_more(state, halving_count(state, halving));
}

bool advance(SelectionState& state, const HalvingProcedure& halving) {
  drop_marked(state);
  ++state.stage;
  if (state.contenders.size() < 2) return false;
  const std::vector<std::uint32_t> ranked = ranked_contenders(state);
  for (std::size_t i = (ranked.size() + 1) / 2; i < ranked.size(); ++i)
    state.candidates[ranked[i]].standing = Standing::out;
  drop_marked(state);
  if (state.contenders.size() < 2) return false;
  want_more(state, halving_count(state, halving));
  return true;
}

}  // namespace twin::detail
