// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/usage.hpp>

#include <string>
#include <vector>

#include <libtwin/core/error.hpp>

namespace twin::cli {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* sub : program.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = nearest_name(word, candidates);
  return near.empty() ? "" : "; did you mean '" + near + "'?";
}

/// The parser lists what it did not understand; the first is what went wrong.
std::string about_extras(const CLI::App& program, const CLI::App& command) {
  const std::vector<std::string> extras = program.remaining(true);
  if (extras.empty()) return "the command line cannot be understood";
  std::string word;
  for (const std::string& extra : extras) {
    if (word.empty() || (word[0] != '-' && extra[0] == '-')) word = extra;
  }
  if (word.size() > 1 && word[0] == '-') {
    const std::string name = word.substr(0, word.find('='));
    return "unknown option '" + name + "'" + did_you_mean(name, option_names(command));
  }
  if (&command == &program) return "unknown command '" + word + "'" + did_you_mean(word, command_names(program));
  return "unexpected argument '" + word + "'";
}

}  // namespace

std::string usage_text(const CLI::App& program, const CLI::ParseError& error) {
  const std::vector<const CLI::App*> given = [&] {
    std::vector<const CLI::App*> subs;
    for (const CLI::App* sub : program.get_subcommands({})) {
      if (sub->parsed()) subs.push_back(sub);
    }
    return subs;
  }();
  const CLI::App& command = given.empty() ? program : *given.front();
  const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  const std::string help = &command == &program ? "twin --help" : "twin " + command.get_name() + " --help";
  return (is_extra ? about_extras(program, command) : std::string(error.what())) + "\n'" + help + "' says more";
}

}  // namespace twin::cli
