// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <libtwin/cli/program.hpp>

int main(int argc, char** argv) {
  // A reader that goes away is an error like a full disk: writing fails and says so.
  std::signal(SIGPIPE, SIG_IGN);
  return twin::cli::run_program(argc, argv);
}
