// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <sstream>

#include <libtwin/results/csv.hpp>
#include <tests/support/catch.hpp>

TEST_CASE("a table becomes a header and a line for each row", "[csv]") {
  twin::KpiTable table;
  table.columns = {{.name = "order", .texts = {"fifo", "by, date"}}, {.name = "throughput_per_h", .unit = "/h"}};
  double* row = table.add_row("ok");
  row[0] = 1;
  row[1] = 0.1;
  table.add_row("bad \"number\"");
  const std::string wanted = "order,throughput_per_h,status\n\"by, date\",0.1,ok\n,,\"bad \"\"number\"\"\"\n";
  CHECK(twin::to_csv(table) == wanted);
  std::ostringstream out;
  twin::write_csv(out, table);
  CHECK(out.str() == wanted);
}

TEST_CASE("cells are quoted when they have to be", "[csv]") {
  CHECK(twin::csv_cell(std::string_view("plain text")) == "plain text");
  CHECK(twin::csv_cell(std::string_view("")) == "");
  CHECK(twin::csv_cell(std::string_view("a,b")) == "\"a,b\"");
  CHECK(twin::csv_cell(std::string_view("two\nlines")) == "\"two\nlines\"");
  CHECK(twin::csv_cell(std::string_view("\r")) == "\"\r\"");
  CHECK(twin::csv_cell(std::string_view("say \"so\"")) == "\"say \"\"so\"\"\"");
  CHECK(twin::csv_cell(std::string_view(" edge")) == "\" edge\"");
}

TEST_CASE("numbers are short and read back to the same double", "[csv]") {
  CHECK(twin::csv_cell(0.1) == "0.1");
  CHECK(twin::csv_cell(8.0) == "8");
  CHECK(twin::csv_cell(-0.0) == "-0");
  CHECK(twin::csv_cell(std::nan("")).empty());
  CHECK(twin::csv_cell(std::numeric_limits<double>::infinity()) == "inf");
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const std::string text = twin::csv_cell(value);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    REQUIRE(std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(value));
  }
}

TEST_CASE("a text index out of range is an empty cell", "[csv]") {
  twin::KpiTable table;
  table.columns = {{.name = "order", .texts = {"fifo"}}};
  table.add_row("ok")[0] = 5;
  CHECK(twin::to_csv(table) == "order,status\n,ok\n");
}
