// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/study.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include <libtwin/core/check.hpp>
#include <libtwin/core/random.hpp>
#include <libtwin/experiment/lane_choice.hpp>
#include <libtwin/experiment/measures.hpp>
#include <libtwin/experiment/monitor.hpp>
#include <libtwin/experiment/pilot.hpp>
#include <libtwin/experiment/variants.hpp>
#include <libtwin/experiment/work.hpp>
#include <libtwin/stats/tally.hpp>

namespace twin {
namespace {

using detail::MeasurePlan;
using detail::Monitor;
using detail::Variants;

// A task is a few runs of one design: enough to outweigh making the design ready, few enough to keep all threads busy.
constexpr std::size_t kMostRunsInTask = 64;

// In lanes, replications of a design stand side by side, and many designs share what is drawn for them.
constexpr std::size_t kMostLanesInTask = 32;
constexpr std::size_t kFewestLanesInTask = 8;
constexpr std::size_t kMostRunsInBatch = 65536;

// Numbers measured between two reductions: 32 MB, whatever the size of the study.
constexpr std::size_t kMostCells = std::size_t{1} << 22;

/// Replications of one design, [first, first + count).
struct Runs {
  std::uint32_t scenario = 0;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

/// What is known of a design so far, besides the tallies of its measures.
struct Progressed {
  std::uint32_t begun = 0;  ///< replications handed out
  std::uint32_t good = 0;
  std::uint32_t failed = 0;
  std::uint16_t round = 0;  ///< the last round of refinement it came into
  RunStatus status = RunStatus::ok;
};

/// What a worker keeps from run to run.
struct Worker {
  std::unique_ptr<Variants::Worker> variants;
  std::unique_ptr<LaneRunner> lanes;
  std::vector<double> values;
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
           const CompileOptions& code)
      : study_(study_of(scenario)),
        options_(options),
        settings_(scenario.factory.run),
        design_(make_design(scenario, folder)),
        count_(design_.factors.empty() ? 1 : design_.size()),
        variants_(scenario, design_, code),
        plan_(detail::plan_measures(study_, variants_.base().names)),
        width_(plan_.measures.size()),
        threads_(thread_count(options.threads)),
        monitor_(options, count_ * static_cast<std::uint64_t>(study_.replications)),
        workers_(threads_),
        tallies_(count_ * width_),
        progressed_(count_),
        by_lanes_(detail::choose_lanes(variants_.base(), options.engine,
                                       count_ * static_cast<std::uint64_t>(study_.replications),
                                       variants_.needs_no_compiling())),
        lane_statistics_(detail::statistics_for(plan_.kpis, plan_.is_used)) {
    if (settings_.warmup_is_auto) warmup_ = detail::Warmup{};
  }

  StudyResult run_all() {
    const double cpu_before = detail::process_cpu_s();
    if (warmup_) find_warmup();
    std::vector<std::uint32_t> chosen(count_);
    std::iota(chosen.begin(), chosen.end(), 0U);
    run_round(chosen, study_.replications, 0);
    for (std::size_t k = 0; k < study_.refine.size() && is_complete_; ++k) {
      chosen = best(study_.refine[k].best);
      if (!chosen.empty()) show_best(chosen.front(), goal_mean(chosen.front()));
      run_round(chosen, study_.refine[k].count, k + 1);
    }
    StudyResult result = summarise();
    result.cpu_s = detail::process_cpu_s() - cpu_before;
    result.wall_s = monitor_.elapsed_s();
    monitor_.finish();
    return result;
  }

 private:
  // --- running ---

  Worker& worker(unsigned number) {
    Worker& w = workers_[number];
    if (!w.variants) {
      w.variants = std::make_unique<Variants::Worker>(variants_);
      w.values.resize(plan_.kpis.size());
    }
    return w;
  }

  std::optional<detail::PreparedRun> prepare(Worker& w, std::size_t scenario) {
    std::optional<detail::PreparedRun> prepared = w.variants->prepare(scenario);
    if (!prepared) return {};
    RunInput& input = prepared->input;
    if (warmup_) input.warmup_s = std::min(warmup_->seconds, input.horizon_s / 2);
    if (!study_.common_random_numbers) input.seed = detail::mix(input.seed ^ variants_.key_of(scenario));
    input.event_limit = options_.event_limit;
    input.stop = monitor_.token();
    if (options_.on_progress) input.on_progress = [this](double) { return monitor_.tick(); };
    return prepared;
  }

  // One warm-up for all designs, as common random numbers want it; five of them stand for all.
  void find_warmup() {
    std::vector<std::optional<double>> found(detail::kPilots);
    const auto run_pilot = [&](std::size_t pilot, unsigned number) {
      const auto prepared = prepare(worker(number), pilot * (count_ - 1) / (detail::kPilots - 1));
      if (prepared) found[pilot] = detail::pilot_warmup_s(*prepared->state, prepared->input, pilot);
    };
    run_parallel(found.size(), threads_, run_pilot, [this] { return monitor_.keeps_going(); });
    warmup_ = detail::summarise_pilots(found, settings_.horizon_s);
  }

  void run_round(const std::vector<std::uint32_t>& chosen, std::int64_t replications, std::size_t round) {
    std::uint64_t total = 0;
    for (const std::uint32_t s : chosen) {
      progressed_[s].round = static_cast<std::uint16_t>(round);
      total += missing(s, replications);
    }
    monitor_.expect(total + after_round(round, replications));
    const std::size_t most = by_lanes_ ? kMostLanesInTask : kMostRunsInTask;
    const std::size_t least = by_lanes_ ? kFewestLanesInTask : 1;
    const std::size_t chunk = std::clamp<std::size_t>(static_cast<std::size_t>(total) / (8 * threads_), least, most);
    const std::size_t most_runs = std::max(kMostCells / width_, kMostRunsInTask);
    std::vector<Runs> tasks;
    std::size_t runs = 0;
    for (const std::uint32_t s : chosen) {
      for (std::uint64_t left = missing(s, replications); left > 0;) {
        const auto n = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, chunk));
        tasks.push_back({s, progressed_[s].begun, n});
        progressed_[s].begun += n;
        left -= n;
        if ((runs += n) + chunk <= most_runs) continue;
        run_slice(tasks, round);
        if (!is_complete_) return;
        tasks.clear();
        runs = 0;
      }
    }
    run_slice(tasks, round);
  }

  [[nodiscard]] std::uint64_t missing(std::uint32_t scenario, std::int64_t replications) const {
    const auto wanted = static_cast<std::uint64_t>(std::clamp<std::int64_t>(replications, 0, 1'000'000'000));
    return wanted > progressed_[scenario].begun ? wanted - progressed_[scenario].begun : 0;
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

  // Numbers are written by run and added up in the order of replications: the bits depend neither on threads nor on how
  // the work was cut into tasks, slices and rounds.
  void run_slice(const std::vector<Runs>& tasks, std::size_t round) {
    std::vector<std::size_t> offsets;
    std::size_t runs = 0;
    for (const Runs& task : tasks) {
      offsets.push_back(runs);
      runs += task.count;
    }
    cells_.resize(runs * width_);
    statuses_.assign(runs, RunStatus::stopped);
    if (by_lanes_) {
      run_in_lanes(tasks, offsets, round);
    } else {
      run_parallel(
          tasks.size(), threads_,
          [&](std::size_t i, unsigned number) { run_task(tasks[i], offsets[i], worker(number), round); },
          [this] { return monitor_.keeps_going(); });
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) add_up(tasks[i], offsets[i]);
  }

  void run_in_lanes(const std::vector<Runs>& tasks, const std::vector<std::size_t>& offsets, std::size_t round) {
    // Designs side by side that are at the same replications see the same noise.
    std::vector<std::size_t> order(tasks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return tasks[a].first < tasks[b].first; });
    const std::size_t share = std::clamp<std::size_t>(statuses_.size() / (4 * threads_), 1, kMostRunsInBatch);
    std::vector<std::size_t> starts{0};
    std::size_t runs = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
      runs += tasks[order[k]].count;
      if (runs <= share || k == starts.back()) continue;
      starts.push_back(k);
      runs = tasks[order[k]].count;
    }
    const auto run_batch = [&](std::size_t b, unsigned number) {
      const std::size_t end = b + 1 < starts.size() ? starts[b + 1] : tasks.size();
      std::vector<Runs> batch;
      std::vector<std::size_t> places;
      for (std::size_t k = starts[b]; k < end; ++k) {
        batch.push_back(tasks[order[k]]);
        places.push_back(offsets[order[k]]);
      }
      run_lane_batch(batch, places.data(), worker(number), round);
    };
    run_parallel(starts.size(), threads_, run_batch, [this] { return monitor_.keeps_going(); });
  }

  void run_lane_batch(std::span<const Runs> tasks, const std::size_t* offsets, Worker& w, std::size_t round) {
    if (!w.lanes) w.lanes = std::make_unique<LaneRunner>(variants_.base().plant, variants_.base().lanes);
    std::vector<LaneJob> jobs;
    std::vector<std::size_t> task_of;
    std::vector<std::vector<ValueChange>> changes(tasks.size());
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const std::optional<detail::PreparedRun> prepared = prepare(w, tasks[i].scenario);
      if (!prepared) {
        std::fill_n(statuses_.begin() + static_cast<std::ptrdiff_t>(offsets[i]), tasks[i].count, RunStatus::bad_number);
        for (std::uint32_t k = 0; k < tasks[i].count; ++k) monitor_.count_run();
        continue;
      }
      changes[i].assign(prepared->input.changes.begin(), prepared->input.changes.end());
      LaneJob& job = jobs.emplace_back(LaneJob{prepared->input, tasks[i].count});
      job.input.changes = changes[i];
      job.input.replication = tasks[i].first;
      task_of.push_back(i);
    }
    std::uint64_t operations = 0;
    const auto keep = [&](std::size_t job, std::uint32_t replication, const RunResult& result) {
      const std::size_t at = offsets[task_of[job]] + replication;
      statuses_[at] = result.status;
      operations += result.operations;
      if (result.status == RunStatus::ok) plan_.read(result, w.values, std::span(cells_).subspan(at * width_, width_));
      monitor_.count_run();
      if (options_.on_progress) monitor_.tick();
    };
    w.lanes->run(jobs, keep, {.statistics = lane_statistics_, .stop = monitor_.token()});
    operations_.fetch_add(operations, std::memory_order_relaxed);
    for (std::size_t i = 0; i < tasks.size() && round == 0 && options_.on_progress; ++i)
      offer_best(tasks[i], offsets[i]);
  }

  void run_task(const Runs& task, std::size_t offset, Worker& w, std::size_t round) {
    std::optional<detail::PreparedRun> prepared = prepare(w, task.scenario);
    std::uint64_t operations = 0;
    for (std::uint32_t k = 0; k < task.count && monitor_.keeps_going(); ++k) {
      RunStatus& status = statuses_[offset + k];
      if (!prepared) {
        status = RunStatus::bad_number;
        monitor_.count_run();
        continue;
      }
      prepared->input.replication = task.first + k;
      const RunResult& result = run(*prepared->state, prepared->input);
      status = result.status;
      operations += result.operations;
      if (status == RunStatus::ok)
        plan_.read(result, w.values, std::span(cells_).subspan((offset + k) * width_, width_));
      if (status != RunStatus::stopped) monitor_.count_run();
    }
    operations_.fetch_add(operations, std::memory_order_relaxed);
    if (round == 0 && options_.on_progress) offer_best(task, offset);
  }

  void add_up(const Runs& task, std::size_t offset) {
    Progressed& row = progressed_[task.scenario];
    for (std::size_t k = offset; k < offset + task.count; ++k) {
      if (statuses_[k] == RunStatus::stopped) {
        is_complete_ = false;
      } else if (statuses_[k] != RunStatus::ok) {
        if (row.failed++ == 0) row.status = statuses_[k];
      } else {
        ++row.good;
        for (std::size_t m = 0; m < width_; ++m) {
          const double value = cells_[k * width_ + m];
          if (!std::isnan(value)) tallies_[task.scenario * width_ + m].add(value);
        }
      }
    }
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
    int group;
    int round;
    double cost;
    std::uint32_t scenario;
  };

  [[nodiscard]] std::vector<Rank> ranks() const {
    std::vector<Rank> all;
    all.reserve(count_);
    for (std::uint32_t s = 0; s < count_; ++s) {
      const double mean = goal_mean(s);
      const double cost = std::isnan(mean) ? std::numeric_limits<double>::infinity() : study_.maximize ? -mean : mean;
      all.push_back({class_of(s), -static_cast<int>(progressed_[s].round), cost, s});
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

  /// For the progress line only: what a task alone shows.
  void offer_best(const Runs& task, std::size_t offset) {
    Tally goal;
    for (std::size_t k = offset; k < offset + task.count; ++k) {
      if (statuses_[k] != RunStatus::ok) return;
      goal.add(cells_[k * width_ + plan_.goal]);
    }
    const std::scoped_lock lock(best_mutex_);
    const double mean = goal.mean();
    const bool is_better = std::isnan(best_goal_) || (study_.maximize ? mean > best_goal_ : mean < best_goal_);
    if (std::isnan(mean) || !is_better) return;
    best_goal_ = mean;
    show_best(task.scenario, mean);
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
    if (by_lanes_) result.engine = "lanes";
    result.guarantee = study_.refine.empty() ? "none: the best of the means, each over its own replications; the "
                                               "intervals say how far they can be told apart"
                                             : "none: more replications for the designs that are best so far, in "
                                               "rounds given beforehand; the intervals say "
                                               "how far the last ones can be told apart";
    result.seed = settings_.seed;
    result.measures = plan_.names;
    result.dimensions = plan_.dimensions;
    result.goal = plan_.names[plan_.goal];
    result.maximize = study_.maximize;
    result.operations = operations_;
    result.is_complete = is_complete_;
    result.warmup_s = warmup_ ? warmup_->seconds : settings_.warmup_s;
    result.warmup_was_found = warmup_ && warmup_->was_found;
    if (warmup_) result.warmup_note = warmup_->note;
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
  const ExecutionOptions& options_;
  RunSettings settings_;
  DesignTable design_;
  std::size_t count_;
  Variants variants_;
  MeasurePlan plan_;
  std::size_t width_;
  unsigned threads_;
  Monitor monitor_;
  std::vector<Worker> workers_;
  std::vector<Tally> tallies_;  // (scenarios × measures), row-major
  std::vector<Progressed> progressed_;
  std::vector<double> cells_;  // (runs of a slice × measures), row-major
  std::vector<RunStatus> statuses_;
  bool by_lanes_;
  LaneStatistics lane_statistics_;
  std::optional<detail::Warmup> warmup_;
  std::atomic<std::uint64_t> operations_{0};
  bool is_complete_ = true;
  std::mutex best_mutex_;
  double best_goal_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace

StudyResult run_study(const Scenario& scenario, const std::string& folder, const ExecutionOptions& options,
                      const CompileOptions& code) {
  return StudyRun(scenario, folder, options, code).run_all();
}

}  // namespace twin
