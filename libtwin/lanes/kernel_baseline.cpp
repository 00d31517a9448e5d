// SPDX-License-Identifier: Apache-2.0
#define TWIN_LANES_WIDTH 2
#define TWIN_LANES_NAMESPACE baseline_kernel
#define TWIN_LANES_KERNEL kBaselineKernel
#include <libtwin/lanes/detail/kernel_body.hpp>
