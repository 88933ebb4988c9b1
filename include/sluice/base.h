/* SPDX-License-Identifier: Apache-2.0
 *
 * Tier 0. Compiler features in one place: every GNU extension that Sluice uses has its only name
 * here. */
#ifndef SLUICE_BASE_H
#define SLUICE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SL_MUST_USE __attribute__((warn_unused_result))
#define SL_NORETURN __attribute__((noreturn))
#define SL_PRINTF(format_idx, first_idx) __attribute__((format(printf, format_idx, first_idx)))
#define SL_UNUSED __attribute__((unused))
/* Compiles one function for a CPU feature, which its caller has checked for. */
#define SL_TARGET(feature) __attribute__((target(feature)))
#define SL_LIKELY(x) __builtin_expect(!!(x), 1)
#define SL_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define SL_CACHE_LINE_BYTES 64
#define SL_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SL_MIN(a, b) ((a) < (b) ? (a) : (b))
#define SL_MAX(a, b) ((a) > (b) ? (a) : (b))

__extension__ typedef __int128 sl_int128;
__extension__ typedef unsigned __int128 sl_uint128;

/* Tell the address sanitizer which bytes of a block may be touched; nothing in a usual build. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SL_WITH_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SL_WITH_ADDRESS_SANITIZER
#endif
#ifdef SL_WITH_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#define SL_POISON(memory, size_bytes) ASAN_POISON_MEMORY_REGION(memory, size_bytes)
#define SL_UNPOISON(memory, size_bytes) ASAN_UNPOISON_MEMORY_REGION(memory, size_bytes)
#else
#define SL_POISON(memory, size_bytes) ((void)(memory), (void)(size_bytes))
#define SL_UNPOISON(memory, size_bytes) ((void)(memory), (void)(size_bytes))
#endif

#ifdef __cplusplus
#define SL_EXTERN_C_BEGIN extern "C" {
#define SL_EXTERN_C_END }
#else
#define SL_EXTERN_C_BEGIN
#define SL_EXTERN_C_END
#endif

#endif
