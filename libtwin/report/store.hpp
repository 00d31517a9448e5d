// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <libtwin/experiment/study.hpp>
#include <libtwin/experiment/study_store.hpp>

/// What the program prints about stores of sweeps, for people and for programs.
namespace twin {

/// What `twin sweep --dry-run` prints.
[[nodiscard]] std::string estimate_report(const StudyEstimate& estimate);
[[nodiscard]] std::string estimate_json(const StudyEstimate& estimate);

/// What `twin status` prints.
[[nodiscard]] std::string status_report(const StoreStatus& status);
[[nodiscard]] std::string status_json(const StoreStatus& status);

/// What `twin merge` prints. @param target  the store that got the blocks.
[[nodiscard]] std::string merge_report(const MergeReport& report, const std::string& target);
[[nodiscard]] std::string merge_json(const MergeReport& report);

/// What `twin verify` prints.
[[nodiscard]] std::string verify_report(const VerifyReport& report);
[[nodiscard]] std::string verify_json(const VerifyReport& report);

}  // namespace twin
