// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <stdexcept>

#include <libtwin/results/kpi_table.hpp>
#include <tests/support/catch.hpp>

TEST_CASE("a new row holds no numbers until they are written", "[kpi_table]") {
  twin::KpiTable table;
  table.columns = {{.name = "a"}, {.name = "b"}};
  table.add_row("ok")[1] = 7;
  table.add_row("deadlocked");
  CHECK(table.row_count() == 2);
  CHECK(std::isnan(table.at(0, 0)));
  CHECK(table.at(0, 1) == 7);
  CHECK(std::isnan(table.at(1, 1)));
  CHECK(table.status == std::vector<std::string>{"ok", "deadlocked"});
}

TEST_CASE("columns are found by name", "[kpi_table]") {
  twin::KpiTable table;
  table.columns = {{.name = "a"}, {.name = "b"}};
  CHECK(table.find_column("b") == 1);
  CHECK(table.find_column("c") == 2);
}

TEST_CASE("a table without columns takes no rows", "[kpi_table]") {
  twin::KpiTable table;
  CHECK_THROWS_AS(table.add_row("ok"), std::logic_error);
}
