// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/store_folder.hpp>

#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <libtwin/results/new_file.hpp>
#include <libtwin/results/store_error.hpp>

namespace twin::detail {
namespace {

std::string manifest_path(const std::string& path) { return path + "/" + kManifestName; }

void make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return sync_folder_of(path);
  struct stat now {};
  if (errno != EEXIST) fail_to_write(path, errno);
  if (::stat(path.c_str(), &now) != 0) fail_to_write(path, errno);
  if (!S_ISDIR(now.st_mode)) fail_to_write(path, ENOTDIR);
}

/// A folder without a manifest may be one whose maker was interrupted. With anything else in it, it is somebody's own.
void refuse_foreign(const std::string& path) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name == kBlockFolder || name == kCatalogueName || is_temporary_name(name)) continue;
    if (name == kManifestName) continue;  // Another program made the store in this instant.
    throw FileError("cannot make a store in '" + path + "': the folder holds other files ('" + name + "')");
  }
  if (error) fail_to_read(path, error.value());
}

void refuse_other_study(const std::string& path, const StoreManifest& here, const StoreManifest& there) {
  if (study_hash(here) == study_hash(there)) return;
  throw StoreMismatch("cannot go on with the store '" + path + "': it holds another study", differences(here, there));
}

bool exists(const std::string& path) {
  struct stat now {};
  if (::stat(path.c_str(), &now) == 0) return true;
  if (errno != ENOENT) fail_to_read(path, errno);
  return false;
}

}  // namespace

std::string without_end_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

StoreManifest make_store_folder(const std::string& path, const StoreManifest& manifest) {
  const std::string text = to_json(manifest);
  make_folder(path);
  if (!exists(manifest_path(path))) {
    refuse_foreign(path);
    make_folder(path + "/" + kBlockFolder);
    write_file_if_absent(manifest_path(path), text);
  }
  // Two programs may have made it at once, for two studies: the file tells who was first.
  StoreManifest there = read_manifest_of(path);
  refuse_other_study(path, manifest, there);
  make_folder(path + "/" + kBlockFolder);
  remove_stale_files(path);
  remove_stale_files(path + "/" + kBlockFolder);
  return there;
}

StoreManifest read_manifest_of(const std::string& path) {
  struct stat now {};
  if (::stat(path.c_str(), &now) != 0) fail_to_read(path, errno);
  if (!S_ISDIR(now.st_mode)) throw FileError("cannot read '" + path + "': a result store is a folder");
  const FileContent content = read_file(manifest_path(path));
  if (content.error == ENOENT) {
    throw FileError("cannot read '" + path + "': it is no result store, for it has no " + kManifestName);
  }
  if (content.error != 0) fail_to_read(manifest_path(path), content.error);
  return parse_manifest(content.bytes, manifest_path(path));
}

std::string rename_aside(const std::string& path) {
  for (int number = 1;; ++number) {
    std::string name = path + (number == 1 ? "" : "." + std::to_string(number)) + ".damaged";
    const int error = rename_if_absent(path, name);
    if (error == 0) {
      sync_folder_of(path);
      return name;
    }
    if (error != EEXIST) fail_to_write(name, error);
  }
}

}  // namespace twin::detail
