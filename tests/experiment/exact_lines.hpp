// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include <tests/support/flow_line_designs.hpp>

/// Lines of exponential machines, saturated, blocking after service, solved exactly: for problems of buffer allocation whose
/// answer a search must find.
namespace twin::test {

/// Parts per unit of time. @param rates  of the machines. @param places  between them, the machines' own not counted.
///
/// A state holds for each machine but the first the parts that have come to it and are not worked: those that wait, the one in
/// work, and a finished one that blocks the machine before.
inline double exact_throughput(const std::vector<double>& rates, const std::vector<int>& places) {
  const std::size_t machines = rates.size();
  using State = std::vector<int>;
  const auto is_blocked = [&](const State& s) {
    std::vector<bool> blocked(machines, false);
    for (std::size_t i = machines - 1; i-- > 0;) {
      const int room = places[i] + 1 + (blocked[i + 1] ? 0 : 1);
      blocked[i] = s[i] >= room;
    }
    return blocked;
  };
  std::map<State, std::size_t> numbers{{State(machines - 1, 0), 0}};
  std::vector<State> states{State(machines - 1, 0)};
  struct Step {
    std::size_t from, to;
    double rate;
  };
  std::vector<Step> steps;
  for (std::size_t from = 0; from < states.size(); ++from) {
    const State here = states[from];
    const std::vector<bool> blocked = is_blocked(here);
    for (std::size_t i = 0; i < machines; ++i) {
      if (blocked[i] || (i > 0 && here[i - 1] == 0)) continue;
      State next = here;
      if (i > 0) --next[i - 1];
      if (i + 1 < machines) ++next[i];
      const auto [found, is_new] = numbers.emplace(next, states.size());
      if (is_new) states.push_back(next);
      steps.push_back({from, found->second, rates[i]});
    }
  }
  const std::size_t count = states.size();
  std::vector<double> matrix(count * count);
  for (const Step& step : steps) matrix[step.from * count + step.to] += step.rate;
  const std::vector<double> law = twin_test::stationary(matrix, count, count);
  double throughput = 0;
  for (std::size_t s = 0; s < count; ++s) {
    if (states[s].back() > 0) throughput += law[s] * rates.back();
  }
  return throughput;
}

/// The best way to share `total` places, by solving all of them.
struct BestAllocation {
  std::vector<int> places;
  double throughput = 0;
};

inline BestAllocation best_allocation(const std::vector<double>& rates, int total) {
  BestAllocation best;
  std::vector<int> places(rates.size() - 1);
  const auto choose = [&](auto& self, std::size_t i, int left) -> void {
    if (i + 1 == places.size()) {
      places[i] = left;
      const double throughput = exact_throughput(rates, places);
      if (throughput > best.throughput) best = {places, throughput};
      return;
    }
    for (places[i] = 0; places[i] <= left;) {
      const int here = places[i];
      self(self, i + 1, left - here);
      places[i] = here + 1;
    }
  };
  choose(choose, 0, total);
  return best;
}

}  // namespace twin::test
