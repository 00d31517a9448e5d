// SPDX-License-Identifier: Apache-2.0
#include <libtwin/lanes/runner.hpp>

#include <algorithm>
#include <bit>
#include <compare>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include <libtwin/core/check.hpp>
#include <libtwin/core/time.hpp>
#include <libtwin/engine/detail/state_setup.hpp>
#include <libtwin/lanes/detail/fit.hpp>
#include <libtwin/lanes/detail/kernel.hpp>
#include <libtwin/lanes/detail/layout.hpp>
#include <libtwin/lanes/detail/noise.hpp>
#include <libtwin/lanes/detail/pack.hpp>

namespace twin {
namespace {

using detail::kLaneGroup;
using detail::LanePack;
using detail::LaneSeeds;
using detail::RunSpan;
using detail::ScenarioNumbers;

// Lanes of a pack: enough to hide the time of an addition, few enough that a pack stays in or near the first-level cache.
constexpr std::uint32_t kMostLanes = 32;

// Packs that go through the rows together, so that what is drawn for a tile of rows is used so often.
constexpr std::size_t kPacksInBlock = 64;

// A tile of noise stays in the second-level cache.
constexpr std::size_t kTileDoubles = std::size_t{1} << 16;
constexpr std::uint32_t kMostTileRows = 960;
constexpr std::uint32_t kLeastTileRows = 32;

std::uint32_t up_to_group(std::uint32_t lanes) { return (lanes + kLaneGroup - 1) / kLaneGroup * kLaneGroup; }

}  // namespace

LaneInstructions best_instructions() {
#ifdef TWIN_LANES_X86
  static const LaneInstructions best = [] {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
      return LaneInstructions::avx512;
    return __builtin_cpu_supports("avx2") ? LaneInstructions::avx2 : LaneInstructions::baseline;
  }();
  return best;
#else
  return LaneInstructions::baseline;
#endif
}

const detail::LaneKernel& detail::kernel_of(LaneInstructions instructions) {
#ifdef TWIN_LANES_X86
  if (instructions == LaneInstructions::avx512) return kAvx512Kernel;
  if (instructions == LaneInstructions::avx2) return kAvx2Kernel;
#endif
  static_cast<void>(instructions);
  return kBaselineKernel;
}

class LaneRunner::Work {
 public:
  Work(const Plant& plant, const LaneProgram& program)
      : plant_(plant), program_(program), state_(plant), noise_(plant, program) {
    TWIN_CHECK(program.is_eligible(), "the plant cannot be run in lanes");
  }

  bool run(std::span<const LaneJob> jobs, const OnResult& on_result, const LaneOptions& options) {
    jobs_ = jobs;
    on_result_ = &on_result;
    stop_ = options.stop;
    context_ = {&plant_, &program_, &detail::kernel_of(options.instructions), options.statistics, {}};
    on_departure_ = &options.on_departure;
    by_events_.clear();
    numbers_.resize(std::max(numbers_.size(), jobs.size()));
    pieces_.clear();
    for (std::uint32_t j = 0; j < jobs.size(); ++j) look_at(j);
    std::stable_sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) { return a.key < b.key; });
    for (std::size_t begin = 0; begin < pieces_.size() && goes_on();) {
      std::size_t end = begin;
      while (end < pieces_.size() && pieces_[end].key == pieces_[begin].key) ++end;
      run_group(std::span(pieces_).subspan(begin, end - begin));
      begin = end;
    }
    for (const auto& [job, replication] : by_events_) {
      if (!goes_on()) break;
      run_events(job, replication);
    }
    return goes_on();
  }

 private:
  /// Replications [first, first + count) of a job: as many as fit a pack. Pieces of one key see the same noise.
  struct Piece {
    std::vector<std::uint64_t> key;
    std::uint32_t job = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
  };

  [[nodiscard]] bool goes_on() const { return !stop_.stop_requested(); }

  [[nodiscard]] const Sampler& sampler(std::uint32_t law) { return state_.data().samplers[law]; }

  // --- what a job needs ---

  void look_at(std::uint32_t j) {
    const LaneJob& job = jobs_[j];
    detail::check_input(job.input);
    detail::apply_changes(state_.data(), job.input.changes);
    if (!detail::is_fit_for_lanes(plant_, program_, state_.data(), job.input)) {
      for (std::uint32_t r = 0; r < job.replications; ++r) by_events_.emplace_back(j, r);
      return;
    }
    ScenarioNumbers& numbers = numbers_[j];
    numbers.capacities = state_.data().capacities;
    numbers.capacities.insert(numbers.capacities.end(), state_.data().cards.begin(), state_.data().cards.end());
    numbers.laws.clear();
    for (const LaneOp& op : program_.ops) {
      const std::uint32_t law = plant_.stations[op.station].law;
      numbers.laws.push_back(op.is_direct ? AffineLaw{0, 1} : affine_law(sampler(law)));
    }
    numbers.failures.clear();
    for (const PlantFailure& mode : plant_.failures) {
      numbers.failures.push_back(sampler(mode.every));
      numbers.failures.push_back(sampler(mode.repair));
    }
    const std::vector<std::uint64_t> shape = shape_of(job.input);
    for (std::uint32_t first = 0; first < job.replications;) {
      const std::uint32_t count = std::min(job.replications - first, kMostLanes);
      Piece& piece = pieces_.emplace_back();
      piece.key = {job.input.seed, job.input.replication + first, count};
      piece.key.insert(piece.key.end(), shape.begin(), shape.end());
      piece.job = j;
      piece.first = first;
      piece.count = count;
      first += count;
    }
  }

  /// All that the noise depends on besides seed and replications.
  [[nodiscard]] std::vector<std::uint64_t> shape_of(const RunInput& input) {
    std::vector<std::uint64_t> key;
    const auto add = [&](double x) { key.push_back(std::bit_cast<std::uint64_t>(x)); };
    const auto add_shape = [&](const Sampler& s) {
      const auto [form, shape] = shape_key(s);
      key.push_back(static_cast<std::uint64_t>(form));
      key.push_back(shape);
    };
    const auto add_law = [&](std::uint32_t law) {
      if (law == kNone) return;
      add_shape(sampler(law));
      add(sampler(law).a);
      add(sampler(law).b);
    };
    key.push_back(input.parts);
    key.push_back(input.warmup_parts);
    add(input.horizon_s);
    add(input.warmup_s);
    for (const LaneOp& op : program_.ops) {
      const PlantStation& station = plant_.stations[op.station];
      if (!op.is_direct) {
        add_shape(sampler(station.law));
        continue;
      }
      add_law(station.law);
      add_law(station.batch_law);
      for (std::uint32_t p = 0; station.first_product_law != kNone && p < plant_.product_count; ++p) {
        add_law(plant_.product_laws[station.first_product_law + p]);
      }
    }
    return key;
  }

  // --- running ---

  void run_group(std::span<Piece> pieces) {
    const LaneJob& job = jobs_[pieces.front().job];
    const std::uint32_t count = pieces.front().count;
    seeds_ = {job.input.seed, job.input.replication + pieces.front().first, count};
    span_ = {};
    span_.parts = job.input.parts;
    span_.warmup_parts = job.input.warmup_parts;
    span_.horizon = static_cast<double>(detail::round_to_ticks(job.input.horizon_s * kTicksPerSecond));
    span_.warmup = static_cast<double>(detail::round_to_ticks(job.input.warmup_s * kTicksPerSecond));
    std::stable_sort(pieces.begin(), pieces.end(), [&](const Piece& a, const Piece& b) {
      return numbers_[a.job].capacities < numbers_[b.job].capacities;
    });
    // As many scenarios of equal capacities side by side as make a pack worth while. A block has packs of one width.
    const std::uint32_t most = std::max(1U, kMostLanes / count);
    std::map<std::uint32_t, std::vector<std::span<Piece>>> packs_by_lanes;
    for (std::size_t begin = 0; begin < pieces.size();) {
      std::size_t end = begin;
      while (end < pieces.size() && end - begin < most &&
             numbers_[pieces[end].job].capacities == numbers_[pieces[begin].job].capacities) {
        ++end;
      }
      const auto lanes = up_to_group(static_cast<std::uint32_t>(end - begin) * count);
      packs_by_lanes[lanes].push_back(pieces.subspan(begin, end - begin));
      begin = end;
    }
    for (const auto& [lanes, packs] : packs_by_lanes) {
      for (std::size_t first = 0; first < packs.size() && goes_on(); first += kPacksInBlock) {
        run_block(lanes, std::span(packs).subspan(first, std::min(kPacksInBlock, packs.size() - first)), false);
      }
    }
  }

  const detail::LaneLayout& layout_of(const std::vector<std::uint32_t>& capacities, std::uint32_t lanes) {
    auto [it, is_new] = layouts_.try_emplace({lanes, capacities});
    if (is_new) it->second = detail::make_layout(plant_, program_, capacities, lanes);
    return it->second;
  }

  void run_block(std::uint32_t lanes, std::span<const std::span<Piece>> packs, bool only_clipped) {
    if (packs_.size() < packs.size()) packs_.resize(packs.size());
    if (layouts_.size() > 4096) layouts_.clear();
    std::vector<std::uint32_t> active;
    for (std::uint32_t p = 0; p < packs.size(); ++p) {
      const detail::LaneLayout& layout = layout_of(numbers_[packs[p].front().job].capacities, lanes);
      if (!layout.is_possible) {
        leave_to_events(packs[p]);
        continue;
      }
      std::vector<const ScenarioNumbers*> scenarios;
      for (const Piece& piece : packs[p]) scenarios.push_back(&numbers_[piece.job]);
      packs_[p].begin(context_, layout, span_, seeds_, scenarios, only_clipped || *on_departure_);
      active.push_back(p);
    }
    if (active.empty()) return;
    // The samplers of the first scenario stand for all: they share their shapes.
    detail::apply_changes(state_.data(), jobs_[packs[active.front()].front().job].input.changes);
    noise_.begin(*context_.kernel, {&plant_, state_.data().samplers}, seeds_, lanes,
                 span_.parts == 0 ? span_.horizon + 1 : 0x1p53);
    // A multiple of all block sizes up to eight but seven.
    const std::size_t wanted = kTileDoubles / (program_.ops.size() * lanes);
    const std::size_t rows = wanted < 120 ? kLeastTileRows : std::min<std::size_t>(wanted / 120 * 120, kMostTileRows);
    std::vector<std::span<Piece>> again;
    while (!active.empty() && goes_on()) {
      noise_.fill(static_cast<std::uint32_t>(rows));
      std::erase_if(active, [&](std::uint32_t p) {
        if (*on_departure_) context_.on_departures = teller_of(packs[p]);
        switch (packs_[p].advance(noise_, static_cast<std::uint32_t>(rows))) {
          case LanePack::Progress::going:
            return false;
          case LanePack::Progress::done:
            collect(packs_[p], packs[p]);
            return true;
          case LanePack::Progress::mistaken:
            if (only_clipped) {
              leave_to_events(packs[p]);
            } else {
              again.push_back(packs[p]);
            }
            return true;
          case LanePack::Progress::too_long:
            leave_to_events(packs[p]);
            return true;
        }
        return true;
      });
    }
    if (!again.empty() && goes_on()) run_block(lanes, again, true);
  }

  /// Departures by lane as departures by run.
  std::function<void(std::uint32_t, std::uint64_t, const double*)> teller_of(std::span<const Piece> pieces) {
    return [this, pieces](std::uint32_t station, std::uint64_t number, const double* times) {
      for (const Piece& piece : pieces) {
        for (std::uint32_t r = 0; r < piece.count; ++r) {
          const auto ticks = static_cast<std::int64_t>(*times++ - detail::kTimeBias);
          (*on_departure_)({piece.job, piece.first + r, station, number, ticks});
        }
      }
    };
  }

  void leave_to_events(std::span<const Piece> pieces) {
    for (const Piece& piece : pieces) {
      for (std::uint32_t r = 0; r < piece.count; ++r) by_events_.emplace_back(piece.job, piece.first + r);
    }
  }

  void collect(const LanePack& pack, std::span<const Piece> pieces) {
    std::uint32_t lane = 0;
    for (const Piece& piece : pieces) {
      for (std::uint32_t r = 0; r < piece.count; ++r, ++lane) {
        pack.collect(lane, result_);
        // Areas are sums modulo 2^64. Where the factory fills up without end they may be more.
        const auto most = static_cast<double>(std::max(result_.initial_wip, result_.final_wip));
        if (most * static_cast<double>(result_.span_ticks) > 0x1p62) {
          by_events_.emplace_back(piece.job, piece.first + r);
        } else {
          (*on_result_)(piece.job, piece.first + r, result_);
        }
      }
    }
  }

  void run_events(std::uint32_t j, std::uint32_t replication) {
    RunInput input = jobs_[j].input;
    input.replication += replication;
    input.stop = stop_;
    const RunResult& result = twin::run(state_, input);
    if (result.status != RunStatus::stopped) (*on_result_)(j, replication, result);
  }

  const Plant& plant_;
  const LaneProgram& program_;
  PlantState state_;
  detail::LaneNoise noise_;
  detail::PackContext context_;
  std::span<const LaneJob> jobs_;
  const OnResult* on_result_ = nullptr;
  const std::function<void(const LaneDeparture&)>* on_departure_ = nullptr;
  std::stop_token stop_;
  std::vector<ScenarioNumbers> numbers_;
  std::vector<Piece> pieces_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> by_events_;
  std::map<std::pair<std::uint32_t, std::vector<std::uint32_t>>, detail::LaneLayout> layouts_;
  std::vector<LanePack> packs_;
  LaneSeeds seeds_;
  RunSpan span_;
  RunResult result_;
};

LaneRunner::LaneRunner(const Plant& plant, const LaneProgram& program)
    : work_(std::make_unique<Work>(plant, program)) {}
LaneRunner::~LaneRunner() = default;
LaneRunner::LaneRunner(LaneRunner&&) noexcept = default;
LaneRunner& LaneRunner::operator=(LaneRunner&&) noexcept = default;

bool LaneRunner::run(std::span<const LaneJob> jobs, const OnResult& on_result, const LaneOptions& options) {
  return work_->run(jobs, on_result, options);
}

}  // namespace twin
