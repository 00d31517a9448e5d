// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libtwin/experiment/round_table.hpp>
#include <libtwin/experiment/study_runner.hpp>
#include <libtwin/experiment/study_store.hpp>

namespace twin::detail {

/// Makes the rows of a study's rounds, and keeps them in a store where there is one.
class StudyRounds {
 public:
  /// Takes consecutive rows of a round, in order.
  using Consumer = std::function<void(std::span<const Runs> requests, const RunRows& rows)>;

  /// Keeps references.
  /// @param folder  where the scenario's relative file names start.
  StudyRounds(StudyRunner& runner, Monitor& monitor, const RoundSource& source, const StudyStore& store,
              const std::string& folder);

  /// One round. Rows that are in the store are read from it; the others are made, unless the work is stopped or they are
  /// for other shards. All rows go to `consume` at the end; those that are not there have the status `stopped`.
  /// @param after  runs of later rounds, for the progress.
  /// @throws FileError and its kinds for the store: StoreMismatch, BlockConflict.
  void run(std::vector<Runs> requests, std::uint64_t after, const Consumer& consume,
           const StudyRunner::Listener& listener);

  [[nodiscard]] const StoreUse& use() const { return use_; }

  /// That of the store of a first round with these runs.
  [[nodiscard]] StoreManifest manifest_of(std::span<const Runs> requests) const {
    return round_manifest(source_, 0, requests);
  }

 private:
  void run_in_memory(const RoundRequests& requests, const Consumer& consume, const StudyRunner::Listener& listener);
  [[nodiscard]] BlockStore open_store(const RoundRequests& requests);
  void make_blocks(BlockStore& store, const RoundRequests& requests, std::uint64_t after,
                   const StudyRunner::Listener& listener);
  void make_group(BlockStore& store, const std::vector<std::uint32_t>& blocks, const RoundRequests& requests,
                  const StudyRunner::Listener& listener);
  void read_blocks(BlockStore& store, const RoundRequests& requests, const Consumer& consume);
  [[nodiscard]] std::size_t rows_at_once() const;

  StudyRunner& runner_;
  Monitor& monitor_;
  const RoundSource source_;
  const StudyStore& store_;
  std::string folder_;
  std::unique_ptr<BlockDispenser> shard_;  // when there is no other
  std::uint32_t round_ = 0;
  RunRows rows_;
  double rows_per_s_ = 0;  // as last measured
  StoreUse use_;
};

}  // namespace twin::detail
