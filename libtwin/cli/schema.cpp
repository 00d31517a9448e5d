// SPDX-License-Identifier: Apache-2.0
#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::cli {

Command add_schema(Parser& parent) {
  Parser app = parent.command("schema", "Print the JSON Schema of scenario files, for editors");
  app.footer(
      "Examples:\n"
      "  twin schema > twin.schema.json     then begin a file with  #:schema ./twin.schema.json\n");
  return {app, [] {
            std::string schema = scenario_schema();
            if (!schema.empty() && schema.back() != '\n') schema += '\n';
            write_result(schema);
            return static_cast<int>(exit_ok);
          }};
}

}  // namespace twin::cli
