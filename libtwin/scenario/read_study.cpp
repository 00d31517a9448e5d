// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <libtwin/scenario/design_checks.hpp>
#include <libtwin/scenario/expression.hpp>
#include <libtwin/scenario/lexer.hpp>
#include <libtwin/scenario/number_ref.hpp>
#include <libtwin/scenario/read_fields.hpp>
#include <libtwin/scenario/read_levels.hpp>
#include <libtwin/scenario/read_model.hpp>
#include <libtwin/scenario/read_stopping.hpp>
#include <libtwin/scenario/selection_checks.hpp>

namespace twin::detail {

const std::vector<std::string>& study_sections() {
  static const std::vector<std::string> kSections{"model",  "design", "factor",  "replicate",
                                                  "refine", "select", "measure", "goal"};
  return kSections;
}

bool has_sampling_method(const Node& root) {
  const Node* const design = root.find("design");
  const Node* const method = design != nullptr ? design->find("method") : nullptr;
  if (method == nullptr || !method->is(NodeKind::text)) return false;
  constexpr auto kNames = enum_names(DesignMethod{});
  const auto* const found = std::find(kNames.begin(), kNames.end(), method->text);
  return found != kNames.end() && samples_ranges(static_cast<DesignMethod>(found - kNames.begin()));
}

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// A section that must be a table; null when it is absent or no table.
const Node* table_of(Reader& reader, const Node& root, const std::string& name) {
  const Node* const node = root.find(name);
  if (node == nullptr || node->is(NodeKind::table)) return node;
  refuse_kind(reader, *node, name, "a table", "write [" + name + "]");
  return nullptr;
}

/// Reads a section by its field list.
template <class Object, class Fields>
void read_section(Reader& reader, const Node& table, const std::string& path, Object& object, Fields&& fields) {
  std::vector<std::string> known;
  fields(object, [&](const Field& field, auto& member) {
    known.emplace_back(field.name);
    const std::string inner = path + "." + std::string(field.name);
    if (const Node* const node = table.find(field.name))
      read_member(reader, *node, field, field.dimension, inner, member);
  });
  refuse_unknown_keys(reader, table, path, known);
}

void read_design(Reader& reader, const Node& root, Study& study) {
  const Node* const table = table_of(reader, root, "design");
  if (table == nullptr) return;
  read_section(reader, *table, "design", study, [](Study& s, auto&& visit) { design_fields(s, visit); });
  if (study.method == DesignMethod::file && study.file.empty()) {
    reader.error("E050", table->place, "design.file", "method = \"file\" needs a file", "no 'file'",
                 "write file = \"designs.csv\"");
  }
  if (const Node* const file = table->find("file"); file != nullptr && study.method != DesignMethod::file) {
    reader.error("E050", file->place, "design.file", "a file is read only by method = \"file\"", "not read",
                 "write method = \"file\" beside it, or leave the file out");
  }
  for (DesignMistake& mistake : design_mistakes(study)) {
    const Node* const node = table->find(mistake.key);
    // A number that could not be read has been complained about, and is not missing.
    if (node != nullptr && mistake.key == "points") continue;
    reader.error("E053", node != nullptr ? node->place : table->place, "design." + mistake.key,
                 std::move(mistake.message), node != nullptr ? "not possible" : "no '" + mistake.key + "'",
                 std::move(mistake.hint));
  }
}

void read_replicate(Reader& reader, const Node& root, Study& study) {
  const Node* const table = table_of(reader, root, "replicate");
  if (table == nullptr) return;
  const std::size_t before = reader.diagnostics.size();
  read_section(reader, *table, "replicate", study, [](Study& s, auto&& visit) { replicate_fields(s, visit); });
  if (reader.diagnostics.size() > before) return;
  const Node* const most = table->find("at_most");
  if (study.until.empty()) {
    if (most != nullptr && table->find("until") == nullptr) {
      reader.error("E054", most->place, "replicate.at_most",
                   "'at_most' ends a wait, and there is no 'until' to wait for", "nothing to wait for",
                   "write until = \"halfwidth(throughput) < 1 %\"");
    }
    study.at_most.reset();
    return;
  }
  for (DesignMistake& mistake : replicate_mistakes(study)) {
    const Node* const node = table->find(mistake.key);
    reader.error("E054", node != nullptr ? node->place : table->place, "replicate." + mistake.key,
                 std::move(mistake.message), node != nullptr ? "not possible" : "no '" + mistake.key + "'",
                 std::move(mistake.hint));
  }
}

void read_refine(Reader& reader, const Node& root, Study& study) {
  const Node* const list = root.find("refine");
  if (list == nullptr) return;
  if (!list->is(NodeKind::array)) {
    refuse_kind(reader, *list, "refine", "a list of rounds", "write [[refine]]");
    return;
  }
  for (const Node& item : list->items) {
    RefineRound round;
    if (!item.is(NodeKind::table)) {
      refuse_kind(reader, item, "refine", "a table", "write { best = 60, count = 200 }");
      continue;
    }
    read_section(reader, item, "refine", round, [](RefineRound& r, auto&& visit) { refine_fields(r, visit); });
    study.refine.push_back(round);
  }
}

/// Fills in what depends on the method where the file does not say it.
void read_select(Reader& reader, const Node& root, Study& study) {
  const Node* const table = table_of(reader, root, "select");
  if (table == nullptr) return;
  const std::vector<Binding> kept = reader.bindings;
  Selection& select = study.select.emplace();
  read_section(reader, *table, "select", select, [](Selection& s, auto&& visit) { select_fields(s, visit); });
  if (reader.bindings.size() > kept.size()) {
    reader.error("E055", table->place, "select", "a number of [select] cannot be an expression of parameters",
                 "depends on parameters", "write a number: it holds for all designs");
    reader.bindings = kept;
  }
  const Node* const replicate = root.find("replicate");
  const auto says = [&](const char* key) { return replicate != nullptr && replicate->find(key) != nullptr; };
  if (!says("count")) study.replications = usual_first_replications(select.method);
  if (!says("crn") && wants_independence(select.method)) study.common_random_numbers = false;
}

/// What contradicts the selection, in its own section and in others, which are read by now.
void check_select(Reader& reader, const Node& root, const Study& study) {
  const Node* const table = root.find("select");
  if (table == nullptr || !study.select) return;
  const Node* const method = table->find("method");
  if (method == nullptr) {
    reader.error("E055", table->place, "select.method", "a selection needs a method", "no 'method'",
                 "write method = \"kn\" for a promise, or method = \"halving\" for a budget");
    return;
  }
  constexpr auto kNames = enum_names(SelectionMethod{});
  // A word that is none has been complained about, and nothing is known of the others.
  if (!method->is(NodeKind::text) || std::find(kNames.begin(), kNames.end(), method->text) == kNames.end()) return;
  for (SelectionMistake& mistake : selection_mistakes(study)) {
    const std::size_t dot = mistake.path.find('.');
    const Node* node = root.find(mistake.path.substr(0, dot));
    if (dot != std::string::npos && node != nullptr) node = node->find(mistake.path.substr(dot + 1));
    if (node != nullptr && mistake.is_missing) continue;  // It could not be read.
    reader.error("E055", node != nullptr ? node->place : table->place, std::move(mistake.path),
                 std::move(mistake.message), mistake.is_missing ? "missing here" : "not possible",
                 std::move(mistake.hint));
  }
}

/// Levels that are no numbers: each must be a value that the path can take.
void read_text_levels(Reader& reader, const Node& node, const std::string& path, const Factory& factory,
                      Factor& factor) {
  const Node* const list = node.is(NodeKind::table) ? node.find("values") : &node;
  if (list == nullptr || !list->is(NodeKind::array)) {
    refuse_kind(reader, node, path, "a list of values");
    return;
  }
  Factory trial = factory;
  const std::vector<Binding> kept = reader.bindings;
  for (const Node& item : list->items) {
    std::string text = item.text;
    if (item.is(NodeKind::text)) {
      static_cast<void>(set_node(reader, trial, factor.path, item));
    } else {
      refuse_kind(reader, item, path, "text", "put it in quotes");
    }
    factor.values.push_back(static_cast<double>(factor.texts.size()));
    factor.texts.push_back(std::move(text));
  }
  reader.bindings = kept;
}

void read_factor(Reader& reader, const Node& node, const Place& place, const std::string& key, Scenario& scenario) {
  constexpr std::size_t kMostFactors = 100;
  if (scenario.study->factors.size() == kMostFactors) {
    reader.error("E052", place, "factor", "there are more than 100 factors", "one too many");
    return;
  }
  Factor factor;
  const std::string path = "factor." + path_part(key);
  const bool is_parameter = std::find(reader.names.begin(), reader.names.end(), key) != reader.names.end();
  factor.path = is_parameter ? key : canonical_path(key);
  const std::optional<NumberRef> number = is_parameter ? std::nullopt : find_number(scenario.factory, key);
  if (number) factor.path = number->path;
  if (!is_parameter && !number) {
    Reader probe;  // Asks only whether the path is one; the mistakes of this value are of no interest.
    Factory trial = scenario.factory;
    if (!set_node(probe, trial, key, text_node(""))) {
      std::vector<std::string> candidates = reader.names;
      for (const auto& [name, value] : list_numbers(scenario.factory)) candidates.push_back(name);
      reader.error("E012", place, path, "unknown parameter or path " + quote(key), "nothing has this path",
                   reader.suggest(key, candidates, "write a parameter, or a path such as machine.weld.cycle.mean"));
      return;
    }
    read_text_levels(reader, node, path, scenario.factory, factor);
  } else {
    const NumberRule rule = number ? number->rule : NumberRule{.dimension = Dimension::none, .min = -kInf};
    const std::vector<Binding> kept = reader.bindings;
    Levels levels;
    read_levels(reader, node, rule, path, is_parameter ? LevelsOf::parameter_factor : LevelsOf::number, levels);
    if (reader.bindings.size() > kept.size()) {
      reader.error("E052", node.place, path, "a level cannot be an expression of parameters", "not a number");
      reader.bindings = kept;
    }
    factor.values = std::move(levels.values);
    factor.texts = std::move(levels.texts);
    factor.is_range = levels.is_range;
  }
  scenario.study->factors.push_back(std::move(factor));
}

/// `buffer.b1.capacity = …` without quotes is a table in a table in TOML, and means the same.
void read_factors(Reader& reader, const Node& table, const std::string& prefix, Scenario& scenario) {
  static constexpr std::string_view kLevelKeys[] = {"from", "to", "step", "values"};
  for (const Member& member : table.members) {
    const std::string key = prefix.empty() ? member.key : prefix + "." + path_part(member.key);
    const Node& node = member.value;
    const bool has_levels = std::any_of(std::begin(kLevelKeys), std::end(kLevelKeys),
                                        [&](std::string_view k) { return node.find(k) != nullptr; });
    if (node.is(NodeKind::table) && !has_levels && !node.members.empty()) {
      read_factors(reader, node, key, scenario);
    } else {
      read_factor(reader, node, member.place, key, scenario);
    }
  }
}

void read_measures(Reader& reader, const Node& root, Study& study) {
  if (const Node* const table = table_of(reader, root, "measure")) {
    for (const Member& member : table->members) {
      const std::string path = "measure." + path_part(member.key);
      if (!is_word(member.key)) {
        reader.error("E050", member.place, path, quote(member.key) + " cannot be the name of a measure", "not a name",
                     "a name has letters, digits and '_', and begins with a letter");
      }
      Measure measure{member.key, {}};
      if (read_text(reader, member.value, path, measure.expression))
        check_syntax(reader, member.value, member.value.text, 0, path);
      study.measures.push_back(std::move(measure));
    }
  }
  if (study.measures.empty()) study.measures.push_back({"throughput", "throughput"});
}

void read_goal(Reader& reader, const Node& root, Study& study) {
  study.goal = study.measures.front().name;
  const Node* const table = table_of(reader, root, "goal");
  if (table == nullptr) return;
  refuse_unknown_keys(reader, *table, "goal", {"maximize", "minimize", "subject_to"});
  const Node* const maximize = table->find("maximize");
  const Node* const minimize = table->find("minimize");
  if (maximize != nullptr && minimize != nullptr) {
    reader.error("E050", minimize->place, "goal.minimize", "a study has one goal: maximize or minimize", "second goal",
                 "make the other one a condition in subject_to");
  }
  study.maximize = minimize == nullptr || maximize != nullptr;
  const Node* const goal = study.maximize ? maximize : minimize;
  const std::string path = study.maximize ? "goal.maximize" : "goal.minimize";
  if (goal != nullptr && read_text(reader, *goal, path, study.goal)) {
    std::vector<std::string> names;
    for (const Measure& m : study.measures) names.push_back(m.name);
    if (std::find(names.begin(), names.end(), study.goal) == names.end()) {
      reader.error("E050", goal->inside(0, goal->text.size()), path,
                   quote(study.goal) + " is not a measure of this study", "not a measure",
                   reader.suggest(study.goal, names, "declare it under [measure]"));
    }
  }
  const Node* const conditions = table->find("subject_to");
  if (conditions == nullptr || !read_texts(reader, *conditions, "goal.subject_to", study.subject_to)) return;
  if (conditions->is(NodeKind::text)) check_syntax(reader, *conditions, conditions->text, 0, "goal.subject_to");
  for (const Node& item : conditions->items) check_syntax(reader, item, item.text, 0, "goal.subject_to");
}

void read_known_answer(Reader& reader, const Node& node, const std::string& of, std::vector<KnownAnswer>& known) {
  const std::string path = "known." + path_part(of);
  KnownAnswer answer;
  answer.of = of;
  const Node* value = &node;
  if (node.is(NodeKind::table)) {
    refuse_unknown_keys(reader, node, path, {"value", "at", "source"});
    value = node.find("value");
    if (value == nullptr) {
      reader.error("E013", node.place, path, "a known answer needs a value", "no 'value'");
      return;
    }
    if (const Node* const source = node.find("source")) read_text(reader, *source, path + ".source", answer.source);
    if (const Node* const at = node.find("at"); at != nullptr && at->is(NodeKind::table)) {
      for (const Member& m : at->members) {
        const std::string inner = path + ".at." + path_part(m.key);
        read_number(reader, m.value, {.dimension = Dimension::none, .min = -kInf}, inner, answer.at[m.key]);
        if (std::find(reader.names.begin(), reader.names.end(), m.key) != reader.names.end()) continue;
        reader.error("E012", m.place, inner, "unknown parameter " + quote(m.key), "not declared",
                     reader.suggest(m.key, reader.names, "declare it under [parameter]"));
      }
    } else if (at != nullptr) {
      refuse_kind(reader, *at, path + ".at", "a table", "write at = { r1 = 6 }");
    }
  }
  Amount amount;
  if (!read_amount(reader, *value, path + ".value", amount)) return;
  answer.value = amount.value;
  answer.dimension = amount.dimension;
  known.push_back(std::move(answer));
}

}  // namespace

void read_known(Reader& reader, const Node& root, std::vector<KnownAnswer>& known) {
  const Node* const table = table_of(reader, root, "known");
  if (table == nullptr) return;
  const std::vector<Binding> kept = reader.bindings;
  for (const Member& member : table->members) {
    if (member.value.is(NodeKind::array)) {
      for (const Node& item : member.value.items) read_known_answer(reader, item, member.key, known);
    } else {
      read_known_answer(reader, member.value, member.key, known);
    }
  }
  reader.bindings = kept;
}

void read_study(Reader& reader, const Node& root, Scenario& scenario) {
  const auto& sections = study_sections();
  const bool is_study =
      std::any_of(sections.begin(), sections.end(), [&](const std::string& s) { return root.find(s) != nullptr; });
  if (!is_study) return;
  Study& study = scenario.study.emplace();
  if (const Node* const model = root.find("model")) read_text(reader, *model, "model", study.model);
  read_design(reader, root, study);
  read_replicate(reader, root, study);
  read_refine(reader, root, study);
  read_select(reader, root, study);
  if (const Node* const table = table_of(reader, root, "factor")) read_factors(reader, *table, "", scenario);
  read_measures(reader, root, study);
  read_goal(reader, root, study);
  check_select(reader, root, study);
}

}  // namespace twin::detail
