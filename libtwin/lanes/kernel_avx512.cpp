// SPDX-License-Identifier: Apache-2.0
#define TWIN_LANES_WIDTH 8
#define TWIN_LANES_NAMESPACE avx512_kernel
#define TWIN_LANES_KERNEL kAvx512Kernel
#include <libtwin/lanes/detail/kernel_body.hpp>
