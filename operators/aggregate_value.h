/* SPDX-License-Identifier: Apache-2.0
 *
 * How aggregate functions read their argument and reach their accumulator. Always true: fields lie
 * in state values, aligned to their width, and counts wrap rather than overflow. */
#ifndef OPERATORS_AGGREGATE_VALUE_H
#define OPERATORS_AGGREGATE_VALUE_H

#include "sluice/function.h"

/* A column as a leaf reads it: the value of row is data[row & mask]. */
struct op_values {
    const void *data;
    const uint64_t *validity; /* NULL = all valid */
    uint32_t mask;            /* 0 for a CONST vector, else all ones */
};

static inline struct op_values op_values_of(const struct sl_vector *vector)
{
    return (struct op_values){vector->data, vector->validity,
                              vector->encoding == SL_CONST ? 0 : UINT32_MAX};
}

/* The same for rows alone: without validity when none of the rows is NULL, since sources attach
 * bitmaps that are mostly full. */
struct op_values op_values_of_rows(const struct sl_vector *vector, const uint16_t *rows,
                                   uint32_t row_count);

/* The same for rows 0..row_count-1. */
struct op_values op_values_of_first(const struct sl_vector *vector, uint32_t row_count);

static inline bool op_values_valid(const struct op_values *values, uint32_t row)
{
    return values->validity == NULL || sl_bitmap_get(values->validity, row & values->mask);
}

/* Values of 4 or 8 bytes of rows, which ascend, one after the other: where they are if the rows
 * have no gaps, else copied to room. */
const void *op_values_gather(const struct op_values *values, uint32_t width_bytes,
                             const uint16_t *rows, uint32_t row_count, void *room);

/* Whether one of the rows is NULL: rows that were deselected do not count, unlike in
 * op_values_of_rows. */
bool op_has_null(const struct sl_vector *vector, const uint16_t *rows, uint32_t row_count);

/* Fields of rows that stand alone (sl_aggregate_def.single): the argument itself, and 1. */
static inline void op_single_borrow(struct sl_vector *field, const struct sl_vector *argument)
{
    field->data = argument->data;
    field->encoding = argument->encoding;
    field->capacity = argument->capacity;
}

static inline void op_single_one(struct sl_vector *field)
{
    if (field->physical == SL_W1) {
        *(uint8_t *)field->data = 1;
    } else {
        *(int64_t *)field->data = 1;
    }
    field->encoding = SL_CONST;
}

static inline void *op_field(const struct sl_aggregate_env *env, void *accumulator, uint32_t idx)
{
    return (char *)accumulator + env->field_offset_bytes[idx];
}

static inline const void *op_const_field(const struct sl_aggregate_env *env,
                                         const void *accumulator, uint32_t idx)
{
    return (const char *)accumulator + env->field_offset_bytes[idx];
}

static inline int64_t op_count_of(const struct sl_aggregate_env *env, const void *accumulator,
                                  uint32_t idx)
{
    return *(const int64_t *)op_const_field(env, accumulator, idx);
}

static inline void op_count_add(void *field, int64_t change)
{
    int64_t *count = field;
    *count = (int64_t)((uint64_t)*count + (uint64_t)change);
}

static inline void op_count_change(const struct sl_aggregate_env *env, void *accumulator,
                                   uint32_t idx, int64_t change)
{
    op_count_add(op_field(env, accumulator, idx), change);
}

static inline void op_result_set_valid(struct sl_vector *result, uint32_t row, bool is_valid)
{
    if (result->validity == NULL) {
        return;
    }
    if (is_valid) {
        if (SL_UNLIKELY(!sl_bitmap_get(result->validity, row))) { /* bitmaps begin full */
            sl_bitmap_set(result->validity, row);
        }
    } else {
        sl_vector_set_null(result, row);
    }
}

#endif
