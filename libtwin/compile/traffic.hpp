// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <libtwin/model/factory.hpp>

/// The flow of a factory as a graph, and the rates of parts through it. Internal to the room `compile`.
namespace twin::detail {

enum class NodeKind : std::uint8_t { source, station, buffer, sink };

struct FlowNode {
  NodeKind kind = NodeKind::source;

  /// Within the vector of its kind.
  std::uint32_t index = 0;

  std::string_view name;

  /// Within `FlowGraph::arcs`.
  std::vector<std::uint32_t> in;
  std::vector<std::uint32_t> out;

  /// Elements that lie on a common loop have the same number.
  std::uint32_t component = 0;
};

struct FlowArc {
  std::uint32_t from = 0;
  std::uint32_t to = 0;

  /// Within `Factory::arrows`.
  std::uint32_t arrow = 0;
};

/// Points into the factory, which must outlive it.
struct FlowGraph {
  explicit FlowGraph(const Factory& described);

  [[nodiscard]] const Station& station(const FlowNode& node) const { return factory.stations[node.index]; }

  /// `machine.weld`.
  [[nodiscard]] std::string path(const FlowNode& node) const;

  /// Whether the node is a station whose behaviour is the user's own: it may make and destroy parts.
  [[nodiscard]] bool is_process(const FlowNode& node) const;

  /// Whether what leaves the node goes where there is room, and not by shares that are known.
  [[nodiscard]] bool is_adaptive(const FlowNode& node) const;

  const Factory& factory;
  std::vector<FlowNode> nodes;  ///< sources, stations, buffers, sinks
  std::vector<FlowArc> arcs;
  std::unordered_map<std::string_view, std::uint32_t> by_name;

  /// All nodes, upstream first; those of one loop stand together.
  std::vector<std::uint32_t> order;

  std::unordered_map<std::string_view, std::uint32_t> products;
};

/// The most parts per second that a station can work on when the mean work is `work_s`: servers × availability / work.
/// Infinity when there is no work or it is not known.
///
/// Modes that age on busy time or on parts stop the station in turn: 1 / (1 + sum of MTTR / MTTF). Those that age on the
/// calendar run side by side: the product of MTTF / (MTTF + MTTR). With both kinds the smaller of the two, since repairs may
/// overlap: the result is then an upper bound.
[[nodiscard]] double capacity_per_s(const Station& station, double work_s);

/// Parts per second by product, in order of the product.
using Flow = std::vector<std::pair<std::uint32_t, double>>;
[[nodiscard]] double total(const Flow& flow);

/// Rates that are as good as infinite: what a source that is never starved offers.
inline constexpr double kUnlimitedRate = 1e18;
inline constexpr double kAlmostUnlimitedRate = 1e12;

enum class TrafficMode : std::uint8_t {
  offered,  ///< what arrives, whatever the stations can do
  visits,   ///< as `offered`, with one part per second from each source; only never-starved ones where there are any
  capped,   ///< no station works faster than it can; where parts go where there is room, each way may get all
};

/// Rates of parts per second.
struct Traffic {
  std::vector<Flow> arc;

  /// Operations of stations, parts through the rest.
  std::vector<double> through;

  /// Mean work of a part, for stations [s].
  std::vector<double> work_s;
};

/// Solves the traffic equations: along the order of the flow, round after round within each loop (Gauss-Seidel) until
/// nothing changes by more than one part in 10^13. Near-linear for factories without loops.
[[nodiscard]] Traffic traffic(const FlowGraph& graph, TrafficMode mode);

/// How much of each node's flow is of use when assemblies take their parts together: 1 without assemblies.
[[nodiscard]] std::vector<double> useful_shares(const FlowGraph& graph, const Traffic& visits);

}  // namespace twin::detail
