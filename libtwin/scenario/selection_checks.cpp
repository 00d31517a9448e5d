// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/selection_checks.hpp>

#include <cmath>
#include <cstddef>

#include <libtwin/scenario/units.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

std::string name_of(SelectionMethod method) {
  return std::string(enum_names(method)[static_cast<std::size_t>(method)]);
}

bool has_promise(SelectionMethod method) { return method == SelectionMethod::kn || method == SelectionMethod::gsp; }

/// Keys that belong to other methods.
void check_keys(const Selection& select, std::vector<SelectionMistake>& mistakes) {
  const auto only_for = [&](bool is_given, bool is_known, const char* key, std::string hint) {
    if (!is_given || is_known) return;
    mistakes.push_back({std::string("select.") + key,
                        "'" + std::string(key) + "' is nothing that '" + name_of(select.method) + "' goes by",
                        std::move(hint)});
  };
  const bool promises = has_promise(select.method);
  const bool is_gsp = select.method == SelectionMethod::gsp;
  only_for(select.delta.has_value(), promises, "delta", "leave it out, or take kn or gsp, which promise something");
  only_for(select.confidence.has_value(), promises, "confidence",
           "leave it out, or take kn or gsp, which promise something");
  only_for(select.budget.has_value(), !promises, "budget",
           "it ends by itself; 'at_most' ends it earlier, without a promise");
  only_for(select.at_most.has_value(), promises, "at_most", "its 'budget' is the most");
  only_for(select.ahead.has_value(), select.method == SelectionMethod::kn, "ahead", "leave it out; it is for kn");
  only_for(select.batch.has_value(), is_gsp, "batch", "leave it out; it is for gsp");
  only_for(select.batches.has_value(), is_gsp, "batches", "leave it out; it is for gsp");
  only_for(select.step.has_value(), select.method == SelectionMethod::ocba, "step", "leave it out; it is for ocba");
}

void check_numbers(const Selection& select, std::vector<SelectionMistake>& mistakes) {
  const std::string method = quote(name_of(select.method));
  if (has_promise(select.method)) {
    if (!select.delta) {
      mistakes.push_back({"select.delta", "method = " + method + " needs 'delta', the smallest difference that matters",
                          "write delta = \"0.1 /h\", or what matters to you in the unit of the goal", true});
    } else if (!(select.delta->value > 0) || !std::isfinite(select.delta->value)) {
      mistakes.push_back({"select.delta", "delta is the smallest difference that matters, and above 0", {}});
    }
    const double confidence = select.confidence.value_or(0.95);
    if (!(confidence > 0 && confidence < 1)) {
      mistakes.push_back({"select.confidence",
                          "confidence is a probability between 0 and 1, not " + write_number(confidence),
                          "write confidence = 0.95"});
    }
  } else if (!select.budget) {
    mistakes.push_back({"select.budget", "method = " + method + " needs 'budget', the number of runs it may spend",
                        "write budget = 20000, or another number", true});
  }
  const auto at_least = [&](const std::optional<std::int64_t>& number, std::int64_t least, const char* key) {
    if (!number || *number >= least) return;
    mistakes.push_back(
        {std::string("select.") + key,
         std::string(key) + " is " + std::to_string(*number) + "; it must be at least " + std::to_string(least),
         {}});
  };
  at_least(select.budget, 1, "budget");
  at_least(select.at_most, 1, "at_most");
  at_least(select.ahead, 1, "ahead");
  at_least(select.batch, 1, "batch");
  at_least(select.batches, 0, "batches");
  at_least(select.step, 1, "step");
}

/// What other sections of the study say.
void check_study(const Study& study, std::vector<SelectionMistake>& mistakes) {
  const SelectionMethod method = study.select->method;
  if (!study.refine.empty()) {
    mistakes.push_back({"refine", "a study has rounds of [[refine]] or a selection, not both",
                        "leave out one of them: [select] says itself which designs get more replications"});
  }
  if (!study.until.empty()) {
    mistakes.push_back({"replicate.until", "a selection says itself how many replications a design gets",
                        "leave out 'until', or [select]"});
  }
  if (!study.subject_to.empty()) {
    mistakes.push_back({"goal.subject_to",
                        "a selection compares designs by the goal and knows no conditions on measures",
                        "put conditions on parameters under [design] where, or take rounds of [[refine]] instead"});
  }
  if (study.common_random_numbers && wants_independence(method)) {
    mistakes.push_back({"replicate.crn",
                        quote(name_of(method)) + " is derived for designs that do not share their random numbers",
                        "leave out crn, or take kn or halving, which may share them"});
  }
  if (study.replications < 2 && method != SelectionMethod::halving) {
    mistakes.push_back({"replicate.count",
                        "a selection by " + quote(name_of(method)) +
                            " needs two first replications of each design or more: one has no variance",
                        "write count = " + std::to_string(usual_first_replications(method))});
  }
}

}  // namespace

std::vector<SelectionMistake> selection_mistakes(const Study& study) {
  std::vector<SelectionMistake> mistakes;
  if (!study.select) return mistakes;
  check_keys(*study.select, mistakes);
  check_numbers(*study.select, mistakes);
  check_study(study, mistakes);
  return mistakes;
}

}  // namespace twin::detail
