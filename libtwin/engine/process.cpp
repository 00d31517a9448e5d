// SPDX-License-Identifier: Apache-2.0
#include <libtwin/engine/process.hpp>

#include <stdexcept>

#include <libtwin/core/check.hpp>
#include <libtwin/engine/detail/state_data.hpp>
#include <libtwin/engine/policy.hpp>
#include <libtwin/engine/run_view.hpp>

namespace twin {

namespace detail {

// The arena's address and the block's index lie before the frame, so that `delete` finds its way back.
struct FrameHeader {
  FrameArena* arena;
  std::size_t block;
};
constexpr std::size_t kHeader = (sizeof(FrameHeader) + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t);

void* FrameArena::take(std::size_t bytes) {
  const std::size_t units = kHeader + (bytes + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t);
  std::size_t k = 0;
  while (k < blocks_.size() && (blocks_[k].in_use || blocks_[k].memory.size() < units)) ++k;
  if (k == blocks_.size()) blocks_.push_back({std::vector<std::max_align_t>(units), false});
  blocks_[k].in_use = true;
  ::new (static_cast<void*>(blocks_[k].memory.data())) FrameHeader{this, k};
  return blocks_[k].memory.data() + kHeader;
}

void FrameArena::give_back(void* frame) {
  const auto* header = reinterpret_cast<const FrameHeader*>(static_cast<std::max_align_t*>(frame) - kHeader);
  blocks_[header->block].in_use = false;
}

void refuse_part() {
  throw std::logic_error("twin: a process gives away or destroys a part that it does not hold: it did so before");
}

void start_processes(StateData& data, const RunInput& input) {
  const Plant& plant = *data.plant;
  if (data.processes.empty()) return;
  for (Part& part : data.parts) part.is_loose = 0;
  const std::uint64_t run = run_key(input.seed, input.replication);
  for (std::uint32_t i = 0; i < plant.leaves.size(); ++i) {
    if (data.actions[i] != LeafAction::process) continue;
    const std::uint32_t number = plant.leaves[i].station;
    const PlantStation& station = plant.stations[number];
    data.processes[i].reset();
    ProcessContext::Access::bind(data.contexts[i], data, i, number,
                                 Stream(run, stream_key(station.key, Purpose::process)));
    data.processes[i].emplace(plant.behaviours[station.behaviour](data.contexts[i]));
    ProcessContext::Access::handle(data.contexts[i]) = data.processes[i]->handle();
  }
}

}  // namespace detail

void* Process::promise_type::frame_memory(std::size_t bytes, ProcessContext* context) {
  TWIN_CHECK(context != nullptr, "a process takes its ProcessContext& as one of its first four parameters");
  return ProcessContext::Access::arena(*context).take(bytes);
}

void Process::promise_type::operator delete(void* frame, std::size_t) noexcept {
  reinterpret_cast<detail::FrameHeader*>(static_cast<std::max_align_t*>(frame) - detail::kHeader)
      ->arena->give_back(frame);
}

PartId ProcessContext::create(ProductId product) {
  TWIN_CHECK(product.index < state_data_->plant->product_count,
             "a process makes a part of a product that does not exist");
  return PartId{moves_->create(loop_, *this, product.index)};
}

std::uint32_t ProcessContext::waiting(std::uint32_t in) const {
  const PlantStation& s = state_data_->plant->stations[station_];
  TWIN_CHECK(in < s.input_count, "a process asks for a way in that it does not have");
  return state_data_->stores[state_data_->plant->inputs[s.first_input + in].store].count;
}

std::uint32_t ProcessContext::level_out(std::uint32_t out) const { return run().waiting(station(), out); }

std::uint32_t ProcessContext::places_out(std::uint32_t out) const {
  const PlantStation& s = state_data_->plant->stations[station_];
  TWIN_CHECK(out < s.outlet_count, "a process asks for a way out that it does not have");
  return state_data_->stores[state_data_->plant->outlets[s.first_outlet + out].store].capacity;
}

double RunView::now_s() const { return static_cast<double>(data_->now) / kTicksPerSecond; }

std::uint32_t RunView::level(BufferId buffer) const {
  TWIN_CHECK(buffer.index < data_->plant->buffer_count, "there is no such buffer");
  return data_->stores[data_->plant->buffer_stores[buffer.index]].count;
}

StationState RunView::state(StationId station, std::uint32_t server) const {
  TWIN_CHECK(station.index < data_->plant->station_count, "there is no such station");
  const PlantStation& s = data_->plant->stations[station.index];
  TWIN_CHECK(server < s.servers, "the station does not have as many servers");
  return data_->leaves[s.first_leaf + server].state;
}

std::uint64_t RunView::wip() const { return data_->wip; }

std::uint32_t RunView::waiting(StationId station, std::uint32_t outlet) const {
  TWIN_CHECK(station.index < data_->plant->stations.size(), "there is no such station");
  const PlantStation& s = data_->plant->stations[station.index];
  TWIN_CHECK(outlet < s.outlet_count, "there is no such way out");
  return data_->stores[data_->plant->outlets[s.first_outlet + outlet].store].count;
}

std::uint32_t RunView::room(StationId station, std::uint32_t outlet) const {
  TWIN_CHECK(station.index < data_->plant->stations.size(), "there is no such station");
  const PlantStation& s = data_->plant->stations[station.index];
  TWIN_CHECK(outlet < s.outlet_count, "there is no such way out");
  const detail::Store& store = data_->stores[data_->plant->outlets[s.first_outlet + outlet].store];
  if (store.kind == StoreKind::sink) return kUnlimitedPlaces;
  std::uint32_t room = store.capacity - store.count;
  for (std::uint32_t i = store.idle_head; i != kNone; i = data_->leaves[i].next) ++room;
  return room;
}

}  // namespace twin
