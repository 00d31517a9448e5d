// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>
#include <utility>

#include <libtwin/scenario/design_checks.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::detail {

/// The fields of a description struct, for reading only.
template <class T, class Visit>
void visit_fields(const T& object, Visit&& visit) {
  // A field list serves readers too and hence wants a mutable object; the members are handed on as const.
  const_cast<T&>(object).fields([&](const Field& field, auto& member) { visit(field, std::as_const(member)); });
}

/// `[run] warmup`: a time, or "auto".
struct Warmup {
  double& seconds;
  bool& is_auto;
};

/// The field list of `RunSettings`, whose members carry units in their names.
template <class Visit>
void run_fields(RunSettings& run, Visit&& visit) {
  visit(Field{"horizon", Dimension::time, "End of a run; includes the warm-up."}, run.horizon_s);
  Warmup warmup{run.warmup_s, run.warmup_is_auto};
  visit(Field{"warmup", Dimension::time, "Statistics start here; \"auto\" finds it by MSER-5."}, warmup);
  visit(Field{"parts", Dimension::none, "Ends a run when so many good parts have left, instead of at the horizon.", 0,
              1e12},
        run.parts);
  visit(Field{"warmup_parts", Dimension::none, "With parts: statistics start when so many good parts have left.", 0,
              1e12},
        run.warmup_parts);
  visit(Field{"replications", Dimension::none, "Runs with independent streams.", 1, 1e9}, run.replications);
  visit(Field{"seed", Dimension::none, "Where all randomness comes from."}, run.seed);
}

/// `[design]`.
template <class Visit>
void design_fields(Study& study, Visit&& visit) {
  visit(Field{"name", Dimension::none, "The study's name; the file's name when absent."}, study.name);
  visit(Field{"method", Dimension::none, "How designs are chosen."}, study.method);
  visit(Field{"file", Dimension::none, "CSV file of designs, for method = \"file\"."}, study.file);
  visit(Field{"where", Dimension::none, "Conditions that a design must meet."}, study.where);
  visit(
      Field{"points", Dimension::none, "How many designs, for sobol, lhs and random, which need it.", 1, kMostDesigns},
      study.points);
  visit(Field{"trajectories", Dimension::none, "How many trajectories, for morris; 20 when absent.", 1,
              kMostTrajectories},
        study.trajectories);
  visit(Field{"levels", Dimension::none, "Levels of the grid of morris, an even number; 4 when absent.", 2,
              kMostMorrisLevels},
        study.levels);
  visit(Field{"seed", Dimension::none, "Seed of the design; that of the run when absent."}, study.design_seed);
  visit(
      Field{"scramble", Dimension::none, "Whether the points of sobol are shifted at random, as they are when absent."},
      study.scramble);
}

/// `[replicate]`.
template <class Visit>
void replicate_fields(Study& study, Visit&& visit) {
  visit(Field{"count", Dimension::none, "Replications of each design; with until or [select], the first ones.", 1, 1e9},
        study.replications);
  visit(
      Field{"until", Dimension::none,
            "Go on until the intervals are so narrow: \"halfwidth(throughput) < 0.5 %\", of the mean, or in its unit."},
      study.until);
  visit(Field{"at_most", Dimension::none, "With until: the most replications; 1000 when absent.", 1, 1e9},
        study.at_most);
  visit(Field{"crn", Dimension::none, "Whether designs share their random numbers."}, study.common_random_numbers);
}

/// `[[refine]]`.
template <class Visit>
void refine_fields(RefineRound& round, Visit&& visit) {
  visit(Field{"best", Dimension::none, "How many of the best designs get more replications.", 1, 1e9}, round.best);
  visit(Field{"count", Dimension::none, "Replications they have afterwards.", 1, 1e9}, round.count);
}

/// `[select]`.
template <class Visit>
void select_fields(Selection& select, Visit&& visit) {
  visit(Field{"method", Dimension::none, "kn or gsp, which need 'delta'; ocba or halving, which need 'budget'."},
        select.method);
  visit(Field{"delta", Dimension::none, "The smallest difference of the goal that matters, in the goal's unit."},
        select.delta);
  visit(Field{"confidence", Dimension::share, "Probability of the promise of kn and gsp; 0.95 when absent.", 0, 1},
        select.confidence);
  visit(Field{"budget", Dimension::none, "Runs in all, for ocba and halving.", 1, 1e15}, select.budget);
  visit(Field{"at_most", Dimension::none, "kn and gsp end without a promise before there are more runs.", 1, 1e15},
        select.at_most);
  visit(Field{"ahead", Dimension::none,
              "For kn: replications of a design between two looks; an eighth of those it has when absent.", 1, 1e9},
        select.ahead);
  visit(Field{"batch", Dimension::none, "For gsp: replications of a design between two screenings; 100 when absent.", 1,
              1e9},
        select.batch);
  visit(Field{"batches", Dimension::none, "For gsp: screenings after the first; 10 when absent.", 0, 1e6},
        select.batches);
  visit(Field{"step", Dimension::none, "For ocba: runs of a round; a hundredth of the budget when absent.", 1, 1e9},
        select.step);
}

/// The dimension of a field of an element: that of the field list, but for the failures that count cycles.
template <class T>
Dimension dimension_of(const T& object, const Field& field) {
  if constexpr (std::is_same_v<T, FailureMode>) {
    if (field.name == "every" && object.clock == FailureClock::cycles) return Dimension::parts;
  }
  return field.dimension;
}

/// Whether an element of its kind has the field.
template <class T>
bool has_field(const T& object, const Field& field) {
  if constexpr (std::is_same_v<T, Station>) return object.has_field(field.name);
  return true;
}

/// Calls `visit(section, elements)` for every kind of element but the stations, which share one list.
template <class FactoryType, class Visit>
void visit_simple_kinds(FactoryType& factory, Visit&& visit) {
  visit("product", factory.products);
  visit("source", factory.sources);
  visit("buffer", factory.buffers);
  visit("sink", factory.sinks);
  visit("crew", factory.crews);
  visit("loop", factory.loops);
}

}  // namespace twin::detail
