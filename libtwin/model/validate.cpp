// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <libtwin/core/time.hpp>
#include <libtwin/model/checks.hpp>
#include <libtwin/model/factory.hpp>
#include <libtwin/model/name.hpp>

namespace twin {
namespace detail {

void Findings::add(std::string_view code, std::string path, std::string message, std::string hint) {
  Diagnostic d;
  d.code = code;
  d.path = std::move(path);
  d.message = std::move(message);
  d.hint = std::move(hint);
  diagnostics.push_back(std::move(d));
}

std::string number_text(double value) {
  if (std::isnan(value)) return "not a number";
  std::string text(32, '\0');
  text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.12g", value)));
  return text;
}

bool has_arrivals(const Source& source) {
  return source.arrivals.has_value() || !source.schedule.empty() || !source.arrivals_list.empty();
}

namespace {

std::string path_of(const Source& s) { return "source." + s.name; }
std::string path_of(const Station& s) {
  return std::string(enum_names(StationKind{})[static_cast<std::size_t>(s.kind)]) + "." + s.name;
}
std::string path_of(const Buffer& b) { return "buffer." + b.name; }
std::string path_of(const Sink& s) { return "sink." + s.name; }
std::string path_of(const Crew& c) { return "crew." + c.name; }
std::string path_of(const Product& p) { return "product." + p.name; }
std::string path_of(const CardLoop& l) { return "loop." + l.name; }

void check_name(const std::string& name, const std::string& path, Findings& findings) {
  if (!is_name(name)) findings.add("E040", path, "'" + name + "' is not a name", std::string(kNameRule));
}

template <class T>
void add_elements(const std::vector<T>& values, ElementKind kind, Names& names, Findings& findings) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    Element element{.kind = kind,
                    .index = i,
                    .name = values[i].name,
                    .path = path_of(values[i]),
                    .arrows_in = {},
                    .arrows_out = {}};
    check_name(values[i].name, element.path, findings);
    const auto [place, is_new] = names.element_by_name.emplace(element.name, names.elements.size());
    if (!is_new) {
      findings.add("E011", element.path,
                   "the name '" + values[i].name + "' is used twice: " + names.elements[place->second].path + " and " +
                       element.path,
                   "give each element of the flow a name of its own");
    }
    names.elements.push_back(std::move(element));
  }
}

template <class T>
void add_names(const std::vector<T>& values, std::unordered_set<std::string_view>& set, Findings& findings) {
  for (const T& value : values) {
    check_name(value.name, path_of(value), findings);
    if (set.insert(value.name).second) continue;
    findings.add("E011", path_of(value), "the name '" + value.name + "' is used twice", "keep one of the two");
  }
}

Names collect_names(const Factory& factory, Findings& findings) {
  Names names;
  add_elements(factory.sources, ElementKind::source, names, findings);
  add_elements(factory.stations, ElementKind::station, names, findings);
  add_elements(factory.buffers, ElementKind::buffer, names, findings);
  add_elements(factory.sinks, ElementKind::sink, names, findings);
  add_names(factory.crews, names.crews, findings);
  add_names(factory.products, names.products, findings);
  std::unordered_set<std::string_view> loops;
  add_names(factory.loops, loops, findings);
  // A product need not be declared: whatever makes a part of it makes it known.
  for (const Source& source : factory.sources) {
    for (const auto& [product, share] : source.mix) names.products.insert(product);
    for (const ScheduledArrival& line : source.arrivals_list) names.products.insert(line.product);
  }
  for (const Station& station : factory.stations) names.products.insert(station.makes);
  names.products.erase(std::string_view{});
  return names;
}

std::string range_text(const Field& field) {
  if (std::isinf(field.max)) return "use a number from " + number_text(field.min) + " up";
  return "use a number from " + number_text(field.min) + " to " + number_text(field.max);
}

void check_number(const Field& field, double value, const std::string& path, Findings& findings) {
  if (std::isfinite(value) && value >= field.min && value <= field.max) return;
  findings.add("E022", path, std::string(field.name) + " is " + number_text(value) + ", out of range",
               range_text(field));
}

void check_law(const Distribution& law, const std::string& path, Findings& findings) {
  const LawInfo& info = law_info(law.kind);
  for (const std::string& problem : problems(law)) {
    findings.add("E032", path, std::string(info.name) + " cannot be: " + problem, std::string(info.doc));
  }
}

/// A time between events that is always 0 would stop the clock.
void check_advances(const Distribution& law, const std::string& path, std::string_view what, Findings& findings) {
  if (law.kind == LawKind::call || !problems(law).empty() || mean(law) > 0) return;
  findings.add("E032", path, std::string(what) + " is always 0", "give it a mean above 0");
}

template <class T>
void check_fields(const T& value, const std::string& path, Findings& findings);

template <class Member>
void check_member(const Field& field, const Member& member, const std::string& path, Findings& findings) {
  if constexpr (std::is_same_v<Member, double> || std::is_same_v<Member, std::int64_t>) {
    check_number(field, static_cast<double>(member), path, findings);
  } else if constexpr (std::is_same_v<Member, Distribution>) {
    check_law(member, path, findings);
  } else if constexpr (std::is_same_v<Member, std::optional<Distribution>>) {
    if (member) check_law(*member, path, findings);
  } else if constexpr (std::is_same_v<Member, std::vector<FailureMode>>) {
    for (const FailureMode& mode : member) check_fields(mode, path + "." + mode.name, findings);
  } else if constexpr (std::is_same_v<Member, std::map<std::string, double>> ||
                       std::is_same_v<Member, std::map<std::string, std::int64_t>> ||
                       std::is_same_v<Member, std::map<std::string, Distribution>>) {
    for (const auto& [key, entry] : member) check_member(field, entry, path + "." + key, findings);
  }
}

template <class T>
void check_fields(const T& value, const std::string& path, Findings& findings) {
  // A field list serves writers too and hence wants a mutable object; nothing is written here.
  const_cast<T&>(value).fields([&](const Field& field, const auto& member) {
    if constexpr (std::is_same_v<T, Buffer>) {
      if (field.name == "capacity" && value.capacity == kUnlimited) return;
    }
    check_member(field, member, path + "." + std::string(field.name), findings);
  });
}

void check_schedule(const Source& source, const std::string& path, Findings& findings) {
  double before = 0;
  for (std::size_t i = 0; i < source.arrivals_list.size(); ++i) {
    const ScheduledArrival& line = source.arrivals_list[i];
    const std::string place = "release " + std::to_string(i + 1) + " of the schedule ";
    if (!(line.time_s >= before) || std::isinf(line.time_s)) {
      findings.add("E022", path + ".schedule",
                   place + "is at " + number_text(line.time_s) + " s" +
                       (i == 0 ? "" : ", after one at " + number_text(before) + " s"),
                   "sort the releases by time, from 0 up");
      return;
    }
    if (line.count < 1) {
      findings.add("E022", path + ".schedule", place + "has a count of " + std::to_string(line.count),
                   "use a count from 1 up, or leave the release out");
      return;
    }
    before = line.time_s;
  }
}

void check_source(const Source& source, Findings& findings) {
  const std::string path = path_of(source);
  check_fields(source, path, findings);
  const bool has_schedule = !source.schedule.empty() || !source.arrivals_list.empty();
  if (source.arrivals && has_schedule) {
    findings.add("E010", path + ".schedule", "'" + source.name + "' has both arrivals and a schedule",
                 "keep one of the two");
  }
  if (!source.schedule.empty() && source.arrivals_list.empty()) {
    findings.add("E022", path + ".schedule", "the schedule '" + source.schedule + "' has no releases",
                 "give it at least one line with time, product and count");
  }
  if (!source.arrivals && source.batch != constant(1)) {
    findings.add("E010", path + ".batch", "'" + source.name + "' has a batch without arrivals",
                 has_schedule ? "use the column 'count' of the schedule" : "give it arrivals, or leave the batch out");
  }
  if (source.arrivals) check_advances(*source.arrivals, path + ".arrivals", "the time between arrivals", findings);
  check_advances(source.batch, path + ".batch", "the batch", findings);
  check_schedule(source, path, findings);

  double sum = 0;
  for (const auto& [product, share] : source.mix) sum += share;
  if (!source.mix.empty() && sum == 0) {
    findings.add("E022", path + ".mix", "the shares of the mix sum to 0", "give at least one product a share above 0");
  }
}

void check_applies(const Station& station, const std::string& path, Findings& findings) {
  static const Station kDefault;
  const auto check = [&](std::string_view field, bool is_given) {
    if (!is_given || station.has_field(field)) return;
    const std::string_view kind = enum_names(StationKind{})[static_cast<std::size_t>(station.kind)];
    const std::string_view owner = field == "takes"       ? "an assembly"
                                   : field == "gives"     ? "a disassembly"
                                   : field == "behaviour" ? "a process"
                                                          : "a machine";
    findings.add("E010", path + "." + std::string(field),
                 "'" + std::string(field) + "' does not apply to a station of kind '" + std::string(kind) + "'",
                 "leave it out, or make '" + station.name + "' " + std::string(owner));
  };
  check("servers", station.servers != kDefault.servers);
  check("cycle", station.cycle != kDefault.cycle);
  check("cycle_of", !station.cycle_of.empty());
  check("setup", !station.setup.empty());
  check("blocking", station.blocking != kDefault.blocking);
  check("scrap", station.scrap != kDefault.scrap);
  check("takes", !station.takes.empty());
  check("gives", !station.gives.empty());
  check("makes", !station.makes.empty());
  check("behaviour", !station.behaviour.empty());
  check("failure", !station.failures.empty());
}

void check_product(std::string_view product, const std::string& path, const Names& names, Findings& findings) {
  if (names.products.contains(product)) return;
  findings.add("E041", path, "unknown product '" + std::string(product) + "'",
               findings.suggest(product, names.products, "declare it, or name it in the mix of a source"));
}

void check_setup_key(const std::string& key, const std::string& path, const Names& names, Findings& findings) {
  const std::size_t arrow = key.find("->");
  const auto trim = [](std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return std::string_view{};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
  };
  const std::string_view from = trim(std::string_view(key).substr(0, arrow));
  const std::string_view to =
      arrow == std::string::npos ? std::string_view{} : trim(std::string_view(key).substr(arrow + 2));
  if (from.empty() || to.empty()) {
    findings.add("E040", path, "the setup '" + key + "' does not say from which product to which",
                 "write it as \"A -> B\"; '*' stands for any product");
    return;
  }
  if (from != "*") check_product(from, path, names, findings);
  if (to != "*") check_product(to, path, names, findings);
}

void check_failures(const Station& station, const std::string& path, const Names& names, Findings& findings) {
  std::unordered_set<std::string_view> seen;
  for (const FailureMode& mode : station.failures) {
    const std::string place = path + ".failure." + mode.name;
    check_name(mode.name, place, findings);
    if (!seen.insert(mode.name).second) {
      findings.add("E011", place, "the failure '" + mode.name + "' is given twice", "give each failure its own name");
    }
    check_advances(mode.every, place + ".every", "the time between failures", findings);
    if (mode.crew.empty() || names.crews.contains(mode.crew)) continue;
    findings.add("E041", place + ".crew", "unknown crew '" + mode.crew + "'",
                 findings.suggest(mode.crew, names.crews, "declare it, for example as [crew." + mode.crew + "]"));
  }
}

void check_station(const Station& station, const Names& names, Findings& findings) {
  const std::string path = path_of(station);
  check_applies(station, path, findings);
  check_fields(station, path, findings);
  for (const auto& [product, law] : station.cycle_of) {
    check_product(product, path + ".cycle_of." + product, names, findings);
  }
  for (const auto& [key, law] : station.setup) check_setup_key(key, path + ".setup." + key, names, findings);
  check_failures(station, path, names, findings);
  if (station.kind == StationKind::process && station.behaviour.empty()) {
    findings.add("E041", path + ".behaviour", "the process '" + station.name + "' names no behaviour",
                 "name the behaviour that is given to compile");
  }
}

void check_buffer(const Buffer& buffer, Findings& findings) {
  const std::string path = path_of(buffer);
  check_fields(buffer, path, findings);
  const bool calls = buffer.order == QueueOrder::call;
  if (calls && buffer.rule.empty()) {
    findings.add("E041", path + ".rule", "the order of '" + buffer.name + "' is 'call', but it names no rule",
                 "name the dispatch rule that is given to compile");
  } else if (!calls && !buffer.rule.empty()) {
    findings.add("E010", path + ".rule", "the rule '" + buffer.rule + "' of '" + buffer.name + "' is never asked",
                 "set order = \"call\", or leave the rule out");
  }
}

void check_run(const RunSettings& run, Findings& findings) {
  if (!(run.horizon_s > 0) || run.horizon_s > kMaxSeconds) {
    findings.add("E022", "run.horizon", "horizon is " + number_text(run.horizon_s) + " s, out of range",
                 "use a time above 0 s and up to " + number_text(kMaxSeconds) + " s (17 years)");
  }
  if (!run.warmup_is_auto && !(run.warmup_s >= 0 && run.warmup_s < run.horizon_s)) {
    findings.add("E022", "run.warmup",
                 "warmup is " + number_text(run.warmup_s) + " s with a horizon of " + number_text(run.horizon_s) + " s",
                 "use a time from 0 s up that ends before the horizon");
  }
  if (run.parts < 0) {
    findings.add("E022", "run.parts", "parts is " + std::to_string(run.parts) + ", out of range",
                 "use a number from 1 up, or 0 for runs that end at the horizon");
  }
  if (run.warmup_parts < 0 || (run.warmup_parts > 0 && run.warmup_parts >= run.parts)) {
    findings.add("E022", "run.warmup_parts",
                 "warmup_parts is " + std::to_string(run.warmup_parts) + " with parts = " + std::to_string(run.parts),
                 "use a number from 0 up that is below parts");
  }
  if (run.parts > 0 && (run.warmup_is_auto || run.warmup_s != 0)) {
    findings.add("E022", "run.warmup", "a run of so many parts has no warm-up in time", "give warmup_parts instead");
  }
  if (run.replications < 1) {
    findings.add("E022", "run.replications", "replications is " + std::to_string(run.replications) + ", out of range",
                 "use a number from 1 up");
  }
}

}  // namespace
}  // namespace detail

std::vector<Diagnostic> validate(const Factory& factory) {
  detail::Findings findings;
  detail::Names names = detail::collect_names(factory, findings);
  for (const Source& source : factory.sources) detail::check_source(source, findings);
  for (const Station& station : factory.stations) detail::check_station(station, names, findings);
  for (const Buffer& buffer : factory.buffers) detail::check_buffer(buffer, findings);
  for (const Crew& crew : factory.crews) detail::check_fields(crew, detail::path_of(crew), findings);
  for (const Product& product : factory.products) detail::check_fields(product, detail::path_of(product), findings);
  for (const CardLoop& loop : factory.loops) detail::check_fields(loop, detail::path_of(loop), findings);
  detail::check_flow(factory, names, findings);
  detail::check_loops(factory, names, findings);
  detail::check_run(factory.run, findings);
  return std::move(findings.diagnostics);
}

}  // namespace twin
