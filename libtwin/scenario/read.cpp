// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <libtwin/scenario/located_checks.hpp>
#include <libtwin/scenario/read_model.hpp>
#include <libtwin/scenario/reader.hpp>
#include <libtwin/scenario/scenario.hpp>
#include <libtwin/scenario/settings.hpp>
#include <libtwin/scenario/wording.hpp>

namespace twin {
namespace detail {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

Node read_tree(Reader& reader, int file) {
  const std::string_view text = trim(reader.files[static_cast<std::size_t>(file)].text);
  Node root = text.starts_with('{') ? read_json_tree(reader, file) : read_toml_tree(reader, file);
  root.place.file = file;
  return root;
}

void check_format(Reader& reader, const Node& root) {
  const int file = root.place.file;
  const Node* const format = root.find("format");
  if (format == nullptr) {
    if (!reader.is_whole) return;
    reader.error("E003", {file, 1, 1, 1}, "format", "the file does not say which format it has", "no 'format'",
                 "begin it with: format = 1");
  } else if (!format->is(NodeKind::integer) || format->integer != 1) {
    reader.error("E003", format->place, "format", "this format is not known", "not 1", "this version reads format = 1");
  }
}

/// Complains about unknown sections, and reads those that are nearly a known one as what was meant: then the names in
/// them are not reported as undeclared all over the file.
void check_sections(Reader& reader, Node& root) {
  std::vector<std::string> known = model_sections();
  known.insert(known.end(), study_sections().begin(), study_sections().end());
  std::vector<Member> members = std::move(root.members);
  root.members.clear();
  for (Member& m : members) {
    if (!contains(known, m.key)) {
      const std::string near = nearest_name(m.key, known);
      reader.error("E010", m.place, m.key, "unknown section " + quote(m.key), "not known here",
                   near.empty() ? "sections are " + list_words(known) : "did you mean '" + near + "'?");
      if (near.empty() || !m.value.is(NodeKind::table)) continue;
      m.key = near;
    }
    Node* const existing = root.find(m.key);
    if (existing == nullptr) {
      root.members.push_back(std::move(m));
    } else {
      for (Member& inner : m.value.members) existing->members.push_back(std::move(inner));
    }
  }
}

/// Where `model` of a study leads.
std::string model_file(const Reader& reader, const std::string& model) {
  const std::filesystem::path path(model);
  return path.is_relative() ? (std::filesystem::path(reader.folder) / path).string() : model;
}

/// Replaces or adds the members of `from` in the section of the same name.
void merge_section(Node& root, Member&& from) {
  Node* const existing = root.find(from.key);
  if (existing == nullptr || !existing->is(NodeKind::table) || !from.value.is(NodeKind::table)) {
    if (existing != nullptr) {
      *existing = std::move(from.value);
    } else {
      root.members.push_back(std::move(from));
    }
    return;
  }
  for (Member& m : from.value.members) {
    if (Node* const old = existing->find(m.key)) {
      *old = std::move(m.value);
    } else {
      existing->members.push_back(std::move(m));
    }
  }
}

/// Reads the model that a study names, and lays the study's sections over it.
Node join_model(Reader& reader, Node study) {
  const Node* const model = study.find("model");
  if (model == nullptr || !model->is(NodeKind::text)) return study;
  const std::string file = model_file(reader, model->text);
  std::string text;
  if (!load_file(reader, file, true, model->inside(0, model->text.size()), "model", text)) {
    reader.is_whole = false;
    return study;
  }
  reader.files.push_back({file, std::move(text)});
  Node root = read_tree(reader, static_cast<int>(reader.files.size()) - 1);
  reader.folder = std::filesystem::path(file).parent_path().string();
  check_format(reader, root);
  check_sections(reader, root);
  if (const Node* const inner = root.find("model")) {
    reader.error("E050", inner->place, "model", "the model of a study names a model itself", "second model",
                 "name the model's own file in the study");
  }
  // The first in the list is `model` itself; those of the model's own study give way to the study that was asked for.
  std::erase_if(root.members, [](const Member& m) { return contains(study_sections(), m.key); });
  for (Member& m : study.members) {
    if (m.key == "factory" || contains(element_sections(), m.key)) {
      reader.error("E050", m.place, m.key, "a study that names a model describes no factory itself",
                   "belongs in the model", "move it to " + quote(file));
    } else if (m.key != "format") {
      merge_section(root, std::move(m));
    }
  }
  return root;
}

std::string stem_of(const std::string& name) {
  const std::string stem = std::filesystem::path(name).stem().string();
  return stem.empty() ? name : stem;
}

void read_scenario(Reader& reader, const Node& root, Scenario& scenario) {
  reader.samples_ranges = has_sampling_method(root);
  read_parameters(reader, root, scenario.parameters);
  read_factory(reader, root, scenario.factory);
  scenario.bindings = reader.bindings;
  // One order, whatever the order of the keys in the file.
  std::sort(scenario.bindings.begin(), scenario.bindings.end(),
            [](const Binding& a, const Binding& b) { return a.path < b.path; });
  read_known(reader, root, scenario.known);
  read_study(reader, root, scenario);
  const Node* const head = root.find("factory");
  if (reader.is_whole && (head == nullptr || head->find("flow") == nullptr)) {
    reader.error("E013", {root.place.file, 1, 1, 1}, "factory.flow",
                 "the file has no flow: nothing says where parts go", "",
                 "write [factory] flow = [\"supply -> weld -> shipped\"]");
  }
}

void sort_by_place(const Reader& reader, std::vector<Diagnostic>& diagnostics) {
  std::map<std::string, std::size_t> order;
  for (std::size_t i = 0; i < reader.files.size(); ++i) order.emplace(reader.files[i].name, i);
  const auto key = [&](const Diagnostic& d) {
    const auto found = order.find(d.file);
    return std::tuple(found == order.end() ? order.size() : found->second, d.line, d.column);
  };
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
}

/// Reads `reader.files[0]`.
void read_all(Reader& reader, const ReadOptions& options, ReadResult& result) {
  Scenario& scenario = result.scenario;
  if (trim(reader.files[0].text).empty()) {
    reader.error("E003", {0, 1, 1, 1}, "", "the file is empty", "",
                 "a scenario begins with: format = 1; 'twin new' writes one to start from");
    return;
  }
  Node root = read_tree(reader, 0);
  if (root.members.empty() && has_errors(reader.diagnostics)) return;
  check_format(reader, root);
  check_sections(reader, root);
  root = join_model(reader, std::move(root));
  apply_settings(reader, root, options.settings);
  read_scenario(reader, root, scenario);
  refuse_unused_overrides(reader, scenario.factory);
  // Where a part of the file could not be read, names that it declares are missing, and saying so would mislead.
  if (reader.is_whole) add_model_checks(reader, root, scenario.factory);
  const std::string stem = stem_of(reader.files[0].name);
  if (scenario.factory.name.empty())
    scenario.factory.name = stem_of(reader.files[static_cast<std::size_t>(root.place.file)].name);
  if (scenario.study && scenario.study->name.empty()) scenario.study->name = stem;
  if (options.also_check && !has_errors(reader.diagnostics)) {
    result.findings = options.also_check(scenario.factory);
    locate(reader, root, result.findings);
    sort_by_place(reader, result.findings);
  }
}

ReadResult finish(Reader& reader, ReadResult result) {
  sort_by_place(reader, reader.diagnostics);
  result.diagnostics = std::move(reader.diagnostics);
  for (SourceFile& file : reader.files) result.sources.emplace_back(std::move(file.name), std::move(file.text));
  if (!result.sources.empty()) result.text = result.sources.front().second;
  return result;
}

}  // namespace
}  // namespace detail

ReadResult read_scenario_file(const std::string& file, const ReadOptions& options) {
  detail::Reader reader;
  reader.folder = options.folder.empty() ? std::filesystem::path(file).parent_path().string() : options.folder;
  reader.files.push_back({file, {}});
  ReadResult result;
  std::string text;
  if (detail::load_file(reader, file, false, {0, 0, 0, 1}, "", text)) {
    reader.files[0].text = std::move(text);
    detail::read_all(reader, options, result);
  }
  return detail::finish(reader, std::move(result));
}

ReadResult read_scenario_text(std::string_view text, const std::string& name, const ReadOptions& options) {
  detail::Reader reader;
  reader.folder = options.folder.empty() ? std::filesystem::path(name).parent_path().string() : options.folder;
  reader.files.push_back({name, std::string(text)});
  ReadResult result;
  detail::read_all(reader, options, result);
  return detail::finish(reader, std::move(result));
}

}  // namespace twin
