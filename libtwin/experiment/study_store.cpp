// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/study_store.hpp>

#include <sys/stat.h>

#include <utility>

#include <libtwin/core/error.hpp>
#include <libtwin/experiment/round_table.hpp>

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
  return std::move(read.scenario);
}

}  // namespace twin
