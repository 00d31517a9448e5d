// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/core/random.hpp>
#include <libtwin/core/standard_draw.hpp>
#include <libtwin/model/factory.hpp>

/// Factories nobody thought of, valid by construction.
namespace twin {

/// Draws one factory: a few sources, up to eight stations of all kinds with failures, setups, scrap, buffers of all
/// sorts, merges, splits and rework, sinks at every loose end, and loops of cards.
class RandomFactory {
 public:
  explicit RandomFactory(std::uint64_t seed) : stream_(seed, 1), factory_("random") {}

  Factory make() {
    add_sources();
    factory_.crew("crew", {.size = 1 + below(2)});
    const int stations = 1 + below(8);
    for (int k = 0; k < stations; ++k) add_station();
    // Parts may not go from a source straight to a sink.
    while (has_source_end()) add_machine(take_source_end());
    for (const End& end : ends_) close(end);
    for (int loops = below(3); loops > 0; --loops) add_loop();
    return factory_;
  }

 private:
  struct End {
    std::string element;
    RouteKind route = RouteKind::always;
    double share = 0;
    std::string product{};
    bool is_supply = false;
    bool is_source = false;
  };

  int below(int n) { return static_cast<int>(uniform_draw(stream_) * n); }
  bool chance(double p) { return uniform_draw(stream_) < p; }
  std::string name(const std::string& kind) { return kind + std::to_string(++count_); }

  Distribution law() {
    switch (below(7)) {
      case 0:
        return constant(1 + below(3));
      case 1:
        return constant(0.5);
      case 2:
        return erlang(1 + below(2), 2);
      case 3:
        return uniform(0.5, 2);
      case 4:
        return lognormal(1.5, 0.8);
      default:
        return exponential(0.5 + uniform_draw(stream_));
    }
  }

  void add_sources() {
    has_products_ = chance(0.5);
    if (has_products_) {
      factory_.product("A", {.priority = 1});
      factory_.product("B", {.priority = 2});
    }
    const int sources = 1 + below(3);
    for (int k = 0; k < sources; ++k) {
      Source s;
      const bool is_supply = chance(0.4);
      if (!is_supply) s.arrivals = exponential(1 + 2 * uniform_draw(stream_));
      if (!is_supply && chance(0.3)) s.batch = discrete({1, 3}, {2, 1});
      if (!is_supply && chance(0.3)) s.when_full = WhenFull::lose;
      if (has_products_ && chance(0.7)) s.mix = {{"A", 2.0}, {"B", 1.0}};
      const std::string id = name("s");
      factory_.source(id, s);
      ends_.push_back({id, RouteKind::always, 0, "", is_supply, true});
    }
  }

  End take_end(std::size_t k) {
    End end = ends_[k];
    ends_.erase(ends_.begin() + static_cast<std::ptrdiff_t>(k));
    return end;
  }
  End take_any_end() { return take_end(static_cast<std::size_t>(below(static_cast<int>(ends_.size())))); }

  /// Two arrows between the same elements would be one too many.
  bool has_another(const std::string& element) const {
    for (const End& end : ends_) {
      if (end.element != element) return true;
    }
    return false;
  }
  bool has_two_elements() const { return !ends_.empty() && has_another(ends_.front().element); }
  End take_end_of_another(const std::string& element) {
    std::size_t k = 0;
    while (ends_[k].element == element) ++k;
    return take_end(k);
  }

  bool has_source_end() const {
    for (const End& end : ends_) {
      if (end.is_source) return true;
    }
    return false;
  }
  End take_source_end() {
    std::size_t k = 0;
    while (!ends_[k].is_source) ++k;
    return take_end(k);
  }

  void connect(const End& from, const std::string& to) {
    factory_.arrows.push_back({from.element, to, from.route, from.share, from.product});
  }

  Buffer some_buffer() {
    Buffer b;
    b.capacity = chance(0.2) ? kUnlimited : below(6);
    b.order = static_cast<QueueOrder>(below(3));
    return b;
  }

  /// An arrow to `to`, sometimes by way of a buffer.
  void lead(const End& from, const std::string& to, bool may_count_machine) {
    if (from.is_supply || chance(0.3)) return connect(from, to);
    Buffer b = some_buffer();
    if (may_count_machine && b.capacity != kUnlimited && chance(0.4)) {
      b.counts = Counting::with_machine;
      b.capacity += 3;
    }
    const std::string id = name("b");
    factory_.buffer(id, b);
    if (b.capacity == kUnlimited) endless_.push_back(id);
    connect(from, id);
    connect({id}, to);
  }

  Station some_station() {
    Station s;
    s.servers = 1 + below(3);
    s.cycle = law();
    if (has_products_ && chance(0.3)) s.cycle_of = {{"B", law()}};
    if (has_products_ && chance(0.3)) s.setup = {{"* -> B", law()}, {"B -> A", law()}};
    if (chance(0.3)) s.blocking = Blocking::before_service;
    if (chance(0.2)) s.scrap = 0.1;
    if (has_products_ && chance(0.2)) s.makes = "B";
    const int failures = chance(0.4) ? 1 + below(2) : 0;
    for (int k = 0; k < failures; ++k) {
      FailureMode f;
      f.name = "f" + std::to_string(k);
      f.clock = static_cast<FailureClock>(below(3));
      f.every = f.clock == FailureClock::cycles ? poisson(10) : exponential(20);
      f.repair = exponential(4);
      f.part = static_cast<FailureEffect>(below(4));
      if (chance(0.5)) f.crew = "crew";
      s.failures.push_back(f);
    }
    return s;
  }

  void add_station() {
    if (ends_.empty()) return;
    const double kind = uniform_draw(stream_);
    if (kind < 0.2 && has_two_elements()) {
      Station s = some_station();
      s.blocking = Blocking::after_service;
      const std::string id = name("a");
      const End first = take_any_end();
      const End second = take_end_of_another(first.element);
      factory_.assembly(id, s);
      lead(first, id, false);
      lead(second, id, false);
      ends_.push_back({id});
    } else if (kind < 0.35) {
      Station s = some_station();
      s.blocking = Blocking::after_service;
      const std::string id = name("d");
      const End from = take_any_end();
      factory_.disassembly(id, s);
      lead(from, id, false);
      // Both ways out of a disassembly need elements of their own.
      ends_.push_back({id});
      ends_.push_back({id});
    } else {
      add_machine(take_any_end());
    }
  }

  void add_machine(const End& from) {
    const std::string id = name("m");
    factory_.machine(id, some_station());
    lead(from, id, true);
    if (chance(0.15) && has_another(from.element)) lead(take_end_of_another(from.element), id, true);
    const double way = uniform_draw(stream_);
    if (way < 0.15 && !endless_.empty()) {
      ends_.push_back({id, RouteKind::otherwise});
      connect({id, RouteKind::share, 0.2},
              endless_[static_cast<std::size_t>(below(static_cast<int>(endless_.size())))]);
    } else if (way < 0.3) {
      ends_.push_back({id, RouteKind::share, 0.4});
      ends_.push_back({id, RouteKind::otherwise});
    } else if (way < 0.45) {
      const RouteKind kinds[] = {RouteKind::shortest, RouteKind::round_robin, RouteKind::priority};
      const RouteKind route = kinds[below(3)];
      ends_.push_back({id, route});
      ends_.push_back({id, route});
    } else if (way < 0.55 && has_products_) {
      ends_.push_back({id, RouteKind::product, 0, "A"});
      ends_.push_back({id, RouteKind::otherwise});
    } else {
      ends_.push_back({id});
    }
  }

  void close(const End& end) {
    const std::string id = name("out");
    factory_.sink(id, {.counts = chance(0.3) ? SinkCounts::scrap : SinkCounts::good});
    connect(end, id);
  }

  /// From some station to some element behind it; none where parts would leave it without their cards.
  void add_loop() {
    CardLoop loop;
    loop.cards = 1 + below(6);
    loop.from = factory_.stations[static_cast<std::size_t>(below(static_cast<int>(factory_.stations.size())))].name;
    loop.to = loop.from;
    for (int steps = below(5); steps > 0; --steps) {
      std::vector<std::string> next;
      for (const Arrow& arrow : factory_.arrows) {
        if (arrow.from == loop.to && arrow.to.compare(0, 3, "out") != 0) next.push_back(arrow.to);
      }
      if (next.empty()) break;
      loop.to = next[static_cast<std::size_t>(below(static_cast<int>(next.size())))];
    }
    factory_.loop(name("l"), loop);
    if (has_errors(validate(factory_))) factory_.loops.pop_back();
  }

  Stream stream_;
  Factory factory_;
  std::vector<End> ends_;
  std::vector<std::string> endless_;
  bool has_products_ = false;
  int count_ = 0;
};

inline Factory random_factory(std::uint64_t seed) { return RandomFactory(seed).make(); }

}  // namespace twin
