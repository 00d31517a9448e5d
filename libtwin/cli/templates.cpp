// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/templates.hpp>

#include <array>

namespace twin::cli {
namespace {

constexpr std::string_view kLineModel =
    R"toml(# A line of three machines with buffers between them; the middle one breaks down.
format = 1

[factory]
name = "line"
flow = ["supply -> cut -> b1 -> weld -> b2 -> pack -> shipped"]

[run]
horizon = "4 weeks"   # includes the warm-up
warmup = "1 day"      # or "auto"
replications = 20
seed = 1

[source.supply]   # never short of parts; or: arrivals = "exponential(60 s)"

[machine.cut]
cycle = "45 s"

[machine.weld]
cycle = "lognormal(mean = 48 s, cv = 0.2)"

  [machine.weld.failure.tip]
  every = "exponential(5 h)"
  clock = "busy"                 # ages only while it works; or "calendar", "cycles"
  repair = "lognormal(mean = 15 min, cv = 0.6)"
  crew = "maintenance"

[machine.pack]
cycle = "triangular(30 s, 40 s, 60 s)"

[buffer.b1]
capacity = 10

[buffer.b2]
capacity = 10

[crew.maintenance]
size = 1

[sink.shipped]
)toml";

constexpr std::string_view kLineStudy = R"toml(# Where do places in the buffers pay, and what do they cost in lead time?
format = 1
model = "model.toml"

[design]
method = "grid"

[factor]
"buffer.b1.capacity" = [2, 5, 10, 20]
"buffer.b2.capacity" = [2, 5, 10, 20]

[replicate]
count = 10

[measure]
throughput = "throughput"
lead = "mean(lead_time)"

[goal]
maximize = "throughput"
subject_to = ["lead < 15 min"]
)toml";

constexpr std::string_view kReworkModel =
    R"toml(# A cell whose inspection sends some parts back through repair, and repair gives some up.
format = 1

[factory]
name = "rework-cell"
flow = [
  "supply -> cut -> queue -> inspect",
  "inspect -> shipped : otherwise",
  "inspect -> to_repair : 8 %",
  "to_repair -> repair",
  "repair -> queue : otherwise",
  "repair -> bin : 10 %",
]

[run]
horizon = "4 weeks"
warmup = "1 day"
replications = 20
seed = 1

[source.supply]
arrivals = "exponential(6 min)"

[machine.cut]
cycle = "normal(mean = 5 min, sd = 30 s)"

[machine.inspect]
cycle = "90 s"

[machine.repair]
cycle = "gamma(mean = 20 min, cv = 0.7)"

# Unlimited: in a loop of full buffers each part could wait for the next for ever.
[buffer.queue]

[buffer.to_repair]

[sink.shipped]

[sink.bin]
counts = "scrap"
)toml";

constexpr std::string_view kReworkStudy = R"toml(# What does better quality buy, and what does faster repair?
format = 1
model = "model.toml"

[design]
method = "grid"

[factor]
"machine.repair.cycle.mean" = ["10 min", "20 min", "30 min"]
"machine.cut.cycle.mean" = ["4 min", "5 min"]

[replicate]
count = 10

[measure]
lead = "mean(lead_time)"
wip = "wip"

[goal]
minimize = "lead"
)toml";

constexpr std::string_view kAssemblyModel = R"toml(# Two branches meet at an assembly that also takes four bolts.
format = 1

[factory]
name = "assembly"
flow = [
  "bars -> turn -> shafts -> join",
  "castings -> mill -> housings -> join",
  "bolt_store -> feeder -> bolts -> join",
  "join -> test -> shipped",
]

[run]
horizon = "4 weeks"
warmup = "1 day"
replications = 20
seed = 1

[source.bars]

[source.castings]

[source.bolt_store]

[machine.turn]
cycle = "lognormal(mean = 50 s, cv = 0.3)"

[machine.mill]
cycle = "lognormal(mean = 55 s, cv = 0.3)"

[machine.feeder]
cycle = "8 s"

[assembly.join]
cycle = "45 s"
takes = { shafts = 1, housings = 1, bolts = 4 }

[machine.test]
cycle = "uniform(30 s, 50 s)"
scrap = "2 %"

[buffer.shafts]
capacity = 6

[buffer.housings]
capacity = 6

[buffer.bolts]
capacity = 200

[sink.shipped]
)toml";

constexpr std::string_view kAssemblyStudy = R"toml(# How many places before the assembly are enough?
format = 1
model = "model.toml"

[design]
method = "grid"

[factor]
"buffer.shafts.capacity" = [1, 2, 4, 8, 16]
"buffer.housings.capacity" = [1, 2, 4, 8, 16]

[replicate]
count = 10

[measure]
throughput = "throughput"

[goal]
maximize = "throughput"
)toml";

constexpr std::string_view kJobMixModel =
    R"toml(# Three products take different ways through four machines; the grinder changes over between them.
format = 1

[factory]
name = "job-mix"
flow = [
  "orders -> release",
  "release -> q_lathe : product A",
  "release -> q_mill : product B",
  "release -> q_drill : product C",
  "q_lathe -> lathe -> q_grind",
  "q_mill -> mill -> q_grind",
  "q_drill -> drill",
  "drill -> q_mill : 30 %",
  "drill -> q_grind : otherwise",
  "q_grind -> grind -> done",
]

[run]
horizon = "8 weeks"
warmup = "3 days"
replications = 20
seed = 1

[product.A]

[product.B]

[product.C]

[source.orders]
arrivals = "exponential(10 min)"
mix = { A = 0.5, B = 0.3, C = 0.2 }

[machine.release]
cycle = "0 s"

[machine.lathe]
cycle = "gamma(mean = 15 min, cv = 0.5)"

[machine.mill]
cycle = "gamma(mean = 18 min, cv = 0.5)"

[machine.drill]
cycle = "triangular(20 min, 25 min, 40 min)"

[machine.grind]
cycle = "4 min"
cycle_of = { C = "7 min" }
setup = { "* -> A" = "2 min", "* -> B" = "2 min", "* -> C" = "5 min" }

[buffer.q_lathe]

[buffer.q_mill]

[buffer.q_drill]

[buffer.q_grind]

[sink.done]
)toml";

constexpr std::string_view kJobMixStudy =
    R"toml(# Faster milling or faster changeovers: which one shortens the lead time?
format = 1
model = "model.toml"

[design]
method = "grid"

[factor]
"machine.mill.cycle.mean" = ["14 min", "18 min"]
"machine.grind.cycle" = ["3 min", "4 min"]

[replicate]
count = 10

[measure]
lead = "mean(lead_time)"
wip = "wip"

[goal]
minimize = "lead"
)toml";

constexpr std::string_view kReadme = R"toml(# A factory in two files

- `model.toml` says what the factory is: elements, flow, times.
- `study.toml` says which variants of it to run and what to compare.

    twin check model.toml          # mistakes, loads, the bound on throughput, without running
    twin run model.toml            # throughput, lead time and where time goes, with intervals
    twin sweep study.toml          # all variants, ranked
    twin draw model.toml -o model.svg

Change a value without editing the file:

    twin run model.toml --set run.horizon='8 weeks'

Errors have codes; `twin explain CODE` says what each means.
)toml";

constexpr std::array kTemplates{
    Template{"line", "three machines, two buffers, breakdowns and a crew", kLineModel, kLineStudy, kReadme},
    Template{"rework", "inspection, repair and scrap: a loop", kReworkModel, kReworkStudy, kReadme},
    Template{"assembly", "two branches and bolts meet at an assembly", kAssemblyModel, kAssemblyStudy, kReadme},
    Template{"job-mix", "three products with routes and changeovers of their own", kJobMixModel, kJobMixStudy, kReadme},
};

}  // namespace

std::span<const Template> templates() { return kTemplates; }

}  // namespace twin::cli
