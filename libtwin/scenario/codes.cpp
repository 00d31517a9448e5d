// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/scenario/scenario.hpp>

namespace twin {
namespace {

struct Code {
  std::string_view code;
  std::string_view title;
  std::string_view meaning;

  /// What provokes it, and the same put right.
  std::string_view wrong;
  std::string_view right;
};

constexpr Code kCodes[] = {
    {"E001", "a file cannot be opened",
     "The scenario, the model of a study or a data file is not there, is a folder, may not be read, or is larger than "
     "64 MiB. Relative names start at the folder of the scenario.",
     R"~(model = "presline.toml")~", R"~(model = "press_line.toml")~"},
    {"E002", "the file is not valid TOML or JSON",
     "The text cannot be read at all at this place. Text and quantities stand in quotes; a file that begins with '{' "
     "is "
     "read as JSON, any other as TOML in UTF-8.",
     R"~(cycle = 38 s)~", R"~(cycle = "38 s")~"},
    {"E003", "the format is missing or unknown",
     "The first line says which format the file has, so that later versions of twin can still read it.",
     R"~([factory])~", "format = 1\n[factory]"},
    {"E010", "unknown key",
     "Nothing reads this key here; it may be misspelt or belong to another section. Keys are never ignored in silence.",
     R"~(cylce = "38 s")~", R"~(cycle = "38 s")~"},
    {"E011", "described twice", "The same name stands for two things, or the same key is given twice.",
     "[machine.weld]\ncycle = \"38 s\"\n[machine.weld]\ncycle = \"39 s\"", "[machine.weld]\ncycle = \"39 s\""},
    {"E012", "undeclared name",
     "An arrow, an expression, a path or a setting names something that the file does not declare.",
     R"~(flow = ["supply -> wled -> shipped"])~", R"~(flow = ["supply -> weld -> shipped"])~"},
    {"E013", "something is missing", "A key without a sensible default is not given: the work of a machine, the flow.",
     "[machine.weld]\nservers = 2", "[machine.weld]\nservers = 2\ncycle = \"38 s\""},
    {"E020", "a unit is missing",
     "A time or a rate is a number with a unit; twin never guesses one. Times: ms, s, min, h, d, weeks. Rates: /s, "
     "/min, "
     "/h, /d.",
     "cycle = 38", R"~(cycle = "38 s")~"},
    {"E021", "wrong dimension",
     "A rate stands where a time is needed, or the like; or an expression adds a time to a plain number.",
     R"~(cycle = "90 /h")~", R"~(cycle = "1 h / 90")~"},
    {"E022", "out of range", "The number is negative, too large, not finite or not whole where it has to be.",
     "servers = 0", "servers = 1"},
    {"E023", "unknown unit",
     "The word after the number is no unit twin knows. Months and years are none, because they have no fixed length.",
     R"~(cycle = "38 secs")~", R"~(cycle = "38 s")~"},
    {"E024", "the expression cannot be read",
     "Expressions are made of numbers with units, names of parameters, + - * / ^, comparisons, and, or, not, and the "
     "functions abs, floor, ceil, round, min, max.",
     R"~(capacity = "2 r1")~", R"~(capacity = "2 * r1")~"},
    {"E025", "a value of the wrong kind", "A table stands where text is needed, a number where a list is, or the like.",
     R"~(flow = 3)~", R"~(flow = ["supply -> weld -> shipped"])~"},
    {"E026", "not one of the words", "This key takes one of a few words.", R"~(clock = "bussy")~",
     R"~(clock = "busy")~"},
    {"E030", "unknown distribution",
     "The name before the parenthesis is no distribution. They are: constant, exponential, uniform, normal, lognormal, "
     "weibull, gamma, erlang, triangular, pert, beta, hyperexponential, empirical, discrete, poisson, call.",
     R"~(cycle = "lognormol(mean = 41 s, cv = 0.15)")~", R"~(cycle = "lognormal(mean = 41 s, cv = 0.15)")~"},
    {"E031", "a parameter of a distribution is missing or unknown",
     "Parameters go by their names or by their order. Means, minima and maxima have a unit; shapes and coefficients of "
     "variation have none.",
     R"~(cycle = "lognormal(mean = 41 s)")~", R"~(cycle = "lognormal(mean = 41 s, cv = 0.15)")~"},
    {"E032", "an impossible distribution", "The parameters contradict each other, or the law would stop the clock.",
     R"~(cycle = "uniform(40 s, 30 s)")~", R"~(cycle = "uniform(30 s, 40 s)")~"},
    {"E040", "the flow cannot be read",
     "Flow is lines of arrows between names; a condition after ':' ends a line. Conditions are a share ('3 %'), "
     "otherwise, product A, shortest, round_robin, priority and call(rule).",
     R"~(flow = ["supply > weld"])~", R"~(flow = ["supply -> weld"])~"},
    {"E041", "unknown crew, product or rule", "Something is referred to that the file does not declare.",
     R"~(crew = "maintainance")~", R"~(crew = "maintenance")~"},
    {"E042", "the flow does not fit together",
     "An element has no way in or out, shares add up to more than one, an arrow leads into a source, or the like.",
     "flow = [\"weld -> pack : 60 %\", \"weld -> rework : 60 %\"]",
     "flow = [\"weld -> pack : otherwise\", \"weld -> rework : 60 %\"]"},
    {"E043", "a loop of cards that cannot be",
     "A loop lets a part in at 'from', with a card, and has the card back when the part leaves 'to'. So every way from "
     "'from' has to lead to 'to', every part that leaves 'to' has to have come in by 'from', and none may be scrapped, "
     "split or joined with another part of the loop on the way.",
     "flow = [\"supply -> m1 -> m2\", \"m2 -> m3 : otherwise\", \"m2 -> bin : 3 %\"]\n[loop.cell]\ncards = 8\nfrom = "
     "\"m1\"\nto = \"m3\"",
     "[loop.cell]\ncards = 8\nfrom = \"m1\"\nto = \"m2\""},
    {"E050", "the study is wrong", "A section of the study contradicts another one, or names what is not there.",
     R"~(maximize = "thruput")~", R"~(maximize = "throughput")~"},
    {"E051", "a parameter is wrong",
     "A parameter's name is taken by a unit, there are too many, or no design meets the conditions of [design] where.",
     "[parameter]\nh = [1, 2]", "[parameter]\nheight = [1, 2]"},
    {"E052", "the levels are wrong",
     "Levels are a list or a range. A range without a step runs over whole numbers; any other needs a step, but for "
     "the "
     "methods that choose any number of a range: sobol, lhs, random and morris. For these, a range of a parameter "
     "whose "
     "ends are whole is one of whole numbers unless it says whole = false.",
     R"~("machine.weld.cycle.mean" = { from = "36 s", to = "46 s" })~",
     R"~("machine.weld.cycle.mean" = { from = "36 s", to = "46 s", step = "2 s" })~"},
    {"E053", "the design cannot be laid out",
     "The method under [design] lacks a number it goes by, or does not suit what varies: sobol, lhs and random need "
     "'points', morris an even number of 'levels'. Points that are drawn rarely meet a condition with '==': make one "
     "parameter an expression of the others, or take a grid.",
     "[design]\nmethod = \"sobol\"", "[design]\nmethod = \"sobol\"\npoints = 1024"},
    {"E054", "replications cannot be controlled so",
     "'until' under [replicate] is a half-width and a limit, or a list of these: halfwidth(NAME) < 0.5 %, a share of "
     "the "
     "mean, or a number in the unit of the measure, such as 0.3 /h or 2 min. NAME is a measure or an expression of "
     "KPIs. "
     "'count' is then the first batch, of 10 replications or more, and 'at_most' is not below it.",
     "[replicate]\nuntil = \"throughput < 0.5 %\"", "[replicate]\nuntil = \"halfwidth(throughput) < 0.5 %\""},
    {"E055", "the selection cannot be made so",
     "A key under [select] does not go with its method, or something else in the study contradicts it. kn and gsp need "
     "'delta' in the unit of the goal; ocba and halving need a 'budget' of runs that pays the first replications of "
     "all "
     "designs. A selection knows neither rounds of [[refine]] nor conditions on measures; gsp and ocba hold for "
     "designs "
     "that do not share their random numbers.",
     "[select]\nmethod = \"kn\"", "[select]\nmethod = \"kn\"\ndelta = \"0.1 /h\""},
    {"E060", "cannot be run in lanes",
     "The engine 'lanes' runs factories that are a recursion over parts: every place has one station before and one "
     "behind "
     "it, parts keep their order or overtake only among the servers of a station, and what a station does depends on "
     "nothing "
     "else. 'twin check' names what stands in the way; the engine 'event' runs everything.",
     "twin run rework_cell.toml --engine lanes", "twin run rework_cell.toml"},
    {"E061", "a data file cannot be understood",
     "A CSV file lacks a column or holds something else than a number. Its first line names the columns.",
     "time,produkt", "time,product"},
    {"W101", "unreachable element", "No part ever comes to this element from a source.",
     R"~(flow = ["supply -> weld -> shipped", "press -> b1 -> press2"])~",
     R"~(flow = ["supply -> press -> weld -> shipped"])~"},
    {"W102", "a load of one or more",
     "More work arrives than the station can do: the queue before it grows for as long as the run lasts, and means "
     "over "
     "the run say more about its length than about the factory.",
     "[source.supply]\narrivals = \"exponential(40 s)\"\n[machine.weld]\ncycle = \"45 s\"",
     "[machine.weld]\ncycle = \"45 s\"\nservers = 2"},
    {"W103", "a buffer before a sink", "A sink always takes parts, so this buffer is always empty.",
     R"~(flow = ["weld -> b9 -> shipped"])~", R"~(flow = ["weld -> shipped"])~"},
    {"W104", "a station that starves",
     "What this station needs never comes, or comes far too rarely for it to work, for example one of the parts that "
     "an "
     "assembly takes.",
     R"~(flow = ["supply -> join", "join -> shipped"])~",
     R"~(flow = ["supply -> join", "bolts -> join", "join -> shipped"])~"},
    {"W105", "a loop that can lock up",
     "Parts go round a loop of limited places: once all of them are taken, every station in it waits for the next. An "
     "unlimited buffer or a way out for the part that waits breaks the circle.",
     R"~(flow = ["weld -> inspect", "inspect -> weld : 3 %"])~",
     R"~(flow = ["weld -> inspect", "inspect -> b3 : 3 %", "b3 -> rework -> b1"])~"},
    {"W106", "times too short for the grid",
     "Times are kept as multiples of 2^-24 s (60 ns). Times this short lose precision; describe the model in a longer "
     "unit.",
     R"~(cycle = "exponential(2 us)")~", R"~(cycle = "exponential(2 s)")~"},
};

void add_example(std::string_view caption, std::string_view lines, std::string& out) {
  out += caption;
  out += '\n';
  for (std::size_t begin = 0; begin <= lines.size();) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    out += "    ";
    out += lines.substr(begin, end - begin);
    out += '\n';
    begin = end + 1;
  }
}

}  // namespace

std::string explain_code(std::string_view code) {
  const auto* const found =
      std::find_if(std::begin(kCodes), std::end(kCodes), [&](const Code& c) { return c.code == code; });
  if (found == std::end(kCodes)) return {};
  std::string out =
      std::string(found->code) + ": " + std::string(found->title) + "\n\n" + std::string(found->meaning) + "\n\n";
  const bool is_error = code.front() == 'E';
  add_example(is_error ? "Wrong:" : "For example:", found->wrong, out);
  add_example(is_error ? "Right:" : "Better:", found->right, out);
  return out;
}

std::vector<std::string> all_codes() {
  std::vector<std::string> codes;
  for (const Code& c : kCodes) codes.emplace_back(c.code);
  return codes;
}

}  // namespace twin
