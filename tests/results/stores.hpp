// SPDX-License-Identifier: Apache-2.0
// A small study whose numbers anybody can compute again.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <libtwin/results/store.hpp>

namespace twin::test {

inline StoreManifest small_manifest() {
  return {.study_name = "small",
          .library_version = "0.1.0",
          .engine = "events",
          .seed = 42,
          .replications = 5,
          .rows = 25,
          .rows_per_block = 10,
          .columns = {{.name = "throughput_per_h", .unit = "/h"},
                      {.name = "order", .unit = "", .texts = {"fifo", "by, date"}},
                      {.name = "lead_time_s", .unit = "s"}},
          .statuses = {"ok", "deadlocked"},
          .factors = {"b1.capacity"},
          .details = {{"host", "here"}},
          .model = R"({"machine":{"weld":{"cycle":41,"cv":0.15}},"list":[1,2,3]})",
          .study = R"({"factor":{"b1.capacity":[1,2]}})"};
}

/// What the row holds in a column: all digits used, NaN and infinity in places.
inline double value_at(std::uint64_t row, std::size_t column) {
  if (column == 1) return static_cast<double>(row % 2);
  if (column == 2 && row == 3) return std::numeric_limits<double>::quiet_NaN();
  if (column == 2 && row == 4) return std::numeric_limits<double>::infinity();
  return std::sqrt(static_cast<double>(row + 1)) / (static_cast<double>(column) + 3.0);
}

inline std::uint8_t status_at(std::uint64_t row) { return row == 3 ? 1 : 0; }

struct Numbers {
  std::vector<double> values;
  std::vector<std::uint8_t> status;
};

inline Numbers numbers_of(const BlockStore& store, std::uint32_t block) {
  Numbers numbers;
  const std::uint64_t first = store.first_row(block);
  const std::uint64_t rows = store.rows_in(block);
  for (std::size_t column = 0; column < store.manifest().columns.size(); ++column) {
    for (std::uint64_t k = 0; k < rows; ++k) numbers.values.push_back(value_at(first + k, column));
  }
  for (std::uint64_t k = 0; k < rows; ++k) numbers.status.push_back(status_at(first + k));
  return numbers;
}

inline void write(BlockStore& store, std::uint32_t block) {
  const Numbers numbers = numbers_of(store, block);
  store.write_block(block, numbers.values, numbers.status);
}

inline BlockStore full_store(const std::string& path, const StoreManifest& manifest = small_manifest()) {
  BlockStore store = BlockStore::create(path, manifest);
  for (std::uint32_t block = 0; block < store.block_count(); ++block) write(store, block);
  return store;
}

/// `what()` of the FileError that `work` throws.
template <class Work>
std::string error_of(Work&& work) {
  try {
    work();
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace twin::test
