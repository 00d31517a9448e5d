// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <string>

#include <libtwin/experiment/replicate.hpp>

namespace twin::detail {

/// Counts runs, reports how far the work is, and passes a stop on to every run. For all threads of an experiment.
class Monitor {
 public:
  Monitor(const ExecutionOptions& options, std::uint64_t total);

  /// A run has ended.
  void count_run();

  /// Reports when a tenth of a second has passed since the last report. False when the work is to stop.
  bool tick();

  /// The last report, whatever the time.
  void finish();

  [[nodiscard]] bool keeps_going() const { return !stop_.stop_requested(); }

  /// For `RunInput::stop`: asked for by the user's token or by the progress callback.
  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

  /// `more` runs are still to come.
  void expect(std::uint64_t more) { total_ = done_ + more; }

  /// The best design so far in words.
  void set_best(std::string text);

  [[nodiscard]] double elapsed_s() const;

 private:
  struct PassOn {
    std::stop_source* stop;
    void operator()() const { stop->request_stop(); }
  };

  void report();

  const ExecutionOptions& options_;
  std::atomic<std::uint64_t> total_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::stop_source stop_;
  std::stop_callback<PassOn> pass_on_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::int64_t> next_report_ns_{0};
  std::mutex report_mutex_;  // held while the user's callback runs
  std::mutex best_mutex_;
  std::string best_;
};

/// Processor time of the whole process [s].
[[nodiscard]] double process_cpu_s();

}  // namespace twin::detail
