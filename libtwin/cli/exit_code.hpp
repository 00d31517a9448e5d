// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace twin::cli {

/// What the program tells its caller; scripts rely on these.
enum ExitCode : int {
  exit_ok = 0,
  exit_check_failed = 1,  ///< it ran, but a check or a condition failed
  exit_usage = 2,         ///< the command line cannot be understood
  exit_bad_file = 3,      ///< an input file is wrong
  exit_run_failed = 4,    ///< a run failed, or a result could not be written
  exit_some_failed = 5,   ///< some scenarios of a study failed
  exit_interrupted = 130,
};

/// Ends a command with a code. `what()` is said to the user; empty when all has been said.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace twin::cli
