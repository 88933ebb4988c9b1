/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of MIN and MAX, and their accumulator: a value, and whether there is one. Always true:
 * the order is total (-0.0 before 0.0, NaN behind everything). */
#ifndef OPERATORS_AGG_MINMAX_H
#define OPERATORS_AGG_MINMAX_H

#include "aggregate_value.h"

enum { OP_MINMAX_VALUE_FIELD, OP_MINMAX_HAS_FIELD };

/* Bits of a float or double to an integer of the same order. */
static inline int32_t op_float_rank(float value)
{
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value != value) {
        return INT32_MAX;
    }
    return bits < 0 ? bits ^ INT32_MAX : bits;
}

static inline int64_t op_double_rank(double value)
{
    int64_t bits;
    memcpy(&bits, &value, sizeof bits);
    if (value != value) {
        return INT64_MAX;
    }
    return bits < 0 ? bits ^ INT64_MAX : bits;
}

#define OP_SAME_RANK(value) (value)

/* Keeps value when it is better than *best, or the first. A better value is rare once a group has
 * seen some, and plain comparison tells; only where it does not (equal values, NaN) rank decides.
 */
#define OP_MINMAX_UPDATE(best, has, value, is_max, rank)                                         \
    do {                                                                                         \
        if (*(has) && ((is_max) ? (value) < *(best) : (value) > *(best))) {                      \
            break;                                                                               \
        }                                                                                        \
        if (!*(has) || ((is_max) ? rank(*(best)) < rank(value) : rank(value) < rank(*(best)))) { \
            *(best) = (value);                                                                   \
            *(has) = 1;                                                                          \
        }                                                                                        \
    } while (0)

#endif
