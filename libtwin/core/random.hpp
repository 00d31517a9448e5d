// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

namespace twin {

/// What a stream of random numbers is for. Each (element, purpose) pair has a stream of its own, so a draw for one
/// purpose never moves another: switching failures on leaves every cycle time as it was.
enum class Purpose : std::uint8_t {
  cycle,
  failure,
  repair,
  arrival,
  batch,
  product,
  route,
  scrap,
  setup,
  process,
  test,
  design
};

namespace detail {

/// SplitMix64's finaliser (Steele, Lea, Flood 2014; constants by Stafford, variant 13): a bijection of 64 bits in
/// which every input bit flips about half of the output bits.
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

inline constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ULL;

}  // namespace detail

/// A 64-bit key for an element's name (FNV-1a, then mixed). Streams are keyed by name and not by position, so adding,
/// removing or reordering other elements leaves an element's draws as they were.
constexpr std::uint64_t name_key(std::string_view name) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return detail::mix(h);
}

/// The key of the stream for one purpose of one element; `sub` tells apart several of a kind (failure modes).
constexpr std::uint64_t stream_key(std::uint64_t element, Purpose purpose, std::uint64_t sub = 0) {
  return detail::mix(element + detail::kGolden * (static_cast<std::uint64_t>(purpose) + 1) + detail::mix(sub));
}

/// The part of a key that all streams of one replication share.
constexpr std::uint64_t run_key(std::uint64_t seed, std::uint64_t replication) {
  return detail::mix(detail::mix(seed + detail::kGolden) + detail::kGolden * (replication + 1));
}

/// A stream of random numbers: xoshiro256++ (Blackman and Vigna 2019), state 32 bytes, period 2^256 - 1.
///
/// A stream is a pure function of its keys. Two streams overlap within 2^64 numbers with a probability of about
/// 2^-192 a pair: negligible, not proven absent.
class Stream {
 public:
  using result_type = std::uint64_t;

  constexpr Stream() : Stream(0, 0) {}

  /// @param run  from `run_key`.  @param key  from `stream_key`.
  constexpr Stream(std::uint64_t run, std::uint64_t key) {
    std::uint64_t h = detail::mix(run ^ key);
    for (std::uint64_t& word : state_) word = detail::mix(h += detail::kGolden);
  }

  /// A stream in a given state, not all zero, as `state` tells it.
  constexpr explicit Stream(const std::array<std::uint64_t, 4>& state) : state_(state) {}
  [[nodiscard]] constexpr const std::array<std::uint64_t, 4>& state() const { return state_; }

  constexpr std::uint64_t operator()() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  static constexpr std::uint64_t min() { return 0; }
  static constexpr std::uint64_t max() { return ~std::uint64_t{0}; }

  friend constexpr bool operator==(const Stream&, const Stream&) = default;

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace twin
