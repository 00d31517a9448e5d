// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/engine/run.hpp>
#include <tests/validation/cases.hpp>

// Queues in the literature are told in arrival and service rates; times here are their reciprocals.
namespace twin::validation {
namespace {

using Read = std::function<std::vector<double>(const RunResult&)>;

struct CaseText {
  const char* id;
  const char* model;
  std::string parameters;
};

Case make_case(CaseText said, double warmup_s, Factory factory, std::vector<Value> values, Read read) {
  Case c;
  c.id = said.id;
  c.model = said.model;
  c.parameters = std::move(said.parameters);
  c.values = std::move(values);
  c.warmup_s = warmup_s;
  c.make = [factory = std::move(factory), read = std::move(read)] { return plain(compile(factory), read); };
  return c;
}

/// A length of the replications [s] that is known to give a half-width of about 0.44 %.
Case lasting(double span_s, Case c) {
  if (kIsFull) c.fixed_span_s = span_s;
  return c;
}

/// Lines settle quickly and vary little.
Case precise(Case c) {
  c.precision = 0.3;
  return c;
}

double station_level(const RunResult& r, std::size_t k) {
  const StationResult& s = r.stations[k];
  return r.buffers[k].mean_level + s.share(StationState::busy) * s.servers;
}

// --- single queues ---

Factory single(Distribution arrivals, Station machine) {
  Factory f("single");
  f.source("in", {.arrivals = std::move(arrivals)});
  f.buffer("q");
  f.machine("m", std::move(machine));
  f.sink("out");
  f.flow("in -> q -> m -> out");
  return f;
}

std::vector<double> read_wait(const RunResult& r) { return {r.buffers[0].mean_wait_s}; }

void add_arrival_laws(std::vector<Case>& cases) {
  const std::array<double, 3> rho{0.5, 0.8, 0.9};
  // D/M/1 and E2/M/1 by the root of the transform of the arrivals: sigma / (1 - sigma).
  const std::array<double, 3> fixed{0.255001, 1.692731, 4.178659};
  const std::array<double, 3> erlang2{0.618034, 2.843980, 6.588284};
  for (std::size_t k = 0; k < rho.size(); ++k) {
    const double warmup = 20 / ((1 - rho[k]) * (1 - rho[k]));
    const std::string parameters = "rho = " + text(rho[k]);
    const double fixed_span = k == 2 ? 2.1e6 : 0;
    const double erlang_span = k == 2 ? 2.9e6 : 0;
    cases.push_back(lasting(fixed_span, make_case({k == 0   ? "dm1_0.5"
                                                   : k == 1 ? "dm1_0.8"
                                                            : "dm1_0.9",
                                                   "D/M/1", parameters},
                                                  warmup, single(constant(1 / rho[k]), {.cycle = exponential(1)}),
                                                  {{"Wq", fixed[k], true}}, read_wait)));
    cases.push_back(lasting(erlang_span, make_case({k == 0   ? "e2m1_0.5"
                                                    : k == 1 ? "e2m1_0.8"
                                                             : "e2m1_0.9",
                                                    "E2/M/1", parameters},
                                                   warmup, single(erlang(1 / rho[k], 2), {.cycle = exponential(1)}),
                                                   {{"Wq", erlang2[k], true}}, read_wait)));
  }
  Factory four = single(exponential(5), {.cycle = exponential(1)});
  four.sources[0].batch = constant(4);
  cases.push_back(make_case({"batch_4", "M[4]/M/1, parts arrive four at a time", "batches 0.2, mu = 1"}, 2000, four,
                            {{"Wq", 11.5, true}}, read_wait));
  Factory eight = single(exponential(10), {.cycle = exponential(1)});
  eight.sources[0].batch = constant(8);
  cases.push_back(make_case({"batch_8", "M[8]/M/1, parts arrive eight at a time", "batches 0.1, mu = 1"}, 2000, eight,
                            {{"Wq", 21.5, true}}, read_wait));
}

double share_lost(const RunResult& r) { return static_cast<double>(r.lost) / static_cast<double>(r.lost + r.created); }

void add_losses(std::vector<Case>& cases) {
  struct Loss {
    const char* id;
    double lam;
    std::int64_t places;
    double blocked;
    double rate;
  };
  for (const Loss& l :
       {Loss{"mm1k_0.8_5", 0.8, 5, 0.088820, 0.728944}, Loss{"mm1k_0.9_10", 0.9, 10, 0.050814, 0.854268},
        Loss{"mm1k_1.2_5", 1.2, 5, 0.250588, 0.899294}}) {
    Factory f = single(exponential(1 / l.lam), {.cycle = exponential(1)});
    f.sources[0].when_full = WhenFull::lose;
    f.buffers[0].capacity = l.places;
    f.buffers[0].counts = Counting::with_machine;
    cases.push_back(make_case({l.id, "M/M/1/K, arrivals without room are lost; K counts the machine",
                               "lam = " + text(l.lam) + ", K = " + std::to_string(l.places)},
                              1000, f, {{"TH", l.rate, true}, {"loss", l.blocked, true}}, [](const RunResult& r) {
                                return std::vector<double>{r.throughput_per_s(), share_lost(r)};
                              }));
  }
  Factory f("tandem");
  f.source("in", {.arrivals = exponential(1.25), .when_full = WhenFull::lose});
  f.buffer("b1", {.capacity = 5, .counts = Counting::with_machine});
  f.machine("m1", {.cycle = exponential(1)});
  f.buffer("b2", {.capacity = 3, .counts = Counting::with_machine});
  f.machine("m2", {.cycle = exponential(1)});
  f.sink("out");
  f.flow("in -> b1 -> m1 -> b2 -> m2 -> out");
  cases.push_back(make_case({"open_tandem", "open tandem with losses, blocking after service; K counts the machine",
                             "lam = 0.8, mu = [1, 1], K = [5, 3]"},
                            1000, f, {{"TH", 0.69287569, true}, {"loss", 0.13390539, true}, {"W", 5.380410, true}},
                            [](const RunResult& r) {
                              return std::vector<double>{r.throughput_per_s(), share_lost(r), r.mean_lead_s};
                            }));
}

/// Waits by product, read at the start of each operation.
struct ProductWaits {
  double from_s = 0;
  std::array<double, 2> sum{};
  std::array<std::uint64_t, 2> count{};

  static double seconds(void* context, const RunView& view, StationId, const PartView& part, Stream& stream) {
    auto& self = *static_cast<ProductWaits*>(context);
    const double now = view.now_s();
    if (now >= self.from_s) {
      self.sum[part.product.index] += now - part.entered_s;
      ++self.count[part.product.index];
    }
    return exponential_draw(stream);
  }
};

Case priority_case() {
  Case c;
  c.id = "priority";
  c.model = "M/M/1 with two priorities, not pre-emptive";
  c.parameters = "lam = [0.4, 0.4], mu = 1";
  c.warmup_s = 2000;
  c = lasting(1.25e6, std::move(c));
  c.values = {{"Wq first", 4.0 / 3, true}, {"Wq second", 20.0 / 3, true}};
  c.make = [] {
    Factory f = single(exponential(1.25), {.cycle = call("timed")});
    f.product("urgent", {.priority = 2});
    f.product("other", {.priority = 1});
    f.sources[0].mix = {{"urgent", 1.0}, {"other", 1.0}};
    f.buffers[0].order = QueueOrder::priority;
    auto waits = std::make_shared<ProductWaits>();
    CompileOptions options;
    options.process_times["timed"] = {&ProductWaits::seconds, waits.get()};
    Model model;
    model.compiled = compile(f, options);
    model.context = waits;
    model.observe = [waits](PlantState& state, const RunInput& input) {
      *waits = ProductWaits{.from_s = input.warmup_s};
      run(state, input);
      return std::vector<double>{waits->sum[0] / static_cast<double>(waits->count[0]),
                                 waits->sum[1] / static_cast<double>(waits->count[1])};
    };
    return model;
  };
  return c;
}

// --- failures and crews ---

void add_failures(std::vector<Case>& cases) {
  const auto with_failure = [](double every, double repair, FailureClock clock, Distribution cycle) {
    Station m{.cycle = std::move(cycle)};
    m.failures = {{.name = "f", .every = exponential(every), .clock = clock, .repair = exponential(repair)}};
    return m;
  };
  const char* completion = "M/G/1 whose service fails while working (completion times, Pollaczek-Khinchine)";
  cases.push_back(make_case({"odf_fixed", completion, "lam = 0.6, D(1), MTBF 10, MTTR 2"}, 2000,
                            single(exponential(1 / 0.6), with_failure(10, 2, FailureClock::busy, constant(1))),
                            {{"Wq", 2.4, true}}, read_wait));
  cases.push_back(make_case({"odf_exponential", completion, "lam = 0.6, M(1), MTBF 10, MTTR 2"}, 2000,
                            single(exponential(1 / 0.6), with_failure(10, 2, FailureClock::busy, exponential(1))),
                            {{"Wq", 3.942857, true}}, read_wait));
  // The wait varies so much that half a percent would take half a minute; the completion time decides instead.
  cases.push_back(make_case(
      {"odf_rare", completion, "lam = 0.7, D(1), MTBF 100, MTTR 20"}, 20'000,
      single(exponential(1 / 0.7), with_failure(100, 20, FailureClock::busy, constant(1))),
      {{"completion", 1.2, true}, {"Wq", 20.65, false}}, [](const RunResult& r) {
        const StationResult& s = r.stations[0];
        const double taken = s.share(StationState::busy) + s.share(StationState::down);
        return std::vector<double>{taken * r.span_s() / static_cast<double>(s.parts), r.buffers[0].mean_wait_s};
      }));
  cases.push_back(make_case(
      {"white_christie", "M/M/1 that fails on the calendar (White and Christie)",
       "lam = 0.6, mu = 1, failure rate 0.1, repair rate 0.5"},
      2000, single(exponential(1 / 0.6), with_failure(10, 2, FailureClock::calendar, exponential(1))),
      {{"availability", 5.0 / 6, true}, {"L", 3.285714, true}, {"W", 5.476190, true}}, [](const RunResult& r) {
        return std::vector<double>{1 - r.stations[0].share(StationState::down), r.mean_wip, r.mean_lead_s};
      }));
}

void add_crews(std::vector<Case>& cases) {
  struct Repairs {
    const char* id;
    std::int64_t machines;
    std::int64_t crew;
    double every;
    double repair;
    double availability;
    double utilization;
  };
  for (const Repairs& x :
       {Repairs{"crew_5_1", 5, 1, 50, 5, 0.872096, 0.436048}, Repairs{"crew_10_1", 10, 1, 50, 5, 0.785418, 0.785418},
        Repairs{"crew_10_2", 10, 2, 50, 5, 0.896136, 0.448068},
        Repairs{"crew_20_2", 20, 2, 100, 8, 0.883888, 0.707110}}) {
    Factory f("repairman");
    // One part holds each machine busy; the clock is the working time.
    Station m{.servers = x.machines, .cycle = constant(1000)};
    m.failures = {{.name = "f", .every = exponential(x.every), .repair = exponential(x.repair), .crew = "crew"}};
    f.machine("m", m);
    f.crew("crew", {.size = x.crew});
    f.flow("in -> m -> out");
    cases.push_back(precise(make_case(
        {x.id, "machine repairman: machines that share a crew",
         std::to_string(x.machines) + " machines, crew of " + std::to_string(x.crew) + ", MTTF " + text(x.every) +
             ", MTTR " + text(x.repair)},
        2000, f, {{"availability", x.availability, true}, {"crew busy", x.utilization, true}}, [](const RunResult& r) {
          return std::vector<double>{r.stations[0].share(StationState::busy), r.crews[0].utilization};
        })));
  }
}

// --- networks ---

void add_networks(std::vector<Case>& cases) {
  const auto rework = [](const char* id, double lam, double again, double level) {
    Factory f = single(exponential(1 / lam), {.cycle = exponential(1)});
    f.arrows.back().route = RouteKind::otherwise;
    f.flow("m -> q : " + text(100 * again) + " %");
    return make_case({id, "M/M/1 with rework", "lam = " + text(lam) + ", share of rework " + text(again)}, 1500, f,
                     {{"L", level, true}, {"W", level / lam, true}}, [](const RunResult& r) {
                       return std::vector<double>{r.mean_wip, r.mean_lead_s};
                     });
  };
  cases.push_back(rework("rework_0.6", 0.6, 0.2, 3.0));
  cases.push_back(rework("rework_0.7", 0.7, 0.1, 3.5));

  Factory jackson("jackson");
  jackson.source("in", {.arrivals = exponential(1)});
  for (int k = 1; k <= 3; ++k) jackson.buffer("q" + std::to_string(k));
  jackson.machine("m1", {.cycle = exponential(1 / 2.5)});
  jackson.machine("m2", {.cycle = exponential(1 / 3.0)});
  jackson.machine("m3", {.cycle = exponential(1 / 2.0)});
  jackson.sink("out");
  jackson.flow("in -> q1 -> m1 -> q2 : 80 %");
  jackson.flow("m1 -> q3 : otherwise");
  jackson.flow("q2 -> m2 -> q3 : 90 %");
  jackson.flow("m2 -> out : otherwise");
  jackson.flow("q3 -> m3 -> q1 : 10 %");
  jackson.flow("m3 -> out : otherwise");
  const Read levels = [](const RunResult& r) {
    return std::vector<double>{r.mean_lead_s, station_level(r, 0), station_level(r, 1), station_level(r, 2)};
  };
  cases.push_back(make_case(
      {"jackson", "Jackson network with rework", "lam = 1, mu = [2.5, 3, 2], 1-2 0.8, 1-3 0.2, 2-3 0.9, 3-1 0.1"}, 500,
      jackson,
      {{"W", 2.22998770, true}, {"L 1", 0.78740157, false}, {"L 2", 0.41580042, false}, {"L 3", 1.02678571, false}},
      levels));

  Factory cell("cell");
  cell.source("in", {.arrivals = exponential(1 / 3.0)});
  for (int k = 1; k <= 3; ++k) cell.buffer("q" + std::to_string(k));
  cell.machine("m1", {.servers = 2, .cycle = exponential(1 / 2.2)});
  cell.machine("m2", {.servers = 3, .cycle = exponential(1 / 1.5)});
  cell.machine("m3", {.cycle = exponential(1 / 4.0)});
  cell.sink("out");
  cell.flow("in -> q1 -> m1 -> q2 -> m2 -> q3 -> m3 -> q1 : 15 %");
  cell.flow("m3 -> out : otherwise");
  cases.push_back(lasting(
      2.6e5,
      make_case({"cell", "cell of several servers with rework",
                 "lam = 3, c = [2, 3, 1], mu = [2.2, 1.5, 4], share of rework 0.15"},
                1000, cell,
                {{"W", 5.53779581, true}, {"L 1", 4.49915791, false}, {"L 2", 4.61422951, false}, {"L 3", 7.5, false}},
                levels)));
}

// --- lines and assemblies ---

Read throughput() {
  return [](const RunResult& r) { return std::vector<double>{r.throughput_per_s()}; };
}

Factory saturated(const std::vector<double>& mu, const std::vector<std::int64_t>& places) {
  Factory f("line");
  f.source("in");
  std::string flow = "in";
  for (std::size_t i = 0; i < mu.size(); ++i) {
    const std::string number = std::to_string(i);
    f.machine("m" + number, {.cycle = exponential(1 / mu[i])});
    flow += " -> m" + number;
    // Machines without places between them follow each other directly.
    if (i + 1 == mu.size() || places[i] == 0) continue;
    f.buffer("b" + number, {.capacity = places[i]});
    flow += " -> b" + number;
  }
  f.sink("out");
  f.flow(flow + " -> out");
  return f;
}

std::string text(const std::vector<std::int64_t>& places) {
  return validation::text(std::vector<double>(places.begin(), places.end()));
}

void add_allocations(std::vector<Case>& cases) {
  struct Allocation {
    const char* id;
    std::vector<double> mu;
    std::vector<std::int64_t> places;
    double rate;
  };
  const std::vector<double> unbalanced{1.2, 1.0, 1.1, 1.3};
  for (const Allocation& a : {Allocation{"bap_4_5", {1, 1, 1, 1}, {1, 2, 2}, 0.67667203},
                              Allocation{"bap_4_7", {1, 1, 1, 1}, {2, 3, 2}, 0.71834043},
                              Allocation{"bap_4_10", {1, 1, 1, 1}, {3, 4, 3}, 0.76054037},
                              Allocation{"bap_5_3", {1, 1, 1, 1, 1}, {0, 1, 1, 1}, 0.57579331},
                              Allocation{"bap_5_5", {1, 1, 1, 1, 1}, {1, 1, 2, 1}, 0.62750336},
                              Allocation{"bap_5_6", {1, 1, 1, 1, 1}, {1, 2, 2, 1}, 0.64795748},
                              Allocation{"bap_5_7", {1, 1, 1, 1, 1}, {1, 2, 2, 2}, 0.66235090},
                              Allocation{"bap_6_3", {1, 1, 1, 1, 1, 1}, {0, 1, 1, 1, 0}, 0.54856181},
                              Allocation{"bap_unbalanced_1", unbalanced, {2, 3, 1}, 0.77939359},
                              Allocation{"bap_unbalanced_2", unbalanced, {2, 2, 2}, 0.77556599}}) {
    cases.push_back(precise(make_case({a.id, "buffer allocation, saturated exponential line, BAS",
                                       "mu = " + validation::text(a.mu) + ", B = " + text(a.places)},
                                      1000, saturated(a.mu, a.places), {{"TH", a.rate, true}}, throughput())));
  }
}

void add_parallel(std::vector<Case>& cases) {
  struct Pair {
    const char* id;
    std::int64_t c1;
    double mu1;
    std::int64_t places;
    std::int64_t c2;
    double mu2;
    double rate;
  };
  for (const Pair& p : {Pair{"parallel_1", 2, 1, 1, 2, 1, 1.6}, Pair{"parallel_2", 3, 1, 2, 2, 1.5, 2.53043478},
                        Pair{"parallel_3", 4, 0.5, 4, 2, 1, 1.77060932}}) {
    Factory f = saturated({p.mu1, p.mu2}, {p.places});
    f.stations[0].servers = p.c1;
    f.stations[1].servers = p.c2;
    cases.push_back(precise(make_case({p.id, "two stations of parallel machines, saturated, BAS",
                                       "c = [" + std::to_string(p.c1) + ", " + std::to_string(p.c2) + "], mu = " +
                                           validation::text({p.mu1, p.mu2}) + ", B = " + std::to_string(p.places)},
                                      1000, f, {{"TH", p.rate, true}}, throughput())));
  }
}

void add_assemblies(std::vector<Case>& cases) {
  struct Kit {
    const char* id;
    std::array<double, 3> mu;
    std::int64_t places;
    double rate;
  };
  for (const Kit& k : {Kit{"assembly_0", {1, 1, 1}, 0, 0.54545455}, Kit{"assembly_1", {1, 1, 1}, 1, 0.66538462},
                       Kit{"assembly_4", {1, 1, 1}, 4, 0.80696112}, Kit{"assembly_3", {1, 1.2, 1.1}, 3, 0.83997339}}) {
    Factory f("assembly");
    f.source("s1");
    f.source("s2");
    f.sink("out");
    f.machine("f1", {.cycle = exponential(1 / k.mu[0])});
    f.machine("f2", {.cycle = exponential(1 / k.mu[1])});
    f.assembly("join", {.cycle = exponential(1 / k.mu[2])});
    if (k.places == 0) {
      f.flow("s1 -> f1 -> join -> out");
      f.flow("s2 -> f2 -> join");
    } else {
      f.buffer("b1", {.capacity = k.places});
      f.buffer("b2", {.capacity = k.places});
      f.flow("s1 -> f1 -> b1 -> join -> out");
      f.flow("s2 -> f2 -> b2 -> join");
    }
    cases.push_back(precise(make_case({k.id, "assembly of two saturated feeders, BAS",
                                       "mu = " + validation::text(std::vector<double>(k.mu.begin(), k.mu.end())) +
                                           " (feeders, assembly), B = " + std::to_string(k.places)},
                                      1000, f, {{"TH", k.rate, true}}, throughput())));
  }
}

// --- designs of the three-station problem, as changes to one plant ---

Case design_case(const char* id, const std::array<double, 3>& rates, const std::array<double, 2>& places,
                 double exact) {
  Case c;
  c.id = id;
  c.model = "three stations, BAS, capacity counts the machine it feeds; rates and capacities set per run";
  c.parameters = "r = " + validation::text(std::vector<double>(rates.begin(), rates.end())) +
                 ", b = " + validation::text(std::vector<double>(places.begin(), places.end()));
  c.warmup_s = 300;
  c.precision = 0.3;
  c.values = {{"TH", exact, true}};
  c.make = [rates, places] {
    Factory f("designs");
    f.source("in");
    f.machine("m1", {.cycle = exponential(1)});
    f.buffer("b2", {.capacity = 1, .counts = Counting::with_machine});
    f.machine("m2", {.cycle = exponential(1)});
    f.buffer("b3", {.capacity = 1, .counts = Counting::with_machine});
    f.machine("m3", {.cycle = exponential(1)});
    f.sink("out");
    f.flow("in -> m1 -> b2 -> m2 -> b3 -> m3 -> out");
    Model model;
    model.compiled = compile(f);
    auto changes = std::make_shared<std::vector<ValueChange>>();
    for (std::size_t k = 0; k < 3; ++k) {
      changes->push_back({model.compiled.slot("machine.m" + std::to_string(k + 1) + ".cycle.mean"), 1 / rates[k]});
    }
    for (std::size_t k = 0; k < 2; ++k) {
      changes->push_back({model.compiled.slot("buffer.b" + std::to_string(k + 2) + ".capacity"), places[k]});
    }
    model.context = changes;
    model.observe = [changes](PlantState& state, const RunInput& input) {
      RunInput changed = input;
      changed.changes = *changes;
      return std::vector<double>{run(state, changed).throughput_per_s()};
    };
    return model;
  };
  return c;
}

}  // namespace

std::vector<Case> more_cases() {
  std::vector<Case> cases;
  add_arrival_laws(cases);
  add_losses(cases);
  cases.push_back(priority_case());
  add_failures(cases);
  add_crews(cases);
  add_networks(cases);
  add_allocations(cases);
  add_parallel(cases);
  add_assemblies(cases);
  cases.push_back(design_case("design_best", {6, 7, 7}, {12, 8}, 5.776121751464));
  cases.push_back(design_case("design_mirror", {7, 7, 6}, {8, 12}, 5.776121751464));
  cases.push_back(design_case("design_second", {6, 7, 7}, {13, 7}, 5.771487777306));
  cases.push_back(design_case("design_even", {6, 7, 7}, {10, 10}, 5.756349531751));
  cases.push_back(design_case("design_far", {8, 8, 4}, {12, 8}, 3.996085118612));
  cases.push_back(design_case("design_extreme", {1, 1, 18}, {1, 19}, 0.666666666667));
  return cases;
}

}  // namespace twin::validation
