// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// The two streams of the program: results on standard output, everything else on standard error.
namespace twin::cli {

/// Whether to write colours to a stream (1 or 2). `choice` is `auto`, `always` or `never`; `auto` means on a terminal,
/// unless NO_COLOR, CLICOLOR=0 or TERM=dumb say no, or CLICOLOR_FORCE says yes.
[[nodiscard]] bool has_colour(std::string_view choice, int stream);

[[nodiscard]] bool is_terminal(int stream);

/// Columns of the terminal on standard error; 80 when that cannot be told.
[[nodiscard]] int terminal_width();

/// Writes a result and makes sure that it has arrived. @throws FileError when it has not.
void write_result(std::string_view text);

/// Says something on standard error.
void say(std::string_view text);

/// `error: text`, in red when there are colours, as a line.
void say_error(std::string_view text, std::string_view colour_choice);

}  // namespace twin::cli
