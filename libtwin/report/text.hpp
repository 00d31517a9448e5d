// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <libtwin/compile/analyze.hpp>
#include <libtwin/experiment/compare.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/sensitivity.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/model/factory.hpp>

/// What the program prints for people: UTF-8, lines of at most about 110 columns, no mean without its interval.
namespace twin {

/// An answer known from theory beside ours. Values in SI units.
struct KnownComparison {
  /// What is compared, with the design it belongs to: `throughput`.
  std::string of;

  double value = 0;
  Estimate ours;
  KpiDimension dimension = KpiDimension::number;
  std::string source;

  /// The design, as a place in `StudyResult::rows`; not used for runs.
  std::size_t row = 0;
};

struct ReportOptions {
  /// ANSI colours.
  bool has_colour = false;

  /// How many threads the work had, for the line on speed.
  unsigned threads = 1;

  std::vector<KnownComparison> known{};

  /// Studies: units of the factors, in their order; empty for those without.
  std::vector<std::string> factor_units{};

  /// Studies: how many of the best scenarios to list.
  std::size_t top = 10;

  /// The file, for the commands that could come next; empty for none.
  std::string file{};
};

/// What `twin run` prints: speed, KPIs, where time goes at each station, buffers, crews, and what the words mean.
[[nodiscard]] std::string run_report(const Factory& factory, const RunSummary& summary,
                                     const ReportOptions& options = {});

/// What `twin sweep` prints: the best designs with their intervals, and how well they can be told apart.
[[nodiscard]] std::string study_report(const StudyResult& result, const ReportOptions& options = {});

/// What `twin compare` prints: every variant with its intervals, then for each measure the differences to the base, which of
/// them are real, and how many replications would tell the others apart.
[[nodiscard]] std::string compare_report(const Comparison& comparison, const ReportOptions& options = {});

/// What `twin check` prints of a factory that can run: size, loads, the bound on throughput, and which engine would run it.
[[nodiscard]] std::string check_report(const Factory& factory, const Analysis& analysis,
                                       const std::vector<std::string>& lane_obstacles = {},
                                       const ReportOptions& options = {});

/// What `twin sensitivity` prints: the effect of each mean time, ranked, and of one place more or less in each buffer.
[[nodiscard]] std::string sensitivity_report(const SensitivitySummary& summary, const ReportOptions& options = {});

/// Our answer minus the known one in standard errors of ours; NaN without an interval.
[[nodiscard]] double standard_errors_apart(const Estimate& ours, double known);

}  // namespace twin
