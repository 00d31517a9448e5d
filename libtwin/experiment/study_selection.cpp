// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/study_selection.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <libtwin/experiment/mistakes.hpp>
#include <libtwin/scenario/selection_checks.hpp>

namespace twin::detail {
namespace {

Dimension dimension_of(KpiDimension goal) {
  return goal == KpiDimension::rate ? Dimension::rate : goal == KpiDimension::time ? Dimension::time : Dimension::none;
}

const char* words_for(Dimension dimension) {
  return dimension == Dimension::rate ? "a rate" : dimension == Dimension::time ? "a time" : "a plain number";
}

void check_delta(const Study& study, Dimension goal, std::vector<Diagnostic>& mistakes) {
  if (!study.select->delta || study.select->delta->dimension == goal) return;
  add_mistake(mistakes, "E055", "select.delta",
              fmt::format("delta is {}, but the goal '{}' is {}", words_for(study.select->delta->dimension), study.goal,
                          words_for(goal)),
              goal == Dimension::rate   ? "write delta = \"0.1 /h\", or another rate"
              : goal == Dimension::time ? "write delta = \"1 min\", or another time"
                                        : "write delta = 0.1, or another number without a unit");
}

/// What the first round costs, where there is a limit.
void check_price(const Study& study, std::uint64_t designs, std::vector<Diagnostic>& mistakes) {
  const Selection& select = *study.select;
  const auto first = static_cast<std::uint64_t>(study.replications);
  const auto refuse = [&](const char* key, std::int64_t given, std::uint64_t least, const std::string& what) {
    add_mistake(mistakes, "E055", std::string("select.") + key,
                fmt::format("{} = {} does not pay {}", key, given, what), fmt::format("{} takes {}", what, least));
  };
  const auto is_below = [](const std::optional<std::int64_t>& number, std::uint64_t least) {
    return number && *number >= 0 && static_cast<std::uint64_t>(*number) < least;
  };
  if (select.method == SelectionMethod::halving) {
    const std::uint64_t rounds = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::bit_width(designs - 1)));
    if (is_below(select.budget, designs * rounds)) {
      refuse("budget", *select.budget, designs * rounds,
             fmt::format("one replication of {} designs in each of {} rounds", designs, rounds));
    }
    return;
  }
  const std::string what = fmt::format("{} first replications of {} designs", first, designs);
  if (is_below(select.budget, first * designs)) refuse("budget", *select.budget, first * designs, what);
  if (is_below(select.at_most, first * designs)) refuse("at_most", *select.at_most, first * designs, what);
  constexpr std::int64_t kMostOfOcba = std::numeric_limits<std::uint32_t>::max() - std::int64_t{1};
  if (select.method == SelectionMethod::ocba && select.budget.value_or(0) > kMostOfOcba) {
    add_mistake(mistakes, "E055", "select.budget", "the budget of ocba is below 2^32 runs", {});
  }
}

std::uint32_t count_or(const std::optional<std::int64_t>& number, std::uint32_t otherwise) {
  return number ? static_cast<std::uint32_t>(std::clamp<std::int64_t>(*number, 0, 1'000'000'000)) : otherwise;
}

SelectionProcedure procedure_of(const Study& study) {
  const Selection& select = *study.select;
  const auto first = static_cast<std::uint32_t>(study.replications);
  const double delta = select.delta ? select.delta->value : 0;
  const double alpha = 1 - select.confidence.value_or(0.95);
  const auto budget = static_cast<std::uint64_t>(select.budget.value_or(0));
  switch (select.method) {
    case SelectionMethod::kn:
      return KnProcedure{.delta = delta, .alpha = alpha, .first = first, .ahead = count_or(select.ahead, 0)};
    case SelectionMethod::gsp: {
      GspProcedure gsp{.delta = delta, .alpha_screening = alpha / 2, .alpha_last = alpha / 2, .first = first};
      gsp.batch = count_or(select.batch, gsp.batch);
      gsp.batches = count_or(select.batches, gsp.batches);
      return gsp;
    }
    case SelectionMethod::ocba:
      return OcbaProcedure{
          .budget = budget, .first = first, .step = static_cast<std::uint64_t>(select.step.value_or(0))};
    case SelectionMethod::halving:
      break;
  }
  return HalvingProcedure{.budget = budget};
}

}  // namespace

SelectionOptions selection_options(const Study& study, std::size_t designs, KpiDimension goal) {
  std::vector<Diagnostic> mistakes;
  for (SelectionMistake& mistake : selection_mistakes(study)) {
    add_mistake(mistakes, "E055", std::move(mistake.path), std::move(mistake.message), std::move(mistake.hint));
  }
  check_delta(study, dimension_of(goal), mistakes);
  check_price(study, designs, mistakes);
  throw_mistakes(std::move(mistakes));
  SelectionOptions options{.procedure = procedure_of(study)};
  options.better = study.maximize ? Better::larger : Better::smaller;
  if (study.select->at_most) options.at_most = static_cast<std::uint64_t>(*study.select->at_most);
  if (goal == KpiDimension::rate) {
    options.shown_scale = 3600;
    options.shown_unit = "/h";
  } else if (goal == KpiDimension::time) {
    options.shown_unit = "s";
  }
  return options;
}

}  // namespace twin::detail
