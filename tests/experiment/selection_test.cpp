// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <algorithm>
#include <limits>
#include <numeric>

#include <libtwin/experiment/selection.hpp>

#include <tests/experiment/selection_reference.hpp>
#include <tests/support/noisy_designs.hpp>

using namespace twin;
using namespace twin_test;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// All four, with parameters that make some rounds each on ten designs that differ by some tenths.
const std::vector<SelectionOptions> kAll{
    {.procedure = KnProcedure{.delta = 0.1, .first = 10}},
    {.procedure = GspProcedure{.delta = 0.1, .first = 10, .batch = 5, .batches = 4}},
    {.procedure = OcbaProcedure{.budget = 2000, .first = 5, .step = 50}},
    {.procedure = HalvingProcedure{.budget = 2000}},
};

NoisyDesigns ten_designs(std::uint64_t seed = 1) {
  NoisyDesigns designs{.correlation = 0.3, .seed = seed};
  for (int i = 0; i < 10; ++i) {
    designs.means.push_back(0.1 * ((7 * i) % 10));
    designs.deviations.push_back(0.3 + 0.05 * i);
  }
  return designs;
}

void check_same(const SelectionResult& a, const SelectionResult& b) {
  CHECK(a.design == b.design);
  CHECK(a.estimate.mean == b.estimate.mean);
  CHECK(a.estimate.half_width == b.estimate.half_width);
  CHECK(a.observations == b.observations);
  CHECK(a.by_design == b.by_design);
  CHECK(a.survivors == b.survivors);
}

}  // namespace

TEST_CASE("KN does what its paper says, observation for observation") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    NoisyDesigns designs = ten_designs(seed);
    designs.means.resize(3 + seed % 6);
    designs.correlation = 0.2 * static_cast<double>(seed % 4);
    const auto k = static_cast<std::uint32_t>(designs.means.size());
    const KnProcedure kn{.delta = 0.12, .first = 5 + static_cast<std::uint32_t>(seed % 3)};
    const Choice expected = plain_kn(k, kn, [&](auto i, auto r) { return designs.value(i, r); });
    const SelectionResult found = select_best(k, {.procedure = kn}, designs);
    CAPTURE(seed);
    CHECK(*found.design == expected.design);
    CHECK(found.by_design == expected.taken);
  }
}

TEST_CASE("GSP does what its paper says, observation for observation") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    NoisyDesigns designs = ten_designs(seed);
    designs.means.resize(2 + seed % 8);
    designs.correlation = 0;
    const auto k = static_cast<std::uint32_t>(designs.means.size());
    const GspProcedure gsp{.delta = 0.15, .first = 8, .batch = 6, .batches = static_cast<std::uint32_t>(seed % 4)};
    const Choice expected = plain_gsp(k, gsp, [&](auto i, auto r) { return designs.value(i, r); });
    const SelectionResult found = select_best(k, {.procedure = gsp}, designs);
    CAPTURE(seed);
    CHECK(*found.design == expected.design);
    CHECK(found.by_design == expected.taken);
  }
}

TEST_CASE("sequential halving spends equal parts of its budget on halves of the field") {
  const NoisyDesigns designs{{1, 2, 3, 4, 5, 6, 7, 8}, std::vector<double>(8, 0.001)};
  const SelectionResult found = select_best(8, {.procedure = HalvingProcedure{.budget = 2410}}, designs);
  CHECK(*found.design == 7);
  // Three rounds of 803: 100, 200 and 401 replications for each of 8, 4 and 2.
  CHECK(found.by_design == std::vector<std::uint32_t>{100, 100, 100, 100, 300, 300, 701, 701});
  CHECK(found.rounds == 3);
  CHECK(found.observations <= 2410);
  CHECK(found.guarantee.probability == 0);
  CHECK(found.guarantee.words == "none: fixed budget");
}

TEST_CASE("OCBA comes to the allocation of its theorem and spends its budget exactly") {
  const NoisyDesigns designs{{0, 1, 1.5, 2.5}, {1, 2, 1, 1.5}, 0, 3};
  const OcbaProcedure ocba{.budget = 400003, .first = 20};
  const SelectionResult found = select_best(4, {.procedure = ocba}, designs);
  CHECK(*found.design == 3);
  CHECK(found.observations == 400003);
  // (sigma / distance)² of the first three; the root of the sum of (share / sigma)², times sigma, of the best.
  const std::vector<double> share{1 / 6.25, 4 / 2.25, 1.0};
  const double best = 1.5 * std::sqrt(std::pow(share[0], 2) + std::pow(share[1] / 2, 2) + std::pow(share[2], 2));
  const double sum = share[0] + share[1] + share[2] + best;
  for (std::size_t i = 0; i < 3; ++i) CHECK(found.by_design[i] / 400003.0 == Approx(share[i] / sum).epsilon(0.05));
  CHECK(found.by_design[3] / 400003.0 == Approx(best / sum).epsilon(0.05));
}

TEST_CASE("the smallest is chosen where smaller is better, by the same observations") {
  for (SelectionOptions options : kAll) {
    const NoisyDesigns designs = ten_designs();
    const SelectionResult larger = select_best(10, options, designs);
    options.better = Better::smaller;
    const auto mirrored = [&](std::span<const SampleRequest> requests, std::span<double> values) {
      designs(requests, values);
      for (double& value : values) value = -value;
    };
    const SelectionResult smaller = select_best(10, options, mirrored);
    CHECK(smaller.design == larger.design);
    CHECK(smaller.estimate.mean == -larger.estimate.mean);
    CHECK(smaller.by_design == larger.by_design);
  }
}

TEST_CASE("a selection that is stored between rounds ends as if it had not been") {
  for (const SelectionOptions& options : kAll) {
    const NoisyDesigns designs = ten_designs();
    const SelectionResult whole = select_best(10, options, designs);
    SelectionState state = start_selection(10, options);
    std::vector<double> values;
    while (!state.requests.empty()) {
      const SelectionState stored = state;
      values.assign(1 << 16, kNaN);
      std::uint64_t count = 0;
      for (const SampleRequest& request : state.requests) count += request.count;
      values.resize(count);
      designs(state.requests, values);
      take_round(state, options, values);
      SelectionState again = stored;
      take_round(again, options, values);
      CHECK(again == state);
      state = again;
    }
    check_same(selection_result(state, options), whole);
    CHECK(selection_result(state, options).rounds == whole.rounds);
  }
}

TEST_CASE("asking in parts, or ahead, changes nothing but the rounds and the price") {
  for (SelectionOptions options : kAll) {
    const NoisyDesigns designs = ten_designs();
    const SelectionResult whole = select_best(10, options, designs);
    options.round_limit = 7;
    const SelectionResult parts = select_best(10, options, designs);
    check_same(parts, whole);
    CHECK(parts.rounds > whole.rounds);
  }
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const NoisyDesigns designs = ten_designs(seed);
    const auto with = [&](std::uint32_t ahead) {
      return select_best(10, {.procedure = KnProcedure{.delta = 0.1, .first = 10, .ahead = ahead}}, designs);
    };
    const SelectionResult single = with(1);
    const SelectionResult many = with(16);
    CHECK(many.design == single.design);
    CHECK(many.estimate.mean == single.estimate.mean);
    CHECK(many.survivors == single.survivors);
    CHECK(many.observations >= single.observations);
    CHECK(many.rounds < single.rounds);
  }
}

TEST_CASE("replications are asked for once each, in order, of designs in ascending order") {
  for (const SelectionOptions& options : kAll) {
    const NoisyDesigns designs = ten_designs();
    std::vector<std::uint32_t> next(10);
    const SelectionResult found = select_best(10, options, [&](auto requests, auto values) {
      REQUIRE(std::is_sorted(requests.begin(), requests.end(), [](auto& a, auto& b) { return a.design < b.design; }));
      for (const SampleRequest& request : requests) {
        CHECK(request.first == next[request.design]);
        CHECK(request.count > 0);
        next[request.design] += request.count;
      }
      designs(requests, values);
    });
    CHECK(found.by_design == next);
    CHECK(std::accumulate(next.begin(), next.end(), std::uint64_t{0}) == found.observations);
  }
}

TEST_CASE("one design is chosen after its first observations") {
  for (const SelectionOptions& options : kAll) {
    const SelectionResult found = select_best(1, options, NoisyDesigns{{4}, {0.5}});
    CHECK(*found.design == 0);
    CHECK(found.estimate.mean == Approx(4).margin(0.8));
    CHECK(found.rounds == 1);
    CHECK(found.survivors == std::vector<std::uint32_t>{0});
  }
}

TEST_CASE("among equal designs the first is chosen, and no time is lost where nothing varies") {
  for (const SelectionOptions& options : kAll) {
    const SelectionResult found =
        select_best(6, options, NoisyDesigns{std::vector<double>(6, 2.5), std::vector<double>(6)});
    CHECK(*found.design == 0);
    CHECK(found.estimate.mean == 2.5);
    CHECK(found.estimate.half_width == 0);
    CHECK(found.rounds <= 6);
  }
  // The noise is the same for all: every difference is exactly 0.
  const NoisyDesigns same{std::vector<double>(5, 1.0), std::vector<double>(5, 1.0), 1.0};
  const SelectionResult found = select_best(5, kAll[0], same);
  CHECK(*found.design == 0);
  CHECK(found.observations == 50);
}

TEST_CASE("designs that differ by less than delta end too") {
  NoisyDesigns designs = ten_designs();
  designs.means.assign(10, 1.0);
  for (const SelectionOptions& options : kAll) {
    const SelectionResult found = select_best(10, options, designs);
    CHECK(found.design.has_value());
    CHECK(found.survivors.front() == *found.design);
  }
}

TEST_CASE("a design whose run fails is removed and counted, whenever it fails") {
  for (const SelectionOptions& options : kAll) {
    for (const std::uint32_t when : {0U, 4U, 11U, 30U}) {
      // The best by far, so that it stays until it fails.
      NoisyDesigns designs = ten_designs();
      designs.means[6] = 1;
      const std::uint32_t best = 7;
      designs.means[best] = 1.1;
      const auto failing = [&](std::span<const SampleRequest> requests, std::span<double> values) {
        std::size_t at = 0;
        for (const SampleRequest& request : requests)
          for (std::uint32_t r = 0; r < request.count; ++r, ++at) {
            const std::uint32_t replication = request.first + r;
            values[at] = designs.value(request.design, replication);
            if (request.design == best && replication == when) values[at] = kNaN;
            if (request.design == 2 && replication == 1) values[at] = std::numeric_limits<double>::infinity();
          }
      };
      const SelectionResult found = select_best(10, options, failing);
      CAPTURE(found.procedure, when);
      REQUIRE(found.design);
      CHECK(*found.design != 2);
      const bool has_failed = found.by_design[best] > when;
      CHECK(found.failed_designs == (has_failed ? 2 : 1));
      CHECK(found.failed_observations == found.failed_designs);
      if (has_failed) CHECK(*found.design != best);
      if (when <= 4) CHECK(has_failed);
      if (found.guarantee.probability > 0)
        CHECK(found.guarantee.words.find("among the designs that did not fail") != std::string::npos);
    }
  }
}

TEST_CASE("when all designs fail none is chosen") {
  for (const SelectionOptions& options : kAll) {
    const SelectionResult found =
        select_best(3, options, [](auto, std::span<double> values) { std::fill(values.begin(), values.end(), kNaN); });
    CHECK_FALSE(found.design.has_value());
    CHECK(found.failed_designs == 3);
    CHECK(found.survivors.empty());
    CHECK(std::isnan(found.estimate.half_width));
  }
}

TEST_CASE("a limit of observations stops the selection and takes the guarantee away") {
  for (SelectionOptions options : kAll) {
    options.at_most = 200;
    options.procedure.index() == 3 ? void(options.procedure = HalvingProcedure{.budget = 400}) : void();
    const SelectionResult found = select_best(10, options, ten_designs());
    CHECK(found.observations <= 200);
    CHECK(found.observations > 50 - 1);
    CHECK(found.guarantee.probability == 0);
    CHECK(found.guarantee.words == "none: the limit of observations was reached");
    CHECK(found.design.has_value());
  }
  SelectionOptions nothing = kAll[0];
  nothing.at_most = 99;
  CHECK_FALSE(select_best(10, nothing, ten_designs()).design.has_value());
}

TEST_CASE("a delta that would take more than 2^32 replications of a design takes the guarantee away") {
  const GspProcedure gsp{.delta = 1e-9, .first = 10, .batch = 5, .batches = 1};
  NoisyDesigns designs = ten_designs();
  designs.means.assign(10, 0);
  const SelectionResult found = select_best(10, {.procedure = gsp}, designs);
  CHECK(found.guarantee.probability == 0);
  CHECK(found.observations < 300);
}

TEST_CASE("GSP screens less against fewer rivals and keeps its promise") {
  const auto with = [](std::uint32_t rivals) {
    const GspProcedure gsp{.delta = 0.1, .first = 10, .batch = 5, .batches = 4, .rivals = rivals};
    return select_best(10, {.procedure = gsp}, ten_designs(4));
  };
  CHECK(with(1).observations >= with(9).observations);
  CHECK(with(9).by_design == with(1000).by_design);
  CHECK(with(1).guarantee.probability == 0.95);
}

TEST_CASE("a result says what is guaranteed, and before the end that nothing is") {
  const SelectionResult kn = select_best(10, kAll[0], ten_designs());
  CHECK(kn.procedure == "KN");
  CHECK(kn.guarantee.probability == 0.95);
  CHECK(kn.guarantee.delta == 0.1);
  CHECK(kn.guarantee.words == "the best design with probability >= 0.95 if it leads all others by 0.1 or more");
  const SelectionResult gsp = select_best(10, kAll[1], ten_designs());
  CHECK(gsp.guarantee.words == "a design within 0.1 of the best with probability >= 0.95");
  CHECK(gsp.guarantee.conditions.find("without common random numbers") != std::string::npos);
  const SelectionResult unfinished = selection_result(start_selection(10, kAll[0]), kAll[0]);
  CHECK(unfinished.guarantee.words == "none: not finished");
}

TEST_CASE("the estimate is the mean of the observations used, with Student's t") {
  const NoisyDesigns designs = ten_designs();
  const SelectionResult found = select_best(10, kAll[3], designs);
  Tally tally;
  for (std::uint32_t r = 0; r < found.by_design[*found.design]; ++r) tally.add(designs.value(*found.design, r));
  CHECK(found.estimate.mean == tally.mean());
  CHECK(found.estimate.half_width == Approx(mean_interval(tally).half_width).epsilon(1e-12));
  CHECK(found.estimate.n == tally.count());
}

TEST_CASE("a sampler's exception comes through, and wrong answers and options are refused") {
  CHECK_THROWS_AS(select_best(2, kAll[0], [](auto, auto) { throw std::runtime_error("no machine"); }),
                  std::runtime_error);
  SelectionState state = start_selection(10, kAll[0]);
  CHECK_THROWS_AS(take_round(state, kAll[0], std::vector<double>(99)), std::logic_error);
  CHECK_THROWS_AS(start_selection(0, kAll[0]), std::logic_error);
  const auto refused = [](const SelectionProcedure& procedure) {
    CHECK_THROWS_AS(start_selection(10, {.procedure = procedure}), std::logic_error);
  };
  refused(KnProcedure{});
  refused(KnProcedure{.delta = 1, .alpha = 0});
  refused(KnProcedure{.delta = 1, .first = 1});
  refused(GspProcedure{});
  refused(GspProcedure{.delta = 1, .alpha_screening = 0.6, .alpha_last = 0.5});
  refused(GspProcedure{.delta = 1, .first = 1});
  refused(GspProcedure{.delta = 1, .rivals = 0});
  refused(OcbaProcedure{.budget = 99, .first = 10});
  refused(HalvingProcedure{.budget = 39});
}
