// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/study_output.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/known_answers.hpp>
#include <libtwin/cli/progress.hpp>
#include <libtwin/cli/tables.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/experiment/tables.hpp>
#include <libtwin/experiment/work.hpp>
#include <libtwin/report/format.hpp>
#include <libtwin/report/json.hpp>
#include <libtwin/report/text.hpp>
#include <libtwin/report/wording.hpp>
#include <libtwin/results/atomic_file.hpp>
#include <libtwin/results/csv.hpp>
#include <libtwin/results/store_error.hpp>
#include <libtwin/scenario/number_ref.hpp>

namespace twin::cli {
namespace {

std::int64_t count_rows(const StudyResult& result, auto&& condition) {
  return std::count_if(result.rows.begin(), result.rows.end(), condition);
}

/// How the user goes on with a store.
std::string resume_command(const StudyOptions& options) { return "twin resume " + detail::shell_word(options.store); }

/// The last line on standard error: what was done, and where the rows are.
std::string summary_line(const StudyResult& result, const StudyOptions& options) {
  std::string text = fmt::format("{}, {} in {} s", detail::plural(result.rows.size(), "scenario"),
                                 detail::plural(result.runs, "run"), detail::number_text(result.wall_s, 3));
  const StoreUse& store = result.store;
  if (!store.path.empty() && store.found > 0) {
    text += fmt::format(", {} of them now", detail::count_text(store.runs_made));
  }
  if (!options.output.empty()) text += "; rows in " + options.output;
  if (!store.path.empty()) text += fmt::format("; {} in {}", detail::plural(store.blocks, "block"), store.path);
  return text + "\n";
}

/// What a shard says: it judges nothing, for the others may not be done.
std::string shard_text(const StudyResult& result, const StudyOptions& options) {
  const StoreUse& store = result.store;
  return fmt::format(
      "shard {}: {} made, {} of {} missing in {}. {}:\n  {}\n", options.shard, detail::plural(store.made, "block"),
      detail::count_text(store.missing), detail::count_text(store.blocks), store.path,
      result.is_complete ? "All are there; the report" : "When all are there, in one store or merged into one",
      resume_command(options));
}

int conclude(const StudyResult& result, const StudyOptions& options, const Interrupt& interrupt, const Call& call) {
  const auto finished = count_rows(result, [](const StudyRow& row) { return row.n > 0; });
  if (interrupt.was_asked()) {
    const std::string again =
        options.store.empty()
            ? fmt::format("all of them: {}\n(with --store DIR, what is finished is kept)", call.text)
            : fmt::format("{} of {} blocks are kept; go on: {}", result.store.blocks - result.store.missing,
                          result.store.blocks, resume_command(options));
    say(fmt::format("interrupted: {} of {} scenarios have results; {}\n", finished, result.rows.size(), again));
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

StudyResult run_with_progress(const Scenario& scenario, const std::string& folder, const StudyOptions& options,
                              const Interrupt& interrupt, const Team& team) {
  ProgressLine progress("runs", options);
  ExecutionOptions execution{.engine = engine_of(options), .threads = options.threads, .stop = interrupt.token()};
  if (team.speaks) execution.on_progress = [&](const Progress& p) { return progress.show(p), true; };
  const StudyStore store = store_of(options, team);
  try {
    StudyResult result = run_study(scenario, folder, execution, {}, store);
    progress.clear();
    return result;
  } catch (const StoreMismatch& error) {
    progress.clear();
    throw Failure(exit_bad_file, std::string(error.what()) + "\nA store holds one study: choose another folder");
  } catch (const FileError& error) {
    progress.clear();
    // Without a store nothing has been written yet: it is the table of designs that cannot be read.
    if (options.store.empty()) throw Failure(exit_bad_file, error.what());
    throw Failure(exit_run_failed,
                  fmt::format("{}\nWhat is finished is kept; go on: {}", error.what(), resume_command(options)));
  }
}

void print(const Scenario& scenario, const StudyResult& result, const StudyOptions& options) {
  if (!options.output.empty()) write_file_atomically(options.output, to_csv(without_unfinished(to_table(result))));
  ReportOptions report;
  report.has_colour = has_colour(options.colour, STDOUT_FILENO);
  report.threads = thread_count(options.threads);
  report.top = options.top;
  report.file = options.file;
  report.factor_units = units_of_factors(scenario.factory, result.design);
  report.known = known_of_study(scenario, result);
  write_result(options.has_json ? study_json(result, options.top) : study_report(result, report));
}

}  // namespace

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

void add_study_options(Parser& app, StudyOptions& options) {
  app.option("-o,--output", options.output, "Write a row for each scenario to a CSV file").type_name("FILE");
  app.option("--top", options.top, "How many of the best to show")
      .type_name("N")
      .between(std::size_t{1}, std::size_t{1000000});
  app.option("--shard", options.shard,
             "Make every N-th block only, beginning with block I: 0/4, 1/4, 2/4 and 3/4 share the work")
      .type_name("I/N");
}

StudyStore store_of(const StudyOptions& options, const Team& team) {
  StudyStore store;
  store.path = options.store;
  if (team.dispenser != nullptr) {
    if (options.store.empty()) throw Failure(exit_usage, "several processes need a store: --store DIR");
    if (!options.shard.empty()) throw Failure(exit_usage, "--shard is for processes that know nothing of each other");
    store.dispenser = team.dispenser;
  }
  if (options.shard.empty()) return store;
  if (options.store.empty()) throw Failure(exit_usage, "--shard needs --store: where the blocks go");
  const char* const end = options.shard.data() + options.shard.size();
  const auto [slash, first_error] = std::from_chars(options.shard.data(), end, store.shard);
  bool is_good = first_error == std::errc{} && slash != end && *slash == '/';
  if (is_good) {
    const auto [rest, error] = std::from_chars(slash + 1, end, store.shards);
    is_good = error == std::errc{} && rest == end && store.shard < store.shards;
  }
  if (!is_good) {
    throw Failure(exit_usage, "--shard " + options.shard + ": write a number and how many there are, from 0/4 to 3/4");
  }
  return store;
}

int run_and_print(const Scenario& scenario, const std::string& folder, const StudyOptions& options,
                  const Interrupt& interrupt, const Call& call) {
  const StudyResult result = run_with_progress(scenario, folder, options, interrupt, call.team);
  for (const std::string& name : result.store.set_aside) {
    say("a damaged block was made again; its file is now " + name + "\n");
  }
  if (!call.team.speaks) return interrupt.was_asked() ? exit_interrupted : exit_ok;
  if (!options.shard.empty() && !interrupt.was_asked()) {
    if (options.has_json) write_result(study_json(result, 0));
    say(shard_text(result, options));
    return exit_ok;
  }
  if (count_rows(result, [](const StudyRow& row) { return row.n + row.failed > 0; }) > 0) {
    print(scenario, result, options);
  }
  if (!options.is_quiet) say(summary_line(result, options));
  return conclude(result, options, interrupt, call);
}

}  // namespace twin::cli
