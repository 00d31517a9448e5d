// SPDX-License-Identifier: Apache-2.0
//
// bench_store [FOLDER]: a million rows of eight numbers, onto the disk and back, beside plain fwrite of the same bytes and
// beside SQLite with a row an insert. FOLDER should lie on the disk that is meant; the default is the current one.
//
// Wall time, unlike the other benchmarks: waiting for the disk is what is measured. The methods take turns, and the least
// of each counts.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/core.h>

#include <libtwin/core/random.hpp>
#include <libtwin/results/store.hpp>
#include <libtwin/results/store_catalogue.hpp>
#include <libtwin/results/store_export.hpp>

namespace {

constexpr std::uint64_t kRows = 1'000'000;
constexpr std::size_t kColumns = 8;
constexpr int kRepetitions = 3;

struct Table {
  std::vector<double> values;  // (columns × rows of a block), block after block
  std::vector<std::uint8_t> status;
};

twin::StoreManifest manifest_of(std::uint64_t rows_per_block) {
  twin::StoreManifest manifest{
      .study_name = "bench", .engine = "none", .rows = kRows, .rows_per_block = rows_per_block};
  for (std::size_t k = 0; k < kColumns; ++k) manifest.columns.push_back({.name = fmt::format("c{}", k)});
  return manifest;
}

/// Numbers of which no two bytes are alike, as KPIs are.
Table make_table() {
  Table table{.values = std::vector<double>(kRows * kColumns), .status = std::vector<std::uint8_t>(kRows)};
  twin::Stream random(1, 2);
  for (double& value : table.values) value = static_cast<double>(random() >> 11) * 1e-13;
  return table;
}

template <class Work>
double seconds(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void write_store(const std::string& path, const Table& table, std::uint64_t rows_per_block) {
  twin::BlockStore store = twin::BlockStore::create(path, manifest_of(rows_per_block));
  for (std::uint32_t block = 0; block < store.block_count(); ++block) {
    const std::uint64_t first = store.first_row(block);
    store.write_block(block, std::span(table.values).subspan(first * kColumns, rows_per_block * kColumns),
                      std::span(table.status).subspan(first, rows_per_block));
  }
}

void write_plainly(const std::string& path, const Table& table, std::uint64_t rows_per_sync) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) throw std::runtime_error("cannot write " + path);
  std::size_t written = 0;
  for (std::uint64_t row = 0; row < kRows; row += rows_per_sync) {
    written += std::fwrite(table.values.data() + row * kColumns, sizeof(double), rows_per_sync * kColumns, file);
    written += std::fwrite(table.status.data() + row, 1, rows_per_sync, file);
    if (rows_per_sync < kRows && (std::fflush(file) != 0 || ::fdatasync(::fileno(file)) != 0)) written = 0;
  }
  if (std::fclose(file) != 0 || written != kRows * (kColumns + 1)) throw std::runtime_error("cannot write " + path);
}

void check(int result, int wanted = SQLITE_OK) {
  if (result != wanted) throw std::runtime_error(sqlite3_errstr(result));
}

void insert_rows(const std::string& path, const Table& table) {
  sqlite3* database = nullptr;
  sqlite3_stmt* insert = nullptr;
  const auto run = [&](const char* sql) { check(sqlite3_exec(database, sql, nullptr, nullptr, nullptr)); };
  check(sqlite3_open(path.c_str(), &database));
  run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
      "CREATE TABLE rows (row INTEGER PRIMARY KEY, a REAL, b REAL, c REAL, d REAL, e REAL, f REAL, g REAL, h REAL, "
      "status)");
  check(sqlite3_prepare_v2(database, "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", -1, &insert, nullptr));
  for (std::uint64_t row = 0; row < kRows; ++row) {
    if (row % 10'000 == 0) run("BEGIN");
    sqlite3_bind_int64(insert, 1, static_cast<sqlite3_int64>(row));
    for (int k = 0; k < static_cast<int>(kColumns); ++k) {
      sqlite3_bind_double(insert, 2 + k, table.values[row * kColumns + static_cast<std::size_t>(k)]);
    }
    sqlite3_bind_int(insert, 10, table.status[row]);
    check(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_reset(insert);
    if (row % 10'000 == 9'999) run("COMMIT");
  }
  sqlite3_finalize(insert);
  check(sqlite3_close(database));
}

void print_reading(const std::string& store_path, const std::string& folder) {
  twin::BlockStore store = twin::BlockStore::open(store_path);
  const double opening = seconds([&] { store = twin::BlockStore::open(store_path); });
  const double checking = seconds([&] { (void)store.check(); });
  const double npy = seconds([&] { twin::export_npy(store, folder + "/bench.npy"); });
  const double csv = seconds([&] { twin::export_csv(store, folder + "/bench.csv"); });
  const double sqlite = seconds([&] { twin::export_sqlite(store, folder + "/bench-export.sqlite"); });
  const double catalogue = seconds([&] { twin::rebuild_catalogue(store); });
  fmt::print(
      "store     open {:.4f} s, check {:.3f} s; export: NPY {:.2f} s, CSV {:.2f} s, SQLite {:.2f} s; catalogue {:.2f} "
      "s\n",
      opening, checking, npy, csv, sqlite, catalogue);
}

}  // namespace

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::string name = std::string(argc > 1 ? argv[1] : ".") + "/twin-bench-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    std::perror(name.c_str());
    return 1;
  }
  const Table table = make_table();
  constexpr double kNever = std::numeric_limits<double>::infinity();
  double by_10k = kNever, by_100k = kNever, plain = kNever, synced = kNever, rows = kNever;
  for (int k = 0; k < kRepetitions; ++k) {
    fs::remove_all(name);
    fs::create_directory(name);
    plain = std::min(plain, seconds([&] { write_plainly(name + "/plain", table, kRows); }));
    by_10k = std::min(by_10k, seconds([&] { write_store(name + "/10k.twin", table, 10'000); }));
    synced = std::min(synced, seconds([&] { write_plainly(name + "/synced", table, 10'000); }));
    by_100k = std::min(by_100k, seconds([&] { write_store(name + "/100k.twin", table, 100'000); }));
    rows = std::min(rows, seconds([&] { insert_rows(name + "/rows.sqlite", table); }));
  }
  fmt::print("store     {} rows x {} columns, durable: {:.2f} s in blocks of 10,000, {:.2f} s of 100,000\n", kRows,
             kColumns, by_10k, by_100k);
  fmt::print(
      "store     blocks of 10,000 take x{:.2f} of fwrite with fdatasync as often ({:.2f} s), x{:.1f} of fwrite that "
      "syncs nothing ({:.2f} s)\n",
      by_10k / synced, synced, by_10k / plain, plain);
  fmt::print("store     SQLite, a row an insert, 10,000 a transaction (WAL, NORMAL): {:.2f} s = x{:.1f} of the store\n",
             rows, rows / by_10k);
  print_reading(name + "/10k.twin", name);
  fs::remove_all(name);
  return 0;
}
