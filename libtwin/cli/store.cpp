// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/interrupt.hpp>
#include <libtwin/cli/options.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/report/store.hpp>
#include <libtwin/report/wording.hpp>
#include <libtwin/results/store.hpp>
#include <libtwin/results/store_catalogue.hpp>
#include <libtwin/results/store_export.hpp>
#include <libtwin/results/store_merge.hpp>

/// Commands on the store of a sweep: status, merge, verify, export.
namespace twin::cli {
namespace {

struct StoreOptions : Options {
  std::string store;
};

Argument add_store(Parser& app, StoreOptions& options) {
  return app.option("STORE", options.store, "The folder that twin sweep --store made").required().type_name("");
}

// --- status ---

struct StatusOptions : StoreOptions {
  bool has_catalogue = false;
};

int status_command(const StatusOptions& options) {
  StoreStatus status;
  try {
    status = store_status(options.store);
  } catch (const FileError& error) {
    throw Failure(exit_bad_file, error.what());
  }
  if (options.has_catalogue) {
    for (const std::string& round : round_paths(options.store)) {
      const BlockStore store = BlockStore::open(round);
      const std::uint64_t blocks = rebuild_catalogue(store);
      if (!options.is_quiet) say(fmt::format("{} in {}\n", detail::plural(blocks, "block"), catalogue_path(store)));
    }
  }
  write_result(options.has_json ? status_json(status) : status_report(status));
  return exit_ok;
}

// --- merge ---

struct MergeOptions : Options {
  std::string target;
  std::vector<std::string> sources;
};

int merge_command(const MergeOptions& options) {
  MergeReport report;
  try {
    report = merge_stores(options.target, options.sources);
  } catch (const StoreMismatch& error) {
    throw Failure(exit_bad_file, error.what());
  } catch (const BlockConflict& error) {
    throw Failure(exit_check_failed, error.what());
  }
  write_result(options.has_json ? merge_json(report) : merge_report(report, options.target));
  return report.damaged.empty() ? exit_ok : exit_check_failed;
}

// --- verify ---

struct VerifyOptions : StoreOptions {
  RowChoice choice;
};

int verify_command(const VerifyOptions& options) {
  const Interrupt interrupt;
  const ExecutionOptions execution{.engine = engine_of(options), .threads = options.threads, .stop = interrupt.token()};
  VerifyReport report;
  try {
    report = verify_store(options.store, options.choice, execution, {});
  } catch (const FileError& error) {
    throw Failure(exit_bad_file, error.what());
  } catch (const std::out_of_range& error) {
    throw Failure(exit_usage, error.what());
  }
  if (interrupt.was_asked()) return exit_interrupted;
  write_result(options.has_json ? verify_json(report) : verify_report(report));
  return report.ok() ? exit_ok : exit_check_failed;
}

// --- export ---

struct ExportOptions : StoreOptions {
  std::string output;
  std::string format;
  std::size_t round = 0;
  bool is_partial = false;
};

std::string format_of(const ExportOptions& options) {
  if (!options.format.empty()) return options.format;
  const auto ends_with = [&](std::string_view end) { return std::string_view(options.output).ends_with(end); };
  if (ends_with(".npy")) return "npy";
  if (ends_with(".sqlite") || ends_with(".sqlite3") || ends_with(".db")) return "sqlite";
  if (ends_with(".csv")) return "csv";
  throw Failure(exit_usage,
                options.output + ": which format? Write a name that ends in .csv, .npy or .sqlite, or --format");
}

int export_command(const ExportOptions& options) {
  const std::string format = format_of(options);
  std::vector<std::string> rounds;
  try {
    rounds = round_paths(options.store);
  } catch (const FileError& error) {
    throw Failure(exit_bad_file, error.what());
  }
  if (options.round >= rounds.size()) {
    throw Failure(exit_usage, fmt::format("there is no round {}: the store has {}, from 0", options.round,
                                          detail::plural(rounds.size(), "round")));
  }
  const BlockStore store = BlockStore::open(rounds[options.round]);
  const MissingRows missing = options.is_partial ? MissingRows::leave_out : MissingRows::refuse;
  const auto write = format == "npy" ? export_npy : format == "sqlite" ? export_sqlite : export_csv;
  const std::uint64_t rows = write(store, options.output, missing);
  if (!options.is_quiet) say(fmt::format("{} in {}\n", detail::plural(rows, "row"), options.output));
  return exit_ok;
}

}  // namespace

Command add_status(Parser& parent) {
  Parser app = parent.command("status", "Say what a store holds and what is missing");
  const auto options = std::make_shared<StatusOptions>();
  add_store(app, *options);
  app.flag("--catalogue", options->has_catalogue,
           "Also write catalogue.sqlite anew: smallest, mean and largest of each column by block");
  add_output_options(app, *options);
  return {app, [options] { return status_command(*options); }};
}

Command add_merge(Parser& parent) {
  Parser app = parent.command("merge", "Bring the blocks of several stores of one sweep together");
  const auto options = std::make_shared<MergeOptions>();
  app.option("TARGET", options->target, "The store that gets them; made when it is not there").required().type_name("");
  app.option("STORES", options->sources, "Where they come from").required().type_name("");
  add_output_options(app, *options);
  app.footer(
      "Every block is verified on the way. Stores of different studies are refused, with what differs.\n"
      "Example:\n"
      "  twin merge all.twin node-1.twin node-2.twin\n");
  return {app, [options] { return merge_command(*options); }};
}

Command add_verify(Parser& parent) {
  Parser app = parent.command("verify", "Check a store, and make some of its rows again");
  const auto options = std::make_shared<VerifyOptions>();
  add_store(app, *options);
  app.option("--sample", options->choice.sample, "How many rows to make again, chosen by chance").type_name("N");
  app.option("--seed", options->choice.seed, "Seed of that choice").type_name("N");
  app.option("--row", options->choice.rows, "Make this row again, by its number; may be repeated")
      .type_name("N")
      .takes_one();
  add_execution_options(app, *options);
  add_engine_option(app, *options);
  app.footer(
      "Reads every block and its checksum. The rows are simulated from nothing but the store, and all bits compared.\n"
      "Examples:\n"
      "  twin verify sweep.twin --sample 1000\n"
      "  twin verify sweep.twin --row 123456\n");
  return {app, [options] { return verify_command(*options); }};
}

Command add_export(Parser& parent) {
  Parser app = parent.command("export", "Write the rows of a store as CSV, NPY or SQLite");
  const auto options = std::make_shared<ExportOptions>();
  add_store(app, *options);
  app.option("-o,--output", options->output, "The file; its ending says the format").required().type_name("FILE");
  app.option("--format", options->format, "csv, npy or sqlite, whatever the ending")
      .type_name("NAME")
      .one_of({"csv", "npy", "sqlite"});
  app.option("--round", options->round, "The rows of a later round").type_name("K");
  app.flag("--partial", options->is_partial, "Also from a store in which blocks are missing");
  add_output_options(app, *options);
  app.footer(
      "A row for each run: design, replication, the measures in SI units, the status.\n"
      "Examples:\n"
      "  twin export sweep.twin --output runs.csv\n"
      "  twin export sweep.twin --output runs.npy\n");
  return {app, [options] { return export_command(*options); }};
}

}  // namespace twin::cli
