// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <libtwin/model/factory.hpp>
#include <libtwin/model/units.hpp>

using namespace twin::literals;

using Lines = std::vector<std::string>;

/// What `validate` says, as `"E022 machine.m.servers"`; every finding must have a message and a remedy.
inline Lines problems_of(const twin::Factory& factory) {
  Lines lines;
  for (const twin::Diagnostic& d : twin::validate(factory)) {
    lines.push_back(d.code + " " + d.path);
    if (d.message.empty()) lines.back() += " (no message)";
    if (d.hint.empty()) lines.back() += " (no remedy)";
  }
  return lines;
}

/// A line without a mistake that uses most of what there is: supply -> press -> b1 -> weld -> inspect -> …
inline twin::Factory small_factory() {
  twin::Factory f("small");
  f.source("supply", {.arrivals = twin::exponential(40_s), .mix = {{"A", 0.7}, {"B", 0.3}}});
  f.machine("press", {.cycle = 38_s, .cycle_of = {{"A", 30_s}}, .setup = {{"A -> B", 1_min}, {"* -> A", 2_min}}});
  f.buffer("b1", {.capacity = 20});
  f.machine("weld", {.cycle = twin::lognormal(41_s, 0.15),
                     .failures = {{.name = "tip", .every = 6_h, .repair = 18_min, .crew = "maintenance"}}});
  f.machine("inspect", {.cycle = 1_s});
  f.buffer("again");
  f.machine("rework", {.cycle = 90_s});
  f.buffer("b2");
  f.crew("maintenance", {.size = 2});
  f.product("A", {.priority = 1});
  f.flow("supply -> press -> b1 -> weld -> b2 -> inspect -> shipped : otherwise");
  f.flow("inspect -> again : 3 %");
  f.flow("again -> rework -> b2");
  return f;
}

/// a -> m -> b with room to add.
inline twin::Factory tiny_factory() {
  twin::Factory f("tiny");
  f.source("in", {.arrivals = 10_s});
  f.machine("m", {.cycle = 5_s});
  f.sink("out");
  f.flow("in -> m");
  return f;
}
