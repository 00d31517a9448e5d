// SPDX-License-Identifier: Apache-2.0
// No include guard: part of a kernel (kernel_body.hpp). Many rows of all operations.

namespace twin::detail::TWIN_LANES_NAMESPACE {

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

}  // namespace twin::detail::TWIN_LANES_NAMESPACE
