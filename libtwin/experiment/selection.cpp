// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/selection.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <type_traits>

#include <libtwin/core/check.hpp>
#include <libtwin/experiment/selection_steps.hpp>

namespace twin {

using detail::advance;

namespace detail {

void add_score(Candidate& candidate, double score) {
  ++candidate.used;
  const double before = score - candidate.mean;
  candidate.mean += before / candidate.used;
  candidate.squares += before * (score - candidate.mean);
}

double variance_of(const Candidate& candidate) {
  return candidate.used < 2 ? 0.0 : candidate.squares / (candidate.used - 1.0);
}

void drop_marked(SelectionState& state) {
  std::erase_if(state.contenders, [&](auto i) { return state.candidates[i].standing != Standing::contender; });
}

std::vector<std::uint32_t> ranked_contenders(const SelectionState& state) {
  std::vector<std::uint32_t> order = state.contenders;
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return state.candidates[a].mean > state.candidates[b].mean; });
  return order;
}

void want_more(SelectionState& state, std::uint32_t count) {
  for (const std::uint32_t i : state.contenders) {
    Candidate& candidate = state.candidates[i];
    candidate.wanted = count_of(static_cast<double>(candidate.taken) + count);
  }
}

std::uint32_t count_of(double number) {
  return number < 4294967295.0 ? static_cast<std::uint32_t>(std::ceil(number)) : 4294967295U;
}

}  // namespace detail

namespace {

double sign_of(const SelectionOptions& options) { return options.better == Better::larger ? 1.0 : -1.0; }

/// What the stage wants and has not been answered, as much of it as one round may hold.
void ask(SelectionState& state, const SelectionOptions& options) {
  state.requests.clear();
  if (state.was_cut) return;
  std::uint64_t missing = 0;
  std::uint64_t room = options.round_limit;
  for (const std::uint32_t design : state.contenders) {
    const Candidate& candidate = state.candidates[design];
    if (candidate.standing != Standing::contender || candidate.wanted <= candidate.taken) continue;
    const std::uint32_t rest = candidate.wanted - candidate.taken;
    missing += rest;
    const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(rest, room));
    if (count > 0) state.requests.push_back({design, candidate.taken, count});
    room -= count;
  }
  if (missing > 0 && (options.at_most < missing || state.observations > options.at_most - missing)) {
    state.was_cut = true;
    state.requests.clear();
  }
}

/// Stages that want nothing new follow one another at once.
void go_on(SelectionState& state, const SelectionOptions& options) {
  ask(state, options);
  while (state.requests.empty() && !state.was_cut) {
    const bool goes_on =
        std::visit([&](const auto& procedure) { return advance(state, procedure); }, options.procedure);
    if (!goes_on) return;
    ask(state, options);
  }
}

/// KN replays its rounds, and so does not yet know whether a value will be used.
template <class Procedure>
void take_answer(SelectionState& state, const Procedure& /*procedure*/, const SampleRequest& request,
                 std::span<const double> values, double sign) {
  Candidate& candidate = state.candidates[request.design];
  for (std::uint32_t i = 0; i < request.count; ++i) {
    const bool is_finite = std::isfinite(values[i]);
    if (!is_finite) ++candidate.failed;
    if constexpr (std::is_same_v<Procedure, KnProcedure>) {
      detail::keep_score(state, request.design, request.first + i, sign * values[i]);
    } else {
      if (!is_finite) candidate.standing = Standing::failed;
      if (candidate.standing == Standing::contender) detail::add_score(candidate, sign * values[i]);
    }
  }
  candidate.taken += request.count;
}

std::uint64_t size_of(std::span<const SampleRequest> requests) {
  return std::accumulate(requests.begin(), requests.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const SampleRequest& request) { return sum + request.count; });
}

}  // namespace

SelectionState start_selection(std::uint32_t designs, const SelectionOptions& options) {
  TWIN_CHECK(designs > 0, "a selection is among one design or more");
  TWIN_CHECK(options.round_limit > 0, "a round holds one observation or more");
  SelectionState state;
  state.candidates.resize(designs);
  state.contenders.resize(designs);
  std::iota(state.contenders.begin(), state.contenders.end(), 0U);
  std::visit([&](const auto& procedure) { detail::begin(state, procedure); }, options.procedure);
  ask(state, options);
  return state;
}

void take_round(SelectionState& state, const SelectionOptions& options, std::span<const double> values) {
  const std::uint64_t asked = size_of(state.requests);
  TWIN_CHECK(asked > 0, "the choice is made: nothing is asked");
  TWIN_CHECK(values.size() == asked, "a round is answered by one value for each observation");
  const auto take_all = [&](const auto& procedure) {
    std::size_t from = 0;
    for (const SampleRequest& request : state.requests) {
      take_answer(state, procedure, request, values.subspan(from, request.count), sign_of(options));
      from += request.count;
    }
  };
  std::visit(take_all, options.procedure);
  state.observations += asked;
  ++state.rounds;
  go_on(state, options);
}

SelectionResult select_best(std::uint32_t designs, const SelectionOptions& options, const Sampler& sampler) {
  SelectionState state = start_selection(designs, options);
  std::vector<double> values;
  while (!state.requests.empty()) {
    values.resize(size_of(state.requests));
    sampler(state.requests, values);
    take_round(state, options, values);
  }
  return selection_result(state, options);
}

}  // namespace twin
