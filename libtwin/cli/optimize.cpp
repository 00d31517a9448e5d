// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/interrupt.hpp>
#include <libtwin/cli/known_answers.hpp>
#include <libtwin/cli/load.hpp>
#include <libtwin/cli/progress.hpp>
#include <libtwin/cli/study_output.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/experiment/optimize.hpp>
#include <libtwin/experiment/tables.hpp>
#include <libtwin/experiment/work.hpp>
#include <libtwin/report/format.hpp>
#include <libtwin/report/optimize.hpp>
#include <libtwin/report/wording.hpp>
#include <libtwin/results/atomic_file.hpp>
#include <libtwin/results/csv.hpp>
#include <libtwin/scenario/expression.hpp>

namespace twin::cli {
namespace {

struct OptimizeCall : Options {
  std::uint64_t budget = OptimizeOptions{}.budget;
  std::string time;
  std::string precision;
  std::uint32_t starts = OptimizeOptions{}.starts;
  std::string output;
  std::size_t top = 10;
};

/// A quantity of the command line. @throws Failure when it is none, or not positive.
double quantity_of(const std::string& option, const std::string& text, int time_power, const char* example) {
  std::vector<Diagnostic> mistakes;
  const Expression value = Expression::parse(text, {}, mistakes);
  const double number = mistakes.empty() && value.time_power() == time_power ? value.evaluate({}) : -1;
  if (!(number > 0) || !std::isfinite(number)) {
    throw Failure(exit_usage, fmt::format("{} {}: write {}", option, text, example));
  }
  return number;
}

OptimizeOptions search_of(const OptimizeCall& call) {
  OptimizeOptions search;
  search.budget = call.budget;
  search.starts = call.starts;
  if (!call.time.empty()) search.time_s = quantity_of("--time", call.time, 1, "a time with its unit, as in --time 30s");
  if (!call.precision.empty()) {
    constexpr const char* kExample = "a share of the goal, as in --precision '0.05 %'";
    search.precision = quantity_of("--precision", call.precision, 0, kExample);
    if (search.precision >= 1) throw Failure(exit_usage, "--precision " + call.precision + ": write " + kExample);
  }
  return search;
}

/// The compared designs as the rows of a study, for tables and known answers.
StudyResult as_study(const OptimizeResult& r) {
  StudyResult study;
  study.study = r.study;
  study.engine = r.engine;
  study.seed = r.fresh_seed;
  study.design = r.design;
  study.measures = r.measures;
  study.dimensions = r.dimensions;
  study.goal = r.goal;
  study.maximize = r.maximize;
  for (const ComparedDesign& one : r.compared) {
    StudyRow& row = study.rows.emplace_back();
    row.n = one.n;
    row.failed = one.failed;
    row.status = one.status;
    row.measures = one.measures;
    row.is_feasible = one.is_feasible;
    study.ranking.push_back(static_cast<std::uint32_t>(study.rows.size() - 1));
  }
  return study;
}

void print(const Scenario& scenario, const OptimizeResult& result, const OptimizeCall& options) {
  if (!options.output.empty()) write_file_atomically(options.output, to_csv(to_table(as_study(result))));
  ReportOptions report;
  report.has_colour = has_colour(options.colour, STDOUT_FILENO);
  report.threads = thread_count(options.threads);
  report.top = options.top;
  report.factor_units = units_of_factors(scenario.factory, result.design);
  report.known = known_of_study(scenario, as_study(result));
  write_result(options.has_json ? optimize_json(result, options.top) : optimize_report(result, report));
}

int conclude(const OptimizeResult& result, const OptimizeCall& options, const Interrupt& interrupt) {
  if (interrupt.was_asked()) return exit_interrupted;
  const bool has_best = !result.compared.empty() && result.compared[0].n > 0 && result.compared[0].failed == 0;
  if (!has_best) {
    say_error("no design was found whose runs end well", options.colour);
    return exit_run_failed;
  }
  if (result.compared[0].is_feasible) return exit_ok;
  say_error(result.compared[0].is_surely_infeasible ? "no design was found that meets the conditions of the study"
                                                    : "it is not sure that the best design meets the conditions",
            options.colour);
  return exit_check_failed;
}

int optimize_command(const OptimizeCall& options) {
  const Interrupt interrupt;
  const OptimizeOptions search = search_of(options);
  const Loaded loaded = load(required_file(options), settings_of(options, true), options);
  if (!loaded.scenario().study) {
    throw Failure(exit_bad_file, options.file +
                                     " is a model without a study: nothing says what may vary. Write [factor] or "
                                     "[design], and [goal]");
  }
  ProgressLine progress("runs", options);
  ExecutionOptions execution{.engine = engine_of(options), .threads = options.threads, .stop = interrupt.token()};
  execution.on_progress = [&](const Progress& p) { return progress.show(p), true; };
  const OptimizeResult result = optimize(loaded.scenario(), search, execution);
  progress.clear();
  if (!result.compared.empty() && result.compared[0].n + result.compared[0].failed > 0) {
    print(loaded.scenario(), result, options);
  }
  if (!options.is_quiet) {
    say(fmt::format("{}, {} in {} s\n", detail::plural(result.designs, "design"), detail::plural(result.runs(), "run"),
                    detail::number_text(result.wall_s, 3)));
  }
  return conclude(result, options, interrupt);
}

}  // namespace

Command add_optimize(Parser& parent) {
  Parser app = parent.command("optimize", "Search the designs of a study for the best");
  const auto options = std::make_shared<OptimizeCall>();
  add_file(app, *options);
  app.option("--budget", options->budget, "The most runs, those of the last comparison included")
      .type_name("N")
      .between(std::uint64_t{100}, std::uint64_t{1'000'000'000'000})
      .shows_default();
  app.option("--time", options->time, "End after about so long: '30s'. What is found then depends on the machine")
      .type_name("TIME");
  app.option("--precision", options->precision, "Differences below this share of the goal do not matter [0.1 %]")
      .type_name("SHARE");
  app.option("--starts", options->starts, "How many searches, from designs far apart")
      .type_name("N")
      .between(1U, 1000U)
      .shows_default();
  app.option("-o,--output", options->output, "Write a row for each design of the last comparison to a CSV file")
      .type_name("FILE");
  app.option("--top", options->top, "How many of them to show")
      .type_name("N")
      .between(std::size_t{1}, std::size_t{1000000});
  add_run_options(app, *options);
  app.footer(
      "Takes the files of twin sweep, and searches instead of running every design: for spaces that are too large\n"
      "to enumerate. The best is compared with its neighbours on fresh random numbers.\n"
      "Examples:\n"
      "  twin optimize study.toml\n"
      "  twin optimize study.toml --budget 20000 --precision '0.5 %'\n"
      "  twin optimize study.toml --time 30s --starts 8\n"
      "  twin optimize study.toml --json | jq '.compared[0].parameters'\n");
  return {app, [options] { return optimize_command(*options); }};
}

}  // namespace twin::cli
