// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <libtwin/compile/compile.hpp>
#include <libtwin/experiment/replicate.hpp>
#include <libtwin/experiment/study.hpp>
#include <libtwin/report/text.hpp>
#include <libtwin/scenario/scenario.hpp>

namespace twin::cli {

/// The known answers of a file that belong to the model as it was run, beside ours.
[[nodiscard]] std::vector<KnownComparison> known_of_run(const Scenario& scenario, const Compiled& compiled,
                                                        const RunSummary& summary);

/// The known answers that belong to designs of the study which have been run, beside ours.
[[nodiscard]] std::vector<KnownComparison> known_of_study(const Scenario& scenario, const StudyResult& result);

}  // namespace twin::cli
