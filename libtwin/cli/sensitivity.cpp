// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include <unistd.h>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/interrupt.hpp>
#include <libtwin/cli/load.hpp>
#include <libtwin/cli/options.hpp>
#include <libtwin/cli/progress.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/compile/compile.hpp>
#include <libtwin/experiment/sensitivity.hpp>
#include <libtwin/report/json.hpp>
#include <libtwin/report/text.hpp>

namespace twin::cli {
namespace {

int conclude(const SensitivitySummary& summary, const Options& options, const Interrupt& interrupt, const Call& call) {
  if (interrupt.was_asked()) {
    say("interrupted; all of it: " + call.text + "\n");
    return exit_interrupted;
  }
  if (summary.failed_runs > 0) {
    say_error(std::to_string(summary.failed_runs) + " of " + std::to_string(summary.runs) + " runs did not end well",
              options.colour);
    return exit_run_failed;
  }
  if (!has_derivatives(summary)) {
    say_error("this factory has no derivatives; the result says why", options.colour);
    return exit_check_failed;
  }
  return exit_ok;
}

int sensitivity_command(const Options& options, const Call& call) {
  const Interrupt interrupt;
  const Loaded loaded = load(required_file(options), settings_of(options, false), options);
  const Compiled compiled = compile(loaded.scenario().factory);
  ProgressLine progress("runs", options);
  ExecutionOptions execution{.threads = options.threads, .stop = interrupt.token()};
  execution.on_progress = [&](const Progress& p) { return progress.show(p), true; };
  const SensitivitySummary summary = sensitivity(compiled, loaded.scenario().factory.run, execution);
  progress.clear();
  if (summary.runs > 0) {
    ReportOptions report;
    report.has_colour = has_colour(options.colour, STDOUT_FILENO);
    write_result(options.has_json ? sensitivity_json(summary) : sensitivity_report(summary, report));
  }
  return conclude(summary, options, interrupt, call);
}

}  // namespace

Command add_sensitivity(Parser& parent, const Call& call) {
  Parser app = parent.command("sensitivity", "Say what each mean time and each place in a buffer is worth");
  const auto options = std::make_shared<Options>();
  add_file(app, *options);
  add_run_options(app, *options);
  app.footer(
      "Derivatives of throughput and lead time with respect to every mean time, from the runs themselves, and one\n"
      "place more or less in every buffer on the same random numbers. Exits with 1 when the factory has no "
      "derivatives,\n"
      "and says why.\n"
      "\n"
      "Examples:\n"
      "  twin sensitivity line.toml\n"
      "  twin sensitivity line.toml -r 100 --json | jq '.means[0]'\n");
  return {app, [options, &call] { return sensitivity_command(*options, call); }};
}

}  // namespace twin::cli
