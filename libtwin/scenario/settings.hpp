// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <libtwin/scenario/reader.hpp>

namespace twin::detail {

/// Puts the settings into the tree, as if the file said so. A setting that reaches below a value of the file, such as
/// the mean of a law that is written as text, becomes an override of the reader.
void apply_settings(Reader& reader, Node& root, const std::vector<Setting>& settings);

/// Complains about the overrides that nothing took. @pre the factory is read
void refuse_unused_overrides(Reader& reader, const Factory& factory);

}  // namespace twin::detail
