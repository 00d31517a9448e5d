// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/parser.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace twin::cli {

Argument& Argument::type_name(const char* word) {
  option_->type_name(word);
  return *this;
}

Argument& Argument::required() {
  option_->required();
  return *this;
}

Argument& Argument::shows_default() {
  option_->capture_default_str();
  return *this;
}

Argument& Argument::takes_one() {
  option_->allow_extra_args(false);
  return *this;
}

// The texts of the options say what is allowed: the help need not say it again.
Argument& Argument::one_of(std::initializer_list<const char*> words) {
  option_->check(CLI::IsMember(std::vector<std::string>(words.begin(), words.end())).description(""));
  return *this;
}

template <class T>
Argument& Argument::between(T least, T most) {
  option_->check(CLI::Range(least, most).description(""));
  return *this;
}
template Argument& Argument::between(unsigned, unsigned);
template Argument& Argument::between(std::int64_t, std::int64_t);
template Argument& Argument::between(std::uint64_t, std::uint64_t);
template Argument& Argument::between(double, double);

Parser Parser::command(const char* name, const char* what) { return Parser(*app_->add_subcommand(name, what)); }

template <class T>
Argument Parser::option(const char* names, T& value, const char* what) {
  return Argument(*app_->add_option(names, value, what));
}
template Argument Parser::option(const char*, std::string&, const char*);
template Argument Parser::option(const char*, unsigned&, const char*);
template Argument Parser::option(const char*, std::uint64_t&, const char*);
template Argument Parser::option(const char*, double&, const char*);
template Argument Parser::option(const char*, std::optional<std::int64_t>&, const char*);
template Argument Parser::option(const char*, std::vector<std::string>&, const char*);
template Argument Parser::option(const char*, std::vector<std::uint64_t>&, const char*);

Argument Parser::flag(const char* names, bool& value, const char* what) {
  return Argument(*app_->add_flag(names, value, what));
}

void Parser::footer(const std::string& text) { app_->footer(text); }

bool Parser::was_called() const { return app_->parsed(); }

std::string Parser::help(const char* program) const { return app_->help(program); }

}  // namespace twin::cli
