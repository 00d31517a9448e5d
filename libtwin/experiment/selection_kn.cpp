// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include <libtwin/core/check.hpp>
#include <libtwin/experiment/selection_steps.hpp>
#include <libtwin/stats/selection_constants.hpp>

namespace twin::detail {
namespace {

constexpr std::uint32_t kFewestAhead = 4;

/// How far one mean must trail another to be out: max(0, (h² S² / delta - delta r) / (2 r)), which is the W of the paper.
/// Once it is 0 for all pairs, only equal means are left, and that is where the paper stops too (r > N).
struct Allowance {
  double per_variance;
  double less;

  Allowance(const SelectionState& state, const KnProcedure& kn, std::uint32_t replications)
      : per_variance(state.eta * (kn.first - 1.0) / (kn.delta * replications)), less(0.5 * kn.delta) {}

  [[nodiscard]] double operator()(double variance) const { return std::max(0.0, per_variance * variance - less); }
};

std::span<const double> row(const SelectionState& state, std::size_t position) {
  const std::size_t width = state.block.size() / state.contenders.size();
  return std::span(state.block).subspan(position * width, width);
}

double pair_variance(std::span<const double> a, std::span<const double> b, double mean_difference) {
  double squares = 0;
  for (std::size_t r = 0; r < a.size(); ++r) {
    const double away = a[r] - b[r] - mean_difference;
    squares += away * away;
  }
  return squares / (static_cast<double>(a.size()) - 1);
}

double& pair_entry(std::vector<double>& triangle, std::size_t i, std::size_t j) {
  return triangle[i * (i - 1) / 2 + j];
}

/// Positions, among the contenders, of those who stay.
std::vector<std::size_t> unmarked(const SelectionState& state) {
  std::vector<std::size_t> kept;
  for (std::size_t p = 0; p < state.contenders.size(); ++p)
    if (state.candidates[state.contenders[p]].standing == Standing::contender) kept.push_back(p);
  return kept;
}

/// Folds the first observations in; designs with a failed one are failed.
void take_first(SelectionState& state) {
  for (std::size_t p = 0; p < state.contenders.size(); ++p) {
    Candidate& candidate = state.candidates[state.contenders[p]];
    for (const double score : row(state, p)) add_score(candidate, score);
    if (candidate.failed > 0) candidate.standing = Standing::failed;
  }
}

/// The first screening meets all designs, so variances of differences are made only where they decide: against those
/// with a larger mean, the largest first, until one of them puts the design out.
void screen_first(SelectionState& state, const KnProcedure& kn) {
  std::vector<std::size_t> order = unmarked(state);
  const auto mean = [&](std::size_t p) { return state.candidates[state.contenders[p]].mean; };
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return mean(a) > mean(b); });
  const Allowance allowance(state, kn, kn.first);
  for (const std::size_t p : order) {
    for (const std::size_t rival : order) {
      const double trails = mean(rival) - mean(p);
      if (!(trails > 0)) break;
      if (trails <= allowance(pair_variance(row(state, rival), row(state, p), trails))) continue;
      state.candidates[state.contenders[p]].standing = Standing::out;
      break;
    }
  }
}

/// The variances of all differences between those who are left. False when they are too many.
bool keep_pairs(SelectionState& state, const KnProcedure& kn) {
  const std::vector<std::size_t> kept = unmarked(state);
  if (kept.size() > 1 && kept.size() * (kept.size() - 1) / 2 > kn.most_pairs) return false;
  state.pair_variances.reserve(kept.empty() ? 0 : kept.size() * (kept.size() - 1) / 2);
  for (std::size_t i = 1; i < kept.size(); ++i) {
    const double mean = state.candidates[state.contenders[kept[i]]].mean;
    for (std::size_t j = 0; j < i; ++j) {
      const double apart = mean - state.candidates[state.contenders[kept[j]]].mean;
      state.pair_variances.push_back(pair_variance(row(state, kept[i]), row(state, kept[j]), apart));
    }
  }
  return true;
}

/// Marks those who trail another contender too far; all are compared before anyone leaves.
void screen(SelectionState& state, const KnProcedure& kn, std::uint32_t replications) {
  const Allowance allowance(state, kn, replications);
  std::vector<double> means;
  means.reserve(state.contenders.size());
  for (const std::uint32_t i : state.contenders) means.push_back(state.candidates[i].mean);
  std::vector<char> is_out(means.size());
  const double* variance = state.pair_variances.data();
  for (std::size_t i = 1; i < means.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j, ++variance) {
      const double ahead = means[i] - means[j];
      if (std::abs(ahead) > allowance(*variance)) is_out[ahead < 0 ? i : j] = 1;
    }
  }
  for (std::size_t i = 0; i < means.size(); ++i)
    if (is_out[i] != 0) state.candidates[state.contenders[i]].standing = Standing::out;
}

/// Takes the marked out of the contenders, of their pairs and of `rows`.
void leave(SelectionState& state, std::vector<std::size_t>& rows) {
  const std::vector<std::size_t> kept = unmarked(state);
  if (kept.size() == rows.size()) return;
  // Forward only, so nothing is overwritten before it is read.
  for (std::size_t i = 0; i < kept.size(); ++i) {
    rows[i] = rows[kept[i]];
    for (std::size_t j = 0; j < i; ++j)
      pair_entry(state.pair_variances, i, j) = pair_entry(state.pair_variances, kept[i], kept[j]);
  }
  rows.resize(kept.size());
  state.pair_variances.resize(kept.empty() ? 0 : kept.size() * (kept.size() - 1) / 2);
  drop_marked(state);
}

bool is_open(const SelectionState& state, const KnProcedure& kn, std::uint32_t replications) {
  const Allowance allowance(state, kn, replications);
  return std::any_of(state.pair_variances.begin(), state.pair_variances.end(),
                     [&](double variance) { return allowance(variance) > 0; });
}

/// Takes in one replication of all contenders; tells how many each of them has now.
std::uint32_t take_column(SelectionState& state, std::span<const std::size_t> rows, std::size_t width,
                          std::size_t column) {
  std::uint32_t replications = 0;
  for (std::size_t p = 0; p < rows.size(); ++p) {
    Candidate& candidate = state.candidates[state.contenders[p]];
    const double score = state.block[rows[p] * width + column];
    if (std::isfinite(score)) {
      add_score(candidate, score);
      replications = candidate.used;
    } else {
      candidate.standing = Standing::failed;
    }
  }
  return replications;
}

/// Replays the replications of the round one by one, as if they had been asked for singly.
bool screen_round(SelectionState& state, const KnProcedure& kn) {
  const std::size_t width = state.block.size() / state.contenders.size();
  std::vector<std::size_t> rows(state.contenders.size());  // of the block, by position among the contenders
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  for (std::size_t column = 0; column < width; ++column) {
    const std::uint32_t replications = take_column(state, rows, width, column);
    leave(state, rows);
    screen(state, kn, replications);
    leave(state, rows);
    if (state.contenders.size() < 2 || !is_open(state, kn, replications)) return false;
  }
  return true;
}

}  // namespace

void begin(SelectionState& state, const KnProcedure& kn) {
  TWIN_CHECK(kn.delta > 0 && std::isfinite(kn.delta), "KN needs an indifference zone delta above 0");
  TWIN_CHECK(kn.alpha > 0 && kn.alpha < 1, "the error alpha lies between 0 and 1");
  TWIN_CHECK(kn.first >= 2, "KN needs two first replications or more");
  const auto designs = static_cast<std::uint32_t>(state.candidates.size());
  if (designs > 1) state.eta = kim_nelson_eta(designs, kn.alpha, kn.first);
  want_more(state, kn.first);
  state.block.resize(std::size_t{designs} * kn.first);
}

void keep_score(SelectionState& state, std::uint32_t design, std::uint32_t index, double score) {
  const auto place = std::lower_bound(state.contenders.begin(), state.contenders.end(), design);
  const auto position = static_cast<std::size_t>(place - state.contenders.begin());
  const std::size_t width = state.block.size() / state.contenders.size();
  state.block[position * width + (index - state.candidates[design].used)] = score;
}

bool advance(SelectionState& state, const KnProcedure& kn) {
  if (state.stage == 0) {
    take_first(state);
    screen_first(state, kn);
    state.has_too_many = !keep_pairs(state, kn);
    drop_marked(state);
    if (state.has_too_many) {
      state.was_cut = true;
      state.block = {};
      return false;
    }
    if (state.contenders.size() < 2 || !is_open(state, kn, kn.first)) return false;
  } else if (!screen_round(state, kn)) {
    return false;
  }
  ++state.stage;
  const Candidate& one = state.candidates[state.contenders.front()];
  const std::uint32_t ahead = kn.ahead > 0 ? kn.ahead : std::max(kFewestAhead, one.used / 8);
  want_more(state, ahead);
  state.was_cut = one.wanted - one.taken < ahead;  // Replications have run out of numbers.
  state.block.assign(state.contenders.size() * ahead, 0.0);
  return true;
}

}  // namespace twin::detail
