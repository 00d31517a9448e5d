// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <libtwin/scenario/reader.hpp>

namespace twin::detail {

/// The sections that describe a factory, and those that describe a study.
[[nodiscard]] const std::vector<std::string>& model_sections();
[[nodiscard]] const std::vector<std::string>& study_sections();

/// The sections that hold elements by name, such as `machine`.
[[nodiscard]] const std::vector<std::string>& element_sections();

/// Whether the order of the members of a table with this key means something: elements, failures, parameters. Canonical
/// JSON, whose keys are sorted, writes such a table as a list of objects with a `name`.
[[nodiscard]] bool keeps_order(std::string_view key);

/// Whether the `[design] method` of the file chooses any number of a range; false when that cannot be read.
[[nodiscard]] bool has_sampling_method(const Node& root);

/// Reads `[parameter]` and finds values that meet the conditions of `[design] where`.
void read_parameters(Reader& reader, const Node& root, std::vector<Parameter>& parameters);

/// Reads `[factory]`, `[run]` and all elements.
void read_factory(Reader& reader, const Node& root, Factory& factory);

/// Reads `[known]`.
void read_known(Reader& reader, const Node& root, std::vector<KnownAnswer>& known);

/// Reads `[design]`, `[factor]`, `[replicate]`, `[[refine]]`, `[select]`, `[measure]`, `[goal]`; the factory is there already.
void read_study(Reader& reader, const Node& root, Scenario& scenario);

}  // namespace twin::detail
