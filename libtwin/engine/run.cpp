// SPDX-License-Identifier: Apache-2.0
#include <libtwin/engine/run.hpp>

#include <libtwin/engine/policy.hpp>

namespace twin {

PlantState::PlantState(const Plant& plant) : data_(std::make_unique<detail::StateData>()) {
  detail::make_state(*data_, plant);
}
PlantState::~PlantState() = default;
PlantState::PlantState(PlantState&&) noexcept = default;
PlantState& PlantState::operator=(PlantState&&) noexcept = default;
const Plant& PlantState::plant() const { return *data_->plant; }
const RunResult& PlantState::result() const { return data_->result; }

const RunResult& run(PlantState& state, const RunInput& input) {
  NoPolicy policy;
  return run_with(state, input, policy);
}

}  // namespace twin
