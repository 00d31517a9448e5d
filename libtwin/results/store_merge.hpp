// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <libtwin/results/store.hpp>

namespace twin {

struct MergeReport {
  std::uint64_t copied = 0;

  /// Blocks that the target had already, with the same checksum.
  std::uint64_t already_there = 0;

  /// Files that could not be used, of sources and target; `BlockStore::check` tells why.
  std::vector<std::string> damaged;

  /// What the target still lacks, ascending.
  std::vector<std::uint32_t> missing;
};

/// Brings the blocks of several stores of one study together in the store `target`, which is made when it is not there.
/// Every block that is copied is verified. Can be interrupted and repeated at will; sources stay as they are.
///
/// @throws StoreMismatch when not all are of one study: before anything is written.
/// @throws BlockConflict when two have the same block with different bits, FileError when the disk says no.
MergeReport merge(const std::string& target, const std::vector<std::string>& sources);

}  // namespace twin
