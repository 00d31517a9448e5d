// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <new>

#include <libtwin/core/always_inline.hpp>

namespace twin::detail {

/// The event list: a complete binary tree whose leaves are timers and whose inner nodes hold the smallest key below.
///
/// A key is (time << bits) | leaf, so one unsigned comparison orders by time and then by leaf, and the root names the
/// next event. Setting a timer climbs from its leaf to the root with one load, one comparison and one store a level and
/// no branch that depends on data. There is nothing to cancel and nothing to allocate.
///
/// `Key` is a 64-bit word where horizon × leaves fits, which halves the work, else `unsigned __int128`.
template <class Key>
class WinnerTree {
 public:
  static constexpr Key kNever = ~Key{0};

  void resize(std::uint32_t leaves) {
    depth_ = leaves <= 1 ? 0 : static_cast<unsigned>(std::bit_width(leaves - 1));
    size_ = std::uint32_t{1} << depth_;
    storage_ = std::make_unique<Key[]>(2 * static_cast<std::size_t>(size_));
    clear();
  }

  void clear() {
    for (std::uint32_t i = 0; i < 2 * size_; ++i) storage_[i] = kNever;
  }

  [[nodiscard]] unsigned depth() const { return depth_; }
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] Key* nodes() { return storage_.get(); }

  /// Sets the key of a leaf without repairing the tree; `rebuild` does that for all.
  void set_leaf(std::uint32_t leaf, Key key) { storage_[size_ + leaf] = key; }
  void rebuild() {
    for (std::uint32_t i = size_ - 1; i >= 1; --i) storage_[i] = smaller(storage_[2 * i], storage_[2 * i + 1]);
  }

  static Key smaller(Key a, Key b) { return b < a ? b : a; }

 private:
  std::unique_ptr<Key[]> storage_;
  unsigned depth_ = 0;
  std::uint32_t size_ = 0;
};

/// Sets leaf number `leaf` of a tree with `size` leaves, a power of two, rooted at `nodes[1]`.
template <class Key>
TWIN_ALWAYS_INLINE inline void set_timer(Key* nodes, std::size_t size, std::uint32_t leaf, Key key) {
  std::size_t i = size + leaf;
  nodes[i] = key;
  while (i > 1) {
    const Key other = nodes[i ^ 1];
    key = other < key ? other : key;
    i >>= 1;
    nodes[i] = key;
  }
}

}  // namespace twin::detail
