// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include <libtwin/cli/commands.hpp>
#include <libtwin/cli/exit_code.hpp>
#include <libtwin/cli/load.hpp>
#include <libtwin/cli/options.hpp>
#include <libtwin/cli/terminal.hpp>
#include <libtwin/compile/analyze.hpp>
#include <libtwin/compile/compile.hpp>
#include <libtwin/experiment/lattice.hpp>
#include <libtwin/experiment/measures.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/report/format.hpp>
#include <libtwin/report/json.hpp>
#include <libtwin/report/text.hpp>
#include <libtwin/report/wording.hpp>

namespace twin::cli {
namespace {

struct CheckOptions : Options {
  std::vector<std::string> files;
  std::vector<std::string> denied;
};

// A grid of as many combinations, conditions aside, is for a search.
constexpr double kMostListed = 1e12;

/// What became of the points of a Latin hypercube that do not meet the conditions: it has no others to take instead.
std::string left_out(const Study& study, std::size_t kept) {
  const auto points = static_cast<std::size_t>(study.points.value_or(0));
  if (study.method != DesignMethod::lhs || kept >= points) return "";
  return fmt::format("{} of its {} do not meet the conditions and are left out.\n", points - kept,
                     detail::plural(points, "point"));
}

/// Lays the study out and understands its measures, without a run; says how many designs it has.
std::string check_study(const Loaded& loaded, const Compiled& compiled) {
  if (!loaded.scenario().study) return "";
  const Study& study = *loaded.scenario().study;
  static_cast<void>(detail::plan_measures(study, compiled.names));
  if (study.method == DesignMethod::grid) {
    // To list them would take the memory of the computer.
    const double designs = detail::Lattice(loaded.scenario()).design_count();
    if (designs > kMostListed) {
      return fmt::format("Study '{}': up to {} designs, too many to list; twin optimize searches them.\n", study.name,
                         detail::number_text(designs, 3));
    }
  }
  const DesignTable design = make_design(loaded.scenario(), loaded.folder);
  std::string most;
  if (!study.until.empty()) {
    most = fmt::format(" at first, {} at most until the intervals are narrow enough",
                       study.at_most.value_or(kMostReplications));
  }
  return fmt::format("Study '{}': {}, {} each{}.\n", study.name,
                     detail::plural(std::max<std::size_t>(1, design.size()), "scenario"),
                     detail::plural(static_cast<std::uint64_t>(study.replications), "replication"), most) +
         left_out(study, design.size());
}

bool is_denied(const Diagnostic& finding, const std::vector<std::string>& denied) {
  return std::any_of(denied.begin(), denied.end(),
                     [&](const std::string& code) { return code == "all" || code == finding.code; });
}

int check_file(const std::string& file, const CheckOptions& options) {
  Analysis analysis;
  const auto find = [&analysis](const Factory& factory) { return (analysis = analyze(factory)).findings; };
  const Loaded loaded = load(file, settings_of(options, false), options, find);
  const Factory& factory = loaded.scenario().factory;
  const Compiled compiled = compile(factory);
  analysis.findings = loaded.read.findings;  // the same, with their places in the file
  const bool with_colour = has_colour(options.colour, STDOUT_FILENO);
  std::string study;
  try {
    study = check_study(loaded, compiled);
  } catch (const FileError& error) {
    throw Failure(exit_bad_file, error.what());
  }
  if (options.has_json) {
    write_result(check_json(factory, analysis, lane_obstacles(compiled)));
  } else {
    const std::string findings = render_findings(loaded.read, with_colour);
    write_result(findings + (findings.empty() ? "" : "\n") +
                 check_report(factory, analysis, lane_obstacles(compiled), {.has_colour = with_colour}) + study);
  }
  const auto of_file = [&](const auto& list) {
    return std::any_of(list.begin(), list.end(), [&](const Diagnostic& d) { return is_denied(d, options.denied); });
  };
  return of_file(analysis.findings) || of_file(loaded.read.diagnostics) ? exit_check_failed : exit_ok;
}

int check_command(const CheckOptions& options) {
  if (options.files.empty()) throw Failure(exit_usage, "no scenario file is given; for example: twin check line.toml");
  for (const std::string& code : options.denied) {
    const std::vector<std::string> codes = all_codes();
    if (code == "all" || std::find(codes.begin(), codes.end(), code) != codes.end()) continue;
    const std::string near = nearest_name(code, codes);
    throw Failure(exit_usage,
                  "--deny " + code + ": there is no such code" + (near.empty() ? "" : "; did you mean " + near + "?"));
  }
  int worst = exit_ok;
  for (const std::string& file : options.files) {
    int code = exit_ok;
    try {
      code = check_file(file, options);
    } catch (const Failure& failure) {
      if (*failure.what() != '\0') say_error(failure.what(), options.colour);
      code = failure.code();
    } catch (const ModelError& error) {
      say_diagnostics(error.diagnostics(), file, options);
      code = exit_bad_file;
    }
    worst = std::max(worst, code);
  }
  return worst;
}

}  // namespace

Command add_check(Parser& parent) {
  Parser app = parent.command("check", "Look for mistakes without running: loads, bound on throughput, findings");
  const auto options = std::make_shared<CheckOptions>();
  app.option("FILE", options->files, "Scenario files (TOML or JSON); - reads standard input").type_name("");
  add_settings(app, *options);
  app.option("--deny", options->denied,
             "Exit with 1 when there is a finding of this code, or any with 'all'; may be repeated")
      .type_name("CODE")
      .takes_one();
  add_output_options(app, *options);
  app.footer(
      "Examples:\n"
      "  twin check line.toml\n"
      "  twin check scenarios/*.toml --deny all\n");
  return {app, [options] { return check_command(*options); }};
}

}  // namespace twin::cli
