/* SPDX-License-Identifier: Apache-2.0
 *
 * How aggregate functions read their argument: whether they must look for NULL at all. */
#include "aggregate_value.h"

static uint32_t last_row(const uint16_t *rows, uint32_t row_count)
{
    uint16_t last = 0;
    for (uint32_t i = 0; i < row_count; i++) {
        last = SL_MAX(last, rows[i]);
    }
    return last;
}

struct op_values op_values_of_first(const struct sl_vector *vector, uint32_t row_count)
{
    struct op_values values = op_values_of(vector);
    if (values.validity == NULL || row_count == 0) {
        return values;
    }
    uint32_t bit_count = ((row_count - 1) & values.mask) + 1;
    uint32_t rest = bit_count % 64;
    uint64_t all = rest == 0 ? UINT64_MAX : values.validity[bit_count / 64] | UINT64_MAX << rest;
    for (uint32_t i = 0; i < bit_count / 64; i++) {
        all &= values.validity[i];
    }
    values.validity = all == UINT64_MAX ? NULL : values.validity;
    return values;
}

struct op_values op_values_of_rows(const struct sl_vector *vector, const uint16_t *rows,
                                   uint32_t row_count)
{
    return vector->validity == NULL ? op_values_of(vector)
                                    : op_values_of_first(vector, last_row(rows, row_count) + 1);
}

bool op_has_null(const struct sl_vector *vector, const uint16_t *rows, uint32_t row_count)
{
    struct op_values values = op_values_of_rows(vector, rows, row_count);
    uint32_t valid_count = 0;
    if (values.validity == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < row_count; i++) {
        valid_count += op_values_valid(&values, rows[i]);
    }
    return valid_count < row_count;
}
