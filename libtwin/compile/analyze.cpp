// SPDX-License-Identifier: Apache-2.0
#include <libtwin/compile/analyze.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <queue>
#include <utility>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dominator_tree.hpp>
#include <boost/graph/strong_components.hpp>

#include <libtwin/compile/traffic.hpp>
#include <libtwin/core/distribution.hpp>

namespace twin {
namespace {

using detail::FlowArc;
using detail::FlowGraph;
using detail::FlowNode;
using detail::NodeKind;
using detail::Traffic;
using detail::TrafficMode;

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string quoted(std::string_view name) {
  std::string text = "'";
  text.append(name).append("'");
  return text;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

bool is_supply(const Source& source) {
  return !source.arrivals && source.schedule.empty() && source.arrivals_list.empty();
}

/// Nodes that can be reached along the arrows, or against them, from `begin`.
std::vector<bool> reached(const FlowGraph& graph, const std::vector<std::uint32_t>& begin, bool forward) {
  std::vector<bool> is_reached(graph.nodes.size(), false);
  std::queue<std::uint32_t> next;
  const auto visit = [&](std::uint32_t node) {
    if (!is_reached[node]) next.push(node);
    is_reached[node] = true;
  };
  for (const std::uint32_t node : begin) visit(node);
  while (!next.empty()) {
    const FlowNode& node = graph.nodes[next.front()];
    next.pop();
    for (const std::uint32_t a : forward ? node.out : node.in) visit(forward ? graph.arcs[a].to : graph.arcs[a].from);
  }
  return is_reached;
}

class Analyzer {
 public:
  explicit Analyzer(const Factory& factory) : factory_(factory), graph_(factory) {}

  Analysis run() {
    find_unreachable();
    find_loads();
    find_idle_capacities();
    find_starvation();
    find_deadlocks();
    find_tiny_times();
    find_bound();
    return std::move(out_);
  }

 private:
  void warn(const char* code, std::string path, std::string message, std::string hint) {
    Diagnostic d;
    d.code = code;
    d.severity = Severity::warning;
    d.path = std::move(path);
    d.message = std::move(message);
    d.hint = std::move(hint);
    out_.findings.push_back(std::move(d));
  }

  // --- W101: reachability ---

  void find_unreachable() {
    std::vector<std::uint32_t> begins;
    std::vector<std::uint32_t> ends;
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k) {
      const FlowNode& node = graph_.nodes[k];
      // A process may make parts and destroy them.
      if (node.kind == NodeKind::source || graph_.is_process(node)) begins.push_back(k);
      if (node.kind == NodeKind::sink || graph_.is_process(node)) ends.push_back(k);
    }
    has_parts_ = reached(graph_, begins, true);
    const std::vector<bool> has_end = reached(graph_, ends, false);
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k) {
      const FlowNode& node = graph_.nodes[k];
      if (!has_parts_[k]) {
        warn("W101", graph_.path(node), quoted(node.name) + " can be reached from no source: no part ever comes here",
             "add an arrow from an element that gets parts, or leave it out");
      } else if (!has_end[k]) {
        warn("W101", graph_.path(node), "no way leads from " + quoted(node.name) + " to a sink: parts stay for ever",
             "add an arrow to a sink, or to an element that leads to one");
      }
    }
  }

  // --- W102: loads ---

  void find_loads() {
    const Traffic offered = detail::traffic(graph_, TrafficMode::offered);
    const Traffic visits = detail::traffic(graph_, TrafficMode::visits);
    const std::vector<double> useful = detail::useful_shares(graph_, visits);
    double slowest = 0;
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k) {
      const FlowNode& node = graph_.nodes[k];
      if (node.kind != NodeKind::station) continue;
      StationLoad load;
      load.station = node.name;
      load.offered_per_s = offered.through[k];
      load.capacity_per_s = detail::capacity_per_s(graph_.station(node), visits.work_s[k]);
      load.load = load.offered_per_s / load.capacity_per_s;
      if (load.offered_per_s >= detail::kAlmostUnlimitedRate) {
        load.offered_per_s = kNaN;
        load.load = visits.through[k] * useful[k] / load.capacity_per_s;
        slowest = std::max(slowest, load.load);
      } else {
        load.capacity_per_s = detail::capacity_per_s(graph_.station(node), offered.work_s[k]);
        load.load = load.offered_per_s / load.capacity_per_s;
      }
      out_.loads.push_back(load);
    }
    for (StationLoad& load : out_.loads) {
      if (std::isnan(load.offered_per_s) && slowest > 0) load.load /= slowest;
      if (!std::isnan(load.offered_per_s)) warn_of_load(load);
    }
  }

  void warn_of_load(const StationLoad& load) {
    // Where arrivals are turned away, no queue grows without end.
    const bool all_may_be_lost = std::all_of(factory_.sources.begin(), factory_.sources.end(),
                                             [](const Source& s) { return s.when_full == WhenFull::lose; });
    if (load.load < 1 - 1e-12 || all_may_be_lost) return;
    const FlowNode& node = graph_.nodes[graph_.by_name.at(load.station)];
    warn("W102", graph_.path(node),
         quoted(load.station) + " is asked for " + number(load.offered_per_s * 3600) + " parts per hour and can do " +
             number(load.capacity_per_s * 3600) + " (load " + number(load.load) +
             "): parts before it pile up without end",
         "make it faster, give it servers, or let fewer parts arrive");
  }

  // --- W103: capacities that do nothing ---

  void find_idle_capacities() {
    for (const FlowNode& node : graph_.nodes) {
      if (node.kind != NodeKind::buffer) continue;
      const Buffer& buffer = factory_.buffers[node.index];
      if (buffer.capacity == 0 || node.in.empty() || node.out.empty()) continue;
      if (feeds_only_instant_machines(node)) {
        warn("W103", "buffer." + buffer.name,
             quoted(buffer.name) + " stands before " + quoted(graph_.nodes[graph_.arcs[node.out.front()].to].name) +
                 ", which is always ready: it never holds a part",
             "leave it out");
      } else if (buffer.capacity != kUnlimited && comes_only_from_patient_sources(node)) {
        warn("W103", "buffer." + buffer.name + ".capacity",
             "the capacity of " + quoted(buffer.name) +
                 " changes nothing: parts without room wait at the source instead",
             "leave the capacity out, or set when_full = \"lose\" at the source");
      } else if (buffer.capacity > 1 && runs_in_step(node)) {
        warn("W103", "buffer." + buffer.name + ".capacity",
             quoted(buffer.name) +
                 " never holds more than one part: " + quoted(graph_.nodes[graph_.arcs[node.out.front()].to].name) +
                 " is never slower than what feeds it, and neither varies",
             "leave it out, or say how the times vary");
      }
    }
  }

  /// Whether a station takes a part whenever one comes, at once.
  bool is_instant(const FlowNode& node) const {
    if (!is_steady(node) || fixed_work(node) != 0) return false;
    return leads_only_to_sinks(node);
  }

  bool leads_only_to_sinks(const FlowNode& node) const {
    return std::all_of(node.out.begin(), node.out.end(),
                       [&](std::uint32_t a) { return graph_.nodes[graph_.arcs[a].to].kind == NodeKind::sink; });
  }

  /// A machine that works the same time on every part and never stops.
  bool is_steady(const FlowNode& node) const {
    if (node.kind != NodeKind::station) return false;
    const Station& s = graph_.station(node);
    return s.kind == StationKind::machine && s.failures.empty() && s.setup.empty() && s.cycle_of.empty() &&
           s.cycle.kind == LawKind::constant;
  }

  double fixed_work(const FlowNode& node) const { return mean(graph_.station(node).cycle); }

  bool feeds_only_instant_machines(const FlowNode& buffer) const {
    return std::all_of(buffer.out.begin(), buffer.out.end(),
                       [&](std::uint32_t a) { return is_instant(graph_.nodes[graph_.arcs[a].to]); });
  }

  bool comes_only_from_patient_sources(const FlowNode& buffer) const {
    // Where a source chooses among ways, a full buffer holds up the parts for the others, or sends them there.
    return std::all_of(buffer.in.begin(), buffer.in.end(),
                       [&](std::uint32_t a) {
                         const FlowNode& from = graph_.nodes[graph_.arcs[a].from];
                         return from.kind == NodeKind::source && from.out.size() == 1 &&
                                factory_.sources[from.index].when_full == WhenFull::wait;
                       }) &&
           factory_.buffers[buffer.index].order == QueueOrder::fifo && buffer.in.size() == 1;
  }

  bool runs_in_step(const FlowNode& buffer) const {
    if (buffer.in.size() != 1 || buffer.out.size() != 1) return false;
    const FlowNode& before = graph_.nodes[graph_.arcs[buffer.in.front()].from];
    const FlowNode& after = graph_.nodes[graph_.arcs[buffer.out.front()].to];
    if (!is_steady(before) || !is_steady(after) || !leads_only_to_sinks(after)) return false;
    const Station& first = graph_.station(before);
    const Station& second = graph_.station(after);
    return first.servers == 1 && fixed_work(after) <= fixed_work(before) * static_cast<double>(second.servers);
  }

  // --- W104: stations that can never start ---

  void find_starvation() {
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k) {
      const FlowNode& node = graph_.nodes[k];
      if (node.kind != NodeKind::station || !has_parts_[k]) continue;
      const Station& station = graph_.station(node);
      if (station.kind != StationKind::assembly) continue;
      for (const std::uint32_t a : node.in) check_kit(station, graph_.nodes[graph_.arcs[a].from]);
    }
    for (const CardLoop& loop : factory_.loops) check_cards(loop);
    find_circular_waits();
  }

  /// A kit that is taken out of the buffer at which a loop ends holds as many cards as parts.
  void check_cards(const CardLoop& loop) {
    const FlowNode& last = graph_.nodes[graph_.by_name.at(loop.to)];
    if (last.kind != NodeKind::buffer) return;
    for (const std::uint32_t a : last.out) {
      const Station& station = graph_.station(graph_.nodes[graph_.arcs[a].to]);
      const auto wanted = station.takes.find(loop.to);
      if (wanted == station.takes.end() || wanted->second <= loop.cards) continue;
      warn("W104", "loop." + loop.name + ".cards",
           quoted(station.name) + " takes " + number(static_cast<double>(wanted->second)) + " parts from " +
               quoted(loop.to) + " at once, and the loop " + quoted(loop.name) + " lets no more than " +
               number(static_cast<double>(loop.cards)) + " be there: it never starts",
           "give the loop " + number(static_cast<double>(wanted->second)) + " cards or more");
    }
  }

  /// The most parts that an assembly can find in `from` at once: places, and finished parts on blocked machines.
  double most_at_once(const FlowNode& from) const {
    switch (from.kind) {
      case NodeKind::source:
        return is_supply(factory_.sources[from.index]) ? kInfinity : 1;
      case NodeKind::station:
        return held_by(from);
      case NodeKind::buffer:
        break;
      case NodeKind::sink:
        return 0;
    }
    const Buffer& buffer = factory_.buffers[from.index];
    if (buffer.capacity == kUnlimited) return kInfinity;
    auto most = static_cast<double>(buffer.capacity);
    for (const std::uint32_t a : from.in) most += held_by(graph_.nodes[graph_.arcs[a].from]);
    return most;
  }

  double held_by(const FlowNode& node) const {
    if (node.kind != NodeKind::station) return 1;
    const Station& s = graph_.station(node);
    return s.blocking == Blocking::after_service ? static_cast<double>(s.servers) : 0.0;
  }

  void check_kit(const Station& station, const FlowNode& from) {
    const auto wanted = station.takes.find(std::string(from.name));
    const double count = wanted == station.takes.end() ? 1.0 : static_cast<double>(wanted->second);
    const double most = most_at_once(from);
    if (most >= count) return;
    warn("W104", "assembly." + station.name + ".takes." + std::string(from.name),
         quoted(station.name) + " takes " + number(count) + " parts from " + quoted(from.name) +
             " at once, where at most " + number(most) + " can stand: it never starts",
         from.kind == NodeKind::buffer ? "give the buffer a capacity of " + number(count) + " or more"
                                       : "put a buffer of " + number(count) + " places or more between");
  }

  /// Spreads "gets parts" from the sources; an assembly passes it on when all its ways in have it.
  void find_circular_waits() {
    std::vector<std::size_t> missing(graph_.nodes.size(), 1);
    std::vector<std::uint32_t> ready;
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k) {
      const FlowNode& node = graph_.nodes[k];
      const bool is_assembly = node.kind == NodeKind::station && graph_.station(node).kind == StationKind::assembly;
      if (is_assembly) missing[k] = node.in.size();
      if (node.kind == NodeKind::source || graph_.is_process(node)) missing[k] = 0;
      if (missing[k] == 0) ready.push_back(k);
    }
    while (!ready.empty()) {
      const FlowNode& node = graph_.nodes[ready.back()];
      ready.pop_back();
      for (const std::uint32_t a : node.out) {
        const std::uint32_t to = graph_.arcs[a].to;
        if (missing[to] != 0 && --missing[to] == 0) ready.push_back(to);
      }
    }
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k) {
      const FlowNode& node = graph_.nodes[k];
      if (missing[k] == 0 || !has_parts_[k] || node.kind != NodeKind::station) continue;
      const bool is_cause = graph_.station(node).kind == StationKind::assembly && missing[k] < node.in.size();
      if (!is_cause) continue;
      warn("W104", graph_.path(node),
           quoted(node.name) + " never starts: what it waits for is made only from what it makes",
           "give the waiting side a source of its own");
    }
  }

  // --- W105: loops that can fill up ---

  void find_deadlocks() {
    // Without endless buffers, sources and sinks: what is left of the loops can fill up.
    Graph finite(graph_.nodes.size());
    for (const FlowArc& arc : graph_.arcs) {
      if (can_fill(arc.from) && can_fill(arc.to)) boost::add_edge(arc.from, arc.to, finite);
    }
    std::vector<std::uint32_t> component(graph_.nodes.size());
    const std::size_t count = boost::strong_components(
        finite, boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, finite)));
    std::vector<std::uint32_t> size(count, 0);
    for (const std::uint32_t c : component) ++size[c];
    std::vector<bool> is_told(count, false);
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k) {
      const std::uint32_t c = component[k];
      if (size[c] < 2 || is_told[c] || graph_.nodes[k].kind != NodeKind::station || !has_parts_[k]) continue;
      is_told[c] = true;
      warn("W105", graph_.path(graph_.nodes[k]),
           "the loop " + loop_text(finite, component, k) +
               " has places for so many parts only: once they are all taken "
               "by parts that stay in the loop, nothing moves any more",
           "let one buffer of the loop have no limit, or keep the parts that enter below the places");
    }
  }

  bool can_fill(std::uint32_t k) const {
    const FlowNode& node = graph_.nodes[k];
    if (node.kind == NodeKind::buffer) return factory_.buffers[node.index].capacity != kUnlimited;
    return node.kind == NodeKind::station;
  }

  /// A shortest loop through `begin`: `'a' -> 'b' -> 'a'`.
  std::string loop_text(const Graph& graph, const std::vector<std::uint32_t>& component, std::uint32_t begin) const {
    std::vector<std::uint32_t> came_from(graph_.nodes.size(), UINT32_MAX);
    std::queue<std::uint32_t> next;
    next.push(begin);
    while (!next.empty() && came_from[begin] == UINT32_MAX) {
      const std::uint32_t at = next.front();
      next.pop();
      const auto [first, last] = boost::adjacent_vertices(at, graph);
      for (auto v = first; v != last; ++v) {
        const auto to = static_cast<std::uint32_t>(*v);
        if (component[to] != component[begin] || came_from[to] != UINT32_MAX) continue;
        came_from[to] = at;
        next.push(to);
      }
    }
    std::vector<std::uint32_t> loop{begin};
    for (std::uint32_t at = came_from[begin]; at != begin; at = came_from[at]) loop.push_back(at);
    std::string text = quoted(graph_.nodes[begin].name);
    constexpr std::size_t kMostNames = 8;
    for (std::size_t k = loop.size(); k-- > 1;) {
      if (loop.size() - k > kMostNames) {
        text += " -> ...";
        break;
      }
      text += " -> " + quoted(graph_.nodes[loop[k]].name);
    }
    return text + " -> " + quoted(graph_.nodes[begin].name);
  }

  // --- W106: times near the grid ---

  void check_time(const Distribution& law, const std::string& path) {
    const double time = mean(law);
    if (!(time > 0 && time < 1e-3)) return;
    warn("W106", path,
         "a mean of " + number(time * 1e6) + " us is rounded to steps of 0.06 us: its law is coarse, by up to " +
             number(3e-6 / time) + " %",
         "measure time in a larger unit, for example one model second for each real millisecond");
  }

  void find_tiny_times() {
    for (const Source& s : factory_.sources) {
      if (s.arrivals) check_time(*s.arrivals, "source." + s.name + ".arrivals");
    }
    for (const FlowNode& node : graph_.nodes) {
      if (node.kind != NodeKind::station || graph_.is_process(node)) continue;
      const Station& s = graph_.station(node);
      const std::string path = graph_.path(node);
      check_time(s.cycle, path + ".cycle");
      for (const auto& [product, law] : s.cycle_of) check_time(law, path + ".cycle_of." + product);
      for (const auto& [pair, law] : s.setup) check_time(law, path + ".setup." + pair);
      for (const FailureMode& mode : s.failures) {
        check_time(mode.repair, path + ".failure." + mode.name + ".repair");
        if (mode.clock != FailureClock::cycles) check_time(mode.every, path + ".failure." + mode.name + ".every");
      }
    }
  }

  // --- the bound ---

  void find_bound() {
    const Traffic capped = detail::traffic(graph_, TrafficMode::capped);
    double bound = 0;
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k) {
      if (is_good_sink(graph_.nodes[k])) bound += capped.through[k];
    }
    out_.throughput_bound_per_s = bound;
    const std::vector<std::size_t> gate_before = dominators();
    bound_by_gates(gate_before);
    bound_by_visits();
    bound_by_loops(gate_before);
    if (out_.throughput_bound_per_s >= detail::kAlmostUnlimitedRate) out_.throughput_bound_per_s = kInfinity;
    name_bottleneck(capped);
  }

  bool is_good_sink(const FlowNode& node) const {
    return node.kind == NodeKind::sink && factory_.sinks[node.index].counts == SinkCounts::good;
  }

  void lower_bound_to(double rate, std::string_view station) {
    if (!(rate < out_.throughput_bound_per_s)) return;
    out_.throughput_bound_per_s = rate;
    out_.bottleneck = station;
    out_.is_bound_by_cards = false;
  }

  /// Of each node the last one before it that every part has to go through; all sources have one node before them, number
  /// `nodes`, and all good sinks one behind, the next number (Lengauer and Tarjan 1979).
  std::vector<std::size_t> dominators() const {
    const std::size_t n = graph_.nodes.size();
    Graph graph(n + 2);
    for (const FlowArc& arc : graph_.arcs) boost::add_edge(arc.from, arc.to, graph);
    for (std::uint32_t k = 0; k < n; ++k) {
      if (graph_.nodes[k].kind == NodeKind::source) boost::add_edge(n, k, graph);
      if (is_good_sink(graph_.nodes[k]) && has_parts_[k]) boost::add_edge(k, n + 1, graph);
    }
    std::vector<std::size_t> dominator(n + 2, Graph::null_vertex());
    boost::lengauer_tarjan_dominator_tree(
        graph, n, boost::make_iterator_property_map(dominator.begin(), boost::get(boost::vertex_index, graph)));
    return dominator;
  }

  /// Whether one good part may come of less than one part that went through a gate.
  bool makes_more() const {
    return std::any_of(factory_.stations.begin(), factory_.stations.end(), [](const Station& s) {
      return s.kind == StationKind::disassembly || s.kind == StationKind::process;
    });
  }

  /// Every good part goes through the stations that dominate all good sinks, at least once.
  void bound_by_gates(const std::vector<std::size_t>& dominator) {
    if (makes_more()) return;
    const std::size_t n = graph_.nodes.size();
    for (std::size_t k = dominator[n + 1]; k != n && k != Graph::null_vertex(); k = dominator[k]) {
      const FlowNode& node = graph_.nodes[k];
      // An upper bound has to allow for the fastest product.
      if (node.kind == NodeKind::station) lower_bound_to(fastest_rate(graph_.station(node)), node.name);
    }
  }

  static double least_work(const Station& station) {
    double work = mean(station.cycle);
    for (const auto& [product, law] : station.cycle_of) work = std::min(work, mean(law));
    return work;
  }

  static double fastest_rate(const Station& station) { return detail::capacity_per_s(station, least_work(station)); }

  /// A part keeps its card at least as long as it is worked on (Little's law): no more parts than cards / work go through a
  /// loop. The bound of Denning and Buzen (1978) for closed networks.
  void bound_by_loops(const std::vector<std::size_t>& dominator) {
    if (factory_.loops.empty()) return;
    const Traffic offered = detail::traffic(graph_, TrafficMode::offered);
    for (const CardLoop& loop : factory_.loops) {
      const std::size_t first = graph_.by_name.at(loop.from);
      double work = 0;
      std::size_t k = graph_.by_name.at(loop.to);
      for (; k < graph_.nodes.size(); k = dominator[k]) {
        if (graph_.nodes[k].kind == NodeKind::station) work += least_work(graph_.station(graph_.nodes[k]));
        if (k == first) break;
      }
      // Not every part of an assembly has come through the beginning of the loop.
      if (k != first || !(work > 0)) continue;
      const double rate = static_cast<double>(loop.cards) / work;
      warn_of_cards(loop, rate, offered.through[first]);
      std::size_t gate = dominator[graph_.nodes.size() + 1];
      while (gate < graph_.nodes.size() && gate != first) gate = dominator[gate];
      if (gate != first || makes_more() || !(rate < out_.throughput_bound_per_s)) continue;
      lower_bound_to(rate, loop.name);
      out_.is_bound_by_cards = true;
    }
  }

  void warn_of_cards(const CardLoop& loop, double rate, double offered) {
    const bool all_may_be_lost = std::all_of(factory_.sources.begin(), factory_.sources.end(),
                                             [](const Source& s) { return s.when_full == WhenFull::lose; });
    if (offered < rate * (1 - 1e-12) || offered >= detail::kAlmostUnlimitedRate || all_may_be_lost) return;
    warn("W102", "loop." + loop.name + ".cards",
         "the loop " + quoted(loop.name) + " is asked for " + number(offered * 3600) +
             " parts per hour and can let through " + number(rate * 3600) + " with its " +
             number(static_cast<double>(loop.cards)) + " cards: parts before it pile up without end",
         "give it more cards, or let fewer parts arrive");
  }

  /// One stream of parts whose shares are fixed and whose queues are finite cannot run faster than its slowest
  /// station: capacity over visits.
  void bound_by_visits() {
    const bool is_one_stream = factory_.sources.size() == 1 &&
                               std::none_of(graph_.nodes.begin(), graph_.nodes.end(), [&](const FlowNode& node) {
                                 return graph_.is_adaptive(node) || graph_.is_process(node);
                               });
    const bool is_split = std::any_of(graph_.nodes.begin(), graph_.nodes.end(), [](const FlowNode& node) {
      return node.kind != NodeKind::buffer && node.out.size() > 1;
    });
    const bool can_grow = std::any_of(factory_.buffers.begin(), factory_.buffers.end(),
                                      [](const Buffer& b) { return b.capacity == kUnlimited; });
    if (!is_one_stream || (is_split && can_grow)) return;
    const Traffic visits = detail::traffic(graph_, TrafficMode::visits);
    const std::vector<double> useful = detail::useful_shares(graph_, visits);
    double good = 0;
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k) {
      if (is_good_sink(graph_.nodes[k])) good += visits.through[k];
    }
    for (std::uint32_t k = 0; k < graph_.nodes.size(); ++k) {
      const FlowNode& node = graph_.nodes[k];
      if (node.kind != NodeKind::station || !(visits.through[k] > 0)) continue;
      const double capacity = detail::capacity_per_s(graph_.station(node), visits.work_s[k]);
      lower_bound_to(capacity * good / (visits.through[k] * useful[k]), node.name);
    }
  }

  /// The last station, in the order of the flow, that gets more than it can do.
  void name_bottleneck(const Traffic& capped) {
    if (!out_.bottleneck.empty() || !std::isfinite(out_.throughput_bound_per_s)) return;
    for (const std::uint32_t k : graph_.order) {
      const FlowNode& node = graph_.nodes[k];
      if (node.kind != NodeKind::station) continue;
      double in = 0;
      for (const std::uint32_t a : node.in) in += detail::total(capped.arc[a]);
      const double capacity = detail::capacity_per_s(graph_.station(node), capped.work_s[k]);
      const bool is_full = capped.through[k] >= capacity * (1 - 1e-9);
      if (is_full && in > capacity * (1 + 1e-9)) out_.bottleneck = node.name;
    }
  }

  const Factory& factory_;
  FlowGraph graph_;
  std::vector<bool> has_parts_;
  Analysis out_;
};

}  // namespace

Analysis analyze(const Factory& factory) { return Analyzer(factory).run(); }

}  // namespace twin
