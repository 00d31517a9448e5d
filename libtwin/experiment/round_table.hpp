// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <libtwin/experiment/study_runner.hpp>
#include <libtwin/experiment/study_store.hpp>
#include <libtwin/results/store.hpp>

namespace twin::detail {

/// Columns before the measures: `design`, `replication`. With them a row tells by itself what it is.
inline constexpr std::size_t kOriginColumns = 2;

/// A copy of a CSV file of designs lies in the store under this name.
inline constexpr const char* kDesignFile = "designs.csv";

/// What decides the rows of a round, besides the round's requests.
struct RoundSource {
  const Scenario& scenario;
  const DesignTable& design;
  const MeasurePlan& plan;
  const CompileOptions& code;
  std::uint64_t event_limit = 0;
};

/// The manifest of a round's table: a row for each run, in the order of the requests.
[[nodiscard]] StoreManifest round_manifest(const RoundSource& source, std::uint32_t round,
                                           std::span<const Runs> requests);

/// The folder of a round's block store.
[[nodiscard]] std::string round_path(const std::string& store, std::uint32_t round);

/// The requests of a round by row.
class RoundRequests {
 public:
  explicit RoundRequests(std::vector<Runs> requests);

  [[nodiscard]] std::span<const Runs> all() const { return requests_; }
  [[nodiscard]] std::uint64_t row_count() const { return starts_.back(); }

  /// The rows [first, first + count). @pre they are there.
  [[nodiscard]] std::vector<Runs> slice(std::uint64_t first, std::uint64_t count) const;

 private:
  std::vector<Runs> requests_;
  std::vector<std::uint64_t> starts_;  // first rows, and the end of the last
};

/// Puts rows that were made into their block. @param offset  of the block's first row in `rows`.
void write_rows(BlockStore& store, std::uint32_t block, std::span<const Runs> requests, const RunRows& rows,
                std::size_t offset);

/// The rows of a block at the place `offset` of `rows`.
void read_rows(const Block& block, std::size_t width, RunRows& rows, std::size_t offset);

}  // namespace twin::detail
