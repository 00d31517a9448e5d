// SPDX-License-Identifier: Apache-2.0
// No include guard: part of a kernel (kernel_body.hpp). Sources and stations of every kind.

namespace twin::detail::TWIN_LANES_NAMESPACE {

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

}  // namespace twin::detail::TWIN_LANES_NAMESPACE
