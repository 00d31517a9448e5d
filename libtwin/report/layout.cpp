// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <libtwin/report/diagram.hpp>
#include <libtwin/report/format.hpp>
#include <libtwin/report/layers.hpp>

namespace twin::detail {
namespace {

constexpr double kMargin = 28;
constexpr double kTitleHeight = 34;
constexpr double kRankGap = 40;
constexpr double kMostWidth = 1180;
constexpr double kLaneGap = 20;
constexpr double kTurnRoom = 16;

/// About 7 pixels a character at 13 px in a sans-serif face; too wide is better than clipped.
double text_width(const std::string& text, double per_character) {
  return static_cast<double>(width_of(text)) * per_character;
}

void size_nodes(Diagram& d) {
  for (DiagramNode& n : d.nodes) {
    const double text = std::max(text_width(n.name, 7.8), text_width(n.note, 6.6));
    n.width = std::max(n.shape == Shape::buffer ? 56.0 : 72.0, text + 26);
    n.height = n.note.empty() ? 36 : 46;
  }
}

/// Which rank each row begins with: rows of about equal width. A row may end only where a single arrow crosses, so
/// that nothing else has to be led around the corner; a line that has no such place near enough stays in one row.
std::vector<std::size_t> row_starts(const Diagram& d, const std::vector<double>& widths,
                                    const std::vector<double>& gaps) {
  std::vector<int> begins(widths.size() + 1, 0);
  for (const DiagramEdge& e : d.edges) {
    const auto [low, high] = std::minmax(d.nodes[e.from].rank, d.nodes[e.to].rank);
    ++begins[low];
    --begins[high];
  }
  std::vector<double> starts_at{0};
  for (std::size_t r = 0; r < widths.size(); ++r) starts_at.push_back(starts_at.back() + widths[r] + gaps[r]);
  const double rows = std::ceil(starts_at.back() / kMostWidth);
  const double wanted = starts_at.back() / rows;
  std::vector<std::size_t> starts{0};
  for (double row = 1; row < rows; ++row) {
    std::size_t best = 0;
    int crossing = 0;  // arrows between the rank before and this one
    for (std::size_t r = 0; r < widths.size(); ++r) {
      const auto off = [&](std::size_t rank) { return std::abs(starts_at[rank] - row * wanted); };
      const bool is_clean = crossing == 1 && r > starts.back();
      if (is_clean && off(r) < 0.35 * wanted && (best == 0 || off(r) < off(best))) best = r;
      crossing += begins[r];
    }
    if (best != 0) starts.push_back(best);
  }
  return starts;
}

/// Everything about places that routing needs.
struct Page {
  std::vector<double> left;  ///< of each rank
  std::vector<double> right;
  std::vector<std::size_t> row_of;   ///< of each rank
  std::vector<double> row_bottom;    ///< lowest edge of a box or arrow, without the lanes below
  std::vector<double> lanes_bottom;  ///< with them
};

/// A lane below a row for each arrow that leads back; arrows that do not overlap share one.
std::vector<std::size_t> assign_lanes(const Diagram& d, const Page& page, std::vector<std::size_t>& lanes_in_row) {
  std::vector<std::size_t> back;
  for (std::size_t e = 0; e < d.edges.size(); ++e) {
    if (d.edges[e].leads_back) back.push_back(e);
  }
  const auto span = [&](std::size_t e) { return std::minmax(d.nodes[d.edges[e].from].x, d.nodes[d.edges[e].to].x); };
  // Short ones first, so that they lie inside long ones and nothing crosses that need not.
  std::stable_sort(back.begin(), back.end(), [&](std::size_t a, std::size_t b) {
    return span(a).second - span(a).first < span(b).second - span(b).first;
  });
  std::vector<std::vector<std::vector<std::pair<double, double>>>> taken(page.row_bottom.size());
  std::vector<std::size_t> lane_of(d.edges.size(), 0);
  constexpr double kClearance = 40;
  for (const std::size_t e : back) {
    auto& lanes = taken[page.row_of[d.nodes[d.edges[e].from].rank]];
    const double low = span(e).first;
    const double high = span(e).second;
    std::size_t lane = 0;
    const auto is_free = [&](const auto& others) {
      return std::none_of(others.begin(), others.end(),
                          [&](const auto& o) { return low - kClearance < o.second && o.first < high + kClearance; });
    };
    while (lane < lanes.size() && !is_free(lanes[lane])) ++lane;
    if (lane == lanes.size()) lanes.emplace_back();
    lanes[lane].emplace_back(low, high);
    lane_of[e] = lane;
  }
  for (const auto& lanes : taken) lanes_in_row.push_back(lanes.size());
  return lane_of;
}

/// Whether nothing of the same layer lies below a box.
bool is_lowest(const Layers& layers, const Diagram& d, std::size_t node) {
  return layers.ranks[d.nodes[node].rank].back() == node;
}

void route_back(Diagram& d, const Layers& layers, const Page& page, DiagramEdge& edge, double lane_y) {
  const DiagramNode& from = d.nodes[edge.from];
  const DiagramNode& to = d.nodes[edge.to];
  constexpr double kAside = 12;
  if (is_lowest(layers, d, edge.from)) {
    edge.points = {{from.x + kAside, from.y + from.height / 2}, {from.x + kAside, lane_y}};
  } else {
    const double x = page.right[from.rank] + kTurnRoom;
    edge.points = {{from.x + from.width / 2, from.y}, {x, from.y}, {x, lane_y}};
  }
  if (is_lowest(layers, d, edge.to)) {
    edge.points.insert(edge.points.end(), {{to.x - kAside, lane_y}, {to.x - kAside, to.y + to.height / 2}});
  } else {
    const double x = page.left[to.rank] - kTurnRoom;
    edge.points.insert(edge.points.end(), {{x, lane_y}, {x, to.y}, {to.x - to.width / 2, to.y}});
  }
  // Off the middle, where the ends of other arrows that lead back tend to stand.
  edge.label_x = from.x + 0.35 * (to.x - from.x);
  edge.label_y = lane_y;
}

void route_forward(const Diagram& d, const Layers& layers, const Page& page, const std::vector<std::size_t>& chain,
                   DiagramEdge& edge) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const LayerSlot& slot = layers.slots[chain[i]];
    const std::size_t row = page.row_of[slot.rank];
    if (i > 0 && page.row_of[layers.slots[chain[i - 1]].rank] != row) {
      const auto [x, y] = edge.points.back();
      const double channel = page.lanes_bottom[row - 1] + kTurnRoom;
      const double entry = kMargin;
      edge.points.insert(edge.points.end(),
                         {{x + kTurnRoom, y}, {x + kTurnRoom, channel}, {entry, channel}, {entry, slot.y}});
    }
    const double half = slot.node == kNoNode ? 0 : d.nodes[slot.node].width / 2;
    const double middle = slot.node == kNoNode ? 0 : d.nodes[slot.node].x;
    const double left = slot.node == kNoNode ? page.left[slot.rank] : middle - half;
    const double right = slot.node == kNoNode ? page.right[slot.rank] : middle + half;
    if (i > 0) edge.points.emplace_back(left, slot.y);
    if (i + 1 < chain.size()) edge.points.emplace_back(right, slot.y);
  }
  const auto [x0, y0] = edge.points[0];
  const auto [x1, y1] = edge.points[1];
  // A little past the middle of the curve, where arrows from one box have parted.
  edge.label_x = x0 + 0.576 * (x1 - x0);
  edge.label_y = y0 + 0.648 * (y1 - y0) - (std::abs(y1 - y0) < 12 ? 9 : 0);
}

/// The room an arrow's label needs between two ranks.
std::vector<double> gaps_after_ranks(const Diagram& d, const Layers& layers) {
  std::vector<double> gaps(layers.ranks.size(), kRankGap);
  for (const DiagramEdge& e : d.edges) {
    if (e.leads_back || e.label.empty()) continue;
    double& gap = gaps[d.nodes[e.from].rank];
    gap = std::max(gap, text_width(e.label, 6.4) + 30);
  }
  return gaps;
}

Page place_ranks(Diagram& d, Layers& layers) {
  const std::vector<double> gaps = gaps_after_ranks(d, layers);
  std::vector<double> widths;
  for (const auto& rank : layers.ranks) {
    double width = 0;
    for (const std::size_t s : rank) {
      if (layers.slots[s].node != kNoNode) width = std::max(width, d.nodes[s].width);
    }
    widths.push_back(width);
  }
  const std::vector<std::size_t> starts = row_starts(d, widths, gaps);
  Page page;
  double x = 0;
  for (std::size_t r = 0; r < layers.ranks.size(); ++r) {
    const bool begins_row =
        page.row_of.empty() ? true : page.row_of.back() + 1 < starts.size() && starts[page.row_of.back() + 1] == r;
    if (begins_row) x = kMargin + (r == 0 ? 0 : kTurnRoom);
    page.row_of.push_back(begins_row && r > 0 ? page.row_of.back() + 1 : r == 0 ? 0 : page.row_of.back());
    page.left.push_back(x);
    page.right.push_back(x + widths[r]);
    for (const std::size_t s : layers.ranks[r]) {
      if (layers.slots[s].node != kNoNode) d.nodes[s].x = x + widths[r] / 2;
    }
    d.width = std::max(d.width, x + widths[r] + kMargin + (starts.size() > 1 ? kTurnRoom : 0));
    x += widths[r] + gaps[r];
  }
  page.row_bottom.assign(starts.size(), 0);
  return page;
}

}  // namespace

void lay_out(Diagram& d) {
  d.width = 2 * kMargin + text_width(d.title, 9.5);
  d.height = kMargin;
  if (d.nodes.empty()) return;
  size_nodes(d);
  Layers layers = make_layers(d);
  Page page = place_ranks(d, layers);
  std::vector<std::size_t> lanes_in_row;
  const std::vector<std::size_t> lane_of = assign_lanes(d, page, lanes_in_row);
  double top = d.title.empty() ? kMargin : kMargin + kTitleHeight;
  for (std::size_t row = 0; row < page.row_bottom.size(); ++row) {
    double low = INFINITY;
    double high = -INFINITY;
    for (const LayerSlot& s : layers.slots) {
      if (page.row_of[s.rank] != row) continue;
      low = std::min(low, s.y - s.height / 2);
      high = std::max(high, s.y + s.height / 2);
    }
    for (LayerSlot& s : layers.slots) {
      if (page.row_of[s.rank] == row) s.y += top - low;
    }
    page.row_bottom[row] = top + high - low;
    page.lanes_bottom.push_back(page.row_bottom[row] + static_cast<double>(lanes_in_row[row]) * kLaneGap +
                                (lanes_in_row[row] > 0 ? 8 : 0));
    top = page.lanes_bottom[row] + 2 * kTurnRoom;
  }
  for (std::size_t n = 0; n < d.nodes.size(); ++n) d.nodes[n].y = layers.slots[n].y;
  for (std::size_t e = 0; e < d.edges.size(); ++e) {
    DiagramEdge& edge = d.edges[e];
    if (edge.leads_back) {
      const std::size_t row = page.row_of[d.nodes[edge.from].rank];
      route_back(d, layers, page, edge, page.row_bottom[row] + 4 + static_cast<double>(lane_of[e] + 1) * kLaneGap);
    } else {
      route_forward(d, layers, page, layers.chains[e], edge);
    }
  }
  d.height = page.lanes_bottom.back() + kMargin;
}

}  // namespace twin::detail
