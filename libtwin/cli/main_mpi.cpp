// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/program.hpp>
#include <libtwin/mpi/mpi_dispenser.hpp>

/// `twin sweep` and `twin resume` by all processes that mpirun starts, on one store. The first process speaks.
int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  twin::MpiSession session(&argc, &argv);
  int code = 0;
  {
    const auto dispenser = twin::mpi_dispenser();
    code = twin::cli::run_program(argc, argv, {dispenser.get(), session.place().rank == 0});
    // The others may wait for a process that has given up.
    const bool has_given_up = code == twin::cli::exit_usage || code == twin::cli::exit_bad_file;
    if (has_given_up || code == twin::cli::exit_run_failed) session.end_all(code);
  }
  return code;
}
