// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>

#include <libtwin/engine/detail/loop.hpp>
#include <libtwin/engine/detail/state_setup.hpp>
#include <libtwin/engine/run.hpp>

namespace twin {

namespace detail {

void start_processes(StateData& data, const RunInput& input);

template <class Key, bool kStatistics, bool kTrace, class Policy>
void run_loop(StateData& data, const RunInput& input, Policy& policy, WinnerTree<Key>& tree, unsigned leaf_bits) {
  tree.clear();
  Loop<Key, kStatistics, kTrace, Policy> loop(data, input, policy, tree.nodes(), tree.size(), leaf_bits);
  loop.start_all();
  loop.run_all();
}

template <class Key, class Policy>
void choose_loop(StateData& data, const RunInput& input, Policy& policy, WinnerTree<Key>& tree, unsigned leaf_bits) {
  if (input.trace != nullptr) {
    run_loop<Key, true, true>(data, input, policy, tree, leaf_bits);
  } else if (input.statistics == Statistics::on) {
    run_loop<Key, true, false>(data, input, policy, tree, leaf_bits);
  } else {
    run_loop<Key, false, false>(data, input, policy, tree, leaf_bits);
  }
}

/// Whether times up to twice the horizon and leaf numbers fit one 64-bit key.
inline bool fits_narrow_key(std::uint64_t end, unsigned leaf_bits) {
  return static_cast<unsigned>(std::bit_width(2 * end + 2)) + leaf_bits <= 63;
}

}  // namespace detail

/// `run` with rules that inline into the engine's loop. A policy may have
///
///     double process_time_s(const RunView&, StationId, const PartView&, Stream&);
///     std::uint32_t choose_outlet(const RunView&, StationId, const PartView&, Stream&);
///
/// They serve the stations whose law or route is a `call` to which `compile` was given no function. Include this header
/// only where it is used: it brings the whole engine. Compile with `-ffp-contract=off` to keep the bits of `run`.
template <class Policy>
const RunResult& run_with(PlantState& state, const RunInput& input, Policy& policy) {
  detail::StateData& data = state.data();
  detail::reset_state(data, input);
  detail::start_processes(data, input);
  const unsigned leaf_bits = data.tree.depth();
  if (detail::fits_narrow_key(data.marks.back(), leaf_bits)) {
    detail::choose_loop(data, input, policy, data.tree, leaf_bits);
  } else {
    if (data.wide_tree.size() == 0) data.wide_tree.resize(static_cast<std::uint32_t>(data.leaves.size()));
    detail::choose_loop(data, input, policy, data.wide_tree, leaf_bits);
  }
  if (input.trace != nullptr) input.trace->flush();
  detail::collect_result(data, input);
  return state.result();
}

}  // namespace twin
