// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/optimize.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include <libtwin/core/check.hpp>
#include <libtwin/experiment/design_methods.hpp>
#include <libtwin/experiment/optimize_confirm.hpp>
#include <libtwin/experiment/optimize_search.hpp>
#include <libtwin/stats/comparison.hpp>

namespace twin {
namespace {

using detail::Contender;
using detail::kMostNeighbours;
using detail::kMostReplications;
using detail::Lattice;
using detail::Ledger;
using detail::Monitor;
using detail::Point;
using detail::SearchRules;
using Group = detail::Standing::Group;
using Role = ComparedDesign::Role;

constexpr std::uint32_t kMostRounds = 4;

const Study& study_of(const Scenario& scenario, const OptimizeOptions& search) {
  TWIN_CHECK(scenario.study.has_value(), "this scenario has no study");
  TWIN_CHECK(search.budget >= 100 && search.budget <= 1'000'000'000'000, "a search has 100 runs or more");
  TWIN_CHECK(search.time_s > 0, "the time of a search is positive");
  TWIN_CHECK(search.starts >= 1 && search.starts <= 1000, "there are from 1 to 1000 starts");
  TWIN_CHECK(search.precision > 0 && search.precision < 1, "the precision lies between 0 and 1");
  return *scenario.study;
}

SearchRules rules_for(const Study& study, const OptimizeOptions& search) {
  SearchRules rules;
  rules.first = static_cast<std::uint32_t>(std::clamp<std::int64_t>(study.replications, 4, 8));
  rules.first = std::min(rules.first, static_cast<std::uint32_t>(std::clamp<std::uint64_t>(search.budget / 64, 2, 8)));
  rules.most_coarse = 4 * rules.first;
  rules.most_fine = 16 * rules.first;
  rules.precision = search.precision;
  rules.most_neighbours = kMostNeighbours;
  return rules;
}

std::vector<Point> first_points(const Lattice& lattice, const Scenario& scenario, const OptimizeOptions& search,
                                const SearchRules& rules, const std::optional<Point>& nominal) {
  const std::size_t wanted = std::clamp<std::size_t>(8 * lattice.dimensions(), 32, 256);
  const std::size_t affordable = std::max<std::size_t>(search.budget / 8 / rules.first, 1);
  std::vector<Point> points =
      detail::spread_points(lattice, std::min(wanted, affordable), detail::design_seed(scenario));
  if (nominal && std::find(points.begin(), points.end(), *nominal) == points.end()) points.push_back(*nominal);
  return points;
}

std::string short_number(double value) { return fmt::format("{:.6g}", value); }

class Optimizer {
 public:
  Optimizer(const Scenario& scenario, const OptimizeOptions& search, const ExecutionOptions& options,
            const CompileOptions& code)
      : scenario_(scenario),
        study_(study_of(scenario, search)),
        search_(search),
        options_(options),
        code_(code),
        rules_(rules_for(study_, search)),
        lattice_(scenario),
        nominal_(lattice_.nominal()),
        monitor_(options, search.budget),
        ledger_(scenario, lattice_, first_points(lattice_, scenario, search, rules_, nominal_), search.budget, options,
                code, monitor_) {}

  OptimizeResult run_all() {
    const double cpu_before = detail::process_cpu_s();
    if (ledger_.runner().warmup()) ledger_.runner().find_warmup();
    describe();
    outcome_ = detail::search_all(lattice_, ledger_, monitor_, search_, rules_, [this](auto best) { show(best); });
    result_.stop = outcome_.stop;
    result_.starts = outcome_.starts;
    result_.starts_at_best = outcome_.starts_at_best;
    if (ledger_.runs() > 0) finish();
    result_.stop = !monitor_.keeps_going() ? OptimizeStop::interrupted : result_.stop;
    result_.designs = ledger_.size();
    result_.search_runs = ledger_.runs();
    result_.failed_runs += ledger_.failed_runs();
    result_.operations += ledger_.runner().operations();
    result_.guarantee = detail::optimize_guarantee(result_);
    result_.cpu_s = detail::process_cpu_s() - cpu_before;
    result_.wall_s = monitor_.elapsed_s();
    monitor_.finish();
    return std::move(result_);
  }

 private:
  void describe() {
    const detail::MeasurePlan& plan = ledger_.runner().plan();
    result_.study = study_.name;
    result_.engine = ledger_.runner().is_in_lanes() ? "lanes" : "event";
    result_.seed = scenario_.factory.run.seed;
    result_.measures = plan.names;
    result_.dimensions = plan.dimensions;
    result_.goal_index = plan.goal;
    result_.goal = plan.names[plan.goal];
    result_.maximize = study_.maximize;
    result_.space = lattice_.design_count();
    result_.is_reproducible = !std::isfinite(search_.time_s);
    const auto& warmup = ledger_.runner().warmup();
    result_.warmup_s = warmup ? warmup->seconds : scenario_.factory.run.warmup_s;
    result_.warmup_was_found = warmup && warmup->was_found;
    if (warmup) result_.warmup_note = warmup->note;
  }

  // --- comparing on fresh numbers ---

  void finish() {
    detail::describe_alone(ledger_, outcome_.best, result_);
    if (!monitor_.keeps_going()) return;
    std::uint32_t best = outcome_.best;
    for (std::uint32_t round = 0; round < kMostRounds; ++round) {
      const std::vector<Contender> contenders = contenders_for(best);
      const std::uint32_t count = replications_for(contenders);
      if (count < 2 || (round > 0 && count < rules_.first)) break;
      const std::optional<std::size_t> better = compare_fresh(contenders, count, round);
      if (!better || !monitor_.keeps_going()) break;
      best = ledger_.number_of(contenders[*better].point);
    }
  }

  [[nodiscard]] std::uint64_t room_for_fresh() const {
    const std::uint64_t used = ledger_.runs() + result_.fresh_runs;
    std::uint64_t room = search_.budget - std::min(search_.budget, used);
    if (std::isfinite(search_.time_s)) {
      const double rate = static_cast<double>(used) / std::max(monitor_.elapsed_s(), 1e-3);
      const double left_s = std::max(search_.time_s - monitor_.elapsed_s(), 0.0);
      room = std::min(room, static_cast<std::uint64_t>(rate * left_s));
    }
    return room;
  }

  /// The best, where other searches ended, the model as it stands, the neighbours, and what else came near.
  [[nodiscard]] std::vector<Contender> contenders_for(std::uint32_t best) {
    const Point centre = ledger_.point(best);
    std::vector<Contender> all{{centre, Role::best}};
    std::set<Point> known{centre};
    const auto add = [&](const Point& point, Role role) {
      if (known.insert(point).second) all.push_back({point, role});
    };
    if (nominal_) add(*nominal_, Role::nominal);
    for (const std::uint32_t end : outcome_.ends) add(ledger_.point(end), Role::optimum);
    const auto near = detail::neighbours_of(lattice_, centre, detail::last_level(lattice_), kMostNeighbours);
    std::set<Point> is_neighbour(near.points.begin(), near.points.end());
    for (Contender& c : all) {
      if (c.role == Role::optimum && is_neighbour.contains(c.point)) c.role = Role::neighbour;
    }
    result_.neighbours = near.count;
    // With little left, those that came nearest.
    const std::uint64_t least = std::max<std::uint64_t>(2 * rules_.first, 2);
    std::uint64_t most = std::max<std::uint64_t>(room_for_fresh() / least, 2);
    std::vector<std::pair<double, std::uint32_t>> by_lead;
    for (const Point& point : near.points) {
      const std::uint32_t number = ledger_.number_of(point);
      if (ledger_.failed(number) > 0) continue;
      const auto lead = ledger_.count(number) > 0 && ledger_.count(best) > 0 ? ledger_.lead(number, best).mean
                                                                             : std::numeric_limits<double>::infinity();
      by_lead.emplace_back(lead, number);
    }
    std::stable_sort(by_lead.begin(), by_lead.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [lead, number] : by_lead) {
      if (all.size() < most) add(ledger_.point(number), Role::neighbour);
    }
    if (all.size() > most) all.resize(most);
    add_candidates(best, all, known, most);
    return all;
  }

  /// A few designs that did well, so that there is something to choose from.
  void add_candidates(std::uint32_t best, std::vector<Contender>& all, std::set<Point>& known, std::uint64_t most) {
    constexpr std::size_t kCandidates = 4;
    std::vector<std::pair<double, std::uint32_t>> others;
    for (std::uint32_t k = 0; k < ledger_.size(); ++k) {
      if (ledger_.count(k) < rules_.first || known.contains(ledger_.point(k))) continue;
      if (ledger_.standing(k).group != ledger_.standing(best).group) continue;
      others.emplace_back(ledger_.lead(k, best).mean, k);
    }
    const std::size_t count = std::min(kCandidates, others.size());
    std::partial_sort(
        others.begin(), others.begin() + static_cast<std::ptrdiff_t>(count), others.end(),
        [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
    for (std::size_t k = 0; k < count && all.size() < most; ++k) {
      known.insert(ledger_.point(others[k].second));
      all.push_back({ledger_.point(others[k].second), Role::candidate});
    }
  }

  /// As many as tell the best from all others by what matters, or by what they surely trailed by; from the variances
  /// of the search, so that the intervals are those of a number of replications that was chosen beforehand.
  [[nodiscard]] std::uint32_t replications_for(const std::vector<Contender>& contenders) {
    const std::uint32_t best = ledger_.number_of(contenders.front().point);
    const double matters = search_.precision * std::abs(ledger_.goal_mean(best));
    const double quantile =
        student_t_quantile(1 - 0.05 / static_cast<double>(std::max<std::size_t>(contenders.size() - 1, 1)), 60);
    double wanted = std::max<double>(32, static_cast<double>(study_.replications));
    // With fewer than the search had, conditions that were sure would not be sure any more.
    if (!ledger_.conditions().empty()) wanted = std::max<double>(wanted, ledger_.count(best));
    for (const Contender& c : contenders) {
      const std::uint32_t number = ledger_.number_of(c.point);
      const std::uint32_t common = std::min(ledger_.count(number), ledger_.count(best));
      if (number == best || common < 2) continue;
      const detail::MeanError lead = ledger_.lead(number, best);
      const double spread = lead.error * std::sqrt(static_cast<double>(common));
      const double apart = std::max(matters, std::abs(lead.mean) - 2 * lead.error);
      if (std::isfinite(spread) && apart > 0) wanted = std::max(wanted, std::pow(quantile * spread / apart, 2));
    }
    const double affordable = static_cast<double>(room_for_fresh()) / static_cast<double>(contenders.size());
    const double count = std::min({wanted, affordable, static_cast<double>(kMostReplications)});
    return static_cast<std::uint32_t>(std::isfinite(count) ? std::max(count, 0.0) : 0);
  }

  std::optional<std::size_t> compare_fresh(const std::vector<Contender>& contenders, std::uint32_t count,
                                           std::uint32_t round) {
    Scenario scenario = scenario_;
    scenario.factory.run.seed = detail::fresh_seed(scenario_.factory.run.seed, round);
    if (scenario.factory.run.warmup_is_auto) {
      scenario.factory.run.warmup_is_auto = false;
      scenario.factory.run.warmup_s = std::min(result_.warmup_s, scenario.factory.run.horizon_s / 2);
    }
    std::vector<Point> points;
    for (const Contender& c : contenders) points.push_back(c.point);
    Ledger fresh(scenario, lattice_, points, static_cast<std::uint64_t>(count) * points.size(), options_, code_,
                 monitor_);
    for (std::uint32_t k = 0; k < fresh.size(); ++k) fresh.want(k, count);
    const bool is_made = fresh.make();
    result_.fresh_runs += fresh.runs();
    result_.failed_runs += fresh.failed_runs();
    result_.operations += fresh.runner().operations();
    if (!is_made) return {};
    result_.fresh_seed = scenario.factory.run.seed;
    result_.rounds = round + 1;
    result_.is_confirmed = true;
    result_.compared_neighbours = static_cast<std::uint64_t>(std::count_if(
        contenders.begin(), contenders.end(), [](const Contender& c) { return c.role == Role::neighbour; }));
    return detail::compare(fresh, contenders, count, search_.precision, result_).better;
  }

  void show(std::uint32_t design) {
    std::string text;
    const DesignTable& table = ledger_.table();
    const std::size_t width = table.factors.size();
    for (std::size_t i = 0; i < width; ++i) {
      const double value = table.values[design * width + i];
      text += (i == 0 ? "" : ", ") + table.factors[i] + " = " +
              (table.texts[i].empty() ? short_number(value) : table.texts[i][static_cast<std::size_t>(value)]);
    }
    const double mean = ledger_.goal_mean(design);
    const bool is_rate = result_.dimensions[result_.goal_index] == KpiDimension::rate;
    monitor_.set_best(text + ": " + result_.goal + " " + short_number(is_rate ? mean * 3600 : mean) +
                      (is_rate ? " /h" : ""));
  }

  const Scenario& scenario_;
  const Study& study_;
  const OptimizeOptions& search_;
  const ExecutionOptions& options_;
  const CompileOptions& code_;
  SearchRules rules_;
  Lattice lattice_;
  std::optional<Point> nominal_;
  Monitor monitor_;
  Ledger ledger_;
  detail::SearchOutcome outcome_;
  OptimizeResult result_;
};

}  // namespace

OptimizeResult optimize(const Scenario& scenario, const OptimizeOptions& search, const ExecutionOptions& options,
                        const CompileOptions& code) {
  return Optimizer(scenario, search, options, code).run_all();
}

}  // namespace twin
