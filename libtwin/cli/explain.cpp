// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <vector>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/core/error.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::cli {
namespace {

std::string list_of_codes() {
  std::string text;
  for (const std::string& code : all_codes()) {
    const std::string explanation = explain_code(code);
    text += code + "  " + explanation.substr(0, explanation.find('\n')) + "\n";
  }
  return text;
}

int explain_command(std::string code) {
  if (code.empty()) {
    write_result(list_of_codes());
    return exit_ok;
  }
  std::transform(code.begin(), code.end(), code.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string explanation = explain_code(code);
  if (explanation.empty()) {
    const std::string near = nearest_name(code, all_codes());
    throw Failure(exit_usage, "there is no code '" + code + "'" + (near.empty() ? "" : "; did you mean " + near + "?") +
                                  " 'twin explain' lists all.");
  }
  if (explanation.back() != '\n') explanation += '\n';
  write_result(explanation);
  return exit_ok;
}

}  // namespace

Command add_explain(Parser& parent) {
  Parser app = parent.command("explain", "Say what the code of an error or warning means; without one, list all");
  const auto code = std::make_shared<std::string>();
  app.option("CODE", *code, "Such as E030 or W004").type_name("");
  app.footer("Examples:\n  twin explain E030\n");
  return {app, [code] { return explain_command(*code); }};
}

}  // namespace twin::cli
