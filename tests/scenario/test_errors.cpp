// SPDX-License-Identifier: Apache-2.0
// What a person sees for each kind of mistake, to the letter.
#include <algorithm>
#include <string>
#include <vector>

#include <tests/scenario/text.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

TEST_CASE("a misspelt distribution is pointed at inside its text") {
  CHECK(shown(read(line_with("cycle = \"lognormol(mean = 41 s, cv = 0.15)\""))) ==
        R"~(error[E030]: unknown distribution 'lognormol'
 --> line.toml:7:10
  |
7 | cycle = "lognormol(mean = 41 s, cv = 0.15)"
  |          ^^^^^^^^^ not a distribution
  = help: did you mean 'lognormal'?
)~");
}

TEST_CASE("a misspelt key has its nearest neighbour") {
  CHECK(shown(read(line_with("cycle = \"1 s\"\nservesr = 2"))) ==
        R"~(error[E010]: unknown key 'servesr' in 'machine.weld'
 --> line.toml:8:1
  |
8 | servesr = 2
  | ^^^^^^^ not known here
  = help: did you mean 'servers'?
)~");
}

TEST_CASE("a number without a unit is never guessed at") {
  CHECK(shown(read(line_with("cycle = 38"))) == R"~(error[E020]: cycle needs a unit: '38' is a plain number
 --> line.toml:7:9
  |
7 | cycle = 38
  |         ^^ no unit
  = help: write "38 s" (or ms, min, h, d, weeks)
)~");
}

TEST_CASE("a rate where a time is needed is a wrong dimension") {
  CHECK(shown(read(line_with("cycle = \"exponential(mean = 90 /h)\""))) ==
        R"~(error[E021]: mean must be a time, but '90 /h' is a rate
 --> line.toml:7:29
  |
7 | cycle = "exponential(mean = 90 /h)"
  |                             ^^^^^ a rate
  = help: turn it round: "1 / (90 /h)" is a time
)~");
}

TEST_CASE("a negative time is out of range") {
  CHECK(shown(read(line_with("cycle = \"-5 min\""))) == R"~(error[E022]: cycle is -5 min; it must be at least 0 s
 --> line.toml:7:10
  |
7 | cycle = "-5 min"
  |          ^^^^^^ negative
  = help: use at least 0 s
)~");
}

TEST_CASE("NaN and infinity are no numbers of a factory") {
  CHECK(shown(read(line_with("cycle = \"1 s\"\nscrap = nan"))) == R"~(error[E022]: scrap is not a finite number
 --> line.toml:8:9
  |
8 | scrap = nan
  |         ^^^ not finite
)~");
  CHECK(codes_of(read(line_with("cycle = \"1 s\"\nscrap = inf"))) == "E022");
  CHECK(codes_of(read(line_with("cycle = \"nan s\""))) == "E022");
  CHECK(codes_of(read(line_with("cycle = \"1 s / 0\""))) == "E022");
}

TEST_CASE("a second table of the same name is pointed at, and the rest is still read") {
  CHECK(shown(read(line_with("cycle = \"1 s\"", "[machine.weld]\ncycle = \"2 s\"\n[crew.m]\nsize = 0\n"))) ==
        R"~(error[E011]: 'machine.weld' is described twice
  --> line.toml:13:10
   |
13 | [machine.weld]
   |          ^^^^ again here
   = help: keep one of the two, or give this one a name of its own

error[E022]: size is 0; it must be at least 1
  --> line.toml:16:8
   |
16 | size = 0
   |        ^ out of range
   = help: use at least 1
)~");
}

TEST_CASE("an undeclared name in the flow is pointed at in its arrow") {
  CHECK(shown(read("format = 1\n[factory]\nflow = [\"s -> wled -> k\"]\n[source.s]\n[machine.weld]\ncycle = \"1 "
                   "s\"\n[sink.k]\n"))
            .find(R"~(error[E012]: unknown element 'wled' in the arrow 's -> wled'
 --> line.toml:3:15
  |
3 | flow = ["s -> wled -> k"]
  |               ^^^^
  = help: did you mean 'weld'?
)~") == 0);
}

TEST_CASE("an undeclared parameter is pointed at in its expression") {
  CHECK(shown(read(line_with("cycle = \"1 h / r2\"", "[parameter]\nr1 = 3\n"))) == R"~(error[E012]: unknown name 'r2'
 --> line.toml:7:16
  |
7 | cycle = "1 h / r2"
  |                ^^ not declared
  = help: did you mean 'r1'?
)~");
}

TEST_CASE("what is not TOML says where, and that text is quoted") {
  CHECK(shown(read(line_with("cycle = 38 s"))) ==
        R"~(error[E002]: not valid TOML: expected a comment or whitespace, saw 's'
 --> line.toml:7:12
  |
7 | cycle = 38 s
  |            ^ here
  = help: put text and quantities in quotes: cycle = "38 s"
)~");
}

TEST_CASE("an empty file says how a scenario begins") {
  const std::string expected = R"~(error[E003]: the file is empty
 --> line.toml:1:1
  |
1 | 
  | ^
  = help: a scenario begins with: format = 1; 'twin new' writes one to start from
)~";
  CHECK(shown(read("")) == expected);
  CHECK(codes_of(read(" \n\n\t\n")) == "E003");
  CHECK(codes_of(read("# nothing but a comment\n")).find("E003") == 0);
}

TEST_CASE("a binary file is called that") {
  CHECK(shown(read(std::string("\x7F"
                               "ELF\0\1\2",
                               7))) == R"~(error[E002]: this is not a text file: it has a byte of value 0
 --> line.toml:1:5
  |
1 |  ELF   
  |     ^ here
  = help: a scenario is TOML, in UTF-8
)~");
  CHECK(codes_of(read("format = 1\n\xFF\xFE\n")) == "E002");
}

TEST_CASE("other formats are refused") {
  CHECK(codes_of(read("format = 2\n[factory]\nflow = \"s -> k\"\n[source.s]\n[sink.k]\n")).find("E003") == 0);
  CHECK(codes_of(read("[factory]\nflow = \"s -> m -> k\"\n[source.s]\n[machine.m]\ncycle = \"1 s\"\n[sink.k]\n")) ==
        "E003");
}

TEST_CASE("all mistakes are found in one pass, in the order of the file") {
  const ReadResult result = read(R"~(format = 1
[factory]
flow = ["supply -> press -> b1 -> weld", "weld -> shipped : otherwse"]
[run]
horizon = 5
[source.supply]
arrivals = "exponential(-40 s)"
mix = { A = nan }
[machine.press]
cycle = "38 sx"
[machine.weld]
cycel = "1 s"
cycle = "uniform(3 s, 2 s)"
  [machine.weld.failure.tip]
  every = "weibull(scale = 6 h, shap = 1.8)"
  repair = "lognormal(mean = 1 s)"
  crew = "maintainance"
  clock = "bussy"
[buffer.b1]
capacity = 2.5
[buffr.b2]
[crew.maintenance]
size = "r7"
[sink.shipped]
color = "red"
)~");
  CHECK(codes_of(result) == "E040 E020 E022 E022 E023 E010 E032 E031 E031 E041 E026 E022 E010 E042 E042 E012 E010");
  const bool sorted = std::is_sorted(result.diagnostics.begin(), result.diagnostics.end(),
                                     [](const Diagnostic& a, const Diagnostic& b) { return a.line < b.line; });
  CHECK(sorted);
  for (const Diagnostic& d : result.diagnostics) {
    INFO(d.message);
    CHECK(d.line > 0);
    CHECK(d.column > 0);
    CHECK(d.file == "line.toml");
    CHECK_FALSE(explain_code(d.code).empty());
  }
}

TEST_CASE("more than twenty mistakes are counted, not shown") {
  std::string keys = "cycle = \"1 s\"\n";
  for (int i = 0; i < 50; ++i) keys += "key" + std::to_string(i) + " = 1\n";
  const std::string text = shown(read(line_with(keys)));
  CHECK(text.find("… and 30 more\n") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '^') > 0);
}

TEST_CASE("values of the wrong kind are refused everywhere") {
  CHECK(codes_of(read(line_with("cycle = true"))) == "E025");
  CHECK(codes_of(read(line_with("cycle = [1]"))) == "E025");
  CHECK(codes_of(read(line_with("cycle = 2020-01-01"))) == "E025");
  CHECK(codes_of(read(line_with("cycle = \"1 s\"\nservers = {}"))) == "E025");
  CHECK(codes_of(read(line_with("cycle = \"1 s\"\nfailure = 3"))) == "E025");
  CHECK(codes_of(read(line_with("cycle = \"1 s\"\nmakes = 3"))) == "E025");
  CHECK(codes_of(read(line_with("cycle = \"1 s\"", "crew = 3\n"))).find("E010") == 0);  // belongs to [sink.shipped]
  CHECK(codes_of(read("format = 1\nmachine = 3\nfactory = []\nrun = 1\nparameter = 2\n")) ==
        "E013 E025 E025 E025 E025");
}

TEST_CASE("laws with wrong parameters say how they are written") {
  const auto first = [](const std::string& law) {
    const ReadResult result = read(line_with("cycle = \"" + law + "\""));
    REQUIRE(result.diagnostics.size() == 1);
    return result.diagnostics[0].code + ": " + result.diagnostics[0].message + " | " + result.diagnostics[0].hint;
  };
  CHECK(first("lognormal(41 s)") == "E031: 'lognormal' needs 'cv' | write lognormal(mean, cv)");
  CHECK(first("lognormal(41 s, 0.1, 3)") ==
        "E031: 'lognormal' has no more than 2 parameters | write lognormal(mean, cv)");
  CHECK(first("exponential(mean = 1 s, mean = 2 s)") == "E031: 'mean' is given twice | keep one");
  CHECK(first("exponential 40 s") ==
        "E031: 'exponential' needs its parameters in parentheses | write exponential(mean)");
  CHECK(first("erlang(70 s, 2.5)") == "E022: k is 2.5, which is not a whole number | round it");
  CHECK(first("exponential(40 s") == "E024: the '(' of 'exponential' is not closed | add ')'");
  CHECK(first("exponential(40 s) s") == "E024: a distribution ends at its ')' | leave out what follows");
  CHECK(first("discrete(1 s, 2 s: 3)") ==
        "E031: each value of 'discrete' needs a weight | write discrete(10 s: 0.3, 20 s: 0.7)");
  CHECK(first("call(a b)") == "E031: 'call' needs the name of a function | write call(name)");
  CHECK(first("hyperexponential(1 s, cv = 0.5)") == "E022: cv is 0.5; it must be at least 1 | use at least 1");
  CHECK(first("empirical('nowhere.csv')").find("E001: cannot open 'no-such-folder/nowhere.csv'") == 0);
}

TEST_CASE("every code explains itself") {
  for (const std::string& code : all_codes()) {
    const std::string text = explain_code(code);
    CHECK(text.find(code + ": ") == 0);
    CHECK(text.size() > 100);
  }
  CHECK(explain_code("E999").empty());
}

TEST_CASE("colours surround the text and change nothing in it") {
  const ReadResult result = read(line_with("cycle = 38"));
  const std::string coloured = render_diagnostics(result, true);
  std::string plain;
  for (std::size_t i = 0; i < coloured.size(); ++i) {
    if (coloured[i] == '\033') {
      i = coloured.find('m', i);
    } else {
      plain += coloured[i];
    }
  }
  CHECK(coloured != plain);
  CHECK(plain == render_diagnostics(result, false));
  CHECK(render_diagnostics(result.diagnostics, result.text, false) == plain);
}

TEST_CASE("what else is found in a factory without mistakes is told with its place") {
  twin::ReadOptions options;
  options.also_check = [](const twin::Factory& factory) {
    const auto found = [](const char* path) {
      twin::Diagnostic d;
      d.code = "W102";
      d.severity = twin::Severity::warning;
      d.path = path;
      d.message = "slow";
      return d;
    };
    REQUIRE(factory.stations.size() == 2);
    return std::vector<twin::Diagnostic>{found("machine.pack"), found("machine.weld.cycle"), found("flow.b1->pack"),
                                         found("machine.weld.servers")};
  };
  const twin::ReadResult good = twin::read_scenario_text(line_with("cycle = \"38 s\""), "line.toml", options);
  REQUIRE(good.ok());
  CHECK(good.diagnostics.empty());
  REQUIRE(good.findings.size() == 4);
  // In the order of the file; what is not written there is shown at its element.
  CHECK(good.findings[0].line == 4);
  CHECK(good.findings[0].path == "flow.b1->pack");
  CHECK(good.findings[1].line == 6);
  CHECK(good.findings[1].path == "machine.weld.servers");
  CHECK(good.findings[2].line == 7);
  CHECK(good.findings[2].column == 10);
  CHECK(good.findings[3].line == 8);
  CHECK(good.findings[3].file == "line.toml");
  const std::string shown = twin::render_findings(good, false);
  CHECK(shown.find("line.toml:7:10") != std::string::npos);
  CHECK(shown.find("^^^^") != std::string::npos);

  // A factory with mistakes is not looked through further.
  options.also_check = [](const twin::Factory&) -> std::vector<twin::Diagnostic> { throw std::logic_error("asked"); };
  CHECK_FALSE(twin::read_scenario_text(line_with("cycle = 38"), "line.toml", options).ok());
}

TEST_CASE("a loop that parts would leave without their cards is told where it stands") {
  CHECK(shown(read(
            line_with("cycle = \"1 s\"\nscrap = 0.1", "[loop.cell]\ncards = 2\nfrom = \"weld\"\nto = \"weld\"\n"))) ==
        R"~(error[E043]: 'weld' scraps parts inside the loop, and their cards would be lost with them
  --> line.toml:14:7
   |
14 | [loop.cell]
   |       ^^^^
   = help: send them to a sink behind 'weld' instead, or let the loop end before 'weld'
)~");
  CHECK(codes_of(read(line_with("cycle = \"1 s\"", "[loop.cell]\nfrom = \"weld\"\nto = \"weld\"\n"))) == "E013");
  CHECK(shown(read(line_with("cycle = \"1 s\"", "[loop.cell]\ncards = 2\nfrom = \"wled\"\nto = \"pack\"\n"))) ==
        R"~(error[E012]: unknown element 'wled' in the loop 'cell'
  --> line.toml:15:9
   |
15 | from = "wled"
   |         ^^^^
   = help: did you mean 'weld'?
)~");
}
