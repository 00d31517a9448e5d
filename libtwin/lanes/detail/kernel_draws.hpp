// SPDX-License-Identifier: Apache-2.0
// No include guard: part of a kernel (kernel_body.hpp). Exponential variates, a stream a lane.

namespace twin::detail::TWIN_LANES_NAMESPACE {

template <class Word>
TWIN_INLINE Word rotated(Word x, int by) {
  return (x << by) | (x >> (64 - by));
}

/// xoshiro256++ (`Stream`), of one stream or of one a lane.
template <class Word>
TWIN_INLINE Word next_bits(Word (&s)[4]) {
  const Word result = rotated(s[0] + s[3], 23) + s[0];
  const Word t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotated(s[3], 45);
  return result;
}

/// Integers below 2^53, exactly.
TWIN_INLINE Doubles from_words(Words x) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_cvtepi64_pd(reinterpret_cast<__m512i>(x));
#else
  // The lower half beside 2^52, the upper in units of 2^32 beside 2^84.
  const Words low = (x & 0xffffffffULL) | 0x4330000000000000ULL;
  const Words high = (x >> 32) | 0x4530000000000000ULL;
  return (reinterpret_cast<Doubles>(high) - 0x1.00000001p84) + reinterpret_cast<Doubles>(low);
#endif
}

/// Bit i: a[i] >= b[i], both below 2^63.
TWIN_INLINE unsigned bits_not_below(Words a, Words b) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_cmpge_epu64_mask(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b));
#elif TWIN_LANES_WIDTH == 2
  return (a[0] >= b[0] ? 1U : 0U) | (a[1] >= b[1] ? 2U : 0U);
#else
  return bits_of(reinterpret_cast<Masks>(a) >= reinterpret_cast<Masks>(b));
#endif
}

/// The layers that the lowest bytes of `bits` name.
TWIN_INLINE void find_layers(const ZigguratLayer* layers, const std::uint64_t* bits, Words& inside, Doubles& width) {
#if defined(__x86_64__)
  const auto layer = [&](std::uint32_t i) TWIN_LAMBDA_INLINE {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(layers + static_cast<std::uint8_t>(bits[i])));
  };
#if TWIN_LANES_WIDTH == 2
  const __m128i even = layer(0);
  const __m128i odd = layer(1);
  inside = reinterpret_cast<Words>(_mm_unpacklo_epi64(even, odd));
  width = reinterpret_cast<Doubles>(_mm_unpackhi_epi64(even, odd));
#else
  const auto layer_pair = [&](std::uint32_t i) TWIN_LAMBDA_INLINE {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(layer(i)), layer(i + 2), 1);
  };
#if TWIN_LANES_WIDTH == 4
  const __m256i even = layer_pair(0);
  const __m256i odd = layer_pair(1);
  inside = reinterpret_cast<Words>(_mm256_unpacklo_epi64(even, odd));
  width = reinterpret_cast<Doubles>(_mm256_unpackhi_epi64(even, odd));
#else
  const __m512i even = _mm512_inserti64x4(_mm512_castsi256_si512(layer_pair(0)), layer_pair(4), 1);
  const __m512i odd = _mm512_inserti64x4(_mm512_castsi256_si512(layer_pair(1)), layer_pair(5), 1);
  inside = reinterpret_cast<Words>(_mm512_unpacklo_epi64(even, odd));
  width = reinterpret_cast<Doubles>(_mm512_unpackhi_epi64(even, odd));
#endif
#endif
#else
  for (std::uint32_t i = 0; i < kWidth; ++i) {
    const ZigguratLayer& layer = layers[static_cast<std::uint8_t>(bits[i])];
    inside[i] = layer.inside;
    width[i] = layer.width;
  }
#endif
}

struct Streams {
  Words word[4];
};

TWIN_INLINE double whole(std::uint64_t x) { return static_cast<double>(static_cast<std::int64_t>(x)); }

/// The rest of a draw whose first try, `bits`, fell beyond the inside of its layer. Whether the point lies under the curve is
/// a toss-up that no processor predicts, so what follows either way is made and one of the two taken. The few cases that take
/// more than the chord, the tangent and one more try are left to `rare`.
TWIN_INLINE double draw_at_edge(const ExponentialRows& r, std::uint64_t* state, std::uint64_t bits) {
  const std::uint64_t index = bits & 255;
  const std::uint64_t position = bits >> 11;
  const ZigguratLayer& layer = r.layers[index];
  std::uint64_t under[4] = {state[0], state[1], state[2], state[3]};
  const double u = (whole(next_bits(under) >> 12) + 0.5) * 0x1p-52;
  std::uint64_t over[4] = {under[0], under[1], under[2], under[3]};
  const std::uint64_t again = next_bits(over);
  const ZigguratLayer& next = r.layers[again & 255];
  const double low = r.density[index];
  const double high = r.density[index + 1];
  const double from_left = whole(position - layer.inside) * layer.width;
  const bool is_over = u * whole((1ULL << 53) - layer.inside) > whole((1ULL << 53) - position) * (1 + kEdgeMargin);
  const bool is_under = low + u * (high - low) < high * (1 - kEdgeMargin) - high * from_left;
  const bool is_inside = (again >> 11) < next.inside;
  if (__builtin_expect(!((is_under | (is_over & is_inside)) & (index != 0)), 0)) return r.rare(state, bits);
  const std::uint64_t choice = 0 - std::uint64_t{is_over};
  for (unsigned k = 0; k < 4; ++k) state[k] = under[k] ^ ((under[k] ^ over[k]) & choice);
  const std::uint64_t last = bits ^ ((bits ^ again) & choice);
  return whole(last >> 11) * r.layers[last & 255].width;
}

/// Draws again in the lanes whose bit is set, one by one. What is written here is read as it was written, word by word, and
/// comes back into the vectors by masks: a vector that is read over words just written waits for them.
TWIN_INLINE void draw_again(const ExponentialRows& r, const std::uint64_t* bits, unsigned which, Streams& s,
                            Doubles& x) {
  alignas(64) std::uint64_t words[4][kWidth];
  for (unsigned k = 0; k < 4; ++k) *reinterpret_cast<Words*>(words[k]) = s.word[k];
  for (; which != 0; which &= which - 1) {
    const auto i = static_cast<std::uint32_t>(__builtin_ctz(which));
    std::uint64_t state[4] = {words[0][i], words[1][i], words[2][i], words[3][i]};
    x = with_lane(x, i, draw_at_edge(r, state, bits[i]));
    for (unsigned k = 0; k < 4; ++k) s.word[k] = with_lane(s.word[k], i, state[k]);
  }
}

// As `exponential_draw` does, stream by stream; several vectors of streams, so that one goes on while another draws again.
template <std::uint32_t kVectors>
TWIN_INLINE void exponential_group(const ExponentialRows& r, std::uint32_t first, Doubles& largest) {
  Streams s[kVectors];
  for (std::uint32_t v = 0; v < kVectors; ++v) {
    for (unsigned k = 0; k < 4; ++k) {
      s[v].word[k] = *reinterpret_cast<Words*>(r.state + k * r.streams + first + v * kWidth);
    }
  }
  double* out = r.out + first;
  for (std::uint32_t row = 0; row < r.rows; ++row, out += r.lanes) {
#pragma GCC unroll 4
    for (std::uint32_t v = 0; v < kVectors; ++v) {
      alignas(64) std::uint64_t bits[kWidth];
      const Words drawn = next_bits(s[v].word);
      *reinterpret_cast<Words*>(bits) = drawn;
      // Through memory: taking a vector apart in registers costs more.
      __asm__("" : "+m"(bits));
      Words inside;
      Doubles width;
      find_layers(r.layers, bits, inside, width);
      const Words position = drawn >> 11;
      Doubles x = from_words(position) * width;
      const unsigned outside = bits_not_below(position, inside);
      if (__builtin_expect(outside != 0, 0)) draw_again(r, bits, outside, s[v], x);
      store(out + v * kWidth, x);
      largest = larger(x, largest);
    }
  }
  for (std::uint32_t v = 0; v < kVectors; ++v) {
    for (unsigned k = 0; k < 4; ++k) {
      *reinterpret_cast<Words*>(r.state + k * r.streams + first + v * kWidth) = s[v].word[k];
    }
  }
}

static double exponential_rows(const ExponentialRows& r) {
  Doubles largest{};
  std::uint32_t first = 0;
  for (; first + 2 * kWidth <= r.streams; first += 2 * kWidth) exponential_group<2>(r, first, largest);
  for (; first < r.streams; first += kWidth) exponential_group<1>(r, first, largest);
  double most = 0;
  for (std::uint32_t i = 0; i < kWidth; ++i) most = largest[i] > most ? largest[i] : most;
  return most;
}

}  // namespace twin::detail::TWIN_LANES_NAMESPACE
