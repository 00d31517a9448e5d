// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <libtwin/core/error.hpp>
#include <libtwin/results/atomic_file.hpp>
#include <tests/results/folder.hpp>
#include <tests/support/catch.hpp>

namespace {

namespace fs = std::filesystem;

using twin::test::content;
using twin::test::FileLimit;
using twin::test::Folder;

std::string error_of(const std::string& path, std::string_view text = "new") {
  try {
    twin::write_file_atomically(path, text);
  } catch (const twin::FileError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a file is written whole, and nothing else stays behind", "[atomic_file]") {
  const Folder folder;
  const std::string text = std::string(3'000'000, 'x') + "\n";
  twin::write_file_atomically(folder.file("a.csv"), text);
  CHECK(content(folder.file("a.csv")) == text);
  twin::write_file_atomically(folder.file("a.csv"), "");
  CHECK(content(folder.file("a.csv")).empty());
  CHECK(folder.names() == std::vector<std::string>{"a.csv"});
}

TEST_CASE("a file name without a folder means the current one", "[atomic_file]") {
  const Folder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.file("."));
  twin::write_file_atomically("here.csv", "1");
  fs::current_path(before);
  CHECK(content(folder.file("here.csv")) == "1");
}

TEST_CASE("a full disk leaves the old file as it was and no other", "[atomic_file]") {
  const Folder folder;
  twin::write_file_atomically(folder.file("a.csv"), "old");
  std::string error;
  {
    const FileLimit limit(65536);
    error = error_of(folder.file("a.csv"), std::string(1'000'000, 'x'));
  }
  CHECK(error == "cannot write '" + folder.file("a.csv") + "': File too large");
  CHECK(content(folder.file("a.csv")) == "old");
  CHECK(folder.names() == std::vector<std::string>{"a.csv"});
  {
    const FileLimit limit(65536);
    CHECK(error_of(folder.file("b.csv"), std::string(1'000'000, 'x')) != "no error");
  }
  CHECK(folder.names() == std::vector<std::string>{"a.csv"});
}

TEST_CASE("a device without room says so", "[atomic_file]") {
  if (!fs::exists("/dev/full")) {
    WARN("skipped: there is no /dev/full here");
    return;
  }
  CHECK(error_of("/dev/full") == "cannot write '/dev/full': No space left on device");
  CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("what is no regular file is written to and stays what it is", "[atomic_file]") {
  const Folder folder;
  twin::write_file_atomically("/dev/null", "gone");
  CHECK(fs::is_character_file("/dev/null"));

  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  std::string seen;
  std::thread reader([&] { seen = content(folder.file("pipe")); });
  twin::write_file_atomically(folder.file("pipe"), "through");
  reader.join();
  CHECK(seen == "through");
  CHECK(fs::is_fifo(folder.file("pipe")));
}

TEST_CASE("places where no file can be are named with the reason", "[atomic_file]") {
  const Folder folder;
  twin::write_file_atomically(folder.file("file"), "old");
  CHECK(error_of(folder.file("no/such/a.csv")) ==
        "cannot write '" + folder.file("no/such/a.csv") + "': No such file or directory");
  CHECK(error_of(folder.file("file/a.csv")) == "cannot write '" + folder.file("file/a.csv") + "': Not a directory");
  CHECK(error_of(folder.file(".")) == "cannot write '" + folder.file(".") + "': Is a directory");
  CHECK(error_of("") == "cannot write '': No such file or directory");
  CHECK(folder.names() == std::vector<std::string>{"file"});
}

TEST_CASE("a folder one may not write to is an error", "[atomic_file]") {
  if (::geteuid() == 0) {
    WARN("skipped: root may write everywhere");
    return;
  }
  const Folder folder;
  fs::create_directory(folder.file("closed"));
  fs::permissions(folder.file("closed"), fs::perms::owner_read | fs::perms::owner_exec);
  CHECK(error_of(folder.file("closed/a.csv")).ends_with("Permission denied"));
}

TEST_CASE("a symbolic link stays one and its target is replaced", "[atomic_file]") {
  const Folder folder;
  fs::create_directory(folder.file("sub"));
  twin::write_file_atomically(folder.file("sub/target"), "old");
  fs::create_symlink("sub/target", folder.file("link"));
  fs::create_symlink("sub/later", folder.file("dangling"));
  twin::write_file_atomically(folder.file("link"), "new");
  twin::write_file_atomically(folder.file("dangling"), "made");
  CHECK(fs::is_symlink(folder.file("link")));
  CHECK(content(folder.file("sub/target")) == "new");
  CHECK(content(folder.file("sub/later")) == "made");
  fs::create_symlink("loop", folder.file("loop"));
  CHECK(error_of(folder.file("loop")) != "no error");
}

TEST_CASE("a replaced file keeps its permissions", "[atomic_file]") {
  const Folder folder;
  twin::write_file_atomically(folder.file("a"), "old");
  fs::permissions(folder.file("a"), fs::perms::owner_read | fs::perms::owner_write);
  twin::write_file_atomically(folder.file("a"), "new");
  CHECK(fs::status(folder.file("a")).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("writers of the same file at the same time leave one of their contents", "[atomic_file]") {
  const Folder folder;
  std::vector<std::thread> writers;
  for (int k = 0; k < 4; ++k) {
    writers.emplace_back([&folder, k] {
      for (int i = 0; i < 25; ++i)
        twin::write_file_atomically(folder.file("a"), std::string(10000, static_cast<char>('a' + k)));
    });
  }
  for (std::thread& writer : writers) writer.join();
  const std::string text = content(folder.file("a"));
  CHECK(text == std::string(10000, text.at(0)));
  CHECK(folder.names() == std::vector<std::string>{"a"});
}
