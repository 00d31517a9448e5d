// SPDX-License-Identifier: Apache-2.0
// No include guard: part of a kernel (kernel_body.hpp).

namespace twin::detail::TWIN_LANES_NAMESPACE {

typedef double Doubles __attribute__((vector_size(8 * TWIN_LANES_WIDTH)));
typedef std::uint64_t Words __attribute__((vector_size(8 * TWIN_LANES_WIDTH)));
typedef std::int64_t Masks __attribute__((vector_size(8 * TWIN_LANES_WIDTH)));

constexpr std::uint32_t kWidth = TWIN_LANES_WIDTH;

#define TWIN_INLINE static inline __attribute__((always_inline))
#define TWIN_LAMBDA_INLINE __attribute__((always_inline))

TWIN_INLINE Doubles load(const double* p) { return *reinterpret_cast<const Doubles*>(p); }
TWIN_INLINE void store(double* p, Doubles v) { *reinterpret_cast<Doubles*>(p) = v; }
TWIN_INLINE Doubles all(double x) { return Doubles{} + x; }

// GCC 12 makes a comparison and a blend of `a > b ? a : b` in some places; the instruction is asked for by name.
TWIN_INLINE Doubles larger(Doubles a, Doubles b) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 2
  return _mm_max_pd(a, b);
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 4
  return _mm256_max_pd(a, b);
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_max_pd(a, b);
#else
  return a > b ? a : b;
#endif
}
TWIN_INLINE Doubles smaller(Doubles a, Doubles b) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 2
  return _mm_min_pd(a, b);
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 4
  return _mm256_min_pd(a, b);
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_min_pd(a, b);
#else
  return a < b ? a : b;
#endif
}

TWIN_INLINE unsigned bits_of(Masks m) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 2
  return static_cast<unsigned>(_mm_movemask_pd(reinterpret_cast<__m128d>(m)));
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 4
  return static_cast<unsigned>(_mm256_movemask_pd(reinterpret_cast<__m256d>(m)));
#elif defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_movepi64_mask(reinterpret_cast<__m512i>(m));
#else
  unsigned bits = 0;
  for (std::uint32_t i = 0; i < kWidth; ++i) bits |= m[i] != 0 ? 1U << i : 0U;
  return bits;
#endif
}

/// Bit i: a[i] < b[i].
TWIN_INLINE unsigned bits_below(Doubles a, Doubles b) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ);
#else
  return bits_of(a < b);
#endif
}

/// `v` with `x` in lane `i`. By a mask: a vector that is read over a number just written waits for it.
template <class Vector, class Number>
TWIN_INLINE Vector with_lane(Vector v, std::uint32_t i, Number x) {
  Masks lanes{};
  for (std::uint32_t k = 0; k < kWidth; ++k) lanes[k] = k;
  return lanes == static_cast<std::int64_t>(i) ? Vector{} + x : v;
}

// A duration on the grid: adding 2^52 rounds to the nearest tick, ties to even, as the event engine does.
TWIN_INLINE Doubles to_grid(Doubles ticks) {
  const Doubles bias = all(kTimeBias);
  return (ticks + bias) - bias;
}

template <bool kScaled>
TWIN_INLINE Doubles duration(const double* noise, Doubles factor, Doubles offset) {
  if constexpr (kScaled) return to_grid(load(noise) * factor);
  return to_grid(larger(offset + load(noise) * factor, Doubles{}));
}

/// The lanes whose bit is set; 0 in the others.
TWIN_INLINE Doubles only(unsigned bits, Doubles v) {
#if defined(__x86_64__) && TWIN_LANES_WIDTH == 8
  return _mm512_maskz_mov_pd(static_cast<__mmask8>(bits), v);
#else
  Masks which{};
  for (std::uint32_t i = 0; i < kWidth; ++i) which[i] = std::int64_t{1} << i;
  const Masks m = ((Masks{} + static_cast<std::int64_t>(bits)) & which) == which;
  return reinterpret_cast<Doubles>(reinterpret_cast<Masks>(v) & m);
#endif
}

typedef float Floats __attribute__((vector_size(4 * TWIN_LANES_WIDTH)));
TWIN_INLINE Doubles load_floats(const float* p) {
  Floats f;
  __builtin_memcpy(&f, p, sizeof f);
  return __builtin_convertvector(f, Doubles);
}
TWIN_INLINE void store_floats(float* p, Doubles v) {
  const Floats f = __builtin_convertvector(v, Floats);
  __builtin_memcpy(p, &f, sizeof f);
}

}  // namespace twin::detail::TWIN_LANES_NAMESPACE
