// SPDX-License-Identifier: Apache-2.0
#include <libtwin/results/store_manifest.hpp>

#include <algorithm>
#include <bit>
#include <set>

#include <fmt/format.h>

#include <libtwin/core/random.hpp>
#include <libtwin/results/manifest_fields.hpp>
#include <libtwin/results/store.hpp>

namespace twin {
namespace {

// File names have eight digits.
constexpr std::uint64_t kMostBlocks = 100'000'000;
// A block is in memory as a whole, more than once.
constexpr std::uint64_t kLargestBlock = std::uint64_t{1} << 32;

/// Two independent mixes of 64 bits. Every number goes in as itself, every text after its length, so no two manifests give
/// the same sequence.
class Hasher {
 public:
  void add(std::uint64_t word) {
    hash_.first = detail::mix(hash_.first ^ word) + detail::kGolden;
    hash_.second = detail::mix(std::rotl(hash_.second, 29) + word * 0xd6e8feb86659fd93ULL) ^ detail::kGolden;
  }
  void add(int number) { add(static_cast<std::uint64_t>(number)); }
  void add(const std::string& text) {
    add(text.size());
    std::uint64_t word = 0;
    for (std::size_t k = 0; k < text.size(); ++k) {
      word |= std::uint64_t{static_cast<unsigned char>(text[k])} << (8 * (k % 8));
      if (k % 8 != 7 && k + 1 != text.size()) continue;
      add(word);
      word = 0;
    }
  }
  void add(const TableColumn& column) {
    add(column.name);
    add(column.unit);
    add(column.texts);
  }
  template <class Item>
  void add(const std::vector<Item>& items) {
    add(items.size());
    for (const Item& item : items) add(item);
  }
  void add(const std::map<std::string, std::string>&) {}

  [[nodiscard]] StudyHash hash() const { return hash_; }

 private:
  StudyHash hash_{.first = 0x7477696e2e736f31ULL, .second = 0x7477696e2e736f32ULL};
};

void find_column_problems(const StoreManifest& manifest, std::vector<std::string>& found) {
  if (manifest.columns.empty()) found.emplace_back("there is no column");
  std::set<std::string> names;
  for (const TableColumn& column : manifest.columns) {
    if (column.name.empty()) found.emplace_back("a column has no name");
    if (column.name == "row" || column.name == "status") {
      found.push_back("a column is called '" + column.name + "', which exports add");
    }
    if (!names.insert(column.name).second) found.push_back("two columns are called '" + column.name + "'");
  }
}

}  // namespace

std::uint64_t block_count(const StoreManifest& manifest) {
  if (manifest.rows == 0) return 0;
  return (manifest.rows - 1) / manifest.rows_per_block + 1;
}

std::vector<std::string> problems(const StoreManifest& manifest) {
  std::vector<std::string> found;
  find_column_problems(manifest, found);
  if (manifest.rows_per_block == 0) {
    found.emplace_back("rows_per_block is 0");
    return found;
  }
  if (block_count(manifest) > kMostBlocks) {
    found.push_back(fmt::format("{} rows in blocks of {} are more than {} blocks", manifest.rows,
                                manifest.rows_per_block, kMostBlocks));
  }
  const std::uint64_t rows = std::min(manifest.rows, manifest.rows_per_block);
  if (rows > kLargestBlock / (8 * manifest.columns.size() + 1)) {
    found.push_back(
        fmt::format("a block of {} rows and {} columns has more than 4 GiB", rows, manifest.columns.size()));
  }
  return found;
}

StudyHash study_hash(const StoreManifest& manifest) {
  Hasher hasher;
  detail::visit_fields(manifest, [&](const char*, const auto& value, detail::FieldRole role) {
    if (role != detail::FieldRole::note) hasher.add(value);
  });
  return hasher.hash();
}

std::string to_text(const StudyHash& hash) { return fmt::format("{:016x}{:016x}", hash.first, hash.second); }

}  // namespace twin
