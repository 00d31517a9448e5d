// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/replicate.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <libtwin/core/check.hpp>
#include <libtwin/experiment/lane_choice.hpp>
#include <libtwin/experiment/measures.hpp>
#include <libtwin/experiment/monitor.hpp>
#include <libtwin/experiment/pilot.hpp>
#include <libtwin/experiment/work.hpp>
#include <libtwin/stats/batch_means.hpp>
#include <libtwin/stats/tally.hpp>

namespace twin {
namespace {

using detail::Monitor;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Marks for batch means, and the batches they are gathered in. Sixteen batches of two marks keep the mean of the batches
// that of the run, and 16 is within the 10 to 30 that batch means want.
constexpr std::uint32_t kMarks = 32;
constexpr std::int64_t kBatches = 16;

/// What a worker keeps from run to run.
struct Worker {
  std::unique_ptr<PlantState> state;
  std::unique_ptr<LaneRunner> lanes;
  Histogram leads;
  std::vector<double> values;
};

/// A plan as a study, which is what measures are understood from.
Study study_of(const ReplicationPlan& plan) {
  Study study;
  study.measures = plan.measures;
  study.until = plan.until;
  study.replications = plan.first;
  study.at_most = plan.at_most;
  return study;
}

/// How one replication went; the runs' own numbers are in the rows.
struct Outcome {
  RunStatus status = RunStatus::stopped;
  std::uint32_t station = std::numeric_limits<std::uint32_t>::max();
  double last_event_s = 0;
  std::uint64_t events = 0;
  std::uint64_t operations = 0;
};

class Replications {
 public:
  Replications(const Compiled& compiled, const RunSettings& settings, const ReplicationPlan& plan,
               const ExecutionOptions& options)
      : compiled_(compiled),
        study_(study_of(plan)),
        count_(static_cast<std::size_t>(plan.until.empty() ? settings.replications : plan.first)),
        threads_(thread_count(options.threads)),
        pilots_(settings.warmup_is_auto ? std::min(detail::kPilots, count_) : 0),
        monitor_(options, count_ + pilots_),
        columns_(all_kpis(compiled.names)),
        workers_(threads_),
        by_lanes_(detail::choose_lanes(compiled, options.engine, count_, true)) {
    input_ = run_input(settings);
    input_.event_limit = options.event_limit;
    input_.stop = monitor_.token();
    if (options.on_progress) input_.on_progress = [this](double) { return monitor_.tick(); };
    if (plan.measures.empty() && plan.until.empty()) return;
    plan_ = detail::plan_measures(study_, compiled.names);
    tallies_.resize(plan_.measures.size());
    for (Worker& worker : workers_) worker.values.resize(plan_.kpis.size());
  }

  RunSummary run_all() {
    RunSummary summary;
    const double cpu_before = detail::process_cpu_s();
    find_warmup(summary);
    input_.marks = count_ == 1 && input_.parts == 0 && !by_lanes_ ? kMarks : 0;
    summary.measures = plan_.names;
    summary.measure_dimensions = plan_.dimensions;
    if (study_.until.empty()) {
      run_round(0, summary);
    } else {
      run_until_settled(summary);
    }
    fill_numbers(summary);
    fill_estimates(summary);
    if (input_.marks != 0 && summary.failed == 0) fill_from_batches(summary);
    fill_quantiles(summary);
    summary.cpu_s = detail::process_cpu_s() - cpu_before;
    summary.wall_s = monitor_.elapsed_s();
    monitor_.finish();
    return summary;
  }

 private:
  PlantState& state_of(unsigned worker) {
    auto& state = workers_[worker].state;
    if (!state) state = std::make_unique<PlantState>(compiled_.plant);
    return *state;
  }

  void find_warmup(RunSummary& summary) {
    if (pilots_ == 0) return;
    std::vector<std::optional<double>> found(pilots_);
    const auto run_pilot = [&](std::size_t pilot, unsigned worker) {
      found[pilot] = detail::pilot_warmup_s(state_of(worker), input_, pilot);
      monitor_.count_run();
    };
    run_parallel(pilots_, threads_, run_pilot, [this] { return monitor_.keeps_going(); });
    detail::Warmup warmup = detail::summarise_pilots(found, input_.horizon_s);
    input_.warmup_s = warmup.seconds;
    summary.warmup_was_found = warmup.was_found;
    summary.warmup_note = std::move(warmup.note);
  }

  // The rules see nothing but the numbers of replications in their order, after rounds whose sizes they do not choose: no
  // thread and no engine has a say in when it ends.
  void run_until_settled(RunSummary& summary) {
    StoppingOutcome outcome{.first = study_.replications, .at_most = *study_.at_most};
    std::int64_t begun = 0;
    std::int64_t failed = 0;
    while (const std::int64_t wanted = detail::next_replications(plan_, study_, begun, failed, tallies_)) {
      count_ = static_cast<std::size_t>(wanted);
      monitor_.expect(static_cast<std::uint64_t>(wanted - begun));
      run_round(static_cast<std::size_t>(begun), summary);
      add_up(static_cast<std::size_t>(begun), summary, failed);
      begun = wanted;
      ++outcome.looks;
      if (!monitor_.keeps_going()) break;
    }
    const bool was_stopped = std::any_of(outcomes_.begin(), outcomes_.end(),
                                         [](const Outcome& o) { return o.status == RunStatus::stopped; });
    outcome.reason = was_stopped                  ? StopReason::stopped
                     : failed > 0                 ? StopReason::failed
                     : plan_.is_settled(tallies_) ? StopReason::met
                     : begun == outcome.at_most   ? StopReason::at_most
                                                  : StopReason::stopped;
    for (std::size_t i = 0; i < plan_.until.size(); ++i) {
      const detail::MeasurePlan::Stop& stop = plan_.until[i];
      const Tally& tally = tallies_[stop.measure];
      const Estimate estimate = mean_interval(tally);
      outcome.rules.push_back({study_.until[i], plan_.dimensions[stop.measure], estimate, stop.limit.is_met(tally),
                               stop.limit.most(estimate.mean)});
    }
    summary.stopping = std::move(outcome);
  }

  /// Adds up the measures of the replications from `first` on, in their order.
  void add_up(std::size_t first, const RunSummary& summary, std::int64_t& failed) {
    const std::size_t width = tallies_.size();
    for (std::size_t r = first; r < count_; ++r) {
      if (outcomes_[r].status != RunStatus::ok) ++failed;
      for (std::size_t m = 0; m < width; ++m) {
        const double value = summary.measured[r * width + m];
        if (!std::isnan(value)) tallies_[m].add(value);
      }
    }
  }

  /// Runs the replications from `first` to `count_`.
  void run_round(std::size_t first, RunSummary& summary) {
    outcomes_.resize(count_);
    summary.rows.resize(count_ * columns_.size(), kNaN);
    summary.measured.resize(count_ * plan_.measures.size(), kNaN);
    if (by_lanes_) return run_in_lanes(first, summary);
    const auto run_one = [&](std::size_t task, unsigned worker) {
      RunInput input = input_;
      input.replication = first + task;
      keep(run(state_of(worker), input), first + task, worker, summary);
    };
    run_parallel(count_ - first, threads_, run_one, [this] { return monitor_.keeps_going(); });
  }

  void keep(const RunResult& result, std::size_t replication, unsigned worker, RunSummary& summary) {
    outcomes_[replication] = {result.status, result.station, result.last_event_s, result.events, result.operations};
    if (result.status == RunStatus::ok) {
      double* row = &summary.rows[replication * columns_.size()];
      for (const KpiColumn& column : columns_) *row++ = column.kpi.read(result);
      workers_[worker].leads.merge(result.lead_ticks);
      const std::size_t width = plan_.measures.size();
      if (width != 0)
        plan_.read(result, workers_[worker].values, std::span(summary.measured).subspan(replication * width, width));
      if (count_ == 1) marks_ = result.marks;
    }
    monitor_.count_run();
  }

  // Enough replications in a task to fill lanes, and a task for each thread where there are enough of them.
  void run_in_lanes(std::size_t begin, RunSummary& summary) {
    summary.engine = "lanes";
    const std::size_t share = (count_ - begin + threads_ - 1) / threads_;
    const std::size_t some = std::clamp<std::size_t>((share + 7) / 8 * 8, 8, 32);
    const auto run_some = [&](std::size_t task, unsigned worker) {
      Worker& w = workers_[worker];
      if (!w.lanes) w.lanes = std::make_unique<LaneRunner>(compiled_.plant, compiled_.lanes);
      const std::size_t first = begin + task * some;
      LaneJob job{input_, static_cast<std::uint32_t>(std::min(some, count_ - first))};
      job.input.replication = first;
      const auto keep_it = [&](std::size_t, std::uint32_t replication, const RunResult& result) {
        keep(result, first + replication, worker, summary);
        monitor_.tick();
      };
      w.lanes->run(std::span(&job, 1), keep_it, {.stop = monitor_.token()});
    };
    run_parallel((count_ - begin + some - 1) / some, threads_, run_some, [this] { return monitor_.keeps_going(); });
  }

  void fill_numbers(RunSummary& summary) const {
    summary.model = compiled_.names.factory;
    summary.seed = input_.seed;
    summary.replications = static_cast<std::int64_t>(count_);
    summary.horizon_s = input_.horizon_s;
    summary.warmup_s = input_.warmup_s;
    summary.parts = static_cast<std::int64_t>(input_.parts);
    summary.warmup_parts = static_cast<std::int64_t>(input_.warmup_parts);
    for (const Outcome& outcome : outcomes_) {
      summary.statuses.push_back(outcome.status);
      summary.events += outcome.events;
      summary.operations += outcome.operations;
      if (outcome.status == RunStatus::ok || ++summary.failed > 1) continue;
      summary.status = outcome.status;
      summary.failed_time_s = outcome.last_event_s;
      const auto& stations = compiled_.names.stations;
      if (outcome.station < stations.size()) summary.failed_at = stations[outcome.station];
    }
  }

  [[nodiscard]] Estimate estimate_of(const RunSummary& summary, std::size_t column) const {
    Tally tally;
    for (std::size_t r = 0; r < count_; ++r) {
      const double value = summary.rows[r * columns_.size() + column];
      if (!std::isnan(value)) tally.add(value);
    }
    return mean_interval(tally);
  }

  void fill_estimates(RunSummary& summary) const {
    const PlantNames& names = compiled_.names;
    for (const std::string& name : names.stations)
      summary.stations.push_back({name, std::vector<Estimate>(kStationStates), {}, {}, {}});
    for (const std::string& name : names.buffers) summary.buffers.push_back({name, {}, {}});
    for (const std::string& name : names.sinks) summary.sinks.emplace_back(name, Estimate{});
    for (const std::string& name : names.crews) summary.crews.emplace_back(name, Estimate{});
    for (const std::string& name : names.loops) summary.loops.emplace_back(name, Estimate{});
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      summary.columns.push_back(columns_[i].name);
      summary.dimensions.push_back(columns_[i].kpi.dimension());
      place(summary, columns_[i].kpi, estimate_of(summary, i));
    }
  }

  static void place(RunSummary& summary, const Kpi& kpi, const Estimate& estimate) {
    switch (kpi.kind) {
      case Kpi::Kind::throughput:
        summary.throughput_per_s = estimate;
        break;
      case Kpi::Kind::lead_mean:
        summary.lead_time_s = estimate;
        break;
      case Kpi::Kind::wip:
        summary.wip = estimate;
        break;
      case Kpi::Kind::scrapped:
        summary.scrapped = estimate;
        break;
      case Kpi::Kind::lost:
        summary.lost = estimate;
        break;
      case Kpi::Kind::sink_rate:
        summary.sinks[kpi.index].second = estimate;
        break;
      case Kpi::Kind::state_share:
        summary.stations[kpi.index].shares[kpi.state] = estimate;
        break;
      case Kpi::Kind::station_parts:
        summary.stations[kpi.index].parts = estimate;
        break;
      case Kpi::Kind::station_scrap:
        summary.stations[kpi.index].scrapped = estimate;
        break;
      case Kpi::Kind::station_failures:
        summary.stations[kpi.index].failures = estimate;
        break;
      case Kpi::Kind::buffer_level:
        summary.buffers[kpi.index].mean_level = estimate;
        break;
      case Kpi::Kind::buffer_wait:
        summary.buffers[kpi.index].mean_wait_s = estimate;
        break;
      case Kpi::Kind::crew_share:
        summary.crews[kpi.index].second = estimate;
        break;
      case Kpi::Kind::cards_in_use:
        summary.loops[kpi.index].second = estimate;
        break;
      case Kpi::Kind::lead_quantile:  // Of all parts together, not a mean of quantiles.
      case Kpi::Kind::sink_parts:
      case Kpi::Kind::good:
      case Kpi::Kind::created:
        break;
    }
  }

  void fill_from_batches(RunSummary& summary) const {
    const double mark_s = (input_.horizon_s - input_.warmup_s) / kMarks;
    std::vector<double> good;
    std::vector<double> leads;
    std::vector<double> wip;
    const double mean_lead = summary.lead_time_s.mean;
    BatchMark before;
    for (const BatchMark& mark : marks_) {
      const auto parts = static_cast<double>(mark.good - before.good);
      good.push_back(parts / mark_s);
      wip.push_back((mark.wip_area_s - before.wip_area_s) / mark_s);
      leads.push_back(mark.lead_sum_s - before.lead_sum_s - mean_lead * parts);
      before = mark;
    }
    const auto interval = [](const std::vector<double>& series) {
      return batch_means(series, kDefaultLevel, kBatches).estimate;
    };
    const auto use = [](Estimate& estimate, const Estimate& batches, double scale) {
      estimate.half_width = batches.half_width * scale;
      estimate.n = batches.n;
    };
    use(summary.throughput_per_s, interval(good), 1);
    use(summary.wip, interval(wip), 1);
    // A ratio of two sums (Cochran 1977, chapter 6): its error is that of the lead times' excess over the mean, which is
    // defined for batches without a part too.
    const double parts_a_mark = summary.throughput_per_s.mean * mark_s;
    if (parts_a_mark > 0) use(summary.lead_time_s, interval(leads), 1 / parts_a_mark);
  }

  void fill_quantiles(RunSummary& summary) const {
    Histogram all;
    for (const Worker& worker : workers_) all.merge(worker.leads);
    const auto quantile_s = [&](double p) { return all.quantile(p) / kTicksPerSecond; };
    summary.lead_p50_s = quantile_s(0.50);
    summary.lead_p95_s = quantile_s(0.95);
    summary.lead_p99_s = quantile_s(0.99);
  }

  const Compiled& compiled_;
  Study study_;
  detail::MeasurePlan plan_;
  std::vector<Tally> tallies_;  // of the measures
  std::size_t count_;           // replications begun, those of the round that runs included
  unsigned threads_;
  std::size_t pilots_;
  Monitor monitor_;
  std::vector<KpiColumn> columns_;
  std::vector<Worker> workers_;
  std::vector<Outcome> outcomes_;
  std::vector<BatchMark> marks_;
  bool by_lanes_;
  RunInput input_;
};

}  // namespace

ReplicationPlan replication_plan(const Study& study) {
  return {study.measures, study.until, study.replications, study.at_most.value_or(kMostReplications)};
}

RunSummary replicate(const Compiled& compiled, const RunSettings& settings, const ExecutionOptions& options) {
  return replicate(compiled, settings, ReplicationPlan{}, options);
}

RunSummary replicate(const Compiled& compiled, const RunSettings& settings, const ReplicationPlan& plan,
                     const ExecutionOptions& options) {
  TWIN_CHECK(settings.replications >= 1, "there must be at least one replication");
  TWIN_CHECK(plan.first >= 1, "there must be at least one replication before the first look");
  return Replications(compiled, settings, plan, options).run_all();
}

}  // namespace twin
