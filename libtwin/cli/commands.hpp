// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include <libtwin/cli/parser.hpp>
#include <libtwin/cli/program.hpp>

namespace twin::cli {

/// A subcommand: its place in the parser, and what it does. Returns an exit code; @throws Failure, FileError, ModelError.
struct Command {
  Parser app;
  std::function<int()> run;
};

/// How the program was called.
struct Call {
  /// To be printed where it could be called again.
  std::string text;

  /// The processes it works with.
  Team team{};
};

[[nodiscard]] Command add_new(Parser& parent);
[[nodiscard]] Command add_check(Parser& parent);
[[nodiscard]] Command add_run(Parser& parent, const Call& call);
[[nodiscard]] Command add_sweep(Parser& parent, const Call& call);
[[nodiscard]] Command add_optimize(Parser& parent);
[[nodiscard]] Command add_resume(Parser& parent, const Call& call);
[[nodiscard]] Command add_status(Parser& parent);
[[nodiscard]] Command add_merge(Parser& parent);
[[nodiscard]] Command add_verify(Parser& parent);
[[nodiscard]] Command add_export(Parser& parent);
[[nodiscard]] Command add_compare(Parser& parent, const Call& call);
[[nodiscard]] Command add_sensitivity(Parser& parent, const Call& call);
[[nodiscard]] Command add_draw(Parser& parent);
[[nodiscard]] Command add_schema(Parser& parent);
[[nodiscard]] Command add_explain(Parser& parent);

}  // namespace twin::cli
