// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/store.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <fmt/format.h>

#include <libtwin/core/check.hpp>
#include <libtwin/results/block_file.hpp>
#include <libtwin/results/new_file.hpp>
#include <libtwin/results/store_folder.hpp>

namespace twin {
namespace {

detail::BlockPlace place_of(const BlockStore& store, const StudyHash& study, std::uint32_t block) {
  return {.study = study,
          .block = block,
          .columns = static_cast<std::uint32_t>(store.manifest().columns.size()),
          .first_row = store.first_row(block),
          .rows = store.rows_in(block)};
}

/// What can be seen of a block's file without reading its numbers.
BlockState state_of_file(const std::string& path, const detail::BlockPlace& place) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return BlockState::missing;
  if (descriptor < 0) detail::fail_to_read(path, errno);
  struct stat now {};
  std::string header(detail::kBlockHeaderSize, '\0');
  const bool is_file = ::fstat(descriptor, &now) == 0 && S_ISREG(now.st_mode);
  const ssize_t got = is_file ? ::pread(descriptor, header.data(), header.size(), 0) : 0;
  ::close(descriptor);
  // A sector that cannot be read is damage too: it must not keep the rest of the store from being used.
  if (got <= 0) return BlockState::damaged;
  header.resize(static_cast<std::size_t>(got));
  const std::string fault = detail::fault_of_header(place, header, static_cast<std::uint64_t>(now.st_size));
  return fault.empty() ? BlockState::done : BlockState::damaged;
}

/// A block's file as it is, and what is wrong with it.
struct BlockFile {
  BlockState state = BlockState::missing;
  std::string bytes;
  std::string fault;
};

BlockFile read_block_file(const std::string& path, const detail::BlockPlace& place) {
  detail::FileContent content = detail::read_file(path);
  if (content.error == ENOENT) return {};
  if (content.error == EISDIR) return {.state = BlockState::damaged, .bytes = {}, .fault = "it is a folder"};
  if (content.error == EIO) return {.state = BlockState::damaged, .bytes = {}, .fault = "the disk cannot read it"};
  if (content.error != 0) detail::fail_to_read(path, content.error);
  std::string fault = detail::fault_of_block(place, content.bytes);
  const BlockState state = fault.empty() ? BlockState::done : BlockState::damaged;
  return {.state = state, .bytes = std::move(content.bytes), .fault = std::move(fault)};
}

[[noreturn]] void throw_damaged(const std::string& path, const std::string& fault, std::uint32_t block) {
  throw DamagedBlock("cannot use '" + path + "': " + fault, block);
}

}  // namespace

BlockStore::BlockStore(std::string path, StoreManifest manifest)
    : path_(std::move(path)),
      manifest_(std::move(manifest)),
      study_(study_hash(manifest_)),
      block_count_(static_cast<std::uint32_t>(twin::block_count(manifest_))),
      states_(std::make_unique<std::atomic<BlockState>[]>(block_count_)) {
  look();
}

BlockStore BlockStore::create(const std::string& path, const StoreManifest& manifest) {
  const std::string folder = detail::without_end_slash(path);
  const std::vector<std::string> found = problems(manifest);
  TWIN_CHECK(found.empty(), "a manifest cannot be used: " + found.front());
  TWIN_CHECK(manifest.format_version == kStoreFormat, "a new store is of the newest format");
  return {folder, detail::make_store_folder(folder, manifest)};
}

BlockStore BlockStore::open(const std::string& path) {
  const std::string folder = detail::without_end_slash(path);
  return {folder, detail::read_manifest_of(folder)};
}

std::uint64_t BlockStore::first_row(std::uint32_t block) const {
  TWIN_CHECK(block < block_count_, fmt::format("there is no block {}", block));
  return block * manifest_.rows_per_block;
}

std::uint64_t BlockStore::rows_in(std::uint32_t block) const {
  return std::min(manifest_.rows_per_block, manifest_.rows - first_row(block));
}

std::string BlockStore::block_path(std::uint32_t block) const {
  TWIN_CHECK(block < block_count_, fmt::format("there is no block {}", block));
  return fmt::format("{}/{}/{:08}.tblk", path_, detail::kBlockFolder, block);
}

void BlockStore::write_block(std::uint32_t block, std::span<const double> values,
                             std::span<const std::uint8_t> status) {
  TWIN_CHECK(status.size() == rows_in(block), "a block has one status a row");
  TWIN_CHECK(values.size() == status.size() * manifest_.columns.size(), "a block has rows × columns values");
  write_bytes(block, detail::encode_block(place_of(*this, study_, block), values, status));
}

void BlockStore::write_bytes(std::uint32_t block, const std::string& bytes) {
  constexpr int kTries = 5;
  const std::string path = block_path(block);
  for (int tries = 0; tries < kTries; ++tries) {
    // Looking first saves the writing when a block is computed again; that nothing is replaced does not rest on it.
    const bool is_there = ::access(path.c_str(), F_OK) == 0;
    if ((!is_there && detail::write_file_if_absent(path, bytes)) || agrees_with_file(block, bytes)) {
      states_[block] = BlockState::done;
      return;
    }
  }
  detail::fail_to_write(path, EAGAIN);
}

/// False when there is no file any more: somebody set it aside in this instant.
bool BlockStore::agrees_with_file(std::uint32_t block, const std::string& bytes) {
  const std::string path = block_path(block);
  const BlockFile there = read_block_file(path, place_of(*this, study_, block));
  if (there.state == BlockState::missing) return false;
  if (there.state == BlockState::damaged) {
    states_[block] = BlockState::damaged;
    throw_damaged(path, there.fault + "; set the damaged blocks aside to write it anew", block);
  }
  if (there.bytes == bytes) return true;
  throw BlockConflict(fmt::format("not the same bits: block {} was computed again, and '{}' holds other numbers. "
                                  "Were both computed by the same program?",
                                  block, path),
                      block);
}

bool BlockStore::copy_block(std::uint32_t block, const BlockStore& from) {
  TWIN_CHECK(study_ == from.study_, "a block is copied between stores of one study");
  const BlockFile source = read_block_file(from.block_path(block), place_of(*this, study_, block));
  if (source.state != BlockState::done) return false;
  write_bytes(block, source.bytes);
  return true;
}

Block BlockStore::read_block(std::uint32_t block) const {
  const std::string path = block_path(block);
  const detail::BlockPlace place = place_of(*this, study_, block);
  const BlockFile file = read_block_file(path, place);
  if (file.state == BlockState::missing) detail::fail_to_read(path, ENOENT);
  if (file.state == BlockState::damaged) throw_damaged(path, file.fault, block);
  return detail::decode_block(place, file.bytes);
}

std::uint32_t BlockStore::checksum_of(std::uint32_t block) const {
  const std::string path = block_path(block);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) detail::fail_to_read(path, errno);
  std::string end(sizeof(std::uint32_t), '\0');
  const auto at = static_cast<off_t>(block_file_size(rows_in(block), manifest_.columns.size()) - end.size());
  const ssize_t got = ::pread(descriptor, end.data(), end.size(), at);
  ::close(descriptor);
  if (got != static_cast<ssize_t>(end.size())) throw_damaged(path, "it is cut off", block);
  return detail::stored_checksum(end);
}

BlockState BlockStore::state_of(std::uint32_t block) const {
  TWIN_CHECK(block < block_count_, fmt::format("there is no block {}", block));
  return states_[block];
}

std::vector<BlockState> BlockStore::state_of_blocks() const { return {states_.get(), states_.get() + block_count_}; }

std::vector<std::uint32_t> BlockStore::missing_blocks() const {
  std::vector<std::uint32_t> missing;
  for (std::uint32_t block = 0; block < block_count_; ++block) {
    if (states_[block] != BlockState::done) missing.push_back(block);
  }
  return missing;
}

BlockState BlockStore::look_at(std::uint32_t block) {
  const std::string path = block_path(block);
  const detail::BlockPlace place = place_of(*this, study_, block);
  const bool was_damaged = states_[block] == BlockState::damaged;
  const BlockState state = was_damaged ? read_block_file(path, place).state : state_of_file(path, place);
  states_[block] = state;
  return state;
}

void BlockStore::look() {
  for (std::uint32_t block = 0; block < block_count_; ++block) look_at(block);
}

std::vector<BlockFault> BlockStore::check() {
  std::vector<BlockFault> faults;
  for (std::uint32_t block = 0; block < block_count_; ++block) {
    BlockFile file = read_block_file(block_path(block), place_of(*this, study_, block));
    states_[block] = file.state;
    if (file.state == BlockState::damaged) faults.push_back({block, std::move(file.fault)});
  }
  return faults;
}

std::vector<std::string> BlockStore::set_aside_damaged() {
  std::vector<std::string> names;
  for (std::uint32_t block = 0; block < block_count_; ++block) {
    if (states_[block] != BlockState::damaged) continue;
    // Another program may have mended it since it was seen.
    const BlockState state = read_block_file(block_path(block), place_of(*this, study_, block)).state;
    states_[block] = state;
    if (state != BlockState::damaged) continue;
    names.push_back(detail::rename_aside(block_path(block)));
    states_[block] = BlockState::missing;
  }
  return names;
}

}  // namespace twin
