// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/atomic_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <libtwin/core/error.hpp>

namespace twin {
namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  throw FileError("cannot write '" + path + "': " + std::generic_category().message(error));
}

/// An open file that is closed, and removed when it has a name that must not stay.
class OpenFile {
 public:
  OpenFile(int descriptor, std::string remove) : descriptor_(descriptor), remove_(std::move(remove)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!remove_.empty()) ::unlink(remove_.c_str());
  }

  [[nodiscard]] int descriptor() const { return descriptor_; }
  void keep() { remove_.clear(); }

  /// 0, or the error: some file systems tell only now that the disk is full.
  int close() {
    const int result = ::close(descriptor_) == 0 || errno == EINTR ? 0 : errno;
    descriptor_ = -1;
    return result;
  }

 private:
  int descriptor_;
  std::string remove_;
};

void write_all(int descriptor, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, errno);
    if (written == 0) fail(path, ENOSPC);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Where the file really lies: what a symbolic link points to, even when that does not exist yet.
std::string follow_links(const std::string& path) {
  std::filesystem::path place(path);
  std::error_code error;
  for (int hops = 0; std::filesystem::is_symlink(place, error); ++hops) {
    if (hops == 40) fail(path, ELOOP);
    const std::filesystem::path target = std::filesystem::read_symlink(place, error);
    if (error) fail(path, error.value());
    place = target.is_absolute() ? target : place.parent_path() / target;
  }
  return place.string();
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

/// Opens a new file beside `path`; `name` is its name. Two programs, or two threads, never get the same one.
int open_beside(const std::string& path, std::string& name) {
  constexpr int kTries = 1000;
  const std::string stem = folder_of(path) + ".twin-" + std::to_string(::getpid()) + "-";
  for (int number = 0; number < kTries; ++number) {
    name = stem + std::to_string(number) + ".tmp";
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

void write_directly(const std::string& path, std::string_view content) {
  OpenFile file(::open(path.c_str(), O_WRONLY | O_CLOEXEC), {});
  if (file.descriptor() < 0) fail(path, errno);
  write_all(file.descriptor(), content, path);
  if (const int error = file.close(); error != 0) fail(path, error);
}

/// After a power cut the file has its new name only if the folder is on the disk too; not every file system can say so.
void sync_folder(const std::string& path) {
  const std::string folder = folder_of(path);
  const OpenFile opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), {});
  if (opened.descriptor() >= 0) ::fsync(opened.descriptor());
}

}  // namespace

void write_file_atomically(const std::string& path, std::string_view content) {
  if (path.empty()) fail(path, ENOENT);
  struct stat before {};
  const bool exists = ::stat(path.c_str(), &before) == 0;
  if (exists && S_ISDIR(before.st_mode)) fail(path, EISDIR);
  if (exists && !S_ISREG(before.st_mode)) return write_directly(path, content);
  const std::string place = follow_links(path);
  std::string name;
  const int descriptor = open_beside(place, name);
  if (descriptor < 0) fail(path, errno);
  OpenFile file(descriptor, name);
  if (exists && ::fchmod(descriptor, before.st_mode & 07777) != 0) fail(path, errno);
  write_all(descriptor, content, path);
  if (::fsync(descriptor) != 0 && errno != EINVAL && errno != EROFS) fail(path, errno);
  if (const int error = file.close(); error != 0) fail(path, error);
  if (::rename(name.c_str(), place.c_str()) != 0) fail(path, errno);
  file.keep();
  sync_folder(place);
}

}  // namespace twin
