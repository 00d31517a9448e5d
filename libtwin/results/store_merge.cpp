// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/store_merge.hpp>

#include <filesystem>

#include <libtwin/core/check.hpp>

namespace twin {
namespace {

void refuse_other_study(const BlockStore& here, const BlockStore& there) {
  if (study_hash(here.manifest()) == study_hash(there.manifest())) return;
  throw StoreMismatch(
      "cannot merge '" + here.path() + "' (here) and '" + there.path() + "' (there): the studies differ",
      differences(here.manifest(), there.manifest()));
}

/// Makes the target only when all stores are known to be of one study.
BlockStore open_target(const std::string& path, const std::vector<BlockStore>& sources) {
  std::error_code error;
  if (std::filesystem::exists(path + "/manifest.json", error)) {
    const BlockStore target = BlockStore::open(path);
    for (const BlockStore& source : sources) refuse_other_study(target, source);
  }
  for (const BlockStore& source : sources) refuse_other_study(sources.front(), source);
  return BlockStore::create(path, sources.front().manifest());
}

/// Two sound files are the same if their checksums are; this saves a merge that goes on from reading all it has done.
void compare_checksums(const BlockStore& target, const BlockStore& source, std::uint32_t block) {
  if (target.checksum_of(block) == source.checksum_of(block)) return;
  throw BlockConflict("not the same bits: '" + target.block_path(block) + "' and '" + source.block_path(block) +
                          "' hold other numbers for the same rows, or one is damaged: check both stores",
                      block);
}

void take_block(BlockStore& target, const BlockStore& source, std::uint32_t block, MergeReport& report) {
  const BlockState theirs = source.state_of(block);
  const BlockState ours = target.state_of(block);
  if (theirs == BlockState::missing || ours == BlockState::damaged) return;
  if (theirs == BlockState::done && ours == BlockState::done) {
    compare_checksums(target, source, block);
    ++report.already_there;
  } else if (theirs == BlockState::done && target.copy_block(block, source)) {
    ++report.copied;
  } else {
    report.damaged.push_back(source.block_path(block));
  }
}

}  // namespace

MergeReport merge(const std::string& target, const std::vector<std::string>& sources) {
  TWIN_CHECK(!sources.empty(), "a merge has sources");
  std::vector<BlockStore> opened;
  for (const std::string& source : sources) opened.push_back(BlockStore::open(source));
  BlockStore into = open_target(target, opened);
  MergeReport report;
  for (const BlockStore& source : opened) {
    for (std::uint32_t block = 0; block < into.block_count(); ++block) take_block(into, source, block, report);
  }
  for (std::uint32_t block = 0; block < into.block_count(); ++block) {
    if (into.state_of(block) == BlockState::damaged) report.damaged.push_back(into.block_path(block));
  }
  report.missing = into.missing_blocks();
  return report;
}

}  // namespace twin
