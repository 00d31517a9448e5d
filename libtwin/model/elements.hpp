// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/core/distribution.hpp>
#include <libtwin/model/fields.hpp>

/// What a factory is made of: plain values, comparable, without pointers. Times are in seconds, shares in [0, 1].
/// docs/explanation/semantics.md says what each word means.
namespace twin {

/// What happens to parts that arrive while there is no room.
enum class WhenFull : std::uint8_t { wait, lose };
constexpr auto enum_names(WhenFull) { return std::array<std::string_view, 2>{"wait", "lose"}; }

/// `after_service`: a finished part holds the machine until there is room. `before_service`: the machine starts only
/// when there is room, and reserves it.
enum class Blocking : std::uint8_t { after_service, before_service };
constexpr auto enum_names(Blocking) { return std::array<std::string_view, 2>{"after_service", "before_service"}; }

/// What ages a failure mode: working time, all time, or parts made.
enum class FailureClock : std::uint8_t { busy, calendar, cycles };
constexpr auto enum_names(FailureClock) { return std::array<std::string_view, 3>{"busy", "calendar", "cycles"}; }

/// What a failure in the middle of a part does to the part.
enum class FailureEffect : std::uint8_t { resume, restart, scrap, finish_first };
constexpr auto enum_names(FailureEffect) {
  return std::array<std::string_view, 4>{"resume", "restart", "scrap", "finish_first"};
}

/// What a buffer's capacity counts: the waiting places in it, or those and the places on the machine it feeds.
enum class Counting : std::uint8_t { waiting, with_machine };
constexpr auto enum_names(Counting) { return std::array<std::string_view, 2>{"waiting", "with_machine"}; }

/// Which part leaves a buffer first. `priority`: the product with the highest priority, ties by arrival.
enum class QueueOrder : std::uint8_t { fifo, lifo, priority, call };
constexpr auto enum_names(QueueOrder) { return std::array<std::string_view, 4>{"fifo", "lifo", "priority", "call"}; }

/// Whether parts that end in a sink are good ones (they are throughput) or scrap.
enum class SinkCounts : std::uint8_t { good, scrap };
constexpr auto enum_names(SinkCounts) { return std::array<std::string_view, 2>{"good", "scrap"}; }

enum class StationKind : std::uint8_t { machine, assembly, disassembly, process };
constexpr auto enum_names(StationKind) {
  return std::array<std::string_view, 4>{"machine", "assembly", "disassembly", "process"};
}

/// How a part chooses among the ways out of an element.
enum class RouteKind : std::uint8_t { always, share, otherwise, product, shortest, round_robin, priority, call };
constexpr auto enum_names(RouteKind) {
  return std::array<std::string_view, 8>{"always",   "share",       "otherwise", "product",
                                         "shortest", "round_robin", "priority",  "call"};
}

inline constexpr std::int64_t kUnlimited = -1;

/// A kind of part.
struct Product {
  std::string name{};

  /// Higher goes first in buffers with `order = "priority"`.
  double priority = 0;

  template <class Visit>
  void fields(Visit&& visit) {
    visit(Field{"priority", Dimension::none, "Higher goes first in buffers ordered by priority.", -1e9, 1e9}, priority);
  }
  friend bool operator==(const Product&, const Product&) = default;
};

/// One line of a release schedule.
struct ScheduledArrival {
  double time_s = 0;
  std::string product{};
  std::int64_t count = 1;
  friend bool operator==(const ScheduledArrival&, const ScheduledArrival&) = default;
};

/// Where parts come from.
struct Source {
  std::string name{};

  /// Time between arrivals [s]; absent: never starved, a part is there whenever one is asked for.
  std::optional<Distribution> arrivals{};

  /// Parts that arrive together, >= 0.
  Distribution batch = constant(1);

  /// Shares of the products, in any scale; empty: one product without a name.
  std::map<std::string, double> mix{};

  /// A CSV file with columns `time` [s unless the header says otherwise], `product`, `count`; instead of `arrivals`.
  std::string schedule{};

  /// The lines of `schedule`, in order of time.
  std::vector<ScheduledArrival> arrivals_list{};

  /// Parts that find no room wait at the source in order of arrival, or are lost.
  WhenFull when_full = WhenFull::wait;

  template <class Visit>
  void fields(Visit&& visit) {
    visit(Field{"arrivals", Dimension::time, "Time between arrivals; omitted: never starved."}, arrivals);
    visit(Field{"batch", Dimension::parts, "Parts that arrive together."}, batch);
    visit(Field{"mix", Dimension::share, "Share of each product."}, mix);
    visit(Field{"schedule", Dimension::none, "CSV file of releases with columns time, product, count."}, schedule);
    visit(Field{"when_full", Dimension::none, "What parts do that find no room."}, when_full);
  }
  friend bool operator==(const Source&, const Source&) = default;
};

/// One way for a machine to break down.
struct FailureMode {
  std::string name{};

  /// From the end of one repair to the next failure, on `clock`: [s], or parts for `cycles`.
  Distribution every = constant(0);

  FailureClock clock = FailureClock::busy;

  /// Time to repair [s], drawn when the machine fails.
  Distribution repair = constant(0);

  /// The crew that repairs, by name; empty: repair starts at once.
  std::string crew{};

  FailureEffect part = FailureEffect::resume;

  template <class Visit>
  void fields(Visit&& visit) {
    visit(Field{"every", Dimension::time, "Time between failures on the clock, or parts for clock = cycles."}, every);
    visit(Field{"clock", Dimension::none, "What ages the machine: busy time, calendar time or cycles."}, clock);
    visit(Field{"repair", Dimension::time, "Time to repair."}, repair);
    visit(Field{"crew", Dimension::none, "The crew that repairs."}, crew);
    visit(Field{"part", Dimension::none, "What happens to the part in the machine."}, part);
  }
  friend bool operator==(const FailureMode&, const FailureMode&) = default;
};

/// An element that works on parts: a machine, an assembly, a disassembly, or a process written by the user.
struct Station {
  std::string name{};
  StationKind kind = StationKind::machine;

  /// Equal machines side by side, >= 1; each ages and fails on its own.
  std::int64_t servers = 1;

  /// Work per part [s].
  Distribution cycle = constant(0);

  /// Work per part [s] for some products; the others take `cycle`.
  std::map<std::string, Distribution> cycle_of{};

  /// Time to change over [s], by `"A -> B"`; `*` stands for any product. The most exact entry counts, `A -> *` before
  /// `* -> B`; no entry: no setup. The first part a machine ever sees needs none.
  std::map<std::string, Distribution> setup{};

  Blocking blocking = Blocking::after_service;

  /// Share of parts destroyed when their work ends, [0, 1].
  double scrap = 0;

  /// Assembly only: how many parts it takes from each element before it; one from each where nothing is said. The
  /// first in the order of the flow is the main part: the result keeps its age and, unless `makes` is set, its product.
  std::map<std::string, std::int64_t> takes{};

  /// Disassembly only: how many parts it gives to each element after it; one to each where nothing is said.
  std::map<std::string, std::int64_t> gives{};

  /// The product of what leaves; empty: that of what came.
  std::string makes{};

  /// Process only: the name of the behaviour, given to `compile`.
  std::string behaviour{};

  std::vector<FailureMode> failures{};

  /// Whether the file keeps a field for this kind of station; fields that do not apply are errors.
  [[nodiscard]] bool has_field(std::string_view field) const;

  template <class Visit>
  void fields(Visit&& visit) {
    visit(Field{"servers", Dimension::none, "Equal machines side by side.", 1, 10000}, servers);
    visit(Field{"cycle", Dimension::time, "Work per part."}, cycle);
    visit(Field{"cycle_of", Dimension::time, "Work per part, by product."}, cycle_of);
    visit(Field{"setup", Dimension::time, "Time to change over, by \"A -> B\"."}, setup);
    visit(Field{"blocking", Dimension::none, "When a full place downstream stops the machine."}, blocking);
    visit(Field{"scrap", Dimension::share, "Share of parts destroyed when their work ends.", 0, 1}, scrap);
    visit(Field{"takes", Dimension::parts, "Parts an assembly takes from each element before it.", 1, 1000000}, takes);
    visit(Field{"gives", Dimension::parts, "Parts a disassembly gives to each element after it.", 1, 1000000}, gives);
    visit(Field{"makes", Dimension::none, "The product of what leaves."}, makes);
    visit(Field{"behaviour", Dimension::none, "The behaviour of a process, by the name given to compile."}, behaviour);
    visit(Field{"failure", Dimension::none, "Failure modes, by name."}, failures);
  }
  friend bool operator==(const Station&, const Station&) = default;
};

/// Places where parts wait.
struct Buffer {
  std::string name{};

  /// Places, >= 0; `kUnlimited` for as many as needed.
  std::int64_t capacity = kUnlimited;

  Counting counts = Counting::waiting;
  QueueOrder order = QueueOrder::fifo;

  /// For `order = call`: the dispatch rule, by the name given to `compile`.
  std::string rule{};

  template <class Visit>
  void fields(Visit&& visit) {
    visit(Field{"capacity", Dimension::parts, "Places; omitted: unlimited.", 0, 4e9}, capacity);
    visit(Field{"counts", Dimension::none, "What the capacity counts."}, counts);
    visit(Field{"order", Dimension::none, "Which part leaves first."}, order);
    visit(Field{"rule", Dimension::none, "The dispatch rule for order = call."}, rule);
  }
  friend bool operator==(const Buffer&, const Buffer&) = default;
};

/// Where parts leave the factory.
struct Sink {
  std::string name{};
  SinkCounts counts = SinkCounts::good;

  template <class Visit>
  void fields(Visit&& visit) {
    visit(Field{"counts", Dimension::none, "Whether parts that end here are good or scrap."}, counts);
  }
  friend bool operator==(const Sink&, const Sink&) = default;
};

/// People who repair machines; requests wait in order of arrival.
struct Crew {
  std::string name{};
  std::int64_t size = 1;

  template <class Visit>
  void fields(Visit&& visit) {
    visit(Field{"size", Dimension::none, "How many repairs it can do at once.", 1, 1000000}, size);
  }
  friend bool operator==(const Crew&, const Crew&) = default;
};

/// A loop with a fixed number of cards (a CONWIP or kanban loop): a part needs one to be let into a stretch of the flow
/// and hands it back when it leaves.
struct CardLoop {
  std::string name{};

  /// Cards there are, >= 1: no more parts than that are between `from` and `to`.
  std::int64_t cards = 1;

  /// The station that takes a part only with a card.
  std::string from{};

  /// The station or buffer that a part leaves when its card goes back to `from`.
  std::string to{};

  template <class Visit>
  void fields(Visit&& visit) {
    visit(Field{"cards", Dimension::none, "Cards there are: no more parts are in the loop.", 1, 1000000}, cards);
    visit(Field{"from", Dimension::none, "The station that takes a part only with a card."}, from);
    visit(Field{"to", Dimension::none, "The station or buffer that a part leaves when its card goes back."}, to);
  }
  friend bool operator==(const CardLoop&, const CardLoop&) = default;
};

/// One arrow of the flow.
struct Arrow {
  std::string from{};
  std::string to{};
  RouteKind route = RouteKind::always;

  /// For `share`: [0, 1]; NaN while `name` holds an expression that has no value yet.
  double share = 0;

  /// For `product` and `call`: the name. For `share`: an expression of parameters (`q`, `100 % * q`), or empty.
  std::string name{};

  friend bool operator==(const Arrow&, const Arrow&) = default;
};

/// How long to run, and how often.
struct RunSettings {
  /// End of a run [s], > 0; includes the warm-up.
  double horizon_s = 28 * 86400.0;

  /// Statistics start here [s].
  double warmup_s = 0;

  /// Ends a run when so many good parts have left, warm-up included; `horizon_s` is then not looked at. 0: at the horizon.
  std::int64_t parts = 0;

  /// Statistics start when so many good parts have left; for runs that end after a number of parts.
  std::int64_t warmup_parts = 0;

  /// Finds the warm-up by MSER-5 from pilot runs instead of `warmup_s`.
  bool warmup_is_auto = false;

  std::int64_t replications = 10;
  std::uint64_t seed = 1;

  friend bool operator==(const RunSettings&, const RunSettings&) = default;
};

}  // namespace twin
