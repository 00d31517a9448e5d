// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <string_view>

namespace twin {

/// What a number is a number of. Decides which units the reader accepts and which one the writer uses.
enum class Dimension { none, time, rate, share, parts };

/// What everyone has to know of one field of a description struct: the reader, the writer, the schema, `--set` paths,
/// the reference page and the content hash all work from these.
struct Field {
  /// The key in the scenario file; the same word as the C++ member, without its unit suffix.
  std::string_view name;

  Dimension dimension = Dimension::none;

  /// One sentence for completion and the reference page.
  std::string_view doc;

  /// The smallest and largest number allowed; both inclusive.
  double min = 0.0;
  double max = std::numeric_limits<double>::infinity();
};

/// The spellings of an enumeration in files, in the order of its enumerators: `enum_names(Blocking{})` and so on are
/// declared beside each enumeration.
///
/// A description struct has a member `template <class Visit> void fields(this-or-const, Visit&& visit)` that calls
/// `visit(Field{…}, member)` once a field, in the order in which files are written.

}  // namespace twin
