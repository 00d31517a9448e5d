// SPDX-License-Identifier: Apache-2.0
#define TWIN_LANES_WIDTH 8
#define TWIN_LANES_NAMESPACE avx512_kernel
#include <libtwin/lanes/detail/kernel_body.hpp>

namespace twin::detail {

const LaneKernel kAvx512Kernel = {avx512_kernel::chunk,  avx512_kernel::line,   avx512_kernel::source,
                                  avx512_kernel::graph,  avx512_kernel::depart, avx512_kernel::lead_rows,
                                  avx512_kernel::record, avx512_kernel::back,   avx512_kernel::exponential_rows};

}  // namespace twin::detail
