// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <vector>

/// Discrete-event simulation as textbooks show it: closures in a `std::priority_queue`, objects for machines and parts,
/// a Mersenne twister. No statistics beyond a count. The peer that engine timings are ratios of.
namespace twin::textbook {

class Simulator {
 public:
  void at(double time, std::function<void()> action) { events_.push({time, next_++, std::move(action)}); }
  void after(double delay, std::function<void()> action) { at(now_ + delay, std::move(action)); }
  [[nodiscard]] double now() const { return now_; }
  double exponential(double mean) { return std::exponential_distribution<double>(1.0 / mean)(random_); }
  void seed(std::uint64_t seed) { random_.seed(seed); }

  void run(double until) {
    while (!events_.empty() && events_.top().time <= until) {
      Event event = std::move(const_cast<Event&>(events_.top()));
      events_.pop();
      now_ = event.time;
      event.action();
    }
  }

 private:
  struct Event {
    double time;
    std::uint64_t number;
    std::function<void()> action;
    bool operator<(const Event& other) const { return time != other.time ? time > other.time : number > other.number; }
  };
  std::priority_queue<Event> events_;
  std::mt19937_64 random_{1};
  double now_ = 0;
  std::uint64_t next_ = 0;
};

struct Part {
  double entered = 0;
};

class Machine {
 public:
  Machine(Simulator& simulator, double mean, std::size_t places, std::uint64_t& operations)
      : simulator_(simulator), mean_(mean), places_(places), operations_(operations) {}

  void connect(Machine* upstream, Machine* downstream) {
    upstream_ = upstream;
    downstream_ = downstream;
  }

  /// The first machine of a saturated line draws its parts from nowhere.
  void never_starve() {
    never_starved_ = true;
    start();
  }

  [[nodiscard]] bool has_room() const { return queue_.size() < places_ || (!busy_ && !finished_); }

  void accept(std::shared_ptr<Part> part) {
    queue_.push_back(std::move(part));
    if (!busy_ && !finished_) start();
  }

 private:
  void start() {
    std::shared_ptr<Part> part;
    if (never_starved_) {
      part = std::make_shared<Part>(Part{simulator_.now()});
    } else if (!queue_.empty()) {
      part = std::move(queue_.front());
      queue_.pop_front();
      if (upstream_ != nullptr) upstream_->try_leave();
    } else {
      return;
    }
    busy_ = true;
    simulator_.after(simulator_.exponential(mean_), [this, part = std::move(part)]() mutable {
      busy_ = false;
      ++operations_;
      finished_ = std::move(part);
      try_leave();
    });
  }

  void try_leave() {
    if (!finished_ || (downstream_ != nullptr && !downstream_->has_room())) return;
    std::shared_ptr<Part> part = std::move(finished_);
    finished_.reset();
    if (downstream_ != nullptr) downstream_->accept(std::move(part));
    if (!busy_) start();
  }

  Simulator& simulator_;
  double mean_;
  std::size_t places_;
  std::uint64_t& operations_;
  Machine* upstream_ = nullptr;
  Machine* downstream_ = nullptr;
  std::deque<std::shared_ptr<Part>> queue_;
  std::shared_ptr<Part> finished_;
  bool busy_ = false;
  bool never_starved_ = false;
};

/// Operations done by the time `horizon`.
inline std::uint64_t run_mm1(double horizon, std::uint64_t seed) {
  Simulator simulator;
  simulator.seed(seed);
  std::uint64_t operations = 0;
  Machine server(simulator, 1.0, SIZE_MAX, operations);
  std::function<void()> arrive = [&] {
    server.accept(std::make_shared<Part>(Part{simulator.now()}));
    simulator.after(simulator.exponential(1.0 / 0.9), arrive);
  };
  simulator.after(simulator.exponential(1.0 / 0.9), arrive);
  simulator.run(horizon);
  return operations;
}

inline std::uint64_t run_line(int machines, std::size_t places, double horizon, std::uint64_t seed) {
  Simulator simulator;
  simulator.seed(seed);
  std::uint64_t operations = 0;
  std::vector<std::unique_ptr<Machine>> line;
  for (int k = 0; k < machines; ++k) line.push_back(std::make_unique<Machine>(simulator, 1.0, places, operations));
  for (std::size_t k = 0; k < line.size(); ++k) {
    line[k]->connect(k > 0 ? line[k - 1].get() : nullptr, k + 1 < line.size() ? line[k + 1].get() : nullptr);
  }
  line[0]->never_starve();
  simulator.run(horizon);
  return operations;
}

}  // namespace twin::textbook
