// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>
#include <sys/stat.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include <libtwin/results/csv.hpp>
#include <libtwin/results/store_catalogue.hpp>
#include <libtwin/results/store_export.hpp>
#include <tests/results/folder.hpp>
#include <tests/results/stores.hpp>
#include <tests/support/catch.hpp>

using twin::BlockStore;
using twin::MissingRows;
using twin::StoreManifest;
using twin::test::content;
using twin::test::error_of;
using twin::test::Folder;
using twin::test::full_store;
using twin::test::overwrite;
using twin::test::small_manifest;
using twin::test::value_at;

namespace {

/// Cells separated by `|`, rows by `;`; NULL is `-`.
std::string query(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  std::string answer;
  const auto add_row = [](void* text, int count, char** cells, char**) {
    auto& all = *static_cast<std::string*>(text);
    if (!all.empty()) all += ";";
    for (int k = 0; k < count; ++k) all += (k > 0 ? "|" : "") + std::string(cells[k] == nullptr ? "-" : cells[k]);
    return 0;
  };
  CHECK(sqlite3_exec(database, sql.c_str(), add_row, &answer, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  return answer;
}

/// The numbers of a column, as they are.
std::vector<double> numbers(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  std::vector<double> all;
  while (sqlite3_step(statement) == SQLITE_ROW) all.push_back(sqlite3_column_double(statement, 0));
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return all;
}

struct Npy {
  std::string dictionary;
  std::vector<double> values;
};

Npy read_npy(const std::string& path) {
  const std::string bytes = content(path);
  REQUIRE(bytes.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t length = static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
  REQUIRE((10 + length) % 64 == 0);
  Npy npy{bytes.substr(10, length), std::vector<double>((bytes.size() - 10 - length) / 8)};
  REQUIRE(npy.dictionary.back() == '\n');
  std::memcpy(npy.values.data(), bytes.data() + 10 + length, npy.values.size() * 8);
  return npy;
}

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b)); }

}  // namespace

TEST_CASE("CSV has a line for each row, with numbers that read back exactly", "[store_export]") {
  const Folder folder;
  const BlockStore store = full_store(folder.file("s.twin"));
  CHECK(twin::export_csv(store, folder.file("s.csv")) == 25);
  std::istringstream in(content(folder.file("s.csv")));
  std::string line;
  std::getline(in, line);
  CHECK(line == "row,throughput_per_h,order,lead_time_s,status");
  for (std::uint64_t row = 0; row < 25; ++row) {
    REQUIRE(std::getline(in, line));
    CHECK(line == std::to_string(row) + "," + twin::csv_cell(value_at(row, 0)) + "," +
                      (row % 2 == 0 ? "fifo" : "\"by, date\"") + "," + twin::csv_cell(value_at(row, 2)) + "," +
                      (row == 3 ? "deadlocked" : "ok"));
  }
  CHECK_FALSE(std::getline(in, line));
  CHECK(folder.names() == std::vector<std::string>{"s.csv", "s.twin"});
}

TEST_CASE("NPY has a header that NumPy's document describes, and the rows one after the other", "[store_export]") {
  const Folder folder;
  const BlockStore store = full_store(folder.file("s.twin"));
  CHECK(twin::export_npy(store, folder.file("s.npy")) == 25);
  const Npy npy = read_npy(folder.file("s.npy"));
  CHECK(npy.dictionary.starts_with("{'descr': '<f8', 'fortran_order': False, 'shape': (25, 3), }"));
  REQUIRE(npy.values.size() == 75);
  for (std::size_t k = 0; k < 75; ++k) CHECK(same_bits(npy.values[k], value_at(k / 3, k % 3)));
}

TEST_CASE("NumPy itself reads the NPY", "[store_export]") {
  if (std::system("/usr/bin/python3 -c 'import numpy' 2>/dev/null") != 0) {
    WARN("skipped: /usr/bin/python3 has no numpy");
    return;
  }
  const Folder folder;
  twin::export_npy(full_store(folder.file("s.twin")), folder.file("s.npy"));
  const std::string script =
      "import numpy, sys; a = numpy.load(sys.argv[1]); "
      "sys.exit(not (a.shape == (25, 3) and a.dtype == float and a[8, 0] == 1.0 and a[9, 1] == 1 "
      "and numpy.isnan(a[3, 2]) and numpy.isinf(a[4, 2])))";
  CHECK(std::system(("/usr/bin/python3 -c '" + script + "' " + folder.file("s.npy")).c_str()) == 0);
}

TEST_CASE("SQLite has the rows and the columns", "[store_export]") {
  const Folder folder;
  const BlockStore store = full_store(folder.file("s.twin"));
  const std::string path = folder.file("s.sqlite");
  CHECK(twin::export_sqlite(store, path) == 25);
  CHECK(query(path, "PRAGMA integrity_check") == "ok");
  CHECK(query(path, "SELECT count(*), min(row), max(row) FROM rows") == "25|0|24");
  CHECK(query(path, "SELECT * FROM columns") == "0|throughput_per_h|/h;1|order|;2|lead_time_s|s");
  CHECK(query(path, "SELECT \"order\", lead_time_s, status FROM rows WHERE row IN (3, 4)") ==
        "by, date|-|deadlocked;fifo|Inf|ok");
  const std::vector<double> values = numbers(path, "SELECT throughput_per_h FROM rows ORDER BY row");
  REQUIRE(values.size() == 25);
  for (std::size_t row = 0; row < 25; ++row) CHECK(values[row] == value_at(row, 0));
  CHECK(folder.names() == std::vector<std::string>{"s.sqlite", "s.twin"});
}

TEST_CASE("without words for them, statuses are numbers", "[store_export]") {
  const Folder folder;
  StoreManifest manifest = small_manifest();
  manifest.statuses.clear();
  manifest.columns[0].name = "a \"quoted\" name, with comma";
  const BlockStore store = full_store(folder.file("s.twin"), manifest);
  twin::export_csv(store, folder.file("s.csv"));
  CHECK(content(folder.file("s.csv")).starts_with("row,\"a \"\"quoted\"\" name, with comma\",order,"));
  CHECK(content(folder.file("s.csv")).find("\n3,0.6666666666666666,\"by, date\",,1\n") != std::string::npos);
  twin::export_sqlite(store, folder.file("s.sqlite"));
  CHECK(query(folder.file("s.sqlite"), "SELECT sum(status), typeof(status) FROM rows") == "1|integer");
  CHECK(query(folder.file("s.sqlite"), "SELECT count(\"a \"\"quoted\"\" name, with comma\") FROM rows") == "25");
}

TEST_CASE("missing rows are refused, or left out where that was said", "[store_export]") {
  const Folder folder;
  BlockStore store = BlockStore::create(folder.file("s.twin"), small_manifest());
  twin::test::write(store, 0);
  twin::test::write(store, 2);
  CHECK(error_of([&] { twin::export_csv(store, folder.file("s.csv")); }) ==
        "cannot export '" + store.path() + "' to '" + folder.file("s.csv") + "': 1 of 3 blocks are missing or damaged");
  CHECK_THROWS_AS(twin::export_npy(store, folder.file("s.npy")), twin::FileError);
  CHECK_THROWS_AS(twin::export_sqlite(store, folder.file("s.sqlite")), twin::FileError);
  CHECK(folder.names() == std::vector<std::string>{"s.twin"});

  CHECK(twin::export_csv(store, folder.file("s.csv"), MissingRows::leave_out) == 15);
  CHECK(content(folder.file("s.csv")).find("\n9,") != std::string::npos);
  CHECK(content(folder.file("s.csv")).find("\n10,") == std::string::npos);
  CHECK(twin::export_npy(store, folder.file("s.npy"), MissingRows::leave_out) == 15);
  const Npy npy = read_npy(folder.file("s.npy"));
  REQUIRE(npy.values.size() == 75);
  CHECK(std::isnan(npy.values[30]));
  CHECK(npy.values[60] == value_at(20, 0));
  CHECK(twin::export_sqlite(store, folder.file("s.sqlite"), MissingRows::leave_out) == 15);
  CHECK(query(folder.file("s.sqlite"), "SELECT count(*), max(row) FROM rows") == "15|24");
}

TEST_CASE("a block that turns out damaged stops an export, which then leaves nothing", "[store_export]") {
  const Folder folder;
  const BlockStore store = full_store(folder.file("s.twin"));
  std::string bytes = content(store.block_path(1));
  bytes[80] ^= 1;
  overwrite(store.block_path(1), bytes);
  const BlockStore opened = BlockStore::open(store.path());
  CHECK_THROWS_AS(twin::export_csv(opened, folder.file("s.csv")), twin::DamagedBlock);
  CHECK_THROWS_AS(twin::export_npy(opened, folder.file("s.npy")), twin::DamagedBlock);
  CHECK_THROWS_AS(twin::export_sqlite(opened, folder.file("s.sqlite")), twin::DamagedBlock);
  CHECK_THROWS_AS(twin::rebuild_catalogue(opened), twin::DamagedBlock);
  CHECK(folder.names() == std::vector<std::string>{"s.twin"});
  CHECK(folder.names("s.twin") == std::vector<std::string>{"blocks", "manifest.json"});
}

TEST_CASE("a full disk stops an export and leaves the file that was there", "[store_export]") {
  const Folder folder;
  StoreManifest manifest = small_manifest();
  manifest.rows = manifest.rows_per_block = 5000;
  const BlockStore store = full_store(folder.file("s.twin"), manifest);
  for (const char* name : {"s.csv", "s.npy", "s.sqlite"}) overwrite(folder.file(name), "old");
  std::vector<std::string> errors;
  {
    const twin::test::FileLimit limit(20000);
    errors.push_back(error_of([&] { twin::export_csv(store, folder.file("s.csv")); }));
    errors.push_back(error_of([&] { twin::export_npy(store, folder.file("s.npy")); }));
    errors.push_back(error_of([&] { twin::export_sqlite(store, folder.file("s.sqlite")); }));
  }
  CHECK(errors[0] == "cannot write '" + folder.file("s.csv") + "': File too large");
  CHECK(errors[1] == "cannot write '" + folder.file("s.npy") + "': File too large");
  CHECK(errors[2].starts_with("cannot write '" + folder.file("s.sqlite") + "': "));  // In the words of SQLite.
  for (const char* name : {"s.csv", "s.npy", "s.sqlite"}) CHECK(content(folder.file(name)) == "old");
  CHECK(folder.names().size() == 4);
}

TEST_CASE("columns that SQLite takes for one are refused by name", "[store_export]") {
  const Folder folder;
  StoreManifest manifest = small_manifest();
  manifest.columns[0].name = "LEAD_TIME_s";
  const BlockStore store = full_store(folder.file("s.twin"), manifest);
  CHECK(error_of([&] { twin::export_sqlite(store, folder.file("s.sqlite")); }) ==
        "cannot write '" + folder.file("s.sqlite") + "': duplicate column name: lead_time_s");
  CHECK(folder.names() == std::vector<std::string>{"s.twin"});
}

TEST_CASE("the catalogue says what the blocks hold, and can be made anew at any time", "[store_catalogue]") {
  const Folder folder;
  BlockStore store = BlockStore::create(folder.file("s.twin"), small_manifest());
  twin::test::write(store, 0);
  const std::string path = twin::catalogue_path(store);
  CHECK(twin::rebuild_catalogue(store) == 1);
  CHECK(query(path, "SELECT id, first_row, rows FROM blocks") == "0|0|10");
  twin::test::write(store, 2);
  CHECK(twin::rebuild_catalogue(store) == 2);
  CHECK(query(path, "SELECT id, first_row, rows FROM blocks") == "0|0|10;2|20|5");
  CHECK(query(path, "SELECT checksum FROM blocks WHERE id = 2") == std::to_string(store.checksum_of(2)));
  CHECK(query(path, "SELECT value FROM manifest WHERE name = 'seed'") == "42");
  CHECK(query(path, "SELECT value FROM manifest WHERE name = 'model'") == small_manifest().model);
  CHECK(query(path, "SELECT value FROM manifest WHERE name = 'study_hash'") == to_text(study_hash(small_manifest())));
  CHECK(query(path,
              "SELECT name, min, max, nan_count FROM block_columns NATURAL JOIN columns WHERE block = 0 AND "
              "position = 1") == "order|0.0|1.0|0");
  CHECK(query(path, "SELECT mean FROM block_columns WHERE block = 0 AND position = 1") == "0.5");
  CHECK(query(path, "SELECT nan_count, max FROM block_columns WHERE block = 0 AND position = 2") == "1|Inf");
  const std::string before = content(path);
  std::remove(path.c_str());
  CHECK(twin::rebuild_catalogue(BlockStore::open(store.path())) == 2);
  CHECK(content(path) == before);
  CHECK(folder.names("s.twin") == std::vector<std::string>{"blocks", "catalogue.sqlite", "manifest.json"});
}
