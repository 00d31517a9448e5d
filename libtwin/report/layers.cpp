// SPDX-License-Identifier: Apache-2.0
#include <libtwin/report/layers.hpp>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace twin::detail {
namespace {

/// Vertical space between neighbours of a layer.
constexpr double kRowGap = 22;
constexpr double kPassingHeight = 6;

/// Beyond this many places where arrows pass layers, long arrows are drawn straight.
constexpr std::size_t kMostPassing = 20000;

using Adjacency = std::vector<std::vector<std::size_t>>;

/// Arrows by the box they leave.
Adjacency edges_by_source(const Diagram& d) {
  Adjacency out(d.nodes.size());
  for (std::size_t e = 0; e < d.edges.size(); ++e) out[d.edges[e].from].push_back(e);
  return out;
}

/// Marks the arrows that close a cycle, by a depth-first walk: first from the boxes nothing leads to, then the rest.
void mark_back_edges(Diagram& d, const Adjacency& out) {
  enum class Mark : char { unseen, open, done };
  std::vector<Mark> marks(d.nodes.size(), Mark::unseen);
  std::vector<std::pair<std::size_t, std::size_t>> stack;  // box, next arrow
  const auto walk = [&](std::size_t root) {
    if (marks[root] != Mark::unseen) return;
    stack.emplace_back(root, 0);
    marks[root] = Mark::open;
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      if (next == out[node].size()) {
        marks[node] = Mark::done;
        stack.pop_back();
        continue;
      }
      DiagramEdge& edge = d.edges[out[node][next++]];
      edge.leads_back = marks[edge.to] == Mark::open;
      if (marks[edge.to] != Mark::unseen) continue;
      marks[edge.to] = Mark::open;
      stack.emplace_back(edge.to, 0);
    }
  };
  std::vector<bool> is_entered(d.nodes.size(), false);
  for (const DiagramEdge& e : d.edges) is_entered[e.to] = true;
  for (std::size_t n = 0; n < d.nodes.size(); ++n) {
    if (!is_entered[n]) walk(n);
  }
  for (std::size_t n = 0; n < d.nodes.size(); ++n) walk(n);
}

/// Longest path from the left; then boxes with no more arrows in than out move right, so that side branches begin
/// close to where they join.
void rank_nodes(Diagram& d, const Adjacency& out) {
  std::vector<std::size_t> entering(d.nodes.size(), 0);
  for (const DiagramEdge& e : d.edges) entering[e.to] += e.leads_back ? 0 : 1;
  const std::vector<std::size_t> all_entering = entering;
  std::vector<std::size_t> order;
  for (std::size_t n = 0; n < d.nodes.size(); ++n) {
    if (entering[n] == 0) order.push_back(n);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (const std::size_t e : out[order[i]]) {
      const DiagramEdge& edge = d.edges[e];
      if (edge.leads_back) continue;
      d.nodes[edge.to].rank = std::max(d.nodes[edge.to].rank, d.nodes[edge.from].rank + 1);
      if (--entering[edge.to] == 0) order.push_back(edge.to);
    }
  }
  for (auto n = order.rbegin(); n != order.rend(); ++n) {
    std::size_t leaving = 0;
    std::size_t nearest = kNoNode;
    for (const std::size_t e : out[*n]) {
      if (d.edges[e].leads_back) continue;
      ++leaving;
      nearest = std::min(nearest, d.nodes[d.edges[e].to].rank);
    }
    if (leaving > 0 && leaving >= all_entering[*n]) d.nodes[*n].rank = nearest - 1;
  }
}

Layers build_layers(const Diagram& d) {
  Layers layers;
  std::size_t rank_count = 0;
  std::size_t passing = 0;
  for (const DiagramNode& n : d.nodes) {
    rank_count = std::max(rank_count, n.rank + 1);
    layers.slots.push_back({.rank = n.rank, .node = layers.slots.size(), .height = n.height});
  }
  for (const DiagramEdge& e : d.edges) passing += e.leads_back ? 0 : d.nodes[e.to].rank - d.nodes[e.from].rank - 1;
  for (const DiagramEdge& e : d.edges) {
    std::vector<std::size_t>& chain = layers.chains.emplace_back();
    if (e.leads_back) continue;
    chain.push_back(e.from);
    for (std::size_t r = d.nodes[e.from].rank + 1; r < d.nodes[e.to].rank && passing <= kMostPassing; ++r) {
      chain.push_back(layers.slots.size());
      layers.slots.push_back({.rank = r, .height = kPassingHeight});
    }
    chain.push_back(e.to);
    for (std::size_t i = 1; i < chain.size(); ++i) {
      layers.slots[chain[i - 1]].after.push_back(chain[i]);
      layers.slots[chain[i]].before.push_back(chain[i - 1]);
    }
  }
  layers.ranks.resize(rank_count);
  for (std::size_t s = 0; s < layers.slots.size(); ++s) layers.ranks[layers.slots[s].rank].push_back(s);
  return layers;
}

/// Orders each layer by the mean place of the neighbours on one side, to and fro; boxes without any keep their place.
void order_layers(Layers& layers) {
  std::vector<double> place(layers.slots.size(), 0);
  const auto number = [&](const std::vector<std::size_t>& rank) {
    for (std::size_t i = 0; i < rank.size(); ++i)
      place[rank[i]] = static_cast<double>(i) / static_cast<double>(rank.size());
  };
  for (const auto& rank : layers.ranks) number(rank);
  const auto sort_by = [&](std::vector<std::size_t>& rank, std::vector<std::size_t> LayerSlot::*side) {
    std::vector<std::pair<double, std::size_t>> keyed;
    for (const std::size_t s : rank) {
      const auto& others = layers.slots[s].*side;
      double sum = 0;
      for (const std::size_t o : others) sum += place[o];
      keyed.emplace_back(others.empty() ? place[s] : sum / static_cast<double>(others.size()), s);
    }
    std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < rank.size(); ++i) rank[i] = keyed[i].second;
    number(rank);
  };
  constexpr int kSweeps = 6;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (auto& rank : layers.ranks) sort_by(rank, &LayerSlot::before);
    for (auto rank = layers.ranks.rbegin(); rank != layers.ranks.rend(); ++rank) sort_by(*rank, &LayerSlot::after);
  }
  for (auto& rank : layers.ranks) sort_by(rank, &LayerSlot::before);
}

/// Puts the slots of a layer as close to `wish` as their order and distances allow, in least squares: pools of
/// neighbours that touch move together (the pool-adjacent-violators algorithm).
void settle(Layers& layers, const std::vector<std::size_t>& rank, const std::vector<double>& wish) {
  struct Pool {
    double sum = 0;
    double count = 0;
    [[nodiscard]] double mean() const { return sum / count; }
  };
  std::vector<double> offset(rank.size(), 0);
  for (std::size_t i = 1; i < rank.size(); ++i) {
    offset[i] = offset[i - 1] + (layers.slots[rank[i - 1]].height + layers.slots[rank[i]].height) / 2 + kRowGap;
  }
  std::vector<Pool> pools;
  for (std::size_t i = 0; i < rank.size(); ++i) {
    pools.push_back({wish[i] - offset[i], 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
      const Pool last = pools.back();
      pools.pop_back();
      pools.back().sum += last.sum;
      pools.back().count += last.count;
    }
  }
  std::size_t i = 0;
  for (const Pool& pool : pools) {
    for (double k = 0; k < pool.count; ++k, ++i) layers.slots[rank[i]].y = pool.mean() + offset[i];
  }
}

void place_layers(Layers& layers) {
  std::vector<double> wish;
  const auto pull = [&](const std::vector<std::size_t>& rank, bool from_before, bool from_after) {
    wish.clear();
    for (const std::size_t s : rank) {
      double sum = 0;
      double count = 0;
      const auto take = [&](const std::vector<std::size_t>& others) {
        for (const std::size_t o : others) sum += layers.slots[o].y;
        count += static_cast<double>(others.size());
      };
      if (from_before) take(layers.slots[s].before);
      if (from_after) take(layers.slots[s].after);
      wish.push_back(count == 0 ? layers.slots[s].y : sum / count);
    }
    settle(layers, rank, wish);
  };
  for (const auto& rank : layers.ranks) pull(rank, false, false);
  constexpr int kSweeps = 8;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (const auto& rank : layers.ranks) pull(rank, true, sweep > kSweeps / 2);
    for (auto rank = layers.ranks.rbegin(); rank != layers.ranks.rend(); ++rank) pull(*rank, sweep > kSweeps / 2, true);
  }
}

/// Straightens chains: slots joined one to one wish for one height, the mean of theirs.
void straighten(Layers& layers) {
  std::vector<std::size_t> chain_of(layers.slots.size(), kNoNode);
  std::vector<std::size_t> chain_length;
  for (const auto& rank : layers.ranks) {
    for (const std::size_t s : rank) {
      const auto& before = layers.slots[s].before;
      const bool continues = before.size() == 1 && layers.slots[before[0]].after.size() == 1;
      if (!continues) chain_length.push_back(0);
      chain_of[s] = continues ? chain_of[before[0]] : chain_length.size() - 1;
      ++chain_length[chain_of[s]];
    }
  }
  constexpr int kRounds = 4;
  std::vector<double> wish;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> mean(chain_length.size(), 0);
    for (std::size_t s = 0; s < layers.slots.size(); ++s) {
      mean[chain_of[s]] += layers.slots[s].y / static_cast<double>(chain_length[chain_of[s]]);
    }
    for (const auto& rank : layers.ranks) {
      wish.clear();
      for (const std::size_t s : rank) wish.push_back(mean[chain_of[s]]);
      settle(layers, rank, wish);
    }
  }
}

}  // namespace

Layers make_layers(Diagram& diagram) {
  const Adjacency out = edges_by_source(diagram);
  mark_back_edges(diagram, out);
  rank_nodes(diagram, out);
  Layers layers = build_layers(diagram);
  order_layers(layers);
  place_layers(layers);
  straighten(layers);
  return layers;
}

}  // namespace twin::detail
