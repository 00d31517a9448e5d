// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <libtwin/experiment/study_store.hpp>

namespace twin {

/// The place of this process among those that `mpirun` or `srun` started.
struct MpiPlace {
  int rank = 0;
  int size = 1;
};

/// MPI for as long as it exists; make one, first thing in `main`. Only this thread may use MPI.
class MpiSession {
 public:
  MpiSession(int* argc, char*** argv);
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
  ~MpiSession();

  [[nodiscard]] MpiPlace place() const;

  /// Ends all processes of the session at once: for an error that the others would wait for in vain.
  void end_all(int code);
};

/// Blocks for all processes of MPI_COMM_WORLD, from one counter: whoever is done with some asks for more, so fast and slow
/// machines end together. All processes must run the same study on the same store, in a file system that all see.
/// @pre an MpiSession; `begin` and `finish` are called by all processes, always from the thread that made the session.
[[nodiscard]] std::unique_ptr<BlockDispenser> mpi_dispenser();

}  // namespace twin
