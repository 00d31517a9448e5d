// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/study_runner.hpp>

#include <algorithm>
#include <limits>

#include <libtwin/core/random.hpp>
#include <libtwin/experiment/work.hpp>

namespace twin::detail {
namespace {

// A task is a few runs of one design: enough to outweigh making the design ready, few enough to keep all threads busy.
constexpr std::size_t kMostRunsInTask = 64;

// In lanes, replications of a design stand side by side, and many designs share what is drawn for them.
constexpr std::size_t kMostLanesInTask = 32;
constexpr std::size_t kFewestLanesInTask = 8;
constexpr std::size_t kMostRunsInBatch = 65536;

std::size_t design_count(const DesignTable& design) { return design.factors.empty() ? 1 : design.size(); }

}  // namespace

std::size_t count_runs(std::span<const Runs> requests) {
  std::size_t runs = 0;
  for (const Runs& request : requests) runs += request.count;
  return runs;
}

StudyRunner::StudyRunner(const Scenario& scenario, const DesignTable& design, std::uint64_t expected_runs,
                         const ExecutionOptions& options, const CompileOptions& code, Monitor& monitor)
    : study_(*scenario.study),
      options_(options),
      settings_(scenario.factory.run),
      design_count_(design_count(design)),
      variants_(scenario, design, code),
      plan_(plan_measures(study_, variants_.base().names)),
      threads_(thread_count(options.threads)),
      monitor_(monitor),
      workers_(threads_),
      is_in_lanes_(choose_lanes(variants_.base(), options.engine, expected_runs, variants_.needs_no_compiling())),
      lane_statistics_(statistics_for(plan_.kpis, plan_.is_used)) {
  if (settings_.warmup_is_auto) warmup_ = Warmup{};
}

StudyRunner::Worker& StudyRunner::worker(unsigned number) {
  Worker& w = workers_[number];
  if (!w.variants) {
    w.variants = std::make_unique<Variants::Worker>(variants_);
    w.values.resize(plan_.kpis.size());
  }
  return w;
}

std::optional<PreparedRun> StudyRunner::prepare(Worker& w, std::size_t design) {
  std::optional<PreparedRun> prepared = w.variants->prepare(design);
  if (!prepared) return {};
  RunInput& input = prepared->input;
  if (warmup_) input.warmup_s = std::min(warmup_->seconds, input.horizon_s / 2);
  if (!study_.common_random_numbers) input.seed = mix(input.seed ^ variants_.key_of(design));
  input.event_limit = options_.event_limit;
  input.stop = monitor_.token();
  if (options_.on_progress) input.on_progress = [this](double) { return monitor_.tick(); };
  return prepared;
}

// One warm-up for all designs, as common random numbers want it; five of them stand for all.
void StudyRunner::find_warmup() {
  std::vector<std::optional<double>> found(kPilots);
  const auto run_pilot = [&](std::size_t pilot, unsigned number) {
    const auto prepared = prepare(worker(number), pilot * (design_count_ - 1) / (kPilots - 1));
    if (prepared) found[pilot] = pilot_warmup_s(*prepared->state, prepared->input, pilot);
  };
  run_parallel(found.size(), threads_, run_pilot, [this] { return monitor_.keeps_going(); });
  warmup_ = summarise_pilots(found, settings_.horizon_s);
}

std::vector<StudyRunner::Task> StudyRunner::cut(std::span<const Runs> requests) const {
  const std::size_t most = is_in_lanes_ ? kMostLanesInTask : kMostRunsInTask;
  const std::size_t least = is_in_lanes_ ? kFewestLanesInTask : 1;
  const auto size = static_cast<std::uint32_t>(std::clamp(count_runs(requests) / (8 * threads_), least, most));
  std::vector<Task> tasks;
  std::size_t row = 0;
  for (const Runs& request : requests) {
    for (std::uint32_t done = 0; done < request.count;) {
      const std::uint32_t count = std::min(request.count - done, size);
      tasks.push_back({{request.design, request.first + done, count}, row});
      done += count;
      row += count;
    }
  }
  return tasks;
}

// Rows are written by run: their bits depend neither on threads nor on how the work was cut into tasks.
void StudyRunner::run(std::span<const Runs> requests, RunRows& rows, const Listener& listener) {
  const std::size_t runs = count_runs(requests);
  rows.cells.assign(runs * width(), std::numeric_limits<double>::quiet_NaN());
  rows.statuses.assign(runs, RunStatus::stopped);
  std::vector<Task> tasks = cut(requests);
  if (is_in_lanes_) return run_in_lanes(std::move(tasks), rows, listener);
  const auto run_one = [&](std::size_t i, unsigned number) {
    run_task(tasks[i], rows, worker(number));
    tell(tasks[i], rows, listener);
  };
  run_parallel(tasks.size(), threads_, run_one, [this] { return monitor_.keeps_going(); });
}

void StudyRunner::tell(const Task& task, const RunRows& rows, const Listener& listener) const {
  if (!listener) return;
  listener(task.runs, std::span(rows.cells).subspan(task.row * width(), task.runs.count * width()),
           std::span(rows.statuses).subspan(task.row, task.runs.count));
}

void StudyRunner::run_in_lanes(std::vector<Task> tasks, RunRows& rows, const Listener& listener) {
  // Designs side by side that are at the same replications see the same noise.
  std::stable_sort(tasks.begin(), tasks.end(),
                   [](const Task& a, const Task& b) { return a.runs.first < b.runs.first; });
  const std::size_t share = std::clamp<std::size_t>(rows.statuses.size() / (4 * threads_), 1, kMostRunsInBatch);
  std::vector<std::size_t> starts{0};
  std::size_t runs = 0;
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    runs += tasks[k].runs.count;
    if (runs <= share || k == starts.back()) continue;
    starts.push_back(k);
    runs = tasks[k].runs.count;
  }
  const auto run_batch = [&](std::size_t b, unsigned number) {
    const std::size_t end = b + 1 < starts.size() ? starts[b + 1] : tasks.size();
    const std::span<const Task> batch = std::span(tasks).subspan(starts[b], end - starts[b]);
    run_lane_batch(batch, rows, worker(number));
    for (const Task& task : batch) tell(task, rows, listener);
  };
  run_parallel(starts.size(), threads_, run_batch, [this] { return monitor_.keeps_going(); });
}

void StudyRunner::run_lane_batch(std::span<const Task> tasks, RunRows& rows, Worker& w) {
  if (!w.lanes) w.lanes = std::make_unique<LaneRunner>(variants_.base().plant, variants_.base().lanes);
  std::vector<LaneJob> jobs;
  std::vector<std::size_t> first_rows;
  std::vector<std::vector<ValueChange>> changes(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Runs& runs = tasks[i].runs;
    const std::optional<PreparedRun> prepared = prepare(w, runs.design);
    if (!prepared) {
      std::fill_n(rows.statuses.begin() + static_cast<std::ptrdiff_t>(tasks[i].row), runs.count, RunStatus::bad_number);
      for (std::uint32_t k = 0; k < runs.count; ++k) monitor_.count_run();
      continue;
    }
    changes[i].assign(prepared->input.changes.begin(), prepared->input.changes.end());
    LaneJob& job = jobs.emplace_back(LaneJob{prepared->input, runs.count});
    job.input.changes = changes[i];
    job.input.replication = runs.first;
    first_rows.push_back(tasks[i].row);
  }
  std::uint64_t operations = 0;
  const auto keep = [&](std::size_t job, std::uint32_t replication, const RunResult& result) {
    const std::size_t at = first_rows[job] + replication;
    rows.statuses[at] = result.status;
    operations += result.operations;
    if (result.status == RunStatus::ok) {
      plan_.read(result, w.values, std::span(rows.cells).subspan(at * width(), width()));
    }
    if (result.status != RunStatus::stopped) monitor_.count_run();
  };
  w.lanes->run(jobs, keep, {.statistics = lane_statistics_, .stop = monitor_.token()});
  operations_.fetch_add(operations, std::memory_order_relaxed);
}

void StudyRunner::run_task(const Task& task, RunRows& rows, Worker& w) {
  std::optional<PreparedRun> prepared = prepare(w, task.runs.design);
  std::uint64_t operations = 0;
  for (std::uint32_t k = 0; k < task.runs.count && monitor_.keeps_going(); ++k) {
    RunStatus& status = rows.statuses[task.row + k];
    if (!prepared) {
      status = RunStatus::bad_number;
      monitor_.count_run();
      continue;
    }
    prepared->input.replication = task.runs.first + k;
    const RunResult& result = twin::run(*prepared->state, prepared->input);
    status = result.status;
    operations += result.operations;
    if (status == RunStatus::ok) {
      plan_.read(result, w.values, std::span(rows.cells).subspan((task.row + k) * width(), width()));
    }
    if (status != RunStatus::stopped) monitor_.count_run();
  }
  operations_.fetch_add(operations, std::memory_order_relaxed);
}

}  // namespace twin::detail
