// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/interrupt.hpp>
#include <libtwin/cli/load.hpp>
#include <libtwin/cli/options.hpp>
#include <libtwin/cli/progress.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/experiment/compare.hpp>
#include <libtwin/experiment/work.hpp>
#include <libtwin/report/json.hpp>
#include <libtwin/report/text.hpp>
#include <libtwin/report/wording.hpp>
#include <libtwin/scenario/lexer.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin::cli {
namespace {

struct ComparisonOptions : Options {
  std::vector<std::string> files;
  std::vector<std::string> with;
  std::vector<std::string> measures;
  double level = kDefaultLevel;
};

/// `buffer.b1.capacity=12; crew.maintenance.size=2` as settings.
std::vector<Setting> settings_of_variant(const std::string& text) {
  std::vector<Setting> settings;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(';', begin), text.size());
    const std::string_view one = detail::trim(std::string_view(text).substr(begin, end - begin));
    const std::size_t sign = one.find('=');
    if (sign == std::string_view::npos || sign == 0) {
      throw Failure(exit_usage, "--with '" + text +
                                    "': write paths with '=' and a value, with ';' between them, as in "
                                    "--with 'buffer.b1.capacity=12; crew.maintenance.size=2'");
    }
    settings.emplace_back(detail::trim(one.substr(0, sign)), detail::trim(one.substr(sign + 1)));
    begin = end + 1;
  }
  return settings;
}

/// `lead=p95(lead_time)`, or an expression that is its own name.
Measure measure_of(const std::string& text) {
  const std::size_t sign = text.find('=');
  const std::string name(detail::trim(std::string_view(text).substr(0, sign)));
  const bool has_name = sign != std::string::npos && detail::is_word(name) && text.find("==") != sign;
  return has_name ? Measure{name, std::string(detail::trim(std::string_view(text).substr(sign + 1)))}
                  : Measure{std::string(detail::trim(text)), text};
}

/// What `--measure` says, else the measures of the file, else those of `compare`.
std::vector<Measure> measures_of(const ComparisonOptions& options, const Scenario& base) {
  std::vector<Measure> measures;
  for (const std::string& text : options.measures) measures.push_back(measure_of(text));
  if (!measures.empty() || !base.study) return measures;
  const std::vector<Measure> unsaid{{"throughput", "throughput"}};
  return base.study->measures == unsaid ? measures : base.study->measures;
}

std::string name_of_file(const std::string& file) {
  return file == "-" ? "standard input" : std::filesystem::path(file).stem().string();
}

/// Stems when they differ, else the files as they were written.
std::vector<std::string> names_of_files(const std::vector<std::string>& files) {
  std::vector<std::string> names;
  std::transform(files.begin(), files.end(), std::back_inserter(names), name_of_file);
  std::vector<std::string> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end() ? names : files;
}

/// The files, then the first of them with the changes of each `--with`.
std::vector<Variant> variants_of(const ComparisonOptions& options, std::vector<Loaded>& loaded) {
  const std::vector<Setting> common = settings_of(options, false);
  const std::vector<std::string> names = names_of_files(options.files);
  std::vector<Variant> variants;
  for (std::size_t i = 0; i < options.files.size(); ++i) {
    loaded.push_back(load(options.files[i], common, options));
    variants.push_back({names[i], loaded.back().scenario().factory});
  }
  for (const std::string& with : options.with) {
    std::vector<Setting> settings = common;
    for (Setting& setting : settings_of_variant(with)) settings.push_back(std::move(setting));
    loaded.push_back(load(options.files.front(), settings, options));
    variants.push_back({with, loaded.back().scenario().factory});
  }
  return variants;
}

void check_usage(const ComparisonOptions& options) {
  if (options.files.empty()) {
    throw Failure(exit_usage,
                  "no scenario file is given; for example: twin compare line.toml --with buffer.b1.capacity=12");
  }
  if (options.files.size() + options.with.size() < 2) {
    throw Failure(exit_usage, "there is nothing to compare " + options.files.front() +
                                  " with: name a second file, or say what is different by --with PATH=VALUE");
  }
  const auto inputs = std::count(options.files.begin(), options.files.end(), "-");
  if (inputs > 1 || (options.files.front() == "-" && !options.with.empty()))
    throw Failure(exit_usage, "standard input can be read once only; write a file");
}

int conclude(const Comparison& c, const ComparisonOptions& options, const Interrupt& interrupt, const Call& call) {
  if (interrupt.was_asked()) {
    say(fmt::format("interrupted; all replications: {}\n", call.text));
    return exit_interrupted;
  }
  if (c.failed_runs == 0) return exit_ok;
  const auto sound =
      std::count_if(c.variants.begin(), c.variants.end(), [](const VariantResult& v) { return v.n > 0; });
  say_error(fmt::format("{} did not end well", detail::plural(c.failed_runs, "run")), options.colour);
  return sound == 0 ? exit_run_failed : exit_some_failed;
}

int compare_command(const ComparisonOptions& options, const Call& call) {
  const Interrupt interrupt;
  check_usage(options);
  std::vector<Loaded> loaded;
  const std::vector<Variant> variants = variants_of(options, loaded);
  const Scenario& base = loaded.front().scenario();
  if (base.factory.run.replications < 2)
    throw Failure(exit_usage, "a comparison needs two replications or more: --replications 30");
  CompareOptions compare_options{.measures = measures_of(options, base), .level = options.level};
  if (base.study && !base.study->common_random_numbers) compare_options.numbers = RandomNumbers::independent;
  ProgressLine progress("runs", options);
  ExecutionOptions execution{.engine = engine_of(options), .threads = options.threads, .stop = interrupt.token()};
  execution.on_progress = [&](const Progress& p) { return progress.show(p), true; };
  const Comparison comparison = compare(variants, compare_options, execution);
  progress.clear();
  const bool has_rows = std::any_of(comparison.variants.begin(), comparison.variants.end(),
                                    [](const VariantResult& v) { return v.n > 0; });
  if (has_rows || !interrupt.was_asked()) {
    ReportOptions report;
    report.has_colour = has_colour(options.colour, STDOUT_FILENO);
    report.threads = thread_count(options.threads);
    write_result(options.has_json ? compare_json(comparison) : compare_report(comparison, report));
  }
  return conclude(comparison, options, interrupt, call);
}

}  // namespace

Command add_compare(Parser& parent, const Call& call) {
  Parser app = parent.command(
      "compare", "Run variants on the same random numbers and say which differences to the first are real");
  const auto options = std::make_shared<ComparisonOptions>();
  app.option("FILE", options->files, "Scenario files; the first is the base").type_name("");
  app.option("--with", options->with, "A variant: the first file with these values, ';' between them; may be repeated")
      .type_name("PATH=VALUE")
      .takes_one();
  app.option("--measure", options->measures,
             "What to compare: p95(lead_time), or with a name: lead=mean(lead_time); may be repeated")
      .type_name("KPI")
      .takes_one();
  app.option("--level", options->level, "How sure all statements together shall be; 0.95")
      .type_name("P")
      .between(0.5, 0.999999);
  add_run_options(app, *options);
  add_engine_option(app, *options);
  app.footer(
      "Examples:\n"
      "  twin compare today.toml tomorrow.toml\n"
      "  twin compare line.toml --with buffer.b1.capacity=12 --with machine.weld.cycle.mean='39 s'\n"
      "  twin compare line.toml --with 'buffer.b1.capacity=12; buffer.b2.capacity=4' -r 100\n"
      "  twin compare line.toml --with crew.maintenance.size=2 --measure 'p95(lead_time)' --json | jq .differences\n");
  return {app, [options, &call] { return compare_command(*options, call); }};
}

}  // namespace twin::cli
