// SPDX-License-Identifier: Apache-2.0
#pragma once

/// For what the speed of a loop hangs on. Nothing with sanitizers: each check is a branch to code of its own, and a loop
/// inlined into one function with all of them takes the compiler minutes.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TWIN_ALWAYS_INLINE
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TWIN_ALWAYS_INLINE
#endif
#ifndef TWIN_ALWAYS_INLINE
#define TWIN_ALWAYS_INLINE [[gnu::always_inline]]
#endif
