// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/tables.hpp>

#include <libtwin/core/states.hpp>

namespace twin {
namespace {

/// How numbers of a dimension are shown: `scale` of them is one in SI units.
struct Shown {
  const char* suffix;
  const char* unit;
  double scale;
};

Shown shown(KpiDimension dimension) {
  switch (dimension) {
    case KpiDimension::rate:
      return {"_per_h", "/h", 3600};
    case KpiDimension::time:
      return {"_s", "s", 1};
    case KpiDimension::parts:
      return {"", "parts", 1};
    case KpiDimension::share:
    case KpiDimension::number:
      return {"", "", 1};
  }
  return {"", "", 1};
}

TableColumn column(const std::string& name, KpiDimension dimension) {
  const Shown as = shown(dimension);
  return {.name = name + as.suffix, .unit = as.unit};
}

std::string_view word_of(RunStatus status) { return enum_names(RunStatus{})[static_cast<std::size_t>(status)]; }

std::string_view word_of(const StudyRow& row) {
  if (row.failed > 0) return word_of(row.status);
  if (row.n == 0) return word_of(RunStatus::stopped);
  return row.is_feasible ? word_of(RunStatus::ok) : "infeasible";
}

}  // namespace

KpiTable to_table(const RunSummary& summary) {
  KpiTable table;
  const std::size_t width = summary.columns.size();
  table.columns.push_back({.name = "replication"});
  for (std::size_t i = 0; i < width; ++i) table.columns.push_back(column(summary.columns[i], summary.dimensions[i]));
  for (std::size_t r = 0; r < summary.statuses.size(); ++r) {
    double* cell = table.add_row(word_of(summary.statuses[r]));
    *cell++ = static_cast<double>(r);
    for (std::size_t i = 0; i < width; ++i) *cell++ = summary.rows[r * width + i] * shown(summary.dimensions[i]).scale;
  }
  return table;
}

KpiTable to_table(const StudyResult& result) {
  KpiTable table;
  const DesignTable& design = result.design;
  for (std::size_t i = 0; i < design.factors.size(); ++i) {
    table.columns.push_back({.name = design.factors[i], .texts = design.texts[i]});
  }
  table.columns.push_back({.name = "n", .unit = "runs"});
  for (std::size_t m = 0; m < result.measures.size(); ++m) {
    table.columns.push_back(column(result.measures[m], result.dimensions[m]));
    table.columns.push_back(column(result.measures[m] + "_half_width", result.dimensions[m]));
  }
  for (std::size_t s = 0; s < result.rows.size(); ++s) {
    const StudyRow& row = result.rows[s];
    double* cell = table.add_row(word_of(row));
    for (std::size_t i = 0; i < design.factors.size(); ++i) *cell++ = design.values[s * design.factors.size() + i];
    *cell++ = static_cast<double>(row.n);
    for (std::size_t m = 0; m < row.measures.size(); ++m) {
      const double scale = shown(result.dimensions[m]).scale;
      *cell++ = row.measures[m].mean * scale;
      *cell++ = row.measures[m].half_width * scale;
    }
  }
  return table;
}

}  // namespace twin
