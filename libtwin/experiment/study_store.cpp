// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/study_store.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include <libtwin/core/error.hpp>
#include <libtwin/experiment/round_table.hpp>
#include <libtwin/results/new_file.hpp>
#include <libtwin/results/store.hpp>
#include <libtwin/results/store_merge.hpp>

namespace twin {

std::vector<std::string> round_paths(const std::string& path) {
  std::vector<std::string> paths{BlockStore::open(path).path()};
  for (std::uint32_t round = 1;; ++round) {
    std::string next = detail::round_path(paths.front(), round);
    struct stat now {};
    // A folder without a manifest is one whose maker was interrupted: nothing is in it yet.
    if (::stat((next + "/manifest.json").c_str(), &now) != 0) return paths;
    paths.push_back(std::move(next));
  }
}

bool StoreStatus::is_complete() const {
  return std::all_of(rounds.begin(), rounds.end(), [](const Round& r) { return r.done == r.blocks; });
}

StoreStatus store_status(const std::string& path) {
  StoreStatus status;
  for (const std::string& round : round_paths(path)) {
    const BlockStore store = BlockStore::open(round);
    const StoreManifest& manifest = store.manifest();
    if (status.rounds.empty()) {
      status.path = store.path();
      status.study = manifest.study_name;
      status.library_version = manifest.library_version;
      status.seed = manifest.seed;
      status.study_hash = to_text(study_hash(manifest));
      for (std::size_t m = detail::kOriginColumns; m < manifest.columns.size(); ++m) {
        status.measures.push_back(manifest.columns[m].name);
      }
    }
    StoreStatus::Round& r = status.rounds.emplace_back();
    r.blocks = store.block_count();
    r.rows = manifest.rows;
    for (std::uint32_t block = 0; block < store.block_count(); ++block) {
      if (store.state_of(block) == BlockState::damaged) ++r.damaged;
      if (store.state_of(block) != BlockState::done) continue;
      ++r.done;
      r.rows_done += store.rows_in(block);
      r.bytes += block_file_size(store.rows_in(block), manifest.columns.size());
    }
  }
  return status;
}

MergeReport merge_stores(const std::string& target, const std::vector<std::string>& sources) {
  std::size_t rounds = 0;
  std::vector<std::vector<std::string>> by_source;
  for (const std::string& source : sources)
    rounds = std::max(rounds, by_source.emplace_back(round_paths(source)).size());
  MergeReport all;
  for (std::size_t round = 0; round < rounds; ++round) {
    std::vector<std::string> parts;
    for (const std::vector<std::string>& paths : by_source) {
      if (round < paths.size()) parts.push_back(paths[round]);
    }
    const std::string path = detail::round_path(target, static_cast<std::uint32_t>(round));
    MergeReport one = merge(path, parts);
    all.copied += one.copied;
    all.already_there += one.already_there;
    for (std::string& name : one.damaged) all.damaged.push_back(std::move(name));
    all.missing.insert(all.missing.end(), one.missing.begin(), one.missing.end());
  }
  for (const std::string& source : sources) {
    const detail::FileContent designs = detail::read_file(source + "/" + detail::kDesignFile);
    if (designs.error == 0) detail::write_file_if_absent(target + "/" + detail::kDesignFile, designs.bytes);
  }
  return all;
}

Scenario read_stored_scenario(const std::string& path) {
  const StoreManifest manifest = BlockStore::open(path).manifest();
  ReadOptions options;
  options.folder = path;
  ReadResult read = read_scenario_text(manifest.model, path + "/manifest.json", options);
  if (!read.ok() || !read.scenario.study) {
    std::string reason = "it holds no study";
    if (!read.ok() && !read.diagnostics.empty()) reason = read.diagnostics.front().message;
    throw FileError("cannot read the scenario in '" + path + "/manifest.json': " + reason);
  }
  read.scenario.study->name = manifest.study_name;
  return std::move(read.scenario);
}

}  // namespace twin
