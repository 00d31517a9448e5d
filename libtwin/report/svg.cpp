// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <libtwin/report/diagram.hpp>
#include <libtwin/report/draw.hpp>

namespace twin {
namespace {

using detail::DiagramEdge;
using detail::DiagramNode;
using detail::Shape;

// Hues of Okabe and Ito (2008), which people with any kind of colour vision can tell apart; shapes tell them apart too.
constexpr std::string_view kStyle = R"(<style>
  text { font-family: system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif; fill: #17212b; }
  .page { fill: #ffffff; }
  .title { font-size: 16px; font-weight: 600; }
  .name { font-size: 13px; font-weight: 600; text-anchor: middle; }
  .note, .remark { font-size: 11px; fill: #44515d; }
  .note { text-anchor: middle; }
  .label { font-size: 11px; fill: #44515d; text-anchor: middle; stroke: #ffffff; stroke-width: 6px; paint-order: stroke; }
  .label.back { fill: #a14300; }
  .box { stroke-width: 1.6; }
  .station { fill: #e3f0f9; stroke: #0072b2; }
  .buffer { fill: #fdf3da; stroke: #b57f00; }
  .end { fill: #dff3ec; stroke: #00805f; }
  .scrap { fill: #fae4d8; stroke: #c24f00; }
  .mark { fill: #c24f00; stroke: none; }
  .line { fill: none; }
  .arrow { fill: none; stroke: #5b6875; stroke-width: 1.5; }
  .arrow.back { stroke: #c24f00; stroke-dasharray: 6 3; }
  .head { fill: #5b6875; }
  .head.back { fill: #c24f00; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .page { fill: #0f1720; }
    .note, .remark { fill: #aab6c2; }
    .label { fill: #aab6c2; stroke: #0f1720; }
    .label.back { fill: #ff9d5c; }
    .station { fill: #12344a; stroke: #56b4e9; }
    .buffer { fill: #3d2f0a; stroke: #e69f00; }
    .end { fill: #0d3a2e; stroke: #2bbd94; }
    .scrap { fill: #43220f; stroke: #ff8a3d; }
    .mark { fill: #ff8a3d; }
    .arrow { stroke: #8795a3; }
    .head { fill: #8795a3; }
    .arrow.back { stroke: #ff8a3d; }
    .head.back { fill: #ff8a3d; }
  }
</style>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

std::string_view class_of(Shape shape) {
  switch (shape) {
    case Shape::source:
    case Shape::sink:
      return "end";
    case Shape::scrap_sink:
      return "scrap";
    case Shape::buffer:
      return "buffer";
    default:
      return "station";
  }
}

std::string number(double v) { return fmt::format("{}", std::round(v * 10) / 10); }

std::string rect(std::string_view css, double x, double y, double w, double h, double radius) {
  return fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>", css, number(x),
                     number(y), number(w), number(h), number(radius));
}

/// A closed path through corners, each a pair of coordinates.
std::string polygon(std::string_view css, const std::vector<std::pair<double, double>>& corners) {
  std::string points;
  for (const auto& [x, y] : corners) points += fmt::format("{}{},{}", points.empty() ? "" : " ", number(x), number(y));
  return fmt::format("<polygon class=\"{}\" points=\"{}\" stroke-linejoin=\"round\"/>", css, points);
}

std::string outline(const DiagramNode& n) {
  const double l = n.x - n.width / 2;
  const double t = n.y - n.height / 2;
  const double r = n.x + n.width / 2;
  const double b = n.y + n.height / 2;
  const std::string css = "box " + std::string(class_of(n.shape));
  const std::string line_css = "box line " + std::string(class_of(n.shape));
  constexpr double kSlant = 9;
  switch (n.shape) {
    case Shape::source:
      return rect(css, l, t, n.width, n.height, n.height / 2);
    case Shape::sink:
    case Shape::scrap_sink:
      return rect(css, l, t, n.width, n.height, n.height / 2) +
             rect(css, l + 4, t + 4, n.width - 8, n.height - 8, n.height / 2 - 4);
    case Shape::machine:
      return rect(css, l, t, n.width, n.height, 6);
    case Shape::process:
      return rect(css, l, t, n.width, n.height, 2) + rect(line_css, l + 5, t, n.width - 10, n.height, 0);
    case Shape::assembly:
      return polygon(css, {{l, t}, {r, t + kSlant}, {r, b - kSlant}, {l, b}});
    case Shape::disassembly:
      return polygon(css, {{l, t + kSlant}, {r, t}, {r, b}, {l, b - kSlant}});
    case Shape::buffer:
      // Places seen from the side: open where parts come in, bars where they wait.
      return rect(css, l, t, n.width, n.height, 1) + fmt::format("<path class=\"{}\" d=\"M{} {}V{}M{} {}V{}\"/>",
                                                                 line_css, number(r - 5), number(t), number(b),
                                                                 number(r - 10), number(t), number(b));
  }
  return "";
}

std::string box(const DiagramNode& n) {
  std::string out = "<g><title>" + escaped(n.name);
  for (const std::string& d : n.details) out += "\n" + escaped(d);
  out += "</title>" + outline(n);
  const double shift = n.shape == Shape::buffer ? -4 : 0;
  const double baseline = n.note.empty() ? n.y + 4.5 : n.y - 2.5;
  out += fmt::format("<text class=\"name\" x=\"{}\" y=\"{}\">{}</text>", number(n.x + shift), number(baseline),
                     escaped(n.name));
  if (!n.note.empty()) {
    out += fmt::format("<text class=\"note\" x=\"{}\" y=\"{}\">{}</text>", number(n.x + shift), number(n.y + 13.5),
                       escaped(n.note));
  }
  if (n.can_fail) {
    const double x = n.x + n.width / 2 - 7;
    const double y = n.y - n.height / 2 + (n.shape == Shape::assembly ? 15 : 7);
    out += polygon("mark", {{x - 4.5, y + 4}, {x + 4.5, y + 4}, {x, y - 4}});
  }
  return out + "</g>\n";
}

/// Straight along an axis, with round corners; else a curve that leaves and arrives level.
std::string path_of(const std::vector<std::pair<double, double>>& points) {
  constexpr double kRound = 7;
  const auto along_axis = [&](std::size_t i) {
    return std::abs(points[i].first - points[i + 1].first) < 0.05 ||
           std::abs(points[i].second - points[i + 1].second) < 0.05;
  };
  const auto toward = [&](std::size_t from, std::size_t to) {
    const double dx = points[to].first - points[from].first;
    const double dy = points[to].second - points[from].second;
    const double length = std::max(std::hypot(dx, dy), 1e-9);
    const double step = std::min(kRound, length / 2);
    return std::pair{points[from].first + dx / length * step, points[from].second + dy / length * step};
  };
  std::string d = fmt::format("M{} {}", number(points[0].first), number(points[0].second));
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const auto [x0, y0] = points[i];
    const auto [x1, y1] = points[i + 1];
    if (!along_axis(i)) {
      const double middle = (x0 + x1) / 2;
      d += fmt::format("C{} {} {} {} {} {}", number(middle), number(y0), number(middle), number(y1), number(x1),
                       number(y1));
    } else if (i + 2 < points.size() && along_axis(i + 1)) {
      const auto [ax, ay] = toward(i + 1, i);
      const auto [bx, by] = toward(i + 1, i + 2);
      d += fmt::format("L{} {}Q{} {} {} {}", number(ax), number(ay), number(x1), number(y1), number(bx), number(by));
    } else {
      d += fmt::format("L{} {}", number(x1), number(y1));
    }
  }
  return d;
}

std::string arrow(const DiagramEdge& e) {
  const std::string back = e.leads_back ? " back" : "";
  auto points = e.points;
  const auto [tip_x, tip_y] = points.back();
  const auto [prior_x, prior_y] = points[points.size() - 2];
  // Curves arrive level, so the head points right unless the last piece is vertical.
  const bool is_vertical = std::abs(prior_x - tip_x) < 0.05;
  const double dx = is_vertical ? 0 : 1;
  const double dy = is_vertical ? (tip_y > prior_y ? 1 : -1) : 0;
  points.back() = {tip_x - dx * 6, tip_y - dy * 6};
  return fmt::format("<path class=\"arrow{}\" d=\"{}\"/>", back, path_of(points)) +
         polygon("head" + back, {{tip_x, tip_y},
                                 {tip_x - dx * 8 - dy * 4, tip_y - dy * 8 - dx * 4},
                                 {tip_x - dx * 8 + dy * 4, tip_y - dy * 8 + dx * 4}}) +
         "\n";
}

}  // namespace

std::string draw_svg(const Factory& factory) {
  detail::Diagram d = detail::diagram_of(factory);
  detail::lay_out(d);
  constexpr double kRemarkHeight = 18;
  const double remarks_top = d.height - 6;
  if (!d.remarks.empty()) d.height += kRemarkHeight * static_cast<double>(d.remarks.size());
  for (const std::string& r : d.remarks) d.width = std::max(d.width, 56 + 6.6 * static_cast<double>(r.size()));
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\">\n",
      number(std::ceil(d.width)), number(std::ceil(d.height)));
  out += "<title>" + escaped(d.title.empty() ? "factory" : d.title) + "</title>\n" + std::string(kStyle);
  out += rect("page", 0, 0, std::ceil(d.width), std::ceil(d.height), 8) + "\n";
  if (!d.title.empty()) out += fmt::format("<text class=\"title\" x=\"28\" y=\"36\">{}</text>\n", escaped(d.title));
  for (const DiagramEdge& e : d.edges) out += arrow(e);
  for (const DiagramNode& n : d.nodes) out += box(n);
  for (const DiagramEdge& e : d.edges) {
    if (e.label.empty()) continue;
    out += fmt::format("<text class=\"label{}\" x=\"{}\" y=\"{}\">{}</text>\n", e.leads_back ? " back" : "",
                       number(e.label_x), number(e.label_y + 3.5), escaped(e.label));
  }
  double y = remarks_top;
  for (const std::string& r : d.remarks) {
    out += fmt::format("<text class=\"remark\" x=\"28\" y=\"{}\">{}</text>\n", number(y), escaped(r));
    y += kRemarkHeight;
  }
  return out + "</svg>\n";
}

}  // namespace twin
