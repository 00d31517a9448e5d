// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <libtwin/experiment/study.hpp>
#include <libtwin/experiment/study_store.hpp>
#include <libtwin/results/store.hpp>
#include <libtwin/results/store_merge.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/results/folder.hpp>
#include <tests/support/catch.hpp>

namespace {

namespace fs = std::filesystem;
using twin::RowChoice;
using twin::Scenario;
using twin::StudyResult;
using twin::StudyStore;
using twin::test::bits_of;
using twin::test::kTwelveDesigns;
using twin::test::on_threads;
using twin::test::scenario_of;
using twin::test::two_machines;

/// 12 designs, some of them impossible; rounds of 480, then 4 × 30 and 2 × 60 runs.
Scenario study(const std::string& more = {}) {
  return scenario_of(two_machines(std::string(kTwelveDesigns) + R"TOML(
[replicate]
count = 40
[[refine]]
best = 4
count = 70
[[refine]]
best = 2
count = 130
[measure]
throughput = "throughput"
lead = "p90(lead_time)"
)TOML" + more));
}

/// The bytes of every block, by its place in the store.
std::map<std::string, std::string> blocks_of(const std::string& store) {
  std::map<std::string, std::string> blocks;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(store)) {
    if (entry.path().extension() != ".tblk") continue;
    std::ostringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    blocks[fs::relative(entry.path(), store).string()] = bytes.str();
  }
  return blocks;
}

StudyResult run_in(const StudyStore& store, unsigned threads = 2, const Scenario& scenario = study(),
                   twin::EngineChoice engine = twin::EngineChoice::automatic) {
  twin::ExecutionOptions options = on_threads(threads);
  options.engine = engine;
  return twin::run_study(scenario, {}, options, {}, store);
}

/// One after the other, from a list: what a dispenser of several processes does.
class Queue : public twin::BlockDispenser {
 public:
  void begin(std::vector<std::uint32_t> missing) override {
    ++begun;
    blocks_ = std::move(missing);
    // Whatever the order.
    std::reverse(blocks_.begin(), blocks_.end());
  }
  std::vector<std::uint32_t> take(std::size_t wanted) override {
    std::vector<std::uint32_t> taken;
    for (; taken.size() < wanted && !blocks_.empty(); blocks_.pop_back()) taken.push_back(blocks_.back());
    return taken;
  }
  void finish() override { ++finished; }

  int begun = 0;
  int finished = 0;

 private:
  std::vector<std::uint32_t> blocks_;
};

}  // namespace

TEST_CASE("a study with a store gives the bits of one without", "[study_store]") {
  const twin::test::Folder folder;
  const StudyResult plain = twin::run_study(study(), {}, on_threads(1));
  std::map<std::string, std::string> first;
  for (const auto engine : {twin::EngineChoice::event, twin::EngineChoice::lanes}) {
    for (const unsigned threads : {1U, 2U, 7U}) {
      const std::string path =
          folder.file((engine == twin::EngineChoice::event ? "event" : "lanes") + std::to_string(threads));
      const StudyResult kept = run_in({.path = path}, threads, study(), engine);
      CHECK(bits_of(kept) == bits_of(plain));
      CHECK(kept.ranking == plain.ranking);
      CHECK(kept.runs == plain.runs);
      CHECK(kept.store.runs_made == plain.runs);
      CHECK(kept.store.missing == 0);
      if (first.empty()) first = blocks_of(path);
      CHECK(blocks_of(path) == first);
    }
  }
  CHECK(first.contains("blocks/00000000.tblk"));
  CHECK(first.contains("round-1/blocks/00000000.tblk"));
  CHECK(first.contains("round-2/blocks/00000000.tblk"));
}

TEST_CASE("a study that is stopped again and again ends with the same bits", "[study_store]") {
  const twin::test::Folder folder;
  const StudyResult plain = twin::run_study(study(), {}, on_threads(1));
  const std::string path = folder.file("s.twin");
  int stops = 0;
  std::uint64_t made = 0;
  for (bool is_complete = false; !is_complete; ++stops) {
    REQUIRE(stops < 200);
    twin::ExecutionOptions options = on_threads(2);
    const std::uint64_t most = 20 + 7 * static_cast<std::uint64_t>(stops);
    options.on_progress = [&](const twin::Progress& p) { return p.done < most; };
    const StudyResult part = twin::run_study(study(), {}, options, {}, {.path = path});
    is_complete = part.is_complete;
    made += part.store.runs_made;
    if (!is_complete) continue;
    CHECK(bits_of(part) == bits_of(plain));
    CHECK(part.ranking == plain.ranking);
    CHECK(made == plain.runs);
  }
  CHECK(bits_of(run_in({.path = path})) == bits_of(plain));
  CHECK(run_in({.path = path}).store.runs_made == 0);
}

TEST_CASE("shards in any order give the same blocks", "[study_store]") {
  const twin::test::Folder folder;
  const StudyResult whole = run_in({.path = folder.file("whole")});
  std::vector<std::string> parts;
  for (const std::uint32_t shard : {4U, 0U, 6U, 2U, 5U, 1U, 3U}) {
    parts.push_back(folder.file("part" + std::to_string(shard)));
    const StudyResult part = run_in({.path = parts.back(), .shard = shard, .shards = 7});
    CHECK_FALSE(part.is_complete);
    CHECK(part.store.made + part.store.missing == part.store.blocks);
  }
  const twin::MergeReport merged = twin::merge_stores(folder.file("merged"), parts);
  CHECK(merged.missing.empty());
  CHECK(bits_of(run_in({.path = folder.file("merged")})) == bits_of(whole));
  CHECK(blocks_of(folder.file("merged")) == blocks_of(folder.file("whole")));
}

TEST_CASE("a dispenser hands out the blocks of every round", "[study_store]") {
  const twin::test::Folder folder;
  Queue queue;
  const StudyResult dispensed = run_in({.path = folder.file("d"), .dispenser = &queue});
  CHECK(bits_of(dispensed) == bits_of(run_in({.path = folder.file("s")})));
  CHECK(blocks_of(folder.file("d")) == blocks_of(folder.file("s")));
  CHECK(queue.begun == 3);
  CHECK(queue.finished == 3);
}

TEST_CASE("a store refuses another study", "[study_store]") {
  const twin::test::Folder folder;
  const std::string path = folder.file("s");
  (void)run_in({.path = path, .shard = 0, .shards = 3});
  const auto differences = [&](const Scenario& scenario, std::uint64_t event_limit = UINT64_MAX) {
    twin::ExecutionOptions options = on_threads(1);
    options.event_limit = event_limit;
    try {
      (void)twin::run_study(scenario, {}, options, {}, {.path = path});
    } catch (const twin::StoreMismatch& mismatch) {
      std::string all;
      for (const std::string& d : mismatch.differences()) all += d + "\n";
      return all;
    }
    return std::string();
  };
  CHECK(differences(study()).empty());
  Scenario other = study();
  other.factory.run.seed = 99;
  CHECK(differences(other).find("seed: 99 here") != std::string::npos);
  other = study();
  other.parameters[0].values.back() = 81;
  CHECK(differences(other).find("parameter.r") != std::string::npos);
  other = study();
  other.study->replications = 41;
  CHECK(differences(other).find("replications: 41 here, 40 there") != std::string::npos);
  CHECK(differences(study(), 1000).find("event_limit") != std::string::npos);
}

TEST_CASE("a stored scenario is the one that ran", "[study_store]") {
  const twin::test::Folder folder;
  (void)run_in({.path = folder.file("s"), .shard = 0, .shards = 3});
  const Scenario stored = twin::read_stored_scenario(folder.file("s"));
  const StudyResult resumed = twin::run_study(stored, folder.file("s"), on_threads(2), {}, {.path = folder.file("s")});
  CHECK(bits_of(resumed) == bits_of(twin::run_study(study(), {}, on_threads(1))));
  CHECK_THROWS_AS(twin::read_stored_scenario(folder.file("none")), twin::FileError);
}

TEST_CASE("verifying makes rows again and finds those that were changed", "[study_store]") {
  const twin::test::Folder folder;
  const std::string path = folder.file("s");
  const StudyResult result = run_in({.path = path});
  const twin::VerifyReport good = twin::verify_store(path, {.sample = 60}, on_threads(2), {});
  CHECK(good.ok());
  CHECK(good.simulated == 60);
  CHECK(good.rows == result.runs);
  CHECK(twin::verify_store(path, {.sample = 1'000'000}, on_threads(2), {}).simulated == result.runs);

  // One bit of one number, in a block whose checksum fits.
  const std::string forged = folder.file("forged");
  fs::copy(path, forged, fs::copy_options::recursive);
  twin::BlockStore store = twin::BlockStore::open(forged);
  twin::Block block = store.read_block(1);
  fs::remove(store.block_path(1));
  double& cell = block.values[2 * block.row_count() + 3];
  cell = std::nextafter(cell, 0.0);
  store.look();
  store.write_block(1, block.values, block.status);
  const std::uint64_t row = store.first_row(1) + 3;
  const twin::VerifyReport bad = twin::verify_store(forged, {.rows = {row, row + 1}}, on_threads(1), {});
  REQUIRE(bad.faults.size() == 1);
  CHECK(bad.faults[0].origin.row == row);
  CHECK(bad.faults[0].column == "throughput");
  CHECK(bad.faults[0].stored == cell);
  REQUIRE(bad.records.size() == 2);
  CHECK_FALSE(bad.records[0].is_same);
  CHECK(bad.records[1].is_same);
  CHECK(bad.records[1].factors.size() == 2);
  CHECK_THROWS_AS(twin::verify_store(path, {.rows = {480}}, {}, {}), std::out_of_range);
}

TEST_CASE("designs of a study go on until their intervals are as narrow as asked for", "[study_store]") {
  const twin::test::Folder folder;
  const Scenario scenario = scenario_of(two_machines(R"TOML(
[machine.m1]
cycle = "exponential(1 h / r)"
[buffer.b]
capacity = 4
[parameter]
r = [30, 60, 90]
[replicate]
count = 10
until = "halfwidth(throughput) < 4 %"
at_most = 90
[measure]
throughput = "throughput"
)TOML"));
  const StudyResult one = twin::run_study(scenario, {}, on_threads(1));
  std::vector<std::int64_t> counts;
  for (const twin::StudyRow& row : one.rows) {
    counts.push_back(row.n);
    const double share = row.measures[0].half_width / row.measures[0].mean;
    CHECK((row.n == 90 || share <= 0.04 / 1.04));
    CHECK(row.n >= 10);
  }
  std::sort(counts.begin(), counts.end());
  CHECK(counts.front() < counts.back());
  const StudyResult kept = run_in({.path = folder.file("s")}, 2, scenario);
  CHECK(bits_of(kept) == bits_of(one));
  const twin::StudyEstimate estimate = twin::estimate_study(scenario, {}, on_threads(1));
  CHECK(estimate.runs == 3 * 90);
  CHECK(estimate.is_most);
}

TEST_CASE("designs that cannot be are rows with a status", "[study_store]") {
  const twin::test::Folder folder;
  Scenario scenario = study();
  scenario.parameters[1].values = {1, 2.5, 9};
  const StudyResult plain = twin::run_study(scenario, {}, on_threads(1));
  const StudyResult kept = run_in({.path = folder.file("s")}, 2, scenario);
  CHECK(plain.failed_runs > 0);
  CHECK(bits_of(kept) == bits_of(plain));
  CHECK(twin::verify_store(folder.file("s"), {.sample = 1'000'000}, on_threads(2), {}).ok());
}

TEST_CASE("an estimate says what a study costs", "[study_store]") {
  const twin::StudyEstimate estimate = twin::estimate_study(study(), {}, on_threads(2));
  CHECK(estimate.designs == 12);
  CHECK(estimate.runs == 12 * 40 + 4 * 30 + 2 * 60);
  CHECK_FALSE(estimate.is_most);
  CHECK(estimate.engine == "lanes");
  CHECK(estimate.pilots > 0);
  CHECK(estimate.run_cpu_s > 0);
  CHECK(estimate.blocks == 30);
  CHECK(estimate.store_bytes > estimate.runs * 33);
}
