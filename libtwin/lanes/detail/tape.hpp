// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <libtwin/core/random.hpp>
#include <libtwin/core/sampler.hpp>
#include <libtwin/lanes/detail/layout.hpp>
#include <libtwin/lanes/detail/noise.hpp>
#include <libtwin/lanes/detail/pack.hpp>
#include <libtwin/lanes/gradient.hpp>

namespace twin::detail {

/// Replications side by side: enough to hide the time of an addition.
inline constexpr std::uint32_t kTapeLanes = kLaneGroup;

/// Which argument of its maxima decided, for one lane of an operation that is more than a station of a line.
///
/// Bits 0 to 3: why work began: 0 the part before it left, k the way in k - 1. Bit 4: work then waited for room (blocking
/// before service). Bit 5 + o: room on the way out o came later than all before it.
using TapeCode = std::uint16_t;
inline constexpr unsigned kRoomBefore = 4;
inline constexpr unsigned kFirstRoom = 5;

/// Bytes of the codes of one step: as in `RecordStep` for stations of a line, a `TapeCode` a lane for all others.
inline constexpr std::uint32_t kLineCodes = 2;
inline constexpr std::uint32_t kGraphCodes = kTapeLanes * sizeof(TapeCode);

/// Some steps of a run: in step g an operation works on its part g - lag and lets go its part g - out_lag.
struct TapeBlock {
  std::vector<float> work;              // (steps × operations × lanes): ticks
  std::vector<std::uint8_t> codes;      // (steps × bytes of a step); of equal arguments the first
  std::vector<std::uint8_t> tie_codes;  // likewise, the last; empty where ties are not followed
  std::vector<std::uint32_t> started;   // of several servers: which part ended; empty without overtaking
};

/// A repair that a part waited for.
struct TapeRepair {
  std::uint64_t part = 0;
  std::uint32_t lane = 0;
  std::uint32_t mode = 0;  // in `Plant::failures`
  double ticks = 0;
};

/// A recursion run forwards, recorded, and gone through backwards.
class Tape {
 public:
  Tape(const Plant& plant, const LaneProgram& program) : plant_(plant), program_(program) {}
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  /// @param layout  for the capacities of the run. @param samplers  of the plant's laws, with the run's changes.
  void begin(const LaneLayout& layout, const LaneKernel& kernel, std::span<const Sampler> samplers, const RunSpan& span,
             const LaneSeeds& seeds, const GradientOptions& options);

  enum class Progress : std::uint8_t { going, done, too_long };

  /// Goes through the rows that `noise` holds, or fewer when that was the end.
  Progress advance(const LaneNoise& noise, std::uint32_t rows);

  /// Goes back to the beginning. @pre done
  void sweep();

  [[nodiscard]] RunGradient collect(std::uint32_t lane) const;

  static constexpr std::uint32_t kBlockSteps = 256;

 private:
  static constexpr std::uint32_t kLanes = kTapeLanes;
  static constexpr std::uint32_t kMostStepsAtOnce = 8;
  static constexpr std::uint32_t kSides = 2;  // what is differentiated: throughput and lead time
  static constexpr std::uint32_t kAdjoints = kSides * kLanes;

  struct Room {
    std::uint32_t node = kNone;  // none: always
    std::uint32_t lag = 0;
  };
  /// A time that others wait for: when a part leaves by an arc, or when an assembly takes it. Kept for the latest parts.
  struct Node {
    std::size_t offset = 0;  // in rows
    std::uint64_t mask = 0;
  };
  enum class Kind : std::uint8_t { line, source, graph };
  struct Interrupter {
    Tape* tape = nullptr;
    std::uint32_t op = 0;
  };
  struct Step {
    Kind kind = Kind::graph;
    bool is_failing = false;
    bool is_deferred = false;
    bool starts_only_with_room = false;
    bool is_entry = false;
    std::uint32_t in = kNone;  // node of the first way in
    std::uint32_t out = 0;     // node of the last way out
    Room room;                 // of the only way out
    Room start_room;
    double factor = 0;
    double offset = 0;
    std::uint32_t first_code = 0;  // byte of a step
  };
  struct FailureLane {
    double due = 0;  // working ticks from the start of the run
    Stream failure;
    Stream repair;
  };
  /// Work in progress on several servers.
  struct Work {
    double end = 0;
    double entry = 0;
    std::uint32_t part = 0;
    std::uint32_t entered = 0;
  };
  /// Parts that left by a way into a good sink.
  struct Exit {
    std::uint32_t arc = 0;
    std::array<std::uint64_t, kLanes> first{};  // parts before the span
    std::array<std::uint64_t, kLanes> last{};   // and up to its end
    std::uint64_t all_from = 0;                 // parts within the span in every lane
    std::uint64_t all_until = 0;
    std::array<double, kLanes> first_time{};
    std::array<double, kLanes> last_time{};
    std::array<double, kLanes> latest{};
    std::array<double, kLanes> lead_sum{};
    std::vector<std::uint32_t> entered;  // (parts × lanes), where parts overtake
  };

  [[nodiscard]] std::uint32_t take_node(std::uint32_t op) const {
    return static_cast<std::uint32_t>(program_.arcs.size()) + op;
  }
  [[nodiscard]] double* time(std::uint32_t node, std::uint64_t part) {
    return times_.data() + (nodes_[node].offset + (part & nodes_[node].mask)) * kLanes;
  }
  [[nodiscard]] double* adjoint(std::uint32_t node, std::uint64_t part) {
    return adjoints_.data() + (nodes_[node].offset + (part & nodes_[node].mask)) * kAdjoints;
  }

  [[nodiscard]] double* row(LaneMemory& memory, std::size_t number) { return memory.data() + number * kLanes; }
  [[nodiscard]] double* taken(std::uint32_t op) {
    return row(takes_, std::size_t{op} * steps_at_once_ + step_ % steps_at_once_);
  }

  // Forwards.
  void lay_out(const LaneLayout& layout, std::span<const Sampler> samplers);
  [[nodiscard]] Room room_of(const LaneLayout& layout, const RoomRule& rule, std::uint32_t to) const;
  void begin_failures(const LaneSeeds& seeds);
  void begin_block();
  [[nodiscard]] RecordRows line_record(std::uint32_t op);
  void run_line(std::uint32_t op, const double* noise, std::uint32_t rows);
  template <bool kTies>
  void run_source(std::uint32_t op, const double* noise);
  template <bool kTies>
  void run_graph(std::uint32_t op, const double* noise);
  template <bool kTies>
  void run_steps(const LaneNoise& noise, std::uint32_t row, std::uint32_t rows);
  static double interrupt_line(void* context, std::uint32_t lane, double start, double work);
  double interrupt(std::uint32_t op, std::uint32_t lane, std::uint64_t part, double start, double work);
  void note_exits();
  void tell(std::uint32_t op);
  [[nodiscard]] bool is_over() const;

  // Backwards.
  void sweep_side(bool by_chance);
  void seed(std::uint64_t step);
  void count_entries();
  [[nodiscard]] BackRows line_back(std::uint32_t op);
  void fetch_steps_before(std::uint64_t step) const;
  void back_steps(std::uint32_t rows, bool by_chance);
  void back_step(std::uint32_t k, bool by_chance);
  void back_line(std::uint32_t op, std::uint32_t rows, const float* work, const std::uint8_t* codes,
                 std::size_t code_step);
  void back_source(std::uint32_t op, const float* work, const TapeCode* codes);
  void back_graph(std::uint32_t op, const float* work, const TapeCode* codes, const std::uint32_t* started);
  void back_repairs(std::uint32_t op, std::uint64_t part, const double* finish);
  void add_entries(std::uint32_t op, std::uint64_t part, double* lead);

  const Plant& plant_;
  const LaneProgram& program_;
  const GradientOptions* options_ = nullptr;
  const LaneKernel* kernel_ = nullptr;
  RunSpan span_;
  LaneSeeds seeds_;
  double limit_ = 0;
  std::vector<Sampler> samplers_;
  std::vector<Step> steps_;
  std::vector<RecordRows> records_;  // by operation, of stations of a line
  std::vector<BackRows> backs_;      // likewise
  std::vector<Room> arc_rooms_;
  std::vector<Node> nodes_;
  std::size_t rows_ = 0;                // of all nodes
  std::size_t code_bytes_ = 0;          // of a step
  std::uint32_t steps_at_once_ = 1;     // of one operation before the next one: a power of two
  LaneMemory times_;                    // (rows × lanes)
  LaneMemory adjoints_;                 // (rows × sides × lanes)
  std::vector<double> entries_;         // as `times_`, when the part came in; only where parts overtake
  std::vector<std::uint32_t> entered_;  // likewise: which part of its way in it was
  LaneMemory last_;                     // (operations × lanes): when the part before left; of sources, arrived
  LaneMemory takes_;                    // (operations × steps at once × lanes): when the part was taken
  LaneMemory left_;                     // (operations × lanes): working ticks to the next failure
  std::vector<Interrupter> interrupters_;
  std::vector<std::size_t> first_failure_;
  std::vector<FailureLane> failures_;
  std::vector<std::vector<TapeRepair>> repairs_;  // by operation
  std::vector<std::vector<Work>> works_;          // by operation: (lanes × servers), the ends in rising order
  std::vector<Exit> exits_;
  std::vector<std::uint32_t> exit_of_arc_;
  std::vector<TapeBlock> blocks_;
  std::size_t block_count_ = 0;
  std::uint64_t step_ = 0;
  std::uint32_t in_block_ = 0;

  // Of the sweep.
  std::vector<double> chains_;  // (operations × sides × lanes): of sources, what waits for the arrival
  std::vector<double> held_;    // likewise: of parts that wait for their assembly on the machine
  std::vector<std::vector<std::pair<std::uint64_t, std::array<double, kSides>>>> pending_;  // (operations × lanes)
  std::vector<std::vector<std::uint16_t>> entry_counts_;  // by operation: (parts × lanes), where parts overtake
  std::vector<std::size_t> next_repair_;                  // by operation
  LaneMemory by_op_;                                      // (tie rules × operations × sides × lanes)
  LaneMemory by_repair_;                                  // (tie rules × failure modes × sides × lanes)
  LaneMemory scratch_;
  double* op_sums_ = nullptr;
  double* repair_sums_ = nullptr;
};

}  // namespace twin::detail
