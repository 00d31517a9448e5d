// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <stdexcept>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/engine/run.hpp>
#include <tests/validation/anchors.hpp>
#include <tests/validation/cases.hpp>

namespace twin::validation {
namespace {

double one(const NamedNumbers& all, std::string_view name) { return numbers(all, name).front(); }

std::string describe(const Anchor& anchor) {
  std::string out;
  for (const auto& [name, list] : anchor.parameters) {
    out += (out.empty() ? "" : ", ") + std::string(name) + " = " + text(list);
  }
  if (!anchor.law.empty()) out += ", " + std::string(anchor.law);
  return out;
}

Case case_of(const Anchor& anchor) {
  Case c;
  c.id = anchor.id;
  c.model = anchor.model;
  c.parameters = describe(anchor);
  return c;
}

/// One value for each number, in order; lists get an index.
void add_values(Case& c, const Anchor& anchor, std::string_view name, bool is_primary) {
  const std::vector<double>& list = numbers(anchor.values, name);
  for (std::size_t k = 0; k < list.size(); ++k) {
    const std::string index = list.size() > 1 ? " " + std::to_string(k + 1) : "";
    c.values.push_back({std::string(name) + index, list[k], is_primary});
  }
}

// --- queues ---

Distribution service(const Anchor& anchor) {
  const double mean = has(anchor.parameters, "ES") ? one(anchor.parameters, "ES") : 1 / one(anchor.parameters, "mu");
  if (anchor.law.empty()) return exponential(mean);
  const double cv2 = one(anchor.parameters, "cv2");
  if (anchor.law == "deterministic") return constant(mean);
  if (anchor.law == "erlang2") return erlang(mean, 2);
  if (anchor.law == "erlang4") return erlang(mean, 4);
  if (anchor.law == "uniform[0.5,1.5]") return uniform(0.5, 1.5);
  if (anchor.law.starts_with("lognormal")) return lognormal(mean, std::sqrt(cv2));
  if (anchor.law.starts_with("hyperexp")) return hyperexponential(mean, std::sqrt(cv2));
  throw std::logic_error("unknown law of an anchor");
}

Factory queue(const Anchor& anchor, Distribution cycle) {
  Factory f("queue");
  f.source("in", {.arrivals = exponential(1 / one(anchor.parameters, "lam"))});
  f.buffer("q");
  const std::int64_t servers = has(anchor.parameters, "c") ? static_cast<std::int64_t>(one(anchor.parameters, "c")) : 1;
  f.machine("m", {.servers = servers, .cycle = std::move(cycle)});
  f.sink("out");
  f.flow("in -> q -> m -> out");
  return f;
}

double queue_metric(const RunResult& r, std::string_view name) {
  if (name == "L") return r.mean_wip;
  if (name == "Lq") return r.buffers[0].mean_level;
  if (name == "W") return r.mean_lead_s;
  if (name == "Wq") return r.buffers[0].mean_wait_s;
  if (name == "p95_sojourn") return r.lead_quantile_s(0.95);
  throw std::logic_error("unknown metric of a queue");
}

/// Lengths of replications [s] that were found to give half-widths of about 0.44 %, for the queues that take long; the
/// others, and shorter builds, find theirs by a pilot.
double known_span(std::string_view id) {
  constexpr std::pair<std::string_view, double> kSpans[] = {{"mm1_0.9", 3.3e6},
                                                            {"mm1_0.95", 1.04e7},
                                                            {"mmc_2_0.8", 6.0e5},
                                                            {"mmc_3_0.9", 1.35e6},
                                                            {"mmc_5_0.8", 3.6e5},
                                                            {"mmc_5_0.9", 9.2e5},
                                                            {"mmc_10_0.95", 1.15e6},
                                                            {"mg1_erlang4_0.9", 1.75e6},
                                                            {"mg1_erlang2_0.9", 2.2e6},
                                                            {"mg1_lognormal cv2=2_0.8", 3.5e6},
                                                            {"mg1_lognormal cv2=2_0.9", 6.6e6},
                                                            {"mg1_hyperexp cv2=4_0.8", 3.1e6},
                                                            {"mg1_hyperexp cv2=4_0.9", 9.2e6}};
  for (const auto& [known, span] : kSpans) {
    if (kIsFull && known == id) return span;
  }
  return 0;
}

/// Ten times the relaxation time of a queue in heavy traffic.
double queue_warmup(const Anchor& anchor) {
  const double lam = one(anchor.parameters, "lam");
  const double mu = has(anchor.parameters, "mu") ? one(anchor.parameters, "mu") : 1 / one(anchor.parameters, "ES");
  const double servers = has(anchor.parameters, "c") ? one(anchor.parameters, "c") : 1;
  const double cv2 = has(anchor.parameters, "cv2") ? one(anchor.parameters, "cv2") : 1;
  const double rho = lam / (mu * servers);
  return 10 * (1 + cv2) * 2 / ((1 - rho) * (1 - rho) * mu * servers);
}

Case queue_case(const Anchor& anchor) {
  Case c = case_of(anchor);
  c.warmup_s = queue_warmup(anchor);
  c.fixed_span_s = known_span(anchor.id);
  std::vector<std::string> names;
  for (const auto& [name, list] : anchor.values) {
    if (name == "ErlangC") continue;
    names.emplace_back(name);
    c.values.push_back({std::string(name), list.front(), name == "Wq" || name == "L"});
  }
  c.make = [&anchor, names] {
    return plain(compile(queue(anchor, service(anchor))), [names](const RunResult& r) {
      std::vector<double> seen;
      for (const std::string& name : names) seen.push_back(queue_metric(r, name));
      return seen;
    });
  };
  return c;
}

/// Counts, at the start of each operation, whether the part has waited.
struct WaitCounter {
  double mean_s = 1;
  double from_s = 0;
  std::uint64_t parts = 0;
  std::uint64_t waited = 0;

  static double seconds(void* context, const RunView& view, StationId, const PartView& part, Stream& stream) {
    auto& self = *static_cast<WaitCounter*>(context);
    const double now = view.now_s();
    if (now >= self.from_s) {
      ++self.parts;
      self.waited += static_cast<std::uint64_t>(part.entered_s < now);
    }
    return self.mean_s * exponential_draw(stream);
  }
};

Case erlang_case(const Anchor& anchor) {
  Case c = case_of(anchor);
  c.id += " (waiting)";
  c.warmup_s = queue_warmup(anchor);
  c.values.push_back({"ErlangC", one(anchor.values, "ErlangC"), true});
  c.make = [&anchor] {
    auto counter = std::make_shared<WaitCounter>();
    counter->mean_s = 1 / one(anchor.parameters, "mu");
    CompileOptions options;
    options.process_times["timed"] = {&WaitCounter::seconds, counter.get()};
    Model model;
    model.compiled = compile(queue(anchor, call("timed")), options);
    model.context = counter;
    model.observe = [counter](PlantState& state, const RunInput& input) {
      counter->parts = counter->waited = 0;
      counter->from_s = input.warmup_s;
      run(state, input);
      return std::vector<double>{static_cast<double>(counter->waited) / static_cast<double>(counter->parts)};
    };
    return model;
  };
  return c;
}

// --- reliable lines, blocking after service ---

std::vector<double> spread(const NamedNumbers& parameters, std::string_view name, std::size_t count, double otherwise) {
  if (!has(parameters, name)) return std::vector<double>(count, otherwise);
  const std::vector<double>& list = numbers(parameters, name);
  return list.size() == 1 ? std::vector<double>(count, list.front()) : list;
}

Factory line(const Anchor& anchor) {
  const NamedNumbers& p = anchor.parameters;
  const std::size_t n = has(p, "N") ? static_cast<std::size_t>(one(p, "N")) : numbers(p, "mu").size();
  const std::vector<double> mu = spread(p, "mu", n, 1);
  const std::vector<double> k = spread(p, "k", n, 1);
  const std::vector<double> places = spread(p, "B", n - 1, 0);
  Factory f("line");
  f.source("in");
  std::string flow = "in";
  for (std::size_t i = 0; i < n; ++i) {
    const std::string number = std::to_string(i);
    const int phases = static_cast<int>(k[i]);
    f.machine("m" + number, {.cycle = phases == 1 ? exponential(1 / mu[i]) : erlang(1 / mu[i], phases)});
    flow += " -> m" + number;
    if (i + 1 == n) break;
    f.buffer("b" + number, {.capacity = static_cast<std::int64_t>(places[i])});
    flow += " -> b" + number;
  }
  f.sink("out");
  f.flow(flow + " -> out");
  return f;
}

Case line_case(const Anchor& anchor) {
  Case c = case_of(anchor);
  const double fastest = has(anchor.parameters, "mu") ? numbers(anchor.parameters, "mu").front() : 1;
  c.warmup_s = 1000 / fastest;
  c.precision = 0.3;
  for (const std::string_view name : {"TH", "blocked", "starved", "mean_buffer"}) {
    add_values(c, anchor, name, name == "TH");
  }
  c.make = [&anchor] {
    return plain(compile(line(anchor)), [](const RunResult& r) {
      std::vector<double> seen{r.throughput_per_s()};
      for (const StationResult& s : r.stations) seen.push_back(s.share(StationState::blocked));
      for (const StationResult& s : r.stations) seen.push_back(s.share(StationState::starved));
      for (const BufferResult& b : r.buffers) seen.push_back(b.mean_level);
      return seen;
    });
  };
  return c;
}

// --- exponential lines with failures, blocking before service ---

Factory unreliable_line(const Anchor& anchor) {
  const std::vector<double>& mu = numbers(anchor.parameters, "mu");
  Factory f("unreliable");
  f.source("in");
  std::string flow = "in";
  for (std::size_t i = 0; i < mu.size(); ++i) {
    const std::string number = std::to_string(i);
    Station m{.cycle = exponential(1 / mu[i]), .blocking = Blocking::before_service};
    m.failures = {{.name = "f",
                   .every = exponential(1 / numbers(anchor.parameters, "p")[i]),
                   .repair = exponential(1 / numbers(anchor.parameters, "r")[i])}};
    if (i > 0) {
      const auto places = static_cast<std::int64_t>(numbers(anchor.parameters, "N")[i - 1]);
      f.buffer("b" + number, {.capacity = places, .counts = Counting::with_machine});
      flow += " -> b" + number;
    }
    f.machine("m" + number, m);
    flow += " -> m" + number;
  }
  f.sink("out");
  f.flow(flow + " -> out");
  return f;
}

Case unreliable_case(const Anchor& anchor) {
  Case c = case_of(anchor);
  c.warmup_s = 5000;
  c.precision = 0.5;
  add_values(c, anchor, "P", true);
  add_values(c, anchor, "nbar", false);
  c.make = [&anchor] {
    return plain(compile(unreliable_line(anchor)), [](const RunResult& r) {
      std::vector<double> seen{r.throughput_per_s()};
      for (const BufferResult& b : r.buffers) seen.push_back(b.mean_level);
      return seen;
    });
  };
  return c;
}

}  // namespace

std::vector<Case> anchor_cases() {
  std::vector<Case> cases;
  for (const Anchor& anchor : anchors()) {
    if (anchor.id.starts_with("line_")) {
      cases.push_back(line_case(anchor));
    } else if (anchor.id.starts_with("exp_")) {
      cases.push_back(unreliable_case(anchor));
    } else if (anchor.model.starts_with("M/")) {
      cases.push_back(queue_case(anchor));
      if (has(anchor.values, "ErlangC")) cases.push_back(erlang_case(anchor));
    }
  }
  add_slotted_cases(cases);
  return cases;
}

}  // namespace twin::validation
