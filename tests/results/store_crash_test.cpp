// SPDX-License-Identifier: Apache-2.0
// Writers that die, and writers that meet.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <libtwin/results/new_file.hpp>
#include <libtwin/results/store.hpp>
#include <tests/results/folder.hpp>
#include <tests/results/stores.hpp>
#include <tests/support/catch.hpp>

using twin::BlockStore;
using twin::StoreManifest;
using twin::test::content;
using twin::test::Folder;
using twin::test::full_store;
using twin::test::overwrite;
using twin::test::small_manifest;

namespace {

StoreManifest many_blocks() {
  StoreManifest manifest = small_manifest();
  manifest.rows = 60 * 200 - 7;
  manifest.rows_per_block = 200;
  return manifest;
}

void require_same_bytes(const Folder& folder, const std::string& one, const std::string& two) {
  REQUIRE(folder.names(one) == folder.names(two));
  REQUIRE(folder.names(one + "/blocks") == folder.names(two + "/blocks"));
  REQUIRE(content(folder.file(one + "/manifest.json")) == content(folder.file(two + "/manifest.json")));
  for (const std::string& name : folder.names(one + "/blocks")) {
    REQUIRE(content(folder.file(one + "/blocks/" + name)) == content(folder.file(two + "/blocks/" + name)));
  }
}

/// Computes what is missing, in an order of its own.
int go_on(const std::string& path, unsigned order) {
  BlockStore store = BlockStore::create(path, many_blocks());
  std::vector<std::uint32_t> blocks = store.missing_blocks();
  std::shuffle(blocks.begin(), blocks.end(), std::mt19937(order));
  for (const std::uint32_t block : blocks) twin::test::write(store, block);
  return store.missing_blocks().empty() ? 0 : 1;
}

/// Computes up to ten missing blocks, says so after each by a byte, and waits to be killed.
int go_on_until_killed(const std::string& path, unsigned order, int say) {
  BlockStore store = BlockStore::create(path, many_blocks());
  std::vector<std::uint32_t> blocks = store.missing_blocks();
  std::shuffle(blocks.begin(), blocks.end(), std::mt19937(order));
  blocks.resize(std::min<std::size_t>(blocks.size(), 10));
  for (const std::uint32_t block : blocks) {
    twin::test::write(store, block);
    if (::write(say, "x", 1) != 1) return 1;
  }
  for (;;) ::pause();
}

/// Kills the writer some microseconds after it has finished so many blocks: amid the next one, or between two.
void start_and_kill(const std::string& path, unsigned round, int blocks, useconds_t then) {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = twin::test::start_child([&] { return go_on_until_killed(path, round, pipe[1]); });
  char byte = 0;
  for (int k = 0; k < blocks; ++k) REQUIRE(::read(pipe[0], &byte, 1) == 1);
  ::usleep(then);
  ::kill(child, SIGKILL);
  CHECK(twin::test::wait_for(child) == -1);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

}  // namespace

TEST_CASE("a writer killed 20 times at random moments leaves what an uninterrupted one would", "[store]") {
  const Folder folder;
  full_store(folder.file("whole.twin"), many_blocks());
  const std::string path = folder.file("killed.twin");
  std::mt19937 random(20);
  std::uniform_int_distribution<int> some_blocks(0, 2);
  std::uniform_int_distribution<useconds_t> moment(0, 1500);
  std::size_t done = 0;
  for (unsigned round = 0; round < 20; ++round) {
    const int blocks = some_blocks(random);
    const std::size_t left = many_blocks().rows / 200 + 1 - done;
    start_and_kill(path, round, static_cast<int>(std::min<std::size_t>(left, blocks)), moment(random));
    if (!std::filesystem::exists(path + "/manifest.json")) continue;
    BlockStore store = BlockStore::open(path);
    REQUIRE(store.check().empty());
    const std::size_t done_now = store.block_count() - store.missing_blocks().size();
    REQUIRE(done_now >= done + std::min<std::size_t>(left, blocks));
    REQUIRE(done_now <= done + 10);
    done = done_now;
  }
  REQUIRE(go_on(path, 0) == 0);
  require_same_bytes(folder, "whole.twin", "killed.twin");
}

TEST_CASE("several processes write one store at once and end with the same bytes", "[store]") {
  const Folder folder;
  full_store(folder.file("one.twin"), many_blocks());
  const std::string path = folder.file("many.twin");
  std::vector<pid_t> children;
  for (unsigned k = 0; k < 3; ++k) children.push_back(twin::test::start_child([&] { return go_on(path, k); }));
  for (const pid_t child : children) CHECK(twin::test::wait_for(child) == 0);
  require_same_bytes(folder, "one.twin", "many.twin");
}

TEST_CASE("of several makers of a store for different studies, one wins and the others learn it", "[store]") {
  const Folder folder;
  const std::string path = folder.file("s.twin");
  std::vector<pid_t> children;
  for (unsigned k = 0; k < 4; ++k) {
    children.push_back(twin::test::start_child([&, k] {
      StoreManifest manifest = small_manifest();
      manifest.seed = k;
      try {
        BlockStore::create(path, manifest);
      } catch (const twin::StoreMismatch&) {
        return 1;
      }
      return 0;
    }));
  }
  int winners = 0;
  for (const pid_t child : children) {
    const int result = twin::test::wait_for(child);
    REQUIRE((result == 0 || result == 1));
    if (result == 0) ++winners;
  }
  CHECK(winners == 1);
  CHECK(folder.names("s.twin") == std::vector<std::string>{"blocks", "manifest.json"});
}

TEST_CASE("what dead writers left is removed, what living ones write is not", "[store]") {
  const Folder folder;
  BlockStore store = full_store(folder.file("s.twin"));
  const std::string blocks = folder.file("s.twin/blocks");
  overwrite(blocks + "/.twin-1-0.tmp", "half");
  overwrite(folder.file("s.twin/.twin-999-3.tmp"), "half");
  overwrite(blocks + "/.twin-letter", "not ours");
  std::filesystem::create_directory(blocks + "/.twin-folder.tmp");
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t living = twin::test::start_child([&] {
    twin::detail::NewFile file(blocks + "/00000002.tblk");
    file.write("half");
    if (::write(ready[1], "x", 1) != 1) return 1;
    ::pause();
    return 0;
  });
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  const std::string half = ".twin-" + std::to_string(living) + "-0.tmp";
  const std::vector<std::string> ours = {"00000000.tblk", "00000001.tblk", "00000002.tblk"};
  BlockStore::create(store.path(), small_manifest());
  std::vector<std::string> wanted = {half, ".twin-folder.tmp", ".twin-letter", ours[0], ours[1], ours[2]};
  std::sort(wanted.begin(), wanted.end());
  CHECK(folder.names("s.twin/blocks") == wanted);
  CHECK(folder.names("s.twin") == std::vector<std::string>{"blocks", "manifest.json"});
  ::kill(living, SIGKILL);
  twin::test::wait_for(living);
  BlockStore::create(store.path(), small_manifest());
  CHECK(folder.names("s.twin/blocks") ==
        std::vector<std::string>{".twin-folder.tmp", ".twin-letter", ours[0], ours[1], ours[2]});
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("a writer whose temporary file is swept away under it notices", "[store]") {
  const Folder folder;
  twin::detail::NewFile file(folder.file("a"));
  file.write("text");
  REQUIRE(::unlink(file.temporary_name().c_str()) == 0);
  CHECK(file.commit_if_absent() == twin::detail::NewFile::Outcome::swept);
  CHECK(folder.names().empty());
}

TEST_CASE("a file that is there is never replaced by a block", "[store]") {
  const Folder folder;
  overwrite(folder.file("a"), "first");
  CHECK_FALSE(twin::detail::write_file_if_absent(folder.file("a"), "second"));
  CHECK(content(folder.file("a")) == "first");
  CHECK(twin::detail::write_file_if_absent(folder.file("b"), "second"));
  CHECK(folder.names() == std::vector<std::string>{"a", "b"});
}
