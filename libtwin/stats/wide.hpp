// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace twin::detail {

/// 128-bit integers of GCC and Clang: sums of ticks that never round.
__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

}  // namespace twin::detail
