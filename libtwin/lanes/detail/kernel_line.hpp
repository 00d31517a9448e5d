// SPDX-License-Identifier: Apache-2.0
// No include guard: part of a kernel (kernel_body.hpp). Lines: one way in, one way out, one server.

namespace twin::detail::TWIN_LANES_NAMESPACE {

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

}  // namespace twin::detail::TWIN_LANES_NAMESPACE
