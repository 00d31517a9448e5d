// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <libtwin/engine/run.hpp>
#include <libtwin/experiment/replicate.hpp>

namespace twin::detail {

/// Lead times of good parts in the order in which they leave, from the trace of a run.
///
/// Long runs are kept as means of 2, 4, 8 … neighbours, so that memory is bounded.
class LeadTimes : public TraceSink {
 public:
  explicit LeadTimes(const Plant& plant) : plant_(plant) {}

  /// [s]
  [[nodiscard]] std::span<const double> series() const { return series_; }

  /// When the last part of entry `index` left [s].
  [[nodiscard]] double left_s(std::size_t index) const { return left_s_[index]; }

 private:
  static constexpr std::size_t kMost = std::size_t{1} << 20;

  void write(std::span<const TraceRecord> records) override;
  void add_lead(std::int64_t ticks, std::int64_t now);
  void halve();

  const Plant& plant_;
  std::vector<std::int64_t> entered_;  // by part; -1 for none
  std::vector<double> series_;
  std::vector<double> left_s_;
  std::size_t group_ = 1;
  std::size_t in_group_ = 0;
  double sum_s_ = 0;
};

struct Warmup {
  double seconds = 0;
  bool was_found = false;
  std::string note;
};

/// The most pilot runs. One alone is at the mercy of one slow busy period.
inline constexpr std::size_t kPilots = 5;

/// Replication numbers of pilots begin here, far from those that are reported.
inline constexpr std::uint64_t kFirstPilot = std::uint64_t{1} << 32;

/// The warm-up that one pilot shows [s]: when the last part that MSER-5 cuts off left, or nothing.
[[nodiscard]] std::optional<double> pilot_warmup_s(PlantState& state, RunInput input, std::uint64_t pilot);

/// What several pilots show together: the longest warm-up, at most half of the horizon; half of it when most pilots show none.
[[nodiscard]] Warmup summarise_pilots(std::span<const std::optional<double>> pilots, double horizon_s);

}  // namespace twin::detail
