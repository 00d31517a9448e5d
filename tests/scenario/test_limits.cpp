// SPDX-License-Identifier: Apache-2.0
// What no person writes: the reader answers it quickly and without falling over.
#include <ctime>
#include <string>

#include <tests/scenario/text.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

namespace {

#ifdef NDEBUG
constexpr double kSlack = 10;
#else
constexpr double kSlack = 40;
#endif

/// Reads and renders, and checks that it took less processor time than `seconds`, with slack for builds that are slow by
/// nature: what is looked for, work that grows with the square, would take hours.
ReadResult read_quickly(const std::string& text, double seconds) {
  const std::clock_t begin = std::clock();
  ReadResult result = read(text);
  const std::string rendered = shown(result);
  const double taken = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  CHECK(rendered.size() < 20000);
  CHECK(taken < kSlack * seconds);
  return result;
}

std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  text.reserve(piece.size() * count);
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

}  // namespace

TEST_CASE("a line of ten megabytes gets one clear message") {
  const ReadResult result = read_quickly("format = 1\nx = \"" + std::string(10000000, 'a') + "\"\n", 1);
  REQUIRE(result.diagnostics.size() == 1);
  CHECK(result.diagnostics[0].message == "this line is longer than 1 MiB");
  CHECK(result.diagnostics[0].line == 2);
  CHECK(codes_of(read_quickly(std::string(10000000, '['), 1)) == "E002");
  CHECK(codes_of(read_quickly(std::string(10000000, '\xC3'), 1)) == "E002");
}

TEST_CASE("nesting in TOML, JSON, expressions and keys is bounded") {
  CHECK_FALSE(read_quickly("x = " + std::string(100000, '['), 1).ok());
  CHECK_FALSE(read_quickly("x = " + repeated("{a=", 100000), 1).ok());
  CHECK_FALSE(read_quickly("[a" + repeated(".a", 400000) + "]\n", 1).ok());
  CHECK_FALSE(read_quickly(repeated("a.", 400000) + "a = 1\n", 1).ok());
  CHECK_FALSE(read_quickly(std::string(1000000, '{'), 1).ok());
  CHECK_FALSE(read_quickly("{\"a\":" + std::string(1000000, '['), 1).ok());
  CHECK_FALSE(read_quickly(repeated("{\"a\":", 1000000), 1).ok());
  CHECK(codes_of(read_quickly(line_with("cycle = \"" + std::string(500000, '(') + "\""), 1)) == "E024");
  CHECK(codes_of(read_quickly(line_with("cycle = \"" + repeated("exponential(", 50000) + "\""), 1)) == "E024");
}

TEST_CASE("huge numbers are out of range, not undefined") {
  CHECK_FALSE(read(line_with("cycle = \"1e999 s\"")).ok());
  CHECK_FALSE(read(line_with("cycle = \"1 s\"\nservers = 99999999999999999999999")).ok());
  CHECK_FALSE(read(line_with("cycle = \"1 s\"\nservers = 9223372036854775807")).ok());
  CHECK_FALSE(read(line_with("cycle = \"1 s\"\nservers = 1e300")).ok());
  CHECK_FALSE(read(line_with("cycle = \"1 s\"\nservers = -9223372036854775808")).ok());
  CHECK_FALSE(read(line_with("cycle = \"1e300 s * 1e300\"")).ok());
  CHECK(read(line_with("cycle = \"1 s\"", "[run]\nseed = \"18446744073709551615\"\n")).scenario.factory.run.seed ==
        ~std::uint64_t{0});
  CHECK_FALSE(read(line_with("cycle = \"1 s\"", "[run]\nseed = \"18446744073709551616\"\n")).ok());
  CHECK_FALSE(read(line_with("cycle = \"1 s\"", "[run]\nseed = -1\n")).ok());
}

TEST_CASE("hostile parameters and conditions end soon") {
  std::string many = "[parameter]\n";
  for (int i = 0; i < 2000; ++i) many += "p" + std::to_string(i) + " = { from = 0, to = 99999 }\n";
  CHECK_FALSE(read_quickly(line_with("cycle = \"1 s\"", many), 1).ok());
  std::string search = "[parameter]\n";
  for (int i = 0; i < 60; ++i) search += "p" + std::to_string(i) + " = { from = 0, to = 99 }\n";
  std::string sum = "p0";
  for (int i = 1; i < 60; ++i) sum += " + p" + std::to_string(i);
  const ReadResult gave_up =
      read_quickly(line_with("cycle = \"1 s\"", search + "[design]\nwhere = [\"" + sum + " < -1\"]\n"), 1);
  CHECK(gave_up.scenario.parameters.size() == 60);
}

TEST_CASE("a thousand mistakes are kept and no more") {
  std::string text = "format = 1\n";
  for (int i = 0; i < 200000; ++i) text += "[machin.m" + std::to_string(i) + "]\ncycel = 3\n";
  const ReadResult result = read_quickly(text, 1);
  CHECK(result.diagnostics.size() == 1000);
}

TEST_CASE("ten thousand machines read in half a second") {
  std::string text = "format = 1\n[factory]\nname = \"big\"\nflow = [\n  \"s -> m0\",\n";
  for (int i = 1; i < 10000; ++i) {
    text += "  \"m" + std::to_string(i - 1) + " -> b" + std::to_string(i) + " -> m" + std::to_string(i) + "\",\n";
  }
  text += "  \"m9999 -> k\",\n]\n[source.s]\n[sink.k]\n";
  for (int i = 0; i < 10000; ++i) {
    const std::string n = std::to_string(i);
    text += "[machine.m" + n + "]\ncycle = \"lognormal(mean = 41 s, cv = 0.15)\"\n  [machine.m" + n +
            ".failure.tip]\n  every = \"exponential(6 h)\"\n  repair = \"exponential(10 min)\"\n  crew = \"c\"\n";
    if (i > 0) text += "[buffer.b" + n + "]\ncapacity = 5\n";
  }
  text += "[crew.c]\nsize = 5\n";
  const ReadResult result = read_quickly(text, 0.5);
  INFO(shown(result));
  REQUIRE(result.ok());
  CHECK(result.scenario.factory.stations.size() == 10000);

  // The same with one misspelt name in every machine.
  std::string bad = text;
  for (std::size_t at = bad.find("crew = \"c\""); at != std::string::npos; at = bad.find("crew = \"c\"", at + 1))
    bad[at + 8] = 'x';
  CHECK(read_quickly(bad, 1).diagnostics.size() == 1000);
}

TEST_CASE("files that cannot be opened are diagnostics") {
  CHECK(codes_of(read_scenario_file("no-such-folder/x.toml")) == "E001");
  CHECK(codes_of(read_scenario_file(".")) == "E001");
  CHECK(codes_of(read_scenario_file(std::string(100000, 'x'))) == "E001");
  CHECK(codes_of(read_scenario_file(std::string("a\0b", 3))) == "E001");
  CHECK(codes_of(read(line_with("cycle = \"empirical('/dev/zero')\""))) == "E001");
}
