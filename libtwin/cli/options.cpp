// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/options.hpp>

#include <limits>

#include <libtwin/cli/exit_code.hpp>

namespace twin::cli {

void add_file(Parser& app, Options& options) {
  app.option("FILE", options.file, "Scenario file (TOML or JSON); - reads standard input").type_name("");
}

void add_settings(Parser& app, Options& options) {
  app.option("--set", options.settings, "Change a value by its path: --set machine.weld.cycle='39 s'; may be repeated")
      .type_name("PATH=VALUE")
      .takes_one();
}

void add_output_options(Parser& app, Options& options) {
  app.flag("--json", options.has_json, "Print the result as JSON");
  app.flag("-q,--quiet", options.is_quiet, "No progress, no warnings");
  app.option("--color", options.colour, "Colours: auto, always or never")
      .type_name("WHEN")
      .one_of({"auto", "always", "never"});
}

void add_execution_options(Parser& app, Options& options) {
  app.option("--threads", options.threads, "How many threads; 0 for all processors. Never changes a result")
      .type_name("N")
      .between(0U, 1024U);
  app.option("--progress", options.progress, "How to show it: auto, none, or json for a JSON object a line")
      .type_name("HOW")
      .one_of({"auto", "json", "none"});
  add_output_options(app, options);
}

void add_engine_option(Parser& app, Options& options) {
  app.option("--engine", options.engine, "Which engine: auto, event or lanes")
      .type_name("NAME")
      .one_of({"auto", "event", "lanes"});
}

void add_run_options(Parser& app, Options& options) {
  app.option("-r,--replications", options.replications,
             "How many replications; for sweep, of each design, without refinement; for compare, of each variant")
      .type_name("N")
      .between(std::int64_t{1}, std::int64_t{1000000000});
  app.option("--horizon", options.horizon, "How long a run lasts, warm-up included: '8 weeks'").type_name("TIME");
  app.option("--warmup", options.warmup, "When statistics begin: '2 days', or auto").type_name("TIME");
  app.option("--seed", options.seed, "Seed of all random numbers")
      .type_name("N")
      .between(std::int64_t{0}, std::numeric_limits<std::int64_t>::max());
  add_settings(app, options);
  add_execution_options(app, options);
}

const std::string& required_file(const Options& options) {
  if (options.file.empty()) throw Failure(exit_usage, "no scenario file is given; for example: twin run line.toml");
  return options.file;
}

std::vector<Setting> settings_of(const Options& options, bool is_study) {
  std::vector<Setting> settings;
  for (const std::string& text : options.settings) {
    const std::size_t sign = text.find('=');
    if (sign == std::string::npos || sign == 0) {
      throw Failure(exit_usage,
                    "--set " + text + ": write a path, '=' and a value, as in --set machine.weld.cycle='39 s'");
    }
    settings.emplace_back(text.substr(0, sign), text.substr(sign + 1));
  }
  if (options.replications) {
    settings.emplace_back(is_study ? "replicate.count" : "run.replications", std::to_string(*options.replications));
    // A number that is asked for is meant exactly.
    if (is_study) settings.emplace_back("replicate.until", "");
  }
  if (!options.horizon.empty()) settings.emplace_back("run.horizon", options.horizon);
  if (!options.warmup.empty()) settings.emplace_back("run.warmup", options.warmup);
  if (options.seed) settings.emplace_back("run.seed", std::to_string(*options.seed));
  return settings;
}

EngineChoice engine_of(const Options& options) {
  if (options.engine == "lanes") return EngineChoice::lanes;
  return options.engine == "event" ? EngineChoice::event : EngineChoice::automatic;
}

}  // namespace twin::cli
