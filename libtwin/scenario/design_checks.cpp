// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/design_checks.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <libtwin/scenario/wording.hpp>

namespace twin::detail {
namespace {

bool is_within(std::int64_t value, double low, double high) {
  return static_cast<double>(value) >= low && static_cast<double>(value) <= high;
}

void check_points(const Study& study, std::vector<DesignMistake>& mistakes) {
  const std::string method(enum_names(DesignMethod{})[static_cast<std::size_t>(study.method)]);
  if (!study.points) {
    mistakes.push_back({"points", "method = " + quote(method) + " needs a number of points",
                        "write points = 1024, or another number"});
  } else if (!is_within(*study.points, 1, kMostDesigns)) {
    mistakes.push_back(
        {"points", "a design has from 1 to 50 million points, not " + std::to_string(*study.points), {}});
  }
}

void check_morris(const Study& study, std::vector<DesignMistake>& mistakes) {
  if (!is_within(study.trajectories, 1, kMostTrajectories)) {
    mistakes.push_back({"trajectories",
                        "a design has from 1 to a million trajectories, not " + std::to_string(study.trajectories),
                        "20 are many"});
  }
  if (!is_within(study.levels, 2, kMostMorrisLevels) || study.levels % 2 != 0) {
    mistakes.push_back(
        {"levels",
         "the grid of morris has an even number of levels, from 2 to 1000, not " + std::to_string(study.levels),
         "write levels = 4"});
  }
}

}  // namespace

std::vector<DesignMistake> design_mistakes(const Study& study) {
  std::vector<DesignMistake> mistakes;
  switch (study.method) {
    case DesignMethod::grid:
    case DesignMethod::file:
    case DesignMethod::one_at_a_time:
      break;
    case DesignMethod::sobol:
    case DesignMethod::lhs:
    case DesignMethod::random:
      check_points(study, mistakes);
      break;
    case DesignMethod::morris:
      check_morris(study, mistakes);
      break;
  }
  return mistakes;
}

std::vector<DesignMistake> replicate_mistakes(const Study& study) {
  std::vector<DesignMistake> mistakes;
  for (const StoppingRule& rule : study.until) {
    if (!(rule.limit > 0) || !std::isfinite(rule.limit))
      mistakes.push_back({"until", "a half-width of 0 or below is never reached", "write a number above 0"});
  }
  if (study.until.empty()) return mistakes;
  if (study.replications < kFewestBeforeLook) {
    mistakes.push_back({"count",
                        "with 'until' the first batch has 10 replications or more, not " +
                            std::to_string(study.replications) + ": fewer say too little about the spread",
                        "write count = 10"});
  }
  const std::int64_t most = study.at_most.value_or(kMostReplications);
  if (most < study.replications || most > 1'000'000'000) {
    mistakes.push_back({"at_most",
                        "'at_most' is " + std::to_string(most) + ", and the first batch alone has " +
                            std::to_string(study.replications) + " replications",
                        "make at_most the larger one"});
  }
  return mistakes;
}

}  // namespace twin::detail
