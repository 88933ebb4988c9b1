/* SPDX-License-Identifier: Apache-2.0
 *
 * The level is found out once; every thread finds the same. */
#include "cpu_level.h"

#include <stdatomic.h>

#ifdef __x86_64__

static enum conn_cpu_level best_level(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
        !__builtin_cpu_supports("bmi2")) {
        return CONN_CPU_V2;
    }
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
               ? CONN_CPU_V4
               : CONN_CPU_V3;
}

#else

static enum conn_cpu_level best_level(void)
{
    return CONN_CPU_V2;
}

#endif

static _Atomic uint32_t chosen = CONN_CPU_LEVELS; /* nobody has asked yet */

enum conn_cpu_level conn_cpu_level(void)
{
    uint32_t level = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (level == CONN_CPU_LEVELS) {
        level = best_level();
        atomic_store_explicit(&chosen, level, memory_order_relaxed);
    }
    return (enum conn_cpu_level)level;
}

bool conn_cpu_level_force(enum conn_cpu_level level)
{
    if (level > best_level()) {
        return false;
    }
    atomic_store_explicit(&chosen, level, memory_order_relaxed);
    return true;
}
