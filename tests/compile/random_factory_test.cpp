// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>

#include <libtwin/compile/analyze.hpp>
#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>
#include <tests/compile/random_factory.hpp>
#include <tests/support/catch.hpp>

namespace {

using namespace twin;

TEST_CASE("random factories are valid, compile, and have a leaf for every server") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    INFO("seed " << seed);
    const Factory f = random_factory(seed);
    for (const Diagnostic& d : validate(f)) {
      INFO(d.code << " " << d.path << ": " << d.message);
      CHECK(d.severity != Severity::error);
    }
    const Plant plant = compile(f).plant;
    std::size_t servers = 0;
    for (const Station& s : f.stations) servers += static_cast<std::size_t>(s.servers);
    std::size_t leaves = 0;
    for (const PlantLeaf& leaf : plant.leaves) leaves += static_cast<std::size_t>(leaf.kind == LeafKind::server);
    CHECK(leaves == servers);
    CHECK(plant.leaves.back().kind == LeafKind::mark);
    for (const PlantOutlet& outlet : plant.outlets) CHECK(outlet.store < plant.stores.size());
    for (const PlantInput& input : plant.inputs) CHECK(input.store < plant.stores.size());
  }
}

TEST_CASE("no random factory passes the bound on its throughput") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Factory f = random_factory(seed);
    const double bound = analyze(f).throughput_bound_per_s;
    const Compiled c = compile(f);
    PlantState state(c.plant);
    RunInput input;
    input.warmup_s = 50;
    input.horizon_s = 4'050;
    const RunResult& r = run(state, input);
    if (r.status != RunStatus::ok) continue;
    INFO("seed " << seed << ": bound " << bound << ", ours " << r.throughput_per_s());
    // Runs are of finite length: four times the root of the number of parts, and more for arrivals in batches.
    CHECK(static_cast<double>(r.good) <= bound * 4'000 + 8 * std::sqrt(bound * 4'000) + 20);
  }
}

}  // namespace
