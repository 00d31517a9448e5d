// SPDX-License-Identifier: Apache-2.0
#include <libtwin/scenario/read_model.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <libtwin/scenario/lexer.hpp>
#include <libtwin/scenario/read_fields.hpp>

namespace twin::detail {

const std::vector<std::string>& element_sections() {
  static const std::vector<std::string> kSections{"product", "source", "machine", "assembly", "disassembly",
                                                  "process", "buffer", "sink",    "crew",     "loop"};
  return kSections;
}

const std::vector<std::string>& model_sections() {
  static const std::vector<std::string> kSections = [] {
    std::vector<std::string> all{"format", "factory", "run", "parameter", "known"};
    all.insert(all.end(), element_sections().begin(), element_sections().end());
    return all;
  }();
  return kSections;
}

bool keeps_order(std::string_view key) {
  constexpr std::string_view kOthers[] = {"parameter", "known", "factor", "measure", "failure", "station"};
  return std::find(std::begin(kOthers), std::end(kOthers), key) != std::end(kOthers) ||
         std::find(element_sections().begin(), element_sections().end(), key) != element_sections().end();
}

void read_schedule(Reader& reader, const Node& node, const std::string& path, Source& source) {
  if (node.is(NodeKind::text)) {
    source.schedule = node.text;
    read_csv_schedule(reader, node, path, node.text, source.arrivals_list);
    return;
  }
  const Node* list = &node;
  if (node.is(NodeKind::table)) {
    refuse_unknown_keys(reader, node, path, {"file", "releases"});
    if (const Node* const file = node.find("file")) read_text(reader, *file, path + ".file", source.schedule);
    list = node.find("releases");
    if (list == nullptr) return;
  }
  if (!list->is(NodeKind::array)) {
    refuse_kind(reader, *list, path, "the name of a CSV file or a list of releases");
    return;
  }
  for (const Node& item : list->items) {
    ScheduledArrival release;
    if (!item.is(NodeKind::table)) {
      refuse_kind(reader, item, path, "a table", "write { time = \"1 h\", product = \"A\", count = 10 }");
      continue;
    }
    refuse_unknown_keys(reader, item, path, {"time", "product", "count"});
    const Node* const time = item.find("time");
    const Node* const product = item.find("product");
    const Node* const count = item.find("count");
    if (time == nullptr) reader.error("E010", item.place, path, "a release needs a time", "no 'time'");
    if (time != nullptr) read_number(reader, *time, {.dimension = Dimension::time}, path + ".time", release.time_s);
    if (product != nullptr) read_text(reader, *product, path + ".product", release.product);
    if (count != nullptr) read_whole(reader, *count, {.min = 1, .max = 1e9}, path + ".count", release.count);
    source.arrivals_list.push_back(std::move(release));
  }
}

void read_failures(Reader& reader, const Node& node, const std::string& path, std::vector<FailureMode>& failures) {
  const std::string hint = "write [" + path + ".NAME] with every, clock, repair, crew, part";
  if (!node.is(NodeKind::table)) {
    refuse_kind(reader, node, path, "tables by name", hint);
    return;
  }
  for (const Member& member : node.members) {
    const std::string inner = path + "." + path_part(member.key);
    if (!member.value.is(NodeKind::table)) {
      refuse_kind(reader, member.value, inner, "a table", hint);
      continue;
    }
    FailureMode mode;
    mode.name = member.key;
    // The clock decides what `every` counts, wherever it stands in the table.
    const Node* const clock = member.value.find("clock");
    if (clock != nullptr && clock->is(NodeKind::text) && clock->text == "cycles") mode.clock = FailureClock::cycles;
    read_table(reader, member.value, inner, mode);
    for (const std::string_view key : {"every", "repair"}) {
      if (member.value.find(key) != nullptr) continue;
      reader.error("E013", member.place, inner, "the failure " + quote(member.key) + " needs " + quote(key),
                   "incomplete",
                   std::string(key) + " = \"" + (key == "every" ? "exponential(8 h)" : "exponential(20 min)") + "\"");
    }
    failures.push_back(std::move(mode));
  }
}

namespace {

/// A named table of an element section.
struct Entry {
  const Member* member = nullptr;
  std::string_view section;
};

std::vector<Entry> entries_of(Reader& reader, const Node& root, std::string_view section) {
  std::vector<Entry> entries;
  const Node* const node = root.find(section);
  if (node == nullptr) return entries;
  const std::string hint = "write [" + std::string(section) + ".NAME]";
  if (!node->is(NodeKind::table)) {
    refuse_kind(reader, *node, std::string(section), "tables by name", hint);
    return entries;
  }
  for (const Member& member : node->members) {
    if (member.value.is(NodeKind::table)) {
      entries.push_back({&member, section});
    } else {
      refuse_kind(reader, member.value, std::string(section) + "." + path_part(member.key), "a table", hint);
    }
  }
  return entries;
}

std::string path_of(const Entry& entry) { return std::string(entry.section) + "." + path_part(entry.member->key); }

/// A machine without work is more likely an oversight than one that works in no time.
void check_cycle(Reader& reader, const Entry& entry, const Station& station) {
  const Node& table = entry.member->value;
  if (!station.has_field("cycle") || table.find("cycle") != nullptr || table.find("cycle_of") != nullptr) return;
  reader.error("E013", entry.member->place, path_of(entry), quote(station.name) + " has no cycle", "incomplete",
               "write cycle = \"38 s\"; \"0 s\" if it takes no time");
}

/// A loop without an end, or of no number of cards, is none.
void check_loop(Reader& reader, const Entry& entry) {
  for (const std::string_view key : {"cards", "from", "to"}) {
    if (entry.member->value.find(key) != nullptr) continue;
    reader.error("E013", entry.member->place, path_of(entry),
                 "the loop " + quote(entry.member->key) + " needs " + quote(key), "incomplete",
                 "write cards = 8, from = \"the first station\", to = \"the last station\"");
    return;
  }
}

/// Stations of all kinds share one list, in the order of the file; that order decides between events at one instant.
void read_stations(Reader& reader, const Node& root, std::vector<Station>& stations) {
  std::vector<Entry> entries;
  for (const std::string_view section : enum_names(StationKind{})) {
    const std::vector<Entry> more = entries_of(reader, root, section);
    entries.insert(entries.end(), more.begin(), more.end());
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const auto order = [](const Place& p) { return std::tuple(p.file, p.line, p.column); };
    return order(a.member->place) < order(b.member->place);
  });
  constexpr auto kKinds = enum_names(StationKind{});
  for (const Entry& entry : entries) {
    Station station;
    station.name = entry.member->key;
    station.kind = static_cast<StationKind>(std::find(kKinds.begin(), kKinds.end(), entry.section) - kKinds.begin());
    read_table(reader, entry.member->value, path_of(entry), station);
    check_cycle(reader, entry, station);
    stations.push_back(std::move(station));
  }
}

/// A condition that `parse_flow` takes for an expression of parameters.
void read_share(Reader& reader, const Node& line, const ArrowPlaces& at, const std::string& path, Arrow& arrow) {
  const std::string text = std::move(arrow.name);
  arrow.name.clear();
  arrow.share = 0;
  const bool is_parameter = std::find(reader.names.begin(), reader.names.end(), text) != reader.names.end();
  if (is_word(text) && !is_parameter) {
    std::vector<std::string> words{"otherwise", "shortest", "round_robin", "priority", "product"};
    words.insert(words.end(), reader.names.begin(), reader.names.end());
    reader.error("E040", line.inside(at.route_offset, at.route_length), path, "unknown condition " + quote(text),
                 "not a condition",
                 reader.suggest(text, words,
                                "write a share such as '3 %', 'otherwise', 'product A', 'shortest', "
                                "'round_robin', 'priority' or 'call(rule)'"));
    return;
  }
  const NumberRule rule{.dimension = Dimension::share, .min = 0, .max = 1};
  read_number(reader, line, text, at.route_offset, rule, path + ".share", arrow.share);
}

void read_flow_line(Reader& reader, const Node& line, std::vector<Arrow>& arrows) {
  std::vector<Diagnostic> mistakes;
  std::vector<ArrowPlaces> places;
  std::vector<Arrow> added = parse_flow(line.text, mistakes, places);
  for (Diagnostic& mistake : mistakes) reader.error_inside(std::move(mistake), line, 0, "factory.flow");
  for (std::size_t i = 0; i < added.size(); ++i) {
    Arrow& arrow = added[i];
    const ArrowPlaces& at = places[i];
    const std::string path = "flow." + arrow.from + "->" + arrow.to;
    reader.arrow_places.try_emplace(path, Reader::ArrowPlace{line.inside(at.from_offset, arrow.from.size()),
                                                             line.inside(at.to_offset, arrow.to.size()),
                                                             line.inside(at.route_offset, at.route_length)});
    if (arrow.route == RouteKind::share && std::isnan(arrow.share)) read_share(reader, line, at, path, arrow);
    if (arrow.route == RouteKind::share) {
      if (const Node* const node = reader.take_override(path + ".share")) {
        std::erase_if(reader.bindings, [&](const Binding& b) { return b.path == path + ".share"; });
        read_number(reader, *node, {.dimension = Dimension::share, .min = 0, .max = 1}, path + ".share", arrow.share);
      }
    }
    arrows.push_back(std::move(arrow));
  }
}

void read_flow(Reader& reader, const Node& node, std::vector<Arrow>& arrows) {
  if (node.is(NodeKind::text)) return read_flow_line(reader, node, arrows);
  if (!node.is(NodeKind::array)) {
    refuse_kind(reader, node, "factory.flow", "a list of arrows", "write flow = [\"a -> b -> c\"]");
    return;
  }
  for (const Node& line : node.items) {
    if (line.is(NodeKind::text)) {
      read_flow_line(reader, line, arrows);
    } else {
      refuse_kind(reader, line, "factory.flow", "text", "write \"a -> b\"");
    }
  }
}

void read_head(Reader& reader, const Node& root, Factory& factory) {
  const Node* const head = root.find("factory");
  if (head == nullptr) return;
  if (!head->is(NodeKind::table)) {
    refuse_kind(reader, *head, "factory", "a table", "write [factory]");
    return;
  }
  refuse_unknown_keys(reader, *head, "factory", {"name", "flow"});
  if (const Node* const name = head->find("name")) read_text(reader, *name, "factory.name", factory.name);
  if (const Node* const flow = head->find("flow")) read_flow(reader, *flow, factory.arrows);
}

void read_run(Reader& reader, const Node& root, RunSettings& run) {
  const Node* const table = root.find("run");
  if (table == nullptr) return;
  if (!table->is(NodeKind::table)) {
    refuse_kind(reader, *table, "run", "a table", "write [run]");
    return;
  }
  std::vector<std::string> known;
  run_fields(run, [&](const Field& field, auto& member) {
    known.emplace_back(field.name);
    const std::string path = "run." + std::string(field.name);
    if (const Node* const node = table->find(field.name)) {
      read_member(reader, *node, field, field.dimension, path, member);
    }
  });
  refuse_unknown_keys(reader, *table, "run", known);
}

}  // namespace

void read_factory(Reader& reader, const Node& root, Factory& factory) {
  visit_simple_kinds(factory, [&](std::string_view section, auto& elements) {
    for (const Entry& entry : entries_of(reader, root, section)) {
      auto& element = elements.emplace_back();
      element.name = entry.member->key;
      read_table(reader, entry.member->value, path_of(entry), element);
      if (section == "loop") check_loop(reader, entry);
    }
  });
  read_stations(reader, root, factory.stations);
  read_head(reader, root, factory);
  read_run(reader, root, factory.run);
}

}  // namespace twin::detail
