// SPDX-License-Identifier: Apache-2.0
#include <libtwin/compile/traffic.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/strong_components.hpp>

namespace twin::detail {
namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Records nodes as a depth-first walk leaves them: read backwards, a node comes before those that follow it.
struct FinishOrder : boost::default_dfs_visitor {
  explicit FinishOrder(std::vector<std::uint32_t>& out) : finished(&out) {}
  void finish_vertex(std::size_t v, const Graph&) const { finished->push_back(static_cast<std::uint32_t>(v)); }
  std::vector<std::uint32_t>* finished;
};

void add_to(Flow& flow, std::uint32_t product, double rate) {
  const auto at = std::lower_bound(flow.begin(), flow.end(), product,
                                   [](const auto& entry, std::uint32_t p) { return entry.first < p; });
  if (at != flow.end() && at->first == product) {
    at->second += rate;
  } else {
    flow.insert(at, {product, rate});
  }
}

Flow scaled(const Flow& flow, double factor) {
  Flow out = flow;
  for (auto& [product, rate] : out) rate *= factor;
  return out;
}

/// One solution of the traffic equations.
class TrafficSolver {
 public:
  TrafficSolver(const FlowGraph& graph, TrafficMode mode) : graph_(graph), mode_(mode) {
    result_.arc.resize(graph.arcs.size());
    result_.through.resize(graph.nodes.size());
    result_.work_s.resize(graph.nodes.size());
    mix_is_known_ = keeps_mix();
    for (const Source& source : graph.factory.sources) {
      has_supply_ = has_supply_ || source_rate(source) >= kAlmostUnlimitedRate;
    }
  }

  Traffic solve() {
    std::size_t first = 0;
    while (first < graph_.order.size()) {
      std::size_t last = first + 1;
      while (last < graph_.order.size() && component(last) == component(first)) ++last;
      solve_loop(first, last);
      first = last;
    }
    return std::move(result_);
  }

 private:
  std::uint32_t component(std::size_t place) const { return graph_.nodes[graph_.order[place]].component; }

  void solve_loop(std::size_t first, std::size_t last) {
    constexpr std::size_t kMostUpdates = 2'000'000;
    const std::size_t rounds = std::max<std::size_t>(kMostUpdates / (last - first), 100);
    for (std::size_t round = 0; round < rounds; ++round) {
      change_ = 0;
      for (std::size_t place = first; place < last; ++place) update(graph_.order[place]);
      if (last - first == 1 || change_ < 1e-13) return;
    }
    // The loop gives back at least what it gets: no rate is too high.
    for (std::size_t place = first; place < last; ++place) {
      for (const std::uint32_t a : graph_.nodes[graph_.order[place]].out) {
        const double rate = total(result_.arc[a]);
        if (rate > 0) result_.arc[a] = scaled(result_.arc[a], kUnlimitedRate / rate);
      }
    }
  }

  void update(std::uint32_t number) {
    const FlowNode& node = graph_.nodes[number];
    switch (node.kind) {
      case NodeKind::source:
        send(node, source_flow(graph_.factory.sources[node.index]));
        break;
      case NodeKind::station:
        update_station(number);
        break;
      case NodeKind::buffer:
      case NodeKind::sink:
        send(node, flow_into(node));
        break;
    }
    if (node.kind != NodeKind::station) result_.through[number] = through_;
  }

  Flow flow_into(const FlowNode& node) const {
    Flow in;
    for (const std::uint32_t a : node.in) {
      for (const auto& [product, rate] : result_.arc[a]) add_to(in, product, rate);
    }
    return in;
  }

  double source_rate(const Source& source) const {
    if (!source.arrivals_list.empty() || !source.schedule.empty()) {
      double count = 0;
      for (const ScheduledArrival& a : source.arrivals_list) {
        if (a.time_s <= graph_.factory.run.horizon_s) count += static_cast<double>(a.count);
      }
      return count / graph_.factory.run.horizon_s;
    }
    if (!source.arrivals) return kUnlimitedRate;
    const double rate = mean(source.batch) / mean(*source.arrivals);
    return std::isfinite(rate) ? rate : kUnlimitedRate;
  }

  Flow source_flow(const Source& source) const {
    const double rate = mode_ == TrafficMode::visits ? 1.0 : source_rate(source);
    if (mode_ == TrafficMode::visits && has_supply_ && source_rate(source) < kAlmostUnlimitedRate) return {};
    Flow flow;
    double sum = 0;
    if (!source.arrivals_list.empty()) {
      for (const ScheduledArrival& a : source.arrivals_list) sum += static_cast<double>(a.count);
      for (const ScheduledArrival& a : source.arrivals_list) {
        add_to(flow, graph_.products.at(a.product), rate * static_cast<double>(a.count) / sum);
      }
    } else if (!source.mix.empty()) {
      for (const auto& [name, share] : source.mix) sum += share;
      for (const auto& [name, share] : source.mix) add_to(flow, graph_.products.at(name), rate * share / sum);
    } else {
      add_to(flow, 0, rate);
    }
    return flow;
  }

  double mean_work(const Station& station, const Flow& flow) const {
    if (station.cycle_of.empty() || total(flow) <= 0) return mean(station.cycle);
    double sum = 0;
    for (const auto& [product, rate] : flow) {
      sum += rate * mean(law_of(station, product));
    }
    return sum / total(flow);
  }

  /// Parts of each kind, taken together, of the product of the main one.
  Flow assembled(const FlowNode& node, const Station& station) const {
    double kits = kInfinity;
    for (const std::uint32_t a : node.in) {
      const auto wanted = station.takes.find(graph_.factory.arrows[graph_.arcs[a].arrow].from);
      const double count = wanted == station.takes.end() ? 1.0 : static_cast<double>(wanted->second);
      kits = std::min(kits, total(result_.arc[a]) / count);
    }
    const Flow& main = result_.arc[node.in.front()];
    const double all = total(main);
    return all > 0 ? scaled(main, kits / all) : Flow{};
  }

  void update_station(std::uint32_t number) {
    const FlowNode& node = graph_.nodes[number];
    const Station& station = graph_.station(node);
    Flow flow = station.kind == StationKind::assembly ? assembled(node, station) : flow_into(node);
    double& work_s = result_.work_s[number];
    work_s = station.kind == StationKind::process ? 0.0 : mean_work(station, flow);
    if (mode_ == TrafficMode::capped) cap(flow, station, work_s);
    if (station.kind == StationKind::process) flow = {{0, mode_ == TrafficMode::visits ? 1.0 : kUnlimitedRate}};
    const double done = total(flow);
    if (station.scrap > 0) flow = scaled(flow, 1 - station.scrap);
    if (!station.makes.empty() && !flow.empty()) flow = {{graph_.products.at(station.makes), total(flow)}};
    send(node, flow);
    result_.through[number] = done;
  }

  const Distribution& law_of(const Station& station, std::uint32_t product) const {
    for (const auto& [name, own] : station.cycle_of) {
      if (graph_.products.at(name) == product) return own;
    }
    return station.cycle;
  }

  /// Where the mix of products under overload is not known, each may get all of the station: never too low a rate.
  void cap(Flow& flow, const Station& station, double work_s) const {
    if (mix_is_known_) {
      const double capacity = capacity_per_s(station, work_s);
      if (total(flow) > capacity) flow = scaled(flow, capacity / total(flow));
      return;
    }
    double most = 0;
    for (auto& [product, rate] : flow) {
      const double capacity = capacity_per_s(station, mean(law_of(station, product)));
      most = std::max(most, capacity);
      rate = std::min(rate, capacity);
    }
    const bool becomes_one = !station.makes.empty();
    if (becomes_one && total(flow) > most) flow = scaled(flow, most / total(flow));
  }

  /// Products keep their mix when all parts go one way in order of arrival.
  bool keeps_mix() const {
    if (graph_.products.size() < 2) return true;
    for (const FlowNode& node : graph_.nodes) {
      const bool is_ordered =
          node.kind == NodeKind::buffer && graph_.factory.buffers[node.index].order != QueueOrder::fifo;
      const bool merges = node.in.size() > 1 && node.kind != NodeKind::sink;
      if (is_ordered || merges || graph_.is_adaptive(node)) return false;
    }
    return true;
  }

  void send(const FlowNode& node, const Flow& flow) {
    through_ = total(flow);
    if (node.out.empty()) return;
    if (graph_.is_adaptive(node)) return send_where_room_is(node, flow);
    double rest = 1;
    for (const std::uint32_t a : node.out) rest -= arrow_of(a).route == RouteKind::share ? arrow_of(a).share : 0.0;
    for (const std::uint32_t a : node.out) {
      const Arrow& arrow = arrow_of(a);
      if (arrow.route == RouteKind::share) {
        set_arc(a, scaled(flow, arrow.share));
      } else if (arrow.route == RouteKind::product) {
        set_arc(a, of_product(flow, graph_.products.at(arrow.name)));
      } else if (arrow.route == RouteKind::otherwise) {
        set_arc(a, without_own_ways(node, scaled(flow, std::max(0.0, rest))));
      } else {
        set_arc(a, scaled(flow, given(node, arrow)));
      }
    }
  }

  /// Parts a station gives this way for each operation.
  double given(const FlowNode& node, const Arrow& arrow) const {
    if (node.kind != NodeKind::station) return 1;
    const auto& gives = graph_.station(node).gives;
    const auto at = gives.find(arrow.to);
    return at == gives.end() ? 1.0 : static_cast<double>(at->second);
  }

  static Flow of_product(const Flow& flow, std::uint32_t product) {
    for (const auto& entry : flow) {
      if (entry.first == product) return {entry};
    }
    return {};
  }

  Flow without_own_ways(const FlowNode& node, Flow flow) const {
    for (const std::uint32_t a : node.out) {
      if (arrow_of(a).route != RouteKind::product) continue;
      const std::uint32_t product = graph_.products.at(arrow_of(a).name);
      std::erase_if(flow, [&](const auto& entry) { return entry.first == product; });
    }
    return flow;
  }

  /// What a way can take at most; parts that go where there is room are taken to spread like this.
  double appetite(std::uint32_t number) const {
    const FlowNode& node = graph_.nodes[number];
    if (node.kind == NodeKind::station) {
      return capacity_per_s(graph_.station(node), mean(graph_.station(node).cycle));
    }
    if (node.kind == NodeKind::sink) return kInfinity;
    double sum = 0;
    for (const std::uint32_t a : node.out) sum += appetite(graph_.arcs[a].to);
    return sum;
  }

  void send_where_room_is(const FlowNode& node, const Flow& flow) {
    if (mode_ == TrafficMode::capped) {
      for (const std::uint32_t a : node.out) set_arc(a, flow);
      return;
    }
    std::vector<double> weights;
    for (const std::uint32_t a : node.out) {
      weights.push_back(arrow_of(a).route == RouteKind::round_robin ? 1.0 : appetite(graph_.arcs[a].to));
    }
    const bool has_endless = std::find(weights.begin(), weights.end(), kInfinity) != weights.end();
    double sum = 0;
    for (double& w : weights) sum += w = has_endless ? (w == kInfinity ? 1.0 : 0.0) : w;
    for (std::size_t k = 0; k < weights.size(); ++k) set_arc(node.out[k], scaled(flow, weights[k] / sum));
  }

  const Arrow& arrow_of(std::uint32_t arc) const { return graph_.factory.arrows[graph_.arcs[arc].arrow]; }

  void set_arc(std::uint32_t arc, Flow flow) {
    const double before = total(result_.arc[arc]);
    const double after = total(flow);
    if (after != before) change_ = std::max(change_, std::abs(after - before) / std::max(after, before));
    result_.arc[arc] = std::move(flow);
  }

  const FlowGraph& graph_;
  TrafficMode mode_;
  Traffic result_;
  bool has_supply_ = false;
  bool mix_is_known_ = false;
  double change_ = 0;
  double through_ = 0;
};

}  // namespace

FlowGraph::FlowGraph(const Factory& described) : factory(described) {
  const auto add_all = [&](const auto& elements, NodeKind kind) {
    for (std::uint32_t k = 0; k < elements.size(); ++k) {
      by_name.emplace(elements[k].name, static_cast<std::uint32_t>(nodes.size()));
      FlowNode node;
      node.kind = kind;
      node.index = k;
      node.name = elements[k].name;
      nodes.push_back(std::move(node));
    }
  };
  add_all(factory.sources, NodeKind::source);
  add_all(factory.stations, NodeKind::station);
  add_all(factory.buffers, NodeKind::buffer);
  add_all(factory.sinks, NodeKind::sink);
  Graph graph(nodes.size());
  for (std::uint32_t k = 0; k < factory.arrows.size(); ++k) {
    const FlowArc arc{by_name.at(factory.arrows[k].from), by_name.at(factory.arrows[k].to), k};
    nodes[arc.from].out.push_back(static_cast<std::uint32_t>(arcs.size()));
    nodes[arc.to].in.push_back(static_cast<std::uint32_t>(arcs.size()));
    arcs.push_back(arc);
    boost::add_edge(arc.from, arc.to, graph);
  }
  std::vector<std::uint32_t> component(nodes.size());
  const auto index = boost::get(boost::vertex_index, graph);
  boost::strong_components(graph, boost::make_iterator_property_map(component.begin(), index));
  for (std::size_t k = 0; k < nodes.size(); ++k) nodes[k].component = component[k];
  boost::depth_first_search(graph, boost::visitor(FinishOrder(order)));
  std::reverse(order.begin(), order.end());
  // Components come numbered from the downstream end.
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return component[a] > component[b]; });

  // Numbered as `compile` does: parts of a source without a mix are of product 0, which then has no name.
  const auto add_product = [&](std::string_view name) {
    products.emplace(name, static_cast<std::uint32_t>(products.size()));
  };
  const auto is_nameless = [](const Source& s) { return s.mix.empty() && s.arrivals_list.empty(); };
  if (std::any_of(factory.sources.begin(), factory.sources.end(), is_nameless)) add_product("");
  for (const Product& p : factory.products) add_product(p.name);
  for (const Source& s : factory.sources) {
    for (const auto& [name, share] : s.mix) add_product(name);
    for (const ScheduledArrival& a : s.arrivals_list) add_product(a.product);
  }
  for (const Station& s : factory.stations) {
    if (!s.makes.empty()) add_product(s.makes);
    for (const auto& [name, law] : s.cycle_of) add_product(name);
  }
  for (const Arrow& a : factory.arrows) {
    if (a.route == RouteKind::product) add_product(a.name);
  }
  if (products.empty()) add_product("");
}

std::string FlowGraph::path(const FlowNode& node) const {
  std::string kind;
  switch (node.kind) {
    case NodeKind::source:
      kind = "source";
      break;
    case NodeKind::station:
      kind = enum_names(StationKind{})[static_cast<std::size_t>(station(node).kind)];
      break;
    case NodeKind::buffer:
      kind = "buffer";
      break;
    case NodeKind::sink:
      kind = "sink";
      break;
  }
  return kind + "." + std::string(node.name);
}

bool FlowGraph::is_process(const FlowNode& node) const {
  return node.kind == NodeKind::station && station(node).kind == StationKind::process;
}

bool FlowGraph::is_adaptive(const FlowNode& node) const {
  if (node.out.size() < 2) return false;
  if (node.kind == NodeKind::buffer) return true;
  switch (factory.arrows[arcs[node.out.front()].arrow].route) {
    case RouteKind::shortest:
    case RouteKind::round_robin:
    case RouteKind::priority:
    case RouteKind::call:
      return true;
    case RouteKind::always:
      // Sources without a condition give to whoever asks.
      return node.kind == NodeKind::source;
    case RouteKind::share:
    case RouteKind::otherwise:
    case RouteKind::product:
      break;
  }
  return false;
}

double capacity_per_s(const Station& station, double work_s) {
  if (!(work_s > 0) || !std::isfinite(work_s)) return kInfinity;
  double lost_per_busy = 0;
  double calendar = 1;
  for (const FailureMode& mode : station.failures) {
    const double repair = mean(mode.repair);
    const double every = mean(mode.every);
    if (!std::isfinite(repair) || !std::isfinite(every)) continue;
    switch (mode.clock) {
      case FailureClock::busy:
        lost_per_busy += every > 0 ? repair / every : 0.0;
        break;
      case FailureClock::calendar:
        calendar *= every + repair > 0 ? every / (every + repair) : 1.0;
        break;
      case FailureClock::cycles: {
        // Counts of parts are rounded, and at least 1.
        const double parts = mode.every.kind == LawKind::constant ? std::max(1.0, std::nearbyint(every)) : every + 0.5;
        lost_per_busy += repair / (parts * work_s);
        break;
      }
    }
  }
  const double availability = std::min(calendar, 1 / (1 + lost_per_busy));
  return static_cast<double>(station.servers) * availability / work_s;
}

double total(const Flow& flow) {
  double sum = 0;
  for (const auto& [product, rate] : flow) sum += rate;
  return sum;
}

Traffic traffic(const FlowGraph& graph, TrafficMode mode) { return TrafficSolver(graph, mode).solve(); }

std::vector<double> useful_shares(const FlowGraph& graph, const Traffic& visits) {
  std::vector<double> useful(graph.nodes.size(), 1.0);
  std::vector<double> of_component(graph.nodes.size(), 0.0);
  std::vector<bool> has_way_on(graph.nodes.size(), false);
  // Upstream last, so that what lies behind an arc is known; nodes of a loop share the best way out of the loop.
  for (std::size_t place = graph.order.size(); place-- > 0;) {
    const FlowNode& node = graph.nodes[graph.order[place]];
    for (const std::uint32_t a : node.out) {
      const FlowNode& to = graph.nodes[graph.arcs[a].to];
      if (to.component == node.component) continue;
      double share = has_way_on[to.component] ? of_component[to.component] : 1.0;
      if (to.kind == NodeKind::station && graph.station(to).kind == StationKind::assembly) {
        const auto& takes = graph.station(to).takes;
        const auto wanted = takes.find(std::string(node.name));
        const double count = wanted == takes.end() ? 1.0 : static_cast<double>(wanted->second);
        const double offered = total(visits.arc[a]);
        if (offered > 0) share *= visits.through[graph.arcs[a].to] * count / offered;
      }
      of_component[node.component] = std::max(of_component[node.component], share);
      has_way_on[node.component] = true;
    }
  }
  for (std::size_t k = 0; k < useful.size(); ++k) {
    const std::uint32_t c = graph.nodes[k].component;
    if (has_way_on[c]) useful[k] = of_component[c];
  }
  return useful;
}

}  // namespace twin::detail
