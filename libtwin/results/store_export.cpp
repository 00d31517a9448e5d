// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/store_export.hpp>

#include <bit>
#include <limits>

#include <fmt/format.h>

#include <libtwin/results/csv.hpp>
#include <libtwin/results/export_rows.hpp>
#include <libtwin/results/new_file.hpp>

namespace twin {
namespace {

// Large enough that the calls cost nothing, small enough to stay in the cache.
constexpr std::size_t kChunk = 1 << 18;

void write_csv_header(detail::NewFile& file, const StoreManifest& manifest) {
  std::string line = "row,";
  for (const TableColumn& column : manifest.columns) line += csv_cell(column.name) + ",";
  file.write(line + "status\n");
}

void write_csv_block(detail::NewFile& file, const StoreManifest& manifest, const Block& block) {
  std::string text;
  for (std::size_t row = 0; row < block.row_count(); ++row) {
    fmt::format_to(std::back_inserter(text), "{},", block.first_row + row);
    for (std::size_t column = 0; column < manifest.columns.size(); ++column) {
      append_csv_cell(text, manifest.columns[column], block.at(row, column));
      text += ',';
    }
    text += csv_cell(detail::status_text(manifest, block.status[row]));
    text += '\n';
    if (text.size() < kChunk && row + 1 < block.row_count()) continue;
    file.write(text);
    text.clear();
  }
}

/// Version 1.0 of the format (NumPy Enhancement Proposal 1): magic, length, a Python dictionary padded to 64 bytes.
std::string npy_header(std::uint64_t rows, std::size_t columns) {
  const char order = std::endian::native == std::endian::little ? '<' : '>';
  std::string dictionary =
      fmt::format("{{'descr': '{}f8', 'fortran_order': False, 'shape': ({}, {}), }}", order, rows, columns);
  constexpr std::size_t kBefore = 10;
  while ((kBefore + dictionary.size() + 1) % 64 != 0) dictionary += ' ';
  dictionary += '\n';
  const auto length = static_cast<std::uint16_t>(dictionary.size());
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(length & 0xff);
  header += static_cast<char>(length >> 8);
  return header + dictionary;
}

/// A whole block at once: reading a column with strides is quick only while the block is in the cache.
void write_rows(detail::NewFile& file, const Block& block, std::size_t columns) {
  const std::size_t rows = block.row_count();
  std::vector<double> by_row(block.values.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) by_row[row * columns + column] = block.at(row, column);
  }
  file.write({reinterpret_cast<const char*>(by_row.data()), by_row.size() * sizeof(double)});
}

Block block_of_nan(const BlockStore& store, std::uint32_t id) {
  const std::size_t rows = store.rows_in(id);
  return {
      .id = id,
      .first_row = store.first_row(id),
      .values = std::vector<double>(rows * store.manifest().columns.size(), std::numeric_limits<double>::quiet_NaN()),
      .status = std::vector<std::uint8_t>(rows)};
}

}  // namespace

void detail::refuse_missing(const BlockStore& store, const std::string& path, MissingRows missing) {
  const std::size_t count = store.missing_blocks().size();
  if (missing == MissingRows::leave_out || count == 0) return;
  throw FileError(fmt::format("cannot export '{}' to '{}': {} of {} blocks are missing or damaged", store.path(), path,
                              count, store.block_count()));
}

std::string detail::status_text(const StoreManifest& manifest, std::uint8_t status) {
  return status < manifest.statuses.size() ? manifest.statuses[status] : std::to_string(status);
}

std::uint64_t export_csv(const BlockStore& store, const std::string& path, MissingRows missing) {
  detail::refuse_missing(store, path, missing);
  detail::NewFile file(path);
  write_csv_header(file, store.manifest());
  std::uint64_t rows = 0;
  for (std::uint32_t id = 0; id < store.block_count(); ++id) {
    if (store.state_of(id) != BlockState::done) continue;
    const Block block = store.read_block(id);
    write_csv_block(file, store.manifest(), block);
    rows += block.row_count();
  }
  file.commit();
  return rows;
}

std::uint64_t export_npy(const BlockStore& store, const std::string& path, MissingRows missing) {
  detail::refuse_missing(store, path, missing);
  const std::size_t columns = store.manifest().columns.size();
  detail::NewFile file(path);
  file.write(npy_header(store.manifest().rows, columns));
  std::uint64_t rows = 0;
  for (std::uint32_t id = 0; id < store.block_count(); ++id) {
    const bool is_done = store.state_of(id) == BlockState::done;
    const Block block = is_done ? store.read_block(id) : block_of_nan(store, id);
    write_rows(file, block, columns);
    if (is_done) rows += block.row_count();
  }
  file.commit();
  return rows;
}

}  // namespace twin
