// SPDX-License-Identifier: Apache-2.0
#include <tests/lanes/both_engines.hpp>
#include <tests/support/catch.hpp>
#include <tests/validation/cases.hpp>

using namespace twin;

TEST_CASE("Both engines give the same bits for every factory with an exact answer that can be run in lanes") {
  int eligible = 0;
  int lines = 0;
  for (const validation::Case& c : validation::all_cases()) {
    const validation::Model model = c.make();
    const bool is_line = c.model.find("line") != std::string::npos;
    if (!model.compiled.lanes.is_eligible()) continue;
    ++eligible;
    lines += is_line ? 1 : 0;
    RunInput input;
    input.warmup_s = c.warmup_s / 10;
    input.horizon_s = 1.1 * c.warmup_s;
    input.seed = 5;
    INFO(c.id);
    CHECK(test::difference(model.compiled.plant, model.compiled.lanes, input, 9) == "");
    int compared = 0;
    CHECK(test::departure_difference(model.compiled.plant, model.compiled.lanes, input, compared) == "");
  }
  CHECK(eligible >= 60);
  CHECK(lines >= 30);
}
