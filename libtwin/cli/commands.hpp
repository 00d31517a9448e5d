// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include <libtwin/cli/program.hpp>

namespace twin::cli {

/// A subcommand: its place in the parser, and what it does. Returns an exit code; @throws Failure, FileError, ModelError.
struct Command {
  CLI::App* app = nullptr;
  std::function<int()> run;
};

/// How the program was called.
struct Call {
  /// To be printed where it could be called again.
  std::string text;

  /// The processes it works with.
  Team team{};
};

[[nodiscard]] Command add_new(CLI::App& parent);
[[nodiscard]] Command add_check(CLI::App& parent);
[[nodiscard]] Command add_run(CLI::App& parent, const Call& call);
[[nodiscard]] Command add_sweep(CLI::App& parent, const Call& call);
[[nodiscard]] Command add_optimize(CLI::App& parent);
[[nodiscard]] Command add_resume(CLI::App& parent, const Call& call);
[[nodiscard]] Command add_status(CLI::App& parent);
[[nodiscard]] Command add_merge(CLI::App& parent);
[[nodiscard]] Command add_verify(CLI::App& parent);
[[nodiscard]] Command add_export(CLI::App& parent);
[[nodiscard]] Command add_compare(CLI::App& parent, const Call& call);
[[nodiscard]] Command add_sensitivity(CLI::App& parent, const Call& call);
[[nodiscard]] Command add_draw(CLI::App& parent);
[[nodiscard]] Command add_schema(CLI::App& parent);
[[nodiscard]] Command add_explain(CLI::App& parent);

}  // namespace twin::cli
