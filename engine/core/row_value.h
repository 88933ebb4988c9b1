/* SPDX-License-Identifier: Apache-2.0
 *
 * One value in the row encoding (row.h), its NULL byte included: what row.c and row_keys.c share.
 */
#ifndef SLUICE_CORE_ROW_VALUE_H
#define SLUICE_CORE_ROW_VALUE_H

#include "sluice/vector.h"

/* The bits that every NaN and both zeros have in the encoding. */
static inline uint32_t sl_row_float_bits(uint32_t bits)
{
    if ((bits & 0x7FFFFFFFu) == 0) {
        return 0;
    }
    return (bits & 0x7FFFFFFFu) > 0x7F800000u ? 0x7FC00000u : bits;
}

static inline uint64_t sl_row_double_bits(uint64_t bits)
{
    const uint64_t magnitude = bits & UINT64_C(0x7FFFFFFFFFFFFFFF);
    if (magnitude == 0) {
        return 0;
    }
    return magnitude > UINT64_C(0x7FF0000000000000) ? UINT64_C(0x7FF8000000000000) : bits;
}

size_t sl_row_value_size(const struct sl_vector *vector, uint32_t row);
/* Writes sl_row_value_size bytes at `at` and returns their end. */
char *sl_row_value_write(char *at, const struct sl_vector *vector, uint32_t row);

#endif
