// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <libtwin/cli/program.hpp>

int main(int argc, char** argv) {
  // A reader that goes away and a limit on the size of files are errors like a full disk: writing fails and says so.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return twin::cli::run_program(argc, argv);
}
