// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <libtwin/core/error.hpp>
#include <libtwin/model/factory.hpp>

/// What the checks of `validate` share. Internal to the room `model`.
namespace twin::detail {

enum class ElementKind : std::uint8_t { source, station, buffer, sink };

/// An element of the flow, seen from the checks: where it is kept and which arrows touch it.
struct Element {
  ElementKind kind = ElementKind::source;

  /// Within the vector of its kind.
  std::size_t index = 0;

  std::string_view name;

  /// `machine.weld`.
  std::string path;

  /// Within `Factory::arrows`, only those whose two ends are known.
  std::vector<std::size_t> arrows_in;
  std::vector<std::size_t> arrows_out;
};

/// Every name of a factory, for looking up. Points into the factory.
struct Names {
  std::vector<Element> elements;
  std::unordered_map<std::string_view, std::size_t> element_by_name;
  std::unordered_set<std::string_view> crews;
  std::unordered_set<std::string_view> products;
};

/// Collects diagnostics.
class Findings {
 public:
  void add(std::string_view code, std::string path, std::string message, std::string hint);

  /// `did you mean 'weld'?`, or `otherwise` when no candidate is near. Stops looking after a number of comparisons: a file
  /// of 10,000 unknown names needs no 10,000 suggestions, and each costs time in proportion to the candidates.
  template <class Candidates>
  std::string suggest(std::string_view word, const Candidates& candidates, std::string otherwise) {
    constexpr std::size_t kMostComparisons = 50000;
    if (comparisons_ > kMostComparisons) return otherwise;
    comparisons_ += candidates.size();
    std::vector<std::string> sorted(candidates.begin(), candidates.end());
    // A hash set has its own order; the suggestion must not depend on it.
    std::sort(sorted.begin(), sorted.end());
    const std::string near = nearest_name(std::string(word), sorted);
    return near.empty() ? otherwise : "did you mean '" + near + "'?";
  }

  std::vector<Diagnostic> diagnostics;

 private:
  std::size_t comparisons_ = 0;
};

/// A number as people write it: `0.3`, not `0.300000`.
std::string number_text(double value);

/// Whether parts of this source come at times of their own, not whenever one is asked for.
bool has_arrivals(const Source& source);

/// Checks the arrows, and what an element says of its neighbours. Fills in the arrows of `names.elements`.
void check_flow(const Factory& factory, Names& names, Findings& findings);

/// Checks the loops of cards. @pre `names` has its arrows.
void check_loops(const Factory& factory, const Names& names, Findings& findings);

}  // namespace twin::detail
