// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/round_table.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include <libtwin/core/random.hpp>
#include <libtwin/core/version.hpp>

namespace twin::detail {
namespace {

// Blocks large enough that writing costs nothing beside computing, and many enough to share a study among machines.
constexpr std::uint64_t kWantedBlocks = 128;
constexpr std::uint64_t kFewestRows = 16;
constexpr std::uint64_t kMostRows = 8192;

std::uint64_t rows_per_block(std::uint64_t rows) { return std::clamp(rows / kWantedBlocks, kFewestRows, kMostRows); }

constexpr const char* kAnyName = "study";
constexpr const char* kDesignColumn = "design";
constexpr const char* kReplicationColumn = "replication";

class Fingerprint {
 public:
  void add(std::uint64_t word) { hash_ = mix(hash_ ^ word) + kGolden; }
  void add(const std::string& text) {
    add(text.size());
    add(name_key(text));
  }
  [[nodiscard]] std::string text() const { return fmt::format("{:016x}", hash_); }

 private:
  std::uint64_t hash_ = 0;
};

std::string fingerprint_of(const DesignTable& design) {
  Fingerprint print;
  for (const std::string& factor : design.factors) print.add(factor);
  for (const std::vector<std::string>& texts : design.texts) {
    print.add(texts.size());
    for (const std::string& text : texts) print.add(text);
  }
  for (const double value : design.values) print.add(std::bit_cast<std::uint64_t>(value));
  return print.text();
}

std::string fingerprint_of(std::span<const Runs> requests) {
  Fingerprint print;
  for (const Runs& r : requests) {
    print.add(r.design);
    print.add(std::uint64_t{r.first} << 32U | r.count);
  }
  return print.text();
}

/// Rules of the user's program go by the names they have in the model; what they do is the user's word.
std::string names_of_rules(const CompileOptions& code) {
  std::string names;
  const auto add = [&](const auto& rules) {
    for (const auto& [name, rule] : rules) names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", name);
  };
  add(code.process_times);
  add(code.routing);
  add(code.dispatch);
  add(code.behaviours);
  return names;
}

/// Exports add columns of their own, and so does the store.
std::string column_name(const std::string& measure) {
  const bool is_taken =
      measure == "row" || measure == "status" || measure == kDesignColumn || measure == kReplicationColumn;
  return is_taken ? measure + "_measure" : measure;
}

/// The scenario as it decides results, whatever file it was read from.
std::string canonical_text(Scenario scenario) {
  scenario.study->model.clear();
  scenario.study->name = kAnyName;  // follows from the file's name
  if (scenario.study->method == DesignMethod::file) scenario.study->file = kDesignFile;
  return write_json(scenario);
}

const char* unit_of(KpiDimension dimension) {
  return dimension == KpiDimension::rate ? "/s" : dimension == KpiDimension::time ? "s" : "";
}

}  // namespace

StoreManifest round_manifest(const RoundSource& source, std::uint32_t round, std::span<const Runs> requests) {
  StoreManifest manifest;
  const Study& study = *source.scenario.study;
  manifest.study_name = study.name;
  manifest.library_version = library_version();
  manifest.engine = "events or lanes";  // with the same bits
  manifest.seed = source.scenario.factory.run.seed;
  manifest.replications = static_cast<std::uint64_t>(study.replications);
  manifest.rows = count_runs(requests);
  manifest.rows_per_block = rows_per_block(manifest.rows);
  manifest.columns = {{.name = kDesignColumn}, {.name = kReplicationColumn}};
  for (std::size_t m = 0; m < source.plan.names.size(); ++m) {
    manifest.columns.push_back({.name = column_name(source.plan.names[m]), .unit = unit_of(source.plan.dimensions[m])});
  }
  for (const std::string_view word : enum_names(RunStatus{})) manifest.statuses.emplace_back(word);
  manifest.factors = source.design.factors;
  manifest.model = canonical_text(source.scenario);
  manifest.study = fmt::format(R"({{"design": "{}", "event_limit": {}, "requests": "{}", "round": {}, "rules": [{}]}})",
                               fingerprint_of(source.design), source.event_limit, fingerprint_of(requests), round,
                               names_of_rules(source.code));
  return manifest;
}

std::string round_path(const std::string& store, std::uint32_t round) {
  return round == 0 ? store : fmt::format("{}/round-{}", store, round);
}

RoundRequests::RoundRequests(std::vector<Runs> requests) : requests_(std::move(requests)) {
  starts_.reserve(requests_.size() + 1);
  starts_.push_back(0);
  for (const Runs& r : requests_) starts_.push_back(starts_.back() + r.count);
}

std::vector<Runs> RoundRequests::slice(std::uint64_t first, std::uint64_t count) const {
  std::vector<Runs> slice;
  auto at = static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), first) - starts_.begin()) - 1;
  for (std::uint64_t row = first; row < first + count; ++at) {
    const Runs& r = requests_[at];
    const auto skipped = static_cast<std::uint32_t>(row - starts_[at]);
    const auto taken = static_cast<std::uint32_t>(std::min<std::uint64_t>(r.count - skipped, first + count - row));
    if (taken > 0) slice.push_back({r.design, r.first + skipped, taken});
    row += taken;
  }
  return slice;
}

void write_rows(BlockStore& store, std::uint32_t block, std::span<const Runs> requests, const RunRows& rows,
                std::size_t offset) {
  const std::size_t count = store.rows_in(block);
  const std::size_t width = store.manifest().columns.size() - kOriginColumns;
  std::vector<double> columns(count * (width + kOriginColumns));
  std::size_t row = 0;
  for (const Runs& r : requests) {
    for (std::uint32_t k = 0; k < r.count; ++k, ++row) {
      columns[row] = r.design;
      columns[count + row] = r.first + k;
    }
  }
  std::vector<std::uint8_t> statuses(count);
  for (row = 0; row < count; ++row) {
    const double* cells = &rows.cells[(offset + row) * width];
    for (std::size_t m = 0; m < width; ++m) columns[(kOriginColumns + m) * count + row] = cells[m];
    statuses[row] = static_cast<std::uint8_t>(rows.statuses[offset + row]);
  }
  store.write_block(block, columns, statuses);
}

void read_rows(const Block& block, std::size_t width, RunRows& rows, std::size_t offset) {
  for (std::size_t row = 0; row < block.row_count(); ++row) {
    double* cells = &rows.cells[(offset + row) * width];
    for (std::size_t m = 0; m < width; ++m) cells[m] = block.at(row, kOriginColumns + m);
    rows.statuses[offset + row] = static_cast<RunStatus>(block.status[row]);
  }
}

}  // namespace twin::detail
