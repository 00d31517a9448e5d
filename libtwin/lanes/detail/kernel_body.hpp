// SPDX-License-Identifier: Apache-2.0
// No include guard: included once by each kernel's translation unit, which defines TWIN_LANES_WIDTH (doubles in a vector)
// and TWIN_LANES_NAMESPACE.

#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <libtwin/lanes/detail/kernel.hpp>

namespace twin::detail::TWIN_LANES_NAMESPACE {

typedef double Doubles __attribute__((vector_size(8 * TWIN_LANES_WIDTH)));
typedef std::uint64_t Words __attribute__((vector_size(8 * TWIN_LANES_WIDTH)));
typedef std::int64_t Masks __attribute__((vector_size(8 * TWIN_LANES_WIDTH)));

constexpr std::uint32_t kWidth = TWIN_LANES_WIDTH;

#define TWIN_INLINE static inline __attribute__((always_inline))
#define TWIN_LAMBDA_INLINE __attribute__((always_inline))

TWIN_INLINE Doubles load(const double* p) { return *reinterpret_cast<const Doubles*>(p); }
TWIN_INLINE void store(double* p, Doubles v) { *reinterpret_cast<Doubles*>(p) = v; }
TWIN_INLINE Doubles all(double x) { return Doubles{} + x; }

// GCC 12 makes a comparison and a blend of `a > b ? a : b` in some places; the instruction is asked for by name.
TWIN_INLINE Doubles larger(Doubles a, Doubles b) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 2
  return _mm_max_pd(a, b);
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 4
  return _mm256_max_pd(a, b);
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_max_pd(a, b);
#else
  return a > b ? a : b;
#endif
}
TWIN_INLINE Doubles smaller(Doubles a, Doubles b) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 2
  return _mm_min_pd(a, b);
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 4
  return _mm256_min_pd(a, b);
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_min_pd(a, b);
#else
  return a < b ? a : b;
#endif
}

TWIN_INLINE unsigned bits_of(Masks m) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 2
  return static_cast<unsigned>(_mm_movemask_pd(reinterpret_cast<__m128d>(m)));
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 4
  return static_cast<unsigned>(_mm256_movemask_pd(reinterpret_cast<__m256d>(m)));
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_movepi64_mask(reinterpret_cast<__m512i>(m));
#else
  unsigned bits = 0;
  for (std::uint32_t i = 0; i < kWidth; ++i) bits |= m[i] != 0 ? 1U << i : 0U;
  return bits;
#endif
}

/// Bit i: a[i] < b[i].
TWIN_INLINE unsigned bits_below(Doubles a, Doubles b) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
#else
  return bits_of(a < b);
#endif
}

/// `v` with `x` in lane `i`. By a mask: a vector that is read over a number just written waits for it.
template <class Vector, class Number>
TWIN_INLINE Vector with_lane(Vector v, std::uint32_t i, Number x) {
  Masks lanes{};
  for (std::uint32_t k = 0; k < kWidth; ++k) lanes[k] = k;
  return lanes == static_cast<std::int64_t>(i) ? Vector{} + x : v;
}

// A duration on the grid: adding 2^52 rounds to the nearest tick, ties to even, as the event engine does.
TWIN_INLINE Doubles to_grid(Doubles ticks) {
  const Doubles bias = all(kTimeBias);
  return (ticks + bias) - bias;
}

template <bool kScaled>
TWIN_INLINE Doubles duration(const double* noise, Doubles factor, Doubles offset) {
  if constexpr (kScaled) return to_grid(load(noise) * factor);
  return to_grid(larger(offset + load(noise) * factor, Doubles{}));
}

/// What one vector of lanes adds up over a stretch of rows.
template <LaneMode kMode>
struct Adder {
  Words sum[3]{};
  Words before[3]{};
  Words until[3]{};
  Doubles from;
  Doubles to;

  TWIN_INLINE void begin(Adder& a, const LaneRows& r, std::uint32_t lane) {
    if constexpr (kMode == LaneMode::clipped) {
      a.from = load(r.from + lane);
      a.to = load(r.to + lane);
    }
  }
  TWIN_INLINE void add(Adder& a, unsigned which, Doubles t) {
    if constexpr (kMode == LaneMode::skip) return;
    if constexpr (kMode == LaneMode::plain) a.sum[which] += reinterpret_cast<Words>(t);
    if constexpr (kMode == LaneMode::clipped) {
      a.sum[which] += reinterpret_cast<Words>(smaller(larger(t, a.from), a.to));
      a.before[which] -= reinterpret_cast<Words>(t <= a.from);
      a.until[which] -= reinterpret_cast<Words>(t <= a.to);
    }
  }
  TWIN_INLINE void end_of(const Adder& a, std::uint64_t* sums, std::uint64_t* counts, unsigned which, unsigned slot,
                          unsigned slots, std::uint32_t lanes, std::uint32_t lane) {
    if constexpr (kMode == LaneMode::skip) return;
    *reinterpret_cast<Words*>(sums + slot * lanes + lane) += a.sum[which];
    if constexpr (kMode == LaneMode::clipped) {
      *reinterpret_cast<Words*>(counts + slot * lanes + lane) += a.before[which];
      *reinterpret_cast<Words*>(counts + (slots + slot) * lanes + lane) += a.until[which];
    }
  }
  TWIN_INLINE void end(const Adder& a, const LaneRows& r, std::uint32_t lane) {
    for (unsigned which = 0; which < 3; ++which) {
      end_of(a, r.sums.sums, r.sums.counts, which, which, 3, r.lanes, lane);
    }
  }
};

// Where the work is longer than what is left until a failure, bit by bit of `which`: when it ends, and what is left then.
template <class Rows>
static __attribute__((noinline)) Doubles end_interrupted(const Rows& r, std::uint32_t lane, unsigned which,
                                                         Doubles start, Doubles work, Doubles& left) {
  alignas(64) double starts[kWidth];
  alignas(64) double works[kWidth];
  store(starts, start);
  store(works, work);
  store(r.left + lane, left);
  Doubles finish = start + work;
  Doubles rest = left - work;
  for (; which != 0; which &= which - 1) {
    const auto i = static_cast<std::uint32_t>(__builtin_ctz(which));
    finish = with_lane(finish, i, r.interrupt(r.interrupt_context, lane + i, starts[i], works[i]));
    rest = with_lane(rest, i, r.left[lane + i]);
  }
  left = rest;
  return finish;
}

/// When the work ends; `left` goes on.
template <class Rows>
TWIN_INLINE Doubles end_of_work(const Rows& r, std::uint32_t lane, Doubles start, Doubles work, Doubles& left) {
  const unsigned which = bits_below(left, work);
  if (__builtin_expect(which != 0, 0)) return end_interrupted(r, lane, which, start, work, left);
  left = left - work;
  return start + work;
}

/// The same of one row, `left` in memory.
template <class Rows>
TWIN_INLINE void interrupt_work(const Rows& r, std::uint32_t lane, Doubles start, Doubles work, Doubles& finish) {
  Doubles left = load(r.left + lane);
  finish = end_of_work(r, lane, start, work, left);
  store(r.left + lane, left);
}

template <LaneMode kMode, bool kScaled, bool kTake, bool kFails>
static void line_rows(const LineRows& r) {
  using Add = Adder<kMode>;
  for (std::uint32_t lane = 0; lane < r.lanes; lane += kWidth) {
    const Doubles factor = load(r.factor + lane);
    const Doubles offset = kScaled ? Doubles{} : load(r.offset + lane);
    Doubles last = load(r.last + lane);
    Add adder;
    Add::begin(adder, r, lane);
    const double* room = r.room;
    std::uint32_t before_wrap = r.room_rows;
    for (std::uint32_t row = 0; row < r.rows; ++row) {
      const std::uint32_t at = row * r.lanes + lane;
      const Doubles start = larger(load(r.arrive + row * r.arrive_step + lane), last);
      const Doubles work = duration<kScaled>(r.noise + at, factor, offset);
      Doubles finish = start + work;
      if constexpr (kFails) interrupt_work(r, lane, start, work, finish);
      last = larger(finish, load(room + lane));
      store(r.out + at, last);
      if constexpr (kTake) store(r.take + at, start);
      Add::add(adder, 0, start);
      Add::add(adder, 1, finish);
      Add::add(adder, 2, last);
      room = --before_wrap != 0 ? room + r.room_step : r.room_rest;
    }
    store(r.last + lane, last);
    Add::end(adder, r, lane);
  }
}

// Vectors worked on together: while one waits for its maximum, another adds. As many as leave the sums in registers.
constexpr std::uint32_t kTogether = kWidth == 2 ? 4 : 2;

/// The rows of most stations of most lines: nothing but the recursion, and where there is nothing to wait for, no look at it.
/// `r.rows` is not 0.
template <LaneMode kMode, bool kScaled, bool kArrives, bool kWaits, bool kTake, bool kFails, std::uint32_t kVectors>
TWIN_INLINE void plain_line_group(const LineRows& r, std::uint32_t lane) {
  using Add = Adder<kMode>;
  Doubles factor[kVectors];
  Doubles offset[kVectors];
  Doubles last[kVectors];
  Doubles left[kVectors];
  Add adder[kVectors]{};
  for (std::uint32_t v = 0; v < kVectors; ++v) {
    factor[v] = load(r.factor + lane + v * kWidth);
    offset[v] = kScaled ? Doubles{} : load(r.offset + lane + v * kWidth);
    last[v] = load(r.last + lane + v * kWidth);
    left[v] = kFails ? load(r.left + lane + v * kWidth) : Doubles{};
  }
  const double* noise = r.noise + lane;
  const double* arrive = r.arrive + lane;
  const double* room = r.room + lane;
  double* out = r.out + lane;
  double* take = kTake ? r.take + lane : nullptr;
  const std::uint64_t lanes = r.lanes;
  // The rows up to the end of the ring that is waited for, and those from its begin.
  std::uint32_t rows = kWaits && r.room_rows < r.rows ? r.room_rows : r.rows;
  for (std::uint32_t rest = r.rows - rows;; rows = rest, rest = 0) {
    do {
#pragma GCC unroll 4
      for (std::uint32_t v = 0; v < kVectors; ++v) {
        const std::uint32_t at = v * kWidth;
        const Doubles start = kArrives ? larger(load(arrive + at), last[v]) : last[v];
        const Doubles work = duration<kScaled>(noise + at, factor[v], offset[v]);
        const Doubles finish = kFails ? end_of_work(r, lane + at, start, work, left[v]) : start + work;
        last[v] = kWaits ? larger(finish, load(room + at)) : finish;
        store(out + at, last[v]);
        if constexpr (kTake) store(take + at, start);
        Add::add(adder[v], 0, start);
        Add::add(adder[v], 1, finish);
        Add::add(adder[v], 2, last[v]);
      }
      noise += lanes;
      if constexpr (kArrives) arrive += lanes;
      if constexpr (kWaits) room += lanes;
      if constexpr (kTake) take += lanes;
      out += lanes;
    } while (--rows != 0);
    if (!kWaits || rest == 0) break;
    room = r.room_rest + lane;
  }
  for (std::uint32_t v = 0; v < kVectors; ++v) {
    store(r.last + lane + v * kWidth, last[v]);
    if constexpr (kFails) store(r.left + lane + v * kWidth, left[v]);
    Add::end(adder[v], r, lane + v * kWidth);
  }
}

template <LaneMode kMode, bool kScaled, bool kArrives, bool kWaits, bool kTake, bool kFails>
static void plain_line_rows(const LineRows& r) {
  std::uint32_t lane = 0;
  for (; lane + kTogether * kWidth <= r.lanes; lane += kTogether * kWidth) {
    plain_line_group<kMode, kScaled, kArrives, kWaits, kTake, kFails, kTogether>(r, lane);
  }
  for (; lane < r.lanes; lane += kWidth) plain_line_group<kMode, kScaled, kArrives, kWaits, kTake, kFails, 1>(r, lane);
}

template <LaneMode kMode>
static void source_rows(const SourceRows& r) {
  using Add = Adder<kMode>;
  for (std::uint32_t lane = 0; lane < r.lanes; lane += kWidth) {
    const Doubles factor = load(r.factor + lane);
    const Doubles offset = load(r.offset + lane);
    Doubles last = load(r.last + lane);
    Add adder;
    Add::begin(adder, r, lane);
    for (std::uint32_t row = 0; row < r.rows; ++row) {
      const std::uint32_t at = row * r.lanes + lane;
      last = last + duration<false>(r.noise + at, factor, offset);
      const Doubles leave = larger(last, load(r.room + row * r.room_step + lane));
      store(r.out + at, leave);
      if (r.take != nullptr) store(r.take + at, last);
      Add::add(adder, 0, last);
      Add::add(adder, 1, last);
      if (!r.is_deferred) Add::add(adder, 2, leave);
    }
    store(r.last + lane, last);
    Add::end(adder, r, lane);
  }
}

// The ends of the works in progress stay in rising order: from the last to the first, the later of two stays and the earlier
// goes on, until the first of all comes out. Of two that end together the one on the lower server goes first, as the event
// engine has it; its server is then the one that has been free for the shortest time.
TWIN_INLINE void let_in(const GraphRows& r, std::uint32_t lane, Doubles& end, Doubles& entry) {
  Doubles server = load(r.free_servers + r.turn * r.lanes + lane);
  for (std::uint32_t k = r.servers - 1; k-- > 0;) {
    const std::uint32_t at = k * r.lanes + lane;
    const Doubles other = load(r.ends + at);
    const Doubles other_entry = load(r.end_entries + at);
    const Doubles other_server = load(r.end_servers + at);
    const Masks is_later = (end > other) | ((end == other) & (server > other_server));
    store(r.ends + at, is_later ? end : other);
    store(r.end_entries + at, is_later ? entry : other_entry);
    store(r.end_servers + at, is_later ? server : other_server);
    end = is_later ? other : end;
    entry = is_later ? other_entry : entry;
    server = is_later ? other_server : server;
  }
  if (r.emits) store(r.free_servers + (r.turn + 1 == r.servers ? 0 : r.turn + 1) * r.lanes + lane, server);
}

template <LaneMode kMode>
static void graph_rows(const GraphRows& r) {
  using Add = Adder<kMode>;
  for (std::uint32_t lane = 0; lane < r.lanes; lane += kWidth) {
    const Doubles factor = load(r.factor + lane);
    const Doubles offset = load(r.offset + lane);
    Doubles last = load(r.last + lane);
    Add adder;
    Add::begin(adder, r, lane);
    Add enters[kMostWays];
    for (std::uint32_t o = 0; o < r.out_count; ++o) Add::begin(enters[o], r, lane);
    for (std::uint32_t row = 0; row < r.rows; ++row) {
      const std::uint32_t at = row * r.lanes + lane;
      Doubles take = r.servers == 1 ? last : load(r.release + at);
      for (std::uint32_t k = 0; k < r.in_count; ++k) take = larger(take, load(r.arrive[k] + at));
      Doubles start = take;
      if (r.starts_only_with_room) start = larger(take, load(r.before_room + row * r.before_room_step + lane));
      const Doubles work = duration<false>(r.noise + at, factor, offset);
      Doubles finish = start + work;
      if (r.left != nullptr) interrupt_work(r, lane, start, work, finish);
      if (r.take != nullptr) store(r.take + at, take);
      Add::add(adder, 0, take);
      Add::add(adder, 1, r.starts_only_with_room ? start : finish);
      Doubles entry = r.entry_in != nullptr ? load(r.entry_in + at) : take;
      if (r.servers > 1) let_in(r, lane, finish, entry);
      if (!r.emits) continue;
      Doubles leave = finish;
      for (std::uint32_t o = 0; o < r.out_count; ++o) {
        if (!r.starts_only_with_room && !r.is_deferred) {
          leave = larger(leave, load(r.room[o] + row * r.room_step[o] + lane));
        }
        store(r.out[o] + at, leave);
        if (r.entry_out[o] != nullptr) store(r.entry_out[o] + at, entry);
        if (o + 1 < r.out_count) Add::add(enters[o], 0, leave);
      }
      last = leave;
      if (!r.is_deferred) Add::add(adder, 2, leave);
    }
    if (!r.is_deferred && r.emits) store(r.last + lane, last);
    Add::end(adder, r, lane);
    for (std::uint32_t o = 0; o + 1 < r.out_count; ++o) {
      Add::end_of(enters[o], r.enter_sums[o], r.enter_counts[o], 0, 0, 1, r.lanes, lane);
    }
  }
}

template <LaneMode kMode>
static void depart_rows(const DepartRows& r) {
  using Add = Adder<kMode>;
  for (std::uint32_t lane = 0; lane < r.lanes; lane += kWidth) {
    Add adder;
    Add::begin(adder, r, lane);
    Doubles leave = load(r.last + lane);
    for (std::uint32_t row = 0; row < r.rows; ++row) {
      const std::uint32_t at = row * r.lanes + lane;
      leave = larger(load(r.out + at), load(r.taken + at));
      store(r.out + at, leave);
      Add::add(adder, 2, leave);
    }
    store(r.last + lane, leave);
    Add::end(adder, r, lane);
  }
}

static void lead_rows(const LeadRows& r) {
  for (std::uint32_t lane = 0; lane < r.lanes; lane += kWidth) {
    const Doubles from = load(r.from + lane);
    const Doubles to = load(r.to + lane);
    Words sum{};
    for (std::uint32_t row = 0; row < r.rows; ++row) {
      const Doubles exit = load(r.exit + row * r.lanes + lane);
      const Words lead = reinterpret_cast<Words>(exit) - reinterpret_cast<Words>(load(r.entry + row * r.lanes + lane));
      sum += lead & reinterpret_cast<Words>((exit > from) & (exit <= to));
    }
    *reinterpret_cast<Words*>(r.lead_sums + lane) += sum;
  }
}

/// The lanes whose bit is set; 0 in the others.
TWIN_INLINE Doubles only(unsigned bits, Doubles v) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_maskz_mov_pd(static_cast<__mmask8>(bits), v);
#else
  Masks which{};
  for (std::uint32_t i = 0; i < kWidth; ++i) which[i] = std::int64_t{1} << i;
  const Masks m = ((Masks{} + static_cast<std::int64_t>(bits)) & which) == which;
  return reinterpret_cast<Doubles>(reinterpret_cast<Masks>(v) & m);
#endif
}

typedef float Floats __attribute__((vector_size(4 * TWIN_LANES_WIDTH)));
TWIN_INLINE Doubles load_floats(const float* p) {
  Floats f;
  __builtin_memcpy(&f, p, sizeof f);
  return __builtin_convertvector(f, Doubles);
}
TWIN_INLINE void store_floats(float* p, Doubles v) {
  const Floats f = __builtin_convertvector(v, Floats);
  __builtin_memcpy(p, &f, sizeof f);
}

template <bool kTies, bool kFails>
static void record_rows(const RecordRows& r) {
  constexpr std::uint32_t kVectors = kLaneGroup / kWidth;
  const Doubles factor = all(r.factor);
  const Doubles offset = all(r.offset);
  const Doubles limit = all(r.limit);
  Doubles last[kVectors];
  for (std::uint32_t v = 0; v < kVectors; ++v) last[v] = load(r.last + v * kWidth);
  for (std::uint32_t row = 0; row < r.rows; ++row) {
    const std::uint32_t first = row * kLaneGroup;
    const double* const room = r.room != nullptr ? r.room + ((r.room_row + row) & r.room_mask) * kLaneGroup : nullptr;
    unsigned came[2] = {};
    unsigned waited[2] = {};
#pragma GCC unroll 4
    for (std::uint32_t v = 0; v < kVectors; ++v) {
      const std::uint32_t lane = v * kWidth;
      Doubles start = last[v];
      if (r.arrive != nullptr) {
        const Doubles arrive = load(r.arrive + first + lane);
        start = larger(arrive, last[v]);
        came[0] |= bits_below(last[v], arrive) << lane;
        if constexpr (kTies) came[1] |= bits_of(arrive >= last[v]) << lane;
      }
      const Doubles work = to_grid(smaller(larger(offset + load(r.noise + first + lane) * factor, Doubles{}), limit));
      Doubles finish = start + work;
      if constexpr (kFails) interrupt_work(r, lane, start, work, finish);
      if (r.take != nullptr) store(r.take + first + lane, start);
      store_floats(r.work + row * r.work_step + lane, work);
      Doubles leave = finish;
      if (room != nullptr) {
        const Doubles free = load(room + lane);
        leave = larger(free, finish);
        waited[0] |= bits_below(finish, free) << lane;
        if constexpr (kTies) waited[1] |= bits_of(free >= finish) << lane;
      }
      last[v] = leave;
      store(r.out + first + lane, leave);
    }
    std::uint8_t* const codes = r.codes + row * r.code_step;
    codes[0] = static_cast<std::uint8_t>(came[0]);
    codes[1] = static_cast<std::uint8_t>(waited[0]);
    if constexpr (kTies) {
      std::uint8_t* const ties = r.tie_codes + row * r.code_step;
      ties[0] = static_cast<std::uint8_t>(came[1]);
      ties[1] = static_cast<std::uint8_t>(waited[1]);
    }
  }
  for (std::uint32_t v = 0; v < kVectors; ++v) store(r.last + v * kWidth, last[v]);
}

static void record(const RecordRows& r) {
  if (r.left != nullptr) return r.tie_codes != nullptr ? record_rows<true, true>(r) : record_rows<false, true>(r);
  return r.tie_codes != nullptr ? record_rows<true, false>(r) : record_rows<false, false>(r);
}

static void back(const BackRows& r) {
  constexpr std::uint32_t kSides = 2;
  for (std::uint32_t lane = 0; lane < kLaneGroup; lane += kWidth) {
    Doubles later[kSides];  // from the part behind
    Doubles sum[kSides];
    for (std::uint32_t side = 0; side < kSides; ++side) {
      later[side] = Doubles{};
      sum[side] = load(r.sums + side * kLaneGroup + lane);
    }
    for (std::uint32_t row = r.rows; row-- > 0;) {
      const std::uint8_t* const codes = r.codes + row * r.code_step;
      const unsigned came = codes[0];
      const unsigned waited = codes[1];
      const Doubles work = load_floats(r.work + row * r.work_step + lane);
      double* const room =
          r.room != nullptr ? r.room + ((r.room_row + row) & r.room_mask) * kSides * kLaneGroup : nullptr;
#pragma GCC unroll 2
      for (std::uint32_t side = 0; side < kSides; ++side) {
        const std::uint32_t at = side * kLaneGroup + lane;
        const std::uint32_t of_row = row * kSides * kLaneGroup + at;
        Doubles finish = load(r.mine + of_row) + later[side];
        store(r.mine + of_row, Doubles{});
        if (room != nullptr) {
          const Doubles to_room = only(waited >> lane, finish);
          store(room + at, load(room + at) + to_room);
          finish = finish - to_room;
        }
        sum[side] = sum[side] + finish * work;
        if (r.finish != nullptr) store(r.finish + of_row, finish);
        if (r.entered != nullptr && side == 1) finish = finish + load(r.entered + row * kLaneGroup + lane);
        if (r.arrive != nullptr) {
          const Doubles to_arrive = only(came >> lane, finish);
          store(r.arrive + of_row, load(r.arrive + of_row) + to_arrive);
          finish = finish - to_arrive;
        }
        later[side] = finish;
      }
    }
    for (std::uint32_t side = 0; side < kSides; ++side) {
      const std::uint32_t at = side * kLaneGroup + lane;
      store(r.before + at, load(r.before + at) + later[side]);
      store(r.sums + at, sum[side]);
    }
  }
}

template <bool kTake, bool kFails>
static void line_by_mode(const LineRows& r) {
  switch (r.mode) {
    case LaneMode::skip:
      return r.is_scaled ? line_rows<LaneMode::skip, true, kTake, kFails>(r)
                         : line_rows<LaneMode::skip, false, kTake, kFails>(r);
    case LaneMode::plain:
      return r.is_scaled ? line_rows<LaneMode::plain, true, kTake, kFails>(r)
                         : line_rows<LaneMode::plain, false, kTake, kFails>(r);
    case LaneMode::clipped:
      return r.is_scaled ? line_rows<LaneMode::clipped, true, kTake, kFails>(r)
                         : line_rows<LaneMode::clipped, false, kTake, kFails>(r);
  }
}

template <LaneMode kMode, bool kScaled>
static void plain_line(const LineRows& r) {
  const bool waits = r.room_step != 0;
  if (r.left != nullptr) {
    return waits ? plain_line_rows<kMode, kScaled, true, true, false, true>(r)
                 : plain_line_rows<kMode, kScaled, true, false, false, true>(r);
  }
  if (r.take != nullptr) {
    return waits ? plain_line_rows<kMode, kScaled, true, true, true, false>(r)
                 : plain_line_rows<kMode, kScaled, true, false, true, false>(r);
  }
  if (r.arrive_step != 0) {
    return waits ? plain_line_rows<kMode, kScaled, true, true, false, false>(r)
                 : plain_line_rows<kMode, kScaled, true, false, false, false>(r);
  }
  return waits ? plain_line_rows<kMode, kScaled, false, true, false, false>(r)
               : plain_line_rows<kMode, kScaled, false, false, false, false>(r);
}

static void line(const LineRows& r) {
  const bool is_simple = r.left == nullptr && r.take == nullptr;
  const bool is_plain = r.rows != 0 && (is_simple || (r.arrive_step != 0 && (r.left == nullptr || r.take == nullptr)));
  if (is_plain && r.mode == LaneMode::skip) {
    return r.is_scaled ? plain_line<LaneMode::skip, true>(r) : plain_line<LaneMode::skip, false>(r);
  }
  if (is_plain && r.mode == LaneMode::plain) {
    return r.is_scaled ? plain_line<LaneMode::plain, true>(r) : plain_line<LaneMode::plain, false>(r);
  }
  if (r.left != nullptr) return r.take != nullptr ? line_by_mode<true, true>(r) : line_by_mode<false, true>(r);
  return r.take != nullptr ? line_by_mode<true, false>(r) : line_by_mode<false, false>(r);
}

template <class Rows, void (*kSkip)(const Rows&), void (*kPlain)(const Rows&), void (*kClipped)(const Rows&)>
static void by_mode(const Rows& r) {
  switch (r.mode) {
    case LaneMode::skip:
      return kSkip(r);
    case LaneMode::plain:
      return kPlain(r);
    case LaneMode::clipped:
      return kClipped(r);
  }
}

constexpr auto source =
    by_mode<SourceRows, source_rows<LaneMode::skip>, source_rows<LaneMode::plain>, source_rows<LaneMode::clipped>>;
constexpr auto graph =
    by_mode<GraphRows, graph_rows<LaneMode::skip>, graph_rows<LaneMode::plain>, graph_rows<LaneMode::clipped>>;
constexpr auto depart =
    by_mode<DepartRows, depart_rows<LaneMode::skip>, depart_rows<LaneMode::plain>, depart_rows<LaneMode::clipped>>;

// --- draws ---

TWIN_INLINE Words rotated(Words x, int by) { return (x << by) | (x >> (64 - by)); }

/// Integers below 2^53, exactly.
TWIN_INLINE Doubles from_words(Words x) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_cvtepi64_pd(reinterpret_cast<__m512i>(x));
#else
  // The lower half beside 2^52, the upper in units of 2^32 beside 2^84.
  const Words low = (x & 0xffffffffULL) | 0x4330000000000000ULL;
  const Words high = (x >> 32) | 0x4530000000000000ULL;
  return (reinterpret_cast<Doubles>(high) - 0x1.00000001p84) + reinterpret_cast<Doubles>(low);
#endif
}

/// Bit i: a[i] >= b[i], both below 2^63.
TWIN_INLINE unsigned bits_not_below(Words a, Words b) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_cmpge_epu64_mask(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b));
#elif TWIN_LANES_WIDTH == 2
  return (a[0] >= b[0] ? 1U : 0U) | (a[1] >= b[1] ? 2U : 0U);
#else
  return bits_of(reinterpret_cast<Masks>(a) >= reinterpret_cast<Masks>(b));
#endif
}

/// The layers that the lowest bytes of `bits` name.
TWIN_INLINE void find_layers(const ZigguratLayer* layers, const std::uint64_t* bits, Words& inside, Doubles& width) {
#if defined(__x86_64__)
  const auto layer = [&](std::uint32_t i) TWIN_LAMBDA_INLINE {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(layers + static_cast<std::uint8_t>(bits[i])));
  };
#if TWIN_LANES_WIDTH == 2
  const __m128i even = layer(0);
  const __m128i odd = layer(1);
  inside = reinterpret_cast<Words>(_mm_unpacklo_epi64(even, odd));
  width = reinterpret_cast<Doubles>(_mm_unpackhi_epi64(even, odd));
#else
  const auto layer_pair = [&](std::uint32_t i) TWIN_LAMBDA_INLINE {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(layer(i)), layer(i + 2), 1);
  };
#if TWIN_LANES_WIDTH == 4
  const __m256i even = layer_pair(0);
  const __m256i odd = layer_pair(1);
  inside = reinterpret_cast<Words>(_mm256_unpacklo_epi64(even, odd));
  width = reinterpret_cast<Doubles>(_mm256_unpackhi_epi64(even, odd));
#else
  const __m512i even = _mm512_inserti64x4(_mm512_castsi256_si512(layer_pair(0)), layer_pair(4), 1);
  const __m512i odd = _mm512_inserti64x4(_mm512_castsi256_si512(layer_pair(1)), layer_pair(5), 1);
  inside = reinterpret_cast<Words>(_mm512_unpacklo_epi64(even, odd));
  width = reinterpret_cast<Doubles>(_mm512_unpackhi_epi64(even, odd));
#endif
#endif
#else
  for (std::uint32_t i = 0; i < kWidth; ++i) {
    const ZigguratLayer& layer = layers[static_cast<std::uint8_t>(bits[i])];
    inside[i] = layer.inside;
    width[i] = layer.width;
  }
#endif
}

/// The state of xoshiro256++, of a stream a lane.
struct Streams {
  Words word[4];

  TWIN_INLINE Words next(Streams& s) {
    const Words result = rotated(s.word[0] + s.word[3], 23) + s.word[0];
    const Words t = s.word[1] << 17;
    s.word[2] ^= s.word[0];
    s.word[3] ^= s.word[1];
    s.word[1] ^= s.word[2];
    s.word[0] ^= s.word[3];
    s.word[2] ^= t;
    s.word[3] = rotated(s.word[3], 45);
    return result;
  }
};

/// xoshiro256++ of one stream.
TWIN_INLINE std::uint64_t next_word(std::uint64_t* s) {
  const auto rotated_word = [](std::uint64_t x, int by) TWIN_LAMBDA_INLINE { return (x << by) | (x >> (64 - by)); };
  const std::uint64_t result = rotated_word(s[0] + s[3], 23) + s[0];
  const std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotated_word(s[3], 45);
  return result;
}

TWIN_INLINE double whole(std::uint64_t x) { return static_cast<double>(static_cast<std::int64_t>(x)); }

/// The rest of a draw whose first try, `bits`, fell beyond the inside of its layer. Whether the point lies under the curve is
/// a toss-up that no processor predicts, so what follows either way is made and one of the two taken. The few cases that take
/// more than the chord, the tangent and one more try are left to `rare`.
TWIN_INLINE double draw_at_edge(const ExponentialRows& r, std::uint64_t* state, std::uint64_t bits) {
  constexpr double kMargin = 1e-9;
  const std::uint64_t index = bits & 255;
  const std::uint64_t position = bits >> 11;
  const ZigguratLayer& layer = r.layers[index];
  std::uint64_t under[4] = {state[0], state[1], state[2], state[3]};
  const double u = (whole(next_word(under) >> 12) + 0.5) * 0x1p-52;
  std::uint64_t over[4] = {under[0], under[1], under[2], under[3]};
  const std::uint64_t again = next_word(over);
  const ZigguratLayer& next = r.layers[again & 255];
  const double low = r.density[index];
  const double high = r.density[index + 1];
  const double from_left = whole(position - layer.inside) * layer.width;
  const bool is_over = u * whole((1ULL << 53) - layer.inside) > whole((1ULL << 53) - position) * (1 + kMargin);
  const bool is_under = low + u * (high - low) < high * (1 - kMargin) - high * from_left;
  const bool is_inside = (again >> 11) < next.inside;
  if (__builtin_expect(!((is_under | (is_over & is_inside)) & (index != 0)), 0)) return r.rare(state, bits);
  const std::uint64_t choice = 0 - std::uint64_t{is_over};
  for (unsigned k = 0; k < 4; ++k) state[k] = under[k] ^ ((under[k] ^ over[k]) & choice);
  const std::uint64_t last = bits ^ ((bits ^ again) & choice);
  return whole(last >> 11) * r.layers[last & 255].width;
}

/// Draws again in the lanes whose bit is set, one by one. What is written here is read as it was written, word by word, and
/// comes back into the vectors by masks: a vector that is read over words just written waits for them.
TWIN_INLINE void draw_again(const ExponentialRows& r, const std::uint64_t* bits, unsigned which, Streams& s,
                            Doubles& x) {
  alignas(64) std::uint64_t words[4][kWidth];
  for (unsigned k = 0; k < 4; ++k) *reinterpret_cast<Words*>(words[k]) = s.word[k];
  for (; which != 0; which &= which - 1) {
    const auto i = static_cast<std::uint32_t>(__builtin_ctz(which));
    std::uint64_t state[4] = {words[0][i], words[1][i], words[2][i], words[3][i]};
    x = with_lane(x, i, draw_at_edge(r, state, bits[i]));
    for (unsigned k = 0; k < 4; ++k) s.word[k] = with_lane(s.word[k], i, state[k]);
  }
}

// As `exponential_draw` does, stream by stream; several vectors of streams, so that one goes on while another draws again.
template <std::uint32_t kVectors>
TWIN_INLINE void exponential_group(const ExponentialRows& r, std::uint32_t first, Doubles& largest) {
  Streams s[kVectors];
  for (std::uint32_t v = 0; v < kVectors; ++v) {
    for (unsigned k = 0; k < 4; ++k) {
      s[v].word[k] = *reinterpret_cast<Words*>(r.state + k * r.streams + first + v * kWidth);
    }
  }
  double* out = r.out + first;
  for (std::uint32_t row = 0; row < r.rows; ++row, out += r.lanes) {
#pragma GCC unroll 4
    for (std::uint32_t v = 0; v < kVectors; ++v) {
      alignas(64) std::uint64_t bits[kWidth];
      const Words drawn = Streams::next(s[v]);
      *reinterpret_cast<Words*>(bits) = drawn;
      // Through memory: taking a vector apart in registers costs more.
      __asm__("" : "+m"(bits));
      Words inside;
      Doubles width;
      find_layers(r.layers, bits, inside, width);
      const Words position = drawn >> 11;
      Doubles x = from_words(position) * width;
      const unsigned outside = bits_not_below(position, inside);
      if (__builtin_expect(outside != 0, 0)) draw_again(r, bits, outside, s[v], x);
      store(out + v * kWidth, x);
      largest = larger(x, largest);
    }
  }
  for (std::uint32_t v = 0; v < kVectors; ++v) {
    for (unsigned k = 0; k < 4; ++k) {
      *reinterpret_cast<Words*>(r.state + k * r.streams + first + v * kWidth) = s[v].word[k];
    }
  }
}

static double exponential_rows(const ExponentialRows& r) {
  Doubles largest{};
  std::uint32_t first = 0;
  for (; first + 2 * kWidth <= r.streams; first += 2 * kWidth) exponential_group<2>(r, first, largest);
  for (; first < r.streams; first += kWidth) exponential_group<1>(r, first, largest);
  double most = 0;
  for (std::uint32_t i = 0; i < kWidth; ++i) most = largest[i] > most ? largest[i] : most;
  return most;
}

// --- chunks ---

TWIN_INLINE double* at(const RingPlace& place, std::uint32_t lanes) { return place.base + place.slot * lanes; }
TWIN_INLINE std::uint32_t rows_left(const RingPlace& place, std::uint32_t wanted) {
  const std::uint32_t left = place.rows - place.slot;
  return place.rows != 0 && left < wanted ? left : wanted;
}
TWIN_INLINE void move_on(RingPlace& place, std::uint32_t rows) {
  if (place.rows == 0) return;
  place.slot += rows;
  if (place.slot == place.rows) place.slot = 0;
}
TWIN_INLINE std::uint32_t step_of(const RingPlace& place, std::uint32_t lanes) { return place.rows != 0 ? lanes : 0; }

// One stretch of rows without a wrap, but of the room that is waited for.
TWIN_INLINE void stretch_of_line(LineStep& s, std::uint32_t rows) {
  LineRows& r = s.rows;
  r.rows = rows;
  r.room = at(s.room, r.lanes);
  r.room_rows = rows_left(s.room, rows);
  r.room_rest = s.room.base;
  r.out = at(s.out, r.lanes);
  line(r);
  r.noise += rows * r.lanes;
  move_on(s.out, rows);
  if (s.room.rows != 0) s.room.slot = r.room_rows < rows ? rows - r.room_rows : s.room.slot + rows;
  if (s.room.slot == s.room.rows) s.room.slot = 0;
}

static void step_line(LineStep& s, std::uint32_t rows) {
  while (rows != 0) {
    const std::uint32_t some = rows_left(s.out, rows_left(s.in, rows));
    s.rows.arrive = at(s.in, s.rows.lanes);
    stretch_of_line(s, some);
    move_on(s.in, some);
    rows -= some;
  }
}

// A kit is there when the last of its parts is.
static void step_kit(KitStep& s, std::uint32_t rows) {
  LineRows& r = s.rows;
  while (rows != 0) {
    std::uint32_t some = rows_left(s.out, rows_left(s.take, rows));
    for (std::uint32_t k = 0; k < s.part_count; ++k) some = rows_left(s.part[k], some);
    const double* whole = at(s.part[0], r.lanes);
    move_on(s.part[0], some);
    for (std::uint32_t k = 1; k < s.part_count; ++k) {
      const double* const next = at(s.part[k], r.lanes);
      for (std::uint32_t i = 0; i < some * r.lanes; i += kWidth) {
        store(s.whole + i, larger(load(whole + i), load(next + i)));
      }
      whole = s.whole;
      move_on(s.part[k], some);
    }
    r.arrive = whole;
    r.take = at(s.take, r.lanes);
    move_on(s.take, some);
    stretch_of_line(s, some);
    rows -= some;
  }
}

static void step_source(SourceStep& s, std::uint32_t rows) {
  SourceRows& r = s.rows;
  while (rows != 0) {
    const std::uint32_t some = rows_left(s.out, rows_left(s.room, rows));
    r.rows = some;
    r.room = at(s.room, r.lanes);
    r.room_step = step_of(s.room, r.lanes);
    r.out = at(s.out, r.lanes);
    source(r);
    r.noise += some * r.lanes;
    move_on(s.out, some);
    move_on(s.room, some);
    rows -= some;
  }
}

static void step_graph(GraphStep& s, std::uint32_t rows) {
  GraphRows& r = s.rows;
  while (rows != 0) {
    std::uint32_t some = rows_left(s.before_room, rows_left(s.take, rows));
    for (std::uint32_t k = 0; k < r.in_count; ++k) some = rows_left(s.in[k], some);
    for (std::uint32_t o = 0; o < r.out_count; ++o) some = rows_left(s.out[o], rows_left(s.room[o], some));
    r.rows = some;
    r.before_room = at(s.before_room, r.lanes);
    if (s.take.base != nullptr) r.take = at(s.take, r.lanes);
    for (std::uint32_t k = 0; k < r.in_count; ++k) {
      r.arrive[k] = at(s.in[k], r.lanes);
      move_on(s.in[k], some);
    }
    for (std::uint32_t o = 0; o < r.out_count; ++o) {
      r.out[o] = at(s.out[o], r.lanes);
      r.room[o] = at(s.room[o], r.lanes);
      move_on(s.out[o], some);
      move_on(s.room[o], some);
    }
    graph(r);
    r.noise += some * r.lanes;
    move_on(s.before_room, some);
    move_on(s.take, some);
    rows -= some;
  }
}

static void chunk(const ChunkRows& c) {
  std::uint32_t block = c.first_rows;
  for (std::uint32_t done = 0; done < c.rows;) {
    const std::uint32_t some = c.rows - done < block ? c.rows - done : block;
    block = c.block_rows;
    for (std::uint32_t k = 0; k < c.count; ++k) {
      const StepOrder order = c.order[k];
      switch (order.kind) {
        case StepKind::line:
          step_line(c.lines[order.index], some);
          break;
        case StepKind::kit:
          step_kit(c.kits[order.index], some);
          break;
        case StepKind::source:
          step_source(c.sources[order.index], some);
          break;
        case StepKind::graph:
          step_graph(c.graphs[order.index], some);
          break;
      }
    }
    done += some;
  }
}
#undef TWIN_INLINE
#undef TWIN_LAMBDA_INLINE

}  // namespace twin::detail::TWIN_LANES_NAMESPACE
