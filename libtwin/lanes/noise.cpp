// SPDX-License-Identifier: Apache-2.0
#include <libtwin/lanes/detail/noise.hpp>

#include <algorithm>

#include <libtwin/core/standard_draw.hpp>
#include <libtwin/core/time.hpp>
#include <libtwin/lanes/detail/kernel.hpp>

namespace twin::detail {
namespace {

std::uint32_t draw_product(const ProductMix& mix, Stream& stream) {
  const double u = uniform_draw(stream);
  for (const auto& [share, product] : mix.cumulative) {
    if (u < share) return product;
  }
  return mix.cumulative.back().second;
}

double draw_rarely(std::uint64_t* state, std::uint64_t bits) {
  Stream stream({state[0], state[1], state[2], state[3]});
  const double x = exponential_rare(stream, bits);
  for (std::size_t k = 0; k < 4; ++k) state[k] = stream.state()[k];
  return x;
}

}  // namespace

LaneNoise::LaneNoise(const Plant& plant, const LaneProgram& program)
    : plant_(plant),
      program_(program),
      tiles_(program.ops.size()),
      largest_(program.ops.size()),
      held_back_(program.ops.size()),
      streams_(program.ops.size()),
      directs_(program.ops.size()) {}

void LaneNoise::begin(const LaneKernel& kernel, const LaneValues& values, const LaneSeeds& seeds, std::uint32_t lanes,
                      double limit) {
  kernel_ = &kernel;
  values_ = values;
  seeds_ = seeds;
  lanes_ = lanes;
  limit_ = limit;
  for (std::uint32_t k = 0; k < program_.ops.size(); ++k) {
    const LaneOp& op = program_.ops[k];
    const PlantStation& station = plant_.stations[op.station];
    held_back_[k] = op.lag;
    streams_[k].clear();
    directs_[k].assign(op.is_direct ? seeds.count : 0, Direct{});
    for (std::uint32_t r = 0; r < seeds.count; ++r) {
      const std::uint64_t run = run_key(seeds.seed, seeds.first + r);
      streams_[k].emplace_back(run, stream_key(station.key, op.is_source ? Purpose::arrival : Purpose::cycle));
      if (!op.is_direct) continue;
      Direct& direct = directs_[k][r];
      const LaneOp& origin = program_.ops[op.origin];
      const PlantStation& source = plant_.stations[origin.station];
      direct.products = Stream(run, origin.supply != kNone ? plant_.stores[origin.supply].mix_key
                                                           : stream_key(source.key, Purpose::product));
      direct.batches = Stream(run, stream_key(station.key, Purpose::batch));
    }
  }
}

void LaneNoise::fill(std::uint32_t rows) {
  for (std::uint32_t k = 0; k < program_.ops.size(); ++k) {
    tiles_[k].resize(std::size_t{rows} * lanes_);
    const std::uint32_t skipped = std::min(held_back_[k], rows);
    held_back_[k] -= skipped;
    largest_[k] = 0;
    if (program_.ops[k].is_direct) {
      fill_direct(k, skipped, rows);
    } else {
      fill_shared(k, skipped, rows);
    }
  }
}

void LaneNoise::fill_shared(std::uint32_t k, std::uint32_t skipped, std::uint32_t rows) {
  const Sampler& sampler = values_.samplers[plant_.stations[program_.ops[k].station].law];
  double* const tile = tiles_[k].data();
  double largest = 0;
  std::uint32_t r = 0;
  if (sampler.form == SampleForm::exponential) {
    // A few streams are quicker one by one; half a group and more are drawn as a whole one.
    r = (seeds_.count + kLaneGroup / 2) / kLaneGroup * kLaneGroup;
    largest = fill_exponential(k, tile + std::size_t{skipped} * lanes_, rows - skipped, r);
  }
  if (sampler.form == SampleForm::constant) {
    r = seeds_.count;
    largest = shape_variate(sampler, streams_[k].front());
    std::fill(tile + std::size_t{skipped} * lanes_, tile + std::size_t{rows} * lanes_, largest);
  }
  for (; r < seeds_.count; ++r) {
    Stream stream = streams_[k][r];
    double* at = tile + std::size_t{skipped} * lanes_ + r;
    for (std::uint32_t row = skipped; row < rows; ++row, at += lanes_) {
      *at = shape_variate(sampler, stream);
      largest = std::max(largest, *at);
    }
    streams_[k][r] = stream;
  }
  largest_[k] = largest;
  for (std::uint32_t row = skipped; row < rows; ++row) {
    double* const line = tile + std::size_t{row} * lanes_;
    for (std::uint32_t lane = seeds_.count; lane < lanes_; ++lane) line[lane] = line[lane - seeds_.count];
  }
}

// Of the first `count` replications, side by side. Where there are fewer, the first one's stream fills up the group: what it
// draws there is written over by the copies of other lanes.
double LaneNoise::fill_exponential(std::uint32_t k, double* out, std::uint32_t rows, std::uint32_t count) {
  states_.resize(std::size_t{4} * count);
  auto* const words = reinterpret_cast<std::uint64_t*>(states_.data());
  const std::uint32_t own = std::min(count, seeds_.count);
  for (std::uint32_t r = 0; r < count; ++r) {
    const Stream& stream = streams_[k][r < own ? r : 0];
    for (std::size_t w = 0; w < 4; ++w) words[w * count + r] = stream.state()[w];
  }
  const double largest = kernel_->exponential({rows, lanes_, count, words, kExponentialZiggurat.layers.data(),
                                               kExponentialZiggurat.density.data(), &draw_rarely, out});
  for (std::uint32_t r = 0; r < own; ++r) {
    streams_[k][r] = Stream({words[r], words[count + r], words[2 * count + r], words[3 * count + r]});
  }
  return largest;
}

void LaneNoise::fill_direct(std::uint32_t k, std::uint32_t skipped, std::uint32_t rows) {
  double* const tile = tiles_[k].data();
  for (std::uint32_t row = skipped; row < rows; ++row) {
    double* const line = tile + std::size_t{row} * lanes_;
    for (std::uint32_t r = 0; r < seeds_.count; ++r) line[r] = next_direct(k, r);
    for (std::uint32_t lane = seeds_.count; lane < lanes_; ++lane) line[lane] = line[lane - seeds_.count];
  }
}

// A duration on the grid, as the event engine rounds it.
double LaneNoise::next_direct(std::uint32_t k, std::uint32_t r) {
  const LaneOp& op = program_.ops[k];
  const PlantStation& station = plant_.stations[op.station];
  if (op.is_source) return station.first_release != kNone ? next_release(k, r) : next_arrival(k, r);
  std::uint32_t product = op.fixed_product;
  if (product == kNone) {
    const LaneOp& origin = program_.ops[op.origin];
    const PlantStation& source = plant_.stations[origin.station];
    Direct& direct = directs_[k][r];
    if (origin.is_source && source.first_release != kNone) {
      const Release* const all = plant_.releases.data() + source.first_release;
      while (direct.next_release < source.release_count && direct.released == all[direct.next_release].count) {
        ++direct.next_release;
        direct.released = 0;
      }
      product = direct.next_release < source.release_count ? all[direct.next_release].product : 0;
      ++direct.released;
    } else {
      const std::uint32_t mix = origin.supply != kNone ? plant_.stores[origin.supply].mix : source.mix;
      product = mix == kNone ? 0 : draw_product(plant_.mixes[mix], direct.products);
    }
  }
  const Sampler& sampler = values_.samplers[plant_.product_laws[station.first_product_law + product]];
  return static_cast<double>(round_to_ticks_below(sample(sampler, streams_[k][r]), limit_));
}

double LaneNoise::next_arrival(std::uint32_t k, std::uint32_t r) {
  const PlantStation& station = plant_.stations[program_.ops[k].station];
  Direct& direct = directs_[k][r];
  if (direct.waiting != 0) {
    --direct.waiting;
    return 0.0;
  }
  // Arrivals without a part only add to the time until the next one, up to the end of the run.
  double ticks = 0;
  do {
    ticks += static_cast<double>(round_to_ticks_below(sample(values_.samplers[station.law], streams_[k][r]), limit_));
    direct.waiting = round_to_ticks(sample(values_.samplers[station.batch_law], direct.batches));
  } while (direct.waiting == 0 && ticks < limit_);
  if (direct.waiting != 0) --direct.waiting;
  return std::min(ticks, limit_);
}

double LaneNoise::next_release(std::uint32_t k, std::uint32_t r) {
  const PlantStation& station = plant_.stations[program_.ops[k].station];
  const Release* const all = plant_.releases.data() + station.first_release;
  Direct& direct = directs_[k][r];
  while (direct.next_release < station.release_count && direct.released == all[direct.next_release].count) {
    ++direct.next_release;
    direct.released = 0;
  }
  if (direct.next_release >= station.release_count) return limit_;
  ++direct.released;
  const double ticks = std::min(static_cast<double>(all[direct.next_release].ticks), limit_);
  const double wait = ticks - direct.last_release;
  direct.last_release = ticks;
  return wait;
}

}  // namespace twin::detail
