// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
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
#include <libtwin/cli/options.hpp>
#include <libtwin/cli/progress.hpp>
#include <libtwin/cli/tables.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/experiment/tables.hpp>
#include <libtwin/experiment/work.hpp>
#include <libtwin/report/format.hpp>
#include <libtwin/report/json.hpp>
#include <libtwin/report/text.hpp>
#include <libtwin/report/wording.hpp>
#include <libtwin/results/atomic_file.hpp>
#include <libtwin/results/csv.hpp>
#include <libtwin/scenario/number_ref.hpp>

namespace twin::cli {
namespace {

struct SweepOptions : Options {
  std::string output;
  std::size_t top = 10;
};

std::int64_t count_rows(const StudyResult& result, auto&& condition) {
  return std::count_if(result.rows.begin(), result.rows.end(), condition);
}

/// The last line on standard error: what was done, and where the rows are.
std::string summary_line(const StudyResult& result, const SweepOptions& options) {
  std::string text = fmt::format("{}, {} in {} s", detail::plural(result.rows.size(), "scenario"),
                                 detail::plural(result.runs, "run"), detail::number_text(result.wall_s, 3));
  if (!options.output.empty()) text += "; rows in " + options.output;
  return text + "\n";
}

int conclude(const StudyResult& result, const SweepOptions& options, const Interrupt& interrupt, const Call& call) {
  const auto finished = count_rows(result, [](const StudyRow& row) { return row.n > 0; });
  if (interrupt.was_asked()) {
    say(fmt::format("interrupted: {} of {} scenarios have results; all of them: {}\n", finished, result.rows.size(),
                    call.text));
    return exit_interrupted;
  }
  const auto failed = count_rows(result, [](const StudyRow& row) { return row.failed > 0; });
  if (failed > 0) {
    say_error(fmt::format("{} of {} scenarios have runs that did not end well", failed, result.rows.size()),
              options.colour);
    return finished == 0 ? exit_run_failed : exit_some_failed;
  }
  if (count_rows(result, [](const StudyRow& row) { return row.is_feasible; }) == 0) {
    say_error("no scenario meets the conditions of the study", options.colour);
    return exit_check_failed;
  }
  return exit_ok;
}

/// Values of the model stand in SI units in the table of designs.
std::vector<std::string> units_of_factors(Factory factory, const DesignTable& design) {
  std::vector<std::string> units;
  for (std::size_t f = 0; f < design.factors.size(); ++f) {
    const bool is_text = f < design.texts.size() && !design.texts[f].empty();
    const auto number = is_text ? std::nullopt : detail::find_number(factory, design.factors[f]);
    const Dimension dimension = number ? number->rule.dimension : Dimension::none;
    units.emplace_back(dimension == Dimension::time ? "s" : dimension == Dimension::rate ? "/s" : "");
  }
  return units;
}

StudyResult run_with_progress(const Loaded& loaded, const SweepOptions& options, const Interrupt& interrupt) {
  ProgressLine progress("runs", options.is_quiet);
  ExecutionOptions execution{.engine = engine_of(options), .threads = options.threads, .stop = interrupt.token()};
  execution.on_progress = [&](const Progress& p) { return progress.show(p), true; };
  try {
    StudyResult result = run_study(loaded.scenario(), loaded.folder, execution);
    progress.clear();
    return result;
  } catch (const FileError& error) {
    // Nothing has been written yet: it is the table of designs that cannot be read.
    progress.clear();
    throw Failure(exit_bad_file, error.what());
  }
}

int sweep_command(const SweepOptions& options, const Call& call) {
  const Interrupt interrupt;
  Loaded loaded = load(required_file(options), settings_of(options, true), options);
  if (!loaded.scenario().study) {
    throw Failure(exit_bad_file,
                  options.file +
                      " is a model without a study: nothing says what to vary. Write [factor] or [design], "
                      "or run it: twin run " +
                      detail::shell_word(options.file));
  }
  // A number of replications that is asked for is meant exactly.
  if (options.replications) loaded.read.scenario.study->refine.clear();
  const StudyResult result = run_with_progress(loaded, options, interrupt);
  const bool has_rows = count_rows(result, [](const StudyRow& row) { return row.n + row.failed > 0; }) > 0;
  if (has_rows) {
    if (!options.output.empty()) write_file_atomically(options.output, to_csv(without_unfinished(to_table(result))));
    ReportOptions report;
    report.has_colour = has_colour(options.colour, STDOUT_FILENO);
    report.threads = thread_count(options.threads);
    report.top = options.top;
    report.file = options.file;
    report.factor_units = units_of_factors(loaded.scenario().factory, result.design);
    report.known = known_of_study(loaded.scenario(), result);
    write_result(options.has_json ? study_json(result, options.top) : study_report(result, report));
  }
  if (!options.is_quiet) say(summary_line(result, options));
  return conclude(result, options, interrupt, call);
}

}  // namespace

Command add_sweep(CLI::App& parent, const Call& call) {
  CLI::App* const app = parent.add_subcommand("sweep", "Run every design of a study and rank them");
  const auto options = std::make_shared<SweepOptions>();
  add_file(*app, *options);
  add_run_options(*app, *options);
  add_engine_option(*app, *options);
  app->add_option("-o,--output", options->output, "Write a row for each scenario to a CSV file")->type_name("FILE");
  app->add_option("--top", options->top, "How many of the best to show")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000000}).description(""));
  app->footer(
      "Examples:\n"
      "  twin sweep study.toml --output designs.csv\n"
      "  twin sweep study.toml --replications 2 --top 5\n"
      "  twin sweep study.toml --json | jq '.best[0].parameters'\n");
  return {app, [options, &call] { return sweep_command(*options, call); }};
}

}  // namespace twin::cli
