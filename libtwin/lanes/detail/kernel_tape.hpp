// SPDX-License-Identifier: Apache-2.0
// No include guard: part of a kernel (kernel_body.hpp). The record of a run for its derivatives, and the way back.

namespace twin::detail::TWIN_LANES_NAMESPACE {

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

}  // namespace twin::detail::TWIN_LANES_NAMESPACE
