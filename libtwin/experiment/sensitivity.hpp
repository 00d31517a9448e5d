// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/model/elements.hpp>
#include <libtwin/stats/confidence.hpp>

namespace twin {

/// What a derivative is taken with respect to.
enum class SensitivityKind : std::uint8_t {
  cycle,     ///< the mean time of work of a station
  arrivals,  ///< the mean time between arrivals from a source
  repair     ///< the mean repair of a failure mode
};

/// How one number of a factory answers to a mean.
struct Derivative {
  /// Change of the number in percent for one percent more of the mean, near 0 percent; no unit.
  Estimate elasticity;

  /// Change of the number per second more of the mean: [1/s²] for the throughput, no unit for the lead time.
  Estimate slope;

  /// Why there is none, in the words of the file; empty where there is one.
  std::string refusal;
};

struct MeanSensitivity {
  SensitivityKind kind = SensitivityKind::cycle;

  /// The station or source; of repairs, `station.mode`.
  std::string name;

  /// The mean now [s]; over products, as they come.
  double mean_s = 0;

  Derivative throughput;
  Derivative lead_time;
};

/// What one place more or less does, replication by replication on the same random numbers.
struct BufferSensitivity {
  std::string name;

  /// As the file counts it.
  std::int64_t capacity = 0;

  /// Change against the factory as it is. Of `less`, n is 0 when there is no place to take away.
  Estimate throughput_more;  ///< [1/s]
  Estimate throughput_less;
  Estimate lead_more;  ///< [s]
  Estimate lead_less;
};

/// Sensitivities of one factory, by the size of their effect on the throughput. Intervals are Student's t over replications at
/// 95 %.
struct SensitivitySummary {
  std::string model;
  std::uint64_t seed = 1;
  std::int64_t replications = 0;
  double horizon_s = 0;
  double warmup_s = 0;
  std::int64_t parts = 0;
  std::int64_t warmup_parts = 0;

  /// Of the factory as it is.
  Estimate throughput_per_s;
  Estimate lead_time_s;

  /// Why the factory has no derivatives at all, a sentence each; empty when it may have.
  std::vector<std::string> obstacles;

  std::vector<MeanSensitivity> means;
  std::vector<BufferSensitivity> buffers;

  bool is_complete = true;       ///< false when the work was stopped: the numbers are of what was done
  std::int64_t failed_runs = 0;  ///< that did not end well
  std::uint64_t runs = 0;
  double cpu_s = 0;
  double wall_s = 0;
};

/// Whether the factory has any derivative to show.
[[nodiscard]] bool has_derivatives(const SensitivitySummary& summary);

/// The derivatives of throughput and mean lead time with respect to all mean times, from the runs themselves (infinitesimal
/// perturbation analysis: Ho and Cao 1991, Perturbation Analysis of Discrete Event Dynamic Systems; Glasserman 1991, Gradient
/// Estimation via Perturbation Analysis), and what one place more or less in each buffer does.
///
/// A mean changes by all durations of its law changing by the same factor: the shape stays. A derivative is refused where it
/// would be wrong; `docs/explanation/sensitivity.md` says when that is. The same bits for any number of threads.
/// @throws std::logic_error for settings out of range.
[[nodiscard]] SensitivitySummary sensitivity(const Compiled& compiled, const RunSettings& settings,
                                             const ExecutionOptions& options = {});

}  // namespace twin
