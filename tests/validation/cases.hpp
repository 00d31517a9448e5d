// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/engine/run.hpp>

/// Runs of factories whose exact answers are known.
namespace twin::validation {

/// What an optimised build checks: half-widths below 0.5 %. Builds without optimisation or with sanitizers run the same
/// cases more shortly and check the same four standard errors with wider intervals.
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
inline constexpr bool kIsFull = true;
#else
inline constexpr bool kIsFull = false;
#endif
inline constexpr double kHalfWidthLimit = kIsFull ? 0.005 : 0.05;
inline constexpr std::uint64_t kReplications = kIsFull ? 32 : 20;

struct Value {
  std::string name;
  double exact = 0;

  /// Its half-width decides how long the runs are.
  bool is_primary = false;
};

/// A factory ready to run, and what is read off a run: one number for each value of the case.
struct Model {
  Compiled compiled;

  std::function<std::vector<double>(PlantState&, const RunInput&)> observe;

  /// What the functions given to `compile` point at; one run at a time.
  std::shared_ptr<void> context;
};

struct Case {
  std::string id;
  std::string model;
  std::string parameters;
  std::vector<Value> values;
  std::function<Model()> make;

  /// About ten times as long as the factory remembers [s].
  double warmup_s = 1000;

  /// The half-width the runs are made for, over the one that is allowed: small where runs cost little.
  double precision = 0.75;

  /// Runs of this length instead of lengths from a pilot [s].
  double fixed_span_s = 0;
};

struct ValueOutcome {
  Value value;
  double mean = 0;

  /// Of the 95 % interval over the replications.
  double half_width = 0;
  double standard_error = 0;

  /// |mean - exact| in standard errors; 0 when both are equal to the rounding.
  [[nodiscard]] double distance() const;
};

struct Outcome {
  const Case* of = nullptr;
  std::vector<ValueOutcome> values;

  /// Measured span of one replication [s].
  double span_s = 0;

  bool is_ok = true;  ///< every run ended well
  double cpu_s = 0;
};

/// Pilot replications tell how much the primary values vary; the replications that count, others, are as long as the
/// half-width needs. Everything follows from fixed seeds.
[[nodiscard]] Outcome run_case(const Case& c);

/// All cases on two threads; outcomes in the order of the cases, whatever the threads do.
[[nodiscard]] std::vector<Outcome> run_cases(const std::vector<Case>& cases);

/// Every case of `anchors.cpp`.
[[nodiscard]] std::vector<Case> anchor_cases();

/// Its slotted lines, as processes of the user's own.
void add_slotted_cases(std::vector<Case>& cases);

/// More factories with known answers: networks, failures, crews, assemblies, losses, priorities, designs.
[[nodiscard]] std::vector<Case> more_cases();

/// Loops with a fixed number of cards.
void add_loop_cases(std::vector<Case>& cases);

/// All of them, and their outcomes, run once in the life of the program.
[[nodiscard]] const std::vector<Case>& all_cases();
[[nodiscard]] const std::vector<Outcome>& all_outcomes();

/// The page docs/reference/validation.md.
[[nodiscard]] std::string validation_page(const std::vector<Outcome>& outcomes);

/// A model that is read off the result of a plain run.
[[nodiscard]] Model plain(Compiled compiled, std::function<std::vector<double>(const RunResult&)> read);

/// `0.8`, `[1, 2.5]`.
[[nodiscard]] std::string text(double value);
[[nodiscard]] std::string text(const std::vector<double>& values);

}  // namespace twin::validation
