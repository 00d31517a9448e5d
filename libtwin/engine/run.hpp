// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>

#include <libtwin/engine/plant.hpp>
#include <libtwin/engine/run_result.hpp>
#include <libtwin/engine/trace.hpp>

namespace twin {

namespace detail {
struct StateData;
}

/// All that changes in a run, made for one plant; reuse it from run to run. One thread at a time.
///
/// The first runs allocate until the largest number of parts has been seen; a repeated run allocates nothing.
class PlantState {
 public:
  /// Keeps a reference to `plant`, which must outlive it.
  explicit PlantState(const Plant& plant);
  ~PlantState();
  PlantState(PlantState&&) noexcept;
  PlantState& operator=(PlantState&&) noexcept;

  [[nodiscard]] const Plant& plant() const;

  /// The last run; valid until the next one.
  [[nodiscard]] const RunResult& result() const;

  [[nodiscard]] detail::StateData& data() { return *data_; }

 private:
  std::unique_ptr<detail::StateData> data_;
};

enum class Statistics : std::uint8_t { on, off };

/// What a run depends on besides the plant. Nothing else does: not the clock, the thread, or earlier runs.
struct RunInput {
  /// End of the run, in (0, 17 years] [s]; the span [warmup_s, horizon_s] is measured.
  double horizon_s = 0;
  double warmup_s = 0;

  /// Ends the run instead when so many good parts have left, warm-up included; the horizon is then a limit, at which the run
  /// ends with `too_few`. The span measured begins when `warmup_parts` of them have left (0: at time 0). What else happens
  /// at these instants happens before. 0: the run ends at the horizon.
  std::uint64_t parts = 0;
  std::uint64_t warmup_parts = 0;

  std::uint64_t seed = 1;
  std::uint64_t replication = 0;

  /// Numbers that differ from the plant's own, in the ranges that the model's elements give.
  std::span<const ValueChange> changes{};

  /// Ends the run with `event_limit`.
  std::uint64_t event_limit = UINT64_MAX;

  /// Marks evenly spaced over the measured span, for batch means; 0 for none, as it must be when `parts` ends the run.
  std::uint32_t marks = 0;

  /// Asked about every 65,536 events. Never changes the results of runs that end well.
  std::stop_token stop{};

  /// Called about every million events with the share of the horizon done, [0, 1]; false stops the run.
  std::function<bool(double)> on_progress{};

  /// Gets every change of state; null for none, which costs nothing.
  TraceSink* trace = nullptr;

  /// `off` only to measure what statistics cost: the result then holds counts and nothing else.
  Statistics statistics = Statistics::on;
};

/// Runs the plant once, starting empty, and returns what happened.
///
/// Never throws for what happens in the plant: that is a status. Exceptions of the user's rules and processes pass
/// through, and the state is then good for another run.
/// @throws std::logic_error when the input is out of range.
const RunResult& run(PlantState& state, const RunInput& input);

}  // namespace twin
