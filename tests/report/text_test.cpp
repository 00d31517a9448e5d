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
  const Analysis analysis{{}, {{"press", 0.0166666667, 0.0263157895, 0.6333333333}}, 0.0166666667, "", false};
  const std::string text = check_report(samples::factory(), analysis);
  INFO(text);
  CHECK(contains(text, "press-line · 1 source · 2 stations · 1 buffer · 1 sink\n"));
  CHECK(contains(text, "press    █████▏      63.3      94.74          60\n"));
  CHECK(contains(text, "Throughput cannot exceed 60 /h, which the arrivals set.\n"));
}

TEST_CASE("a run report says why its replications ended") {
  const auto report = [](StopReason reason) { return run_report(samples::factory(), samples::stopped_run(reason)); };
  const std::string met = report(StopReason::met);
  CHECK(met.find("after 30 replications, 100 at most: the intervals are as narrow as asked for") != std::string::npos);
  CHECK(met.find("throughput ± 1.35 % (asked for: below 1.5 %)") != std::string::npos);
  CHECK(met.find("lead_time ± 66 s (asked for: below 60 s)") != std::string::npos);
  // 30 (66 / 60)² = 36.3.
  CHECK(report(StopReason::at_most)
            .find("the most allowed, before the intervals were as narrow as asked for; about 37 would do") !=
        std::string::npos);
  CHECK(report(StopReason::failed).find("a replication did not end well") != std::string::npos);
  CHECK(report(StopReason::stopped).find("the work was stopped") != std::string::npos);
  CHECK(run_report(samples::factory(), samples::run()).find("stopped") == std::string::npos);
}

TEST_CASE("a comparison says of every difference whether it is real, and what would tell the others") {
  const std::string text = compare_report(samples::comparison());
  INFO(text);
  CHECK(text.find("2 variants against 'line' · 30 replications each on common random numbers · seed 7") !=
        std::string::npos);
  CHECK(text.find("+1.20 ± 0.30") != std::string::npos);
  CHECK(text.find("< 0.001  larger") != std::string::npos);
  CHECK(text.find("0.310  not told apart; about 2,345 replications would, if it is real") != std::string::npos);
  CHECK(text.find("the same in every replication") != std::string::npos);
  CHECK(text.find("not known: fewer than two pairs of runs") != std::string::npos);
  CHECK(text.find("'fast': 29 of 30 replications did not end well: deadlocked") != std::string::npos);
  CHECK(text.find("1 of 4 differences is real; 2 are not told apart.") != std::string::npos);
  CHECK(text.find("Correlation by common random numbers: 0.5 to 1.") != std::string::npos);
  CHECK(text.find("run for different times") == std::string::npos);
  Comparison other = samples::comparison();
  other.variants[1].horizon_s = 7200;
  other.numbers = RandomNumbers::independent;
  const std::string different = compare_report(other);
  CHECK(different.find("The variants run for different times: 'line' 10 h") != std::string::npos);
  CHECK(different.find("30 replications each, independent · seed 7") != std::string::npos);
  CHECK(different.find("Correlation") == std::string::npos);
}

TEST_CASE("loops are in the reports with their cards") {
  Factory factory = samples::factory();
  factory.loop("cell", {.cards = 8, .from = "press", .to = "weld"});
  RunSummary s = samples::run();
  s.loops.emplace_back("cell", Estimate{6.25, 0.11, 30});
  const std::string text = run_report(factory, s);
  INFO(text);
  CHECK(contains(text, "loop  cards  mean in use"));
  CHECK(contains(text, "cell      8  6.25 ± 0.11"));
  const Analysis analysis{{}, {}, 0.0166666667, "cell", true};
  const std::string check = check_report(factory, analysis);
  INFO(check);
  CHECK(contains(check, "press-line · 1 source · 2 stations · 1 buffer · 1 sink · 1 loop\n"));
  CHECK(contains(check, "Throughput cannot exceed 60 /h, which the cards of 'cell' set.\n"));
}
