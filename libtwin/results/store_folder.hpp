// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <libtwin/results/store_manifest.hpp>

namespace twin::detail {

inline constexpr const char* kBlockFolder = "blocks";
inline constexpr const char* kManifestName = "manifest.json";
inline constexpr const char* kCatalogueName = "catalogue.sqlite";

/// `a/b` for `a/b/`: a path that ends in its folder's name.
[[nodiscard]] std::string without_end_slash(std::string path);

/// Makes the folder of a store, or finds the one that is there; returns the manifest that is in it then.
/// @throws as `BlockStore::create`.
StoreManifest make_store_folder(const std::string& path, const StoreManifest& manifest);

/// @throws FileError when `path` is no store.
StoreManifest read_manifest_of(const std::string& path);

/// Renames a file to `….damaged`, or `….2.damaged` and so on, whichever name is free first; returns the name.
std::string rename_aside(const std::string& path);

}  // namespace twin::detail
