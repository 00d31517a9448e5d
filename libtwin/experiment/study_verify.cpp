// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <libtwin/core/random.hpp>
#include <libtwin/experiment/round_table.hpp>
#include <libtwin/experiment/study_runner.hpp>
#include <libtwin/experiment/study_store.hpp>
#include <libtwin/results/store.hpp>

namespace twin {
namespace {

using detail::kOriginColumns;
using detail::Runs;

/// Rows of one block that are made again.
struct Sample {
  std::size_t round = 0;
  std::uint32_t block = 0;
  std::vector<std::uint64_t> rows;  // within the block, ascending
};

class Verification {
 public:
  Verification(const std::string& path, const RowChoice& choice) : choice_(choice) {
    for (const std::string& round : round_paths(path)) stores_.push_back(BlockStore::open(round));
    report_.path = stores_.front().path();
    report_.library_version = stores_.front().manifest().library_version;
    report_.run_seed = stores_.front().manifest().seed;
  }

  VerifyReport check_all() {
    for (BlockStore& store : stores_) {
      for (const BlockFault& fault : store.check()) {
        report_.damaged.push_back(store.block_path(fault.block) + ": " + fault.reason);
      }
      for (std::uint32_t block = 0; block < store.block_count(); ++block) {
        if (store.state_of(block) == BlockState::missing) ++report_.missing_blocks;
        if (store.state_of(block) != BlockState::done) continue;
        ++report_.blocks;
        report_.rows += store.rows_in(block);
      }
    }
    return report_;
  }

  /// In the order of rounds, blocks and rows.
  [[nodiscard]] std::vector<Sample> choose() const {
    std::map<std::pair<std::size_t, std::uint32_t>, std::vector<std::uint64_t>> chosen;
    if (!choice_.rows.empty()) {
      const BlockStore& store = stores_.front();
      for (const std::uint64_t row : choice_.rows) {
        if (row >= store.manifest().rows) throw std::out_of_range(fmt::format("there is no row {}", row));
        const auto block = static_cast<std::uint32_t>(row / store.manifest().rows_per_block);
        if (store.state_of(block) != BlockState::done) {
          throw std::out_of_range(fmt::format("row {} is not there yet", row));
        }
        chosen[{0, block}].push_back(row - store.first_row(block));
      }
    } else {
      sample_into(chosen);
    }
    std::vector<Sample> samples;
    for (auto& [place, rows] : chosen) {
      std::sort(rows.begin(), rows.end());
      rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
      samples.push_back({place.first, place.second, std::move(rows)});
    }
    return samples;
  }

  void compare(const Sample& sample, const DesignTable& design, detail::StudyRunner& runner) {
    const BlockStore& store = stores_[sample.round];
    const Block stored = store.read_block(sample.block);
    std::vector<Runs> requests;
    for (const std::uint64_t row : sample.rows) {
      requests.push_back(
          {static_cast<std::uint32_t>(stored.at(row, 0)), static_cast<std::uint32_t>(stored.at(row, 1)), 1});
    }
    detail::RunRows made;
    runner.run(requests, made);
    for (std::size_t k = 0; k < requests.size(); ++k) {
      if (made.statuses[k] == RunStatus::stopped) continue;
      ++report_.simulated;
      const std::uint64_t row = sample.rows[k];
      const RowOrigin origin{.round = static_cast<std::uint32_t>(sample.round),
                             .row = store.first_row(sample.block) + row,
                             .block = sample.block,
                             .design = requests[k].design,
                             .replication = requests[k].first};
      const std::size_t faults_before = report_.faults.size();
      const auto status = static_cast<std::uint8_t>(made.statuses[k]);
      if (status != stored.status[row]) {
        report_.faults.push_back(
            {origin, "status", static_cast<double>(stored.status[row]), static_cast<double>(status)});
      }
      for (std::size_t m = 0; m < runner.width(); ++m) {
        const double there = stored.at(row, kOriginColumns + m);
        const double here = made.cells[k * runner.width() + m];
        if (std::bit_cast<std::uint64_t>(there) == std::bit_cast<std::uint64_t>(here)) continue;
        report_.faults.push_back({origin, store.manifest().columns[kOriginColumns + m].name, there, here});
      }
      if (!choice_.rows.empty()) {
        RowRecord record = record_of(origin, stored, row, design);
        record.is_same = report_.faults.size() == faults_before;
        report_.records.push_back(std::move(record));
      }
    }
  }

  [[nodiscard]] const VerifyReport& report() const { return report_; }

 private:
  [[nodiscard]] RowRecord record_of(const RowOrigin& origin, const Block& stored, std::uint64_t row,
                                    const DesignTable& design) const {
    const StoreManifest& manifest = stores_[origin.round].manifest();
    RowRecord record;
    record.origin = origin;
    for (std::size_t f = 0; f < design.factors.size(); ++f) {
      const double value = design.values[origin.design * design.factors.size() + f];
      const std::vector<std::string>& texts = design.texts[f];
      record.factors.emplace_back(design.factors[f],
                                  texts.empty() ? fmt::format("{}", value) : texts[static_cast<std::size_t>(value)]);
    }
    for (std::size_t m = kOriginColumns; m < manifest.columns.size(); ++m) {
      record.measures.emplace_back(manifest.columns[m].name, stored.at(row, m));
    }
    record.status = manifest.statuses.at(stored.status[row]);
    return record;
  }

  using Chosen = std::map<std::pair<std::size_t, std::uint32_t>, std::vector<std::uint64_t>>;

  // Selection sampling would read every row's number; drawing and leaving out repeats is as good for few of many.
  void sample_into(Chosen& chosen) const {
    std::vector<std::pair<std::size_t, std::uint32_t>> blocks;
    std::vector<std::uint64_t> ends;
    std::uint64_t rows = 0;
    for (std::size_t round = 0; round < stores_.size(); ++round) {
      for (std::uint32_t block = 0; block < stores_[round].block_count(); ++block) {
        if (stores_[round].state_of(block) != BlockState::done) continue;
        blocks.emplace_back(round, block);
        ends.push_back(rows += stores_[round].rows_in(block));
      }
    }
    const auto take = [&](std::uint64_t row) {
      const auto at = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), row) - ends.begin());
      std::vector<std::uint64_t>& there = chosen[blocks[at]];
      const std::uint64_t place = row - (at == 0 ? 0 : ends[at - 1]);
      if (std::find(there.begin(), there.end(), place) != there.end()) return false;
      there.push_back(place);
      return true;
    };
    if (choice_.sample >= rows) {
      for (const auto& [round, block] : blocks) {
        std::vector<std::uint64_t>& all = chosen[{round, block}];
        all.resize(stores_[round].rows_in(block));
        std::iota(all.begin(), all.end(), std::uint64_t{0});
      }
      return;
    }
    Stream stream(run_key(choice_.seed, 0), stream_key(name_key("verify"), Purpose::test));
    for (std::uint64_t taken = 0; taken < choice_.sample;) taken += take(stream() % rows) ? 1 : 0;
  }

  const RowChoice& choice_;
  std::vector<BlockStore> stores_;
  VerifyReport report_;
};

}  // namespace

VerifyReport verify_store(const std::string& path, const RowChoice& choice, const ExecutionOptions& options,
                          const CompileOptions& code) {
  Verification verification(path, choice);
  verification.check_all();
  const std::vector<Sample> samples = verification.choose();
  if (samples.empty()) return verification.report();
  const Scenario scenario = read_stored_scenario(path);
  const DesignTable design = make_design(scenario, path);
  std::uint64_t rows = 0;
  for (const Sample& sample : samples) rows += sample.rows.size();
  detail::Monitor monitor(options, rows);
  detail::StudyRunner runner(scenario, design, rows, options, code, monitor);
  if (runner.warmup()) runner.find_warmup();
  for (const Sample& sample : samples) verification.compare(sample, design, runner);
  return verification.report();
}

}  // namespace twin
