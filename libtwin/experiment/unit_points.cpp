// SPDX-License-Identifier: Apache-2.0
#include <libtwin/experiment/unit_points.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <boost/random/sobol.hpp>

#include <libtwin/core/random.hpp>
#include <libtwin/core/standard_draw.hpp>

namespace twin::detail {
namespace {

Stream stream_of(const std::string& name, std::uint64_t seed) {
  return {run_key(seed, 0), stream_key(name_key(name), Purpose::design)};
}

std::vector<Stream> streams_of(const std::vector<std::string>& names, std::uint64_t seed) {
  std::vector<Stream> streams;
  for (const std::string& name : names) streams.push_back(stream_of(name, seed));
  return streams;
}

/// The upper 53 of 64 bits as a fraction; all that a double holds.
double fraction_of(std::uint64_t bits) { return static_cast<double>(static_cast<std::int64_t>(bits >> 11)) * 0x1p-53; }

UnitPoints sobol_of(std::vector<std::uint64_t> shifts) {
  boost::random::sobol engine(shifts.size());  // leaves the origin out
  return [engine, shifts = std::move(shifts), is_origin = true](std::span<double> point) mutable {
    for (std::size_t i = 0; i < point.size(); ++i) point[i] = fraction_of((is_origin ? 0 : engine()) ^ shifts[i]);
    is_origin = false;
  };
}

/// The numbers below `count` in a random order, by the shuffle of Fisher and Yates. That some orders are likelier than
/// others by 2^-52 times `count` is of no account.
std::vector<std::uint32_t> permutation(std::size_t count, Stream& stream) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  for (std::size_t left = count; left > 1; --left) {
    std::swap(order[left - 1], order[static_cast<std::size_t>(uniform_draw(stream) * static_cast<double>(left))]);
  }
  return order;
}

}  // namespace

UnitPoints sobol_points(std::size_t dimensions) { return sobol_of(std::vector<std::uint64_t>(dimensions)); }

UnitPoints shifted_sobol_points(const std::vector<std::string>& names, std::uint64_t seed) {
  std::vector<std::uint64_t> shifts;
  for (Stream& stream : streams_of(names, seed)) shifts.push_back(stream());
  return sobol_of(std::move(shifts));
}

UnitPoints random_points(const std::vector<std::string>& names, std::uint64_t seed) {
  return [streams = streams_of(names, seed)](std::span<double> point) mutable {
    for (std::size_t i = 0; i < point.size(); ++i) point[i] = uniform_draw(streams[i]);
  };
}

UnitPoints latin_points(const std::vector<std::string>& names, std::uint64_t seed, std::size_t count) {
  std::vector<Stream> streams = streams_of(names, seed);
  std::vector<std::vector<std::uint32_t>> strata;
  for (Stream& stream : streams) strata.push_back(permutation(count, stream));
  return [streams = std::move(streams), strata = std::move(strata), count = static_cast<double>(count),
          row = std::size_t{0}](std::span<double> point) mutable {
    for (std::size_t i = 0; i < point.size(); ++i) {
      const double stratum = strata[i][row];
      // A sum that is rounded up would fall into the next interval.
      const double place = std::min(stratum + uniform_draw(streams[i]), std::nextafter(stratum + 1, 0.0));
      point[i] = place / count;
    }
    ++row;
  };
}

}  // namespace twin::detail
