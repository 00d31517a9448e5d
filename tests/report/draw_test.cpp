// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <tests/report/samples.hpp>
#include <tests/support/catch.hpp>

#include <libtwin/report/diagram.hpp>
#include <libtwin/report/draw.hpp>

using namespace twin;
using namespace twin::literals;
using detail::Diagram;
using detail::DiagramNode;

namespace {

Factory rework() {
  Factory f("rework");
  f.machine("cut", {.cycle = 5_min});
  f.machine("inspect", {.cycle = 1_min});
  f.machine("repair", {.cycle = exponential(10_min)});
  f.buffer("queue", {.capacity = 8});
  f.sink("bin", {.counts = SinkCounts::scrap});
  f.flow("blanks -> cut -> queue -> inspect");
  f.flow("inspect -> good : otherwise");
  f.flow("inspect -> repair : 8 %");
  f.flow("repair -> queue : otherwise");
  f.flow("repair -> bin : 10 %");
  return f;
}

Factory line(int machines) {
  Factory f("line");
  std::string flow = "supply";
  for (int i = 1; i <= machines; ++i) {
    f.machine("m" + std::to_string(i), {.cycle = 60_s});
    flow += " -> m" + std::to_string(i);
    if (i == machines) break;
    f.buffer("b" + std::to_string(i), {.capacity = 5});
    flow += " -> b" + std::to_string(i);
  }
  f.flow(flow + " -> out");
  return f;
}

Factory assembly() {
  Factory f("assembly");
  f.machine("turn", {.cycle = 40_s});
  f.machine("mill", {.cycle = 50_s});
  Station join;
  join.cycle = 60_s;
  join.takes = {{"bolts", 4}};
  f.assembly("join", join);
  for (const char* name : {"shafts", "housings", "bolts"}) f.buffer(name, {.capacity = 5});
  f.flow("bars -> turn -> shafts -> join -> shipped");
  f.flow("castings -> mill -> housings -> join");
  f.flow("bolt_store -> bolts -> join");
  return f;
}

Diagram laid_out(const Factory& factory) {
  Diagram d = detail::diagram_of(factory);
  detail::lay_out(d);
  return d;
}

bool overlap(const DiagramNode& a, const DiagramNode& b) {
  return std::abs(a.x - b.x) < (a.width + b.width) / 2 && std::abs(a.y - b.y) < (a.height + b.height) / 2;
}

const DiagramNode& node(const Diagram& d, const std::string& name) {
  const auto found = std::find_if(d.nodes.begin(), d.nodes.end(), [&](const DiagramNode& n) { return n.name == name; });
  REQUIRE(found != d.nodes.end());
  return *found;
}

/// Whether every tag is closed in order, attributes are quoted, and no bare & or < is left.
bool is_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t i = 0; i < xml.size(); ++i) {
    if (xml[i] == '&' && xml.find(';', i) > i + 6) return false;
    if (xml[i] != '<') continue;
    const std::size_t end = xml.find('>', i);
    if (end == std::string::npos ||
        std::count(xml.begin() + static_cast<long>(i), xml.begin() + static_cast<long>(end), '"') % 2 != 0)
      return false;
    const std::string tag = xml.substr(i + 1, end - i - 1);
    const std::string name = tag.substr(tag[0] == '/' ? 1 : 0, tag.find_first_of(" /", 1) - (tag[0] == '/' ? 1 : 0));
    if (tag[0] == '/') {
      if (open.empty() || open.back() != tag.substr(1)) return false;
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    i = end;
  }
  return open.empty();
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("boxes never overlap and lie on the page") {
  for (const Factory& factory : {samples::factory(), rework(), assembly(), line(10), line(40), line(1)}) {
    const Diagram d = laid_out(factory);
    for (std::size_t i = 0; i < d.nodes.size(); ++i) {
      const DiagramNode& n = d.nodes[i];
      INFO(factory.name << " " << n.name);
      CHECK(n.x - n.width / 2 >= 0);
      CHECK(n.x + n.width / 2 <= d.width);
      CHECK(n.y - n.height / 2 >= 0);
      CHECK(n.y + n.height / 2 <= d.height);
      for (std::size_t k = i + 1; k < d.nodes.size(); ++k) CHECK_FALSE(overlap(n, d.nodes[k]));
    }
  }
}

TEST_CASE("arrows lie on the page and end at their boxes") {
  for (const Factory& factory : {samples::factory(), rework(), assembly(), line(25)}) {
    const Diagram d = laid_out(factory);
    for (const auto& e : d.edges) {
      REQUIRE(e.points.size() >= 2);
      for (const auto& [x, y] : e.points) CHECK((x >= 0 && x <= d.width && y >= 0 && y <= d.height));
      const DiagramNode& to = d.nodes[e.to];
      CHECK(std::abs(e.points.back().first - to.x) <= to.width / 2 + 0.1);
      CHECK(std::abs(e.points.back().second - to.y) <= to.height / 2 + 0.1);
    }
  }
}

TEST_CASE("only the arrow that closes a rework loop leads back, below the boxes") {
  const Diagram d = laid_out(rework());
  for (const auto& e : d.edges) {
    const bool is_loop = d.nodes[e.from].name == "repair" && d.nodes[e.to].name == "queue";
    CHECK(e.leads_back == is_loop);
    if (!is_loop) {
      CHECK(d.nodes[e.from].x < d.nodes[e.to].x);
      continue;
    }
    double lowest = 0;
    for (const auto& [x, y] : e.points) lowest = std::max(lowest, y);
    for (const DiagramNode& n : d.nodes) CHECK(n.y + n.height / 2 < lowest);
  }
}

TEST_CASE("a line without branches is straight") {
  const Diagram d = laid_out(line(4));
  for (const DiagramNode& n : d.nodes) CHECK(n.y == Approx(d.nodes[0].y));
}

TEST_CASE("a long line is broken into rows instead of growing without end") {
  const Diagram d = laid_out(line(40));
  CHECK(d.width < 1500);
  CHECK(node(d, "m40").y > node(d, "m1").y + 100);
}

TEST_CASE("branches of an assembly begin where they join, not at the far left") {
  const Diagram d = laid_out(assembly());
  CHECK(node(d, "bolt_store").x > node(d, "bars").x);
}

TEST_CASE("the picture is well-formed XML with every name in it") {
  for (const Factory& factory : {samples::factory(), rework(), assembly(), line(10)}) {
    const std::string svg = draw_svg(factory);
    CHECK(is_well_formed(svg));
    for (const Station& s : factory.stations) CHECK(svg.find(">" + s.name + "</text>") != std::string::npos);
    CHECK(count_of(svg, "<path class=\"arrow") == factory.arrows.size());
  }
}

TEST_CASE("names with markup in them are escaped") {
  Factory f("a < b & \"c\"");
  f.machine("m", {.cycle = 1_s});
  f.flow("in -> m -> out");
  const std::string svg = draw_svg(f);
  CHECK(is_well_formed(svg));
  CHECK(svg.find("a &lt; b &amp; &quot;c&quot;") != std::string::npos);
  CHECK(draw_dot(f).find("digraph \"a < b & \\\"c\\\"\"") == 0);
}

TEST_CASE("the picture adapts to dark pages") {
  CHECK(draw_svg(rework()).find("prefers-color-scheme: dark") != std::string::npos);
}

TEST_CASE("an empty factory is a picture without boxes") {
  const std::string svg = draw_svg(Factory("nothing"));
  CHECK(is_well_formed(svg));
  CHECK(svg.find("nothing") != std::string::npos);
}

TEST_CASE("the graph for Graphviz has every box, arrow and condition") {
  CHECK(draw_dot(rework()) == R"x(digraph "rework" {
  rankdir=LR;
  node [fontname="sans-serif", fontsize=11];
  edge [fontname="sans-serif", fontsize=10];
  "blanks" [label="blanks\nalways", shape=oval, style=filled, fillcolor="#d5efe6"];
  "cut" [label="cut\n5 min", shape=box, style="rounded,filled", fillcolor="#d6e8f5"];
  "inspect" [label="inspect\n60 s", shape=box, style="rounded,filled", fillcolor="#d6e8f5"];
  "repair" [label="repair\nexponential 10 min", shape=box, style="rounded,filled", fillcolor="#d6e8f5"];
  "queue" [label="queue\n8", shape=cylinder, style=filled, fillcolor="#fbecc8"];
  "bin" [label="bin", shape=oval, peripheries=2, style=filled, fillcolor="#f7dccf"];
  "good" [label="good", shape=oval, peripheries=2, style=filled, fillcolor="#d5efe6"];
  "blanks" -> "cut";
  "cut" -> "queue";
  "queue" -> "inspect";
  "inspect" -> "good" [label="otherwise"];
  "inspect" -> "repair" [label="8 %"];
  "repair" -> "queue" [label="otherwise", constraint=false, color="#b04a00"];
  "repair" -> "bin" [label="10 %"];
}
)x");
}

TEST_CASE("the graph for Mermaid has every box, arrow and condition") {
  const std::string text = draw_mermaid(assembly());
  INFO(text);
  CHECK(text.find("flowchart LR\n  n0([\"bars<br/>always\"]):::end_\n") == 0);
  CHECK(text.find("[/\"join<br/>60 s\"\\]:::station\n") != std::string::npos);
  CHECK(text.find("-->|\"4 parts\"|") != std::string::npos);
  CHECK(count_of(text, " -->") == assembly().arrows.size());
}

TEST_CASE("the same factory gives the same picture") { CHECK(draw_svg(rework()) == draw_svg(rework())); }
