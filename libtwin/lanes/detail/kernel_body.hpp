// SPDX-License-Identifier: Apache-2.0
// No include guard: included once by each kernel's translation unit, which defines TWIN_LANES_WIDTH (doubles in a vector)
// and TWIN_LANES_NAMESPACE.

#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <libtwin/lanes/detail/kernel.hpp>

// In this order: each uses those before it.
// clang-format off
#include <libtwin/lanes/detail/kernel_vectors.hpp>
#include <libtwin/lanes/detail/kernel_line.hpp>
#include <libtwin/lanes/detail/kernel_graph.hpp>
#include <libtwin/lanes/detail/kernel_tape.hpp>
#include <libtwin/lanes/detail/kernel_draws.hpp>
#include <libtwin/lanes/detail/kernel_chunk.hpp>
// clang-format on

#undef TWIN_INLINE
#undef TWIN_LAMBDA_INLINE
