// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <libtwin/core/random.hpp>
#include <libtwin/core/sampler.hpp>
#include <libtwin/lanes/detail/memory.hpp>
#include <libtwin/lanes/program.hpp>

namespace twin::detail {

struct LaneKernel;

/// The numbers of a run that its draws depend on; read from a state whose changes have been applied.
struct LaneValues {
  const Plant* plant = nullptr;
  std::span<const Sampler> samplers;
};

/// What the lanes of a block have in common: which replications, of which seed.
struct LaneSeeds {
  std::uint64_t seed = 1;
  std::uint64_t first = 0;
  std::uint32_t count = 1;
  friend bool operator==(const LaneSeeds&, const LaneSeeds&) = default;
};

/// Draws the variates X of all operations for a stretch of rows at a time, from the streams that the event engine draws
/// from and in its order, so that row r of an operation is the same variate there and here.
class LaneNoise {
 public:
  LaneNoise(const Plant& plant, const LaneProgram& program);

  /// Starts at row 0. Lane l is replication `seeds.first + l modulo seeds.count`.
  /// @param limit  ticks; the longest a duration made here can be.
  void begin(const LaneKernel& kernel, const LaneValues& values, const LaneSeeds& seeds, std::uint32_t lanes,
             double limit);

  /// The next `rows` rows of every operation. An operation that is `lag` rows behind gets rows from −lag on, which are not to
  /// be used below 0.
  void fill(std::uint32_t rows);

  /// (rows × lanes), of the last `fill`.
  [[nodiscard]] const double* rows_of(std::uint32_t op) const { return tiles_[op].data(); }

  /// The largest variate of the operation in the last `fill`.
  [[nodiscard]] double largest(std::uint32_t op) const { return largest_[op]; }

 private:
  struct Direct {
    Stream products;
    Stream batches;
    std::uint64_t waiting = 0;  ///< parts of the present batch still to come
    std::uint32_t next_release = 0;
    std::uint32_t released = 0;  ///< parts of it that are out
    double last_release = 0;     ///< ticks
  };

  // Of operation `k` and replication `r`.
  void fill_shared(std::uint32_t k, std::uint32_t skipped, std::uint32_t rows);
  double fill_exponential(std::uint32_t k, double* out, std::uint32_t rows, std::uint32_t count);
  void fill_direct(std::uint32_t k, std::uint32_t skipped, std::uint32_t rows);
  double next_direct(std::uint32_t k, std::uint32_t r);
  double next_arrival(std::uint32_t k, std::uint32_t r);
  double next_release(std::uint32_t k, std::uint32_t r);

  const Plant& plant_;
  const LaneProgram& program_;
  const LaneKernel* kernel_ = nullptr;
  LaneValues values_;
  LaneSeeds seeds_;
  std::uint32_t lanes_ = 0;
  double limit_ = 0;
  std::vector<LaneMemory> tiles_;
  LaneMemory states_;  // (4 × replications): 64-bit words of the streams of one operation, while they are drawn from
  std::vector<double> largest_;
  std::vector<std::uint32_t> held_back_;      // by operation: rows below 0 still to come
  std::vector<std::vector<Stream>> streams_;  // by operation, by replication
  std::vector<std::vector<Direct>> directs_;  // likewise
};

}  // namespace twin::detail
