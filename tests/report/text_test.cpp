// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <sstream>
#include <string>

#include <tests/report/samples.hpp>
#include <tests/support/catch.hpp>

#include <libtwin/report/format.hpp>
#include <libtwin/report/text.hpp>

using namespace twin;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t widest_line(const std::string& text) {
  std::istringstream in(text);
  std::size_t width = 0;
  for (std::string line; std::getline(in, line);) width = std::max(width, detail::width_of(line));
  return width;
}

}  // namespace

TEST_CASE("the report of a run says what was run, how long it took, and the three KPIs with intervals") {
  const std::string text = run_report(samples::factory(), samples::run(), {.threads = 2, .known = {}, .file = ""});
  INFO(text);
  CHECK(contains(text, "press-line · 30 replications × 8 weeks (warm-up 2 days) · seed 42 · event engine\n"));
  CHECK(contains(text, "1.9 s on 2 threads (3.7 s of processor time) · 22.1 M operations/s\n"));
  CHECK(contains(text, "throughput   61.40 ± 0.83 /h\n"));
  CHECK(contains(text, "lead time    27.3 ± 1.1 min; 95 % of parts within 58 min\n"));
  CHECK(contains(text, "WIP          28.10 ± 0.92 parts\n"));
  CHECK(widest_line(text) <= 110);
}

TEST_CASE("the report of a run has a row for each station and buffer") {
  const std::string text = run_report(samples::factory(), samples::run());
  INFO(text);
  CHECK(contains(text, "weld     ██████▏   76.0 ±0.2  15.0 ±0.2"));
  CHECK(contains(text, "81,234 ± 120"));
  CHECK(contains(text, "b1            20  9.10 ± 0.42"));
  CHECK_FALSE(contains(text, "setup %"));
  CHECK_FALSE(contains(text, "waits for crew"));
}

TEST_CASE("the report names the station that is kept waiting least") {
  CHECK(contains(run_report(samples::factory(), samples::run()),
                 "bottleneck   probably 'weld', the least kept waiting: busy 76.0 ±0.2 %, down 9.0 ±0.4 %\n"));
}

TEST_CASE("the report names no bottleneck when two stations are equally occupied") {
  RunSummary s = samples::run();
  s.stations[0].shares[0] = {0.85, 0.004, 30};
  CHECK(contains(run_report(samples::factory(), s), "bottleneck   none stands out: 'press' is as occupied as 'weld'"));
}

TEST_CASE("the report says which rules hold") {
  const std::string text = run_report(samples::factory(), samples::run());
  INFO(text);
  std::string flat = text;
  std::replace(flat.begin(), flat.end(), '\n', ' ');
  CHECK(contains(flat, "± is the 95 % interval of Student's t over 30 replications."));
  CHECK(contains(
      flat, "Blocking after service; a buffer's capacity counts its waiting places; machines age by working time;"));
}

TEST_CASE("the report of a run that failed says how many, how and where") {
  RunSummary s = samples::run();
  s.status = RunStatus::deadlocked;
  s.failed = 3;
  s.failed_at = "weld";
  s.failed_time_s = 7200;
  CHECK(contains(run_report(samples::factory(), s), "3 of 30 replications did not end well: deadlocked"));
  CHECK(contains(run_report(samples::factory(), s), "the first at 'weld' after 2 h"));
}

TEST_CASE("a known answer stands beside ours with the difference in standard errors") {
  ReportOptions options;
  // Student's t for 29 degrees of freedom at 97.5 % is 2.0452, so the standard error is 0.83 / 2.0452 = 0.4058.
  options.known.push_back({"throughput", 61.0 / 3600, {61.4 / 3600, 0.83 / 3600, 30}, KpiDimension::rate, "a book", 0});
  const std::string text = run_report(samples::factory(), samples::run(), options);
  INFO(text);
  CHECK(contains(text, "throughput       61  61.40 ± 0.83  /h    +0.656 %            +0.99\n"));
  CHECK(contains(text, "source: a book"));
}

TEST_CASE("standard errors apart need an interval") {
  CHECK(standard_errors_apart({61.4, 0.83, 30}, 61.0) == Approx(0.4 / (0.83 / 2.045229642)));
  CHECK(std::isnan(standard_errors_apart({61.4, samples::kNaN, 1}, 61.0)));
  CHECK(standard_errors_apart({61.0, 0, 5}, 61.0) == 0);
}

TEST_CASE("the report of a study ranks designs with their factors, intervals and feasibility") {
  const std::string text = study_report(samples::study());
  INFO(text);
  CHECK(contains(text, "speeds · 3 scenarios · 80 runs · seed 7 · event engine\n"));
  CHECK(contains(text, "     1   6      lifo  5.7761 ± 0.0029  12.00 ± 0.20  64  ✓\n"));
  CHECK(contains(text, "     3   7      fifo"));
  CHECK(contains(text, "8  ✗\n"));
  CHECK(contains(text, "Best: r1 = 6, buffer.b1.order = lifo, throughput 5.7761 ± 0.0029 /h\n"));
  CHECK(contains(text, "No other design's interval reaches the best one's.\n"));
}

TEST_CASE("the report of a study says when the best is not settled") {
  StudyResult r = samples::study();
  r.rows[0].measures[0].half_width = 0.4 / 3600;
  CHECK(contains(
      study_report(r),
      "The intervals of 1 other design overlap with the best one's: the ranking among them is not settled.\n"));
}

TEST_CASE("the report of a selection says how it was made and what it promises") {
  StudyResult r = samples::study();
  r.selection = samples::selection();
  const std::string text = study_report(r);
  INFO(text);
  CHECK(contains(text,
                 "Chosen by KN from 3 designs with 80 runs in 4 rounds; 1 other was not screened out.\n"
                 "Promise: the best design, nearly always.\n"
                 "It holds when all is well.\n"));
  CHECK_FALSE(contains(text, "interval reaches"));
}

TEST_CASE("the report of a study that was stopped says so, and lists no scenario without a result") {
  StudyResult r = samples::study();
  r.is_complete = false;
  r.rows[2] = {};
  const std::string text = study_report(r);
  INFO(text);
  CHECK(contains(text, "Stopped early: 1 of 3 scenarios have no result."));
  CHECK_FALSE(contains(text, "     3  "));
}

TEST_CASE("colours are only there when asked for") {
  CHECK_FALSE(contains(run_report(samples::factory(), samples::run()), "\033["));
  CHECK(contains(run_report(samples::factory(), samples::run(), {.has_colour = true, .known = {}, .file = ""}),
                 "\033[1mpress-line\033[0m"));
}

TEST_CASE("the report of a check has a load for each station and the bound") {
  const Analysis analysis{{}, {{"press", 0.0166666667, 0.0263157895, 0.6333333333}}, 0.0166666667, ""};
  const std::string text = check_report(samples::factory(), analysis);
  INFO(text);
  CHECK(contains(text, "press-line · 1 source · 2 stations · 1 buffer · 1 sink\n"));
  CHECK(contains(text, "press    █████▏      63.3      94.74          60\n"));
  CHECK(contains(text, "Throughput cannot exceed 60 /h, which the arrivals set.\n"));
}
