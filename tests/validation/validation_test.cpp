// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include <tests/support/catch.hpp>
#include <tests/validation/anchors.hpp>
#include <tests/validation/cases.hpp>

namespace {

using namespace twin;
using namespace twin::validation;

/// The gradients of the Bernoulli lines have no half-width to keep: their exact values are near zero in places.
bool has_primary(const Outcome& outcome) {
  return std::any_of(outcome.values.begin(), outcome.values.end(), [](const auto& v) { return v.value.is_primary; });
}

TEST_CASE("every run of the cases with exact answers ends well") {
  for (const Outcome& outcome : all_outcomes()) {
    INFO(outcome.of->id);
    CHECK(outcome.is_ok);
  }
}

TEST_CASE("every value lies within four standard errors of the exact one") {
  for (const Outcome& outcome : all_outcomes()) {
    for (const ValueOutcome& v : outcome.values) {
      INFO(outcome.of->id << " " << v.value.name << ": exact " << v.value.exact << ", ours " << v.mean << " +- "
                          << v.half_width);
      CHECK(v.distance() <= 4);
    }
  }
}

TEST_CASE("the intervals are narrow enough to notice a wrong number") {
  for (const Outcome& outcome : all_outcomes()) {
    if (!has_primary(outcome)) continue;
    for (const ValueOutcome& v : outcome.values) {
      if (!v.value.is_primary) continue;
      INFO(outcome.of->id << " " << v.value.name << ": " << v.mean << " +- " << v.half_width);
      CHECK(v.half_width <= kHalfWidthLimit * v.value.exact);
    }
  }
}

TEST_CASE("every anchor is a case") {
  CHECK(anchors().size() == 96);
  for (const Anchor& anchor : anchors()) {
    INFO(anchor.id);
    CHECK(std::any_of(all_cases().begin(), all_cases().end(), [&](const Case& c) { return c.id == anchor.id; }));
  }
}

TEST_CASE("the bottleneck of a Bernoulli line is the machine with the steepest gradient") {
  for (const Anchor& anchor : anchors()) {
    if (!has(anchor.values, "c_bottleneck")) continue;
    const auto at = std::find_if(all_outcomes().begin(), all_outcomes().end(),
                                 [&](const Outcome& o) { return o.of->id == std::string(anchor.id) + " (gradient)"; });
    REQUIRE(at != all_outcomes().end());
    const auto bottleneck = static_cast<std::size_t>(numbers(anchor.values, "c_bottleneck").front()) - 1;
    const ValueOutcome& steepest = at->values[bottleneck];
    for (const ValueOutcome& v : at->values) {
      INFO(anchor.id << " " << v.value.name << ": " << v.mean << " against " << steepest.mean);
      // Machines in mirrored places tie.
      CHECK(v.mean <= steepest.mean + 4 * (v.standard_error + steepest.standard_error));
    }
  }
}

TEST_CASE("a wrong number would be noticed") {
  // Counting the machine's place or not moves the best design by 0.7 %: the runs tell the two apart.
  const auto at = std::find_if(all_outcomes().begin(), all_outcomes().end(),
                               [](const Outcome& o) { return o.of->id == "design_best"; });
  REQUIRE(at != all_outcomes().end());
  ValueOutcome other = at->values.front();
  other.value.exact = 5.817650;
  if (kIsFull) CHECK(other.distance() > 4);
}

TEST_CASE("the page of the validation shows what these runs give") {
  if (!kIsFull) return;
  std::ifstream file(std::string(TWIN_SOURCE_DIR) + "/docs/reference/validation.md");
  std::ostringstream stored;
  stored << file.rdbuf();
  // 'make docs' writes it anew.
  CHECK(stored.str() == validation_page(all_outcomes()));
}

}  // namespace
