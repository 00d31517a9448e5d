// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/interrupt.hpp>
#include <libtwin/cli/options.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::cli {

/// What `sweep` and `resume` share.
struct StudyOptions : Options {
  std::string output;
  std::size_t top = 10;
  std::string store;
  std::string shard;
};

/// `--output`, `--top`, `--shard`.
void add_study_options(Parser& app, StudyOptions& options);

/// Where the study keeps its rows. @throws Failure for a shard that cannot be, and for a team without a store.
[[nodiscard]] StudyStore store_of(const StudyOptions& options, const Team& team);

/// Units of the factors in a table of designs, where values of the model stand in SI units; empty for parameters and texts.
[[nodiscard]] std::vector<std::string> units_of_factors(Factory factory, const DesignTable& design);

/// Runs the study with progress, prints what was found and says how it ended: the exit code.
/// @param folder  where relative file names of the scenario start.
[[nodiscard]] int run_and_print(const Scenario& scenario, const std::string& folder, const StudyOptions& options,
                                const Interrupt& interrupt, const Call& call);

}  // namespace twin::cli
