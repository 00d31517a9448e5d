// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <libtwin/core/error.hpp>
#include <libtwin/model/factory.hpp>

namespace twin {

/// A named number that a file leaves open: a family of factories out of one file.
struct Parameter {
  std::string name;

  /// The values a grid visits, in order. Whole numbers from `from` to `to` when the file gives a range without a step.
  std::vector<double> values;

  /// What stands in the model when nothing is said: `value`, or the first of `values`.
  double nominal = 0;

  /// Whether `values` are the two ends of a range, and every number between them may be chosen. For the methods that
  /// sample: see `samples_ranges`.
  bool is_range = false;

  friend bool operator==(const Parameter&, const Parameter&) = default;
};

/// A number of the model given as an expression of parameters: `machine.m1.cycle.mean` is `1 h / r1`.
struct Binding {
  /// Where the number stands.
  std::string path;

  /// The expression as written.
  std::string expression;

  friend bool operator==(const Binding&, const Binding&) = default;
};

/// How the designs of a study are chosen.
enum class DesignMethod : std::uint8_t {
  grid,           ///< every combination of levels
  file,           ///< the rows of a CSV file
  sobol,          ///< points of Sobol' (1967), which fill the space evenly however many are taken
  lhs,            ///< a Latin hypercube (McKay, Beckman, Conover 1979): every factor by itself is spread evenly
  random,         ///< points by chance
  one_at_a_time,  ///< the model as it stands, then every level of each factor with all others as they stand
  morris          ///< trajectories of Morris (1991), which screen many factors with few runs; see `morris_effects`
};
constexpr auto enum_names(DesignMethod) {
  return std::array<std::string_view, 7>{"grid", "file", "sobol", "lhs", "random", "one_at_a_time", "morris"};
}

/// Whether a method may choose any number of a range; the others go through levels and need a step.
constexpr bool samples_ranges(DesignMethod method) {
  return method == DesignMethod::sobol || method == DesignMethod::lhs || method == DesignMethod::random ||
         method == DesignMethod::morris;
}

/// Something a study varies: a parameter by its name, or a value of the model by its path.
struct Factor {
  std::string path;

  /// The values in SI units, one per level. For values that are not numbers, the index into `texts`.
  std::vector<double> values;

  /// The levels as written (`"36 s"`, `"fifo"`); empty for ranges and lists of plain numbers. Where there are texts,
  /// `set_value(factory, path, texts[i], …)` applies level i; else `set_number(factory, path, values[i])` does.
  std::vector<std::string> texts;

  /// Whether `values` are the two ends of a range, and every number between them may be chosen.
  bool is_range = false;

  friend bool operator==(const Factor&, const Factor&) = default;
};

/// A further round of replications for the designs that are best so far: `best` of them, up to `count` each.
struct RefineRound {
  std::int64_t best = 1;
  std::int64_t count = 1;
  friend bool operator==(const RefineRound&, const RefineRound&) = default;
};

/// A number with the dimension it was written in.
struct Amount {
  double value = 0;  ///< in SI units (rates per second)
  Dimension dimension = Dimension::none;
  friend bool operator==(const Amount&, const Amount&) = default;
};

/// How a study selects the best of its designs; what each method promises: docs/explanation/selection.md.
enum class SelectionMethod : std::uint8_t {
  kn,    ///< Kim and Nelson (2001): the fewest runs for a promise; common random numbers make it cheaper
  gsp,   ///< Ni, Ciocan, Henderson and Hunter (2017): the stronger promise, in a few large rounds; independent designs
  ocba,  ///< Chen, Lin, Yücesan and Chick (2000): a budget, without a promise; independent designs
  halving  ///< Karnin, Koren and Somekh (2013): a budget, without a promise
};
constexpr auto enum_names(SelectionMethod) { return std::array<std::string_view, 4>{"kn", "gsp", "ocba", "halving"}; }

/// Replications by a procedure of ranking and selection. The first ones of each design are `Study::replications`, but for
/// `halving`, which goes by its budget alone.
struct Selection {
  SelectionMethod method = SelectionMethod::kn;

  /// For `kn` and `gsp`, which need it: the smallest difference of the goal that matters, > 0, of the goal's dimension.
  std::optional<Amount> delta{};

  /// For `kn` and `gsp`: the probability of the promise, in (0, 1); 0.95 when absent.
  std::optional<double> confidence{};

  /// For `ocba` and `halving`, which need it: runs in all.
  std::optional<std::int64_t> budget{};

  /// For `kn` and `gsp`: ends without a promise before there are more runs.
  std::optional<std::int64_t> at_most{};

  /// For `kn`: replications of a design between two looks; an eighth of those it has when absent. Changes the price only.
  std::optional<std::int64_t> ahead{};

  /// For `gsp`: replications of a design between two screenings, on average over designs, and the number of screenings
  /// after the first; 100 and 10 when absent.
  std::optional<std::int64_t> batch{};
  std::optional<std::int64_t> batches{};

  /// For `ocba`: runs of a round; a hundredth of the budget when absent.
  std::optional<std::int64_t> step{};

  friend bool operator==(const Selection&, const Selection&) = default;
};

/// The first replications of each design that suit a method, where a file does not say how many.
constexpr std::int64_t usual_first_replications(SelectionMethod method) {
  return method == SelectionMethod::kn ? 20 : method == SelectionMethod::gsp ? 50 : 10;
}

/// Whether a method is derived for designs that do not share their random numbers.
constexpr bool wants_independence(SelectionMethod method) {
  return method == SelectionMethod::gsp || method == SelectionMethod::ocba;
}

/// A number a study reports, as an expression of KPIs: `rate(shipped)`, `p95(lead_time)`, `share(weld, busy)`.
struct Measure {
  std::string name;
  std::string expression;
  friend bool operator==(const Measure&, const Measure&) = default;
};

/// When replications may end: the interval of a measure, at 95 %, is to be narrow enough. Written
/// `halfwidth(throughput) < 0.5 %`, of the mean, or `halfwidth(p95(lead_time)) < 2 min`, in the unit of the measure.
struct StoppingRule {
  /// A measure by its name, or an expression of KPIs as measures have them.
  std::string measure;

  /// The half-width is to be below it, > 0: a share of the mean, or in SI units.
  double limit = 0;

  /// `share`: of the mean; else what the limit is a number of: `time`, `rate` or `none`.
  Dimension dimension = Dimension::share;

  [[nodiscard]] bool is_relative() const { return dimension == Dimension::share; }

  friend bool operator==(const StoppingRule&, const StoppingRule&) = default;
};

/// With stopping rules: replications before the first look at the intervals, at the least, and the most of them where the
/// file does not say.
inline constexpr std::int64_t kFewestBeforeLook = 10;
inline constexpr std::int64_t kMostReplications = 1000;

/// A study: which factories to run, how often, what to look at.
struct Study {
  /// `[design] name`; the file's name without folder and extension when that is absent.
  std::string name;

  /// The model's file as written; empty when model and study are one file.
  std::string model;

  DesignMethod method = DesignMethod::grid;

  /// For `file`: the CSV file; its header names parameters or paths.
  std::string file;

  /// Conditions on parameters that a design must meet: `"r1 + r2 + r3 == 20"`.
  std::vector<std::string> where;

  /// For `sobol`, `lhs` and `random`: how many designs; these methods need it.
  std::optional<std::int64_t> points;

  /// For `morris`: how many trajectories, each of one design more than there are factors; and how many levels their grid
  /// has in every factor, an even number.
  std::int64_t trajectories = 20;
  std::int64_t levels = 4;

  /// Where the randomness of a design comes from; the seed of the run unless the file says otherwise.
  std::optional<std::uint64_t> design_seed;

  /// For `sobol`: whether the points are shifted at random, which leaves their evenness and takes their bias.
  bool scramble = true;

  std::vector<Factor> factors;
  std::int64_t replications = 10;
  bool common_random_numbers = true;

  /// When there are any, `replications` are the first batch, and more follow until all rules hold or there are `at_most`
  /// (`kMostReplications` when absent).
  std::vector<StoppingRule> until;
  std::optional<std::int64_t> at_most;

  std::vector<RefineRound> refine;

  /// Instead of rounds of refinement.
  std::optional<Selection> select;

  /// At least one; `throughput` unless the file says otherwise.
  std::vector<Measure> measures;

  /// The measure to rank by, and whether more is better; the first measure unless the file says otherwise.
  std::string goal;
  bool maximize = true;

  /// Conditions on measures: `"lead < 4 h"`.
  std::vector<std::string> subject_to;

  friend bool operator==(const Study&, const Study&) = default;
};

/// An answer known from theory or literature, printed beside ours.
struct KnownAnswer {
  /// A KPI or a measure.
  std::string of;

  /// In SI units (rates per second).
  double value = 0;

  /// What the value is a number of, so that it can be printed with a unit.
  Dimension dimension = Dimension::none;

  /// The design it belongs to, by parameter; empty for the model as it stands.
  std::map<std::string, double> at;

  std::string source;

  friend bool operator==(const KnownAnswer&, const KnownAnswer&) = default;
};

/// All that a scenario file says.
struct Scenario {
  Factory factory;
  std::vector<Parameter> parameters;
  std::vector<Binding> bindings;
  std::vector<KnownAnswer> known;

  /// Set when the file has a `[design]`, `[factor]`, `[replicate]`, `[select]`, `[measure]` or `[goal]`.
  std::optional<Study> study;

  friend bool operator==(const Scenario&, const Scenario&) = default;
};

/// A change from outside the file: `machine.weld.cycle` set to `"39 s"`.
using Setting = std::pair<std::string, std::string>;

struct ReadOptions {
  /// Applied before anything is evaluated, as if the file said so.
  std::vector<Setting> settings;

  /// Relative file names in the scenario start here; the folder of the file when empty.
  std::string folder;

  /// More to look for in a factory without mistakes, such as `analyze` does: what it finds is given its place in the file.
  std::function<std::vector<Diagnostic>(const Factory&)> also_check{};
};

struct ReadResult {
  Scenario scenario;
  std::vector<Diagnostic> diagnostics;

  /// What `ReadOptions::also_check` found.
  std::vector<Diagnostic> findings;

  /// The text, for carets under the mistakes.
  std::string text;

  /// All texts that diagnostics point into, by the name they have there: the file itself, the model of a study, and
  /// each setting.
  std::vector<std::pair<std::string, std::string>> sources;

  [[nodiscard]] bool ok() const { return !has_errors(diagnostics); }
};

/// Reads a model or a study (with the model it names), in TOML or canonical JSON. Never stops at the first mistake and
/// never guesses a unit. Files that cannot be opened are diagnostics too.
[[nodiscard]] ReadResult read_scenario_file(const std::string& file, const ReadOptions& options = {});

/// The same for a text; `name` stands for the file in diagnostics.
[[nodiscard]] ReadResult read_scenario_text(std::string_view text, const std::string& name,
                                            const ReadOptions& options = {});

/// Diagnostics as people read them, with the line, a caret and a hint, sorted by place. `colour` adds ANSI colours.
[[nodiscard]] std::string render_diagnostics(const std::vector<Diagnostic>& diagnostics, std::string_view text,
                                             bool colour);

/// The same with every file's own lines: for a study, mistakes in the model too show their line.
[[nodiscard]] std::string render_diagnostics(const ReadResult& result, bool colour);
[[nodiscard]] std::string render_findings(const ReadResult& result, bool colour);

/// The scenario as TOML that reads back to an equal scenario.
[[nodiscard]] std::string write_toml(const Scenario& scenario);

/// The scenario as canonical JSON: keys sorted, every default written, quantities as text with a unit, numbers exact.
/// Equal scenarios give equal text; it reads back to an equal scenario.
[[nodiscard]] std::string write_json(const Scenario& scenario);

/// A draft-07 JSON Schema of the scenario file, from the same field lists as the reader.
[[nodiscard]] std::string scenario_schema();

/// What a diagnostic's code means, with an example and the way out; empty for an unknown code.
[[nodiscard]] std::string explain_code(std::string_view code);
[[nodiscard]] std::vector<std::string> all_codes();

/// Changes one value of a factory by its path, from text with a unit (`"39 s"`, `"lognormal(mean = 41 s, cv = 0.2)"`,
/// `"20"`). Appends what is wrong.
void set_value(Factory& factory, std::string_view path, std::string_view text, std::vector<Diagnostic>& diagnostics);

/// Changes one number of a factory by its path, in SI units. @throws ModelError when the path is not a number of it.
void set_number(Factory& factory, std::string_view path, double value);

/// A rule as files write it. A share that is no whole number of the smallest percentages is rounded to the nearest.
[[nodiscard]] std::string write_stopping_rule(const StoppingRule& rule);

/// Every path of a factory that is a number, with its value in SI units, in the order of the file.
[[nodiscard]] std::vector<std::pair<std::string, double>> list_numbers(const Factory& factory);

}  // namespace twin
