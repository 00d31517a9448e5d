// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <libtwin/results/store_error.hpp>
#include <libtwin/results/store_manifest.hpp>

namespace twin {

enum class BlockState : std::uint8_t { missing, done, damaged };

/// Consecutive rows of the table.
struct Block {
  std::uint32_t id = 0;
  std::uint64_t first_row = 0;

  /// (rows × columns), column-major.
  std::vector<double> values;

  /// One byte a row.
  std::vector<std::uint8_t> status;

  /// CRC-32C of the file, as it stands in it.
  std::uint32_t checksum = 0;

  [[nodiscard]] std::size_t row_count() const { return status.size(); }

  /// @pre row < row_count() and column < columns of the store; not checked.
  [[nodiscard]] double at(std::size_t row, std::size_t column) const { return values[column * status.size() + row]; }
};

/// A block that is there and cannot be used.
struct BlockFault {
  std::uint32_t block = 0;
  std::string reason;

  friend bool operator==(const BlockFault&, const BlockFault&) = default;
};

/// The rows of a sweep on disk: a folder with a manifest and a file for each finished block.
///
/// A block appears whole or not at all, after a crash of the program or the machine too. Any number of programs, on any
/// number of machines that see the folder, may write to one store at once; whoever computes a block that is there already
/// finds the same bits, or learns that something is wrong. What is finished is what is on the disk: nothing else is kept.
///
/// `state_of_blocks` is what this object saw last. Const members, and `write_block`, may be called from several threads.
/// Every member throws FileError, with the file's name and the reason, when the disk says no.
class BlockStore {
 public:
  /// Makes the folder `path` (its parent has to exist), or goes on with the store that is there when it is of the same
  /// study; the notes in its manifest then stay. Removes what writers that died have left half-written.
  /// @throws StoreMismatch when there is a store of another study, FileError when the folder holds something else.
  /// @throws std::logic_error when the manifest has `problems`.
  static BlockStore create(const std::string& path, const StoreManifest& manifest);

  /// Opens a store to read it or to go on, and looks at the size and header of every block. Changes nothing on disk.
  static BlockStore open(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const StoreManifest& manifest() const { return manifest_; }

  [[nodiscard]] std::uint32_t block_count() const { return block_count_; }

  /// @pre block < block_count(), here and below.
  [[nodiscard]] std::uint64_t first_row(std::uint32_t block) const;
  [[nodiscard]] std::uint64_t rows_in(std::uint32_t block) const;

  /// The place of a block's file, whether it is there or not.
  [[nodiscard]] std::string block_path(std::uint32_t block) const;

  /// Puts a block on the disk; returns when it would survive a power cut. A block that is there with the same bits stays.
  /// @param values (rows × columns), column-major. @param status one byte a row.
  /// @throws BlockConflict when it is there with other bits, DamagedBlock when what is there is no sound block.
  void write_block(std::uint32_t block, std::span<const double> values, std::span<const std::uint8_t> status);

  /// The same from another store of the same study, checked on the way. False when `from` has no sound one.
  /// @throws as `write_block`. @pre the studies are the same.
  bool copy_block(std::uint32_t block, const BlockStore& from);

  /// Reads and checks. @throws DamagedBlock, or FileError when it is missing.
  [[nodiscard]] Block read_block(std::uint32_t block) const;

  /// The checksum that stands at the end of a block's file; the rest is not read.
  [[nodiscard]] std::uint32_t checksum_of(std::uint32_t block) const;

  [[nodiscard]] BlockState state_of(std::uint32_t block) const;

  /// Looks again at the size and header of one block, to see whether another program has written it.
  BlockState look_at(std::uint32_t block);

  /// One for each block.
  [[nodiscard]] std::vector<BlockState> state_of_blocks() const;

  /// Those that are not done, ascending: what is left to compute. Of these, damaged ones must be set aside before.
  [[nodiscard]] std::vector<std::uint32_t> missing_blocks() const;

  /// Looks again at size and header of every block, to see what others have written. Blocks known as damaged are read.
  void look();

  /// Reads every block and verifies its checksum: about 2 GB/s of what is in memory. Returns what is damaged, ascending.
  std::vector<BlockFault> check();

  /// Renames the files of damaged blocks to `….damaged` (checked again first), so that the blocks can be written anew.
  /// Returns the new names. Nothing else ever removes them.
  std::vector<std::string> set_aside_damaged();

 private:
  BlockStore(std::string path, StoreManifest manifest);

  void write_bytes(std::uint32_t block, const std::string& bytes);
  bool agrees_with_file(std::uint32_t block, const std::string& bytes);

  std::string path_;
  StoreManifest manifest_;
  StudyHash study_;
  std::uint32_t block_count_ = 0;
  std::unique_ptr<std::atomic<BlockState>[]> states_;
};

/// The size of a block's file [bytes] for a table of so many rows and columns.
[[nodiscard]] std::uint64_t block_file_size(std::uint64_t rows, std::uint64_t columns);

}  // namespace twin
