// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace twin::cli {

/// The whole program; returns its exit code.
[[nodiscard]] int run_program(int argc, const char* const* argv);

}  // namespace twin::cli
