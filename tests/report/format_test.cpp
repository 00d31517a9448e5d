// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <tests/support/catch.hpp>

#include <libtwin/report/format.hpp>

using namespace twin;
using namespace twin::detail;

TEST_CASE("an estimate is printed with as many decimals as its half-width has meaning") {
  CHECK(estimate_text({61.4321, 0.8312, 30}) == "61.43 ± 0.83");
  CHECK(estimate_text({5.776121751, 0.0029, 30}) == "5.7761 ± 0.0029");
  CHECK(estimate_text({81234.4, 1250, 30}) == "81,234 ± 1,250");
  CHECK(estimate_text({0.5, 0.25, 4}, 100) == "50 ± 25");
}

TEST_CASE("an interval that is not there is said to be unknown, not left out") {
  CHECK(estimate_text({61.4, std::numeric_limits<double>::quiet_NaN(), 1}) == "61.4 ± ?");
  CHECK(share_text({0.761, std::numeric_limits<double>::quiet_NaN(), 1}) == "76.1 ±?");
  CHECK(estimate_text({}) == "–");
}

TEST_CASE("a deterministic result has the interval 0") {
  CHECK(estimate_text({94.7368421, 0, 5}) == "94.7368 ± 0");
  CHECK(share_text({0, 0, 5}) == "0");
}

TEST_CASE("durations are in the largest unit in which they are whole") {
  CHECK(duration_text(8 * 604800.0) == "8 weeks");
  CHECK(duration_text(604800.0) == "1 week");
  CHECK(duration_text(86400.0) == "1 day");
  CHECK(duration_text(90 * 60.0) == "90 min");
  CHECK(duration_text(2.5) == "2.5 s");
  CHECK(duration_text(1200 * 3600.0) == "50 days");
  CHECK(duration_text(0) == "0 s");
}

TEST_CASE("large whole numbers have commas and small ones have no tail of zeros") {
  CHECK(count_text(3249) == "3,249");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1234567) == "1,234,567");
  CHECK(number_text(0.25) == "0.25");
  CHECK(number_text(1800) == "1,800");
  CHECK(number_text(1e-9) == "1e-09");
  CHECK(number_text(std::numeric_limits<double>::infinity()) == "∞");
}

TEST_CASE("a bar fills in eighths and never leaves its cells") {
  CHECK(bar_text(0, 4) == "    ");
  CHECK(bar_text(0.5, 4) == "██  ");
  CHECK(bar_text(0.53125, 4) == "██▏ ");
  CHECK(bar_text(1, 4) == "████");
  CHECK(width_of(bar_text(7, 4)) == 4);
  CHECK(width_of(bar_text(std::numeric_limits<double>::quiet_NaN(), 4)) == 4);
}

TEST_CASE("the columns of a table line up, whatever bytes their characters take") {
  TextTable table;
  table.columns = {{"name", Align::left}, {"value"}};
  table.rows = {{"Prüfung", "1 ± 2"}, {"b", "10"}};
  CHECK(table.text("  ", false) ==
        "  name     value\n"
        "  Prüfung  1 ± 2\n"
        "  b           10\n");
}

TEST_CASE("paragraphs break at blanks") {
  CHECK(wrapped("one two three", 7) == "one two\nthree\n");
  CHECK(wrapped("unbreakable", 4) == "unbreakable\n");
}
