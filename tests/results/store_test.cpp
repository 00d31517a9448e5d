// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <bit>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <libtwin/results/store.hpp>
#include <tests/results/folder.hpp>
#include <tests/results/stores.hpp>
#include <tests/support/catch.hpp>

using twin::BlockState;
using twin::BlockStore;
using twin::StoreManifest;
using twin::test::content;
using twin::test::error_of;
using twin::test::FileLimit;
using twin::test::Folder;
using twin::test::full_store;
using twin::test::numbers_of;
using twin::test::overwrite;
using twin::test::small_manifest;

namespace fs = std::filesystem;

TEST_CASE("what is written to a store is read back bit for bit", "[store]") {
  const Folder folder;
  full_store(folder.file("s.twin"));
  const BlockStore store = BlockStore::open(folder.file("s.twin"));
  CHECK(store.manifest() == small_manifest());
  REQUIRE(store.block_count() == 3);
  CHECK(store.missing_blocks().empty());
  for (std::uint32_t id = 0; id < 3; ++id) {
    const twin::Block block = store.read_block(id);
    const twin::test::Numbers wanted = numbers_of(store, id);
    CHECK(block.id == id);
    CHECK(block.first_row == 10 * id);
    CHECK(block.row_count() == (id == 2 ? 5 : 10));
    CHECK(block.status == wanted.status);
    REQUIRE(block.values.size() == wanted.values.size());
    CHECK(std::memcmp(block.values.data(), wanted.values.data(), 8 * wanted.values.size()) == 0);
    CHECK(block.checksum == store.checksum_of(id));
  }
  CHECK(folder.names("s.twin") == std::vector<std::string>{"blocks", "manifest.json"});
  CHECK(folder.names("s.twin/blocks") == std::vector<std::string>{"00000000.tblk", "00000001.tblk", "00000002.tblk"});
}

TEST_CASE("a block's file has the bytes that the reference page says", "[store]") {
  const Folder folder;
  StoreManifest manifest = small_manifest();
  manifest.columns.resize(1);
  const BlockStore store = full_store(folder.file("s.twin"), manifest);
  const std::string bytes = content(store.block_path(2));
  const auto number = [&](std::size_t at, std::size_t size) {
    std::uint64_t n = 0;
    for (std::size_t k = size; k-- > 0;) n = n << 8 | static_cast<unsigned char>(bytes[at + k]);
    return n;
  };
  REQUIRE(bytes.size() == 64 + 5 * 8 + 5 + 4);
  CHECK(bytes.size() == twin::block_file_size(5, 1));
  CHECK(bytes.substr(0, 8) == "\x89TWBLK\r\n");
  CHECK(number(8, 4) == 1);
  CHECK(number(12, 4) == 0x01020304);
  CHECK(number(16, 8) == study_hash(manifest).first);
  CHECK(number(24, 8) == study_hash(manifest).second);
  CHECK(number(32, 4) == 2);
  CHECK(number(36, 4) == 1);
  CHECK(number(40, 8) == 20);
  CHECK(number(48, 8) == 5);
  CHECK(number(56, 8) == 0);
  CHECK(std::bit_cast<double>(number(64, 8)) == twin::test::value_at(20, 0));
  CHECK(number(64 + 40, 5) == 0);
  CHECK(number(64 + 45, 4) == store.checksum_of(2));
}

TEST_CASE("a store of an equal study is gone on with", "[store]") {
  const Folder folder;
  {
    BlockStore store = BlockStore::create(folder.file("s.twin/"), small_manifest());
    CHECK(store.path() == folder.file("s.twin"));
    CHECK(store.missing_blocks() == std::vector<std::uint32_t>{0, 1, 2});
    twin::test::write(store, 1);
  }
  StoreManifest again = small_manifest();
  again.study_name = "under another name";
  BlockStore store = BlockStore::create(folder.file("s.twin"), again);
  CHECK(store.manifest().study_name == "small");
  CHECK(store.missing_blocks() == std::vector<std::uint32_t>{0, 2});
  CHECK(store.state_of_blocks() == std::vector<BlockState>{BlockState::missing, BlockState::done, BlockState::missing});
  twin::test::write(store, 1);  // Computed again, with the same bits.
  CHECK(error_of([&] { (void)store.read_block(0); }) ==
        "cannot read '" + store.block_path(0) + "': No such file or directory");
}

TEST_CASE("what other writers have finished is seen by looking again", "[store]") {
  const Folder folder;
  BlockStore mine = BlockStore::create(folder.file("s.twin"), small_manifest());
  BlockStore theirs = BlockStore::open(folder.file("s.twin"));
  twin::test::write(theirs, 2);
  CHECK(mine.missing_blocks().size() == 3);
  mine.look();
  CHECK(mine.missing_blocks() == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("a store of another study is refused, saying what differs", "[store]") {
  const Folder folder;
  BlockStore::create(folder.file("s.twin"), small_manifest());
  StoreManifest other = small_manifest();
  other.seed = 7;
  other.replications = 9;
  try {
    BlockStore::create(folder.file("s.twin"), other);
    FAIL("it was not refused");
  } catch (const twin::StoreMismatch& error) {
    CHECK(error.differences() == std::vector<std::string>{"seed: 7 here, 42 there", "replications: 9 here, 5 there"});
    CHECK(std::string(error.what()) == "cannot go on with the store '" + folder.file("s.twin") +
                                           "': it holds another study\n  seed: 7 here, 42 there\n"
                                           "  replications: 9 here, 5 there");
  }
  CHECK(BlockStore::open(folder.file("s.twin")).manifest() == small_manifest());
}

TEST_CASE("other bits for a block that is there are an error, and the first stay", "[store]") {
  const Folder folder;
  BlockStore store = full_store(folder.file("s.twin"));
  const std::string before = content(store.block_path(1));
  twin::test::Numbers numbers = numbers_of(store, 1);
  numbers.values[0] = std::nextafter(numbers.values[0], 0);
  const auto write = [&] { store.write_block(1, numbers.values, numbers.status); };
  CHECK_THROWS_AS(write(), twin::BlockConflict);
  CHECK(error_of(write).starts_with("not the same bits: block 1 was computed again"));
  CHECK(content(store.block_path(1)) == before);
  CHECK(folder.names("s.twin/blocks").size() == 3);
}

TEST_CASE("blocks can be written from several threads", "[store]") {
  const Folder folder;
  StoreManifest manifest = small_manifest();
  manifest.rows = 400;
  BlockStore store = BlockStore::create(folder.file("s.twin"), manifest);
  std::vector<std::thread> writers;
  for (std::uint32_t k = 0; k < 3; ++k) {
    writers.emplace_back([&store, k] {
      for (std::uint32_t block = k; block < store.block_count(); block += 2) twin::test::write(store, block % 40);
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(store.missing_blocks().empty());
  CHECK(store.check().empty());
  CHECK(folder.names("s.twin/blocks").size() == 40);
}

TEST_CASE("a store without rows is complete at once", "[store]") {
  const Folder folder;
  StoreManifest manifest = small_manifest();
  manifest.rows = 0;
  BlockStore store = BlockStore::create(folder.file("s.twin"), manifest);
  CHECK(store.block_count() == 0);
  CHECK(store.missing_blocks().empty());
  CHECK(store.check().empty());
}

TEST_CASE("calls with the wrong block or sizes are the caller's mistake", "[store]") {
  const Folder folder;
  BlockStore store = BlockStore::create(folder.file("s.twin"), small_manifest());
  const twin::test::Numbers numbers = numbers_of(store, 0);
  CHECK_THROWS_AS(store.write_block(3, numbers.values, numbers.status), std::logic_error);
  CHECK_THROWS_AS(store.write_block(2, numbers.values, numbers.status), std::logic_error);
  CHECK_THROWS_AS(store.write_block(0, std::span(numbers.values).first(29), numbers.status), std::logic_error);
  CHECK_THROWS_AS(store.read_block(3), std::logic_error);
  StoreManifest bad = small_manifest();
  bad.columns.clear();
  CHECK_THROWS_AS(BlockStore::create(folder.file("t.twin"), bad), std::logic_error);
}

TEST_CASE("what is no store, or no place for one, is named with the reason", "[store]") {
  const Folder folder;
  overwrite(folder.file("file"), "old");
  fs::create_directory(folder.file("home"));
  overwrite(folder.file("home/letter.txt"), "dear");
  const auto open = [&](const std::string& name) { return error_of([&] { BlockStore::open(folder.file(name)); }); };
  const auto create = [&](const std::string& name) {
    return error_of([&] { BlockStore::create(folder.file(name), small_manifest()); });
  };
  CHECK(open("none") == "cannot read '" + folder.file("none") + "': No such file or directory");
  CHECK(open("file") == "cannot read '" + folder.file("file") + "': a result store is a folder");
  CHECK(open("home") ==
        "cannot read '" + folder.file("home") + "': it is no result store, for it has no manifest.json");
  CHECK(create("file") == "cannot write '" + folder.file("file") + "': Not a directory");
  CHECK(create("file/s") == "cannot write '" + folder.file("file/s") + "': Not a directory");
  CHECK(create("no/such") == "cannot write '" + folder.file("no/such") + "': No such file or directory");
  CHECK(create("home") ==
        "cannot make a store in '" + folder.file("home") + "': the folder holds other files ('letter.txt')");
  CHECK(folder.names("home") == std::vector<std::string>{"letter.txt"});
}

TEST_CASE("a full disk is named, and leaves no half of a block", "[store]") {
  const Folder folder;
  StoreManifest manifest = small_manifest();
  manifest.rows = 20000;
  manifest.rows_per_block = 10000;
  BlockStore store = BlockStore::create(folder.file("s.twin"), manifest);
  std::string error;
  {
    const FileLimit limit(65536);
    error = error_of([&] { twin::test::write(store, 0); });
  }
  CHECK(error == "cannot write '" + store.block_path(0) + "': File too large");
  CHECK(folder.names("s.twin/blocks").empty());
  CHECK(store.state_of(0) == BlockState::missing);
  twin::test::write(store, 0);
  CHECK(store.check().empty());
  {
    const FileLimit limit(100);
    error = error_of([&] { BlockStore::create(folder.file("t.twin"), manifest); });
  }
  CHECK(error == "cannot write '" + folder.file("t.twin/manifest.json") + "': File too large");
  BlockStore::create(folder.file("t.twin"), manifest);
}

TEST_CASE("where one may not write, one may still read", "[store]") {
  const Folder folder;
  fs::permissions(folder.file("."), fs::perms(0755));
  BlockStore made = BlockStore::create(folder.file("s.twin"), small_manifest());
  twin::test::write(made, 0);
  fs::permissions(folder.file("s.twin"), fs::perms(0555));
  fs::permissions(folder.file("s.twin/blocks"), fs::perms(0555));
  const int result = twin::test::run_as_nobody([&] {
    BlockStore store = BlockStore::open(folder.file("s.twin"));
    if (store.read_block(0).row_count() != 10 || !store.check().empty()) return 1;
    const std::string error = error_of([&] { twin::test::write(store, 1); });
    if (error != "cannot write '" + store.block_path(1) + "': Permission denied") return 2;
    twin::test::write(store, 0);  // It is there already: nothing to write.
    if (!error_of([&] {
           BlockStore::create(folder.file("s.twin/in.twin"), small_manifest());
         }).ends_with("in.twin': Permission denied")) {
      return 3;
    }
    return 0;
  });
  CHECK(result == 0);
  fs::permissions(folder.file("s.twin"), fs::perms(0755));
  fs::permissions(folder.file("s.twin/blocks"), fs::perms(0755));
}
