// SPDX-License-Identifier: Apache-2.0
#include <tests/support/catch.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <set>
#include <string>

#include <libtwin/core/random.hpp>

using namespace twin;

namespace {

/// SplitMix64 and xoshiro256++ once more, written down from the publications (Steele, Lea, Flood 2014; Blackman and
/// Vigna 2019), so that a slip in the library shows.
std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z ^= z >> 30;
  z *= 0xbf58476d1ce4e5b9u;
  z ^= z >> 27;
  z *= 0x94d049bb133111ebu;
  z ^= z >> 31;
  return z;
}

struct Xoshiro {
  std::array<std::uint64_t, 4> s;

  static std::uint64_t rotate(std::uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

  std::uint64_t next() {
    const std::uint64_t out = rotate(s[0] + s[3], 23) + s[0];
    const std::array<std::uint64_t, 4> o = s;
    s[0] = o[0] ^ o[3] ^ o[1];
    s[1] = o[1] ^ o[2] ^ o[0];
    s[2] = o[2] ^ o[0] ^ (o[1] << 17);
    s[3] = rotate(o[3] ^ o[1], 45);
    return out;
  }
};

}  // namespace

TEST_CASE("the test's own generators give the published numbers") {
  Xoshiro x{{1, 2, 3, 4}};
  constexpr std::array<std::uint64_t, 10> xoshiro_numbers{41943041u,
                                                          58720359u,
                                                          3588806011781223u,
                                                          3591011842654386u,
                                                          9228616714210784205u,
                                                          9973669472204895162u,
                                                          14011001112246962877u,
                                                          12406186145184390807u,
                                                          15849039046786891736u,
                                                          10450023813501588000u};
  for (const std::uint64_t expected : xoshiro_numbers) CHECK(x.next() == expected);
  std::uint64_t state = 1234567;
  constexpr std::array<std::uint64_t, 5> split_mix_numbers{
      6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u, 16408922859458223821u};
  for (const std::uint64_t expected : split_mix_numbers) CHECK(split_mix(state) == expected);
}

TEST_CASE("a stream is xoshiro256++ whose state SplitMix64 fills from the keys") {
  const std::uint64_t run = run_key(7, 3);
  const std::uint64_t key = stream_key(name_key("weld"), Purpose::repair, 2);
  std::uint64_t state = detail::mix(run ^ key);
  Xoshiro expected{};
  for (std::uint64_t& word : expected.s) word = split_mix(state);
  Stream stream(run, key);
  for (int i = 0; i < 1000; ++i) REQUIRE(stream() == expected.next());
}

TEST_CASE("a name's key is its FNV-1a hash, mixed") {
  CHECK(name_key("") == detail::mix(0xcbf29ce484222325u));
  CHECK(name_key("a") == detail::mix(0xaf63dc4c8601ec8cu));
  CHECK(name_key("foobar") == detail::mix(0x85944171f73967e8u));
  CHECK(name_key("\xc3\xa4") != name_key("\xc3\xb6"));
}

TEST_CASE("keys and streams keep their values from version to version") {
  CHECK(run_key(1, 0) == 0x5e41ab087439611eu);
  CHECK(name_key("weld") == 0xf71d512eb2dd299bu);
  CHECK(stream_key(name_key("weld"), Purpose::cycle) == 0x7900cd4c1f47e9eau);
  CHECK(stream_key(name_key("weld"), Purpose::failure, 1) == 0x25eb12de2ad50f01u);
  Stream stream(run_key(1, 0), stream_key(name_key("weld"), Purpose::cycle));
  CHECK(stream() == 0xdda7b5d936dd4003u);
  CHECK(stream() == 0x740ab7109841bf0au);
}

TEST_CASE("elements, purposes and counters all have keys of their own") {
  constexpr std::array purposes{Purpose::cycle, Purpose::failure, Purpose::repair, Purpose::arrival,
                                Purpose::batch, Purpose::product, Purpose::route,  Purpose::scrap,
                                Purpose::setup, Purpose::process, Purpose::test,   Purpose::design};
  std::set<std::uint64_t> keys;
  for (int element = 0; element < 1000; ++element) {
    const std::uint64_t name = name_key("m" + std::to_string(element));
    for (const Purpose purpose : purposes) {
      for (std::uint64_t sub = 0; sub < 10; ++sub) keys.insert(stream_key(name, purpose, sub));
    }
  }
  CHECK(keys.size() == 1000 * purposes.size() * 10);
}

TEST_CASE("seeds and replications all have keys of their own") {
  std::set<std::uint64_t> keys;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    for (std::uint64_t replication = 0; replication < 300; ++replication) keys.insert(run_key(seed, replication));
  }
  CHECK(keys.size() == 90000);
  CHECK(run_key(0, 1) != run_key(1, 0));
}

TEST_CASE("streams of neighbouring keys share no bit pattern") {
  constexpr int kDraws = 20000;
  Stream a(run_key(1, 0), stream_key(name_key("m1"), Purpose::cycle));
  Stream b(run_key(1, 0), stream_key(name_key("m2"), Purpose::cycle));
  Stream c(run_key(1, 1), stream_key(name_key("m1"), Purpose::cycle));
  std::array<std::int64_t, 2> different{};
  for (int i = 0; i < kDraws; ++i) {
    const std::uint64_t x = a();
    different[0] += std::popcount(x ^ b());
    different[1] += std::popcount(x ^ c());
  }
  // Half of the bits differ, with a standard deviation of 4 bits a draw.
  const double error = 4.0 / std::sqrt(kDraws);
  for (const std::int64_t d : different) CHECK(std::abs(static_cast<double>(d) / kDraws - 32.0) < 4 * error);
}

TEST_CASE("a stream can be copied, and the copy goes on alike") {
  Stream a(1, 2);
  for (int i = 0; i < 10; ++i) a();
  Stream b = a;
  CHECK(a == b);
  CHECK(a() == b());
  a();
  CHECK_FALSE(a == b);
}
