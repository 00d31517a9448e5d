// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/work.hpp>

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace twin {
namespace {

/// What the threads of one call share.
struct Shared {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> is_stopping{false};
  std::mutex mutex;
  std::exception_ptr error;
  std::size_t error_index = std::numeric_limits<std::size_t>::max();

  // Several tasks may throw before all threads have heard of the first: the one with the lowest index is kept, so that
  // the same mistake is reported again and again.
  void keep(std::exception_ptr thrown, std::size_t index) {
    const std::scoped_lock lock(mutex);
    is_stopping = true;
    if (error && index >= error_index) return;
    error = std::move(thrown);
    error_index = index;
  }
};

}  // namespace

unsigned thread_count(unsigned threads) {
  if (threads != 0) return threads;
  // Not hardware_concurrency(): in a container or under taskset fewer processors may be ours than the machine has.
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  return std::max(1U, std::thread::hardware_concurrency());
}

void run_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t, unsigned)>& task,
                  const std::function<bool()>& keep_going) {
  Shared shared;
  const auto work = [&](unsigned worker) {
    std::size_t index = 0;
    try {
      while (!shared.is_stopping && (!keep_going || keep_going())) {
        index = shared.next.fetch_add(1, std::memory_order_relaxed);
        if (index >= count) return;
        task(index, worker);
      }
    } catch (...) {
      shared.keep(std::current_exception(), index);
    }
  };
  const std::size_t workers = std::min<std::size_t>(thread_count(threads), count);
  {
    std::vector<std::jthread> others;
    try {
      others.reserve(workers);
      for (unsigned worker = 1; worker < workers; ++worker) others.emplace_back(work, worker);
    } catch (const std::system_error&) {
      // The machine gives no more threads; those there are do the work, with the same results.
    }
    work(0);
  }
  if (shared.error) std::rethrow_exception(shared.error);
}

}  // namespace twin
