// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <tests/validation/cases.hpp>

/// Prints docs/reference/validation.md.
int main() { std::fputs(twin::validation::validation_page(twin::validation::all_outcomes()).c_str(), stdout); }
