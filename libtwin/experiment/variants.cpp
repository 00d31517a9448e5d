// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/variants.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include <libtwin/core/random.hpp>
#include <libtwin/experiment/mistakes.hpp>
#include <libtwin/scenario/number_ref.hpp>

namespace twin::detail {
namespace {

// Compiled plants a worker keeps. Neighbouring designs mostly share their structure.
constexpr std::size_t kMostEntries = 8;

bool is_run_path(const std::string& path) { return path.starts_with("run."); }

/// What the file writes as -1 is no end of places.
double as_slot_value(const Plant& plant, std::uint32_t slot, double value) {
  const bool is_unlimited = plant.slots[slot].kind == SlotKind::capacity && value == static_cast<double>(kUnlimited);
  return is_unlimited ? std::numeric_limits<double>::infinity() : value;
}

bool is_possible_span(const RunSettings& run) {
  return run.horizon_s > 0 && run.horizon_s <= kMaxSeconds &&
         (run.warmup_is_auto || (run.warmup_s >= 0 && run.warmup_s < run.horizon_s)) && run.parts >= 0 &&
         run.warmup_parts >= 0 && (run.warmup_parts == 0 || run.warmup_parts < run.parts) &&
         (run.parts == 0 || (!run.warmup_is_auto && run.warmup_s == 0));
}

}  // namespace

std::optional<std::uint32_t> slot_of(const Compiled& compiled, const std::string& path) {
  auto found = compiled.slots.find(path);
  // A constant is understood to have a mean, as in the language of paths.
  if (found == compiled.slots.end() && path.ends_with(".mean"))
    found = compiled.slots.find(path.substr(0, path.size() - 5));
  return found == compiled.slots.end() ? std::nullopt : std::optional(found->second);
}

Variants::Variants(const Scenario& scenario, const DesignTable& design, const CompileOptions& code)
    : scenario_(scenario), design_(design), code_(code), base_(compile(scenario.factory, code)) {
  for (const Parameter& p : scenario.parameters) nominals_.push_back(p.nominal);
  for (const std::string& factor : design.factors) {
    const auto& all = scenario.parameters;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.name == factor; });
    parameter_of_column_.push_back(found == all.end() ? -1 : static_cast<int>(found - all.begin()));
  }
  std::vector<Diagnostic> mistakes;
  add_columns(mistakes);
  add_bindings(mistakes);
  throw_mistakes(std::move(mistakes));
  sort_targets();
}

/// Whether a factor sets the value that a binding would give, or the whole law it belongs to.
bool Variants::is_overridden(const std::string& path) const {
  return std::any_of(design_.factors.begin(), design_.factors.end(),
                     [&](const std::string& factor) { return path == factor || path.starts_with(factor + "."); });
}

void Variants::add_bindings(std::vector<Diagnostic>& mistakes) {
  std::vector<std::string> names;
  for (const Parameter& p : scenario_.parameters) names.push_back(p.name);
  for (const Binding& binding : scenario_.bindings) {
    std::vector<Diagnostic> found;
    auto expression = std::make_unique<Expression>(Expression::parse(binding.expression, names, found));
    add_mistakes(mistakes, std::move(found), binding.path, binding.expression);
    const auto& used = expression->used_names();
    const bool varies = std::any_of(used.begin(), used.end(), [&](int i) {
      return std::find(parameter_of_column_.begin(), parameter_of_column_.end(), i) != parameter_of_column_.end();
    });
    // The rest has its value in the factory already.
    if (!varies || is_overridden(binding.path)) continue;
    targets_.push_back({binding.path, 0, expression.get(), false});
    expressions_.push_back(std::move(expression));
  }
}

void Variants::add_columns(std::vector<Diagnostic>& mistakes) {
  Factory trial = scenario_.factory;
  for (std::size_t i = 0; i < design_.factors.size(); ++i) {
    const std::string& path = design_.factors[i];
    if (parameter_of_column_[i] >= 0) continue;
    const bool is_text = !design_.texts[i].empty();
    if (!is_text && !find_number(trial, path)) {
      add_mistake(mistakes, "E012", "factor." + path,
                  "'" + path + "' is neither a parameter nor a number of the model");
    }
    if (path == "run.replications") {
      add_mistake(mistakes, "E052", "factor." + path, "the number of replications cannot be a factor",
                  "use [replicate] count");
    }
    targets_.push_back({path, i, nullptr, is_text});
  }
}

// Texts first, for they may replace a law whose numbers are then set; factors last, for they have the last word.
void Variants::sort_targets() {
  const auto rank = [](const Target& t) { return t.is_text ? 0 : t.expression != nullptr ? 1 : 2; };
  std::stable_sort(targets_.begin(), targets_.end(),
                   [&](const Target& a, const Target& b) { return rank(a) < rank(b); });
  for (std::size_t k = 0; k < targets_.size(); ++k) {
    const bool can_change = !targets_[k].is_text && !is_run_path(targets_[k].path) && slot_of(base_, targets_[k].path);
    (can_change ? changeable_ : structural_).push_back(k);
  }
}

void Variants::evaluate(std::size_t scenario, std::vector<double>& parameters, std::vector<double>& targets) const {
  const double* row = design_.factors.empty() ? nullptr : &design_.values[scenario * design_.factors.size()];
  parameters = nominals_;
  for (std::size_t i = 0; i < parameter_of_column_.size(); ++i) {
    if (parameter_of_column_[i] >= 0) parameters[static_cast<std::size_t>(parameter_of_column_[i])] = row[i];
  }
  targets.clear();
  for (const Target& target : targets_) {
    targets.push_back(target.expression != nullptr ? target.expression->evaluate(parameters) : row[target.column]);
  }
}

std::uint64_t Variants::key_of(std::size_t scenario) const {
  // A sum, so that the order of the columns is of no account.
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < design_.factors.size(); ++i) {
    const double value = design_.values[scenario * design_.factors.size() + i];
    const std::uint64_t value_key = design_.texts[i].empty()
                                        ? std::bit_cast<std::uint64_t>(value)
                                        : name_key(design_.texts[i][static_cast<std::size_t>(value)]);
    key += mix(name_key(design_.factors[i]) + mix(value_key));
  }
  return mix(key);
}

std::optional<PreparedRun> Variants::Worker::prepare(std::size_t scenario) {
  scenario_ = scenario;
  all_->evaluate(scenario, parameters_, targets_);
  structure_.clear();
  for (const std::size_t k : all_->structural_) structure_.push_back(targets_[k]);
  Entry& entry = entry_for_structure();
  if (entry.state == nullptr || (!entry.is_whole && !make_changes(entry))) return {};
  PreparedRun prepared;
  prepared.state = entry.state.get();
  prepared.input = run_input(entry.run);
  if (!entry.is_whole) prepared.input.changes = changes_;
  return prepared;
}

Variants::Worker::Entry& Variants::Worker::entry_for_structure() {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& e) { return !e.is_whole && e.structure == structure_; });
  if (found != entries_.end()) {
    found->last_use = ++uses_;
    return *found;
  }
  if (entries_.size() == kMostEntries) {
    entries_.erase(std::min_element(entries_.begin(), entries_.end(),
                                    [](const Entry& a, const Entry& b) { return a.last_use < b.last_use; }));
  }
  Entry& entry = entries_.emplace_back();
  entry.structure = structure_;
  entry.last_use = ++uses_;
  fill(entry, false);
  // The structure alone may be impossible, or make numbers fixed that the model as it stands lets a run change: then the
  // design is compiled as a whole, for itself alone.
  if (entry.state == nullptr || entry.slots.size() != all_->changeable_.size()) fill(entry, true);
  return entry;
}

void Variants::Worker::fill(Entry& entry, bool with_all) {
  entry.state = nullptr;
  entry.slots.clear();
  entry.is_whole = with_all;
  const Compiled* compiled = &all_->base_;
  Factory factory;
  entry.run = all_->scenario_.factory.run;
  if (!all_->needs_no_compiling() || with_all) {
    factory = all_->scenario_.factory;
    std::vector<Diagnostic> found;
    try {
      for (std::size_t k = 0; k < targets_.size(); ++k) {
        const Target& target = all_->targets_[k];
        const bool is_structural = std::binary_search(all_->structural_.begin(), all_->structural_.end(), k);
        if (!with_all && !is_structural) continue;
        if (target.is_text) {
          set_value(factory, target.path, all_->design_.texts[target.column][static_cast<std::size_t>(targets_[k])],
                    found);
        } else {
          set_number(factory, target.path, targets_[k]);
        }
      }
      entry.run = factory.run;
      if (has_errors(found) || !is_possible_span(factory.run)) return;
      entry.compiled = std::make_unique<Compiled>(compile(factory, all_->code_));
    } catch (const ModelError&) {
      return;
    }
    compiled = entry.compiled.get();
  }
  for (const std::size_t k : all_->changeable_) {
    if (const auto slot = slot_of(*compiled, all_->targets_[k].path)) entry.slots.push_back(*slot);
  }
  entry.state = std::make_unique<PlantState>(compiled->plant);
}

bool Variants::Worker::make_changes(const Entry& entry) {
  const Plant& plant = entry.state->plant();
  changes_.clear();
  for (std::size_t i = 0; i < entry.slots.size(); ++i) {
    changes_.push_back({entry.slots[i], as_slot_value(plant, entry.slots[i], targets_[all_->changeable_[i]])});
  }
  return are_possible(plant, changes_);
}

}  // namespace twin::detail
