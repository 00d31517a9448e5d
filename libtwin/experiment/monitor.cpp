// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/monitor.hpp>

#include <time.h>

#include <utility>

namespace twin::detail {
namespace {

constexpr std::int64_t kBetweenReportsNs = 100'000'000;

}  // namespace

double process_cpu_s() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

Monitor::Monitor(const ExecutionOptions& options, std::uint64_t total)
    : options_(options), total_(total), pass_on_(options.stop, PassOn{&stop_}) {}

double Monitor::elapsed_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Monitor::count_run() {
  done_.fetch_add(1, std::memory_order_relaxed);
  tick();
}

bool Monitor::tick() {
  if (!options_.on_progress) return keeps_going();
  const auto now =
      std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start_).count();
  if (now < next_report_ns_.load(std::memory_order_relaxed)) return keeps_going();
  // Who finds another thread reporting goes on with its work.
  const std::unique_lock lock(report_mutex_, std::try_to_lock);
  if (!lock.owns_lock() || now < next_report_ns_.load(std::memory_order_relaxed)) return keeps_going();
  next_report_ns_.store(now + kBetweenReportsNs, std::memory_order_relaxed);
  report();
  return keeps_going();
}

void Monitor::finish() {
  if (!options_.on_progress) return;
  const std::scoped_lock lock(report_mutex_);
  report();
}

void Monitor::report() {
  Progress progress;
  progress.done = done_.load(std::memory_order_relaxed);
  progress.total = total_;
  progress.elapsed_s = elapsed_s();
  {
    const std::scoped_lock lock(best_mutex_);
    progress.best = best_;
  }
  if (!options_.on_progress(progress)) stop_.request_stop();
}

void Monitor::set_best(std::string text) {
  const std::scoped_lock lock(best_mutex_);
  best_ = std::move(text);
}

}  // namespace twin::detail
