// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <libtwin/results/store.hpp>

namespace twin {

/// What an export does about blocks that are missing or damaged.
enum class MissingRows {
  /// Throws FileError with their number, before anything is written.
  refuse,
  /// CSV and SQLite have no such rows; NPY, where a row's place is its number, has NaN.
  leave_out
};

/// Each writes one file, whole or not at all, block by block: memory for one block, whatever the size of the table.
/// All verify checksums on the way, and return the number of rows that came from blocks.
/// @throws FileError with the name and the reason; DamagedBlock when a block turns out to be damaged on the way.

/// A line for each row: its number, the columns, the status. Numbers as in `csv_cell`: they read back to the same double.
std::uint64_t export_csv(const BlockStore& store, const std::string& path, MissingRows missing = MissingRows::refuse);

/// An array of NumPy: (rows × columns), row-major, little-endian float64. The status is not in it.
std::uint64_t export_npy(const BlockStore& store, const std::string& path, MissingRows missing = MissingRows::refuse);

/// A database with the table `rows` (row, the columns, status) and the table `columns` (position, name, unit). NaN is NULL.
/// SQLite takes at most 1,998 columns here, and tells names apart without regard to the case of ASCII letters.
std::uint64_t export_sqlite(const BlockStore& store, const std::string& path,
                            MissingRows missing = MissingRows::refuse);

}  // namespace twin
