// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/store_catalogue.hpp>

#include <cmath>
#include <limits>
#include <span>

#include <nlohmann/json.hpp>

#include <libtwin/results/sqlite_file.hpp>
#include <libtwin/results/store_folder.hpp>
#include <libtwin/stats/tally.hpp>

namespace twin {
namespace {

using detail::SqliteFile;
using detail::SqliteStatement;

constexpr const char* kTables = R"(
CREATE TABLE manifest (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE columns (position INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL);
CREATE TABLE blocks (id INTEGER PRIMARY KEY, first_row INTEGER NOT NULL, rows INTEGER NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE block_columns (
  block INTEGER NOT NULL REFERENCES blocks, position INTEGER NOT NULL REFERENCES columns,
  min REAL, mean REAL, max REAL, nan_count INTEGER NOT NULL, PRIMARY KEY (block, position)) WITHOUT ROWID;
)";

/// The fields as in manifest.json: texts as they are, all else as JSON.
void insert_manifest(SqliteFile& file, const StoreManifest& manifest) {
  SqliteStatement field(file, "INSERT INTO manifest VALUES (?, ?)");
  const auto json = nlohmann::ordered_json::parse(to_json(manifest));
  for (const auto& item : json.items()) {
    const std::string& name = item.key();
    const std::string value = item.value().is_string() ? item.value().get<std::string>() : item.value().dump();
    field.set(1, std::string_view(name)).set(2, std::string_view(value)).run();
  }
  SqliteStatement column(file, "INSERT INTO columns VALUES (?, ?, ?)");
  for (std::size_t k = 0; k < manifest.columns.size(); ++k) {
    column.set(1, std::uint64_t{k}).set(2, std::string_view(manifest.columns[k].name));
    column.set(3, std::string_view(manifest.columns[k].unit)).run();
  }
}

struct Summary {
  Tally tally;
  std::uint64_t nan_count = 0;
};

Summary summarize(std::span<const double> values) {
  Summary summary;
  for (const double value : values) {
    if (std::isnan(value)) {
      ++summary.nan_count;
    } else {
      summary.tally.add(value);
    }
  }
  return summary;
}

void insert_summary(SqliteStatement& insert, std::uint64_t block, std::uint64_t position, const Summary& summary) {
  const bool is_empty = summary.tally.count() == 0;
  constexpr double kNull = std::numeric_limits<double>::quiet_NaN();
  insert.set(1, block).set(2, position).set(3, is_empty ? kNull : summary.tally.min());
  insert.set(4, summary.tally.mean()).set(5, is_empty ? kNull : summary.tally.max()).set(6, summary.nan_count).run();
}

std::uint64_t insert_blocks(SqliteFile& file, const BlockStore& store) {
  SqliteStatement insert(file, "INSERT INTO blocks VALUES (?, ?, ?, ?)");
  SqliteStatement insert_column(file, "INSERT INTO block_columns VALUES (?, ?, ?, ?, ?, ?)");
  std::uint64_t count = 0;
  for (std::uint32_t id = 0; id < store.block_count(); ++id) {
    if (store.state_of(id) != BlockState::done) continue;
    const Block block = store.read_block(id);
    const std::uint64_t rows = block.row_count();
    insert.set(1, std::uint64_t{id}).set(2, block.first_row).set(3, rows).set(4, std::uint64_t{block.checksum}).run();
    for (std::size_t column = 0; column < store.manifest().columns.size(); ++column) {
      insert_summary(insert_column, id, column, summarize(std::span(block.values).subspan(column * rows, rows)));
    }
    ++count;
  }
  return count;
}

}  // namespace

std::string catalogue_path(const BlockStore& store) { return store.path() + "/" + detail::kCatalogueName; }

std::uint64_t rebuild_catalogue(const BlockStore& store) {
  SqliteFile file(catalogue_path(store));
  file.run(kTables);
  file.run("BEGIN");
  insert_manifest(file, store.manifest());
  const std::uint64_t count = insert_blocks(file, store);
  file.run("COMMIT");
  file.commit();
  return count;
}

}  // namespace twin
