// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <libtwin/core/ziggurat_layer.hpp>

/// The inner loops of the recursion, one translation unit for each instruction set.
///
/// Times are doubles that hold a number of ticks plus 2^52. In [2^52, 2^53) consecutive doubles are consecutive integers, so
/// sums and maxima are exact, and the bit patterns of two times differ by the ticks between them: sums over many parts are
/// taken of the patterns, as 64-bit integers, and never round.
///
/// This header and those that follow it into a kernel's translation unit hold no inline function and no template outside of
/// the kernel's own namespace: a copy of it compiled for a newer processor must not serve the rest of the program.
namespace twin::detail {

inline constexpr double kTimeBias = 4503599627370496.0;  // 2^52
inline constexpr std::uint64_t kTimeBiasBits = 0x4330000000000000ULL;

/// Lanes are worked on eight at a time on every machine.
inline constexpr std::uint32_t kLaneGroup = 8;

/// How a stretch of rows is counted.
enum class LaneMode : std::uint8_t {
  skip,    ///< not at all: every time is before the warm-up ends
  plain,   ///< whole: every time is within the measured span
  clipped  ///< times are brought to the span's ends, and what lies on which side of them is counted
};
inline constexpr unsigned kLaneModes = 3;

/// What a station adds up for each lane: three sums of bit patterns, and where the rows lie about the span's two ends.
/// (`take`: a server takes the part; `mid`: the work ends or, blocking before service, begins; `out`: the server is free.)
struct LaneSums {
  std::uint64_t* sums = nullptr;    // (3 × lanes): take, mid, out
  std::uint64_t* counts = nullptr;  // (6 × lanes): take, mid, out at or before the start; then at or before the end
};

/// Where the work of a lane is interrupted: returns when it ends. @param start  biased.
using InterruptFunction = double (*)(void* context, std::uint32_t lane, double start, double work);

/// Consecutive rows of one station, all of them without a wrap of any ring.
struct LaneRows {
  std::uint32_t rows = 0;
  std::uint32_t lanes = 0;
  LaneMode mode = LaneMode::skip;
  bool is_scaled = true;           ///< every offset is 0: durations are `factor` times noise
  const double* noise = nullptr;   // (rows × lanes)
  const double* factor = nullptr;  // (lanes)
  const double* offset = nullptr;  // (lanes)
  double* last = nullptr;          // (lanes): when the previous part left
  LaneSums sums;
  const double* from = nullptr;  // (lanes): the ends of the measured span, biased
  const double* to = nullptr;
};

/// One way in, one way out, one server, blocking after service: what lines are made of.
struct LineRows : LaneRows {
  const double* arrive = nullptr;  // (rows × lanes), or one row where nothing is waited for
  std::uint32_t arrive_step = 0;   // lanes, or 0
  const double* room = nullptr;    // likewise
  std::uint32_t room_step = 0;
  std::uint32_t room_rows = ~0U;  // of `room`; those that follow are at `room_rest`
  const double* room_rest = nullptr;
  double* out = nullptr;   // (rows × lanes)
  double* take = nullptr;  // (rows × lanes), or null

  /// `left[lane]`: working ticks to the next failure; null for none.
  double* left = nullptr;
  InterruptFunction interrupt = nullptr;
  void* interrupt_context = nullptr;
};

/// Arrivals: each row a time after the one before, whatever happens downstream.
struct SourceRows : LaneRows {
  const double* room = nullptr;
  std::uint32_t room_step = 0;
  double* out = nullptr;   // (rows × lanes): when the part leaves the source
  double* take = nullptr;  // (rows × lanes), or null: when it arrived

  /// The part is handed over by `depart_rows` when the station behind has taken it.
  bool is_deferred = false;
};

inline constexpr std::uint32_t kMostWays = 8;

/// Everything a station may be.
struct GraphRows : LaneRows {
  std::uint32_t in_count = 0;
  const double* arrive[kMostWays] = {};  // (rows × lanes) each
  std::uint32_t servers = 1;

  /// For several servers: when the part that many rows before left (rows × lanes); the ends of the works in progress in
  /// rising order, when their parts came into the factory and on which server they are ((servers − 1) × lanes each); the
  /// servers in the order in which they became free, (servers × lanes), of which `turn` takes the part. One row at a time.
  const double* release = nullptr;
  double* ends = nullptr;
  double* end_entries = nullptr;
  double* end_servers = nullptr;
  double* free_servers = nullptr;
  std::uint32_t turn = 0;
  bool emits = true;  ///< false for the first rows of several servers, before any part has left

  bool starts_only_with_room = false;
  const double* before_room = nullptr;  // (rows × lanes), or one row
  std::uint32_t before_room_step = 0;

  std::uint32_t out_count = 0;
  const double* room[kMostWays] = {};
  std::uint32_t room_step[kMostWays] = {};
  double* out[kMostWays] = {};                // (rows × lanes) each
  std::uint64_t* enter_sums[kMostWays] = {};  // (lanes), for all but the last way: when the part left by it
  std::uint64_t* enter_counts[kMostWays] = {};

  /// The last part is handed over by `depart_rows` when the station behind has taken it.
  bool is_deferred = false;

  double* take = nullptr;

  /// When the parts came into the factory (rows × lanes), carried on; null where rows keep their numbers.
  const double* entry_in = nullptr;
  double* entry_out[kMostWays] = {};

  /// `left[lane]`: working ticks to the next failure.
  double* left = nullptr;
  InterruptFunction interrupt = nullptr;
  void* interrupt_context = nullptr;
};

/// A finished part leaves when it is taken: `out` = max(`out`, `taken`).
struct DepartRows : LaneRows {
  const double* taken = nullptr;  // (rows × lanes)
  double* out = nullptr;          // (rows × lanes)
};

/// Rows of parts that left the factory: time in it, of those within the span.
struct LeadRows {
  std::uint32_t rows = 0;
  std::uint32_t lanes = 0;
  const double* exit = nullptr;   // (rows × lanes)
  const double* entry = nullptr;  // (rows × lanes)
  const double* from = nullptr;
  const double* to = nullptr;
  std::uint64_t* lead_sums = nullptr;  // (lanes)
};

/// Consecutive parts at a station of a line in a group of lanes, with a record of what decided. Bit l of a byte is lane l.
/// Times in ticks. What is waited for lies in a ring of `room_mask` + 1 rows.
struct RecordRows {
  std::uint32_t rows = 0;         ///< 1 where work may be interrupted
  const double* noise = nullptr;  // (rows × group), as all that follow
  double factor = 0;
  double offset = 0;
  double limit = 0;                // [ticks] of a duration
  const double* arrive = nullptr;  // or null
  const double* room = nullptr;    // the ring, or null
  std::uint64_t room_row = 0;      // of the first part
  std::uint64_t room_mask = 0;
  double* last = nullptr;  // (group)
  double* take = nullptr;  // or null
  double* out = nullptr;
  float* work = nullptr;  // rows `work_step` apart
  std::size_t work_step = 0;
  std::uint8_t* codes =
      nullptr;  // whether the part came later than the station was free; whether it had to wait for room
  std::uint8_t* tie_codes = nullptr;  // the same where equal times count as later, or null
  std::size_t code_step = 0;

  double* left = nullptr;
  InterruptFunction interrupt = nullptr;
  void* interrupt_context = nullptr;
};

/// The same parts on the way back, the last one first: what depends on when a part left is passed on to what that depended on.
/// The numbers of a time are two groups: throughput and lead time.
struct BackRows {
  std::uint32_t rows = 0;
  const float* work = nullptr;  // (group), rows `work_step` apart
  std::size_t work_step = 0;
  const std::uint8_t* codes = nullptr;  // as recorded
  std::size_t code_step = 0;
  const double* entered = nullptr;  // (rows × group): lead times that begin with the part, or null
  double* mine = nullptr;           // (rows × 2 × group), as all that follow; used up
  double* before = nullptr;         // (2 × group): of the part before the first
  double* arrive = nullptr;         // or null
  double* room = nullptr;           // the ring, or null
  std::uint64_t room_row = 0;
  std::uint64_t room_mask = 0;
  double* sums = nullptr;    // (2 × group): times the work
  double* finish = nullptr;  // what is left for the end of the work, or null
};

/// A draw whose first try failed. @param state  four words of the stream, behind `bits`, which came last.
using RareDrawFunction = double (*)(std::uint64_t* state, std::uint64_t bits);

/// Standard exponential variates of several streams, a row of one each.
struct ExponentialRows {
  std::uint32_t rows = 0;
  std::uint32_t lanes = 0;                ///< of a row of `out`
  std::uint32_t streams = 0;              ///< a multiple of the group
  std::uint64_t* state = nullptr;         // (4 × streams)
  const ZigguratLayer* layers = nullptr;  // (256)
  const double* density = nullptr;        // (257): at the layers' ends
  RareDrawFunction rare = nullptr;
  double* out = nullptr;  // (rows × lanes)
};

/// A place in a ring of rows, or in one row that is never left (`rows` 0).
struct RingPlace {
  double* base = nullptr;
  std::uint32_t rows = 0;
  std::uint32_t slot = 0;
};

/// What one operation does over a chunk of rows. The pointers into rings are set from the places, block by block.
struct LineStep {
  LineRows rows;
  RingPlace in;
  RingPlace room;
  RingPlace out;
};
/// As a line's, of a station that takes several things together.
struct KitStep : LineStep {
  std::uint32_t part_count = 0;
  RingPlace part[kMostWays];
  RingPlace take;
  double* whole = nullptr;  // (rows of a block × lanes): when the last of the kit came
};
struct SourceStep {
  SourceRows rows;
  RingPlace room;
  RingPlace out;
};
struct GraphStep {
  GraphRows rows;
  RingPlace in[kMostWays];
  RingPlace room[kMostWays];
  RingPlace out[kMostWays];
  RingPlace before_room;
  RingPlace take;  // base null for none
};
enum class StepKind : std::uint8_t { line, kit, source, graph };
struct StepOrder {
  StepKind kind = StepKind::line;
  std::uint32_t index = 0;
};

/// Many rows of all operations, `block_rows` at a time, without overtaking and without parts that wait for their assembly on
/// a machine.
struct ChunkRows {
  std::uint32_t rows = 0;
  std::uint32_t block_rows = 1;
  std::uint32_t first_rows = 1;  ///< of the first block, which ends where a ring of whole blocks does
  const StepOrder* order = nullptr;
  std::uint32_t count = 0;
  LineStep* lines = nullptr;
  KitStep* kits = nullptr;
  SourceStep* sources = nullptr;
  GraphStep* graphs = nullptr;
};

struct LaneKernel {
  void (*chunk)(const ChunkRows&);
  void (*line)(const LineRows&);
  void (*source)(const SourceRows&);
  void (*graph)(const GraphRows&);
  void (*depart)(const DepartRows&);
  void (*lead)(const LeadRows&);
  void (*record)(const RecordRows&);
  void (*back)(const BackRows&);
  double (*exponential)(const ExponentialRows&);  ///< returns the largest
};

extern const LaneKernel kBaselineKernel;
#ifdef TWIN_LANES_X86
extern const LaneKernel kAvx2Kernel;
extern const LaneKernel kAvx512Kernel;
#endif

}  // namespace twin::detail
