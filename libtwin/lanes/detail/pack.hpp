// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <libtwin/core/random.hpp>
#include <libtwin/core/sampler.hpp>
#include <libtwin/engine/run_result.hpp>
#include <libtwin/lanes/detail/kernel.hpp>
#include <libtwin/lanes/detail/layout.hpp>
#include <libtwin/lanes/detail/memory.hpp>
#include <libtwin/lanes/detail/noise.hpp>
#include <libtwin/lanes/runner.hpp>

namespace twin::detail {

[[nodiscard]] const LaneKernel& kernel_of(LaneInstructions instructions);

/// The numbers of one scenario that a pack needs.
struct ScenarioNumbers {
  std::vector<AffineLaw> laws;            // by operation
  std::vector<Sampler> failures;          // by failure mode of the plant: time to failure, then repair
  std::vector<std::uint32_t> capacities;  // waiting places by store, then cards by loop
};

/// What all packs of a call share.
struct PackContext {
  const Plant* plant = nullptr;
  const LaneProgram* program = nullptr;
  const LaneKernel* kernel = nullptr;
  LaneStatistics statistics = LaneStatistics::all;

  /// Hears of the departures of a row: lane 0 first. For tests.
  std::function<void(std::uint32_t station, std::uint64_t number, const double* times)> on_departures;
};

/// When a run ends and what of it is measured.
struct RunSpan {
  double horizon = 0;  ///< ticks
  double warmup = 0;
  std::uint64_t parts = 0;
  std::uint64_t warmup_parts = 0;
  friend bool operator==(const RunSpan&, const RunSpan&) = default;
};

/// A few lanes, each a replication of a scenario, on their way through the rows. All lanes have the same capacities.
class LanePack {
 public:
  /// @param scenarios  lane l is of scenario l / seeds.count (the lanes beyond repeat the first).
  /// @param only_clipped  never takes a short cut over rows that it expects to lie wholly inside or outside the span.
  void begin(const PackContext& context, const LaneLayout& layout, const RunSpan& span, const LaneSeeds& seeds,
             std::span<const ScenarioNumbers* const> scenarios, bool only_clipped);

  enum class Progress : std::uint8_t {
    going,
    done,
    mistaken,  ///< a short cut was wrong: to be run again without
    too_long   ///< the times of a run do not fit
  };

  /// Goes through the rows that `noise` holds.
  Progress advance(const LaneNoise& noise, std::uint32_t rows);

  /// The result of one lane. @pre done
  void collect(std::uint32_t lane, RunResult& result) const;

 private:
  struct FailureLane {
    double due = 0;  // working ticks from the start of the run
    Stream failure;
    Stream repair;
  };
  struct Interrupter {
    LanePack* pack = nullptr;
    std::uint32_t op = 0;
  };

  void begin_servers();
  void begin_failures(const LaneSeeds& seeds);
  void prepare_tile(const LaneNoise& noise, std::uint32_t rows);
  Progress advance_some(std::uint32_t rows, std::uint32_t& done);
  [[nodiscard]] LaneMode choose_mode(std::uint32_t& rows) const;
  void run_rows(std::uint32_t first, std::uint32_t rows, LaneMode mode);
  void run_chunk(std::uint32_t first, std::uint32_t rows, LaneMode mode);
  [[nodiscard]] RingPlace place_of(std::uint32_t ring, std::uint32_t behind);
  [[nodiscard]] RoomRule line_input(std::uint32_t op) const;
  template <class Rows>
  void set_interrupts(std::uint32_t op, Rows& rows);
  void run_block(std::uint32_t first, std::uint32_t rows, LaneMode mode);
  void run_op(std::uint32_t op, std::uint32_t first, std::uint32_t rows, LaneMode mode);
  void run_line(std::uint32_t op, const LaneRows& base);
  void run_source(std::uint32_t op, const LaneRows& base);
  void run_graph(std::uint32_t op, const LaneRows& base);
  void depart(std::uint32_t op, const LaneRows& base);
  void count_leads(std::uint32_t op, std::uint32_t rows, LaneMode mode);
  void add_leads(std::uint32_t arc, const double* exit, const double* entry, std::uint32_t rows, LaneMode mode);
  void add_plain_leads(bool before);
  [[nodiscard]] LaneMode mode_of(std::uint32_t op, LaneMode mode) const;
  [[nodiscard]] LaneRows rows_of(std::uint32_t op, std::uint32_t first, std::uint32_t rows, LaneMode mode);
  void tell_departures(std::uint32_t rows);
  void note_times();
  void reach_parts();

  static double interrupt(void* context, std::uint32_t lane, double start, double work);
  double interrupt_op(std::uint32_t op, std::uint32_t lane, double start, double work);
  [[nodiscard]] std::uint32_t modes_of(std::uint32_t op) const;
  [[nodiscard]] FailureLane* failures_of(std::uint32_t op, std::uint32_t lane);
  [[nodiscard]] const Sampler& failure_law(std::uint32_t op, std::uint32_t lane, std::uint32_t mode,
                                           bool is_repair) const;

  struct Slot {
    std::uint32_t slot = 0;
    std::uint32_t rows_left = 0;  // before the ring wraps
  };
  [[nodiscard]] Slot slot_of(std::uint32_t ring, std::uint32_t behind) const;
  [[nodiscard]] double* ring_row(std::uint32_t ring, std::uint32_t slot);

  [[nodiscard]] double* doubles(std::size_t offset) { return memory_.data() + offset; }
  [[nodiscard]] const double* doubles(std::size_t offset) const { return memory_.data() + offset; }
  [[nodiscard]] std::uint64_t* words(std::size_t offset) {
    return reinterpret_cast<std::uint64_t*>(memory_.data()) + offset;
  }
  [[nodiscard]] const std::uint64_t* words(std::size_t offset) const {
    return reinterpret_cast<const std::uint64_t*>(memory_.data()) + offset;
  }

  // --- the result ---

  /// Sums over all rows, each time brought to the span: ticks, modulo 2^64; and how many lie in the span's two halves.
  struct Total {
    std::uint64_t sum = 0;
    std::uint64_t before = 0;
    std::uint64_t until = 0;
    [[nodiscard]] std::uint64_t within() const { return until - before; }
  };
  [[nodiscard]] Total total(const std::uint64_t* sum, const std::uint64_t* before, const std::uint64_t* until,
                            std::uint64_t rows, std::uint32_t lane) const;
  [[nodiscard]] Total total_of(std::uint32_t op, unsigned which, std::uint32_t lane) const;
  [[nodiscard]] Total total_entering(std::uint32_t arc, std::uint32_t lane) const;
  void collect_stations(std::uint32_t lane, RunResult& result) const;
  void collect_parts(std::uint32_t lane, RunResult& result) const;
  void collect_buffers(std::uint32_t lane, RunResult& result) const;
  void collect_loops(std::uint32_t lane, RunResult& result) const;

  const PackContext* context_ = nullptr;
  const LaneLayout* layout_ = nullptr;
  RunSpan span_;
  LaneSeeds seeds_;
  double limit_ = 0;
  bool only_clipped_ = false;
  bool knows_start_ = true;
  bool knows_end_ = true;
  std::uint32_t scenario_count_ = 0;
  LaneMemory memory_;
  std::vector<std::uint32_t> slots_;  // by ring: that of row `row_`
  std::uint64_t row_ = 0;             // the next
  std::uint64_t skipped_ = 0;         // rows
  std::uint64_t plain_ = 0;
  std::vector<std::uint32_t> counted_ops_;  // those whose times are added up
  std::vector<const double*> tiles_;        // by operation
  std::vector<const double*> factors_;      // by operation: as described, or ones beside a tile of whole durations
  std::vector<const double*> offsets_;
  std::vector<bool> is_scaled_;
  std::vector<double> most_factor_;  // by operation
  std::vector<double> most_offset_;
  std::vector<LaneMemory> cut_tiles_;  // by operation
  LaneMemory ones_;
  std::vector<double> latest_;  // by lane: the latest and the earliest time of the last row
  std::vector<double> earliest_;
  double pace_ = 0;  // the most ticks a row took lately
  std::uint64_t noted_row_ = 0;
  std::vector<std::size_t> first_failure_;  // by operation, in `failures_`
  std::vector<FailureLane> failures_;       // by operation, lane, mode
  std::vector<Interrupter> interrupters_;
  std::vector<const ScenarioNumbers*> scenarios_;
  std::vector<StepOrder> order_;
  std::vector<LineStep> line_steps_;
  std::vector<KitStep> kit_steps_;
  std::vector<SourceStep> source_steps_;
  std::vector<GraphStep> graph_steps_;
  std::vector<Histogram> leads_;  // by lane
};

}  // namespace twin::detail
