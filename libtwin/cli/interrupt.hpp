// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace twin::cli {

/// While one exists, the first Ctrl-C (or SIGTERM) asks the work to stop and a second one ends the program at once.
///
/// Signals are waited for by a thread: in a handler almost nothing is allowed, not even asking a stop source. Make it
/// before other threads begin, which inherit the blocked signals.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
  [[nodiscard]] bool was_asked() const { return stop_.stop_requested(); }

 private:
  void wait();

  std::stop_source stop_;
  std::atomic<bool> is_over_{false};
  std::thread waiter_;
};

}  // namespace twin::cli
