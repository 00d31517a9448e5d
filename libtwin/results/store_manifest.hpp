// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <libtwin/results/kpi_table.hpp>

namespace twin {

/// The newest format of result stores that this library reads, and the one that it writes (docs/reference/store.md).
inline constexpr int kStoreFormat = 1;

/// What a result store holds: a table of `rows` scenarios by columns of numbers, in blocks of `rows_per_block`.
///
/// It must say everything that decides the numbers, so that any machine can compute any block and get the same bits.
/// All texts are UTF-8.
struct StoreManifest {
  int format_version = kStoreFormat;

  /// A note that decides nothing: two stores that differ in it alone hold the same study.
  std::string study_name{};

  /// Decides results: a later version may give other bits.
  std::string library_version{};

  /// `events`, …: what computes the rows.
  std::string engine{};

  std::uint64_t seed = 0;
  std::uint64_t replications = 1;
  std::uint64_t rows = 0;

  /// > 0. 10,000 to 100,000 suit; each block is one file, one pass to the disk, and in memory at once when it is used.
  std::uint64_t rows_per_block = 10'000;

  /// At least one; with distinct names, none of them `row` or `status`, which exports add.
  std::vector<TableColumn> columns{};

  /// The word of each status byte, 0 first: `ok`, `deadlocked`, … Empty: exports show the byte.
  std::vector<std::string> statuses{};

  /// What the study varies.
  std::vector<std::string> factors{};

  /// Notes that decide nothing. What decides results and has no field of its own belongs into `study`.
  std::map<std::string, std::string> details{};

  /// The canonical texts of the factory and of the study, JSON. Compared and hashed byte by byte.
  std::string model{};
  std::string study{};

  friend bool operator==(const StoreManifest&, const StoreManifest&) = default;
};

/// How many blocks; the last may be short.
[[nodiscard]] std::uint64_t block_count(const StoreManifest& manifest);

/// What keeps a manifest from being used, in words: no columns, a name twice, too many blocks, … Empty when nothing does.
[[nodiscard]] std::vector<std::string> problems(const StoreManifest& manifest);

/// 128 bits over all fields that decide results. Not against forgery: it keeps apart what was mixed up by accident.
struct StudyHash {
  std::uint64_t first = 0;
  std::uint64_t second = 0;

  friend bool operator==(const StudyHash&, const StudyHash&) = default;
};

[[nodiscard]] StudyHash study_hash(const StoreManifest& manifest);

/// 32 hexadecimal digits.
[[nodiscard]] std::string to_text(const StudyHash& hash);

/// In which fields that decide results two manifests differ, in the user's words: `seed: 42 here, 43 there`. `here` is the
/// first. Of the canonical texts it names the first few places with both values: `model.weld.cycle: 38 here, 39 there`.
/// Empty exactly when the study hashes are made of the same bytes.
[[nodiscard]] std::vector<std::string> differences(const StoreManifest& here, const StoreManifest& there);

/// As JSON, indented, the same bytes for the same manifest. @throws std::logic_error when a text is not UTF-8.
[[nodiscard]] std::string to_json(const StoreManifest& manifest);

/// The manifest in a text that `to_json` wrote; `path` is the file's name for messages.
/// @throws FileError when it is not one, is of a newer format, or was edited so that its hash no longer fits.
[[nodiscard]] StoreManifest parse_manifest(std::string_view text, const std::string& path);

}  // namespace twin
