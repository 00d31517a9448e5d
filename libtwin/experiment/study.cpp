// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/study.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include <libtwin/core/check.hpp>
#include <libtwin/experiment/study_rounds.hpp>
#include <libtwin/experiment/study_selection.hpp>
#include <libtwin/results/store.hpp>
#include <libtwin/stats/tally.hpp>

namespace twin {
namespace {

using detail::Monitor;
using detail::RunRows;
using detail::Runs;

/// What is known of a design so far, besides the tallies of its measures.
struct Progressed {
  std::uint32_t begun = 0;  ///< replications handed out
  std::uint32_t good = 0;
  std::uint32_t failed = 0;
  std::uint32_t round = 0;  ///< the last round it came into
  RunStatus status = RunStatus::ok;
};

const Study& study_of(const Scenario& scenario) {
  TWIN_CHECK(scenario.study.has_value(), "this scenario has no study");
  TWIN_CHECK(scenario.study->replications >= 1 && scenario.study->replications <= 1'000'000'000,
             "a study has from 1 to a billion replications");
  return *scenario.study;
}

class StudyRun {
 public:
  StudyRun(const Scenario& scenario, const std::string& folder, const ExecutionOptions& options,
           const CompileOptions& code, const StudyStore& store)
      : study_(study_of(scenario)),
        settings_(scenario.factory.run),
        design_(make_design(scenario, folder)),
        count_(design_.factors.empty() ? 1 : design_.size()),
        shows_progress_(static_cast<bool>(options.on_progress)),
        monitor_(options, count_ * static_cast<std::uint64_t>(study_.replications)),
        runner_(scenario, design_, count_ * static_cast<std::uint64_t>(study_.replications), options, code, monitor_),
        plan_(runner_.plan()),
        width_(runner_.width()),
        rounds_(runner_, monitor_, {scenario, design_, plan_, code, options.event_limit}, store, folder),
        tallies_(count_ * width_),
        progressed_(count_) {}

  StudyResult run_all() {
    const double cpu_before = detail::process_cpu_s();
    if (runner_.warmup()) runner_.find_warmup();
    if (study_.select) {
      run_selection();
    } else {
      run_rounds();
    }
    StudyResult result = summarise();
    result.cpu_s = detail::process_cpu_s() - cpu_before;
    result.wall_s = monitor_.elapsed_s();
    monitor_.finish();
    return result;
  }

  StudyEstimate estimate() {
    StudyEstimate estimate;
    estimate.designs = count_;
    estimate.runs = count_ * static_cast<std::uint64_t>(study_.replications) + after_round(0, study_.replications);
    estimate.engine = runner_.is_in_lanes() ? "lanes" : "event";
    estimate.threads = runner_.threads();
    if (runner_.warmup()) runner_.find_warmup();
    estimate.is_most = !study_.until.empty();
    if (study_.select) price_selection(estimate);
    if (!study_.until.empty()) {
      estimate.runs = count_ * static_cast<std::uint64_t>(study_.at_most.value_or(kMostReplications));
    }
    make_pilots(estimate);
    const double busy = std::min<double>(estimate.threads, static_cast<double>(estimate.runs));
    estimate.wall_s = static_cast<double>(estimate.runs) * estimate.run_cpu_s / busy;
    const StoreManifest manifest = rounds_.manifest_of(all_runs(count_, study_.replications));
    estimate.blocks = block_count(manifest);
    estimate.store_bytes = estimate.runs * (8 * manifest.columns.size() + 1) + estimate.blocks * block_file_size(0, 0);
    return estimate;
  }

 private:
  // --- running ---

  void run_rounds() {
    std::vector<std::uint32_t> chosen(count_);
    std::iota(chosen.begin(), chosen.end(), 0U);
    if (study_.until.empty()) {
      run_round(chosen, study_.replications, 0);
    } else {
      run_until_settled();
    }
    for (std::size_t k = 0; k < study_.refine.size() && is_complete_; ++k) {
      chosen = best(study_.refine[k].best);
      if (!chosen.empty()) show_best(chosen.front(), goal_mean(chosen.front()));
      run_round(chosen, study_.refine[k].count, k + 1);
    }
  }

  /// Each round is what the procedure asks for; the values of the goal are the answers, and failed runs have none.
  void run_selection() {
    const SelectionOptions options = selection_options_of_study();
    SelectionState state = start_selection(static_cast<std::uint32_t>(count_), options);
    for (std::uint32_t round = 0; !state.requests.empty() && is_complete_; ++round) {
      std::vector<Runs> requests;
      requests.reserve(state.requests.size());
      for (const SampleRequest& asked : state.requests) {
        requests.push_back({asked.design, asked.first, asked.count});
        progressed_[asked.design].begun = asked.first + asked.count;
        progressed_[asked.design].round = round;
      }
      const std::size_t asked = detail::count_runs(requests);
      answers_.clear();
      run_requests(std::move(requests), left_of_budget(state.observations + asked), round == 0);
      if (!is_complete_) break;
      take_round(state, options, answers_);
      if (shows_progress_) show_leader(state);
    }
    selection_ = selection_result(state, options);
  }

  [[nodiscard]] SelectionOptions selection_options_of_study() const {
    return detail::selection_options(study_, count_, plan_.dimensions[plan_.goal]);
  }

  [[nodiscard]] std::uint64_t left_of_budget(std::uint64_t spent) const {
    const auto budget = static_cast<std::uint64_t>(study_.select->budget.value_or(0));
    return budget > spent ? budget - spent : 0;
  }

  void show_leader(const SelectionState& state) {
    const auto is_worse = [&](std::uint32_t a, std::uint32_t b) {
      return state.candidates[a].mean < state.candidates[b].mean;
    };
    const auto leader = std::max_element(state.contenders.begin(), state.contenders.end(), is_worse);
    if (leader != state.contenders.end()) show_best(*leader, goal_mean(*leader));
  }

  void price_selection(StudyEstimate& estimate) const {
    static_cast<void>(selection_options_of_study());
    estimate.is_least = !study_.select->budget.has_value();
    if (!estimate.is_least) estimate.runs = static_cast<std::uint64_t>(*study_.select->budget);
  }

  // Every design goes on until its own intervals are as narrow as asked for.
  void run_until_settled() {
    for (bool is_first = true; is_complete_; is_first = false) {
      std::vector<Runs> requests;
      for (std::uint32_t s = 0; s < count_; ++s) {
        Progressed& row = progressed_[s];
        const std::span<const Tally> tallies = std::span(tallies_).subspan(s * width_, width_);
        const auto wanted =
            static_cast<std::uint32_t>(detail::next_replications(plan_, study_, row.begun, row.failed, tallies));
        if (wanted <= row.begun) continue;
        requests.push_back({s, row.begun, wanted - row.begun});
        row.begun = wanted;
      }
      if (requests.empty()) return;
      run_requests(std::move(requests), after_round(0, study_.replications), is_first);
    }
  }

  void run_round(const std::vector<std::uint32_t>& chosen, std::int64_t replications, std::size_t round) {
    std::vector<Runs> requests;
    requests.reserve(chosen.size());
    for (const std::uint32_t s : chosen) {
      Progressed& row = progressed_[s];
      row.round = static_cast<std::uint32_t>(round);
      const auto wanted = static_cast<std::uint32_t>(std::clamp<std::int64_t>(replications, 0, 1'000'000'000));
      if (wanted <= row.begun) continue;
      requests.push_back({s, row.begun, wanted - row.begun});
      row.begun = wanted;
    }
    run_requests(std::move(requests), after_round(round, replications), round == 0);
  }

  void run_requests(std::vector<Runs> requests, std::uint64_t after, bool is_first) {
    detail::StudyRunner::Listener listener;
    if (is_first && shows_progress_) {
      listener = [this](const Runs& runs, std::span<const double> cells, std::span<const RunStatus> statuses) {
        offer_best(runs, cells, statuses);
      };
    }
    std::size_t missing = detail::count_runs(requests);
    rounds_.run(
        std::move(requests), after,
        [&](std::span<const Runs> made, const RunRows& rows) {
          add_up(made, rows);
          missing -= rows.statuses.size();
        },
        listener);
    if (missing > 0) is_complete_ = false;
  }

  /// About how many runs come after a round, when the best of each round are among those of the round before.
  [[nodiscard]] std::uint64_t after_round(std::size_t round, std::int64_t replications) const {
    std::uint64_t runs = 0;
    for (std::size_t k = round; k < study_.refine.size(); ++k) {
      const RefineRound& next = study_.refine[k];
      const std::int64_t more = std::max<std::int64_t>(next.count - replications, 0);
      runs +=
          static_cast<std::uint64_t>(std::clamp<std::int64_t>(next.best, 0, static_cast<std::int64_t>(count_)) * more);
      replications = std::max(replications, next.count);
    }
    return runs;
  }

  [[nodiscard]] static std::vector<Runs> all_runs(std::size_t designs, std::int64_t replications) {
    std::vector<Runs> runs;
    for (std::uint32_t s = 0; s < designs; ++s) runs.push_back({s, 0, static_cast<std::uint32_t>(replications)});
    return runs;
  }

  // Designs evenly over the table, and more of them until the clock can tell.
  void make_pilots(StudyEstimate& estimate) {
    constexpr double kEnough_s = 0.7;
    const auto most = static_cast<std::uint32_t>(std::min<std::int64_t>(study_.replications, 64));
    RunRows rows;
    for (std::size_t designs = 1; estimate.run_cpu_s == 0 && monitor_.keeps_going(); designs *= 4) {
      designs = std::min(designs, count_);
      std::vector<Runs> requests;
      for (std::size_t k = 0; k < designs; ++k) {
        requests.push_back(
            {static_cast<std::uint32_t>(k * (count_ - 1) / std::max<std::size_t>(designs - 1, 1)), 0, most});
      }
      const double cpu_before = detail::process_cpu_s();
      runner_.run(requests, rows);
      const double cpu_s = detail::process_cpu_s() - cpu_before;
      estimate.pilots = designs * most;
      const bool is_enough = cpu_s > kEnough_s || designs == count_;
      if (is_enough) estimate.run_cpu_s = cpu_s / static_cast<double>(estimate.pilots);
    }
  }

  // In the order of rows, so that the bits do not depend on who made them.
  void add_up(std::span<const Runs> requests, const RunRows& rows) {
    std::size_t at = 0;
    for (const Runs& runs : requests) {
      Progressed& row = progressed_[runs.design];
      for (std::uint32_t k = 0; k < runs.count; ++k, ++at) {
        if (study_.select) answers_.push_back(answer_of(rows, at));
        if (rows.statuses[at] == RunStatus::stopped) {
          is_complete_ = false;
        } else if (rows.statuses[at] != RunStatus::ok) {
          if (row.failed++ == 0) row.status = rows.statuses[at];
        } else {
          ++row.good;
          for (std::size_t m = 0; m < width_; ++m) {
            const double value = rows.cells[at * width_ + m];
            if (!std::isnan(value)) tallies_[runs.design * width_ + m].add(value);
          }
        }
      }
    }
  }

  [[nodiscard]] double answer_of(const RunRows& rows, std::size_t row) const {
    return rows.statuses[row] == RunStatus::ok ? rows.cells[row * width_ + plan_.goal]
                                               : std::numeric_limits<double>::quiet_NaN();
  }

  // --- the best ---

  /// 0: feasible; 1: not; 2: some run failed, or the goal is not known.
  [[nodiscard]] int class_of(std::size_t scenario) const {
    const Progressed& row = progressed_[scenario];
    if (row.failed != 0 || std::isnan(goal_mean(scenario))) return 2;
    return is_feasible(scenario) ? 0 : 1;
  }

  [[nodiscard]] bool is_feasible(std::size_t scenario) const {
    if (plan_.conditions.empty()) return true;
    std::vector<double> means(width_);
    for (std::size_t m = 0; m < width_; ++m) means[m] = tallies_[scenario * width_ + m].mean();
    return plan_.is_feasible(means);
  }

  [[nodiscard]] double goal_mean(std::size_t scenario) const { return tallies_[scenario * width_ + plan_.goal].mean(); }

  struct Rank {
    int group;  // those that a selection did not screen out come before all others
    std::int64_t round;
    double cost;
    std::uint32_t scenario;
  };

  [[nodiscard]] std::vector<Rank> ranks() const {
    std::vector<Rank> all;
    all.reserve(count_);
    for (std::uint32_t s = 0; s < count_; ++s) {
      const double mean = goal_mean(s);
      const double cost = std::isnan(mean) ? std::numeric_limits<double>::infinity() : study_.maximize ? -mean : mean;
      all.push_back({class_of(s), -std::int64_t{progressed_[s].round}, cost, s});
    }
    if (selection_) {
      for (std::size_t place = 0; place < selection_->survivors.size(); ++place) {
        all[selection_->survivors[place]] = {-1, static_cast<std::int64_t>(place), 0, selection_->survivors[place]};
      }
    }
    std::sort(all.begin(), all.end(), [](const Rank& a, const Rank& b) {
      if (a.group != b.group) return a.group < b.group;
      if (a.round != b.round) return a.round < b.round;
      return a.cost != b.cost ? a.cost < b.cost : a.scenario < b.scenario;
    });
    return all;
  }

  [[nodiscard]] std::vector<std::uint32_t> best(std::int64_t most) const {
    std::vector<std::uint32_t> chosen;
    for (const Rank& rank : ranks()) {
      if (rank.group == 2 || static_cast<std::int64_t>(chosen.size()) >= most) break;
      chosen.push_back(rank.scenario);
    }
    return chosen;
  }

  /// For the progress line only: what a few runs alone show.
  void offer_best(const Runs& runs, std::span<const double> cells, std::span<const RunStatus> statuses) {
    Tally goal;
    for (std::size_t k = 0; k < runs.count; ++k) {
      if (statuses[k] != RunStatus::ok) return;
      goal.add(cells[k * width_ + plan_.goal]);
    }
    const std::scoped_lock lock(best_mutex_);
    const double mean = goal.mean();
    const bool is_better = std::isnan(best_goal_) || (study_.maximize ? mean > best_goal_ : mean < best_goal_);
    if (std::isnan(mean) || !is_better) return;
    best_goal_ = mean;
    show_best(runs.design, mean);
  }

  void show_best(std::size_t scenario, double mean) {
    std::string text;
    for (std::size_t i = 0; i < design_.factors.size(); ++i) {
      const double value = design_.values[scenario * design_.factors.size() + i];
      const auto& texts = design_.texts[i];
      text += (i == 0 ? "" : ", ") + design_.factors[i] + " = " +
              (texts.empty() ? short_text(value) : texts[static_cast<std::size_t>(value)]);
    }
    const bool is_rate = plan_.dimensions[plan_.goal] == KpiDimension::rate;
    const bool is_time = plan_.dimensions[plan_.goal] == KpiDimension::time;
    text += (text.empty() ? "" : ": ") + plan_.names[plan_.goal] + " " + short_text(is_rate ? mean * 3600 : mean) +
            (is_rate   ? " /h"
             : is_time ? " s"
                       : "");
    monitor_.set_best(std::move(text));
  }

  static std::string short_text(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g", value);
    return text.data();
  }

  // --- the result ---

  StudyResult summarise() {
    StudyResult result;
    result.study = study_.name;
    if (runner_.is_in_lanes()) result.engine = "lanes";
    result.guarantee = study_.refine.empty() ? "none: the best of the means, each over its own replications; the "
                                               "intervals say how far they can be told apart"
                                             : "none: more replications for the designs that are best so far, in "
                                               "rounds given beforehand; the intervals say "
                                               "how far the last ones can be told apart";
    if (selection_) {
      const SelectionGuarantee& promise = selection_->guarantee;
      result.guarantee = promise.words + (promise.conditions.empty() ? "" : "; conditions: " + promise.conditions);
      result.selection = selection_;
    }
    result.seed = settings_.seed;
    result.measures = plan_.names;
    result.dimensions = plan_.dimensions;
    result.goal = plan_.names[plan_.goal];
    result.maximize = study_.maximize;
    result.operations = runner_.operations();
    result.store = rounds_.use();
    result.is_complete = is_complete_;
    const std::optional<detail::Warmup>& warmup = runner_.warmup();
    result.warmup_s = warmup ? warmup->seconds : settings_.warmup_s;
    result.warmup_was_found = warmup && warmup->was_found;
    if (warmup) result.warmup_note = warmup->note;
    result.ranking.reserve(count_);
    for (const Rank& rank : ranks()) result.ranking.push_back(rank.scenario);
    result.rows.resize(count_);
    for (std::size_t s = 0; s < count_; ++s) {
      StudyRow& row = result.rows[s];
      row.n = progressed_[s].good;
      row.failed = progressed_[s].failed;
      row.status = progressed_[s].status;
      row.is_feasible = is_feasible(s);
      row.measures.reserve(width_);
      for (std::size_t m = 0; m < width_; ++m) row.measures.push_back(mean_interval(tallies_[s * width_ + m]));
      result.runs += static_cast<std::uint64_t>(row.n + row.failed);
      result.failed_runs += static_cast<std::uint64_t>(row.failed);
    }
    result.design = std::move(design_);
    return result;
  }

  const Study& study_;
  RunSettings settings_;
  DesignTable design_;
  std::size_t count_;
  bool shows_progress_;
  Monitor monitor_;
  detail::StudyRunner runner_;
  const detail::MeasurePlan& plan_;
  std::size_t width_;
  detail::StudyRounds rounds_;
  std::vector<Tally> tallies_;  // (scenarios × measures), row-major
  std::vector<Progressed> progressed_;
  std::vector<double> answers_;  // of the round that a selection has asked for
  std::optional<SelectionResult> selection_;
  bool is_complete_ = true;
  std::mutex best_mutex_;
  double best_goal_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace

StudyResult run_study(const Scenario& scenario, const std::string& folder, const ExecutionOptions& options,
                      const CompileOptions& code, const StudyStore& store) {
  return StudyRun(scenario, folder, options, code, store).run_all();
}

StudyEstimate estimate_study(const Scenario& scenario, const std::string& folder, const ExecutionOptions& options,
                             const CompileOptions& code) {
  return StudyRun(scenario, folder, options, code, {}).estimate();
}

}  // namespace twin
