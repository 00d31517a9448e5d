// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include <libtwin/engine/run.hpp>
#include <libtwin/lanes/program.hpp>
#include <libtwin/lanes/runner.hpp>

namespace twin {

enum class GradientStatus : std::uint8_t {
  ok,
  no_part,   ///< no good part left in the measured span
  too_long,  ///< the record of the run does not fit in memory, or its times do not fit the recursion
  unfit      ///< the recursion does not hold for the numbers of the run: some part is scrapped, …
};

/// A derivative. Where arguments of a maximum are equal, there is one derivative for each: `value` follows the first of them and
/// `other` one by chance. They agree where there is one derivative only.
struct PathDerivative {
  double value = 0;
  double other = 0;
};

/// What a run says about how its throughput and lead times change with its durations (infinitesimal perturbation analysis:
/// Ho and Cao 1991; Glasserman 1991). Every derivative is with respect to a factor, at 1, that all durations of an operation
/// (or all repairs of a failure mode) are multiplied by.
///
/// For the throughput n / (D(last) - D(first)) of each good sink: D(last) is when the last part left for it in the measured
/// span, D(first) when the last one before the span did (0 if there was none), and n how many left in between. For the mean
/// lead time over the parts that left in the span. Which parts these are is taken as given.
struct RunGradient {
  GradientStatus status = GradientStatus::ok;
  std::uint64_t good = 0;  ///< parts that left for good sinks in the span

  double throughput_per_s = 0;  ///< n / (D(last) - D(first)), over the good sinks
  double mean_lead_s = 0;

  std::vector<PathDerivative> throughput_by_op;      ///< [1/s], by operation of the program
  std::vector<PathDerivative> throughput_by_repair;  ///< [1/s], by failure mode of the plant
  std::vector<PathDerivative> lead_by_op;            ///< [s]
  std::vector<PathDerivative> lead_by_repair;        ///< [s]
};

struct GradientOptions {
  /// Find `other` too: twice the work backwards. Without, it is `value`.
  bool follows_ties = false;

  LaneInstructions instructions = best_instructions();
  std::stop_token stop{};

  /// As in `LaneOptions`; for tests.
  std::function<void(const LaneDeparture&)> on_departure{};
};

/// Runs replications of a plant as a recursion, as `LaneRunner` does and with its departure times to the bit, keeps which
/// argument of each maximum was the largest, and goes back through all of them once: the derivatives with respect to all
/// operations at once, whatever their number (the adjoint of the recursion). One thread at a time.
class GradientRunner {
 public:
  /// Keeps references to both, which must outlive it. @pre `program.is_eligible()`, and it was made for `plant`.
  GradientRunner(const Plant& plant, const LaneProgram& program);
  ~GradientRunner();
  GradientRunner(GradientRunner&&) noexcept;
  GradientRunner& operator=(GradientRunner&&) noexcept;

  /// `replication` counts from 0 within the call. The result is valid during the call.
  using OnResult = std::function<void(std::uint32_t replication, const RunGradient& result)>;

  /// Calls `on_result` for each replication in order; of `input`, `replication` is the first. False when the work was stopped.
  /// @throws std::logic_error when the input is out of range; what `on_result` throws.
  bool run(const RunInput& input, std::uint32_t replications, const OnResult& on_result,
           const GradientOptions& options = {});

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace twin
