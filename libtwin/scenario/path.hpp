// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The language of paths, one spelling for every value of a factory, used alike by `--set`, studies, bindings and errors:
///
///     machine.weld.servers                    section, element, field
///     machine.weld.cycle.mean                 a parameter of a law; of a constant it is `value` (`mean` is understood)
///     machine.weld.cycle                      the whole law
///     machine.weld.cycle_of.B.mean            of the law for product B
///     machine.press.setup.A->B.value          of the change from A to B; `*->B` from any product
///     machine.weld.failure.tip.every.scale    of a failure mode
///     source.supply.mix.A                     a share of the mix
///     source.supply.batch.values.0            the first value of a discrete law; `weights.0` its weight
///     flow.inspect->rework.share              the share of an arrow
///     run.horizon                             run.warmup, run.replications, run.seed
///
/// Blanks around an arrow are of no account. A name with a dot or a blank in it stands in double quotes.
namespace twin::detail {

/// The parts between the dots; nothing when a part is empty or a quote is not closed.
[[nodiscard]] std::optional<std::vector<std::string>> split_path(std::string_view path);

/// `name` as one part of a path: `A->B` for `A -> B`, in quotes where it needs them.
[[nodiscard]] std::string path_part(std::string_view name);

/// `A -> B` with one blank on each side of the arrow; other texts as they are, without blanks at their ends.
[[nodiscard]] std::string spaced_arrow(std::string_view text);

/// The spelling that bindings and `list_numbers` use: no blanks around arrows.
[[nodiscard]] std::string canonical_path(std::string_view path);

}  // namespace twin::detail
