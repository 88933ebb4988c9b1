/* SPDX-License-Identifier: Apache-2.0
 *
 * What the cast families share. A cast is the function "CAST <TYPE>"; its type is the step's, never
 * derived. */
#ifndef OPERATORS_KERNEL_CAST_H
#define OPERATORS_KERNEL_CAST_H

#include "kernel_support.h"

/* Refuses: a cast is written CAST(x AS type). */
sl_result_type_function op_type_of_cast;

/* A TIME has no more digits than its type's precision says. */
static inline void op_store_time(struct sl_vector *vector, uint32_t row, int64_t time_ms)
{
    static const int32_t units_ms[] = {1000, 100, 10, 1};
    op_store_integer(vector, row, time_ms - time_ms % units_ms[SL_MIN(vector->type.precision, 3)]);
}

#define OP_CAST_KERNEL(type_name, kernel, from) \
    OP_FUNCTION("CAST " type_name, op_type_of_cast, kernel, 1, from)
#define OP_CAST(type_name, kernel_call, from) \
    OP_CAST_KERNEL(type_name, OP_STRICT_KERNEL(kernel_call), from)

/* A strict kernel that works in the session's time zone: its state is the zone. */
#define OP_ZONED_KERNEL(call_function) \
    (&(const struct sl_kernel_def){    \
        .name = #call_function,        \
        .is_strict = true,             \
        .takes_time_zone = true,       \
        .open = op_zone_kernel_open,   \
        .call = (call_function),       \
        .close = op_zone_kernel_close, \
    })

#define OP_ZONED_CAST(type_name, kernel_call, from) \
    OP_CAST_KERNEL(type_name, OP_ZONED_KERNEL(kernel_call), from)

#endif
