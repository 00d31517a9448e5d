// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>

#include <libtwin/engine/run.hpp>
#include <libtwin/lanes/program.hpp>

namespace twin {

/// The instruction sets there are inner loops for. The results are the same bits in each.
enum class LaneInstructions : std::uint8_t { baseline, avx2, avx512 };

/// The widest that this processor has.
[[nodiscard]] LaneInstructions best_instructions();

/// What is added up in a run. The less, the faster.
enum class LaneStatistics : std::uint8_t {
  throughput,  ///< parts into sinks and the span; the rest of the result is not there (NaN, 0)
  all,         ///< everything but the distribution of lead times
  leads        ///< that too
};

/// A part that left a station (or a source) for the next place, or whose server became free by it.
struct LaneDeparture {
  std::uint32_t job = 0;
  std::uint32_t replication = 0;
  std::uint32_t station = 0;  ///< in `Plant::stations`
  std::uint64_t number = 0;   ///< from 0, in the order in which parts leave
  std::int64_t ticks = 0;
};

struct LaneOptions {
  LaneStatistics statistics = LaneStatistics::leads;
  LaneInstructions instructions = best_instructions();
  std::stop_token stop{};

  /// Hears of every departure up to the end of the run and of some after it, by station in order; for tests. Slow.
  std::function<void(const LaneDeparture&)> on_departure{};
};

/// Some replications of one scenario. Of `input`, `replication` is the first of them.
struct LaneJob {
  RunInput input;
  std::uint32_t replications = 1;
};

/// Runs many replications of many scenarios of one plant as a recursion, several side by side in the lanes of a vector
/// register. A run gives what the event engine gives, to the bit; `events` counts operations. Where the recursion does not
/// hold for the numbers of a run (some part is scrapped, a run is longer than four years, …) the event engine does it.
///
/// Scenarios of one call that share seed, replications and the shapes of their laws share their random numbers, which are
/// then drawn once for all of them. One thread at a time.
class LaneRunner {
 public:
  /// Keeps references to both, which must outlive it. @pre `program.is_eligible()`, and it was made for `plant`.
  LaneRunner(const Plant& plant, const LaneProgram& program);
  ~LaneRunner();
  LaneRunner(LaneRunner&&) noexcept;
  LaneRunner& operator=(LaneRunner&&) noexcept;

  /// `job` counts from 0 within the call, `replication` from 0 within the job. The result is valid during the call.
  using OnResult = std::function<void(std::size_t job, std::uint32_t replication, const RunResult& result)>;

  /// Calls `on_result` once for each run, in no particular order. False when the work was stopped before the end.
  /// @throws std::logic_error when an input is out of range; what `on_result` throws.
  bool run(std::span<const LaneJob> jobs, const OnResult& on_result, const LaneOptions& options = {});

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace twin
