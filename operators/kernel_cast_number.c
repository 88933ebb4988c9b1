/* SPDX-License-Identifier: Apache-2.0
 *
 * Casts among numbers and BOOLEAN. What does not fit the target is an overflow of the row; floating
 * numbers and decimals lose their fraction towards zero on the way to an integer. */
#include <math.h>

#include "sluice/decimal.h"

#include "kernel_cast.h"

/* Casts that cannot fail, in loops that vectorise. */
#define PLAIN_CAST(name, from, to)                            \
    static void name(struct sl_kernel_call *call)             \
    {                                                         \
        to *restrict result = (to *)call->result->data;       \
        OP_UNARY_LOOPS(call, from, { result[row] = (to)x; }); \
    }

PLAIN_CAST(int8_to_int16, int8_t, int16_t)
PLAIN_CAST(int8_to_int32, int8_t, int32_t)
PLAIN_CAST(int8_to_int64, int8_t, int64_t)
PLAIN_CAST(int8_to_float, int8_t, float)
PLAIN_CAST(int8_to_double, int8_t, double)
PLAIN_CAST(int16_to_int32, int16_t, int32_t)
PLAIN_CAST(int16_to_int64, int16_t, int64_t)
PLAIN_CAST(int16_to_float, int16_t, float)
PLAIN_CAST(int16_to_double, int16_t, double)
PLAIN_CAST(int32_to_int64, int32_t, int64_t)
PLAIN_CAST(int32_to_float, int32_t, float)
PLAIN_CAST(int32_to_double, int32_t, double)
PLAIN_CAST(int64_to_float, int64_t, float)
PLAIN_CAST(int64_to_double, int64_t, double)
PLAIN_CAST(float_to_double, float, double)
PLAIN_CAST(double_to_float, double, float)

#define TRUTH_CAST(name, from)                                    \
    static void name(struct sl_kernel_call *call)                 \
    {                                                             \
        uint8_t *restrict result = (uint8_t *)call->result->data; \
        OP_UNARY_LOOPS(call, from, { result[row] = x != 0; });    \
    }

TRUTH_CAST(int8_to_boolean, int8_t)
TRUTH_CAST(int16_to_boolean, int16_t)
TRUTH_CAST(int32_to_boolean, int32_t)
TRUTH_CAST(int64_to_boolean, int64_t)
TRUTH_CAST(float_to_boolean, float)
TRUTH_CAST(double_to_boolean, double)

static void decimal_to_boolean(struct sl_kernel_call *call)
{
    uint8_t *result = (uint8_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        result[row] = op_load_decimal(call->arguments[0], row) != 0;
    }
}

static void integer_to_narrower(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        if (!op_store_integer(call->result, row, op_load_integer(call->arguments[0], row))) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

static void store_decimal(struct sl_kernel_call *call, uint32_t row, bool fits, sl_int128 value)
{
    if (fits) {
        op_store_decimal(call->result, row, value);
    } else {
        op_set_error(call, row, SL_ROW_OVERFLOW);
    }
}

static void integer_to_decimal(struct sl_kernel_call *call)
{
    const struct sl_type *type = &call->result->type;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        sl_int128 value = 0;
        const bool fits = sl_decimal_rescale(op_load_integer(call->arguments[0], row), 0,
                                             type->scale, type->precision, &value);
        store_decimal(call, row, fits, value);
    }
}

static void decimal_to_decimal(struct sl_kernel_call *call)
{
    const struct sl_type *from = &call->arguments[0]->type;
    const struct sl_type *to = &call->result->type;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        sl_int128 value = 0;
        const bool fits = sl_decimal_rescale(op_load_decimal(call->arguments[0], row), from->scale,
                                             to->scale, to->precision, &value);
        store_decimal(call, row, fits, value);
    }
}

static void decimal_to_integer(struct sl_kernel_call *call)
{
    const sl_int128 unit = sl_decimal_power10(call->arguments[0]->type.scale);
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const sl_int128 value = op_load_decimal(call->arguments[0], row) / unit;
        if (value != (int64_t)value || !op_store_integer(call->result, row, (int64_t)value)) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

static void decimal_to_floating(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    const bool is_float = call->result->type.id == SL_TYPE_FLOAT;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const double value =
            sl_decimal_to_double(op_load_decimal(argument, row), argument->type.scale);
        if (is_float) {
            ((float *)call->result->data)[row] = (float)value;
        } else {
            ((double *)call->result->data)[row] = value;
        }
    }
}

static inline double load_floating(const struct sl_vector *vector, uint32_t row)
{
    const uint32_t idx = sl_vector_index(vector, row);
    return vector->type.id == SL_TYPE_FLOAT ? (double)((const float *)vector->data)[idx]
                                            : ((const double *)vector->data)[idx];
}

static void floating_to_integer(struct sl_kernel_call *call)
{
    const double limit = 9223372036854775808.0; /* 2^63 */
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const double value = load_floating(call->arguments[0], row);
        if (!(value >= -limit && value < limit) ||
            !op_store_integer(call->result, row, (int64_t)value)) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

static void floating_to_decimal(struct sl_kernel_call *call)
{
    const struct sl_type *type = &call->result->type;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        sl_int128 value = 0;
        const bool fits = sl_decimal_from_double(load_floating(call->arguments[0], row),
                                                 type->precision, type->scale, &value);
        store_decimal(call, row, fits, value);
    }
}

const struct sl_function_def *const op_functions_cast_number[] = {
    OP_CAST("BOOLEAN", int8_to_boolean, SL_TYPE_TINYINT),
    OP_CAST("BOOLEAN", int16_to_boolean, SL_TYPE_SMALLINT),
    OP_CAST("BOOLEAN", int32_to_boolean, SL_TYPE_INT),
    OP_CAST("BOOLEAN", int64_to_boolean, SL_TYPE_BIGINT),
    OP_CAST("BOOLEAN", float_to_boolean, SL_TYPE_FLOAT),
    OP_CAST("BOOLEAN", double_to_boolean, SL_TYPE_DOUBLE),
    OP_CAST("BOOLEAN", decimal_to_boolean, SL_TYPE_DECIMAL),
    OP_CAST("TINYINT", integer_to_narrower, SL_TYPE_BOOLEAN),
    OP_CAST("TINYINT", integer_to_narrower, SL_TYPE_SMALLINT),
    OP_CAST("TINYINT", integer_to_narrower, SL_TYPE_INT),
    OP_CAST("TINYINT", integer_to_narrower, SL_TYPE_BIGINT),
    OP_CAST("TINYINT", floating_to_integer, SL_TYPE_FLOAT),
    OP_CAST("TINYINT", floating_to_integer, SL_TYPE_DOUBLE),
    OP_CAST("TINYINT", decimal_to_integer, SL_TYPE_DECIMAL),
    OP_CAST("SMALLINT", int8_to_int16, SL_TYPE_BOOLEAN),
    OP_CAST("SMALLINT", int8_to_int16, SL_TYPE_TINYINT),
    OP_CAST("SMALLINT", integer_to_narrower, SL_TYPE_INT),
    OP_CAST("SMALLINT", integer_to_narrower, SL_TYPE_BIGINT),
    OP_CAST("SMALLINT", floating_to_integer, SL_TYPE_FLOAT),
    OP_CAST("SMALLINT", floating_to_integer, SL_TYPE_DOUBLE),
    OP_CAST("SMALLINT", decimal_to_integer, SL_TYPE_DECIMAL),
    OP_CAST("INT", int8_to_int32, SL_TYPE_BOOLEAN),
    OP_CAST("INT", int8_to_int32, SL_TYPE_TINYINT),
    OP_CAST("INT", int16_to_int32, SL_TYPE_SMALLINT),
    OP_CAST("INT", integer_to_narrower, SL_TYPE_BIGINT),
    OP_CAST("INT", floating_to_integer, SL_TYPE_FLOAT),
    OP_CAST("INT", floating_to_integer, SL_TYPE_DOUBLE),
    OP_CAST("INT", decimal_to_integer, SL_TYPE_DECIMAL),
    OP_CAST("BIGINT", int8_to_int64, SL_TYPE_BOOLEAN),
    OP_CAST("BIGINT", int8_to_int64, SL_TYPE_TINYINT),
    OP_CAST("BIGINT", int16_to_int64, SL_TYPE_SMALLINT),
    OP_CAST("BIGINT", int32_to_int64, SL_TYPE_INT),
    OP_CAST("BIGINT", floating_to_integer, SL_TYPE_FLOAT),
    OP_CAST("BIGINT", floating_to_integer, SL_TYPE_DOUBLE),
    OP_CAST("BIGINT", decimal_to_integer, SL_TYPE_DECIMAL),
    OP_CAST("FLOAT", int8_to_float, SL_TYPE_BOOLEAN),
    OP_CAST("FLOAT", int8_to_float, SL_TYPE_TINYINT),
    OP_CAST("FLOAT", int16_to_float, SL_TYPE_SMALLINT),
    OP_CAST("FLOAT", int32_to_float, SL_TYPE_INT),
    OP_CAST("FLOAT", int64_to_float, SL_TYPE_BIGINT),
    OP_CAST("FLOAT", double_to_float, SL_TYPE_DOUBLE),
    OP_CAST("FLOAT", decimal_to_floating, SL_TYPE_DECIMAL),
    OP_CAST("DOUBLE", int8_to_double, SL_TYPE_BOOLEAN),
    OP_CAST("DOUBLE", int8_to_double, SL_TYPE_TINYINT),
    OP_CAST("DOUBLE", int16_to_double, SL_TYPE_SMALLINT),
    OP_CAST("DOUBLE", int32_to_double, SL_TYPE_INT),
    OP_CAST("DOUBLE", int64_to_double, SL_TYPE_BIGINT),
    OP_CAST("DOUBLE", float_to_double, SL_TYPE_FLOAT),
    OP_CAST("DOUBLE", decimal_to_floating, SL_TYPE_DECIMAL),
    OP_CAST("DECIMAL", integer_to_decimal, SL_TYPE_BOOLEAN),
    OP_CAST("DECIMAL", integer_to_decimal, SL_TYPE_TINYINT),
    OP_CAST("DECIMAL", integer_to_decimal, SL_TYPE_SMALLINT),
    OP_CAST("DECIMAL", integer_to_decimal, SL_TYPE_INT),
    OP_CAST("DECIMAL", integer_to_decimal, SL_TYPE_BIGINT),
    OP_CAST("DECIMAL", floating_to_decimal, SL_TYPE_FLOAT),
    OP_CAST("DECIMAL", floating_to_decimal, SL_TYPE_DOUBLE),
    OP_CAST("DECIMAL", decimal_to_decimal, SL_TYPE_DECIMAL),
    NULL,
};
