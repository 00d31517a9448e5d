// SPDX-License-Identifier: Apache-2.0
#include <libtwin/compile/compile.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>

#include <libtwin/compile/builder.hpp>
#include <libtwin/engine/run.hpp>

namespace twin {
namespace detail {

PlantBuilder::PlantBuilder(const Factory& f, const CompileOptions& o) : factory(f), options(o) {}

void PlantBuilder::complain(std::string code, std::string path, std::string message, std::string hint) {
  Diagnostic d;
  d.code = std::move(code);
  d.path = std::move(path);
  d.message = std::move(message);
  d.hint = std::move(hint);
  diagnostics.push_back(std::move(d));
}

std::uint32_t PlantBuilder::product_index(const std::string& name) {
  const auto [it, is_new] = products.try_emplace(name, static_cast<std::uint32_t>(out.names.products.size()));
  if (is_new) {
    out.names.products.push_back(name);
    out.plant.product_priorities.push_back(0.0);
  }
  return it->second;
}

// Declared products first, in the order of the file, then those that are only named. Parts of a source that names none
// are of product 0, which is then a product without a name and none of the others.
void PlantBuilder::number_products() {
  const auto is_nameless = [](const Source& s) { return s.mix.empty() && s.arrivals_list.empty(); };
  if (std::any_of(factory.sources.begin(), factory.sources.end(), is_nameless)) product_index("");
  for (const Product& p : factory.products) out.plant.product_priorities[product_index(p.name)] = p.priority;
  for (const Source& s : factory.sources) {
    for (const auto& [name, share] : s.mix) product_index(name);
    for (const ScheduledArrival& a : s.arrivals_list) product_index(a.product);
  }
  for (const Station& s : factory.stations) {
    if (!s.makes.empty()) product_index(s.makes);
    for (const auto& [name, law] : s.cycle_of) product_index(name);
  }
  for (const Arrow& a : factory.arrows) {
    if (a.route == RouteKind::product) product_index(a.name);
  }
  if (out.names.products.empty()) product_index("");
  out.plant.product_count = static_cast<std::uint32_t>(out.names.products.size());
  if (out.plant.product_count > 65535) complain("E022", "product", "more than 65,535 products", "merge some");
}

// A rule of the user's program is asked about the part in work; anywhere else there is no part to ask about.
std::uint32_t PlantBuilder::add_law_of_none(const Distribution& law, const std::string& path) {
  if (law.kind == LawKind::call) {
    complain("E041", path, "only cycle times can be a call, and this is call(" + law.name + ")",
             "use another law, or write the station as a process");
  }
  return add_law(law, path);
}

std::uint32_t PlantBuilder::add_law(const Distribution& law, const std::string& path) {
  const auto index = static_cast<std::uint32_t>(out.plant.laws.size());
  out.plant.laws.push_back(law);
  const auto parameters = law_info(law.kind).parameters;
  for (std::uint32_t k = 0; k < parameters.size(); ++k) {
    add_slot(path + "." + std::string(parameters[k].name), {SlotKind::law, index, k});
    // A constant is its value: `machine.press.cycle` means the same as `machine.press.cycle.value`.
    if (law.kind == LawKind::constant) add_slot(path, {SlotKind::law, index, k});
  }
  return index;
}

void PlantBuilder::add_slot(const std::string& path, ValueSlot slot) {
  out.slots[path] = static_cast<std::uint32_t>(out.plant.slots.size());
  out.plant.slots.push_back(slot);
}

std::uint32_t PlantBuilder::add_mix(const Source& source) {
  if (source.mix.empty()) return kNone;
  double total = 0;
  for (const auto& [name, share] : source.mix) total += share;
  ProductMix mix;
  double sum = 0;
  for (const auto& [name, share] : source.mix) mix.cumulative.emplace_back((sum += share) / total, product_index(name));
  out.plant.mixes.push_back(std::move(mix));
  return static_cast<std::uint32_t>(out.plant.mixes.size() - 1);
}

void PlantBuilder::add_stores() {
  Plant& plant = out.plant;
  for (const Buffer& b : factory.buffers) {
    PlantStore store;
    store.kind = StoreKind::buffer;
    store.index = plant.buffer_count++;
    store.order = static_cast<StoreOrder>(b.order);
    store.capacity = b.capacity == kUnlimited || b.capacity >= kUnlimitedPlaces
                         ? kUnlimitedPlaces
                         : static_cast<std::uint32_t>(b.capacity);
    if (b.order == QueueOrder::call) {
      const auto it = options.dispatch.find(b.rule);
      if (it != options.dispatch.end()) {
        store.rule = it->second;
      } else {
        complain("E041", "buffer." + b.name + ".rule", "no dispatch rule '" + b.rule + "' was given to compile",
                 "give it in CompileOptions::dispatch");
      }
    }
    store_of[b.name] = static_cast<std::uint32_t>(plant.stores.size());
    add_slot("buffer." + b.name + ".capacity", {SlotKind::capacity, store_of[b.name], 0});
    plant.buffer_stores.push_back(store_of[b.name]);
    plant.stores.push_back(store);
    out.names.buffers.push_back(b.name);
  }
  for (const Sink& s : factory.sinks) {
    PlantStore store;
    store.kind = StoreKind::sink;
    store.capacity = 0;
    store.index = plant.sink_count++;
    store.is_good = s.counts == SinkCounts::good;
    store_of[s.name] = static_cast<std::uint32_t>(plant.stores.size());
    plant.sink_stores.push_back(store_of[s.name]);
    plant.stores.push_back(store);
    out.names.sinks.push_back(s.name);
  }
  for (std::uint32_t k = 0; k < factory.sources.size(); ++k) {
    const Source& s = factory.sources[k];
    if (s.arrivals || !s.schedule.empty() || !s.arrivals_list.empty()) continue;
    PlantStore store;
    store.kind = StoreKind::supply;
    store.capacity = 0;
    store.index = k;
    store.mix = add_mix(s);
    store.mix_key = stream_key(name_key(s.name), Purpose::product);
    store_of[s.name] = static_cast<std::uint32_t>(plant.stores.size());
    plant.stores.push_back(store);
  }
}

// The store through which parts pass from one element to the next: a buffer, sink or supply, or else the handoff that
// belongs to the station after. An assembly has a handoff for each element before it, so that it can count them apart.
std::uint32_t PlantBuilder::store_between(const std::string& from, const std::string& to) {
  if (const auto it = store_of.find(to); it != store_of.end()) return it->second;
  if (const auto it = store_of.find(from); it != store_of.end()) return it->second;
  const Station& station = factory.stations[station_of.at(to)];
  const bool keeps_apart = station.kind == StationKind::assembly || station.kind == StationKind::process;
  const auto [it, is_new] = handoffs.try_emplace({to, keeps_apart ? from : std::string()},
                                                 static_cast<std::uint32_t>(out.plant.stores.size()));
  if (is_new) {
    PlantStore store;
    store.kind = StoreKind::handoff;
    store.capacity = 0;
    out.plant.stores.push_back(store);
  }
  return it->second;
}

void PlantBuilder::add_inputs(const Station& described, PlantStation& station) {
  Plant& plant = out.plant;
  station.first_input = static_cast<std::uint32_t>(plant.inputs.size());
  for (const std::uint32_t a : arrows_into[described.name]) {
    const std::string& from = factory.arrows[a].from;
    PlantInput input;
    input.store = store_between(from, described.name);
    if (const auto it = described.takes.find(from); it != described.takes.end()) {
      input.count = static_cast<std::uint32_t>(it->second);
    }
    const auto begin = plant.inputs.begin() + station.first_input;
    const bool known =
        std::any_of(begin, plant.inputs.end(), [&](const PlantInput& i) { return i.store == input.store; });
    if (!known) plant.inputs.push_back(input);
  }
  station.input_count = static_cast<std::uint32_t>(plant.inputs.size()) - station.first_input;
}

void PlantBuilder::add_outlets(const std::string& name, PlantStation& station) {
  Plant& plant = out.plant;
  station.first_outlet = static_cast<std::uint32_t>(plant.outlets.size());
  for (const std::uint32_t a : arrows_from[name]) {
    const Arrow& arrow = factory.arrows[a];
    PlantOutlet outlet;
    outlet.store = store_between(name, arrow.to);
    switch (arrow.route) {
      case RouteKind::always:
        break;
      case RouteKind::share:
        station.route = RouteRule::share;
        outlet.share = arrow.share;
        add_slot("flow." + name + "->" + arrow.to + ".share",
                 {SlotKind::share, static_cast<std::uint32_t>(plant.outlets.size()), 0});
        break;
      case RouteKind::otherwise:
        outlet.is_otherwise = true;
        break;
      case RouteKind::product:
        station.route = RouteRule::product;
        outlet.product = product_index(arrow.name);
        break;
      case RouteKind::shortest:
        station.route = RouteRule::shortest;
        break;
      case RouteKind::round_robin:
        station.route = RouteRule::round_robin;
        break;
      case RouteKind::priority:
        station.route = RouteRule::priority;
        break;
      case RouteKind::call: {
        station.route = RouteRule::rule;
        const auto it = options.routing.find(arrow.name);
        if (it != options.routing.end()) {
          station.route_rule = it->second;
        } else if (options.missing == MissingRule::error) {
          complain("E041", "flow." + name + "->" + arrow.to,
                   "no routing rule '" + arrow.name + "' was given to compile", "give it in CompileOptions::routing");
        }
        break;
      }
    }
    plant.outlets.push_back(outlet);
  }
  station.outlet_count = static_cast<std::uint32_t>(plant.outlets.size()) - station.first_outlet;
  if (station.outlet_count > 1 && station.route == RouteRule::single) station.route = RouteRule::all;
}

void PlantBuilder::add_work(const Station& described, PlantStation& station, const std::string& path) {
  Plant& plant = out.plant;
  station.law = add_law(described.cycle, path + ".cycle");
  std::string rule;
  const auto find_rule = [&](const Distribution& law) {
    if (law.kind != LawKind::call) return;
    if (!rule.empty() && rule != law.name) {
      complain("E041", path + ".cycle_of",
               "'" + described.name + "' calls two process time rules, '" + rule + "' and '" + law.name + "'",
               "call one; it sees the product of the part");
    }
    rule = law.name;
    const auto it = options.process_times.find(law.name);
    if (it != options.process_times.end()) {
      station.process_time = it->second;
    } else if (options.missing == MissingRule::error) {
      complain("E041", path + ".cycle", "no process time rule '" + law.name + "' was given to compile",
               "give it in CompileOptions::process_times");
    }
  };
  find_rule(described.cycle);
  if (!described.cycle_of.empty()) {
    station.first_product_law = static_cast<std::uint32_t>(plant.product_laws.size());
    plant.product_laws.resize(plant.product_laws.size() + plant.product_count, station.law);
    for (const auto& [product, law] : described.cycle_of) {
      find_rule(law);
      const std::uint32_t index = add_law(law, path + ".cycle_of." + product);
      plant.product_laws[station.first_product_law + product_index(product)] = index;
    }
  }
  if (!described.setup.empty()) add_setups(described, station, path);
}

void PlantBuilder::add_setups(const Station& described, PlantStation& station, const std::string& path) {
  Plant& plant = out.plant;
  const std::uint32_t n = plant.product_count;
  station.first_setup_law = static_cast<std::uint32_t>(plant.setup_laws.size());
  plant.setup_laws.resize(plant.setup_laws.size() + std::size_t{n} * n, kNone);
  // Written from the least to the most exact entry, so that the more exact one stays.
  for (int exactness = 0; exactness < 4; ++exactness) {
    for (const auto& [pair, law] : described.setup) {
      const auto [from, to] = split_setup_key(pair);
      const int mine = 2 * static_cast<int>(from != "*") + static_cast<int>(to != "*");
      if (mine != exactness) continue;
      const std::uint32_t index = add_law_of_none(law, path + ".setup." + from + "->" + to);
      for (std::uint32_t a = 0; a < n; ++a) {
        for (std::uint32_t b = 0; b < n; ++b) {
          const bool fits =
              (from == "*" || out.names.products[a] == from) && (to == "*" || out.names.products[b] == to);
          if (fits && a != b) plant.setup_laws[station.first_setup_law + a * n + b] = index;
        }
      }
    }
  }
}

void PlantBuilder::add_failures(const Station& described, PlantStation& station, const std::string& path) {
  Plant& plant = out.plant;
  station.first_failure = static_cast<std::uint32_t>(plant.failures.size());
  station.failure_count = static_cast<std::uint32_t>(described.failures.size());
  for (const FailureMode& mode : described.failures) {
    const std::string mode_path = path + ".failure." + mode.name;
    PlantFailure failure;
    failure.clock = static_cast<PlantClock>(mode.clock);
    failure.effect = static_cast<PartEffect>(mode.part);
    failure.every = add_law_of_none(mode.every, mode_path + ".every");
    failure.repair = add_law_of_none(mode.repair, mode_path + ".repair");
    failure.key = detail::mix(name_key(described.name) + name_key(mode.name));
    if (!mode.crew.empty()) failure.crew = crew_of.at(mode.crew);
    plant.failures.push_back(failure);
    out.names.failures.push_back(mode.name);
  }
}

void PlantBuilder::add_stations() {
  Plant& plant = out.plant;
  for (std::uint32_t k = 0; k < factory.stations.size(); ++k) {
    const Station& described = factory.stations[k];
    const std::string path =
        std::string(enum_names(StationKind{})[static_cast<std::size_t>(described.kind)]) + "." + described.name;
    PlantStation station;
    station.kind = static_cast<PlantStationKind>(described.kind);
    station.servers = static_cast<std::uint32_t>(described.servers);
    station.index = k;
    station.key = name_key(described.name);
    station.starts_only_with_room = described.blocking == Blocking::before_service;
    station.scrap = described.scrap;
    if (!described.makes.empty()) station.makes = product_index(described.makes);
    add_inputs(described, station);
    add_outlets(described.name, station);
    if (described.kind == StationKind::disassembly) {
      station.route = RouteRule::all;
      for (std::uint32_t o = 0; o < station.outlet_count; ++o) {
        const auto it = described.gives.find(factory.arrows[arrows_from[described.name][o]].to);
        if (it != described.gives.end()) {
          plant.outlets[station.first_outlet + o].count = static_cast<std::uint32_t>(it->second);
        }
      }
    }
    if (described.kind == StationKind::process) {
      add_behaviour(described, station, path);
    } else {
      add_work(described, station, path);
      add_failures(described, station, path);
      if (described.scrap > 0) add_slot(path + ".scrap", {SlotKind::scrap, k, 0});
    }
    plant.stations.push_back(station);
    out.names.stations.push_back(described.name);
  }
  plant.station_count = static_cast<std::uint32_t>(plant.stations.size());
}

void PlantBuilder::add_behaviour(const Station& described, PlantStation& station, const std::string& path) {
  const auto it = options.behaviours.find(described.behaviour);
  if (it == options.behaviours.end()) {
    complain("E041", path + ".behaviour", "no behaviour '" + described.behaviour + "' was given to compile",
             "processes are code: give it in CompileOptions::behaviours");
    return;
  }
  station.behaviour = static_cast<std::uint32_t>(out.plant.behaviours.size());
  out.plant.behaviours.push_back(it->second);
}

void PlantBuilder::add_sources() {
  Plant& plant = out.plant;
  for (std::uint32_t k = 0; k < factory.sources.size(); ++k) {
    const Source& described = factory.sources[k];
    out.names.sources.push_back(described.name);
    if (store_of.contains(described.name)) continue;  // never starved
    PlantStation station;
    station.kind = PlantStationKind::source;
    station.index = k;
    station.key = name_key(described.name);
    station.mix = add_mix(described);
    station.loses_parts = described.when_full == WhenFull::lose;
    const std::string path = "source." + described.name;
    if (described.arrivals) {
      station.law = add_law_of_none(*described.arrivals, path + ".arrivals");
      if (described.batch != constant(1)) station.batch_law = add_law_of_none(described.batch, path + ".batch");
    } else {
      station.first_release = static_cast<std::uint32_t>(plant.releases.size());
      for (const ScheduledArrival& a : described.arrivals_list) {
        plant.releases.push_back(
            {SimTime::from_seconds(a.time_s).ticks(), product_index(a.product), static_cast<std::uint32_t>(a.count)});
      }
      station.release_count = static_cast<std::uint32_t>(described.arrivals_list.size());
    }
    add_outlets(described.name, station);
    plant.stations.push_back(station);
    ++plant.source_count;
  }
}

void PlantBuilder::connect_consumers() {
  Plant& plant = out.plant;
  std::vector<std::vector<std::uint32_t>> of_store(plant.stores.size());
  for (std::uint32_t k = 0; k < plant.station_count; ++k) {
    const PlantStation& s = plant.stations[k];
    for (std::uint32_t i = 0; i < s.input_count; ++i) {
      const std::uint32_t store = plant.inputs[s.first_input + i].store;
      of_store[store].push_back(k);
      const bool takes_together = s.kind == PlantStationKind::assembly || s.input_count > 1 || s.cards_taken.count != 0;
      if (takes_together && s.kind != PlantStationKind::process) plant.stores[store].is_watched = true;
    }
  }
  for (std::size_t store = 0; store < of_store.size(); ++store) {
    plant.stores[store].first_consumer = static_cast<std::uint32_t>(plant.consumers.size());
    plant.stores[store].consumer_count = static_cast<std::uint32_t>(of_store[store].size());
    plant.consumers.insert(plant.consumers.end(), of_store[store].begin(), of_store[store].end());
  }
  for (std::uint32_t b = 0; b < plant.buffer_count; ++b) {
    if (factory.buffers[b].counts != Counting::with_machine) continue;
    PlantStore& store = plant.stores[plant.buffer_stores[b]];
    for (std::uint32_t c = 0; c < store.consumer_count; ++c) {
      store.machine_places += plant.stations[plant.consumers[store.first_consumer + c]].servers;
    }
    if (store.capacity != kUnlimitedPlaces) store.capacity -= std::min(store.capacity, store.machine_places);
  }
}

void PlantBuilder::add_loops() {
  Plant& plant = out.plant;
  for (std::uint32_t k = 0; k < factory.loops.size(); ++k) {
    const CardLoop& described = factory.loops[k];
    PlantLoop loop;
    loop.cards = static_cast<std::uint32_t>(described.cards);
    loop.first = station_of.at(described.from);
    if (const auto it = store_of.find(described.to); it != store_of.end()) {
      loop.store = it->second;
    } else {
      loop.last = station_of.at(described.to);
    }
    plant.loops.push_back(loop);
    out.names.loops.push_back(described.name);
    add_slot("loop." + described.name + ".cards", {SlotKind::cards, k, 0});
  }
  // By what they begin or end at, in order.
  std::map<std::uint32_t, std::vector<std::uint32_t>> beginning;
  std::map<std::uint32_t, std::vector<std::uint32_t>> ending;
  std::map<std::uint32_t, std::vector<std::uint32_t>> ending_at_store;
  for (std::uint32_t k = 0; k < plant.loops.size(); ++k) {
    const PlantLoop& loop = plant.loops[k];
    beginning[loop.first].push_back(k);
    (loop.store != kNone ? ending_at_store[loop.store] : ending[loop.last]).push_back(k);
  }
  const auto list = [&](const std::vector<std::uint32_t>& loops) {
    const auto first = static_cast<std::uint32_t>(plant.loop_lists.size());
    plant.loop_lists.insert(plant.loop_lists.end(), loops.begin(), loops.end());
    return LoopRange{first, static_cast<std::uint32_t>(loops.size())};
  };
  for (const auto& [station, loops] : beginning) plant.stations[station].cards_taken = list(loops);
  for (const auto& [station, loops] : ending) plant.stations[station].cards_back = list(loops);
  for (const auto& [store, loops] : ending_at_store) plant.stores[store].cards_back = list(loops);
  for (std::uint32_t s = 0; s < plant.station_count; ++s) {
    PlantStation& station = plant.stations[s];
    const bool takes_together =
        station.kind == PlantStationKind::assembly || station.input_count != 1 || station.cards_taken.count != 0;
    if (!takes_together) station.cards_back_at_start = plant.stores[plant.inputs[station.first_input].store].cards_back;
  }
}

void PlantBuilder::add_leaves() {
  Plant& plant = out.plant;
  for (std::uint32_t k = 0; k < plant.station_count; ++k) {
    plant.stations[k].first_leaf = static_cast<std::uint32_t>(plant.leaves.size());
    for (std::uint32_t c = 0; c < plant.stations[k].servers; ++c)
      plant.leaves.push_back({LeafKind::server, k, c, kNone});
  }
  for (std::uint32_t k = 0; k < plant.station_count; ++k) {
    const PlantStation s = plant.stations[k];
    for (std::uint32_t c = 0; s.failure_count != 0 && c < s.servers; ++c) {
      plant.leaves.push_back({LeafKind::repair, k, s.first_leaf + c, kNone});
      for (std::uint32_t m = 0; m < s.failure_count; ++m) {
        if (plant.failures[s.first_failure + m].clock != PlantClock::calendar) continue;
        plant.leaves.push_back({LeafKind::calendar, k, s.first_leaf + c, m});
      }
    }
  }
  for (std::uint32_t k = plant.station_count; k < plant.stations.size(); ++k) {
    plant.stations[k].first_leaf = static_cast<std::uint32_t>(plant.leaves.size());
    plant.leaves.push_back({LeafKind::source, k, 0, kNone});
  }
  plant.leaves.push_back({LeafKind::mark, kNone, kNone, kNone});
}

Compiled PlantBuilder::build() {
  out.names.factory = factory.name;
  for (std::uint32_t k = 0; k < factory.stations.size(); ++k) station_of[factory.stations[k].name] = k;
  for (std::uint32_t k = 0; k < factory.crews.size(); ++k) {
    const Crew& crew = factory.crews[k];
    crew_of[crew.name] = k;
    out.names.crews.push_back(crew.name);
    out.plant.crew_sizes.push_back(static_cast<std::uint32_t>(crew.size));
    add_slot("crew." + crew.name + ".size", {SlotKind::crew_size, k, 0});
  }
  for (std::uint32_t a = 0; a < factory.arrows.size(); ++a) {
    arrows_from[factory.arrows[a].from].push_back(a);
    arrows_into[factory.arrows[a].to].push_back(a);
  }
  number_products();
  add_stores();
  add_stations();
  add_sources();
  add_loops();
  connect_consumers();
  add_leaves();
  if (has_errors(diagnostics)) throw ModelError(std::move(diagnostics));
  return std::move(out);
}

std::pair<std::string, std::string> split_setup_key(const std::string& key) {
  const auto trim = [](const std::string& s) {
    const auto first = s.find_first_not_of(" \t");
    if (first == std::string::npos) return std::string();
    return s.substr(first, s.find_last_not_of(" \t") - first + 1);
  };
  const std::size_t arrow = key.find("->");
  if (arrow == std::string::npos) return {trim(key), "*"};
  return {trim(key.substr(0, arrow)), trim(key.substr(arrow + 2))};
}

}  // namespace detail

namespace {

std::uint32_t find_name(const std::vector<std::string>& names, std::string_view name, const char* kind) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end()) throw std::out_of_range("twin: no " + std::string(kind) + " '" + std::string(name) + "'");
  return static_cast<std::uint32_t>(it - names.begin());
}

}  // namespace

StationId Compiled::station(std::string_view name) const {
  return StationId{find_name(names.stations, name, "station")};
}
BufferId Compiled::buffer(std::string_view name) const { return BufferId{find_name(names.buffers, name, "buffer")}; }
SinkId Compiled::sink(std::string_view name) const { return SinkId{find_name(names.sinks, name, "sink")}; }
CrewId Compiled::crew(std::string_view name) const { return CrewId{find_name(names.crews, name, "crew")}; }

std::uint32_t Compiled::slot(std::string_view path) const {
  const auto it = slots.find(std::string(path));
  if (it == slots.end()) throw std::out_of_range("twin: '" + std::string(path) + "' is not a number a run can change");
  return it->second;
}

Compiled compile(const Factory& factory, const CompileOptions& options) {
  std::vector<Diagnostic> found = validate(factory);
  if (has_errors(found)) throw ModelError(std::move(found));
  Compiled compiled = detail::PlantBuilder(factory, options).build();
  compiled.lanes = make_lane_program(compiled.plant);
  return compiled;
}

RunInput run_input(const RunSettings& settings) {
  RunInput input;
  input.parts = static_cast<std::uint64_t>(settings.parts);
  input.warmup_parts = static_cast<std::uint64_t>(settings.warmup_parts);
  input.horizon_s = settings.parts > 0 ? kMaxSeconds : settings.horizon_s;
  input.warmup_s = settings.warmup_is_auto ? 0.0 : settings.warmup_s;
  input.seed = settings.seed;
  return input;
}

}  // namespace twin
