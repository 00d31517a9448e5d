// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/sensitivity.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <libtwin/core/check.hpp>
#include <libtwin/experiment/monitor.hpp>
#include <libtwin/experiment/pilot.hpp>
#include <libtwin/experiment/sensitivity_means.hpp>
#include <libtwin/experiment/work.hpp>
#include <libtwin/lanes/gradient.hpp>
#include <libtwin/stats/tally.hpp>

namespace twin {
namespace {

using detail::MeanOf;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Replications of a task: as many as go side by side.
constexpr std::size_t kGroup = 8;

// Two elasticities further apart than this are two.
constexpr double kSameElasticity = 0.005;

/// A run with the capacity of one buffer changed; the first is the factory as it is.
struct Neighbour {
  std::uint32_t buffer = kNone;
  std::vector<ValueChange> changes;
};

struct Outcome {
  double throughput_per_s = kNaN;
  double lead_s = kNaN;
};

Estimate estimate_of(const std::vector<double>& values) {
  Tally tally;
  for (const double x : values) {
    if (!std::isnan(x)) tally.add(x);
  }
  return mean_interval(tally);
}

Estimate difference_of(const std::vector<Outcome>& a, const std::vector<Outcome>& b, double Outcome::*of) {
  std::vector<double> differences;
  for (std::size_t r = 0; r < a.size(); ++r) differences.push_back(a[r].*of - b[r].*of);
  return estimate_of(differences);
}

class Sensitivities {
 public:
  Sensitivities(const Compiled& compiled, const RunSettings& settings, const ExecutionOptions& options)
      : compiled_(compiled),
        count_(static_cast<std::size_t>(settings.replications)),
        threads_(thread_count(options.threads)),
        groups_((count_ + kGroup - 1) / kGroup),
        means_(detail::means_of(compiled)),
        follows_ties_(detail::may_tie(compiled)),
        neighbours_(find_neighbours(compiled)),
        monitor_(options, count_ * (neighbours_.size() + 1)),
        gradients_(count_),
        outcomes_(neighbours_.size(), std::vector<Outcome>(count_)) {
    input_ = run_input(settings);
    input_.event_limit = options.event_limit;
    warmup_is_auto_ = settings.warmup_is_auto;
  }

  SensitivitySummary run_all() {
    SensitivitySummary summary;
    const double cpu_before = detail::process_cpu_s();
    find_warmup();
    summary.obstacles = lane_obstacles(compiled_);
    if (!compiled_.plant.loops.empty()) {
      summary.obstacles.emplace_back("parts wait for the cards of a loop, which the derivatives do not follow yet");
    }
    const bool has_gradients = summary.obstacles.empty();
    const std::size_t tasks = has_gradients ? 2 * groups_ : groups_;
    workers_.resize(threads_);
    const auto work = [&](std::size_t task, unsigned worker) {
      task < groups_ ? run_neighbours(task * kGroup, workers_[worker])
                     : run_gradients((task - groups_) * kGroup, workers_[worker]);
    };
    run_parallel(tasks, threads_, work, [this] { return monitor_.keeps_going(); });
    fill(summary);
    if (has_gradients) fill_means(summary);
    fill_buffers(summary);
    summary.cpu_s = detail::process_cpu_s() - cpu_before;
    summary.wall_s = monitor_.elapsed_s();
    monitor_.finish();
    return summary;
  }

 private:
  /// What a thread keeps.
  struct Worker {
    std::unique_ptr<LaneRunner> lanes;
    std::unique_ptr<GradientRunner> gradients;
    std::unique_ptr<PlantState> state;
    std::uint64_t runs = 0;
    std::int64_t failed = 0;
  };

  static std::vector<Neighbour> find_neighbours(const Compiled& compiled) {
    std::vector<Neighbour> all(1);
    for (std::uint32_t b = 0; b < compiled.plant.buffer_count; ++b) {
      const PlantStore& store = compiled.plant.stores[compiled.plant.buffer_stores[b]];
      if (store.capacity == kUnlimitedPlaces) continue;
      const std::uint32_t slot = compiled.slot("buffer." + compiled.names.buffers[b] + ".capacity");
      // As the file counts them; of a capacity that counts the machine's places, those are not to be taken away.
      const double now = static_cast<double>(store.capacity) + store.machine_places;
      all.push_back({b, {{slot, now + 1}}});
      all.push_back({b, {}});
      if (store.capacity > 0) all.back().changes = {{slot, now - 1}};
    }
    return all;
  }

  void find_warmup() {
    if (!warmup_is_auto_) return;
    std::vector<std::optional<double>> found(std::min(detail::kPilots, count_));
    const auto run_pilot = [&](std::size_t pilot, unsigned) {
      PlantState state(compiled_.plant);
      found[pilot] = detail::pilot_warmup_s(state, input_, pilot);
    };
    run_parallel(found.size(), threads_, run_pilot, [this] { return monitor_.keeps_going(); });
    input_.warmup_s = detail::summarise_pilots(found, input_.horizon_s).seconds;
  }

  [[nodiscard]] static bool is_none(const Neighbour& n) { return n.buffer != kNone && n.changes.empty(); }

  void run_neighbours(std::size_t first, Worker& worker) {
    const std::size_t count = std::min(kGroup, count_ - first);
    const auto keep = [&](std::size_t neighbour, std::size_t replication, const RunResult& result) {
      ++worker.runs;
      monitor_.count_run();
      monitor_.tick();
      if (result.status != RunStatus::ok) {
        ++worker.failed;
        return;
      }
      outcomes_[neighbour][replication] = {result.throughput_per_s(), result.mean_lead_s};
    };
    std::vector<std::size_t> numbers;
    std::vector<LaneJob> jobs;
    for (std::size_t n = 0; n < neighbours_.size(); ++n) {
      if (is_none(neighbours_[n])) continue;
      numbers.push_back(n);
      LaneJob& job = jobs.emplace_back();
      job.input = input_;
      job.input.changes = neighbours_[n].changes;
      job.input.replication = first;
      job.input.stop = monitor_.token();
      job.replications = static_cast<std::uint32_t>(count);
    }
    if (compiled_.lanes.is_eligible()) {
      if (!worker.lanes) worker.lanes = std::make_unique<LaneRunner>(compiled_.plant, compiled_.lanes);
      LaneOptions options;
      options.statistics = LaneStatistics::all;
      options.stop = monitor_.token();
      worker.lanes->run(
          jobs,
          [&](std::size_t job, std::uint32_t r, const RunResult& result) { keep(numbers[job], first + r, result); },
          options);
      return;
    }
    if (!worker.state) worker.state = std::make_unique<PlantState>(compiled_.plant);
    for (std::size_t j = 0; j < jobs.size() && monitor_.keeps_going(); ++j) {
      for (std::uint32_t r = 0; r < count && monitor_.keeps_going(); ++r) {
        RunInput input = jobs[j].input;
        input.replication += r;
        const RunResult& result = run(*worker.state, input);
        if (result.status != RunStatus::stopped) keep(numbers[j], first + r, result);
      }
    }
  }

  void run_gradients(std::size_t first, Worker& worker) {
    if (!worker.gradients) worker.gradients = std::make_unique<GradientRunner>(compiled_.plant, compiled_.lanes);
    RunInput input = input_;
    input.replication = first;
    GradientOptions options;
    options.follows_ties = follows_ties_;
    options.stop = monitor_.token();
    worker.gradients->run(
        input, static_cast<std::uint32_t>(std::min(kGroup, count_ - first)),
        [&](std::uint32_t r, const RunGradient& gradient) {
          gradients_[first + r] = gradient;
          ++worker.runs;
          monitor_.count_run();
          monitor_.tick();
        },
        options);
  }

  void fill(SensitivitySummary& summary) const {
    summary.model = compiled_.names.factory;
    summary.seed = input_.seed;
    summary.replications = static_cast<std::int64_t>(count_);
    summary.horizon_s = input_.horizon_s;
    summary.warmup_s = input_.warmup_s;
    summary.parts = static_cast<std::int64_t>(input_.parts);
    summary.warmup_parts = static_cast<std::int64_t>(input_.warmup_parts);
    summary.is_complete = monitor_.keeps_going();
    std::vector<double> throughput;
    std::vector<double> lead;
    for (const Outcome& o : outcomes_.front()) {
      throughput.push_back(o.throughput_per_s);
      lead.push_back(o.lead_s);
    }
    summary.throughput_per_s = estimate_of(throughput);
    summary.lead_time_s = estimate_of(lead);
    for (const Worker& worker : workers_) {
      summary.runs += worker.runs;
      summary.failed_runs += worker.failed;
    }
  }

  // One reason for all.
  [[nodiscard]] static std::string common_refusal(const std::vector<std::optional<RunGradient>>& all) {
    for (const auto& gradient : all) {
      if (!gradient) continue;
      switch (gradient->status) {
        case GradientStatus::ok:
        case GradientStatus::no_part:
          break;
        case GradientStatus::too_long:
          return "a run is too long to be recorded: shorten it and make more replications";
        case GradientStatus::unfit:
          return "the numbers of the run do not allow it: more than four years, a share of scrap, no place before an "
                 "assembly behind several ways, or work without time on several servers";
      }
    }
    const bool has_some = std::any_of(all.begin(), all.end(), [](const auto& gradient) {
      return gradient && gradient->status == GradientStatus::ok;
    });
    return has_some ? "" : "no part left in the measured span";
  }

  void fill_means(SensitivitySummary& summary) const {
    if (std::string reason = common_refusal(gradients_); !reason.empty()) {
      summary.obstacles.push_back(std::move(reason));
      return;
    }
    for (const MeanOf& of : means_) {
      MeanSensitivity& m = summary.means.emplace_back();
      m.kind = of.kind;
      m.name = of.name;
      m.mean_s = of.mean_s;
      m.throughput =
          derivative(of, of.mode != kNone ? &RunGradient::throughput_by_repair : &RunGradient::throughput_by_op,
                     &RunGradient::throughput_per_s);
      m.lead_time = derivative(of, of.mode != kNone ? &RunGradient::lead_by_repair : &RunGradient::lead_by_op,
                               &RunGradient::mean_lead_s);
    }
    const auto weight = [](const MeanSensitivity& m) {
      return m.throughput.refusal.empty() ? std::abs(m.throughput.elasticity.mean) : -1;
    };
    std::stable_sort(summary.means.begin(), summary.means.end(),
                     [&](const MeanSensitivity& a, const MeanSensitivity& b) { return weight(a) > weight(b); });
  }

  [[nodiscard]] Derivative derivative(const MeanOf& of, std::vector<PathDerivative> RunGradient::*list,
                                      double RunGradient::*whole) const {
    Derivative d;
    d.refusal = of.refusal;
    if (!d.refusal.empty()) return d;
    std::vector<double> elasticities;
    std::vector<double> others;
    std::vector<double> slopes;
    for (const auto& gradient : gradients_) {
      if (!gradient || gradient->status != GradientStatus::ok) continue;
      const PathDerivative& g = ((*gradient).*list)[of.mode != kNone ? of.mode : of.op];
      const double all = (*gradient).*whole;
      // Where parts take no time at all, or all leave at once, there is nothing to relate a change to.
      elasticities.push_back(all > 0 ? g.value / all : kNaN);
      others.push_back(all > 0 ? g.other / all : kNaN);
      slopes.push_back(g.value / of.mean_s);
    }
    d.elasticity = estimate_of(elasticities);
    d.slope = estimate_of(slopes);
    if (follows_ties_ && std::abs(d.elasticity.mean - estimate_of(others).mean) > kSameElasticity) {
      d = {};
      d.refusal =
          "waits end at exactly the same instant on several ways: a longer and a shorter mean have different effects";
    }
    return d;
  }

  void fill_buffers(SensitivitySummary& summary) const {
    for (std::size_t n = 1; n + 1 < neighbours_.size(); n += 2) {
      BufferSensitivity& b = summary.buffers.emplace_back();
      const std::uint32_t buffer = neighbours_[n].buffer;
      const PlantStore& store = compiled_.plant.stores[compiled_.plant.buffer_stores[buffer]];
      b.name = compiled_.names.buffers[buffer];
      b.capacity = std::int64_t{store.capacity} + store.machine_places;
      const auto& base = outcomes_.front();
      b.throughput_more = difference_of(outcomes_[n], base, &Outcome::throughput_per_s);
      b.lead_more = difference_of(outcomes_[n], base, &Outcome::lead_s);
      b.throughput_less = difference_of(outcomes_[n + 1], base, &Outcome::throughput_per_s);
      b.lead_less = difference_of(outcomes_[n + 1], base, &Outcome::lead_s);
    }
    std::stable_sort(summary.buffers.begin(), summary.buffers.end(), [](const auto& a, const auto& b) {
      return std::abs(a.throughput_more.mean) > std::abs(b.throughput_more.mean);
    });
  }

  const Compiled& compiled_;
  std::size_t count_;
  unsigned threads_;
  std::size_t groups_;
  std::vector<MeanOf> means_;
  bool follows_ties_;
  std::vector<Neighbour> neighbours_;
  detail::Monitor monitor_;
  std::vector<std::optional<RunGradient>> gradients_;  // by replication
  std::vector<std::vector<Outcome>> outcomes_;         // by neighbour, by replication
  std::vector<Worker> workers_;
  bool warmup_is_auto_ = false;
  RunInput input_;
};

}  // namespace

bool has_derivatives(const SensitivitySummary& summary) {
  return std::any_of(summary.means.begin(), summary.means.end(), [](const MeanSensitivity& m) {
    return m.throughput.refusal.empty() || m.lead_time.refusal.empty();
  });
}

SensitivitySummary sensitivity(const Compiled& compiled, const RunSettings& settings, const ExecutionOptions& options) {
  TWIN_CHECK(settings.replications >= 1, "there must be at least one replication");
  return Sensitivities(compiled, settings, options).run_all();
}

}  // namespace twin
