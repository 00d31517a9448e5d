// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace twin::detail {

/// @throws FileError: `cannot write 'path': reason`, and the same for reading.
[[noreturn]] void fail_to_write(const std::string& path, int error);
[[noreturn]] void fail_to_read(const std::string& path, int error);

/// A file that grows under another name in the folder of `path` and takes the name `path` when it is whole.
///
/// A symbolic link stays one and its target is replaced; a file that is replaced keeps its permissions. What is no
/// regular file (`/dev/stdout`, a pipe) cannot be replaced and is written to directly.
///
/// While it grows it is locked (`flock`), so that `remove_stale_files` of any program can tell it from what a dead writer
/// left: the lock goes with its owner, without clocks, process numbers or host names.
class NewFile {
 public:
  /// @throws FileError, as all members.
  explicit NewFile(std::string path);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  /// Leaves no trace of a file that was not committed.
  ~NewFile();

  /// Empty when the file is written to directly.
  [[nodiscard]] const std::string& temporary_name() const { return name_; }

  void write(std::string_view content);

  /// Through to the disk, then renamed over what has the name.
  void commit();

  enum class Outcome {
    done,
    /// Something has the name already. It stays, and this file is gone.
    taken,
    /// Somebody removed the temporary file: on file systems where locks are not seen by all machines. Write it again.
    swept
  };

  /// The same, but never in the place of another file.
  Outcome commit_if_absent();

 private:
  void open_beside(const std::string& place);
  bool open_as(const std::string& name);
  void put_on_disk();
  void give_up();

  std::string path_;   // as the caller says it
  std::string place_;  // where the file really lies
  std::string name_;
  int descriptor_ = -1;
};

/// Writes a whole file unless there is one of that name; true when it was written.
bool write_file_if_absent(const std::string& path, std::string_view content);

/// Removes temporary files of `NewFile` in a folder whose writers are gone; returns how many. What cannot be removed stays.
int remove_stale_files(const std::string& folder);

/// Whether a file has the name of a temporary one.
[[nodiscard]] bool is_temporary_name(std::string_view file_name);

/// Renames, never in the place of another file: 0, or the error, EEXIST when there is one. Whatever the kernel and the file
/// system (NFS) can do; on the few where nothing helps (FAT), a file that appears in the same instant is replaced.
[[nodiscard]] int rename_if_absent(const std::string& from, const std::string& to);

/// After a power cut a file has its name only if its folder is on the disk too; not every file system can say so.
void sync_folder_of(const std::string& path);

/// The whole file; on failure `error` is what `errno` said.
struct FileContent {
  std::string bytes;
  int error = 0;
};
[[nodiscard]] FileContent read_file(const std::string& path);

}  // namespace twin::detail
