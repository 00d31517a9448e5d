// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/terminal.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <sys/ioctl.h>
#include <unistd.h>

#include <libtwin/core/error.hpp>

namespace twin::cli {
namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

bool is_terminal(int stream) { return isatty(stream) == 1; }

bool has_colour(std::string_view choice, int stream) {
  if (choice != "auto") return choice == "always";
  if (!variable("NO_COLOR").empty()) return false;
  const std::string_view force = variable("CLICOLOR_FORCE");
  if (!force.empty() && force != "0") return true;
  return is_terminal(stream) && variable("CLICOLOR") != "0" && variable("TERM") != "dumb";
}

int terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void write_result(std::string_view text) {
  const bool is_written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (is_written) return;
  const int reason = errno;
  throw FileError(std::string("cannot write the result to the standard output: ") + std::strerror(reason));
}

void say(std::string_view text) {
  // Nobody can be told that standard error does not work.
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), stderr));
}

void say_error(std::string_view text, std::string_view colour_choice) {
  std::string line = has_colour(colour_choice, STDERR_FILENO) ? "\033[1;31merror:\033[0m " : "error: ";
  say(line.append(text).append("\n"));
}

}  // namespace twin::cli
