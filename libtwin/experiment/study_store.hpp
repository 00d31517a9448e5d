// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/core/states.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin {

struct CompileOptions;
struct ExecutionOptions;
struct MergeReport;

/// Hands out the blocks of a round among those who work at one study on one store.
class BlockDispenser {
 public:
  virtual ~BlockDispenser() = default;

  /// A round begins. @param missing  its blocks that are not in the store, ascending.
  virtual void begin(std::vector<std::uint32_t> missing) = 0;

  /// At most `wanted` blocks that nobody else was given; none when all are handed out.
  virtual std::vector<std::uint32_t> take(std::size_t wanted) = 0;

  /// This worker's blocks are written, or it was stopped. Returns when that is so for all who are waited for.
  virtual void finish() = 0;
};

/// Where a study keeps its rows, and which of them this process makes. Nothing here changes a result.
struct StudyStore {
  /// The folder of the store, made when it is not there; empty: rows are not kept.
  std::string path{};

  /// Of several processes that share the work, each makes the blocks whose number modulo `shards` is its own.
  /// @pre shard < shards.
  std::uint32_t shard = 0;
  std::uint32_t shards = 1;

  /// Instead of shards.
  BlockDispenser* dispenser = nullptr;
};

/// What became of a study's store.
struct StoreUse {
  std::string path;
  std::uint64_t blocks = 0;  ///< of the rounds that were begun
  std::uint64_t found = 0;   ///< were there
  std::uint64_t made = 0;    ///< by this process
  std::uint64_t missing = 0;
  std::uint64_t runs_made = 0;

  /// Files of blocks that were damaged, under their new names; the blocks were made again.
  std::vector<std::string> set_aside;
};

/// A study's store is a block store for the first round, and one in it for each round that follows: `round-1`, …

/// The block stores of a study, in the order of rounds. @throws FileError when `path` is no store.
[[nodiscard]] std::vector<std::string> round_paths(const std::string& path);

/// The scenario whose runs a store holds. Relative file names in it start at the store.
/// @throws FileError when its text cannot be read as one: it is no store of a study.
[[nodiscard]] Scenario read_stored_scenario(const std::string& path);

/// What a store holds.
struct StoreStatus {
  struct Round {
    std::uint64_t blocks = 0;
    std::uint64_t done = 0;
    std::uint64_t damaged = 0;
    std::uint64_t rows = 0;
    std::uint64_t rows_done = 0;
    std::uint64_t bytes = 0;  ///< of the blocks that are done
  };

  std::string path;
  std::string study;
  std::string library_version;
  std::uint64_t seed = 0;
  std::string study_hash;
  std::vector<std::string> measures;

  /// Those that were begun; which rounds follow depends on what they find.
  std::vector<Round> rounds;

  /// Whether nothing is missing in the rounds that were begun.
  [[nodiscard]] bool is_complete() const;
};

/// Looks at the size and the header of every block. @throws FileError when `path` is no store.
[[nodiscard]] StoreStatus store_status(const std::string& path);

/// `merge` for all rounds of a study. @throws as `merge`.
MergeReport merge_stores(const std::string& target, const std::vector<std::string>& sources);

/// Where a row came from: enough to make it again.
struct RowOrigin {
  std::uint32_t round = 0;
  std::uint64_t row = 0;
  std::uint32_t block = 0;
  std::uint32_t design = 0;
  std::uint32_t replication = 0;
};

/// A row whose simulation gives other bits than the store holds.
struct RowFault {
  RowOrigin origin;
  std::string column;  ///< or `status`
  double stored = 0;
  double computed = 0;
};

/// All that is known of a row.
struct RowRecord {
  RowOrigin origin;
  std::vector<std::pair<std::string, std::string>> factors;  ///< by name, in SI units
  std::vector<std::pair<std::string, double>> measures;      ///< in SI units
  std::string status;
  bool is_same = true;  ///< made again, it had the same bits
};

struct VerifyReport {
  std::string path;
  std::string library_version;
  std::uint64_t run_seed = 0;  ///< of the study
  std::uint64_t blocks = 0;    ///< read, and their checksums verified
  std::uint64_t rows = 0;      ///< in them
  std::uint64_t missing_blocks = 0;
  std::vector<std::string> damaged;  ///< file and reason
  std::uint64_t simulated = 0;       ///< rows made again
  std::vector<RowFault> faults;

  /// Of rows that were chosen by number.
  std::vector<RowRecord> records;

  [[nodiscard]] bool ok() const { return damaged.empty() && faults.empty(); }
};

/// Some rows of a store: those named, or a sample without replacement.
struct RowChoice {
  std::uint64_t sample = 100;  ///< rows of all rounds together
  std::uint64_t seed = 1;      ///< of the choice

  /// Rows of the first round instead of a sample.
  std::vector<std::uint64_t> rows{};
};

/// Reads every block and verifies its checksum, then makes some of the rows again and compares all bits.
/// @throws FileError; ModelError and exceptions of the user's rules as `run_study`; std::out_of_range for rows that are not
/// in the store.
[[nodiscard]] VerifyReport verify_store(const std::string& path, const RowChoice& choice,
                                        const ExecutionOptions& options, const CompileOptions& code);

}  // namespace twin
