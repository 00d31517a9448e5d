// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <libtwin/core/error.hpp>

namespace twin {

/// A store holds the results of another study than the one at hand. `what()` lists the differences too.
class StoreMismatch : public FileError {
 public:
  StoreMismatch(const std::string& what, std::vector<std::string> differences);

  /// As from `differences`: one a line, in the user's words.
  [[nodiscard]] const std::vector<std::string>& differences() const { return differences_; }

 private:
  std::vector<std::string> differences_;
};

/// The same block was computed twice, both files are sound, and the bits differ: something that decides results is not in
/// the manifest, or the programs that wrote them are not the same. The file that was there first stays.
class BlockConflict : public FileError {
 public:
  BlockConflict(const std::string& what, std::uint32_t block) : FileError(what), block_(block) {}

  [[nodiscard]] std::uint32_t block() const { return block_; }

 private:
  std::uint32_t block_;
};

/// A block's file is there and is not what was written, or belongs to another study or place.
class DamagedBlock : public FileError {
 public:
  DamagedBlock(const std::string& what, std::uint32_t block) : FileError(what), block_(block) {}

  [[nodiscard]] std::uint32_t block() const { return block_; }

 private:
  std::uint32_t block_;
};

}  // namespace twin
