// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <libtwin/scenario/expression.hpp>
#include <tests/support/catch.hpp>

using namespace twin;

namespace {

const std::vector<std::string> kNames{"r1", "r2", "b"};
const std::vector<double> kValues{4, 5, 0.5};

double value_of(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  const Expression expression = Expression::parse(text, kNames, diagnostics);
  INFO(text);
  REQUIRE(diagnostics.empty());
  return expression.evaluate(kValues);
}

Diagnostic mistake_in(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  const Expression expression = Expression::parse(text, kNames, diagnostics);
  INFO(text);
  REQUIRE(diagnostics.size() == 1);
  CHECK(expression.empty());
  return diagnostics.front();
}

double read_back(const std::string& text) {
  std::vector<Diagnostic> diagnostics;
  const Expression expression = Expression::parse(text, {}, diagnostics);
  REQUIRE(diagnostics.empty());
  return expression.evaluate({});
}

}  // namespace

TEST_CASE("units turn numbers into seconds and shares") {
  CHECK(value_of("5 min") == 300);
  CHECK(value_of("1.5 h") == 5400);
  CHECK(value_of("250 ms") == 0.25);
  CHECK(value_of("2 weeks") == 1209600);
  CHECK(value_of("3 %") == 0.03);
  CHECK(value_of("20 parts") == 20);
  CHECK(value_of("2.5 /h") == 2.5 / 3600);
  CHECK(value_of("1e3 s") == 1000);
}

TEST_CASE("operators have the usual precedence") {
  CHECK(value_of("1 h / r1") == 900);
  CHECK(value_of("1 + 2 * 3 ^ 2") == 19);
  CHECK(value_of("-2 ^ 2") == -4);
  CHECK(value_of("2 ^ 3 ^ 2") == 512);
  CHECK(value_of("(1 + 2) * -3") == -9);
  CHECK(value_of("10 - 4 - 3") == 3);
  CHECK(value_of("r1 + r2 == 9 and not r1 > r2") == 1);
  CHECK(value_of("r1 == 1 or r2 == 5") == 1);
  CHECK(value_of("max(r1, r2) - min(2, b) + floor(2.7) + abs(-1) + round(2.5) + ceil(0.1)") == 5 - 0.5 + 2 + 1 + 3 + 1);
}

TEST_CASE("sums of decimal steps compare as people mean them") {
  CHECK(value_of("0.1 + 0.2 == 0.3") == 1);
  CHECK(value_of("0.1 + 0.2 <= 0.3") == 1);
  CHECK(value_of("0.1 + 0.2 > 0.3") == 0);
  CHECK(value_of("0.1 + 0.2 == 0.3000001") == 0);
}

TEST_CASE("an expression knows its dimension and its names") {
  std::vector<Diagnostic> diagnostics;
  CHECK(Expression::parse("1 h / r1", kNames, diagnostics).time_power() == 1);
  CHECK(Expression::parse("r1 / 1 h", kNames, diagnostics).time_power() == -1);
  CHECK(Expression::parse("5 min * 2 /h", kNames, diagnostics).time_power() == 0);
  CHECK(Expression::parse("b + r1 * b", kNames, diagnostics).used_names() == std::vector<int>{0, 2});
  CHECK(diagnostics.empty());
}

TEST_CASE("a mistake has its code, its place and a way out") {
  const Diagnostic unit = mistake_in("1 h + 38 secs");
  CHECK(unit.code == "E023");
  CHECK(unit.column == 10);
  CHECK(unit.length == 4);
  CHECK(unit.hint == "did you mean 'sec'?");

  const Diagnostic name = mistake_in("r1 + r22");
  CHECK(name.code == "E012");
  CHECK(name.column == 6);
  CHECK(name.hint == "did you mean 'r2'?");

  CHECK(mistake_in("1 h + 2").code == "E021");
  CHECK(mistake_in("1 h < 2").code == "E021");
  CHECK(mistake_in("2 ^ (1 h)").code == "E021");
  CHECK(mistake_in("1e400 s").code == "E022");
  CHECK(mistake_in("nan").code == "E022");
  CHECK(mistake_in("2 r1").hint == "write '* r1'");
  CHECK(mistake_in("3 months").hint == "months and years have no fixed length; write days or weeks");
  for (const char* text :
       {"", "1 +", "(1", "1)", "1 2", "* 3", "h", "foo(1)", "min(1)", "1 = 2", "3,600", "'a'", "1 ** 2"}) {
    CHECK(mistake_in(text).code == "E024");
  }
}

TEST_CASE("deep and long expressions are refused, not obeyed") {
  CHECK(mistake_in(std::string(100000, '(')).code == "E024");
  CHECK(mistake_in(std::string(100000, '-') + "1").code == "E024");
  std::string power = "1";
  for (int i = 0; i < 5000; ++i) power += "^1";
  CHECK(mistake_in(power).code == "E024");
  std::string sum = "1";
  for (int i = 0; i < 5000; ++i) sum += "+1";
  CHECK(value_of(sum) == 5001);
  for (int i = 0; i < 50000; ++i) sum += "+1";
  CHECK(mistake_in(sum).code == "E024");
}

TEST_CASE("calls become names through the resolver") {
  std::vector<Diagnostic> diagnostics;
  const Expression::ResolveCall resolve = [](std::string_view call, std::span<const std::string> arguments,
                                             std::string& problem) {
    if (call == "rate" && arguments.size() == 1 && arguments[0] == "shipped") return 3;
    if (call == "share" && arguments.size() == 2 && arguments[1] == "busy") return 4;
    problem = "there is no KPI '" + std::string(call) + "'";
    return -1;
  };
  const Expression e = Expression::parse("2 * rate(shipped) + share( weld , busy ) - b", kNames, resolve, diagnostics);
  REQUIRE(diagnostics.empty());
  CHECK(e.evaluate(std::vector<double>{0, 0, 1, 10, 100}) == 119);
  CHECK(e.used_names() == std::vector<int>{2, 3, 4});
  CHECK(Expression::parse("b < 4 h", kNames, resolve, diagnostics).empty() == false);
  CHECK(Expression::parse("p95(lead)", kNames, resolve, diagnostics).empty());
  REQUIRE(diagnostics.size() == 1);
  CHECK(diagnostics[0].message == "there is no KPI 'p95'");
}

TEST_CASE("quantities are written in units that read well") {
  CHECK(write_quantity(2280, Dimension::time) == "38 min");
  CHECK(write_quantity(90, Dimension::time) == "90 s");
  CHECK(write_quantity(3600, Dimension::time) == "1 h");
  CHECK(write_quantity(41.3, Dimension::time) == "41.3 s");
  CHECK(write_quantity(0.002, Dimension::time) == "2 ms");
  CHECK(write_quantity(0, Dimension::time) == "0 s");
  CHECK(write_quantity(2.5 / 3600, Dimension::rate) == "2.5 /h");
  CHECK(write_quantity(0.03, Dimension::share) == "3 %");
  CHECK(write_quantity(20, Dimension::parts) == "20");
}

TEST_CASE("every quantity reads back to the same bits") {
  std::uint64_t state = 12345;
  for (int i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    const double exponent = static_cast<double>(state >> 56U) / 16.0 - 8.0;
    const double value = static_cast<double>((state >> 8U) & 0xFFFFFFFFFFULL) / 1e12 * std::pow(10.0, exponent);
    for (const Dimension d : {Dimension::time, Dimension::rate, Dimension::share, Dimension::none}) {
      INFO(write_quantity(value, d));
      REQUIRE(read_back(write_quantity(value, d)) == value);
    }
  }
}
