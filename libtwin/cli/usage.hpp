// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace twin::cli {

/// What is wrong with a command line that the parser refused, with the nearest command or option when there is one, and where
/// to read on.
[[nodiscard]] std::string usage_text(const CLI::App& program, const CLI::ParseError& error);

}  // namespace twin::cli
