// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace twin::cli {

/// An option or argument of a command, for what there is more to say of it.
class Argument {
 public:
  explicit Argument(CLI::Option& option) : option_(&option) {}

  /// What stands for its value in the help; empty for nothing.
  Argument& type_name(const char* word);

  Argument& required();

  /// The help says the value that it has when it is not given.
  Argument& shows_default();

  /// For lists: one value each time that it is given.
  Argument& takes_one();

  Argument& one_of(std::initializer_list<const char*> words);

  /// For `unsigned`, `std::int64_t`, `std::uint64_t` and `double`.
  template <class T>
  Argument& between(T least, T most);

 private:
  CLI::Option* option_;
};

/// A command's place in the parser. CLI11 stays behind it: its headers take seconds in each file that includes them.
class Parser {
 public:
  Parser() = default;
  explicit Parser(CLI::App& app) : app_(&app) {}

  /// A command of this one.
  [[nodiscard]] Parser command(const char* name, const char* what);

  /// What stands on the command line goes to the value: a `std::string`, `unsigned`, `std::uint64_t` or `double`, an
  /// optional `std::int64_t`, a list of texts or of `std::uint64_t`.
  template <class T>
  Argument option(const char* names, T& value, const char* what);
  Argument flag(const char* names, bool& value, const char* what);

  /// What the help ends with.
  void footer(const std::string& text);

  [[nodiscard]] bool was_called() const;

  /// @param program  in front of the command's name.
  [[nodiscard]] std::string help(const char* program) const;

 private:
  CLI::App* app_ = nullptr;
};

}  // namespace twin::cli
