// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <fmt/format.h>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/interrupt.hpp>
#include <libtwin/cli/load.hpp>
#include <libtwin/cli/study_output.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/report/store.hpp>
#include <libtwin/report/wording.hpp>

namespace twin::cli {
namespace {

struct SweepOptions : StudyOptions {
  bool is_dry_run = false;
};

int say_estimate(const Loaded& loaded, const SweepOptions& options, const Interrupt& interrupt) {
  ExecutionOptions execution{.engine = engine_of(options), .threads = options.threads, .stop = interrupt.token()};
  const StudyEstimate estimate = estimate_study(loaded.scenario(), loaded.folder, execution);
  if (interrupt.was_asked()) return exit_interrupted;
  write_result(options.has_json ? estimate_json(estimate) : estimate_report(estimate));
  return exit_ok;
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
  if (options.replications) {
    loaded.read.scenario.study->refine.clear();
    loaded.read.scenario.study->select.reset();
  }
  if (options.is_dry_run) return say_estimate(loaded, options, interrupt);
  return run_and_print(loaded.scenario(), loaded.folder, options, interrupt, call);
}

int resume_command(const StudyOptions& options, const Call& call) {
  const Interrupt interrupt;
  Scenario scenario;
  try {
    scenario = read_stored_scenario(options.store);
  } catch (const FileError& error) {
    throw Failure(exit_bad_file, error.what());
  }
  return run_and_print(scenario, options.store, options, interrupt, call);
}

}  // namespace

Command add_sweep(Parser& parent, const Call& call) {
  Parser app = parent.command("sweep", "Run every design of a study and rank them");
  const auto options = std::make_shared<SweepOptions>();
  add_file(app, *options);
  add_run_options(app, *options);
  add_engine_option(app, *options);
  app.option("--store", options->store,
             "Keep every run in a folder, block by block; a sweep that was stopped goes on with it")
      .type_name("DIR");
  add_study_options(app, *options);
  app.flag("--dry-run", options->is_dry_run, "Only say how many runs there are and, from a few of them, how long");
  app.footer(
      "Examples:\n"
      "  twin sweep study.toml --output designs.csv\n"
      "  twin sweep study.toml --store sweep.twin\n"
      "  twin sweep study.toml --replications 2 --top 5\n"
      "  twin sweep study.toml --json | jq '.best[0].parameters'\n");
  return {app, [options, &call] { return sweep_command(*options, call); }};
}

Command add_resume(Parser& parent, const Call& call) {
  Parser app = parent.command("resume", "Go on with a sweep from its store");
  const auto options = std::make_shared<StudyOptions>();
  app.option("STORE", options->store, "The folder that twin sweep --store made").required().type_name("");
  add_execution_options(app, *options);
  add_engine_option(app, *options);
  add_study_options(app, *options);
  app.footer(
      "Makes what is missing and prints the report; a store in which nothing is missing is reported at once.\n"
      "Examples:\n"
      "  twin resume sweep.twin\n"
      "  twin resume sweep.twin --shard 2/8\n");
  return {app, [options, &call] { return resume_command(*options, call); }};
}

}  // namespace twin::cli
