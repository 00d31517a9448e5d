// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/experiment/kpi.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/model/factory.hpp>
#include <libtwin/scenario/scenario.hpp>
#include <libtwin/stats/confidence.hpp>

namespace twin {

/// A factory under the name it has in a comparison.
struct Variant {
  std::string name;
  Factory factory;
};

/// `common`: replication r of all variants sees the same random numbers, stream by stream, under the names of the elements;
/// what one variant alone has does not disturb the others. `independent`: each variant has a seed of its own.
enum class RandomNumbers : std::uint8_t { common, independent };

struct CompareOptions {
  /// What is compared; empty: throughput, lead time and WIP.
  std::vector<Measure> measures{};

  /// Of all intervals at once, in (0, 1); 1 - level is the most that the probability of a false claim may be.
  double level = kDefaultLevel;
  RandomNumbers numbers = RandomNumbers::common;
};

/// A variant by itself.
struct VariantResult {
  std::string name{};
  std::string engine{};
  std::int64_t n = 0;  ///< replications that ended well
  std::int64_t failed = 0;
  RunStatus status = RunStatus::ok;  ///< that of the first that did not
  std::string failed_at{};           ///< where that one stood
  double horizon_s = 0;
  double warmup_s = 0;
  std::vector<Estimate> measures{};  ///< at 95 %, each by itself
};

/// `larger`, `smaller`: than the base, a real difference. `same`: equal in every replication, to the bit. `open`: the
/// replications do not tell the two apart.
enum class Verdict : std::uint8_t { larger, smaller, same, open };
constexpr auto enum_names(Verdict) { return std::array<std::string_view, 4>{"larger", "smaller", "same", "open"}; }

/// A variant less the base in one measure, over the replications in which both have the number.
struct Difference {
  std::uint32_t variant = 0;
  std::uint32_t measure = 0;

  /// All intervals of a comparison hold at once with its level: paired t intervals that share the error evenly (Bonferroni).
  Estimate difference{};

  double share = 0;    ///< of the base's mean; NaN where that is 0
  double p_value = 0;  ///< adjusted by Holm's procedure over all differences; NaN with fewer than two pairs

  /// By the p-value. With probability >= level no difference of the comparison is called real that is none. Holm's procedure
  /// finds all that the intervals find and more: a difference may be real and its interval hold 0.
  Verdict verdict = Verdict::open;

  /// For `open`: about how many replications would tell the two apart with a probability of 80 %, if the true difference is
  /// the one observed. 0: no such number is in sight.
  std::int64_t replications_needed = 0;

  /// Of the two, replication by replication: what common random numbers bring. The variance of the difference is 1 - this of
  /// what independent runs would have when both spread alike. NaN where one does not spread.
  double correlation = 0;
};

/// Variants against the first of them, the base.
struct Comparison {
  std::vector<std::string> measures;
  std::vector<KpiDimension> dimensions;
  std::vector<VariantResult> variants;

  /// (variants - 1) × measures, by variant and then by measure.
  std::vector<Difference> differences;

  double level = kDefaultLevel;
  RandomNumbers numbers = RandomNumbers::common;
  std::uint64_t seed = 1;
  std::int64_t replications = 0;  ///< of each variant
  std::uint64_t failed_runs = 0;
  std::uint64_t operations = 0;
  bool is_complete = true;  ///< false when it was stopped
  double cpu_s = 0;
  double wall_s = 0;
};

/// Runs all variants and compares them with the first. Seed and number of replications are those of the first one's run
/// settings; spans and warm-ups are each variant's own. The same bits for any number of threads.
/// @param variants  two or more. @param options  see there.
/// @throws ModelError for a factory that is wrong or measures that it does not have, with the variant's name in the message;
/// std::logic_error for fewer than two variants or replications; exceptions of the user's rules.
[[nodiscard]] Comparison compare(std::span<const Variant> variants, const CompareOptions& options = {},
                                 const ExecutionOptions& execution = {}, const CompileOptions& code = {});

}  // namespace twin
