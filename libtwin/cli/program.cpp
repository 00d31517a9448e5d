// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/program.hpp>

#include <new>
#include <string>
#include <vector>

#include <unistd.h>
#include <CLI/CLI.hpp>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/parser.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/cli/usage.hpp>
#include <libtwin/core/error.hpp>
#include <libtwin/core/version.hpp>
#include <libtwin/report/wording.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::cli {
namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  twin new my-line && cd my-line\n"
    "  twin check model.toml\n"
    "  twin run model.toml\n"
    "  twin sensitivity model.toml\n"
    "  twin sweep study.toml --store sweep.twin --output designs.csv\n"
    "  twin compare model.toml --with buffer.b1.capacity=12\n"
    "  twin optimize study.toml\n"
    "\n"
    "Results go to standard output, everything else to standard error. Exit codes: 0 ok, 1 a check or condition\n"
    "failed, 2 usage, 3 bad input file, 4 run failed, 5 some scenarios failed, 130 interrupted.\n";

std::string call_text(int argc, const char* const* argv) {
  std::string text = "twin";
  for (int i = 1; i < argc; ++i) text += " " + detail::shell_word(argv[i]);
  return text;
}

/// What `--color` says, also where the parser has refused the rest.
std::string colour_choice(int argc, const char* const* argv) {
  std::string choice = "auto";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--color" && i + 1 < argc) choice = argv[i + 1];
    if (word.rfind("--color=", 0) == 0) choice = word.substr(8);
  }
  return choice;
}

int run_guarded(const Command& command, const std::string& colour) {
  try {
    return command.run();
  } catch (const Failure& failure) {
    if (*failure.what() != '\0') say_error(failure.what(), colour);
    return failure.code();
  } catch (const ModelError& error) {
    say(render_diagnostics(error.diagnostics(), "", has_colour(colour, STDERR_FILENO)));
    return exit_bad_file;
  } catch (const FileError& error) {
    say_error(error.what(), colour);
  } catch (const std::bad_alloc&) {
    say_error("out of memory", colour);
  } catch (const std::exception& error) {
    say_error(std::string("something that should not happen: ") + error.what(), colour);
  }
  return exit_run_failed;
}

/// In the order of the help.
std::vector<Command> add_commands(Parser program, const Call& call) {
  if (call.team.dispenser != nullptr) return {add_sweep(program, call), add_resume(program, call)};
  return {add_new(program),
          add_check(program),
          add_run(program, call),
          add_sweep(program, call),
          add_optimize(program),
          add_compare(program, call),
          add_sensitivity(program, call),
          add_resume(program, call),
          add_status(program),
          add_merge(program),
          add_verify(program),
          add_export(program),
          add_draw(program),
          add_schema(program),
          add_explain(program)};
}

}  // namespace

int run_program(int argc, const char* const* argv, const Team& team) {
  CLI::App program("Digital twins of factories: describe one in a file, run it, and see how sure the answer is.",
                   "twin");
  program.set_version_flag("--version", "twin " + std::string(library_version()), "Print the version");
  program.set_help_flag("-h,--help", "Print this");
  program.footer(kFooter);
  program.require_subcommand(0, 1);
  const Call call{call_text(argc, argv), team};
  const std::string colour = colour_choice(argc, argv);
  const std::vector<Command> commands = add_commands(Parser(program), call);
  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForVersion& version) {
    return run_guarded({{}, [&] { return write_result(std::string(version.what()) + "\n"), 0; }}, colour);
  } catch (const CLI::Success&) {
    // --help, of the program or of a command.
    std::string help = program.help();
    for (const Command& command : commands) {
      if (command.app.was_called()) help = command.app.help("twin");
    }
    return run_guarded({{}, [&] { return write_result(help), 0; }}, colour);
  } catch (const CLI::ParseError& error) {
    say_error(usage_text(program, error), colour);
    return exit_usage;
  }
  for (const Command& command : commands) {
    if (command.app.was_called()) return run_guarded(command, colour);
  }
  say(program.help());
  return exit_usage;
}

}  // namespace twin::cli
