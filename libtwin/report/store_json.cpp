// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>

#include <nlohmann/json.hpp>

#include <libtwin/report/json_values.hpp>
#include <libtwin/report/store.hpp>
#include <libtwin/results/store_merge.hpp>

namespace twin {
namespace {

using detail::Json;

Json origin(const RowOrigin& o) {
  return {{"round", o.round}, {"row", o.row}, {"block", o.block}, {"design", o.design}, {"replication", o.replication}};
}

}  // namespace

std::string estimate_json(const StudyEstimate& e) {
  return detail::json_text({{"designs", e.designs},
                            {"runs", e.runs},
                            {"is_least", e.is_least},
                            {"is_most", e.is_most},
                            {"engine", e.engine},
                            {"pilots", e.pilots},
                            {"run_cpu_s", e.run_cpu_s},
                            {"threads", e.threads},
                            {"wall_s", e.wall_s},
                            {"store_blocks", e.blocks},
                            {"store_bytes", e.store_bytes}});
}

std::string status_json(const StoreStatus& s) {
  Json rounds = Json::array();
  for (const StoreStatus::Round& r : s.rounds) {
    rounds.push_back({{"blocks", r.blocks},
                      {"done", r.done},
                      {"damaged", r.damaged},
                      {"rows", r.rows},
                      {"rows_done", r.rows_done},
                      {"bytes", r.bytes}});
  }
  return detail::json_text({{"store", s.path},
                            {"study", s.study},
                            {"seed", s.seed},
                            {"library_version", s.library_version},
                            {"study_hash", s.study_hash},
                            {"measures", s.measures},
                            {"is_complete", s.is_complete()},
                            {"rounds", std::move(rounds)}});
}

std::string merge_json(const MergeReport& r) {
  return detail::json_text({{"copied", r.copied},
                            {"already_there", r.already_there},
                            {"damaged", r.damaged},
                            {"missing", r.missing.size()}});
}

std::string verify_json(const VerifyReport& r) {
  Json faults = Json::array();
  for (const RowFault& f : r.faults) {
    Json fault = origin(f.origin);
    fault.update({{"column", f.column},
                  {"stored", detail::json_number(f.stored)},
                  {"computed", detail::json_number(f.computed)}});
    faults.push_back(std::move(fault));
  }
  Json records = Json::array();
  for (const RowRecord& record : r.records) {
    Json row = origin(record.origin);
    row["seed"] = r.run_seed;
    row["library_version"] = r.library_version;
    row["factors"] = Json::object();
    for (const auto& [name, value] : record.factors) row["factors"][name] = value;
    row["measures"] = Json::object();
    for (const auto& [name, value] : record.measures) row["measures"][name] = detail::json_number(value);
    row["status"] = record.status;
    row["is_same"] = record.is_same;
    records.push_back(std::move(row));
  }
  return detail::json_text({{"store", r.path},
                            {"status", r.ok() ? "ok" : "failed"},
                            {"blocks", r.blocks},
                            {"rows", r.rows},
                            {"missing_blocks", r.missing_blocks},
                            {"damaged", r.damaged},
                            {"simulated", r.simulated},
                            {"faults", std::move(faults)},
                            {"records", std::move(records)}});
}

}  // namespace twin
