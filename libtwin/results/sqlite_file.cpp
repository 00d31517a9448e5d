// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/sqlite_file.hpp>

#include <sqlite3.h>

#include <cerrno>

#include <libtwin/core/error.hpp>

namespace twin::detail {

SqliteFile::SqliteFile(const std::string& path) : path_(path), file_(path) {
  // A pipe or a device.
  if (file_.temporary_name().empty()) fail_to_write(path_, EINVAL);
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
  // SQLite's own locks could collide with that of NewFile where both are kept by the server (NFS).
  const int result = sqlite3_open_v2(file_.temporary_name().c_str(), &database_, flags, "unix-none");
  try {
    if (result != SQLITE_OK) fail();
    run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE");
  } catch (...) {
    close();
    throw;
  }
}

SqliteFile::~SqliteFile() { close(); }

void SqliteFile::close() {
  sqlite3_close_v2(database_);
  database_ = nullptr;
}

void SqliteFile::fail() const {
  const std::string reason = database_ == nullptr ? "out of memory" : sqlite3_errmsg(database_);
  throw FileError("cannot write '" + path_ + "': " + reason);
}

void SqliteFile::run(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

void SqliteFile::commit() {
  if (sqlite3_close(database_) != SQLITE_OK) fail();
  database_ = nullptr;
  file_.commit();
}

SqliteStatement::SqliteStatement(SqliteFile& file, const std::string& sql) : file_(file) {
  if (sqlite3_prepare_v2(file_.database_, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) file_.fail();
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

SqliteStatement& SqliteStatement::set(int parameter, double value) {
  if (sqlite3_bind_double(statement_, parameter, value) != SQLITE_OK) file_.fail();
  return *this;
}

SqliteStatement& SqliteStatement::set(int parameter, std::uint64_t value) {
  if (sqlite3_bind_int64(statement_, parameter, static_cast<sqlite3_int64>(value)) != SQLITE_OK) file_.fail();
  return *this;
}

SqliteStatement& SqliteStatement::set(int parameter, std::string_view text) {
  const auto size = static_cast<sqlite3_uint64>(text.size());
  if (sqlite3_bind_text64(statement_, parameter, text.data(), size, SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK) {
    file_.fail();
  }
  return *this;
}

SqliteStatement& SqliteStatement::set_null(int parameter) {
  if (sqlite3_bind_null(statement_, parameter) != SQLITE_OK) file_.fail();
  return *this;
}

void SqliteStatement::run() {
  if (sqlite3_step(statement_) != SQLITE_DONE || sqlite3_reset(statement_) != SQLITE_OK) file_.fail();
}

std::string sql_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

}  // namespace twin::detail
