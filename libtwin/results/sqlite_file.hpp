// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <libtwin/results/new_file.hpp>

struct sqlite3;
struct sqlite3_stmt;

namespace twin::detail {

/// A new SQLite database that appears under its name when it is whole, as every other file here. Until then nobody else
/// sees it, so it needs neither locks nor a journal.
///
/// All members throw FileError with the file's name and SQLite's reason.
class SqliteFile {
 public:
  explicit SqliteFile(const std::string& path);
  SqliteFile(const SqliteFile&) = delete;
  SqliteFile& operator=(const SqliteFile&) = delete;
  ~SqliteFile();

  /// One or more statements without parameters.
  void run(const std::string& sql);

  /// Ends all statements, closes the database, and gives the file its name. @pre there is no `SqliteStatement` any more.
  void commit();

 private:
  friend class SqliteStatement;
  [[noreturn]] void fail() const;
  void close();

  std::string path_;
  NewFile file_;
  sqlite3* database_ = nullptr;
};

/// A statement that is run again and again. Parameters count from 1.
class SqliteStatement {
 public:
  SqliteStatement(SqliteFile& file, const std::string& sql);
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;
  ~SqliteStatement();

  /// NaN becomes NULL.
  SqliteStatement& set(int parameter, double value);
  SqliteStatement& set(int parameter, std::uint64_t value);
  /// The text has to live until `run`.
  SqliteStatement& set(int parameter, std::string_view text);
  SqliteStatement& set_null(int parameter);

  void run();

 private:
  SqliteFile& file_;
  sqlite3_stmt* statement_ = nullptr;
};

/// A name in double quotes.
[[nodiscard]] std::string sql_name(std::string_view name);

}  // namespace twin::detail
