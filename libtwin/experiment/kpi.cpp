// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/kpi.hpp>

#include <algorithm>
#include <array>
#include <limits>

#include <libtwin/core/error.hpp>
#include <libtwin/core/states.hpp>

namespace twin {
namespace {

enum class ElementKind : std::uint8_t { station, buffer, sink, crew, loop };
constexpr std::array kElementKinds{ElementKind::station, ElementKind::buffer, ElementKind::sink, ElementKind::crew,
                                   ElementKind::loop};

constexpr std::string_view word_of(ElementKind kind) {
  constexpr std::array<std::string_view, 5> kWords{"station", "buffer", "sink", "crew", "loop"};
  return kWords[static_cast<std::size_t>(kind)];
}

const std::vector<std::string>& names_of(const PlantNames& names, ElementKind kind) {
  switch (kind) {
    case ElementKind::station:
      return names.stations;
    case ElementKind::buffer:
      return names.buffers;
    case ElementKind::sink:
      return names.sinks;
    case ElementKind::crew:
      return names.crews;
    case ElementKind::loop:
      return names.loops;
  }
  return names.stations;
}

/// A KPI of the whole factory.
struct WholeForm {
  std::string_view name;
  Kpi::Kind kind;
};
constexpr WholeForm kWholeForms[] = {
    {"throughput", Kpi::Kind::throughput},
    {"lead_time", Kpi::Kind::lead_mean},
    {"wip", Kpi::Kind::wip},
    {"good", Kpi::Kind::good},
    {"scrapped", Kpi::Kind::scrapped},
    {"lost", Kpi::Kind::lost},
    {"created", Kpi::Kind::created},
};

/// A KPI of one element. `parts` is there twice; elements of the flow never share a name.
struct ElementForm {
  std::string_view name;
  ElementKind element;
  Kpi::Kind kind;
};
constexpr ElementForm kElementForms[] = {
    {"parts", ElementKind::station, Kpi::Kind::station_parts},
    {"scrap", ElementKind::station, Kpi::Kind::station_scrap},
    {"failures", ElementKind::station, Kpi::Kind::station_failures},
    {"level", ElementKind::buffer, Kpi::Kind::buffer_level},
    {"wait", ElementKind::buffer, Kpi::Kind::buffer_wait},
    {"rate", ElementKind::sink, Kpi::Kind::sink_rate},
    {"parts", ElementKind::sink, Kpi::Kind::sink_parts},
    {"utilization", ElementKind::crew, Kpi::Kind::crew_share},
    {"cards_in_use", ElementKind::loop, Kpi::Kind::cards_in_use},
};

constexpr auto kStateNames = enum_names(StationState{});

bool fail(std::string& problem, std::string text) {
  problem = std::move(text);
  return false;
}

std::string quote(std::string_view word) { return "'" + std::string(word) + "'"; }

/// `; did you mean 'weld'?`, or what there is.
std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = nearest_name(word, candidates);
  return near.empty() ? std::string() : "; did you mean " + quote(near) + "?";
}

bool find_element(const PlantNames& names, ElementKind kind, const std::string& name, std::uint32_t& index) {
  const auto& all = names_of(names, kind);
  const auto found = std::find(all.begin(), all.end(), name);
  if (found == all.end()) return false;
  index = static_cast<std::uint32_t>(found - all.begin());
  return true;
}

/// Says why `call(name)` is not a KPI although `call` takes an element of kind `wanted`.
bool refuse_element(const PlantNames& names, std::string_view call, ElementKind wanted, const std::string& name,
                    std::string& problem) {
  for (const ElementKind kind : kElementKinds) {
    std::uint32_t index = 0;
    if (!find_element(names, kind, name, index)) continue;
    return fail(problem, quote(name) + " is a " + std::string(word_of(kind)) + ", and " + quote(call) + " takes a " +
                             std::string(word_of(wanted)));
  }
  return fail(problem, "there is no " + std::string(word_of(wanted)) + " " + quote(name) +
                           suggestion(name, names_of(names, wanted)));
}

/// The percentage of `p95`; 0 when `call` is not of that form.
int percentage_of(std::string_view call) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (call.size() < 2 || call.size() > 3 || call[0] != 'p' || !std::all_of(call.begin() + 1, call.end(), is_digit))
    return 0;
  int value = 0;
  for (const char c : call.substr(1)) value = 10 * value + (c - '0');
  return value;
}

bool refuse_name(std::string_view call, std::string& problem) {
  if (call.size() > 1 && call[0] == 'p' && call.find_first_not_of("0123456789", 1) == std::string_view::npos) {
    return fail(problem, "unknown KPI " + quote(call) + "; quantiles go from p1(lead_time) to p99(lead_time)");
  }
  std::vector<std::string> known{"mean", "p50", "p95", "p99", "share"};
  for (const WholeForm& form : kWholeForms) known.emplace_back(form.name);
  for (const ElementForm& form : kElementForms) known.emplace_back(form.name);
  for (const std::string_view state : kStateNames) known.emplace_back(state);
  return fail(problem, "unknown KPI " + quote(call) + suggestion(std::string(call), known));
}

bool find_whole(std::string_view name, Kpi& kpi) {
  const auto* const form =
      std::find_if(std::begin(kWholeForms), std::end(kWholeForms), [&](const WholeForm& f) { return f.name == name; });
  if (form == std::end(kWholeForms)) return false;
  kpi = {.kind = form->kind};
  return true;
}

bool find_share(const PlantNames& names, std::string_view call, const std::string& station, std::string_view state,
                Kpi& kpi, std::string& problem) {
  const auto found = std::find(kStateNames.begin(), kStateNames.end(), state);
  if (found == kStateNames.end()) {
    const std::vector<std::string> states(kStateNames.begin(), kStateNames.end());
    return fail(problem, quote(state) + " is not a state of a station" + suggestion(std::string(state), states));
  }
  kpi = {.kind = Kpi::Kind::state_share, .state = static_cast<std::uint32_t>(found - kStateNames.begin())};
  return find_element(names, ElementKind::station, station, kpi.index) ||
         refuse_element(names, call, ElementKind::station, station, problem);
}

bool find_statistic(std::string_view call, const std::string& of, Kpi& kpi, std::string& problem) {
  if (call == "mean") {
    if (of == "lead_time" || of == "wip") return find_whole(of, kpi);
    return fail(problem, "'mean' takes lead_time or wip");
  }
  if (of != "lead_time")
    return fail(problem, "quantiles are known of lead_time only: " + std::string(call) + "(lead_time)");
  kpi = {.kind = Kpi::Kind::lead_quantile, .p = percentage_of(call) / 100.0};
  return true;
}

bool find_of_element(const PlantNames& names, std::string_view call, const std::string& name, Kpi& kpi,
                     std::string& problem) {
  const ElementForm* wanted = nullptr;
  for (const ElementForm& form : kElementForms) {
    if (form.name != call) continue;
    wanted = &form;
    kpi = {.kind = form.kind};
    if (find_element(names, form.element, name, kpi.index)) return true;
  }
  return wanted == nullptr ? refuse_name(call, problem) : refuse_element(names, call, wanted->element, name, problem);
}

}  // namespace

double Kpi::read(const RunResult& run) const {
  const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  switch (kind) {
    case Kind::throughput:
      return run.throughput_per_s();
    case Kind::sink_rate:
      return run.span_ticks == 0 ? kNaN : number(run.sinks[index].parts) / run.span_s();
    case Kind::sink_parts:
      return number(run.sinks[index].parts);
    case Kind::lead_mean:
      return run.mean_lead_s;
    case Kind::lead_quantile:
      return run.lead_quantile_s(p);
    case Kind::wip:
      return run.mean_wip;
    case Kind::state_share:
      return run.stations[index].share(static_cast<StationState>(state));
    case Kind::station_parts:
      return number(run.stations[index].parts);
    case Kind::station_scrap:
      return number(run.stations[index].scrapped);
    case Kind::station_failures:
      return number(run.stations[index].failures);
    case Kind::buffer_level:
      return run.buffers[index].mean_level;
    case Kind::buffer_wait:
      return run.buffers[index].mean_wait_s;
    case Kind::crew_share:
      return run.crews[index].utilization;
    case Kind::cards_in_use:
      return run.loops[index].mean_in_use;
    case Kind::scrapped:
      return number(run.scrapped);
    case Kind::lost:
      return number(run.lost);
    case Kind::good:
      return number(run.good);
    case Kind::created:
      return number(run.created);
  }
  return kNaN;
}

KpiDimension Kpi::dimension() const {
  switch (kind) {
    case Kind::throughput:
    case Kind::sink_rate:
      return KpiDimension::rate;
    case Kind::lead_mean:
    case Kind::lead_quantile:
    case Kind::buffer_wait:
      return KpiDimension::time;
    case Kind::state_share:
    case Kind::crew_share:
      return KpiDimension::share;
    case Kind::station_failures:
      return KpiDimension::number;
    case Kind::sink_parts:
    case Kind::wip:
    case Kind::station_parts:
    case Kind::station_scrap:
    case Kind::buffer_level:
    case Kind::cards_in_use:
    case Kind::scrapped:
    case Kind::lost:
    case Kind::good:
    case Kind::created:
      return KpiDimension::parts;
  }
  return KpiDimension::number;
}

bool find_kpi(const PlantNames& names, std::string_view call, std::span<const std::string> arguments, Kpi& kpi,
              std::string& problem) {
  const bool is_whole = find_whole(call, kpi);
  if (is_whole && arguments.empty()) return true;
  if (is_whole) return fail(problem, quote(call) + " is of the whole factory and takes no arguments");
  const bool is_state = std::find(kStateNames.begin(), kStateNames.end(), call) != kStateNames.end();
  if (call == "share") {
    if (arguments.size() != 2) return fail(problem, "'share' takes a station and a state: share(weld, busy)");
    return find_share(names, call, arguments[0], arguments[1], kpi, problem);
  }
  const bool is_statistic = call == "mean" || percentage_of(call) != 0;
  const bool is_known = is_state || is_statistic ||
                        std::any_of(std::begin(kElementForms), std::end(kElementForms),
                                    [&](const ElementForm& f) { return f.name == call; });
  if (!is_known) return refuse_name(call, problem);
  if (arguments.size() != 1) return fail(problem, quote(call) + " takes one argument: " + std::string(call) + "(name)");
  if (is_statistic) return find_statistic(call, arguments[0], kpi, problem);
  if (is_state) return find_share(names, call, arguments[0], call, kpi, problem);
  return find_of_element(names, call, arguments[0], kpi, problem);
}

std::vector<KpiColumn> all_kpis(const PlantNames& names) {
  std::vector<KpiColumn> columns;
  for (const WholeForm& form : kWholeForms) {
    columns.push_back({std::string(form.name), {.kind = form.kind}});
    if (form.kind != Kpi::Kind::lead_mean) continue;
    for (const int percent : {50, 95, 99}) {
      columns.push_back({"lead_p" + std::to_string(percent), {.kind = Kpi::Kind::lead_quantile, .p = percent / 100.0}});
    }
  }
  for (const ElementKind kind : kElementKinds) {
    const auto& elements = names_of(names, kind);
    for (std::uint32_t i = 0; i < elements.size(); ++i) {
      for (std::uint32_t s = 0; kind == ElementKind::station && s < kStationStates; ++s) {
        columns.push_back({elements[i] + "." + std::string(kStateNames[s]),
                           {.kind = Kpi::Kind::state_share, .index = i, .state = s}});
      }
      for (const ElementForm& form : kElementForms) {
        if (form.element == kind)
          columns.push_back({elements[i] + "." + std::string(form.name), {.kind = form.kind, .index = i}});
      }
    }
  }
  return columns;
}

}  // namespace twin
