// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/new_file.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <libtwin/core/error.hpp>

namespace twin::detail {
namespace {

constexpr std::string_view kPrefix = ".twin-";
constexpr std::string_view kSuffix = ".tmp";

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

/// Where the file really lies: what a symbolic link points to, even when that does not exist yet.
std::string follow_links(const std::string& path) {
  std::filesystem::path place(path);
  std::error_code error;
  for (int hops = 0; std::filesystem::is_symlink(place, error); ++hops) {
    if (hops == 40) fail_to_write(path, ELOOP);
    const std::filesystem::path target = std::filesystem::read_symlink(place, error);
    if (error) fail_to_write(path, error.value());
    place = target.is_absolute() ? target : place.parent_path() / target;
  }
  return place.string();
}

bool is_unlinked(int descriptor) {
  struct stat now {};
  return ::fstat(descriptor, &now) == 0 && now.st_nlink == 0;
}

bool is_regular_file_named(const std::string& path, int descriptor) {
  struct stat named {};
  struct stat opened {};
  return ::lstat(path.c_str(), &named) == 0 && ::fstat(descriptor, &opened) == 0 && S_ISREG(named.st_mode) &&
         named.st_ino == opened.st_ino && named.st_dev == opened.st_dev;
}

}  // namespace

void fail_to_write(const std::string& path, int error) {
  throw FileError("cannot write '" + path + "': " + std::generic_category().message(error));
}

void fail_to_read(const std::string& path, int error) {
  throw FileError("cannot read '" + path + "': " + std::generic_category().message(error));
}

NewFile::NewFile(std::string path) : path_(std::move(path)) {
  if (path_.empty()) fail_to_write(path_, ENOENT);
  struct stat before {};
  const bool exists = ::stat(path_.c_str(), &before) == 0;
  if (exists && S_ISDIR(before.st_mode)) fail_to_write(path_, EISDIR);
  if (exists && !S_ISREG(before.st_mode)) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail_to_write(path_, errno);
    return;
  }
  place_ = follow_links(path_);
  open_beside(place_);
  if (exists && ::fchmod(descriptor_, before.st_mode & 07777) != 0) {
    const int error = errno;
    give_up();
    fail_to_write(path_, error);
  }
}

void NewFile::open_beside(const std::string& place) {
  constexpr int kTries = 1000;
  const std::string stem = folder_of(place) + std::string(kPrefix) + std::to_string(::getpid()) + "-";
  for (int number = 0; number < kTries; ++number) {
    if (open_as(stem + std::to_string(number) + std::string(kSuffix))) return;
  }
  fail_to_write(path_, EEXIST);
}

/// False when another name has to be tried. Two programs, or two threads, never get the same one.
bool NewFile::open_as(const std::string& name) {
  descriptor_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0 && errno == EEXIST) return false;
  if (descriptor_ < 0) fail_to_write(path_, errno);
  // Between its creation and its lock a file looks stale. Where locks do not exist nothing is ever taken for stale.
  const bool is_locked_by_sweeper = ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (is_locked_by_sweeper || is_unlinked(descriptor_)) {
    ::close(descriptor_);
    descriptor_ = -1;
    return false;
  }
  name_ = name;
  return true;
}

NewFile::~NewFile() { give_up(); }

void NewFile::give_up() {
  // When a sweeper took the file, the name may be another writer's by now.
  if (!name_.empty() && is_regular_file_named(name_, descriptor_)) ::unlink(name_.c_str());
  if (descriptor_ >= 0) ::close(descriptor_);
}

void NewFile::write(std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_to_write(path_, errno);
    if (written == 0) fail_to_write(path_, ENOSPC);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

void NewFile::put_on_disk() {
  if (!name_.empty() && ::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) fail_to_write(path_, errno);
  // Some file systems tell only at a close that the disk is full, but the last close would give up the lock.
  const int copy = ::dup(descriptor_);
  if (copy >= 0 && ::close(copy) != 0 && errno != EINTR) fail_to_write(path_, errno);
}

void NewFile::commit() {
  put_on_disk();
  if (name_.empty()) return;
  if (::rename(name_.c_str(), place_.c_str()) != 0) fail_to_write(path_, errno);
  name_.clear();
  sync_folder_of(place_);
}

NewFile::Outcome NewFile::commit_if_absent() {
  if (name_.empty()) return Outcome::taken;
  put_on_disk();
  const int error = rename_if_absent(name_, place_);
  if (error == EEXIST) return Outcome::taken;
  if (error == ENOENT && is_unlinked(descriptor_)) return Outcome::swept;
  if (error != 0) fail_to_write(path_, error);
  name_.clear();
  sync_folder_of(place_);
  return Outcome::done;
}

bool write_file_if_absent(const std::string& path, std::string_view content) {
  constexpr int kTries = 5;
  for (int tries = 0; tries < kTries; ++tries) {
    NewFile file(path);
    file.write(content);
    const NewFile::Outcome outcome = file.commit_if_absent();
    if (outcome != NewFile::Outcome::swept) return outcome == NewFile::Outcome::done;
  }
  fail_to_write(path, ENOENT);
}

bool is_temporary_name(std::string_view file_name) {
  return file_name.starts_with(kPrefix) && file_name.ends_with(kSuffix);
}

int remove_stale_files(const std::string& folder) {
  int count = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (!is_temporary_name(entry->path().filename().string())) continue;
    const std::string path = entry->path().string();
    const int descriptor = ::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) continue;
    // The name may have gone to a new file since; while its own file is locked here it cannot.
    const bool is_stale = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && is_regular_file_named(path, descriptor);
    if (is_stale && ::unlink(path.c_str()) == 0) ++count;
    ::close(descriptor);
  }
  return count;
}

int rename_if_absent(const std::string& from, const std::string& to) {
#ifdef RENAME_NOREPLACE
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
#endif
  if (::link(from.c_str(), to.c_str()) == 0) {
    ::unlink(from.c_str());
    return 0;
  }
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return errno;
  if (::access(to.c_str(), F_OK) == 0) return EEXIST;
  return ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

void sync_folder_of(const std::string& path) {
  const std::string folder = folder_of(path);
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

FileContent read_file(const std::string& path) {
  // A pipe of that name must not make us wait for a writer.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return {.bytes = {}, .error = errno};
  FileContent content;
  struct stat now {};
  if (::fstat(descriptor, &now) == 0 && now.st_size > 0) content.bytes.resize(static_cast<std::size_t>(now.st_size));
  std::size_t filled = 0;
  while (filled < content.bytes.size()) {
    const ssize_t got = ::read(descriptor, content.bytes.data() + filled, content.bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) content.error = errno;
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  content.bytes.resize(filled);
  ::close(descriptor);
  return content;
}

}  // namespace twin::detail
