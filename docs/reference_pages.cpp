// SPDX-License-Identifier: Apache-2.0
//
// reference_pages format|distributions|diagnostics: prints a page of docs/reference from what the library itself knows.
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include <fmt/core.h>

#include <libtwin/core/distribution.hpp>
#include <libtwin/model/elements.hpp>
#include <libtwin/scenario/scenario.hpp>
#include <libtwin/scenario/visit.hpp>

namespace {

using twin::Dimension;
using twin::Field;

std::string noun(Dimension dimension) {
  switch (dimension) {
    case Dimension::time:
      return "a duration, `\"40 s\"`";
    case Dimension::rate:
      return "a rate, `\"2.5 /h\"`";
    case Dimension::share:
      return "a share, `\"3 %\"`";
    case Dimension::parts:
      return "a number of parts";
    case Dimension::none:
      return "a number";
  }
  return {};
}

std::string law_of(Dimension dimension) {
  return dimension == Dimension::time ? "a law of durations" : "a law of counts";
}

template <class T>
struct is_map : std::false_type {};
template <class K, class V>
struct is_map<std::map<K, V>> : std::true_type {};

/// What may stand for a field, from its C++ type.
template <class T>
std::string kind(const Field& field) {
  if constexpr (std::is_same_v<T, twin::Distribution>) {
    return law_of(field.dimension);
  } else if constexpr (std::is_same_v<T, std::optional<twin::Distribution>>) {
    return law_of(field.dimension) + ", or nothing";
  } else if constexpr (std::is_same_v<T, std::string>) {
    return "text";
  } else if constexpr (std::is_enum_v<T>) {
    std::string words;
    for (const auto name : enum_names(T{})) words += fmt::format("{}`\"{}\"`", words.empty() ? "" : ", ", name);
    return words;
  } else if constexpr (is_map<T>::value) {
    return "a table: a name → " + kind<typename T::mapped_type>(field);
  } else if constexpr (std::is_same_v<T, std::vector<twin::FailureMode>>) {
    return "a table for each mode: `[….failure.NAME]`";
  } else if constexpr (std::is_integral_v<T>) {
    return field.dimension == Dimension::parts ? noun(field.dimension) : "a whole number";
  } else {
    return noun(field.dimension);
  }
}

template <class T>
std::string kind_of_setting(const Field& field) {
  if constexpr (std::is_same_v<T, bool>) return "true or false";
  if constexpr (std::is_same_v<T, std::vector<std::string>> || std::is_same_v<T, std::vector<twin::StoppingRule>>)
    return "text, or a list of texts";
  if constexpr (std::is_same_v<T, std::optional<std::int64_t>> || std::is_same_v<T, std::optional<std::uint64_t>>)
    return "a whole number";
  if constexpr (std::is_same_v<T, std::optional<double>>) return "a share, `\"95 %\"` or `0.95`";
  if constexpr (std::is_same_v<T, std::optional<twin::Amount>>) return "a rate, a duration or a number: as the goal is";
  return kind<T>(field);
}

/// The table of a section of a study.
template <class Object, class Fields>
void setting_table(Object object, Fields&& fields) {
  fmt::print("\n| key | value | |\n|---|---|---|\n");
  fields(object, [](const Field& field, auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    fmt::print("| `{}` | {} | {} |\n", field.name, kind_of_setting<Member>(field), field.doc);
  });
}

void design_section() {
  fmt::print("\n## `[design]`\n\nWhich factories a study runs.\n");
  setting_table(twin::Study{}, [](twin::Study& s, auto&& visit) { twin::detail::design_fields(s, visit); });
  fmt::print(
      "\n| method | designs |\n|---|---|\n"
      "| `grid` | Every combination of levels that meets the conditions, the last factor running fastest. |\n"
      "| `file` | The rows of a CSV file whose header names parameters and paths; those that do not meet the "
      "conditions are left "
      "out. |\n"
      "| `sobol` | `points` points of Sobol' (direction numbers of Joe and Kuo 2008), from the first on. With "
      "`scramble`, the bits "
      "of each factor are flipped by a pattern from the seed; the first 2^k points stay as even as before. |\n"
      "| `lhs` | A Latin hypercube: each factor has one point in each of `points` equal intervals, at a random place. "
      "Points that do "
      "not meet the conditions are left out. |\n"
      "| `random` | `points` independent points. |\n"
      "| `one_at_a_time` | The model as it stands, then each factor through its levels with all others as they stand. "
      "Levels that the "
      "model has already are not repeated. |\n"
      "| `morris` | `trajectories` walks, in each of which every factor moves once, by levels / 2 of the levels - 1 "
      "steps of its "
      "range, up or down, in a random order. A walk that does not meet the conditions is drawn again. |\n"
      "\n`sobol` and `random` go on until `points` points meet the conditions, and give up where fewer than one in a "
      "thousand "
      "does.\nThe designs are a function of the file and the seed, the same on every machine.\n");
}

void replicate_section() {
  fmt::print("\n## `[replicate]`\n\nHow often each design is run.\n\n| key | value | |\n|---|---|---|\n");
  twin::Study study;
  twin::detail::replicate_fields(study, [](const Field& field, auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    fmt::print("| `{}` | {} | {} |\n", field.name, kind_of_setting<Member>(field), field.doc);
  });
  fmt::print(
      "\n`until` is a rule or a list of rules that must all hold: `halfwidth(NAME) < LIMIT`, the half-width of the 95 % interval "
      "for the\nmean of NAME. NAME is a measure of `[measure]`, or an expression of KPIs such as `throughput`, "
      "`p95(lead_time)` or\n`busy(weld)`. LIMIT is a share of the mean (`0.5 %`), or a number in the unit of NAME (`0.3 /h`, "
      "`2 min`; for shares and\nparts a plain number). The intervals are looked at after `count` replications, 10 at the least, "
      "and then each time their\nnumber has grown by a quarter, up to `at_most`: [Statistics](../explanation/statistics.md) has "
      "the rule. `twin run` goes by\n`until` too; `--replications` asks for an exact number and sets `until` aside.\n");
}

void select_section() {
  fmt::print(
      "\n## `[select]`\n\nHow a study selects the best of its designs by the goal; what each method promises: "
      "[Selecting the best](../explanation/selection.md#in-a-study).\n");
  setting_table(twin::Selection{}, [](twin::Selection& s, auto&& visit) { twin::detail::select_fields(s, visit); });
  fmt::print(
      "\n| method | needs | takes | `[replicate]` unless the file says otherwise |\n|---|---|---|---|\n"
      "| `kn` | `delta` | `confidence`, `at_most`, `ahead` | `count = 20`, `crn = true` |\n"
      "| `gsp` | `delta` | `confidence`, `at_most`, `batch`, `batches` | `count = 50`; `crn = false`, and true is "
      "refused |\n"
      "| `ocba` | `budget` | `step` | `count = 10`; `crn = false`, and true is refused |\n"
      "| `halving` | `budget` | | `crn = true`; goes by its budget alone and makes no use of `count` |\n"
      "\n`[replicate] count` is the number of first replications of each design, 2 or more. A study with `[select]` "
      "has neither "
      "`[[refine]]`\nnor `subject_to`; conditions on parameters stand under `[design] where`.\n");
}

void levels_section() {
  fmt::print(
      "\n## Levels of `[parameter]` and `[factor]`\n\n| written | grid, one_at_a_time | sobol, lhs, random, morris "
      "|\n|---|---|---|\n"
      "| `[1, 2, 4]`, `[\"fifo\", \"lifo\"]` | each of them | one of them, all equally often |\n"
      "| `{{ from = 1, to = 9, step = 2 }}` | 1, 3, 5, 7, 9 | one of these, all equally often |\n"
      "| `{{ from = \"36 s\", to = \"46 s\" }}` | refused: needs a step | any value between, for values of the model "
      "that are not "
      "whole |\n"
      "| `{{ from = 1, to = 9 }}` | 1, 2, … 9 | whole numbers for capacities, servers, crews and parameters; else any "
      "between |\n"
      "| `{{ from = 1, to = 9, whole = false }}` | refused: needs a step | any between |\n"
      "| `{{ from = 0.5, to = 2 }}` | refused: needs a step | any between |\n"
      "| `{{ from = 1, to = 9, whole = true }}` | 1, 2, … 9 | 1, 2, … 9, all equally often |\n"
      "\nThe steps of `morris` include both ends of a range; of levels they take the nearest.\n");
}

template <class Element>
void print_fields(const char* heading, const char* about, Element element, const twin::Station* filter = nullptr) {
  fmt::print("\n## `{}`\n\n{}\n\n| key | value | |\n|---|---|---|\n", heading, about);
  element.fields([&](const Field& field, auto& member) {
    if (filter != nullptr && !filter->has_field(field.name)) return;
    fmt::print("| `{}` | {} | {} |\n", field.name, kind<std::remove_cvref_t<decltype(member)>>(field), field.doc);
  });
}

void print_station(const char* heading, const char* about, twin::StationKind kind) {
  twin::Station station;
  station.kind = kind;
  print_fields(heading, about, station, &station);
}

void format_page() {
  fmt::print(
      "# The scenario file\n\nEvery element and every key, made from the same field lists as the reader, the writer "
      "and the "
      "schema. For the\nformat by example see [scenarios](../../scenarios/README.md); for laws see "
      "[distributions](distributions.md). Numbers with a\ndimension are text with a unit; any number may be an "
      "expression of "
      "parameters.\n");
  print_fields("[source.NAME]", "Where parts come from.", twin::Source{});
  print_station("[machine.NAME]", "Works on one part at a time, on each of its servers.", twin::StationKind::machine);
  print_station("[assembly.NAME]", "Takes its bill of parts together and makes one of them.",
                twin::StationKind::assembly);
  print_station("[disassembly.NAME]", "Makes several parts of one.", twin::StationKind::disassembly);
  print_station("[process.NAME]", "A station whose behaviour is code of the user's program.",
                twin::StationKind::process);
  print_fields("[….failure.NAME]", "One way for a machine, assembly or disassembly to break down.",
               twin::FailureMode{});
  print_fields("[buffer.NAME]", "Places where parts wait.", twin::Buffer{});
  print_fields("[sink.NAME]", "Where parts leave the factory.", twin::Sink{});
  print_fields("[crew.NAME]", "People who repair machines; requests wait in order of arrival.", twin::Crew{});
  print_fields("[loop.NAME]", "A CONWIP or kanban loop: a stretch of the flow that parts enter and leave with one of its cards.",
               twin::CardLoop{});
  print_fields("[product.NAME]", "A kind of part. A product that is only named somewhere need not be declared.",
               twin::Product{});
  design_section();
  replicate_section();
  levels_section();
  select_section();
}

void distributions_page() {
  fmt::print(
      "# Distributions\n\nMade from the table that the reader and the sampler use. A law is written as a call, "
      "`lognormal(mean = 41 s, cv = 0.15)`;\na bare quantity is a constant. Every law but the constant takes exactly "
      "one standard "
      "draw a variate, whatever its\nparameters, so scenarios stay in step "
      "([randomness](../explanation/randomness.md)).\n\n"
      "| law | parameters | |\n|---|---|---|\n");
  for (const twin::LawInfo& law : twin::law_infos()) {
    std::string parameters;
    for (const twin::LawParameter& p : law.parameters) {
      parameters += fmt::format("{}`{}` {} {}{}", parameters.empty() ? "" : ", ", p.name, p.min_is_open ? ">" : "≥",
                                p.min, p.is_integer ? ", whole" : "");
    }
    fmt::print("| `{}` | {} | {} |\n", law.name, parameters.empty() ? "see right" : parameters, law.doc);
  }
}

void diagnostics_page() {
  fmt::print("# Diagnostics\n\nWhat `twin explain CODE` says, for all codes.\n");
  for (const std::string& code : twin::all_codes())
    fmt::print("\n## {}\n\n```text\n{}\n```\n", code, twin::explain_code(code));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string page = argc == 2 ? argv[1] : "";
  if (page == "format") {
    format_page();
  } else if (page == "distributions") {
    distributions_page();
  } else if (page == "diagnostics") {
    diagnostics_page();
  } else {
    fmt::print(stderr, "usage: reference_pages format|distributions|diagnostics\n");
    return 2;
  }
  return 0;
}
