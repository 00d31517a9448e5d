// SPDX-License-Identifier: Apache-2.0
#include <sched.h>

#include <atomic>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <libtwin/experiment/work.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

TEST_CASE("every index is worked on once, whatever the number of threads", "[work]") {
  for (const unsigned threads : {1U, 2U, 7U, 40U}) {
    std::vector<int> seen(1000, 0);
    std::atomic<unsigned> highest{0};
    twin::run_parallel(seen.size(), threads, [&](std::size_t i, unsigned worker) {
      ++seen[i];
      unsigned before = highest;
      while (worker > before && !highest.compare_exchange_weak(before, worker)) {
      }
    });
    CHECK(std::accumulate(seen.begin(), seen.end(), 0) == 1000);
    CHECK(*std::min_element(seen.begin(), seen.end()) == 1);
    CHECK(highest < threads);
  }
}

TEST_CASE("no work starts no thread", "[work]") {
  bool is_called = false;
  twin::run_parallel(0, 4, [&](std::size_t, unsigned) { is_called = true; });
  CHECK_FALSE(is_called);
}

TEST_CASE("one thread works in the caller, in order", "[work]") {
  std::vector<std::size_t> order;
  twin::run_parallel(5, 1, [&](std::size_t i, unsigned) { order.push_back(i); });
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
}

TEST_CASE("the exception of a task is thrown where the work was asked for, and stops it", "[work]") {
  for (const unsigned threads : {1U, 3U}) {
    std::atomic<int> tasks{0};
    const auto task = [&](std::size_t i, unsigned) {
      ++tasks;
      if (i == 10) throw std::runtime_error("task " + std::to_string(i));
    };
    CHECK_THROWS_WITH(twin::run_parallel(1'000'000, threads, task), "task 10");
    CHECK(tasks < 1'000'000);
  }
}

TEST_CASE("of several exceptions the one with the lowest index is thrown", "[work]") {
  // Both tasks have begun before either throws.
  std::atomic<int> begun{0};
  const auto task = [&](std::size_t i, unsigned) {
    ++begun;
    while (begun < 2) {
    }
    throw std::runtime_error("task " + std::to_string(i));
  };
  CHECK_THROWS_WITH(twin::run_parallel(2, 2, task), "task 0");
}

TEST_CASE("work ends when it is told not to go on", "[work]") {
  std::atomic<int> tasks{0};
  twin::run_parallel(
      1'000'000, 2, [&](std::size_t, unsigned) { ++tasks; }, [&] { return tasks < 100; });
  CHECK(tasks >= 100);
  CHECK(tasks <= 102);
}

TEST_CASE("no thread is left when the work is done", "[work]") {
  const std::size_t before = twin::test::settled_threads(1);  // those of the tests before may still be ending
  for (int i = 0; i < 20; ++i) twin::run_parallel(100, 8, [](std::size_t, unsigned) {});
  CHECK(twin::test::settled_threads(before) == before);
}

TEST_CASE("as many threads are taken as processors may be used", "[work]") {
  CHECK(twin::thread_count(3) == 3);
  cpu_set_t before;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  CHECK(twin::thread_count(0) == static_cast<unsigned>(CPU_COUNT(&before)));
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  CHECK(twin::thread_count(0) == 1);
  sched_setaffinity(0, sizeof before, &before);
}
