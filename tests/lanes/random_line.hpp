// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/core/random.hpp>
#include <libtwin/core/standard_draw.hpp>
#include <libtwin/model/factory.hpp>

namespace twin {

/// Draws factories that can be run as a recursion, nearly all of them: trees of machines, assemblies and disassemblies with
/// finite and endless buffers, both rules of blocking and of counting, all sorts of laws, failures while working, several
/// servers, products and arrivals of every kind.
class RandomLine {
 public:
  explicit RandomLine(std::uint64_t seed) : stream_(seed, 7), factory_("random-line") {}

  Factory make() {
    add_sources();
    const int stations = 1 + below(7);
    for (int k = 0; k < stations; ++k) add_station();
    for (std::size_t k = 0; k < ends_.size(); ++k) {
      if (ends_[k].is_source) ends_[k] = add_machine(ends_[k]);
    }
    for (const End& end : ends_) {
      const std::string id = name("out");
      factory_.sink(id, {.counts = chance(0.15) ? SinkCounts::scrap : SinkCounts::good});
      factory_.arrows.push_back({end.element, id});
    }
    if (chance(0.3)) {
      for (int loops = 1 + below(3); loops > 0; --loops) add_loop();
    }
    return factory_;
  }

 private:
  struct End {
    std::string element;
    bool is_supply = false;
    bool is_source = false;
    bool reserves = false;
  };

  int below(int n) { return static_cast<int>(uniform_draw(stream_) * n); }
  bool chance(double p) { return uniform_draw(stream_) < p; }
  std::string name(const std::string& kind) { return kind + std::to_string(++count_); }

  Distribution law() {
    switch (below(14)) {
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
      case 5:
        return weibull(1.2, 1.7);
      case 6:
        return normal(1.5, 0.4);
      case 7:
        return triangular(0.2, 1, 3);
      case 8:
        return discrete({0, 1, 2.5}, {1, 3, 1});
      case 9:
        return normal(20, 0.4);
      default:
        return exponential(0.5 + uniform_draw(stream_));
    }
  }

  void add_sources() {
    has_products_ = chance(0.3);
    if (has_products_) {
      factory_.product("A");
      factory_.product("B");
    }
    const int sources = 1 + below(3);
    for (int k = 0; k < sources; ++k) {
      Source s;
      const bool is_supply = chance(0.5);
      const bool has_list = !is_supply && sources == 1 && chance(0.2);
      if (has_list) {
        double t = 0;
        for (int i = 0; i < 60; ++i) {
          t += below(4);
          s.arrivals_list.push_back({t, has_products_ ? (chance(0.5) ? "A" : "B") : "", 1 + below(3)});
        }
        is_ending_ = true;
      } else if (!is_supply) {
        s.arrivals = chance(0.7) ? exponential(0.8 + 2 * uniform_draw(stream_)) : law();
      }
      if (!is_supply && !has_list && chance(0.3)) s.batch = chance(0.5) ? discrete({0, 1, 3}, {1, 2, 1}) : constant(2);
      if (has_products_ && !has_list && chance(0.7)) s.mix = {{"A", 2.0}, {"B", 1.0}};
      const std::string id = name("s");
      factory_.source(id, s);
      ends_.push_back({id, is_supply, true});
    }
  }

  End take_end(std::size_t k) {
    End end = ends_[k];
    ends_.erase(ends_.begin() + static_cast<std::ptrdiff_t>(k));
    return end;
  }

  void lead(const End& from, const std::string& to, bool may_count_machine = false) {
    // An assembly has no place for the part of a machine that wants to be sure of one.
    const bool needs_place = from.reserves && to[0] == 'a';
    if (from.is_supply || (!needs_place && chance(0.3))) {
      factory_.arrows.push_back({from.element, to});
      return;
    }
    Buffer b;
    b.capacity = chance(0.25) ? kUnlimited : below(7) + (needs_place ? 1 : 0);
    if (may_count_machine && b.capacity != kUnlimited && chance(0.3)) {
      b.counts = Counting::with_machine;
      b.capacity += 3;
    }
    const std::string id = name("b");
    factory_.buffer(id, b);
    factory_.arrows.push_back({from.element, id});
    factory_.arrows.push_back({id, to});
  }

  Station some_station() {
    Station s;
    s.servers = chance(0.15) ? 2 + below(2) : 1;
    s.cycle = law();
    if (has_products_ && chance(0.4)) s.cycle_of = {{"B", law()}};
    if (has_products_ && chance(0.2)) s.makes = "B";
    const int failures = s.servers == 1 && chance(0.35) ? 1 + below(2) : 0;
    for (int k = 0; k < failures; ++k) {
      FailureMode f;
      f.name = "f" + std::to_string(k);
      f.every = chance(0.8) ? exponential(20) : constant(7);
      f.repair = chance(0.8) ? exponential(4) : constant(3);
      // Work that fails for certain before its end, and then starts anew, would never end.
      const bool may_restart = f.every.kind == LawKind::exponential;
      f.part = may_restart && chance(0.4) ? FailureEffect::restart : FailureEffect::resume;
      s.failures.push_back(f);
    }
    return s;
  }

  End add_machine(const End& from) {
    const std::string id = name("m");
    Station s = some_station();
    if (chance(0.25)) s.blocking = Blocking::before_service;
    factory_.machine(id, s);
    lead(from, id, true);
    return {id, false, false, s.blocking == Blocking::before_service};
  }

  void add_station() {
    const double kind = uniform_draw(stream_);
    if (kind < 0.25 && ends_.size() > 1 && !is_ending_) {
      const std::string id = name("a");
      factory_.assembly(id, some_station());
      const End first = take_end(static_cast<std::size_t>(below(static_cast<int>(ends_.size()))));
      std::size_t k = 0;
      while (k < ends_.size() && ends_[k].element == first.element) ++k;
      if (k == ends_.size()) {
        lead(first, id);
        ends_.push_back({id});
        return;
      }
      const End second = take_end(k);
      lead(first, id);
      lead(second, id);
      ends_.push_back({id});
    } else if (kind < 0.4) {
      const std::string id = name("d");
      const End from = take_end(static_cast<std::size_t>(below(static_cast<int>(ends_.size()))));
      factory_.disassembly(id, some_station());
      lead(from, id);
      ends_.push_back({id});
      ends_.push_back({id});
    } else {
      ends_.push_back(add_machine(take_end(static_cast<std::size_t>(below(static_cast<int>(ends_.size()))))));
    }
  }

  /// From some station to some element behind it; none where parts would leave it without their cards.
  void add_loop() {
    CardLoop loop;
    loop.cards = 1 + below(chance(0.7) ? 5 : 30);
    loop.from = factory_.stations[static_cast<std::size_t>(below(static_cast<int>(factory_.stations.size())))].name;
    loop.to = loop.from;
    for (int steps = below(8); steps > 0; --steps) {
      std::vector<std::string> next;
      for (const Arrow& arrow : factory_.arrows) {
        if (arrow.from == loop.to && arrow.to[0] != 'o') next.push_back(arrow.to);
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
  bool has_products_ = false;
  bool is_ending_ = false;
  int count_ = 0;
};

}  // namespace twin
