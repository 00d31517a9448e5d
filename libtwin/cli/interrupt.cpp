// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/interrupt.hpp>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/terminal.hpp>

namespace twin::cli {
namespace {

/// SIGUSR1 wakes the waiting thread at the end.
sigset_t waited_for() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t set = waited_for();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  waiter_ = std::thread([this] { wait(); });
}

Interrupt::~Interrupt() {
  is_over_ = true;
  pthread_kill(waiter_.native_handle(), SIGUSR1);
  waiter_.join();
  const sigset_t set = waited_for();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Interrupt::wait() {
  const sigset_t set = waited_for();
  while (true) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) return;
    if (is_over_) return;
    if (signal == SIGUSR1) continue;
    if (stop_.stop_requested()) _exit(exit_interrupted);
    say("\nstopping after what is running; once more to quit at once\n");
    stop_.request_stop();
  }
}

}  // namespace twin::cli
