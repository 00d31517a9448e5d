// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <libtwin/core/error.hpp>
#include <libtwin/model/elements.hpp>

namespace twin {

/// What a factory is: a plain value that can be copied, compared and changed.
///
/// Elements stand in the order of the file; that order decides between events at the same instant and nothing else.
///
///     twin::Factory line("press-line");
///     line.machine("press", {.cycle = 38_s});
///     line.machine("weld", {.cycle = twin::lognormal(41_s, 0.15)});
///     line.buffer("b1", {.capacity = 20});
///     line.flow("supply -> press -> b1 -> weld -> shipped");
class Factory {
 public:
  Factory() = default;
  explicit Factory(std::string name_of_factory) : name(std::move(name_of_factory)) {}

  std::string name;
  std::vector<Source> sources;
  std::vector<Station> stations;
  std::vector<Buffer> buffers;
  std::vector<Sink> sinks;
  std::vector<Crew> crews;
  std::vector<Product> products;
  std::vector<CardLoop> loops;
  std::vector<Arrow> arrows;
  RunSettings run;

  /// Each adds an element under a name and returns it, valid until the next one of its kind is added.
  Source& source(std::string name, Source value = {});
  Station& machine(std::string name, Station value = {});
  Station& assembly(std::string name, Station value = {});
  Station& disassembly(std::string name, Station value = {});
  Station& process(std::string name, std::string behaviour);
  Buffer& buffer(std::string name, Buffer value = {});
  Sink& sink(std::string name, Sink value = {});
  Crew& crew(std::string name, Crew value = {});
  Product& product(std::string name, Product value = {});
  CardLoop& loop(std::string name, CardLoop value = {});

  /// Adds the arrows of `"a -> b -> c : 3 %"`. Names that are not there yet at the outer ends of the flow become a
  /// never-starved source and a sink, so declare the other elements first.
  /// @throws ModelError when the text cannot be understood; the factory is then unchanged.
  void flow(std::string_view text);

  friend bool operator==(const Factory&, const Factory&) = default;
};

/// The arrows in one line of flow, or what is wrong with it; `column` of a diagnostic counts from 1 within `text`.
///
/// A line is a chain `a -> b -> c`, then perhaps `:` and a condition, which belongs to the last arrow of the chain:
/// `3 %` or `0.03` (a share), `otherwise`, `product A`, `shortest`, `round_robin`, `priority` or `call(rule)`. Any other
/// condition is taken for an expression of parameters: a `share` arrow whose `name` is that text and whose `share` is
/// NaN, for the caller to work out. Names hold letters (any byte from 0x80 counts as one), digits, `_` and `-`, and do
/// not begin or end with `-`. Arrows beside a mistake are left out.
[[nodiscard]] std::vector<Arrow> parse_flow(std::string_view text, std::vector<Diagnostic>& diagnostics);

/// Where an arrow of a parsed line of flow stands in the text, for carets under a name; offsets count bytes from 0, and
/// `route_length` is 0 for an arrow without a condition.
struct ArrowPlaces {
  std::size_t from_offset = 0;
  std::size_t to_offset = 0;
  std::size_t route_offset = 0;
  std::size_t route_length = 0;
};
[[nodiscard]] std::vector<Arrow> parse_flow(std::string_view text, std::vector<Diagnostic>& diagnostics,
                                            std::vector<ArrowPlaces>& places);

/// Everything that is wrong with a factory, at once: names used twice or not declared, numbers out of range, laws that
/// cannot be, arrows that lead nowhere, shares above one, loops that parts leave without their cards. Paths name the place; there are no lines.
[[nodiscard]] std::vector<Diagnostic> validate(const Factory& factory);

}  // namespace twin
