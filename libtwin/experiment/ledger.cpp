// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/ledger.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

#include <libtwin/stats/tally.hpp>

namespace twin::detail {
namespace {

// Of each condition alone the limit holds with 95 %; of all together, by Bonferroni.
constexpr double kConditionError = 0.05;

DesignTable table_of(const Lattice& lattice, const std::vector<Point>& points) {
  DesignTable table;
  for (const Column& column : lattice.space().columns) {
    table.factors.push_back(column.name);
    table.texts.push_back(column.texts);
  }
  table.values.resize(points.size() * lattice.dimensions());
  for (std::size_t k = 0; k < points.size(); ++k) {
    lattice.write_row(points[k], std::span(table.values).subspan(k * lattice.dimensions(), lattice.dimensions()));
  }
  return table;
}

std::vector<Margin> margins_of(const Study& study, const MeasurePlan& plan) {
  std::vector<Margin> all;
  for (const std::string& text : study.subject_to) {
    for (Margin& margin : Margin::of(text, plan.names)) all.push_back(std::move(margin));
  }
  return all;
}

}  // namespace

Ledger::Ledger(const Scenario& scenario, const Lattice& lattice, const std::vector<Point>& first, std::uint64_t budget,
               const ExecutionOptions& options, const CompileOptions& code, Monitor& monitor)
    : lattice_(lattice),
      study_(*scenario.study),
      table_(table_of(lattice, first)),
      budget_(budget),
      monitor_(monitor),
      runner_(scenario, table_, budget, options, code, monitor),
      conditions_(margins_of(study_, runner_.plan())) {
  for (const Point& point : first) {
    numbers_.emplace(point, size());
    entries_.emplace_back().point = point;
  }
}

std::uint32_t Ledger::number_of(const Point& point) {
  const auto [found, is_new] = numbers_.emplace(point, size());
  if (!is_new) return found->second;
  entries_.emplace_back().point = point;
  table_.values.resize(table_.values.size() + point.size());
  lattice_.write_row(point, std::span(table_.values).last(point.size()));
  return found->second;
}

void Ledger::want(std::uint32_t design, std::uint32_t count) {
  const Entry& entry = entries_[design];
  if (entry.failed > 0 || count <= entry.made) return;
  std::uint32_t& wanted = wants_[design];
  wanted = std::max(wanted, count);
}

std::uint64_t Ledger::wanted_runs() const {
  std::uint64_t runs = 0;
  for (const auto& [design, count] : wants_) runs += count - entries_[design].made;
  return runs;
}

bool Ledger::make() {
  std::vector<Runs> requests;
  for (const auto& [design, count] : wants_) {
    requests.push_back({design, entries_[design].made, count - entries_[design].made});
  }
  wants_.clear();
  RunRows rows;
  const bool has_deadline = std::isfinite(deadline_s_);
  for (std::size_t begin = 0; begin < requests.size() && monitor_.keeps_going();) {
    // With a deadline in pieces, so that it is not missed by much: a fiftieth of it, by the time of the runs before.
    std::size_t end = begin;
    double expected_s = 0;
    const double piece_s = has_deadline ? deadline_s_ / 50 : std::numeric_limits<double>::infinity();
    do {
      expected_s += has_deadline ? std::max(run_s_, 1e-6) * requests[end].count : 0;
      ++end;
    } while (end < requests.size() && expected_s < piece_s);
    if (has_deadline && run_s_ == 0) end = std::min(requests.size(), begin + runner_.threads());
    const std::span<const Runs> part = std::span(requests).subspan(begin, end - begin);
    const double start_s = monitor_.elapsed_s();
    runner_.run(part, rows);
    run_s_ = (monitor_.elapsed_s() - start_s) / static_cast<double>(std::max<std::size_t>(count_runs(part), 1));
    take(part, rows);
    begin = end;
    if (begin < requests.size() && is_late()) return false;
  }
  return monitor_.keeps_going();
}

void Ledger::take(std::span<const Runs> requests, const RunRows& rows) {
  const std::size_t width = runner_.width();
  std::size_t at = 0;
  for (const Runs& request : requests) {
    Entry& entry = entries_[request.design];
    bool goes_on = true;
    for (std::uint32_t k = 0; k < request.count; ++k, ++at) {
      // What was made after a run that was not is left out: replications are paired by their number.
      goes_on = goes_on && rows.statuses[at] != RunStatus::stopped;
      if (!goes_on) continue;
      ++runs_;
      ++entry.made;
      const auto row = std::span(rows.cells).subspan(at * width, width);
      entry.cells.insert(entry.cells.end(), row.begin(), row.end());
      if (rows.statuses[at] == RunStatus::ok) continue;
      ++failed_runs_;
      if (entry.failed++ == 0) entry.status = rows.statuses[at];
    }
  }
}

Estimate Ledger::measure(std::uint32_t design, std::size_t measure, double level) const {
  const Entry& entry = entries_[design];
  Tally tally;
  for (std::uint32_t r = 0; r < entry.made; ++r) {
    const double value = entry.cells[r * runner_.width() + measure];
    if (!std::isnan(value)) tally.add(value);
  }
  return mean_interval(tally, level);
}

double Ledger::goal_mean(std::uint32_t design) const { return measure(design, runner_.plan().goal).mean; }

std::vector<double> Ledger::scores(std::uint32_t design, std::uint32_t count) const {
  const Entry& entry = entries_[design];
  std::vector<double> scores(std::min(count, entry.made));
  for (std::size_t r = 0; r < scores.size(); ++r) {
    const double goal = entry.cells[r * runner_.width() + runner_.plan().goal];
    scores[r] = study_.maximize ? goal : -goal;
  }
  return scores;
}

MeanError Ledger::lead(std::uint32_t a, std::uint32_t b) const {
  const std::uint32_t count = std::min(this->count(a), this->count(b));
  const std::size_t width = runner_.width();
  const std::size_t goal = runner_.plan().goal;
  const double sign = study_.maximize ? 1 : -1;
  Tally tally;
  for (std::size_t r = 0; r < count; ++r) {
    tally.add(sign * (entries_[a].cells[r * width + goal] - entries_[b].cells[r * width + goal]));
  }
  if (count < 2) return {count == 0 ? 0 : tally.mean(), std::numeric_limits<double>::infinity()};
  return {tally.mean(), std::sqrt(tally.variance() / count)};
}

std::vector<double> Ledger::means(const Entry& entry) const {
  const std::size_t width = runner_.width();
  std::vector<double> means(width);
  for (std::size_t m = 0; m < width; ++m) {
    Tally tally;
    for (std::size_t r = 0; r < entry.made; ++r) {
      const double value = entry.cells[r * width + m];
      if (!std::isnan(value)) tally.add(value);
    }
    means[m] = tally.mean();
  }
  return means;
}

Estimate Ledger::excess(std::uint32_t design, std::size_t condition, double level) const {
  const Entry& entry = entries_[design];
  const Margin& margin = conditions_[condition];
  const std::size_t width = runner_.width();
  const std::vector<double> mean = means(entry);
  const auto& used = margin.used_names();
  for (const int m : used) {
    if (std::isnan(mean[static_cast<std::size_t>(m)])) return {};
  }
  const double whole = margin.excess(mean);
  const auto n = static_cast<double>(entry.made);
  if (entry.made < 2 || margin.relation() == Margin::Relation::truth) return {whole, 0, entry.made};
  Tally pseudo;
  std::vector<double> without = mean;
  for (std::size_t r = 0; r < entry.made; ++r) {
    for (const int name : used) {
      const auto m = static_cast<std::size_t>(name);
      const double value = entry.cells[r * width + m];
      without[m] = std::isnan(value) ? mean[m] : (n * mean[m] - value) / (n - 1);
    }
    pseudo.add(n * whole - (n - 1) * margin.excess(without));
  }
  Estimate estimate = mean_interval(pseudo, level);
  estimate.mean = whole;
  return estimate;
}

const Standing& Ledger::standing(std::uint32_t design) const {
  const Entry& entry = entries_[design];
  if (entry.standing_at != entry.made || entry.made == 0) {
    entry.standing = compute_standing(design);
    entry.standing_at = entry.made;
  }
  return entry.standing;
}

Standing Ledger::compute_standing(std::uint32_t design) const {
  const Entry& entry = entries_[design];
  Standing standing;
  const double goal = entry.made == 0 ? std::nan("") : goal_mean(design);
  const Estimate all_goals = entry.made == 0 ? Estimate{} : measure(design, runner_.plan().goal);
  if (entry.failed > 0 || std::isnan(goal) || all_goals.n < entry.made) {
    standing.group = Standing::Group::failed;
    return standing;
  }
  if (conditions_.empty()) return standing;
  // One-sided: the limits of an interval with twice the error.
  const double level = 1 - 2 * kConditionError / static_cast<double>(conditions_.size());
  const std::vector<double> mean = means(entry);
  for (std::size_t c = 0; c < conditions_.size(); ++c) {
    const Margin& margin = conditions_[c];
    const Estimate excess = this->excess(design, c, level);
    if (std::isnan(excess.mean)) {
      standing.group = Standing::Group::infeasible;
      standing.violation = std::numeric_limits<double>::infinity();
      standing.is_surely_infeasible = true;
      return standing;
    }
    const bool is_equal = margin.relation() == Margin::Relation::equal;
    const double high = is_equal ? std::abs(excess.mean) : excess.high();
    const double low = is_equal ? std::abs(excess.mean) : excess.low();
    if (margin.is_met(high)) continue;
    standing.group = Standing::Group::infeasible;
    standing.violation += std::max(high, 0.0) / std::max(margin.size(mean), 1e-300);
    standing.is_surely_infeasible = standing.is_surely_infeasible || !margin.is_met(low);
  }
  return standing;
}

}  // namespace twin::detail
