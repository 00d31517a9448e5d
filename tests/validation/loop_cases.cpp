// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <tests/validation/cases.hpp>

// Loops with a fixed number of cards. With a source that is never starved, a line with such a loop over the whole of it is a
// closed network: a card that has come back stands for a part that waits before the first station.
namespace twin::validation {
namespace {

using Read = std::function<std::vector<double>(const RunResult&)>;

struct Closed {
  double rate = 0;

  /// Mean number of parts at each station of the network, waiting or in work.
  std::vector<double> level;
};

/// Mean value analysis of a ring of single exponential servers (Reiser and Lavenberg 1980): a part that comes to a station
/// sees there what is there on average with one part less.
Closed mean_values(const std::vector<double>& mu, int cards) {
  Closed c;
  c.level.assign(mu.size(), 0.0);
  for (int n = 1; n <= cards; ++n) {
    std::vector<double> stay(mu.size());
    for (std::size_t k = 0; k < mu.size(); ++k) stay[k] = (1 + c.level[k]) / mu[k];
    c.rate = n / std::accumulate(stay.begin(), stay.end(), 0.0);
    for (std::size_t k = 0; k < mu.size(); ++k) c.level[k] = c.rate * stay[k];
  }
  return c;
}

/// The same for stations of several servers, by convolution of their weights (Buzen 1973); the rate only.
double rate_by_convolution(const std::vector<double>& mu, const std::vector<int>& servers, int cards) {
  std::vector<double> g(static_cast<std::size_t>(cards) + 1, 0.0);
  g[0] = 1;
  for (std::size_t k = 0; k < mu.size(); ++k) {
    std::vector<double> weight(g.size(), 1.0);
    for (std::size_t n = 1; n < weight.size(); ++n) {
      weight[n] = weight[n - 1] / (mu[k] * std::min<double>(static_cast<double>(n), servers[k]));
    }
    std::vector<double> sum(g.size(), 0.0);
    for (std::size_t n = 0; n < g.size(); ++n) {
      for (std::size_t m = 0; m <= n; ++m) sum[n] += g[n - m] * weight[m];
    }
    g = sum;
  }
  return g[g.size() - 2] / g.back();
}

/// `in -> m1 -> b2 -> m2 -> … -> out` without limits, and one loop over all of it.
Factory ring(const std::vector<Distribution>& cycles, int cards) {
  Factory f("ring");
  f.source("in");
  std::string flow = "in";
  for (std::size_t k = 0; k < cycles.size(); ++k) {
    const std::string number = std::to_string(k + 1);
    if (k != 0) {
      f.buffer("b" + number);
      flow += " -> b" + number;
    }
    f.machine("m" + number, {.cycle = cycles[k]});
    flow += " -> m" + number;
  }
  f.sink("out");
  f.flow(flow + " -> out");
  f.loop("line", {.cards = cards, .from = "m1", .to = "m" + std::to_string(cycles.size())});
  return f;
}

Case make_case(std::string id, std::string model, std::string parameters, Factory factory, std::vector<Value> values,
               Read read) {
  Case c;
  c.id = std::move(id);
  c.model = std::move(model);
  c.parameters = std::move(parameters);
  c.values = std::move(values);
  c.precision = 0.3;
  c.make = [factory = std::move(factory), read = std::move(read)] { return plain(compile(factory), read); };
  return c;
}

std::vector<double> read_rate(const RunResult& r) { return {r.throughput_per_s()}; }

std::vector<Distribution> exponentials(const std::vector<double>& mu) {
  std::vector<Distribution> cycles;
  for (const double rate : mu) cycles.push_back(exponential(1 / rate));
  return cycles;
}

void add_rings(std::vector<Case>& cases) {
  const auto add = [&](const std::string& id, const std::string& model, const std::vector<double>& mu, int cards,
                       double rate) {
    const Closed closed = mean_values(mu, cards);
    // Parts in the factory: all cards but those that wait before the first station, where some are and one is in work.
    const double wip = cards - closed.level[0] + closed.rate / mu[0];
    cases.push_back(
        make_case(id, model, "mu = " + text(mu) + ", cards = " + std::to_string(cards), ring(exponentials(mu), cards),
                  {{"TH", rate, true}, {"WIP", wip, false}, {"W", wip / rate, false}}, [](const RunResult& r) {
                    return std::vector<double>{r.throughput_per_s(), r.mean_wip, r.mean_lead_s};
                  }));
  };
  for (const int cards : {1, 2, 4, 8, 12, 20}) {
    // N / (N + M - 1).
    add("conwip_" + std::to_string(cards), "CONWIP line of equal exponential stations, never starved", {1, 1, 1, 1},
        cards, cards / (cards + 3.0));
  }
  const std::vector<double> unbalanced{1.2, 1.0, 1.1, 1.3};
  for (const int cards : {3, 6, 10}) {
    add("conwip_unbalanced_" + std::to_string(cards), "CONWIP line of unequal exponential stations, never starved",
        unbalanced, cards, mean_values(unbalanced, cards).rate);
  }
}

void add_servers(std::vector<Case>& cases) {
  const std::vector<double> mu{0.6, 1.0, 0.4};
  const std::vector<int> servers{2, 1, 3};
  for (const int cards : {2, 5, 9}) {
    Factory f = ring(exponentials(mu), cards);
    for (std::size_t k = 0; k < servers.size(); ++k) f.stations[k].servers = servers[k];
    cases.push_back(make_case("conwip_servers_" + std::to_string(cards), "CONWIP line of parallel exponential machines",
                              "c = [2, 1, 3], mu = " + text(mu) + ", cards = " + std::to_string(cards), f,
                              {{"TH", rate_by_convolution(mu, servers, cards), true}}, read_rate));
  }
}

/// Constant times: as many as fit between two departures of one card, but no faster than the slowest.
void add_constants(std::vector<Case>& cases) {
  const std::vector<double> times{3, 5, 2, 4};
  for (const int cards : {1, 2, 3, 6}) {
    Factory f = ring({constant(3), constant(5), constant(2), constant(4)}, cards);
    Case c = make_case("conwip_constant_" + std::to_string(cards), "CONWIP line of constant times, never starved",
                       "times = " + text(times) + ", cards = " + std::to_string(cards), f,
                       {{"TH", std::min(cards / 14.0, 1 / 5.0), true}}, read_rate);
    // Whole rounds of 14 s and of 5 s.
    c.warmup_s = 700;
    c.fixed_span_s = 7000;
    cases.push_back(std::move(c));
  }
}

/// Two stages of kanban: the second lets a part out of the store of the first when it has a card, in no time. Finished parts of
/// the first that the second has not finished are a birth-death chain up to the cards of both.
void add_kanban(std::vector<Case>& cases) {
  struct Stages {
    double mu1;
    double mu2;
    int cards1;
    int cards2;
  };
  for (const Stages& s : {Stages{1, 1, 1, 1}, Stages{1, 1, 2, 2}, Stages{1, 1.25, 2, 3}}) {
    const int all = s.cards1 + s.cards2;
    const double ratio = s.mu1 / s.mu2;
    double sum = 0;
    for (int n = 0; n <= all; ++n) sum += std::pow(ratio, n);
    const double rate = s.mu1 * (1 - std::pow(ratio, all) / sum);
    Factory f("kanban");
    f.source("in");
    f.machine("m1", {.cycle = exponential(1 / s.mu1)});
    f.buffer("store");
    f.machine("release", {.cycle = constant(0)});
    f.buffer("queue");
    f.machine("m2", {.cycle = exponential(1 / s.mu2)});
    f.sink("out");
    f.flow("in -> m1 -> store -> release -> queue -> m2 -> out");
    f.loop("first", {.cards = s.cards1, .from = "m1", .to = "store"});
    f.loop("second", {.cards = s.cards2, .from = "release", .to = "m2"});
    cases.push_back(make_case("kanban_" + std::to_string(s.cards1) + "_" + std::to_string(s.cards2),
                              "two stages of kanban, exponential line, never starved",
                              "mu = " + text({s.mu1, s.mu2}) + ", cards = [" + std::to_string(s.cards1) + ", " +
                                  std::to_string(s.cards2) + "]",
                              f, {{"TH", rate, true}}, read_rate));
  }
}

}  // namespace

void add_loop_cases(std::vector<Case>& cases) {
  add_rings(cases);
  add_servers(cases);
  add_constants(cases);
  add_kanban(cases);
}

}  // namespace twin::validation
