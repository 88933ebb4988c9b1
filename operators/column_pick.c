/* SPDX-License-Identifier: Apache-2.0
 *
 * Picking by width. Always true: NULLs are set after the values, and only where there are some. */
#include "column_pick.h"

#include "aggregate_value.h"

#define PICK_LEAF(name, ctype)                                                          \
    static void name(ctype *to, const ctype *from, uint32_t mask, const uint16_t *rows, \
                     uint32_t count)                                                    \
    {                                                                                   \
        for (uint32_t i = 0; i < count; i++) {                                          \
            to[i] = from[rows[i] & mask];                                               \
        }                                                                               \
    }

PICK_LEAF(pick_w1, uint8_t)
PICK_LEAF(pick_w2, uint16_t)
PICK_LEAF(pick_w4, uint32_t)
PICK_LEAF(pick_w8, uint64_t)
PICK_LEAF(pick_w16, sl_uint128)
PICK_LEAF(pick_views, struct sl_view)

static enum sl_status pick_nested(struct sl_batch_builder *out, uint32_t column,
                                  const struct sl_vector *from, const uint16_t *rows,
                                  uint32_t count, struct sl_error *err)
{
    sl_batch_builder_validity(out, column);
    for (uint32_t i = 0; i < count; i++) {
        SL_TRY(sl_vector_copy_value(&out->batch.columns[column], i, from, rows[i], &out->strings,
                                    err));
    }
    return SL_OK;
}

enum sl_status op_column_pick(struct sl_batch_builder *out, uint32_t column,
                              const struct sl_vector *from, const uint16_t *rows, uint32_t count,
                              struct sl_error *err)
{
    struct sl_vector *to = &out->batch.columns[column];
    struct op_values values = op_values_of_rows(from, rows, count);
    switch (from->physical) {
    case SL_W1:
        pick_w1(to->data, from->data, values.mask, rows, count);
        break;
    case SL_W2:
        pick_w2(to->data, from->data, values.mask, rows, count);
        break;
    case SL_W4:
        pick_w4(to->data, from->data, values.mask, rows, count);
        break;
    case SL_W8:
        pick_w8(to->data, from->data, values.mask, rows, count);
        break;
    case SL_W16:
        pick_w16(to->data, from->data, values.mask, rows, count);
        break;
    case SL_VIEW:
        pick_views(to->data, from->data, values.mask, rows, count);
        break;
    default:
        return pick_nested(out, column, from, rows, count, err);
    }
    if (values.validity == NULL) {
        return SL_OK;
    }
    sl_batch_builder_validity(out, column);
    for (uint32_t i = 0; i < count; i++) {
        if (!op_values_valid(&values, rows[i])) {
            sl_vector_set_null(to, i);
        }
    }
    return SL_OK;
}
