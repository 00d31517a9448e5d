// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <libtwin/results/store_merge.hpp>
#include <tests/results/folder.hpp>
#include <tests/results/stores.hpp>
#include <tests/support/catch.hpp>

using twin::BlockStore;
using twin::MergeReport;
using twin::StoreManifest;
using twin::test::content;
using twin::test::error_of;
using twin::test::Folder;
using twin::test::full_store;
using twin::test::overwrite;
using twin::test::small_manifest;

namespace {

StoreManifest forty_blocks() {
  StoreManifest manifest = small_manifest();
  manifest.rows = 395;
  return manifest;
}

/// Stores with every seventh block each, one of them twice.
std::vector<std::string> seven_shards(const Folder& folder) {
  std::vector<std::string> paths;
  for (std::uint32_t shard = 0; shard < 7; ++shard) {
    paths.push_back(folder.file("shard" + std::to_string(shard) + ".twin"));
    BlockStore store = BlockStore::create(paths.back(), forty_blocks());
    for (std::uint32_t block = shard; block < store.block_count(); block += 7) twin::test::write(store, block);
    if (shard == 3) twin::test::write(store, 0);
  }
  return paths;
}

}  // namespace

TEST_CASE("seven shards merged in any order are the store that one machine writes", "[store_merge]") {
  const Folder folder;
  const BlockStore whole = full_store(folder.file("whole.twin"), forty_blocks());
  std::vector<std::string> shards = seven_shards(folder);
  std::shuffle(shards.begin(), shards.end(), std::mt19937(7));
  const MergeReport report = twin::merge(folder.file("merged.twin"), shards);
  CHECK(report.copied == 40);
  CHECK(report.already_there == 1);
  CHECK(report.damaged.empty());
  CHECK(report.missing.empty());
  const BlockStore merged = BlockStore::open(folder.file("merged.twin"));
  CHECK(content(folder.file("merged.twin/manifest.json")) == content(folder.file("whole.twin/manifest.json")));
  for (std::uint32_t block = 0; block < 40; ++block) {
    REQUIRE(content(merged.block_path(block)) == content(whole.block_path(block)));
  }
  const MergeReport again = twin::merge(folder.file("merged.twin"), shards);
  CHECK(again.copied == 0);
  CHECK(again.already_there == 41);
}

TEST_CASE("a merge tells what is still missing and goes on later", "[store_merge]") {
  const Folder folder;
  const std::vector<std::string> shards = seven_shards(folder);
  const MergeReport first = twin::merge(folder.file("m.twin"), {shards[0], shards[1]});
  CHECK(first.copied == 12);
  CHECK(first.missing.size() == 28);
  CHECK(first.missing.front() == 2);
  CHECK(twin::merge(folder.file("m.twin"), shards).missing.empty());
}

TEST_CASE("stores of different studies are not merged, and the first difference is not the only one told",
          "[store_merge]") {
  const Folder folder;
  full_store(folder.file("a.twin"));
  StoreManifest other = small_manifest();
  other.seed = 43;
  other.model.replace(other.model.find("41"), 2, "42");
  full_store(folder.file("b.twin"), other);
  const auto error = [&](const std::string& target, const std::vector<std::string>& sources) {
    return error_of([&] { twin::merge(target, sources); });
  };
  const std::string wanted = "cannot merge '" + folder.file("a.twin") + "' (here) and '" + folder.file("b.twin") +
                             "' (there): the studies differ\n  seed: 42 here, 43 there\n"
                             "  model.machine.weld.cycle: 41 here, 42 there";
  CHECK(error(folder.file("new.twin"), {folder.file("a.twin"), folder.file("b.twin")}) == wanted);
  CHECK(error(folder.file("a.twin"), {folder.file("b.twin")}) == wanted);
  CHECK(folder.names() == std::vector<std::string>{"a.twin", "b.twin"});
}

TEST_CASE("damaged blocks of sources and target are named and not taken", "[store_merge]") {
  const Folder folder;
  BlockStore a = full_store(folder.file("a.twin"));
  BlockStore b = full_store(folder.file("b.twin"));
  BlockStore target = BlockStore::create(folder.file("t.twin"), small_manifest());
  std::string bytes = content(a.block_path(0));
  bytes[100] ^= 1;
  overwrite(a.block_path(0), bytes);
  overwrite(a.block_path(1), "short");
  overwrite(target.block_path(2), "short");
  const MergeReport only_a = twin::merge(target.path(), {a.path()});
  CHECK(only_a.copied == 0);
  CHECK(only_a.damaged == std::vector<std::string>{a.block_path(0), a.block_path(1), target.block_path(2)});
  CHECK(only_a.missing == std::vector<std::uint32_t>{0, 1, 2});
  const MergeReport both = twin::merge(target.path(), {a.path(), b.path()});
  CHECK(both.copied == 2);
  CHECK(both.missing == std::vector<std::uint32_t>{2});
  BlockStore mended = BlockStore::open(target.path());
  mended.set_aside_damaged();
  CHECK(twin::merge(target.path(), {b.path()}).missing.empty());
}

TEST_CASE("the same block with other bits stops a merge", "[store_merge]") {
  const Folder folder;
  full_store(folder.file("a.twin"));
  BlockStore b = BlockStore::create(folder.file("b.twin"), small_manifest());
  twin::test::Numbers numbers = twin::test::numbers_of(b, 1);
  numbers.values[5] += 1;
  b.write_block(1, numbers.values, numbers.status);
  try {
    twin::merge(folder.file("t.twin"), {folder.file("a.twin"), b.path()});
    FAIL("it was not stopped");
  } catch (const twin::BlockConflict& error) {
    CHECK(error.block() == 1);
    CHECK(std::string(error.what()).starts_with("not the same bits: '"));
  }
}
