// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <libtwin/compile/compile.hpp>

namespace twin::detail {

/// Builds a plant step by step; each step relies on the ones before it in `build`.
struct PlantBuilder {
  PlantBuilder(const Factory& f, const CompileOptions& o);
  Compiled build();

  void complain(std::string code, std::string path, std::string message, std::string hint);
  std::uint32_t product_index(const std::string& name);
  std::uint32_t add_law(const Distribution& law, const std::string& path);
  std::uint32_t add_law_of_none(const Distribution& law, const std::string& path);
  void add_slot(const std::string& path, ValueSlot slot);
  std::uint32_t add_mix(const Source& source);
  std::uint32_t store_between(const std::string& from, const std::string& to);
  void number_products();
  void add_stores();
  void add_stations();
  void add_inputs(const Station& described, PlantStation& station);
  void add_outlets(const std::string& name, PlantStation& station);
  void add_work(const Station& described, PlantStation& station, const std::string& path);
  void add_setups(const Station& described, PlantStation& station, const std::string& path);
  void add_failures(const Station& described, PlantStation& station, const std::string& path);
  void add_behaviour(const Station& described, PlantStation& station, const std::string& path);
  void add_sources();
  void connect_consumers();
  void add_loops();
  void add_leaves();

  const Factory& factory;
  const CompileOptions& options;
  Compiled out;
  std::vector<Diagnostic> diagnostics;
  std::unordered_map<std::string, std::uint32_t> store_of;    // buffers, sinks, supplies
  std::unordered_map<std::string, std::uint32_t> station_of;  // index in the factory
  std::unordered_map<std::string, std::uint32_t> crew_of;
  std::unordered_map<std::string, std::uint32_t> products;
  std::unordered_map<std::string, std::vector<std::uint32_t>> arrows_from;
  std::unordered_map<std::string, std::vector<std::uint32_t>> arrows_into;
  std::map<std::pair<std::string, std::string>, std::uint32_t> handoffs;  // by (station, element before)
};

/// `"A -> B"` as its two sides, without blanks.
std::pair<std::string, std::string> split_setup_key(const std::string& key);

}  // namespace twin::detail
