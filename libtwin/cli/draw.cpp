// SPDX-License-Identifier: Apache-2.0
#include <libtwin/report/draw.hpp>

#include <memory>
#include <string>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/load.hpp>
#include <libtwin/cli/options.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/results/atomic_file.hpp>

namespace twin::cli {
namespace {

struct DrawOptions : Options {
  std::string format;
  std::string output;
};

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// What was asked for, else what the file's name says, else SVG.
std::string format_of(const DrawOptions& options) {
  if (!options.format.empty()) return options.format;
  if (ends_with(options.output, ".dot") || ends_with(options.output, ".gv")) return "dot";
  if (ends_with(options.output, ".mmd") || ends_with(options.output, ".mermaid")) return "mermaid";
  return "svg";
}

int draw_command(const DrawOptions& options) {
  const Loaded loaded = load(required_file(options), settings_of(options, false), options);
  const Factory& factory = loaded.scenario().factory;
  const std::string format = format_of(options);
  const std::string picture = format == "dot"       ? draw_dot(factory)
                              : format == "mermaid" ? draw_mermaid(factory)
                                                    : draw_svg(factory);
  if (options.output.empty() || options.output == "-") {
    write_result(picture);
  } else {
    write_file_atomically(options.output, picture);
  }
  return exit_ok;
}

}  // namespace

Command add_draw(Parser& parent) {
  Parser app = parent.command("draw", "Draw a model as SVG, Graphviz or Mermaid");
  const auto options = std::make_shared<DrawOptions>();
  add_file(app, *options);
  add_settings(app, *options);
  app.option("--as", options->format, "svg, dot or mermaid; told from the output's name when absent")
      .type_name("FORMAT")
      .one_of({"svg", "dot", "mermaid"});
  app.option("-o,--output", options->output, "Write to a file instead of standard output").type_name("FILE");
  app.flag("-q,--quiet", options->is_quiet, "No warnings");
  app.option("--color", options->colour, "Colours of messages: auto, always or never")
      .type_name("WHEN")
      .one_of({"auto", "always", "never"});
  app.footer(
      "Examples:\n"
      "  twin draw line.toml -o line.svg\n"
      "  twin draw line.toml --as mermaid\n");
  return {app, [options] { return draw_command(*options); }};
}

}  // namespace twin::cli
