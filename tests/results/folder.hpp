// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace twin::test {

/// An empty folder that is removed again.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "twin-test-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

  /// What is in it, or in a folder within, sorted.
  [[nodiscard]] std::vector<std::string> names(const std::string& within = ".") const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(path_ / within)) {
      all.push_back(entry.path().filename().string());
    }
    std::sort(all.begin(), all.end());
    return all;
  }

 private:
  std::filesystem::path path_;
};

inline std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void overwrite(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

/// Files may not grow beyond `bytes` while it lives: what a full disk does to a program.
class FileLimit {
 public:
  explicit FileLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileLimit(const FileLimit&) = delete;
  FileLimit& operator=(const FileLimit&) = delete;
  ~FileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

/// Starts `work` in a process of its own, which ends with its result; any exception is a 99.
template <class Work>
pid_t start_child(Work&& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  int result = 99;
  try {
    result = work();
  } catch (...) {
  }
  ::_exit(result);
}

/// The child's result, or -1 when it was killed.
inline int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Without the rights of root, who may write everywhere.
template <class Work>
int run_as_nobody(Work&& work) {
  return wait_for(start_child([&] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) return 98;
    return work();
  }));
}

}  // namespace twin::test
