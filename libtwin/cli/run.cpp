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
#include <libtwin/cli/trace_file.hpp>
#include <libtwin/compile/compile.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/tables.hpp>
#include <libtwin/experiment/work.hpp>
#include <libtwin/report/json.hpp>
#include <libtwin/report/text.hpp>
#include <libtwin/report/wording.hpp>
#include <libtwin/results/atomic_file.hpp>
#include <libtwin/results/csv.hpp>

namespace twin::cli {
namespace {

struct RunOptions : Options {
  std::string csv;
  std::string trace;
  std::vector<std::string> until;
  std::optional<std::int64_t> at_most;
};

/// A list of texts as a setting has it.
std::string list_text(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "['" : ", '") + text + "'";
  return list + "]";
}

std::vector<Setting> settings_of_run(const RunOptions& options) {
  std::vector<Setting> settings = settings_of(options, false);
  if (options.replications && !options.until.empty()) {
    throw Failure(exit_usage,
                  "--replications asks for an exact number, --until for as many as it takes; the first batch is "
                  "--set replicate.count=N");
  }
  if (!options.until.empty()) settings.emplace_back("replicate.until", list_text(options.until));
  if (options.at_most) settings.emplace_back("replicate.at_most", std::to_string(*options.at_most));
  return settings;
}

/// The stopping rules of the file, unless an exact number of replications is asked for.
ReplicationPlan plan_of(const Loaded& loaded, const RunOptions& options) {
  const std::optional<Study>& study = loaded.scenario().study;
  return !study || study->until.empty() || options.replications ? ReplicationPlan{} : replication_plan(*study);
}

std::string print(const Loaded& loaded, const Compiled& compiled, const RunSummary& summary,
                  const RunOptions& options) {
  if (options.has_json) return run_json(summary);
  ReportOptions report;
  report.has_colour = has_colour(options.colour, STDOUT_FILENO);
  report.threads =
      std::min(thread_count(options.threads), static_cast<unsigned>(std::max<std::int64_t>(1, summary.replications)));
  report.known = known_of_run(loaded.scenario(), compiled, summary);
  report.file = options.file;
  return run_report(loaded.scenario().factory, summary, report);
}

void trace(const Compiled& compiled, const RunSettings& settings, const RunSummary& summary, const RunOptions& options,
           const Interrupt& interrupt) {
  RunInput input = run_input(settings);
  input.warmup_s = summary.warmup_s;
  input.stop = interrupt.token();
  write_trace(options.trace, compiled, input);
}

int conclude(const RunSummary& summary, const RunOptions& options, const Interrupt& interrupt, const Call& call) {
  if (interrupt.was_asked()) {
    const auto finished = std::count_if(summary.statuses.begin(), summary.statuses.end(),
                                        [](RunStatus s) { return s != RunStatus::stopped; });
    say(fmt::format("interrupted after {} of {} replications; all of them: {}\n", finished, summary.replications,
                    call.text));
    return exit_interrupted;
  }
  if (summary.stopping && summary.stopping->reason == StopReason::at_most) {
    say_error(fmt::format("{} replications, the most allowed, and the intervals are not as narrow as asked for",
                          summary.replications),
              options.colour);
    return exit_check_failed;
  }
  if (summary.status == RunStatus::ok) return exit_ok;
  const std::string where = summary.failed_at.empty() ? "" : ", the first at '" + summary.failed_at + "'";
  say_error(fmt::format("{} of {} replications did not end well: {}{}", summary.failed, summary.replications,
                        detail::status_text(summary.status), where),
            options.colour);
  return exit_run_failed;
}

int run_command(const RunOptions& options, const Call& call) {
  const Interrupt interrupt;
  const Loaded loaded = load(required_file(options), settings_of_run(options), options);
  const RunSettings& settings = loaded.scenario().factory.run;
  const Compiled compiled = compile(loaded.scenario().factory);
  ProgressLine progress("replications", options);
  ExecutionOptions execution{.engine = engine_of(options), .threads = options.threads, .stop = interrupt.token()};
  execution.on_progress = [&](const Progress& p) { return progress.show(p), true; };
  const RunSummary summary = replicate(compiled, settings, plan_of(loaded, options), execution);
  progress.clear();
  const bool has_rows = std::any_of(summary.statuses.begin(), summary.statuses.end(),
                                    [](RunStatus s) { return s != RunStatus::stopped; });
  if (has_rows) {
    if (!options.csv.empty()) write_file_atomically(options.csv, to_csv(without_unfinished(to_table(summary))));
    if (!options.trace.empty() && !interrupt.was_asked()) trace(compiled, settings, summary, options, interrupt);
    write_result(print(loaded, compiled, summary, options));
  }
  return conclude(summary, options, interrupt, call);
}

}  // namespace

Command add_run(Parser& parent, const Call& call) {
  Parser app = parent.command("run", "Run a model and say how sure the answer is");
  const auto options = std::make_shared<RunOptions>();
  add_file(app, *options);
  add_run_options(app, *options);
  add_engine_option(app, *options);
  app.option("--csv", options->csv, "Write a row for each replication to a CSV file").type_name("FILE");
  app.option("--trace", options->trace, "Write every event of replication 0 to a binary file").type_name("FILE");
  app.option("--until", options->until,
             "Go on until an interval is so narrow: 'halfwidth(throughput) < 0.5 %'; may be repeated")
      .type_name("RULE")
      .takes_one();
  app.option("--at-most", options->at_most, "With --until, or until in the file: the most replications; 1000")
      .type_name("N")
      .between(std::int64_t{1}, std::int64_t{1000000000});
  app.footer(
      "Examples:\n"
      "  twin run line.toml\n"
      "  twin run line.toml --until 'halfwidth(throughput) < 0.5 %' --at-most 200\n"
      "  twin run line.toml -r 100 --set buffer.b1.capacity=10 --set machine.weld.cycle.mean='39 s'\n"
      "  twin run line.toml --json | jq .kpis.throughput.mean\n");
  return {app, [options, &call] { return run_command(*options, call); }};
}

}  // namespace twin::cli
