// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <libtwin/core/check.hpp>
#include <libtwin/core/error.hpp>

using namespace twin;

namespace {

Diagnostic typo() {
  return {.code = "E030",
          .path = "machine.weld.cycle",
          .file = "line.toml",
          .line = 14,
          .column = 9,
          .message = "unknown distribution 'lognormol'",
          .label = "not a distribution",
          .hint = "did you mean 'lognormal'?"};
}

Diagnostic no_source() {
  Diagnostic d;
  d.code = "E011";
  d.message = "no source";
  return d;
}

}  // namespace

TEST_CASE("a model error tells code, place, message and remedy of every mistake, one a line") {
  const ModelError error({typo(), no_source()});
  CHECK(std::string(error.what()) ==
        "error[E030] line.toml:14:9 machine.weld.cycle: unknown distribution 'lognormol' "
        "(did you mean 'lognormal'?)\nerror[E011]: no source");
  REQUIRE(error.diagnostics().size() == 2);
  CHECK(error.diagnostics()[0] == typo());
}

TEST_CASE("warnings and notes are carried by a model error but not shown as errors") {
  Diagnostic warning = typo();
  warning.severity = Severity::warning;
  CHECK_FALSE(has_errors({}));
  CHECK_FALSE(has_errors({warning}));
  CHECK(has_errors({warning, typo()}));
  const ModelError error({warning, no_source()});
  CHECK(std::string(error.what()) == "error[E011]: no source");
  CHECK(error.diagnostics().size() == 2);
  CHECK(std::string(ModelError({}).what()) == "the model has errors");
}

TEST_CASE("the nearest name is found through a slip of the finger") {
  const std::vector<std::string> names{"normal", "lognormal", "uniform", "exponential", "erlang"};
  CHECK(nearest_name("lognormol", names) == "lognormal");
  CHECK(nearest_name("exponental", names) == "exponential");
  CHECK(nearest_name("erlagn", names) == "erlang");
  CHECK(nearest_name("Uniform", names) == "uniform");
  CHECK(nearest_name("normal", names) == "normal");
}

TEST_CASE("no name is offered when none is near") {
  CHECK(nearest_name("weibull", {"normal", "uniform"}).empty());
  CHECK(nearest_name("ab", {"xy"}).empty());
  CHECK(nearest_name("", {"a"}).empty());
  CHECK(nearest_name("a", {}).empty());
  CHECK(nearest_name(std::string(100000, 'x'), {std::string(100000, 'x')}).empty());
}

TEST_CASE("two letters swapped count as one slip") {
  CHECK(nearest_name("wled", {"weld"}) == "weld");
  CHECK(nearest_name("wdle", {"weld"}).empty());
}

TEST_CASE("of two names as near, the first is offered") { CHECK(nearest_name("m3", {"m1", "m2"}) == "m1"); }

TEST_CASE("a broken precondition names what was expected") {
  const auto broken = [](int n) { TWIN_CHECK(n > 0, "a count is above 0"); };
  CHECK_NOTHROW(broken(1));
  CHECK_THROWS_WITH(broken(0), Catch::Contains("a count is above 0") && Catch::Contains("n > 0"));
}
