// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/templates.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/core/error.hpp>
#include <libtwin/report/wording.hpp>
#include <libtwin/results/atomic_file.hpp>

namespace twin::cli {
namespace {

std::string list_of_templates() {
  std::string text;
  for (const Template& t : templates()) text += fmt::format("  {:<10} {}\n", t.name, t.summary);
  return text;
}

const Template& find_template(const std::string& name) {
  std::vector<std::string> names;
  for (const Template& t : templates()) {
    if (t.name == name) return t;
    names.emplace_back(t.name);
  }
  const std::string near = nearest_name(name, names);
  throw Failure(exit_usage, "there is no template '" + name + "'" +
                                (near.empty() ? "" : "; did you mean '" + near + "'?") + " There are:\n" +
                                list_of_templates());
}

int new_command(const std::vector<std::string>& words) {
  if (words.empty() || words.size() > 2) {
    throw Failure(exit_usage, "write: twin new [TEMPLATE] DIR, with one of the templates\n" + list_of_templates());
  }
  const Template& chosen = find_template(words.size() == 2 ? words[0] : "line");
  const std::filesystem::path folder(words.back());
  const std::vector<std::pair<const char*, std::string_view>> files{
      {"model.toml", chosen.model}, {"study.toml", chosen.study}, {"README.md", chosen.readme}};
  for (const auto& [name, text] : files) {
    if (std::filesystem::exists(folder / name)) {
      throw FileError("'" + (folder / name).string() + "' is there already; nothing was written");
    }
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw FileError("cannot make the folder '" + folder.string() + "': " + error.message());
  for (const auto& [name, text] : files) write_file_atomically((folder / name).string(), text);
  write_result(fmt::format("Written to {}: model.toml, study.toml, README.md\n", folder.string()));
  const std::string path = detail::shell_word((folder / "model.toml").string());
  say(fmt::format("Next: twin check {0} · twin run {0} · twin sweep {1}\n", path,
                  detail::shell_word((folder / "study.toml").string())));
  return exit_ok;
}

}  // namespace

Command add_new(Parser& parent) {
  Parser app = parent.command("new", "Write a model and a study to start from");
  const auto words = std::make_shared<std::vector<std::string>>();
  app.option("NAMES", *words, "[TEMPLATE] DIR").type_name("");
  app.footer("Templates:\n" + list_of_templates() + "\nExamples:\n  twin new my-line\n  twin new assembly my-cell\n");
  return {app, [words] { return new_command(*words); }};
}

}  // namespace twin::cli
