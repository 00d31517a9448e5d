// SPDX-License-Identifier: Apache-2.0
#define TWIN_LANES_WIDTH 4
#define TWIN_LANES_NAMESPACE avx2_kernel
#define TWIN_LANES_KERNEL kAvx2Kernel
#include <libtwin/lanes/detail/kernel_body.hpp>
