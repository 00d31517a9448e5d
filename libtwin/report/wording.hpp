// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <libtwin/core/states.hpp>
#include <libtwin/experiment/kpi.hpp>
#include <libtwin/model/factory.hpp>

/// Phrases that several reports share.
namespace twin::detail {

/// `1 replication`, `30 replications`.
[[nodiscard]] std::string plural(std::uint64_t count, std::string_view noun);

/// `waiting for crew`.
[[nodiscard]] std::string state_title(StationState state);

/// What happened to a run, for people.
[[nodiscard]] std::string status_text(RunStatus status);

/// `1.9 s on 2 threads · 21.4 M operations/s`.
[[nodiscard]] std::string speed_text(double wall_s, double cpu_s, unsigned threads, double operations);

/// How a KPI of a dimension is shown: the factor from SI units and the unit's name, which may be empty.
struct ShownUnit {
  double scale = 1;
  std::string name;
};
[[nodiscard]] ShownUnit shown_unit(KpiDimension dimension, double typical_value);

/// The rules that change answers, as this factory uses them: blocking, counting, clocks; and what ± means.
[[nodiscard]] std::string footnote(const Factory& factory, std::int64_t replications);

/// A word for a command line, in quotes when the shell would take it apart.
[[nodiscard]] std::string shell_word(const std::string& text);

}  // namespace twin::detail
