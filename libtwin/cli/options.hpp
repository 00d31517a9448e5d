// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libtwin/cli/parser.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::cli {

/// Options that commands share, as written on the command line.
struct Options {
  std::string file;
  std::vector<std::string> settings;
  std::optional<std::int64_t> replications;
  std::string horizon;
  std::string warmup;
  std::optional<std::int64_t> seed;
  unsigned threads = 0;
  std::string engine = "auto";
  bool has_json = false;
  bool is_quiet = false;
  std::string colour = "auto";
  std::string progress = "auto";
};

void add_file(Parser& app, Options& options);
void add_settings(Parser& app, Options& options);
void add_output_options(Parser& app, Options& options);
/// `--threads`, `--progress` and those of the output.
void add_execution_options(Parser& app, Options& options);
void add_run_options(Parser& app, Options& options);
void add_engine_option(Parser& app, Options& options);

/// The file argument. @throws Failure when there is none: asked for here, not by the parser, so that a mistyped option
/// is named before a missing file.
[[nodiscard]] const std::string& required_file(const Options& options);

/// What `--set`, `--horizon` and so on change in the file. @throws Failure for a setting without `=`.
/// @param is_study  `--replications` then means those of each design.
[[nodiscard]] std::vector<Setting> settings_of(const Options& options, bool is_study);

/// The engine that `--engine` names.
[[nodiscard]] EngineChoice engine_of(const Options& options);

}  // namespace twin::cli
