// SPDX-License-Identifier: Apache-2.0
#define TWIN_LANES_WIDTH 2
#define TWIN_LANES_NAMESPACE baseline_kernel
#include <libtwin/lanes/detail/kernel_body.hpp>

namespace twin::detail {

const LaneKernel kBaselineKernel = {
    baseline_kernel::chunk,  baseline_kernel::line,   baseline_kernel::source,
    baseline_kernel::graph,  baseline_kernel::depart, baseline_kernel::lead_rows,
    baseline_kernel::record, baseline_kernel::back,   baseline_kernel::exponential_rows};

}  // namespace twin::detail
