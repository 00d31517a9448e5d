// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/core/error.hpp>

namespace twin {

/// The laws a duration or a number can follow. The spelling is the one of the scenario file.
enum class LawKind : std::uint8_t {
  constant,
  exponential,
  uniform,
  normal,
  lognormal,
  weibull,
  gamma,
  erlang,
  triangular,
  pert,
  beta,
  hyperexponential,
  empirical,
  discrete,
  poisson,
  call,
};

inline constexpr std::size_t kLawKinds = 16;
inline constexpr std::size_t kMaxLawParameters = 4;

/// One parameter of a law, as the reader, the writer, the schema, paths (`machine.weld.cycle.mean`) and the docs know it.
struct LawParameter {
  std::string_view name;

  /// Whether the number has the dimension of the variate (a mean) or none (a shape).
  bool has_dimension = true;

  double min = 0.0;
  bool min_is_open = false;
  bool is_integer = false;
};

/// What is known of a law, once, for everyone.
struct LawInfo {
  LawKind kind = LawKind::constant;
  std::string_view name;
  std::span<const LawParameter> parameters;

  /// One sentence, with the meaning of the parameters.
  std::string_view doc;
};

/// All laws in the order of `LawKind`.
[[nodiscard]] std::span<const LawInfo> law_infos();
[[nodiscard]] const LawInfo& law_info(LawKind kind);

/// The law of that name, or null.
[[nodiscard]] const LawInfo* find_law(std::string_view name);

/// A law with its parameters: plain data, comparable, in the physical units of what it describes (seconds for
/// durations). Durations and counts only, so no law gives a negative number.
///
/// | law | parameters |
/// |---|---|
/// | constant | value >= 0 |
/// | exponential | mean > 0 |
/// | uniform | 0 <= min <= max |
/// | normal | mean, sd >= 0 of the law before it is truncated at 0 (values below 0 are cut off and the rest scaled up) |
/// | lognormal | mean > 0, cv from 0.001 to 1000 of the variate, not of its logarithm |
/// | weibull | scale > 0, shape from 0.02 to 1000 |
/// | gamma | mean > 0, cv from 0.001 to 100 |
/// | erlang | mean > 0, k an integer from 1 to 1e6: the sum of k exponential phases |
/// | triangular, pert | min <= mode <= max |
/// | beta | min <= max, alpha and beta from 0.01 to 1e6 |
/// | hyperexponential | mean > 0, cv from 1 to 1000: two exponential phases with balanced means (p1 m1 = p2 m2) |
/// | empirical | `values`: each equally likely |
/// | discrete | `values` with `weights` |
/// | poisson | mean from 0 to 1e6: a whole number |
/// | call | a function of the user's program, by `name` |
struct Distribution {
  Distribution() = default;

  /// A constant: lets `.cycle = 38_s` stand where a law is asked for.
  Distribution(double value) : parameters{value} {}  // NOLINT(google-explicit-constructor)

  LawKind kind = LawKind::constant;

  /// Parameters in the order of `law_info(kind).parameters`; unused ones are 0.
  std::array<double, kMaxLawParameters> parameters{};

  /// For `empirical` and `discrete`: the values, >= 0.
  std::vector<double> values;

  /// For `discrete`: one weight >= 0 a value, in any scale.
  std::vector<double> weights;

  /// For `call`: the function's name. For `empirical`: the file the values came from, and its column.
  std::string name;
  std::string column;

  friend bool operator==(const Distribution&, const Distribution&) = default;
};

[[nodiscard]] Distribution constant(double value);
[[nodiscard]] Distribution exponential(double mean);
[[nodiscard]] Distribution uniform(double min, double max);
[[nodiscard]] Distribution normal(double mean, double sd);
[[nodiscard]] Distribution lognormal(double mean, double cv);
[[nodiscard]] Distribution weibull(double scale, double shape);
[[nodiscard]] Distribution gamma(double mean, double cv);
[[nodiscard]] Distribution erlang(double mean, int k);
[[nodiscard]] Distribution triangular(double min, double mode, double max);
[[nodiscard]] Distribution pert(double min, double mode, double max);
[[nodiscard]] Distribution beta(double min, double max, double alpha, double beta);
[[nodiscard]] Distribution hyperexponential(double mean, double cv);
[[nodiscard]] Distribution empirical(std::vector<double> values);
[[nodiscard]] Distribution discrete(std::vector<double> values, std::vector<double> weights);
[[nodiscard]] Distribution poisson(double mean);
[[nodiscard]] Distribution call(std::string name);

/// What is wrong with the parameters, one sentence each; empty when nothing is.
[[nodiscard]] std::vector<std::string> problems(const Distribution& law);

/// The exact mean. NaN for `call`. @pre `problems(law)` is empty.
[[nodiscard]] double mean(const Distribution& law);

/// The exact variance. NaN for `call`. @pre `problems(law)` is empty.
[[nodiscard]] double variance(const Distribution& law);

/// The exact quantile at `q` in (0, 1): the smallest x with P(X <= x) >= q. NaN for `call`.
[[nodiscard]] double quantile(const Distribution& law, double q);

/// The exact distribution function P(X <= x). NaN for `call`.
[[nodiscard]] double cumulative(const Distribution& law, double x);

}  // namespace twin
