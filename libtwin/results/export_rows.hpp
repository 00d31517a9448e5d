// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <libtwin/results/store_export.hpp>

namespace twin::detail {

/// @throws FileError that says how many blocks are missing, when that is to be refused.
void refuse_missing(const BlockStore& store, const std::string& path, MissingRows missing);

/// The word of a status byte, or its number where the manifest has no word.
[[nodiscard]] std::string status_text(const StoreManifest& manifest, std::uint8_t status);

}  // namespace twin::detail
