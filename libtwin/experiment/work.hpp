// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

namespace twin {

/// Runs `task(index, worker)` for every index in [0, count), on `threads` threads, in no particular order; `worker` is in
/// [0, threads). Threads take indices one by one from a common counter, so none waits while there is work.
///
/// Results must be written by index and reduced in the order of indices: then they do not depend on the number of
/// threads. The first exception of a task stops the handing out and is thrown here when all threads have ended.
/// @param threads  0 for as many as the machine has. One thread runs in the caller.
/// @param keep_going  asked before each index; false stops the handing out.
void run_parallel(std::size_t count, unsigned threads,
                  const std::function<void(std::size_t index, unsigned worker)>& task,
                  const std::function<bool()>& keep_going = {});

/// `threads`, or the number of processors this process may use when it is 0.
[[nodiscard]] unsigned thread_count(unsigned threads);

}  // namespace twin
