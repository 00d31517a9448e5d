// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <libtwin/model/factory.hpp>

/// The factories that are timed; time unit 1 s. Each has a twin in benchmarks/simpy and benchmarks/textbook.
namespace twin::bench {

/// One queue, one server, load 0.9.
inline Factory mm1() {
  Factory f("mm1");
  f.source("arrivals", {.arrivals = exponential(1.0 / 0.9)});
  f.buffer("queue");
  f.machine("server", {.cycle = exponential(1.0)});
  f.sink("done");
  f.flow("arrivals -> queue -> server -> done");
  return f;
}

/// `machines` in series, never starved, blocking after service, `places` between neighbours.
inline Factory line(int machines, int places) {
  Factory f("line" + std::to_string(machines));
  f.source("supply");
  f.sink("done");
  std::string flow = "supply";
  for (int k = 0; k < machines; ++k) {
    const std::string name = "m" + std::to_string(k + 1);
    f.machine(name, {.cycle = exponential(1.0)});
    flow += " -> " + name;
    if (k + 1 < machines) {
      f.buffer("b" + std::to_string(k + 1), {.capacity = places});
      flow += " -> b" + std::to_string(k + 1);
    }
  }
  f.flow(flow + " -> done");
  return f;
}

/// A job shop: every part makes about `operations` operations at machines chosen at random, load 0.8, unlimited queues.
inline Factory shop(int machines, int operations) {
  Factory f("shop" + std::to_string(machines));
  const double rate = 0.8 * machines / operations;
  f.source("jobs", {.arrivals = exponential(1.0 / rate)});
  f.sink("done");
  for (int k = 0; k < machines; ++k) {
    const std::string number = std::to_string(k);
    f.buffer("q" + number);
    f.machine("m" + number, {.cycle = exponential(1.0)});
    f.arrows.push_back({"q" + number, "m" + number});
    // Ten neighbours, spread over the shop; the share of leaving gives the mean number of operations.
    for (int j = 1; j <= 9; ++j) {
      const int next = (k + j * j * 37 + 11 * j) % machines;
      f.arrows.push_back({"m" + number, "q" + std::to_string(next), RouteKind::share, (1.0 - 1.0 / operations) / 9.0});
    }
    f.arrows.push_back({"m" + number, "done", RouteKind::otherwise});
  }
  for (int k = 0; k < machines; ++k) {
    f.arrows.push_back({"jobs", "q" + std::to_string(k), RouteKind::share, 1.0 / machines});
  }
  return f;
}

}  // namespace twin::bench
