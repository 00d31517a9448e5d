// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <libtwin/engine/detail/state_data.hpp>
#include <libtwin/engine/plant.hpp>
#include <libtwin/engine/process.hpp>

namespace twin {

/// The engine's end of a process.
struct ProcessContext::Access {
  static std::coroutine_handle<Process::promise_type>& handle(ProcessContext& c) { return c.handle_; }
  static detail::ProcessWish& wish(ProcessContext& c) { return c.wish_; }
  static std::uint32_t& part(ProcessContext& c) { return c.part_; }
  static bool& counts_operation(ProcessContext& c) { return c.counts_operation_; }
  static bool& has_timer(ProcessContext& c) { return c.has_timer_; }
  static std::uint32_t& moves_left(ProcessContext& c) { return c.moves_left_; }
  static std::uint32_t leaf(const ProcessContext& c) { return c.leaf_; }
  static detail::FrameArena& arena(ProcessContext& c) { return c.state_data_->arena; }

  /// The store of a way in or out; null when there is no such way. The first ones are at hand: whether there is a part or a
  /// place is what the processor cannot foresee, so the way to it is kept short.
  static detail::Store* input(const ProcessContext& c, std::uint32_t in) {
    if (in == 0) return c.first_input_;
    return in < c.input_count_ ? &c.state_data_->stores[c.inputs_[in].store] : nullptr;
  }
  static detail::Store* outlet(const ProcessContext& c, std::uint32_t out) {
    if (out == 0) return c.first_outlet_;
    return out < c.outlet_count_ ? &c.state_data_->stores[c.outlets_[out].store] : nullptr;
  }

  static void attach(ProcessContext& c, void* loop, const detail::ProcessMoves* moves) {
    c.loop_ = loop;
    c.moves_ = moves;
  }

  static void bind(ProcessContext& c, detail::StateData& data, std::uint32_t leaf, std::uint32_t station,
                   Stream stream) {
    c = ProcessContext{};
    c.state_data_ = &data;
    c.leaf_ = leaf;
    c.station_ = station;
    c.stream_ = stream;
    const PlantStation& described = data.plant->stations[station];
    c.inputs_ = data.plant->inputs.data() + described.first_input;
    c.outlets_ = data.plant->outlets.data() + described.first_outlet;
    c.input_count_ = described.input_count;
    c.outlet_count_ = described.outlet_count;
    c.first_input_ = c.input_count_ != 0 ? &data.stores[c.inputs_->store] : nullptr;
    c.first_outlet_ = c.outlet_count_ != 0 ? &data.stores[c.outlets_->store] : nullptr;
  }
};

static_assert(sizeof(ProcessContext) == 128);

}  // namespace twin
