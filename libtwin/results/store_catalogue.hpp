// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <libtwin/results/store.hpp>

namespace twin {

/// The place of a store's catalogue, whether it is there or not.
[[nodiscard]] std::string catalogue_path(const BlockStore& store);

/// Reads all blocks that are done and writes `catalogue.sqlite` anew: the manifest's fields, and for each block its rows,
/// its checksum and, by column, minimum, mean, maximum and the number of NaN. Nothing depends on the catalogue and nothing
/// keeps it up to date: it may be deleted, and is as old as its last rebuild. Returns how many blocks are in it.
/// @throws FileError; DamagedBlock when a block turns out to be damaged.
std::uint64_t rebuild_catalogue(const BlockStore& store);

}  // namespace twin
