// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/experiment/design_file.hpp>
#include <libtwin/experiment/mistakes.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/number_ref.hpp>

namespace twin {
namespace detail {
namespace {

constexpr std::size_t kMostDesigns = 50'000'000;

// Candidates a grid looks at before it gives up: some ten seconds.
constexpr std::uint64_t kMostSteps = 2'000'000'000;

/// Something that varies, with its levels.
struct Column {
  std::string name;
  std::vector<double> levels;
  std::vector<std::string> texts;

  /// Index among the scenario's parameters; -1 for a value of the model.
  int parameter = -1;
};

int parameter_index(const Scenario& scenario, const std::string& name) {
  const auto& all = scenario.parameters;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.name == name; });
  return found == all.end() ? -1 : static_cast<int>(found - all.begin());
}

/// Parameters with several values, and factors: those that name a parameter say its levels.
std::vector<Column> columns_of(const Scenario& scenario, std::vector<Diagnostic>& mistakes) {
  std::vector<Column> columns;
  std::vector<Column> of_model;
  std::vector<const Factor*> chosen(scenario.parameters.size(), nullptr);
  Factory factory = scenario.factory;
  for (const Factor& factor : scenario.study->factors) {
    if (factor.values.empty()) add_mistake(mistakes, "E052", "factor." + factor.path, "the factor has no levels");
    const int parameter = parameter_index(scenario, factor.path);
    if (parameter >= 0) {
      chosen[static_cast<std::size_t>(parameter)] = &factor;
      continue;
    }
    // The texts of numbers are how they were written; their values say all.
    const bool is_number = factor.texts.empty() || find_number(factory, factor.path).has_value();
    of_model.push_back({factor.path, factor.values, is_number ? std::vector<std::string>() : factor.texts});
  }
  for (std::size_t i = 0; i < scenario.parameters.size(); ++i) {
    const Parameter& p = scenario.parameters[i];
    if (chosen[i] == nullptr && p.values.size() < 2) continue;
    columns.push_back({p.name, chosen[i] != nullptr ? chosen[i]->values : p.values, {}, static_cast<int>(i)});
  }
  columns.insert(columns.end(), std::make_move_iterator(of_model.begin()), std::make_move_iterator(of_model.end()));
  return columns;
}

std::vector<double> nominals_of(const Scenario& scenario) {
  std::vector<double> values;
  for (const Parameter& p : scenario.parameters) values.push_back(p.nominal);
  return values;
}

std::vector<Expression> conditions_of(const Scenario& scenario, std::vector<Diagnostic>& mistakes) {
  std::vector<std::string> names;
  for (const Parameter& p : scenario.parameters) names.push_back(p.name);
  std::vector<Expression> conditions;
  for (const std::string& text : scenario.study->where) {
    std::vector<Diagnostic> found;
    Expression condition = Expression::parse(text, names, found);
    add_mistakes(mistakes, std::move(found), "design.where", text);
    if (!condition.empty()) conditions.push_back(std::move(condition));
  }
  return conditions;
}

/// Every combination of levels that meets the conditions, the last column running fastest. A condition is asked as soon as
/// the last of its parameters has a value.
class Grid {
 public:
  Grid(const std::vector<Column>& columns, const std::vector<Expression>& conditions, std::vector<double> parameters)
      : columns_(columns), parameters_(std::move(parameters)), row_(columns.size()), due_(columns.size()) {
    for (const Expression& condition : conditions) {
      const std::size_t depth = depth_of(condition);
      if (depth == columns.size()) {
        is_possible_ = is_possible_ && holds(condition);
      } else {
        due_[depth].push_back(&condition);
      }
    }
  }

  std::vector<double> values() {
    if (is_possible_ && !columns_.empty()) choose(0);
    return std::move(values_);
  }

  [[nodiscard]] bool is_possible() const { return is_possible_; }

 private:
  /// The last column that a condition depends on; the number of columns when it depends on none.
  [[nodiscard]] std::size_t depth_of(const Expression& condition) const {
    const auto& used = condition.used_names();
    for (std::size_t i = columns_.size(); i-- > 0;) {
      if (std::find(used.begin(), used.end(), columns_[i].parameter) != used.end()) return i;
    }
    return columns_.size();
  }

  [[nodiscard]] bool holds(const Expression& condition) const { return condition.evaluate(parameters_) != 0; }

  void choose(std::size_t depth) {
    if (depth == columns_.size()) {
      if (values_.size() / columns_.size() == kMostDesigns) give_up();
      values_.insert(values_.end(), row_.begin(), row_.end());
      return;
    }
    const Column& column = columns_[depth];
    for (const double level : column.levels) {
      if (++steps_ > kMostSteps) give_up();
      row_[depth] = level;
      if (column.parameter >= 0) parameters_[static_cast<std::size_t>(column.parameter)] = level;
      const auto& due = due_[depth];
      if (std::all_of(due.begin(), due.end(), [&](const Expression* e) { return holds(*e); })) choose(depth + 1);
    }
  }

  [[noreturn]] static void give_up() {
    std::vector<Diagnostic> mistakes;
    add_mistake(mistakes, "E052", "design", "the grid has more than 50 million designs, or billions of candidates",
                "give fewer levels, or conditions that speak of the first parameters");
    throw ModelError(std::move(mistakes));
  }

  const std::vector<Column>& columns_;
  std::vector<double> parameters_;
  std::vector<double> row_;
  std::vector<std::vector<const Expression*>> due_;
  std::vector<double> values_;
  std::uint64_t steps_ = 0;
  bool is_possible_ = true;
};

/// Leaves out the rows of a table that do not meet the conditions.
void keep_feasible(DesignTable& design, const Scenario& scenario, const std::vector<Expression>& conditions) {
  const std::size_t width = design.factors.size();
  std::vector<double> parameters = nominals_of(scenario);
  std::vector<int> column_of;
  for (const std::string& factor : design.factors) column_of.push_back(parameter_index(scenario, factor));
  std::size_t kept = 0;
  for (std::size_t row = 0; row < design.size(); ++row) {
    const double* values = &design.values[row * width];
    for (std::size_t i = 0; i < width; ++i) {
      if (column_of[i] >= 0) parameters[static_cast<std::size_t>(column_of[i])] = values[i];
    }
    if (!std::all_of(conditions.begin(), conditions.end(),
                     [&](const Expression& e) { return e.evaluate(parameters) != 0; }))
      continue;
    std::copy_n(values, width, &design.values[kept++ * width]);
  }
  design.values.resize(kept * width);
}

[[noreturn]] void refuse_empty() {
  std::vector<Diagnostic> mistakes;
  add_mistake(mistakes, "E052", "design", "no design meets the conditions",
              "check the levels and the conditions under [design] where");
  throw ModelError(std::move(mistakes));
}

}  // namespace
}  // namespace detail

DesignTable make_design(const Scenario& scenario, const std::string& folder) {
  DesignTable design;
  if (!scenario.study) return design;
  std::vector<Diagnostic> mistakes;
  const std::vector<Expression> conditions = detail::conditions_of(scenario, mistakes);
  if (scenario.study->method == DesignMethod::file) {
    design = detail::read_design_file(scenario, folder, mistakes);
    detail::throw_mistakes(std::move(mistakes));
    detail::keep_feasible(design, scenario, conditions);
    if (design.size() == 0) detail::refuse_empty();
    return design;
  }
  const std::vector<detail::Column> columns = detail::columns_of(scenario, mistakes);
  detail::throw_mistakes(std::move(mistakes));
  for (const detail::Column& column : columns) {
    design.factors.push_back(column.name);
    design.texts.push_back(column.texts);
  }
  detail::Grid grid(columns, conditions, detail::nominals_of(scenario));
  design.values = grid.values();
  if (!grid.is_possible() || (!columns.empty() && design.values.empty())) detail::refuse_empty();
  return design;
}

}  // namespace twin
