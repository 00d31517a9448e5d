// SPDX-License-Identifier: Apache-2.0
#define TWIN_LANES_WIDTH 4
#define TWIN_LANES_NAMESPACE avx2_kernel
#include <libtwin/lanes/detail/kernel_body.hpp>

namespace twin::detail {

const LaneKernel kAvx2Kernel = {avx2_kernel::chunk,  avx2_kernel::line,   avx2_kernel::source,
                                avx2_kernel::graph,  avx2_kernel::depart, avx2_kernel::lead_rows,
                                avx2_kernel::record, avx2_kernel::back,   avx2_kernel::exponential_rows};

}  // namespace twin::detail
