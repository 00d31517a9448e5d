// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include <libtwin/report/format.hpp>
#include <libtwin/report/store.hpp>
#include <libtwin/report/wording.hpp>
#include <libtwin/results/store_merge.hpp>

namespace twin {
namespace {

using detail::count_text;
using detail::number_text;
using detail::plural;

// A store with much damage must not fill the screen.
constexpr std::size_t kMostLines = 20;

std::string bytes_text(std::uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1000 && unit < 4; ++unit) size /= 1000;
  return number_text(size, 3) + " " + kUnits[unit];
}

/// Times that are estimates: two digits are more than is known.
std::string about(double seconds) {
  const detail::TimeUnit in = detail::time_unit_for(seconds);
  return number_text(seconds / in.seconds, 2) + " " + std::string(in.name);
}

std::string fault_text(const RowFault& fault) {
  return fmt::format("row {} of round {} (block {}, design {}, replication {}): {} is {:a} in the store, {:a} now\n",
                     fault.origin.row, fault.origin.round, fault.origin.block, fault.origin.design,
                     fault.origin.replication, fault.column, fault.stored, fault.computed);
}

std::string record_text(const RowRecord& record, const VerifyReport& report) {
  const RowOrigin& o = record.origin;
  std::string text = fmt::format("row {}: block {}, design {}, replication {}, seed {}, libtwin {}\n", o.row, o.block,
                                 o.design, o.replication, report.run_seed, report.library_version);
  for (const auto& [name, value] : record.factors) text += fmt::format("  {} = {}\n", name, value);
  for (const auto& [name, value] : record.measures) text += fmt::format("  {}: {}\n", name, value);
  text += fmt::format("  {}; made again: {}\n", record.status, record.is_same ? "the same bits" : "other bits");
  return text;
}

}  // namespace

std::string estimate_report(const StudyEstimate& e) {
  const char* const bound = e.is_least ? "at least " : e.is_most ? "at most " : "";
  std::string text = fmt::format("{}, {}{}, {}\n", plural(e.designs, "design"), bound, plural(e.runs, "run"),
                                 e.engine == "lanes" ? "many at a time in lanes" : "event by event");
  text += fmt::format("{} of processor time a run, from {}\n", about(e.run_cpu_s), plural(e.pilots, "pilot run"));
  text += fmt::format("about {} on {}\n", about(e.wall_s), plural(e.threads, "thread"));
  text +=
      fmt::format("a store takes {}, the first round in {}\n", bytes_text(e.store_bytes), plural(e.blocks, "block"));
  return text;
}

std::string status_report(const StoreStatus& s) {
  std::string text =
      fmt::format("{}: {}, seed {}, libtwin {}, study {}\n", s.path, s.study, s.seed, s.library_version, s.study_hash);
  for (std::size_t k = 0; k < s.rounds.size(); ++k) {
    const StoreStatus::Round& r = s.rounds[k];
    text += fmt::format("round {}: {} of {}, {} of {}, {}", k, count_text(r.done), plural(r.blocks, "block"),
                        count_text(r.rows_done), plural(r.rows, "row"), bytes_text(r.bytes));
    if (r.damaged > 0) text += fmt::format("; {} damaged", count_text(r.damaged));
    text += "\n";
  }
  const std::string command = "twin resume " + detail::shell_word(s.path);
  return text + (s.is_complete() ? "nothing is missing in these rounds; the report: " : "go on: ") + command + "\n";
}

std::string merge_report(const MergeReport& report, const std::string& target) {
  std::string text = fmt::format("{}: {} copied, {} there before, {} missing\n", target, plural(report.copied, "block"),
                                 count_text(report.already_there), count_text(report.missing.size()));
  for (const std::string& name : report.damaged) text += "damaged, left out: " + name + "\n";
  const std::string command = "twin resume " + detail::shell_word(target);
  return text + (report.missing.empty() ? "all are there; the report: " : "go on: ") + command + "\n";
}

std::string verify_report(const VerifyReport& r) {
  std::string text;
  for (const RowRecord& record : r.records) text += record_text(record, r);
  text += fmt::format("{}: {}, {}", r.path, plural(r.blocks, "block"), plural(r.rows, "row"));
  text +=
      r.damaged.empty() ? ", all checksums fit" : fmt::format("; {} more damaged", plural(r.damaged.size(), "block"));
  if (r.missing_blocks > 0) text += fmt::format("; {} missing", count_text(r.missing_blocks));
  text += "\n";
  for (std::size_t k = 0; k < std::min(kMostLines, r.damaged.size()); ++k) text += "damaged: " + r.damaged[k] + "\n";
  if (!r.damaged.empty()) text += "twin resume makes damaged blocks again and keeps their files aside\n";
  if (r.faults.empty()) {
    text += fmt::format("{} made again: the same bits\n", plural(r.simulated, "row"));
  } else {
    text += fmt::format("{} made again: {} differ\n", plural(r.simulated, "row"), plural(r.faults.size(), "number"));
    for (std::size_t k = 0; k < std::min(kMostLines, r.faults.size()); ++k) text += fault_text(r.faults[k]);
  }
  return text;
}

}  // namespace twin
