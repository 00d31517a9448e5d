// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/export_rows.hpp>
#include <libtwin/results/sqlite_file.hpp>

namespace twin {
namespace {

using detail::SqliteFile;
using detail::SqliteStatement;

void make_tables(SqliteFile& file, const StoreManifest& manifest) {
  file.run("CREATE TABLE columns (position INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL)");
  SqliteStatement insert(file, "INSERT INTO columns VALUES (?, ?, ?)");
  std::string columns = "row INTEGER PRIMARY KEY";
  for (std::size_t k = 0; k < manifest.columns.size(); ++k) {
    const TableColumn& column = manifest.columns[k];
    insert.set(1, std::uint64_t{k}).set(2, std::string_view(column.name)).set(3, std::string_view(column.unit)).run();
    columns += ", " + detail::sql_name(column.name) + (column.texts.empty() ? " REAL" : " TEXT");
  }
  file.run("CREATE TABLE rows (" + columns + ", status " + (manifest.statuses.empty() ? "INTEGER" : "TEXT") +
           " NOT NULL)");
}

std::string insert_of(const StoreManifest& manifest) {
  std::string sql = "INSERT INTO rows VALUES (?";
  for (std::size_t k = 0; k <= manifest.columns.size(); ++k) sql += ", ?";
  return sql + ")";
}

void set_cell(SqliteStatement& insert, int parameter, const TableColumn& column, double value) {
  if (column.texts.empty()) {
    insert.set(parameter, value);
  } else if (value >= 0 && value < static_cast<double>(column.texts.size())) {
    insert.set(parameter, std::string_view(column.texts[static_cast<std::size_t>(value)]));
  } else {
    insert.set_null(parameter);
  }
}

void insert_block(SqliteStatement& insert, const StoreManifest& manifest, const Block& block) {
  for (std::size_t row = 0; row < block.row_count(); ++row) {
    insert.set(1, block.first_row + row);
    int parameter = 2;
    for (std::size_t column = 0; column < manifest.columns.size(); ++column) {
      set_cell(insert, parameter++, manifest.columns[column], block.at(row, column));
    }
    const std::string status = detail::status_text(manifest, block.status[row]);
    insert.set(parameter, std::string_view(status));  // SQLite turns digits into a number where the column is one.
    insert.run();
  }
}

}  // namespace

std::uint64_t export_sqlite(const BlockStore& store, const std::string& path, MissingRows missing) {
  detail::refuse_missing(store, path, missing);
  SqliteFile file(path);
  make_tables(file, store.manifest());
  std::uint64_t rows = 0;
  {
    SqliteStatement insert(file, insert_of(store.manifest()));
    for (std::uint32_t id = 0; id < store.block_count(); ++id) {
      if (store.state_of(id) != BlockState::done) continue;
      const Block block = store.read_block(id);
      file.run("BEGIN");
      insert_block(insert, store.manifest(), block);
      file.run("COMMIT");
      rows += block.row_count();
    }
  }
  file.commit();
  return rows;
}

}  // namespace twin
