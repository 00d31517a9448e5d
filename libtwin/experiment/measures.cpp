// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/measures.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <libtwin/experiment/mistakes.hpp>
#include <libtwin/scenario/design_checks.hpp>
#include <libtwin/scenario/lexer.hpp>

namespace twin::detail {
namespace {

constexpr std::array<std::string_view, 7> kPlainNames{"throughput", "lead_time", "wip",    "good",
                                                      "scrapped",   "lost",      "created"};
constexpr std::array<std::string_view, 6> kFunctions{"abs", "floor", "ceil", "round", "min", "max"};

std::string_view unit_text(KpiDimension dimension) {
  switch (dimension) {
    case KpiDimension::rate:
      return "(1 / 1 s)";
    case KpiDimension::time:
      return "(1 s)";
    case KpiDimension::parts:
    case KpiDimension::share:
    case KpiDimension::number:
      return "(1)";
  }
  return "(1)";
}

/// Names and calls of a text with what each is a number of; calls in the order in which they stand.
struct Dimensions {
  std::vector<std::string> names;
  std::vector<KpiDimension> of_names;
  std::vector<KpiDimension> of_calls{};
};

/// The expression with every KPI replaced by one of its unit. What KPIs are numbers of is not known to expressions; of
/// this text they can tell the dimension, and whether times and rates are mixed up.
std::string in_units(std::string_view text, const Dimensions& dimensions) {
  const std::vector<Token> tokens = tokenize(text);
  std::string out;
  std::size_t call = 0;
  for (std::size_t i = 0; i < tokens.size() && tokens[i].kind != TokenKind::end; ++i) {
    const Token& token = tokens[i];
    out += ' ';
    if (token.kind != TokenKind::word || (i > 0 && tokens[i - 1].kind == TokenKind::number)) {
      out += token.text;
      continue;
    }
    if (i + 1 < tokens.size() && tokens[i + 1].is("(")) {
      if (std::find(kFunctions.begin(), kFunctions.end(), token.text) != kFunctions.end()) {
        out += token.text;
        continue;
      }
      int open = 0;
      do {
        ++i;
        open += static_cast<int>(tokens[i].is("(")) - static_cast<int>(tokens[i].is(")"));
      } while (open > 0 && tokens[i].kind != TokenKind::end);
      out += unit_text(call < dimensions.of_calls.size() ? dimensions.of_calls[call] : KpiDimension::number);
      ++call;
      continue;
    }
    const auto name = std::find(dimensions.names.begin(), dimensions.names.end(), token.text);
    out += name == dimensions.names.end()
               ? token.text
               : unit_text(dimensions.of_names[static_cast<std::size_t>(name - dimensions.names.begin())]);
  }
  return out;
}

/// The power of time of an expression; appends what is wrong.
int power_of(std::string_view text, const Dimensions& dimensions, std::vector<Diagnostic>& found) {
  return Expression::parse(in_units(text, dimensions), {}, found).time_power();
}

KpiDimension dimension_of(int power) {
  if (power == -1) return KpiDimension::rate;
  return power == 1 ? KpiDimension::time : KpiDimension::number;
}

/// Adds measures to a plan one by one.
class Planner {
 public:
  Planner(MeasurePlan& plan, const PlantNames& names, std::vector<Diagnostic>& mistakes)
      : plan_(plan), names_(names), mistakes_(mistakes) {
    for (const std::string_view name : kPlainNames) {
      Kpi kpi;
      std::string problem;
      static_cast<void>(find_kpi(names, name, {}, kpi, problem));
      plan_.kpis.push_back(kpi);
      plain_.emplace_back(name);
    }
  }

  void add(const Measure& measure) { add(measure, "measure." + measure.name); }

  /// @param path  where the measure stands in the file.
  void add(const Measure& measure, const std::string& path) {
    Dimensions dimensions{.names = plain_, .of_names = {}};
    for (std::size_t i = 0; i < plain_.size(); ++i) dimensions.of_names.push_back(plan_.kpis[i].dimension());
    const auto resolve = [&](std::string_view call, std::span<const std::string> arguments, std::string& problem) {
      const int index = index_of(call, arguments, problem);
      if (index >= 0) dimensions.of_calls.push_back(plan_.kpis[static_cast<std::size_t>(index)].dimension());
      return index;
    };
    std::vector<Diagnostic> found;
    Expression expression = Expression::parse(measure.expression, plain_, resolve, found);
    int power = 0;
    if (found.empty()) power = power_of(measure.expression, dimensions, found);
    add_mistakes(mistakes_, std::move(found), path, measure.expression);
    plan_.names.push_back(measure.name);
    plan_.dimensions.push_back(plain_dimension(measure.expression, dimensions).value_or(dimension_of(power)));
    plan_.measures.push_back(std::move(expression));
  }

 private:
  int index_of(std::string_view call, std::span<const std::string> arguments, std::string& problem) {
    Kpi kpi;
    if (!find_kpi(names_, call, arguments, kpi, problem)) return -1;
    const auto known = std::find(plan_.kpis.begin(), plan_.kpis.end(), kpi);
    if (known != plan_.kpis.end()) return static_cast<int>(known - plan_.kpis.begin());
    plan_.kpis.push_back(kpi);
    return static_cast<int>(plan_.kpis.size() - 1);
  }

  /// A KPI alone keeps what it is a number of: parts, a share.
  static std::optional<KpiDimension> plain_dimension(std::string_view text, const Dimensions& dimensions) {
    const std::vector<Token> tokens = tokenize(text);
    const auto name = std::find(dimensions.names.begin(), dimensions.names.end(), tokens.front().text);
    if (tokens.size() == 2 && name != dimensions.names.end()) {
      return dimensions.of_names[static_cast<std::size_t>(name - dimensions.names.begin())];
    }
    const bool is_function = std::find(kFunctions.begin(), kFunctions.end(), tokens.front().text) != kFunctions.end();
    if (tokens.front().kind != TokenKind::word || is_function || dimensions.of_calls.size() != 1) return {};
    const auto close = std::find_if(tokens.begin(), tokens.end(), [](const Token& t) { return t.is(")"); });
    return tokens.end() - close == 2 ? std::optional(dimensions.of_calls.front()) : std::nullopt;
  }

  MeasurePlan& plan_;
  const PlantNames& names_;
  std::vector<Diagnostic>& mistakes_;
  std::vector<std::string> plain_;
};

void add_condition(MeasurePlan& plan, const std::string& text, std::vector<Diagnostic>& mistakes) {
  const auto refuse = [](std::string_view call, std::span<const std::string>, std::string& problem) {
    problem =
        "conditions speak of measures; declare '" + std::string(call) + "(…)' under [measure] and use its name here";
    return -1;
  };
  std::vector<Diagnostic> found;
  Expression condition = Expression::parse(text, plan.names, refuse, found);
  if (found.empty()) static_cast<void>(power_of(text, {.names = plan.names, .of_names = plan.dimensions}, found));
  add_mistakes(mistakes, std::move(found), "goal.subject_to", text);
  plan.conditions.push_back(std::move(condition));
}

void set_goal(MeasurePlan& plan, const std::string& goal, std::vector<Diagnostic>& mistakes) {
  if (goal.empty()) return;
  const auto found = std::find(plan.names.begin(), plan.names.end(), goal);
  plan.goal = static_cast<std::size_t>(found - plan.names.begin());
  if (found != plan.names.end()) return;
  const std::string near = nearest_name(goal, plan.names);
  add_mistake(mistakes, "E050", "goal", "'" + goal + "' is not a measure of this study",
              near.empty() ? "declare it under [measure]" : "did you mean '" + near + "'?");
}

/// Which measure a rule speaks of: by its name, else by its expression; a new one when there is none.
std::size_t measure_of(MeasurePlan& plan, Planner& planner, const Study& study, const StoppingRule& rule) {
  const auto named = std::find(plan.names.begin(), plan.names.end(), rule.measure);
  if (named != plan.names.end()) return static_cast<std::size_t>(named - plan.names.begin());
  const auto same = std::find_if(study.measures.begin(), study.measures.end(),
                                 [&](const Measure& m) { return m.expression == rule.measure; });
  if (same != study.measures.end()) return static_cast<std::size_t>(same - study.measures.begin());
  planner.add({rule.measure, rule.measure}, "replicate.until");
  return plan.names.size() - 1;
}

/// Whether a limit is a number of what a measure is a number of; a share fits all.
bool fits(const StoppingRule& rule, KpiDimension measure) {
  if (rule.is_relative()) return true;
  if (measure == KpiDimension::rate) return rule.dimension == Dimension::rate;
  if (measure == KpiDimension::time) return rule.dimension == Dimension::time;
  return rule.dimension == Dimension::none;
}

void add_rules(MeasurePlan& plan, Planner& planner, const Study& study, std::vector<Diagnostic>& mistakes) {
  for (DesignMistake& wrong : replicate_mistakes(study))
    add_mistake(mistakes, "E054", "replicate." + wrong.key, std::move(wrong.message), std::move(wrong.hint));
  for (const StoppingRule& rule : study.until) {
    const std::size_t before = mistakes.size();
    const std::size_t measure = measure_of(plan, planner, study, rule);
    if (mistakes.size() == before && !fits(rule, plan.dimensions[measure])) {
      add_mistake(
          mistakes, "E021", "replicate.until",
          "in '" + write_stopping_rule(rule) + "': the limit is not in the unit of '" + rule.measure + "'",
          plan.dimensions[measure] == KpiDimension::rate   ? "write a rate, such as 0.3 /h, or a share, such as 1 %"
          : plan.dimensions[measure] == KpiDimension::time ? "write a time, such as 2 min, or a share, such as 1 %"
                                                           : "write a plain number, or a share, such as 1 %");
    }
    plan.until.push_back({measure, {rule.limit, rule.is_relative() ? WidthLimit::Of::mean : WidthLimit::Of::value}});
  }
}

}  // namespace

bool MeasurePlan::is_settled(std::span<const Tally> tallies) const {
  return std::all_of(until.begin(), until.end(),
                     [&](const Stop& stop) { return stop.limit.is_met(tallies[stop.measure]); });
}

std::int64_t next_replications(const MeasurePlan& plan, const Study& study, std::int64_t begun, std::int64_t failed,
                               std::span<const Tally> tallies) {
  if (begun > 0 && (failed > 0 || plan.is_settled(tallies))) return 0;
  return next_look(begun, study.replications, study.at_most.value_or(kMostReplications));
}

void MeasurePlan::read(const RunResult& run, std::span<double> values, std::span<double> measured) const {
  for (std::size_t i = 0; i < kpis.size(); ++i) {
    if (is_used[i]) values[i] = kpis[i].read(run);
  }
  for (std::size_t i = 0; i < measures.size(); ++i) measured[i] = measures[i].evaluate(values);
}

bool MeasurePlan::is_feasible(std::span<const double> means) const {
  return std::all_of(conditions.begin(), conditions.end(), [&](const Expression& condition) {
    const auto& used = condition.used_names();
    const bool is_known =
        std::none_of(used.begin(), used.end(), [&](int i) { return std::isnan(means[static_cast<std::size_t>(i)]); });
    return is_known && condition.evaluate(means) != 0;
  });
}

MeasurePlan plan_measures(const Study& study, const PlantNames& names) {
  MeasurePlan plan;
  std::vector<Diagnostic> mistakes;
  Planner planner(plan, names, mistakes);
  for (const Measure& measure : study.measures) planner.add(measure);
  if (study.measures.empty()) planner.add({"throughput", "throughput"});
  for (const std::string& condition : study.subject_to) add_condition(plan, condition, mistakes);
  set_goal(plan, study.goal, mistakes);
  add_rules(plan, planner, study, mistakes);
  throw_mistakes(std::move(mistakes));
  plan.is_used.assign(plan.kpis.size(), false);
  for (const Expression& measure : plan.measures) {
    for (const int i : measure.used_names()) plan.is_used[static_cast<std::size_t>(i)] = true;
  }
  return plan;
}

}  // namespace twin::detail
