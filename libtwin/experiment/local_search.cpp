// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/local_search.hpp>

#include <algorithm>
#include <cmath>

namespace twin::detail {
namespace {

using Group = Standing::Group;

// A lead of so many standard errors moves the search; a neighbour that cannot lead by what matters within so many is dropped.
// What a search decides wrongly costs runs and no truth: the result is compared on fresh random numbers.
constexpr double kErrorsToMove = 3;
constexpr double kErrorsToDrop = 2;

// The violation must shrink by this share, or small changes by chance would be followed.
constexpr double kLessViolation = 0.99;

Point difference(const Point& a, const Point& b) {
  Point d(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) d[i] = a[i] - b[i];
  return d;
}

Point sum(const Point& a, const Point& b) {
  Point s(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) s[i] = a[i] + b[i];
  return s;
}

bool are_disjoint(const Point& a, const Point& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != 0 && b[i] != 0) return false;
  }
  return true;
}

}  // namespace

LocalSearch::LocalSearch(const Lattice& lattice, Ledger& ledger, std::uint32_t start, int level,
                         const SearchRules& rules, std::vector<std::uint32_t> rivals)
    : lattice_(lattice),
      ledger_(ledger),
      rules_(rules),
      rivals_(std::move(rivals)),
      centre_(start),
      level_(level),
      last_level_(last_level(lattice)) {
  visited_.insert(start);
}

void LocalSearch::begin_neighbourhood() {
  open_.clear();
  std::set<std::uint32_t> known = visited_;
  const auto add = [&](std::uint32_t design) {
    if (known.insert(design).second && ledger_.failed(design) == 0) open_.push_back({design});
  };
  const Point centre = ledger_.point(centre_);
  for (const Point& point : neighbours_of(lattice_, centre, level_, rules_.most_neighbours).points) {
    add(ledger_.number_of(point));
  }
  for (const Point& move : hints_) {
    const Point point = sum(centre, move);
    if (lattice_.accepts(point)) add(ledger_.number_of(point));
  }
  for (const std::uint32_t rival : rivals_) add(rival);
  hints_.clear();
  count_ = rules_.first;
  has_neighbourhood_ = true;
  was_cut_ = false;
}

void LocalSearch::ask() {
  if (!has_neighbourhood_) begin_neighbourhood();
  ledger_.want(centre_, count_);
  for (const Open& neighbour : open_) ledger_.want(neighbour.design, count_);
}

// After a decision they stand from best to worst; before the first one, in the order of the axes.
bool LocalSearch::ask_for_less(std::uint64_t runs) {
  const auto wants = [&](std::uint32_t design) {
    return std::uint64_t{count_} - std::min(count_, ledger_.count(design));
  };
  ledger_.forget_wants();
  std::uint64_t sum = wants(centre_);
  std::size_t kept = 0;
  while (kept < open_.size() && sum + wants(open_[kept].design) <= runs) sum += wants(open_[kept++].design);
  if (kept == 0) return false;
  was_cut_ = was_cut_ || kept < open_.size();
  open_.resize(kept);
  ask();
  return true;
}

/// False: it is dropped.
bool LocalSearch::judge(Open& neighbour) const {
  const Standing& here = ledger_.standing(centre_);
  const Standing& there = ledger_.standing(neighbour.design);
  neighbour.is_better = neighbour.is_likely_better = false;
  neighbour.group = static_cast<int>(there.group);
  if (there.group == Group::failed) return false;
  const MeanError lead = ledger_.lead(neighbour.design, centre_);
  const double matters = rules_.precision * std::abs(ledger_.goal_mean(centre_));
  neighbour.merit = lead.mean;
  if (here.group == Group::failed) {
    neighbour.merit = ledger_.scores(neighbour.design, 1).front();
    return neighbour.is_better = true;
  }
  if (here.group == Group::infeasible) {
    if (there.group == Group::infeasible) neighbour.merit = -there.violation;
    neighbour.is_better = there.group == Group::feasible || there.violation < kLessViolation * here.violation;
    return neighbour.is_better;
  }
  if (there.is_surely_infeasible) return false;
  if (lead.mean + kErrorsToDrop * lead.error <= matters) return false;
  if (there.group == Group::infeasible) return true;
  neighbour.is_better = lead.mean - kErrorsToMove * lead.error > 0;
  neighbour.is_likely_better = lead.mean > std::max(lead.error, matters);
  return true;
}

void LocalSearch::tell() {
  if (ledger_.count(centre_) == 0) return end();
  std::erase_if(open_, [&](Open& neighbour) { return !judge(neighbour); });
  std::stable_sort(open_.begin(), open_.end(), [](const Open& a, const Open& b) {
    return a.group != b.group ? a.group < b.group : a.merit > b.merit;
  });
  const auto move_to_first = [&](auto&& wanted) {
    const auto found = std::find_if(open_.begin(), open_.end(), wanted);
    if (found == open_.end()) return false;
    move_to(*found);
    return true;
  };
  if (move_to_first([](const Open& o) { return o.is_better; })) return;
  const std::uint32_t most = level_ == last_level_ ? rules_.most_fine : rules_.most_coarse;
  if (!open_.empty() && count_ < most) {
    count_ = std::min(2 * count_, most);
    return;
  }
  if (move_to_first([](const Open& o) { return o.is_likely_better; })) return;
  narrow();
}

void LocalSearch::move_to(const Open& neighbour) {
  const Point from = ledger_.point(centre_);
  Point together = difference(ledger_.point(neighbour.design), from);
  hints_ = {together};
  // Moves along other axes that did well too: one by one they would each cost a neighbourhood.
  for (const Open& other : open_) {
    if (other.design == neighbour.design || other.group != neighbour.group || !(other.merit > 0)) continue;
    const Point move = difference(ledger_.point(other.design), from);
    if (!are_disjoint(move, together)) continue;
    together = sum(together, move);
    hints_.push_back(difference(together, hints_.front()));
  }
  centre_ = neighbour.design;
  visited_.insert(centre_);
  ++moves_;
  has_neighbourhood_ = false;
}

void LocalSearch::narrow() {
  has_neighbourhood_ = false;
  if (level_ < last_level_) {
    ++level_;
  } else {
    is_over_ = true;
    is_at_optimum_ = !was_cut_;
  }
}

}  // namespace twin::detail
