// SPDX-License-Identifier: Apache-2.0
#include <libtwin/lanes/gradient.hpp>

#include <algorithm>

#include <libtwin/core/check.hpp>
#include <libtwin/core/time.hpp>
#include <libtwin/engine/detail/state_setup.hpp>
#include <libtwin/lanes/detail/fit.hpp>
#include <libtwin/lanes/detail/tape.hpp>

namespace twin {

class GradientRunner::Work {
 public:
  Work(const Plant& plant, const LaneProgram& program)
      : plant_(plant), program_(program), state_(plant), noise_(plant, program), tape_(plant, program) {
    TWIN_CHECK(program.is_eligible(), "the plant cannot be run in lanes");
  }

  bool run(const RunInput& input, std::uint32_t replications, const OnResult& on_result,
           const GradientOptions& options) {
    detail::check_input(input);
    detail::apply_changes(state_.data(), input.changes);
    const detail::LaneLayout layout =
        detail::make_layout(plant_, program_, state_.data().capacities, detail::kTapeLanes);
    const bool is_fit = detail::is_fit_for_lanes(plant_, program_, state_.data(), input) && layout.is_possible &&
                        !waits_in_source(layout);
    for (std::uint32_t first = 0; first < replications; first += detail::kTapeLanes) {
      const std::uint32_t count = std::min(replications - first, detail::kTapeLanes);
      const detail::LaneSeeds seeds{input.seed, input.replication + first, count};
      GradientOptions of_group = options;
      if (options.on_departure) {
        of_group.on_departure = [&](LaneDeparture d) {
          d.replication += first;
          options.on_departure(d);
        };
      }
      GradientStatus status = GradientStatus::unfit;
      if (is_fit) {
        if (!run_group(layout, input, seeds, of_group, status)) return false;
      }
      for (std::uint32_t lane = 0; lane < count; ++lane) {
        RunGradient result;
        result.status = status;
        if (status == GradientStatus::ok) result = tape_.collect(lane);
        on_result(first + lane, result);
      }
    }
    return true;
  }

 private:
  /// Whether a part waits in its source for the others of a kit, which the record has no place for.
  [[nodiscard]] bool waits_in_source(const detail::LaneLayout& layout) const {
    for (std::size_t a = 0; a < program_.arcs.size(); ++a) {
      if (layout.arc_is_deferred[a] && program_.ops[program_.arcs[a].from].is_source) return true;
    }
    return false;
  }

  /// False when stopped.
  bool run_group(const detail::LaneLayout& layout, const RunInput& input, const detail::LaneSeeds& seeds,
                 const GradientOptions& options, GradientStatus& status) {
    detail::RunSpan span;
    span.parts = input.parts;
    span.warmup_parts = input.warmup_parts;
    span.horizon = static_cast<double>(detail::round_to_ticks(input.horizon_s * kTicksPerSecond));
    span.warmup = static_cast<double>(detail::round_to_ticks(input.warmup_s * kTicksPerSecond));
    const auto& samplers = state_.data().samplers;
    tape_.begin(layout, detail::kernel_of(options.instructions), samplers, span, seeds, options);
    noise_.begin(detail::kernel_of(options.instructions), {&plant_, samplers}, seeds, detail::kTapeLanes,
                 span.parts == 0 ? span.horizon + 1 : 0x1p53);
    for (;;) {
      if (options.stop.stop_requested()) return false;
      noise_.fill(detail::Tape::kBlockSteps);
      const auto progress = tape_.advance(noise_, detail::Tape::kBlockSteps);
      if (progress == detail::Tape::Progress::going) continue;
      status = progress == detail::Tape::Progress::done ? GradientStatus::ok : GradientStatus::too_long;
      break;
    }
    if (status == GradientStatus::ok) tape_.sweep();
    return true;
  }

  const Plant& plant_;
  const LaneProgram& program_;
  PlantState state_;
  detail::LaneNoise noise_;
  detail::Tape tape_;
};

GradientRunner::GradientRunner(const Plant& plant, const LaneProgram& program)
    : work_(std::make_unique<Work>(plant, program)) {
  TWIN_CHECK(program.loops.empty(), "there are no derivatives where a loop of cards is");
}
GradientRunner::~GradientRunner() = default;
GradientRunner::GradientRunner(GradientRunner&&) noexcept = default;
GradientRunner& GradientRunner::operator=(GradientRunner&&) noexcept = default;

bool GradientRunner::run(const RunInput& input, std::uint32_t replications, const OnResult& on_result,
                         const GradientOptions& options) {
  return work_->run(input, replications, on_result, options);
}

}  // namespace twin
