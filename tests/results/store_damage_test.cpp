// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include <libtwin/results/store.hpp>
#include <tests/results/folder.hpp>
#include <tests/results/stores.hpp>
#include <tests/support/catch.hpp>

using twin::BlockFault;
using twin::BlockState;
using twin::BlockStore;
using twin::StoreManifest;
using twin::test::content;
using twin::test::error_of;
using twin::test::Folder;
using twin::test::full_store;
using twin::test::overwrite;
using twin::test::small_manifest;

namespace fs = std::filesystem;

TEST_CASE("every bit of a block that flips is noticed", "[store]") {
  const Folder folder;
  BlockStore store = full_store(folder.file("s.twin"));
  const std::string path = store.block_path(2);
  const std::string sound = content(path);
  int missed = 0;
  int seen_at_a_glance = 0;
  for (std::size_t bit = 0; bit < 8 * sound.size(); ++bit) {
    std::string flipped = sound;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    overwrite(path, flipped);
    if (BlockStore::open(store.path()).state_of(2) == BlockState::damaged) ++seen_at_a_glance;
    if (store.check().size() != 1) ++missed;
  }
  CHECK(missed == 0);
  CHECK(seen_at_a_glance == 64 * 8);  // All of the header.
  overwrite(path, sound);
  CHECK(store.check().empty());
}

TEST_CASE("a block that is cut off or too long is seen at a glance, whatever its length", "[store]") {
  const Folder folder;
  BlockStore store = full_store(folder.file("s.twin"));
  const std::string path = store.block_path(2);
  const std::string sound = content(path);
  for (std::size_t size = 0; size < sound.size(); ++size) {
    overwrite(path, sound.substr(0, size));
    store.look();
    REQUIRE(store.state_of(2) == BlockState::damaged);
    REQUIRE(BlockStore::open(store.path()).state_of(2) == BlockState::damaged);
    REQUIRE_THROWS_AS(store.read_block(2), twin::DamagedBlock);
  }
  overwrite(path, sound + "x");
  CHECK(store.check() == std::vector<BlockFault>{{2, "it has 194 bytes instead of 193"}});
}

TEST_CASE("damage is told in words", "[store]") {
  const Folder folder;
  BlockStore store = full_store(folder.file("s.twin"));
  const std::string path = store.block_path(0);
  const std::string sound = content(path);
  const auto fault = [&](std::string bytes) {
    overwrite(path, bytes);
    const std::vector<BlockFault> faults = store.check();
    return faults.size() == 1 ? faults[0].reason : "not one fault";
  };
  const auto with = [&](std::size_t at, const std::string& bytes) {
    return std::string(sound).replace(at, bytes.size(), bytes);
  };
  CHECK(fault("") == "it is no block file");
  CHECK(fault("a letter to somebody") == "it is no block file");
  CHECK(fault(sound.substr(0, 20)) == "it has 20 bytes, less than a header");
  CHECK(fault(with(8, "\x02")) == "it is of block format 2, and this version of libtwin knows format 1");
  CHECK(fault(with(12, "\x01\x02\x03\x04")) == "its bytes are in another order");
  CHECK(fault(with(32, "\x01")) == "its header is that of another block, or damaged");
  CHECK(fault(content(store.block_path(1))) == "its header is that of another block, or damaged");
  CHECK(fault(with(100, "\x77")).starts_with("its checksum is "));
  StoreManifest manifest = small_manifest();
  manifest.seed = 1;
  const BlockStore other = full_store(folder.file("t.twin"), manifest);
  CHECK(fault(content(other.block_path(0))) == "it belongs to another study (" + to_text(study_hash(manifest)) + ")");
  CHECK(error_of([&] { (void)store.read_block(0); }) ==
        "cannot use '" + path + "': it belongs to another study (" + to_text(study_hash(manifest)) + ")");
}

TEST_CASE("a damaged block counts as missing, and goes only when it is set aside", "[store]") {
  const Folder folder;
  full_store(folder.file("s.twin"));
  BlockStore store = BlockStore::open(folder.file("s.twin"));
  const std::string path = store.block_path(1);
  const std::string sound = content(path);
  std::string bad = sound;
  bad[90] ^= 4;
  overwrite(path, bad);
  store.look();
  CHECK(store.missing_blocks().empty());  // Payload is not looked at.
  CHECK(store.check().size() == 1);
  CHECK(store.missing_blocks() == std::vector<std::uint32_t>{1});
  store.look();
  CHECK(store.missing_blocks() == std::vector<std::uint32_t>{1});

  CHECK_THROWS_AS(twin::test::write(store, 1), twin::DamagedBlock);
  CHECK(content(path) == bad);
  CHECK(store.set_aside_damaged() == std::vector<std::string>{path + ".damaged"});
  CHECK(content(path + ".damaged") == bad);
  CHECK(store.state_of(1) == BlockState::missing);
  twin::test::write(store, 1);
  CHECK(content(path) == sound);

  overwrite(path, bad + "again");
  store.look();
  CHECK(store.set_aside_damaged() == std::vector<std::string>{path + ".2.damaged"});
  CHECK(content(path + ".damaged") == bad);
  CHECK(store.set_aside_damaged().empty());
}

TEST_CASE("a block that another program mended is not set aside", "[store]") {
  const Folder folder;
  BlockStore store = full_store(folder.file("s.twin"));
  const std::string path = store.block_path(0);
  const std::string sound = content(path);
  overwrite(path, "junk");
  CHECK(store.check().size() == 1);
  overwrite(path, sound);
  CHECK(store.set_aside_damaged().empty());
  CHECK(store.missing_blocks().empty());
}

TEST_CASE("files that are none of the store's do not matter", "[store]") {
  const Folder folder;
  full_store(folder.file("s.twin"));
  overwrite(folder.file("s.twin/README.txt"), "mine");
  overwrite(folder.file("s.twin/blocks/notes.tblk"), "mine");
  overwrite(folder.file("s.twin/blocks/00000099.tblk"), "mine");
  overwrite(folder.file("s.twin/blocks/00000001.tblk.damaged"), "old");
  BlockStore store = BlockStore::create(folder.file("s.twin"), small_manifest());
  CHECK(store.missing_blocks().empty());
  CHECK(store.check().empty());
  CHECK(folder.names("s.twin/blocks").size() == 6);
}

TEST_CASE("what is no file in the place of a block is damage", "[store]") {
  const Folder folder;
  BlockStore store = full_store(folder.file("s.twin"));
  fs::remove(store.block_path(0));
  fs::remove(store.block_path(1));
  fs::create_directory(store.block_path(0));
  REQUIRE(::mkfifo(store.block_path(1).c_str(), 0600) == 0);
  store.look();
  CHECK(store.missing_blocks() == std::vector<std::uint32_t>{0, 1});
  CHECK(store.check() == std::vector<BlockFault>{{0, "it is a folder"}, {1, "it is no block file"}});
  CHECK(store.set_aside_damaged().size() == 2);
  twin::test::write(store, 0);
  twin::test::write(store, 1);
  CHECK(store.check().empty());
}
