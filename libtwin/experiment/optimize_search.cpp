// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/optimize_search.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace twin::detail {
namespace {

using Group = Standing::Group;

// Shares of the budget, and of the time: the searches end at the first, the best is polished until the second.
constexpr double kSearchShare = 0.6;
constexpr double kPolishShare = 0.75;

// Two searches that begin this near to each other, in shares of the axes, mostly end at one design.
constexpr double kApart = 0.2;

// Steps begin with a quarter of each axis.
constexpr int kFirstLevel = 2;

class Searches {
 public:
  Searches(const Lattice& lattice, Ledger& ledger, Monitor& monitor, const OptimizeOptions& search,
           const SearchRules& rules, const std::function<void(std::uint32_t)>& show)
      : lattice_(lattice), ledger_(ledger), monitor_(monitor), search_(search), rules_(rules), show_(show) {}

  SearchOutcome run() {
    begin();
    if (ledger_.runs() > 0) {
      search_all();
      count_starts();
      polish();
      outcome_.ends = ends();
    }
    return outcome_;
  }

 private:
  [[nodiscard]] std::uint64_t room(double share) const {
    const auto allowed = static_cast<std::uint64_t>(share * static_cast<double>(search_.budget));
    return allowed - std::min(allowed, ledger_.runs());
  }

  /// Makes what is wanted. False when that is the end of this part of the work.
  bool make(double share) {
    if (ledger_.wanted_runs() > room(share)) {
      ledger_.forget_wants();
      outcome_.stop = OptimizeStop::budget;
      return false;
    }
    if (!ledger_.make()) {
      if (monitor_.keeps_going()) outcome_.stop = OptimizeStop::time;
      return false;
    }
    if (!ledger_.is_late()) return true;
    outcome_.stop = OptimizeStop::time;
    return false;
  }

  [[nodiscard]] double distance(std::uint32_t a, std::uint32_t b) const {
    double most = 0;
    for (std::size_t i = 0; i < lattice_.dimensions(); ++i) {
      const auto& axis = lattice_.axis(i);
      const auto apart = static_cast<double>(std::abs(ledger_.point(a)[i] - ledger_.point(b)[i]));
      if (axis.last > 0) most = std::max(most, apart / static_cast<double>(axis.last));
    }
    return most;
  }

  void begin() {
    ledger_.set_deadline(kSearchShare * search_.time_s);
    const std::uint32_t count = ledger_.size();
    for (std::uint32_t k = 0; k < count; ++k) ledger_.want(k, rules_.first);
    // However little there is: something must be known of the first designs.
    static_cast<void>(ledger_.make());
    std::vector<std::uint32_t> order(count);
    for (std::uint32_t k = 0; k < count; ++k) order[k] = k;
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return is_better(ledger_, a, b); });
    outcome_.best = order.front();
    const int level = std::min(kFirstLevel, last_level(lattice_));
    std::vector<std::uint32_t> starts;
    for (const std::uint32_t design : order) {
      if (starts.size() == search_.starts) break;
      const bool is_apart =
          std::all_of(starts.begin(), starts.end(), [&](auto other) { return distance(design, other) > kApart; });
      if (is_apart) starts.push_back(design);
    }
    for (const std::uint32_t design : starts) searches_.emplace_back(lattice_, ledger_, design, level, rules_);
    outcome_.starts = static_cast<std::uint32_t>(searches_.size());
    led_to_.assign(searches_.size(), -1);
  }

  void search_all() {
    const auto is_active = [](const LocalSearch& s) { return !s.is_over(); };
    while (std::any_of(searches_.begin(), searches_.end(), is_active)) {
      for (LocalSearch& s : searches_) {
        if (!s.is_over()) s.ask();
      }
      // What is left goes to the best of them.
      if (ledger_.wanted_runs() > room(kSearchShare)) end_all_but_best();
      if (!make(kSearchShare)) break;
      for (LocalSearch& s : searches_) {
        if (!s.is_over()) s.tell();
      }
      merge();
      take_best();
    }
  }

  void count_starts() {
    for (std::size_t k = 0; k < searches_.size(); ++k) {
      std::size_t end = k;
      while (led_to_[end] >= 0) end = static_cast<std::size_t>(led_to_[end]);
      if (searches_[end].best() == outcome_.best) ++outcome_.starts_at_best;
    }
  }

  void end_all_but_best() {
    ledger_.forget_wants();
    LocalSearch* best = nullptr;
    for (LocalSearch& s : searches_) {
      if (!s.is_over() && (best == nullptr || is_better(ledger_, s.best(), best->best()))) best = &s;
    }
    for (LocalSearch& s : searches_) {
      if (!s.is_over() && &s != best) {
        s.end();
        outcome_.stop = OptimizeStop::budget;
      }
    }
    best->ask();
  }

  /// Searches that have come to one design go on as one.
  void merge() {
    for (std::size_t k = 0; k < searches_.size(); ++k) {
      for (std::size_t other = 0; other < searches_.size(); ++other) {
        LocalSearch& s = searches_[k];
        const LocalSearch& o = searches_[other];
        if (s.is_over() || k == other || s.best() != o.best() || led_to_[other] >= 0) continue;
        if (o.level() < s.level() && !o.is_over()) continue;
        s.end();
        led_to_[k] = static_cast<int>(other);
      }
    }
  }

  void take_best() {
    const std::uint32_t before = outcome_.best;
    for (const LocalSearch& s : searches_) {
      if (is_better(ledger_, s.best(), outcome_.best)) outcome_.best = s.best();
    }
    if (outcome_.best != before) show_(outcome_.best);
  }

  /// The best of all searches against its neighbours and the others' ends, until it stands.
  void polish() {
    ledger_.set_deadline(kPolishShare * search_.time_s);
    if (!monitor_.keeps_going() || ledger_.is_late()) return;
    SearchRules rules = rules_;
    rules.most_fine = kMostReplications;
    rules.most_coarse = kMostReplications;
    // Few replications have chosen it: with more to begin with, luck is seen before it misleads.
    const int level = last_level(lattice_);
    const std::size_t near =
        neighbours_of(lattice_, ledger_.point(outcome_.best), level, kMostNeighbours).points.size();
    const std::uint64_t affordable = room(kPolishShare) / (8 * (near + 1));
    rules.first = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(affordable, rules_.first, std::uint64_t{8} * rules_.first));
    LocalSearch last(lattice_, ledger_, outcome_.best, level, rules, ends());
    while (!last.is_over()) {
      last.ask();
      const std::uint64_t left = room(kPolishShare);
      if (ledger_.wanted_runs() > left && !last.ask_for_less(left)) {
        outcome_.stop = OptimizeStop::budget;
        break;
      }
      if (!make(kPolishShare)) break;
      last.tell();
      if (last.is_over() && !last.is_at_optimum()) outcome_.stop = OptimizeStop::budget;
      if (outcome_.best != last.best()) show_(last.best());
      outcome_.best = last.best();
    }
  }

  /// Where the searches stand, each once.
  [[nodiscard]] std::vector<std::uint32_t> ends() const {
    std::vector<std::uint32_t> designs;
    for (const LocalSearch& s : searches_) {
      const bool is_known = std::find(designs.begin(), designs.end(), s.best()) != designs.end();
      if (!is_known && ledger_.count(s.best()) > 0 && ledger_.failed(s.best()) == 0) designs.push_back(s.best());
    }
    return designs;
  }

  const Lattice& lattice_;
  Ledger& ledger_;
  Monitor& monitor_;
  const OptimizeOptions& search_;
  const SearchRules& rules_;
  const std::function<void(std::uint32_t)>& show_;
  std::vector<LocalSearch> searches_;
  std::vector<int> led_to_;  ///< the search that went on in its place; -1 for none
  SearchOutcome outcome_;
};

}  // namespace

bool is_better(const Ledger& ledger, std::uint32_t a, std::uint32_t b) {
  if (ledger.count(a) == 0 || ledger.count(b) == 0) return ledger.count(b) == 0 && ledger.count(a) > 0;
  const Standing& x = ledger.standing(a);
  const Standing& y = ledger.standing(b);
  if (x.group != y.group) return x.group < y.group;
  if (x.group == Group::infeasible) return x.violation < y.violation;
  return x.group == Group::feasible && ledger.lead(a, b).mean > 0;
}

SearchOutcome search_all(const Lattice& lattice, Ledger& ledger, Monitor& monitor, const OptimizeOptions& search,
                         const SearchRules& rules, const std::function<void(std::uint32_t)>& show) {
  return Searches(lattice, ledger, monitor, search, rules, show).run();
}

}  // namespace twin::detail
