// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace twin {

enum class TraceKind : std::uint8_t {
  state,    ///< server `element` changes to state `value`
  create,   ///< part `value` comes into being at source, process or disassembly `element`
  start,    ///< server `element` takes part `value`
  finish,   ///< server `element` ends its work on part `value`
  depart,   ///< part `value` leaves server `element`
  enter,    ///< part `value` enters the places of store `element`
  leave,    ///< part `value` leaves the places of store `element`
  sink,     ///< part `value` ends in store `element`, a sink
  scrap,    ///< part `value` is destroyed at server `element`
  consume,  ///< part `value` is built into another at server `element`
  lose,     ///< an arrival of source `element` is turned away
  supply,   ///< part `value` comes into being because a server takes from store `element`, which never runs out
};

/// 16 bytes: when, what, where, which.
struct TraceRecord {
  /// Time in ticks in the low 56 bits, kind in the high 8.
  std::uint64_t ticks_and_kind = 0;
  std::uint32_t element = 0;
  std::uint32_t value = 0;

  [[nodiscard]] std::int64_t ticks() const {
    return static_cast<std::int64_t>(ticks_and_kind & ((std::uint64_t{1} << 56) - 1));
  }
  [[nodiscard]] TraceKind kind() const { return static_cast<TraceKind>(ticks_and_kind >> 56); }
};
static_assert(sizeof(TraceRecord) == 16);

/// Collects records in blocks and hands each full block on. `element` is a leaf of the plant for servers and sources
/// (`Plant::leaves` tells the station) and a store of it for the rest.
class TraceSink {
 public:
  TraceSink() = default;
  TraceSink(const TraceSink&) = delete;
  TraceSink& operator=(const TraceSink&) = delete;
  virtual ~TraceSink() = default;

  void add(TraceRecord record) {
    block_[used_++] = record;
    if (used_ == block_.size()) flush();
  }

  /// Hands on what is there; the run calls it at its end.
  void flush() {
    if (used_ != 0) write({block_.data(), used_});
    used_ = 0;
  }

 private:
  virtual void write(std::span<const TraceRecord> records) = 0;

  std::array<TraceRecord, 4096> block_{};
  std::size_t used_ = 0;
};

}  // namespace twin
