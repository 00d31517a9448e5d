// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/study_rounds.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <libtwin/core/check.hpp>
#include <libtwin/experiment/work.hpp>
#include <libtwin/results/new_file.hpp>

namespace twin::detail {
namespace {

// Numbers measured between two reductions: 32 MB, whatever the size of the study.
constexpr std::size_t kMostCells = std::size_t{1} << 22;
constexpr std::size_t kFewestRows = 64;

// Blocks are made in groups that take about so long: what a kill loses. Long enough that threads seldom wait for the
// last run of a group.
constexpr double kGroupTime_s = 1;
constexpr std::uint64_t kMostGrowth = 8;

/// Every so-manieth block.
class Shard : public BlockDispenser {
 public:
  Shard(std::uint32_t shard, std::uint32_t shards) : shard_(shard), shards_(shards) {}

  void begin(std::vector<std::uint32_t> missing) override {
    blocks_ = std::move(missing);
    std::erase_if(blocks_, [this](std::uint32_t block) { return block % shards_ != shard_; });
    next_ = 0;
  }
  std::vector<std::uint32_t> take(std::size_t wanted) override {
    const std::size_t count = std::min(wanted, blocks_.size() - next_);
    const auto first = blocks_.begin() + static_cast<std::ptrdiff_t>(next_);
    next_ += count;
    return {first, first + static_cast<std::ptrdiff_t>(count)};
  }
  void finish() override {}

 private:
  std::uint32_t shard_;
  std::uint32_t shards_;
  std::vector<std::uint32_t> blocks_;
  std::size_t next_ = 0;
};

/// The CSV file of designs goes into the store, so that the store is enough to go on.
void keep_design_file(const Scenario& scenario, const std::string& folder, const std::string& store) {
  if (scenario.study->method != DesignMethod::file) return;
  const FileContent content =
      read_file((std::filesystem::path(folder) / scenario.study->file).lexically_normal().string());
  if (content.error == 0) write_file_if_absent(store + "/" + kDesignFile, content.bytes);
}

}  // namespace

StudyRounds::StudyRounds(StudyRunner& runner, Monitor& monitor, const RoundSource& source, const StudyStore& store,
                         const std::string& folder)
    : runner_(runner), monitor_(monitor), source_(source), store_(store), folder_(folder) {
  TWIN_CHECK(store.shard < store.shards, "a shard's number is below the number of shards");
  TWIN_CHECK(store.path.empty() ? store.shards == 1 : true, "shards need a store");
  if (store.dispenser == nullptr) shard_ = std::make_unique<Shard>(store.shard, store.shards);
  use_.path = store.path;
}

void StudyRounds::run(std::vector<Runs> requests, std::uint64_t after, const Consumer& consume,
                      const StudyRunner::Listener& listener) {
  const RoundRequests round(std::move(requests));
  if (store_.path.empty()) {
    monitor_.expect(round.row_count() + after);
    run_in_memory(round, consume, listener);
  } else if (round.row_count() > 0) {
    BlockStore store = open_store(round);
    make_blocks(store, round, after, listener);
    read_blocks(store, round, consume);
  }
  ++round_;
}

std::size_t StudyRounds::rows_at_once() const { return std::max(kMostCells / runner_.width(), kFewestRows); }

void StudyRounds::run_in_memory(const RoundRequests& requests, const Consumer& consume,
                                const StudyRunner::Listener& listener) {
  const std::uint64_t most = rows_at_once();
  for (std::uint64_t row = 0; row < requests.row_count(); row += most) {
    const std::vector<Runs> slice = requests.slice(row, std::min(most, requests.row_count() - row));
    runner_.run(slice, rows_, listener);
    consume(slice, rows_);
    if (!monitor_.keeps_going()) return;
  }
}

BlockStore StudyRounds::open_store(const RoundRequests& requests) {
  const StoreManifest manifest = round_manifest(source_, round_, requests.all());
  BlockStore store = BlockStore::create(round_path(store_.path, round_), manifest);
  if (round_ == 0) keep_design_file(source_.scenario, folder_, store.path());
  if (store.missing_blocks().size() < store.block_count()) store.check();
  for (std::string& name : store.set_aside_damaged()) use_.set_aside.push_back(std::move(name));
  use_.blocks += store.block_count();
  return store;
}

void StudyRounds::make_blocks(BlockStore& store, const RoundRequests& requests, std::uint64_t after,
                              const StudyRunner::Listener& listener) {
  BlockDispenser& dispenser = store_.dispenser != nullptr ? *store_.dispenser : *shard_;
  const std::vector<std::uint32_t> missing = store.missing_blocks();
  use_.found += store.block_count() - missing.size();
  std::uint64_t rows = 0;
  for (const std::uint32_t block : missing) rows += store.rows_in(block);
  monitor_.expect(rows / (store_.dispenser != nullptr ? 1 : store_.shards) + after);
  dispenser.begin(missing);
  const std::uint64_t most = rows_at_once();
  std::uint64_t wanted = std::min<std::uint64_t>(most, runner_.is_in_lanes() ? 2048 : 2 * runner_.threads());
  while (monitor_.keeps_going()) {
    std::vector<std::uint32_t> group =
        dispenser.take(std::max<std::uint64_t>(1, wanted / store.manifest().rows_per_block));
    if (group.empty()) break;
    // Another program may work at the same store.
    std::erase_if(group, [&](std::uint32_t block) { return store.look_at(block) == BlockState::done; });
    make_group(store, group, requests, listener);
    const auto in_time = static_cast<std::uint64_t>(kGroupTime_s * rows_per_s_);
    wanted = std::clamp<std::uint64_t>(in_time, 1, std::min(most, wanted * kMostGrowth));
  }
  dispenser.finish();
}

void StudyRounds::make_group(BlockStore& store, const std::vector<std::uint32_t>& blocks, const RoundRequests& requests,
                             const StudyRunner::Listener& listener) {
  if (blocks.empty()) return;
  const auto start = std::chrono::steady_clock::now();
  std::vector<Runs> group;
  std::vector<std::vector<Runs>> by_block;
  std::vector<std::size_t> offsets;
  std::size_t rows = 0;
  for (const std::uint32_t block : blocks) {
    const std::vector<Runs>& runs = by_block.emplace_back(requests.slice(store.first_row(block), store.rows_in(block)));
    group.insert(group.end(), runs.begin(), runs.end());
    offsets.push_back(rows);
    rows += store.rows_in(block);
  }
  runner_.run(group, rows_, listener);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  rows_per_s_ = static_cast<double>(rows) / std::max(took.count(), 1e-3);
  std::atomic<std::uint64_t> made{0};
  std::atomic<std::uint64_t> blocks_made{0};
  const auto write_one = [&](std::size_t k, unsigned) {
    const auto first = rows_.statuses.begin() + static_cast<std::ptrdiff_t>(offsets[k]);
    const auto end = first + static_cast<std::ptrdiff_t>(store.rows_in(blocks[k]));
    if (std::find(first, end, RunStatus::stopped) != end) return;
    write_rows(store, blocks[k], by_block[k], rows_, offsets[k]);
    made.fetch_add(store.rows_in(blocks[k]), std::memory_order_relaxed);
    blocks_made.fetch_add(1, std::memory_order_relaxed);
  };
  run_parallel(blocks.size(), runner_.threads(), write_one);
  use_.made += blocks_made;
  use_.runs_made += made;
}

void StudyRounds::read_blocks(BlockStore& store, const RoundRequests& requests, const Consumer& consume) {
  store.look();
  for (std::uint32_t block = 0; block < store.block_count(); ++block) {
    const std::uint64_t rows = store.rows_in(block);
    rows_.cells.resize(rows * runner_.width());
    if (store.state_of(block) == BlockState::done) {
      rows_.statuses.resize(rows);
      read_rows(store.read_block(block), runner_.width(), rows_, 0);
    } else {
      rows_.statuses.assign(rows, RunStatus::stopped);
      ++use_.missing;
    }
    consume(requests.slice(store.first_row(block), rows), rows_);
  }
}

}  // namespace twin::detail
