// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include <libtwin/experiment/tables.hpp>
#include <libtwin/results/csv.hpp>
#include <tests/experiment/lines.hpp>
#include <tests/support/catch.hpp>

TEST_CASE("replications become rows with rates per hour", "[tables]") {
  twin::RunSettings settings;
  settings.horizon_s = 3600;
  settings.replications = 3;
  const twin::RunSummary summary = twin::replicate(twin::compile(twin::test::single_server(0.5)), settings);
  const twin::KpiTable table = twin::to_table(summary);
  REQUIRE(table.row_count() == 3);
  CHECK(table.columns.size() == summary.columns.size() + 1);
  const std::size_t column = table.find_column("throughput_per_h");
  REQUIRE(column < table.columns.size());
  CHECK(table.at(2, column) == Approx(table.at(2, table.find_column("good"))));
  CHECK(table.at(2, 0) == 2);
  CHECK(table.find_column("lead_time_s") < table.columns.size());
  CHECK(table.find_column("queue.wait_s") < table.columns.size());
  CHECK(table.find_column("server.busy") < table.columns.size());
  CHECK(table.status == std::vector<std::string>(3, "ok"));
}

TEST_CASE("scenarios become rows of factors, means, half-widths and a status", "[tables]") {
  twin::StudyResult result;
  result.design.factors = {"r", "buffer.b.order"};
  result.design.values = {1, 0, 2, 1, 3, 0, 4, 0};
  result.design.texts = {{}, {"fifo", "lifo"}};
  result.measures = {"throughput", "lead"};
  result.dimensions = {twin::KpiDimension::rate, twin::KpiDimension::time};
  const std::vector<twin::Estimate> good{{.mean = 0.5, .half_width = 0.25, .n = 2},
                                         {.mean = 7, .half_width = 1, .n = 2}};
  result.rows.resize(4);
  result.rows[0] = {.n = 2, .measures = good};
  result.rows[1] = {.n = 2, .measures = good, .is_feasible = false};
  result.rows[2] = {.n = 1, .failed = 1, .status = twin::RunStatus::deadlocked, .measures = good};
  result.rows[3].measures.resize(2);
  CHECK(twin::to_csv(twin::to_table(result)) ==
        "r,buffer.b.order,n,throughput_per_h,throughput_half_width_per_h,lead_s,lead_half_width_s,status\n"
        "1,fifo,2,1800,900,7,1,ok\n"
        "2,lifo,2,1800,900,7,1,infeasible\n"
        "3,fifo,1,1800,900,7,1,deadlocked\n"
        "4,fifo,0,,,,,stopped\n");
}
