// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libtwin/scenario/reader.hpp>

namespace twin::detail {

/// Adds what `validate` finds, each at the place its path has in the file. What follows from a mistake that is already
/// reported at the same path is left out.
void add_model_checks(Reader& reader, const Node& root, const Factory& factory);

/// Gives each finding about the factory the place its path has in the file.
void locate(const Reader& reader, const Node& root, std::vector<Diagnostic>& findings);

}  // namespace twin::detail
