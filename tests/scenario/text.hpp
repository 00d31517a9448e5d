// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <libtwin/scenario/scenario.hpp>

/// A small line with a place for more: what most tests of the reader start from.
inline std::string line_with(std::string_view machine, std::string_view more = "") {
  return "format = 1\n"
         "[factory]\n"
         "name = \"line\"\n"
         "flow = [\"supply -> weld -> b1 -> pack -> shipped\"]\n"
         "[source.supply]\n"
         "[machine.weld]\n" +
         std::string(machine) +
         "\n[machine.pack]\n"
         "cycle = \"30 s\"\n"
         "[buffer.b1]\n"
         "capacity = 5\n"
         "[sink.shipped]\n" +
         std::string(more);
}

inline twin::ReadResult read(std::string_view text, const std::vector<twin::Setting>& settings = {}) {
  return twin::read_scenario_text(text, "line.toml", {.settings = settings, .folder = "no-such-folder"});
}

/// The codes of all diagnostics, in order: `E020 E030`.
inline std::string codes_of(const twin::ReadResult& result) {
  std::string codes;
  for (const twin::Diagnostic& d : result.diagnostics) codes += (codes.empty() ? "" : " ") + d.code;
  return codes;
}

inline std::string shown(const twin::ReadResult& result) { return twin::render_diagnostics(result, false); }

inline const twin::Station& weld_of(const twin::ReadResult& result) {
  const auto& stations = result.scenario.factory.stations;
  return *std::find_if(stations.begin(), stations.end(), [](const twin::Station& s) { return s.name == "weld"; });
}
