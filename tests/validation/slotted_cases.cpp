// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/engine/process.hpp>
#include <libtwin/engine/run.hpp>
#include <tests/validation/anchors.hpp>
#include <tests/validation/cases.hpp>

// Lines on slots of 1 s, as processes of the user's own between the engine's buffers. A slot begins at a whole second, when
// every machine decides by what it sees; half a slot later, when all have decided, parts move.
namespace twin::validation {
namespace {

struct SlottedLine {
  std::size_t machines = 0;
  bool is_bernoulli = false;
  bool fails_when_idle = false;
  std::vector<double> r;
  std::vector<double> p;
  std::vector<double> capacity;

  // --- the run ---
  std::vector<char> is_up;
  std::vector<std::uint32_t> level;  // of the buffers, when the slot began
  double from_s = 0;
  std::uint64_t slots = 0;
  std::vector<std::uint64_t> blocked;
  std::vector<std::uint64_t> starved;

  void reset() {
    is_up.assign(machines, 1);
    level.assign(machines, 0);
    slots = 0;
    blocked.assign(machines, 0);
    starved.assign(machines, 0);
  }

  [[nodiscard]] bool is_starved(std::size_t i) const { return i > 0 && level[i - 1] == 0; }
  [[nodiscard]] bool is_full(std::size_t i) const {
    return i + 1 < machines && level[i] >= static_cast<std::uint32_t>(capacity[i]);
  }

  /// Whether machine `i` takes a part in this slot. A Bernoulli machine may work into a full buffer when the next one takes.
  [[nodiscard]] bool takes(std::size_t i) const { return is_up[i] != 0 && !is_starved(i) && !is_blocked(i); }
  [[nodiscard]] bool is_blocked(std::size_t i) const { return is_full(i) && !(is_bernoulli && takes(i + 1)); }
};

/// Machine states change first: by what the machine could do with the levels of this moment.
void change_state(SlottedLine& line, std::size_t i, double u) {
  if (line.is_bernoulli) {
    line.is_up[i] = u < line.p[i] ? 1 : 0;
  } else if (line.is_up[i] == 0) {
    line.is_up[i] = u < line.r[i] ? 1 : 0;
  } else if (line.fails_when_idle || (!line.is_starved(i) && !line.is_full(i))) {
    line.is_up[i] = u < line.p[i] ? 0 : 1;
  }
}

Process machine(ProcessContext& self, SlottedLine& line, std::size_t i) {
  StationState state = StationState::idle;
  for (;;) {
    // No part moves at this moment, so neighbours write down the same levels.
    if (i > 0) line.level[i - 1] = self.waiting(0);
    if (i + 1 < line.machines) line.level[i] = self.level_out(0);
    change_state(line, i, uniform_draw(self.stream()));
    co_await self.wait(0.5, state);
    const bool is_starved = line.is_up[i] != 0 && line.is_starved(i);
    const bool is_blocked = line.is_up[i] != 0 && line.is_blocked(i);
    if (i == 0) line.slots += static_cast<std::uint64_t>(self.run().now_s() >= line.from_s);
    if (self.run().now_s() >= line.from_s) {
      line.starved[i] += static_cast<std::uint64_t>(is_starved);
      line.blocked[i] += static_cast<std::uint64_t>(is_blocked);
    }
    if (line.takes(i)) {
      const PartId part = co_await self.get();
      co_await self.put(part);
    }
    state = line.is_up[i] == 0 ? StationState::down
            : is_blocked       ? StationState::blocked
            : is_starved       ? StationState::starved
                               : StationState::busy;
    co_await self.wait(0.5, state);
  }
}

Model make_model(const std::shared_ptr<SlottedLine>& line) {
  Factory f("slots");
  CompileOptions options;
  f.source("in");
  std::string flow = "in";
  for (std::size_t i = 0; i < line->machines; ++i) {
    const std::string number = std::to_string(i);
    f.process("m" + number, "m" + number);
    flow += " -> m" + number;
    if (i + 1 < line->machines) {
      f.buffer("b" + number, {.capacity = static_cast<std::int64_t>(line->capacity[i])});
      flow += " -> b" + number;
    }
    options.behaviours["m" + number] = [line = line.get(), i](ProcessContext& self) {
      if (i == 0) line->reset();
      return machine(self, *line, i);
    };
  }
  f.sink("out");
  f.flow(flow + " -> out");
  Model model;
  model.compiled = compile(f, options);
  model.context = line;
  return model;
}

std::vector<double> read_line(const SlottedLine& line, const RunResult& r) {
  std::vector<double> seen{r.throughput_per_s()};
  for (const BufferResult& b : r.buffers) seen.push_back(b.mean_level);
  if (!line.is_bernoulli) return seen;
  const auto slots = static_cast<double>(line.slots);
  for (const std::uint64_t count : line.blocked) seen.push_back(static_cast<double>(count) / slots);
  for (const std::uint64_t count : line.starved) seen.push_back(static_cast<double>(count) / slots);
  return seen;
}

std::shared_ptr<SlottedLine> line_of(const Anchor& anchor) {
  auto line = std::make_shared<SlottedLine>();
  line->p = numbers(anchor.parameters, "p");
  line->machines = line->p.size();
  line->capacity = numbers(anchor.parameters, "N");
  line->is_bernoulli = anchor.id.starts_with("bern_");
  line->fails_when_idle = anchor.id.starts_with("det_tdf_");
  if (!line->is_bernoulli) line->r = numbers(anchor.parameters, "r");
  return line;
}

void add_values(Case& c, const Anchor& anchor, std::string_view name, bool is_primary) {
  const std::vector<double>& list = numbers(anchor.values, name);
  for (std::size_t k = 0; k < list.size(); ++k) {
    const std::string index = list.size() > 1 ? " " + std::to_string(k + 1) : "";
    c.values.push_back({std::string(name) + index, list[k], is_primary});
  }
}

Case case_of(const Anchor& anchor) {
  Case c;
  c.id = anchor.id;
  c.model = anchor.model;
  for (const auto& [name, list] : anchor.parameters) {
    c.parameters += (c.parameters.empty() ? "" : ", ") + std::string(name) + " = " + text(list);
  }
  c.warmup_s = 2000;
  c.precision = 0.5;
  return c;
}

Case slotted_case(const Anchor& anchor) {
  Case c = case_of(anchor);
  if (anchor.id.starts_with("bern_")) {
    c.warmup_s = 500;
    c.precision = 0.2;
    add_values(c, anchor, "PR", true);
    for (const std::string_view name : {"WIP", "BL", "ST"}) add_values(c, anchor, name, false);
  } else {
    add_values(c, anchor, "E", true);
    add_values(c, anchor, "nbar", false);
  }
  c.make = [&anchor] {
    const std::shared_ptr<SlottedLine> line = line_of(anchor);
    Model model = make_model(line);
    model.observe = [line](PlantState& state, const RunInput& input) {
      line->from_s = input.warmup_s;
      run(state, input);
      return read_line(*line, state.result());
    };
    return model;
  };
  return c;
}

/// The gradient by central differences on common random numbers: each machine draws one number a slot, whatever its p.
Case gradient_case(const Anchor& anchor) {
  constexpr double kStep = 0.01;
  Case c = case_of(anchor);
  c.id += " (gradient)";
  c.warmup_s = 500;
  c.fixed_span_s = kIsFull ? 20'000 : 1'000;
  add_values(c, anchor, "dPR_dp", false);
  c.make = [&anchor] {
    const std::shared_ptr<SlottedLine> line = line_of(anchor);
    Model model = make_model(line);
    model.observe = [line](PlantState& state, const RunInput& input) {
      std::vector<double> gradient;
      for (double& p : line->p) {
        const double own = p;
        p = own + kStep;
        const double above = run(state, input).throughput_per_s();
        p = own - kStep;
        const double below = run(state, input).throughput_per_s();
        p = own;
        gradient.push_back((above - below) / (2 * kStep));
      }
      return gradient;
    };
    return model;
  };
  return c;
}

}  // namespace

void add_slotted_cases(std::vector<Case>& cases) {
  for (const Anchor& anchor : anchors()) {
    const bool is_bernoulli = anchor.id.starts_with("bern_");
    if (!is_bernoulli && !anchor.id.starts_with("det_")) continue;
    cases.push_back(slotted_case(anchor));
    if (is_bernoulli) cases.push_back(gradient_case(anchor));
  }
}

}  // namespace twin::validation
