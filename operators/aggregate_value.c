/* SPDX-License-Identifier: Apache-2.0
 *
 * How aggregate functions read their argument: whether they must look for NULL at all, and whether
 * its values lie one after the other. */
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

#define GATHER_LEAF(name, ctype)                                                                 \
    static void name(const ctype *data, uint32_t mask, const uint16_t *rows, uint32_t row_count, \
                     ctype *room)                                                                \
    {                                                                                            \
        for (uint32_t i = 0; i < row_count; i++) {                                               \
            room[i] = data[rows[i] & mask];                                                      \
        }                                                                                        \
    }

GATHER_LEAF(gather4, uint32_t)
GATHER_LEAF(gather8, uint64_t)

const void *op_values_gather(const struct op_values *values, uint32_t width_bytes,
                             const uint16_t *rows, uint32_t row_count, void *room)
{
    bool is_flat = values->mask != 0;
    if (is_flat && row_count > 0 && (uint32_t)rows[row_count - 1] - rows[0] == row_count - 1) {
        return (const char *)values->data + (size_t)rows[0] * width_bytes;
    }
    if (width_bytes == sizeof(uint32_t)) {
        gather4(values->data, values->mask, rows, row_count, room);
    } else {
        gather8(values->data, values->mask, rows, row_count, room);
    }
    return room;
}
