// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libtwin/experiment/study_store.hpp>

namespace twin::cli {

/// Processes that work at one study together.
struct Team {
  /// Shares the blocks out; null for a process that works alone.
  BlockDispenser* dispenser = nullptr;

  /// Whether this process prints the result and the progress; all of them say their errors.
  bool speaks = true;
};

/// The whole program; returns its exit code. For a team only the commands that a team can do.
[[nodiscard]] int run_program(int argc, const char* const* argv, const Team& team = {});

}  // namespace twin::cli
