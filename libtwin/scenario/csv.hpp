// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace twin::detail {

/// One cell of a CSV file; its column counts bytes from 1.
struct CsvCell {
  std::string text;
  int column = 1;
};

struct CsvRow {
  int line = 1;
  std::vector<CsvCell> cells;
};

/// Splits a text into rows of cells. Cells are parted by `,`, or by `;` or a tab when the first line has no comma; a
/// cell in double quotes may hold the separator, and `""` is a quote in it. Empty lines and lines that begin with `#`
/// are left out; blanks around cells too.
[[nodiscard]] std::vector<CsvRow> parse_csv(std::string_view text);

}  // namespace twin::detail
