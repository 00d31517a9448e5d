// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/load.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <unistd.h>

#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/report/json.hpp>

namespace twin::cli {
namespace {

std::string read_standard_input() {
  std::string text;
  std::array<char, 65536> block{};
  std::size_t count = 0;
  while ((count = std::fread(block.data(), 1, block.size(), stdin)) > 0) text.append(block.data(), count);
  if (std::ferror(stdin) != 0) throw Failure(exit_bad_file, "cannot read the standard input");
  return text;
}

bool is_of_command_line(const Diagnostic& d) { return d.file.rfind("--set ", 0) == 0; }

/// Errors as JSON go to standard output, where a program that asked for JSON looks.
void show(const ReadResult& result, const Options& options) {
  if (result.diagnostics.empty() || (options.is_quiet && result.ok())) return;
  if (options.has_json && !result.ok()) {
    std::string json = "{\"status\": \"bad_file\", \"diagnostics\": " + diagnostics_json(result.diagnostics);
    json.pop_back();
    write_result(json + "}\n");
  }
  say(render_diagnostics(result, has_colour(options.colour, STDERR_FILENO)));
}

}  // namespace

Loaded load(const std::string& file, const std::vector<Setting>& settings, const Options& options,
            std::function<std::vector<Diagnostic>(const Factory&)> also_check) {
  Loaded loaded;
  ReadOptions reading{.settings = settings, .folder = {}, .also_check = std::move(also_check)};
  if (file == "-") {
    loaded.folder = ".";
    reading.folder = ".";
    loaded.read = read_scenario_text(read_standard_input(), "standard input", reading);
  } else {
    loaded.folder = std::filesystem::path(file).parent_path().string();
    loaded.read = read_scenario_file(file, reading);
  }
  show(loaded.read, options);
  if (!loaded.read.ok()) {
    const auto& all = loaded.read.diagnostics;
    const bool is_usage = std::all_of(all.begin(), all.end(), [](const Diagnostic& d) {
      return d.severity != Severity::error || is_of_command_line(d);
    });
    throw Failure(is_usage ? exit_usage : exit_bad_file, "");
  }
  return loaded;
}

void say_diagnostics(const std::vector<Diagnostic>& diagnostics, const std::string& file, const Options& options) {
  say(render_diagnostics(diagnostics, "", has_colour(options.colour, STDERR_FILENO)));
  say("\n" + file + ": the model can be read, but not run\n");
}

}  // namespace twin::cli
