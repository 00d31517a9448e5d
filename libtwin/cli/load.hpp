// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <libtwin/cli/options.hpp>
#include <libtwin/core/error.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::cli {

/// A scenario that has been read without errors.
struct Loaded {
  ReadResult read;

  /// Where relative file names of the scenario start.
  std::string folder;

  [[nodiscard]] const Scenario& scenario() const { return read.scenario; }
};

/// Reads a file or, for `-`, standard input; says on standard error what is wrong with it.
/// @throws Failure: `exit_usage` when only the settings of the command line are wrong, else `exit_bad_file`.
/// @param also_check  as `ReadOptions::also_check`.
[[nodiscard]] Loaded load(const std::string& file, const std::vector<Setting>& settings, const Options& options,
                          std::function<std::vector<Diagnostic>(const Factory&)> also_check = {});

/// Says what is wrong with a scenario that could be read but not used.
void say_diagnostics(const std::vector<Diagnostic>& diagnostics, const std::string& file, const Options& options);

}  // namespace twin::cli
