/* SPDX-License-Identifier: Apache-2.0
 *
 * SUM. Always true: integers and decimals add up exactly in 128 bits, whatever their order; only
 * the result is checked against its type. */
#include "builtin.h"
#include "sluice/decimal.h"

#include "agg_sum.h"

bool op_sum_is_double(const struct sl_type *argument)
{
    return argument->id == SL_TYPE_FLOAT || argument->id == SL_TYPE_DOUBLE;
}

enum sl_status op_sum_check(const char *function, const struct sl_type *arguments,
                            uint32_t argument_count, struct sl_error *err)
{
    char text[SL_TYPE_TEXT_BYTES];
    if (argument_count != 1) {
        return sl_fail(err, SL_SEMANTIC, "%s takes one argument, got %u", function, argument_count);
    }
    if (!sl_type_is_numeric(arguments[0].id)) {
        return sl_fail(err, SL_SEMANTIC, "%s takes a number, got %s", function,
                       sl_type_format(&arguments[0], text, sizeof text));
    }
    return SL_OK;
}

static enum sl_status sum_result_type(const struct sl_type *arguments, const char *const *literals,
                                      uint32_t argument_count, struct sl_type *result,
                                      struct sl_error *err)
{
    (void)literals;
    SL_TRY(op_sum_check("SUM", arguments, argument_count, err));
    *result = arguments[0].id == SL_TYPE_DECIMAL ? sl_decimal_sum_type(&arguments[0])
                                                 : sl_type_of(arguments[0].id);
    result->nullable = true;
    return SL_OK;
}

uint32_t op_sum_accumulator(const struct sl_type *argument, struct sl_state_field *fields)
{
    fields[OP_SUM_FIELD] =
        (struct sl_state_field){"sum", op_sum_is_double(argument) ? SL_W8 : SL_W16};
    fields[OP_SUM_COUNT_FIELD] = (struct sl_state_field){"sum_count", SL_W8};
    return 2;
}

struct rows {
    const uint16_t *rows;
    uint32_t count;
    const uint8_t *retract;
};

/* False on overflow, which leaves the sum as it was. */
static inline bool sum_change(sl_int128 *sum, sl_int128 value, bool is_retract)
{
    sl_int128 changed;
    if (is_retract ? __builtin_sub_overflow(*sum, value, &changed)
                   : __builtin_add_overflow(*sum, value, &changed)) {
        return false;
    }
    *sum = changed;
    return true;
}

/* Offsets are read before the loop, since stores into accumulators might change them for all that
 * the compiler knows. */
#define EXACT_LEAF(name, ctype)                                                        \
    static void name(const struct sl_aggregate_env *env, void *const *accumulators,    \
                     struct op_values values, struct rows in, uint8_t *errors)         \
    {                                                                                  \
        const ctype *data = values.data;                                               \
        uint32_t sum_bytes = env->field_offset_bytes[OP_SUM_FIELD];                    \
        uint32_t count_bytes = env->field_offset_bytes[OP_SUM_COUNT_FIELD];            \
        for (uint32_t i = 0; i < in.count; i++) {                                      \
            uint32_t row = in.rows[i];                                                 \
            if (!op_values_valid(&values, row)) {                                      \
                continue;                                                              \
            }                                                                          \
            bool is_retract = in.retract != NULL && in.retract[i];                     \
            char *accumulator = accumulators[i];                                       \
            if (sum_change((void *)(accumulator + sum_bytes), data[row & values.mask], \
                           is_retract)) {                                              \
                op_count_add(accumulator + count_bytes, is_retract ? -1 : 1);          \
            } else {                                                                   \
                errors[i] = SL_ROW_OVERFLOW;                                           \
            }                                                                          \
        }                                                                              \
    }

#define DOUBLE_LEAF(name, ctype)                                                      \
    static void name(const struct sl_aggregate_env *env, void *const *accumulators,   \
                     struct op_values values, struct rows in)                         \
    {                                                                                 \
        const ctype *data = values.data;                                              \
        uint32_t sum_bytes = env->field_offset_bytes[OP_SUM_FIELD];                   \
        uint32_t count_bytes = env->field_offset_bytes[OP_SUM_COUNT_FIELD];           \
        for (uint32_t i = 0; i < in.count; i++) {                                     \
            uint32_t row = in.rows[i];                                                \
            if (!op_values_valid(&values, row)) {                                     \
                continue;                                                             \
            }                                                                         \
            bool is_retract = in.retract != NULL && in.retract[i];                    \
            double value = (double)data[row & values.mask];                           \
            double *sum = (void *)((char *)accumulators[i] + sum_bytes);              \
            *sum += is_retract ? -value : value;                                      \
            op_count_add((char *)accumulators[i] + count_bytes, is_retract ? -1 : 1); \
        }                                                                             \
    }

EXACT_LEAF(add_int8, int8_t)
EXACT_LEAF(add_int16, int16_t)
EXACT_LEAF(add_int32, int32_t)
EXACT_LEAF(add_int64, int64_t)
EXACT_LEAF(add_int128, sl_int128)
DOUBLE_LEAF(add_float, float)
DOUBLE_LEAF(add_double, double)

void op_sum_add(const struct sl_aggregate_env *env, void *const *accumulators,
                const struct sl_vector *argument, const uint16_t *rows, uint32_t row_count,
                const uint8_t *retract, uint8_t *errors)
{
    struct op_values values = op_values_of_rows(argument, rows, row_count);
    struct rows in = {rows, row_count, retract};
    if (argument->type.id == SL_TYPE_FLOAT) {
        add_float(env, accumulators, values, in);
        return;
    }
    if (argument->type.id == SL_TYPE_DOUBLE) {
        add_double(env, accumulators, values, in);
        return;
    }
    switch (argument->physical) {
    case SL_W1:
        add_int8(env, accumulators, values, in, errors);
        break;
    case SL_W2:
        add_int16(env, accumulators, values, in, errors);
        break;
    case SL_W4:
        add_int32(env, accumulators, values, in, errors);
        break;
    case SL_W8:
        add_int64(env, accumulators, values, in, errors);
        break;
    default:
        add_int128(env, accumulators, values, in, errors);
        break;
    }
}

static void merge_exact(const struct sl_aggregate_env *env, void *const *accumulators,
                        const struct sl_vector *const *fields, struct rows in, uint8_t *errors)
{
    struct op_values sums = op_values_of(fields[OP_SUM_FIELD]);
    struct op_values counts = op_values_of(fields[OP_SUM_COUNT_FIELD]);
    const sl_int128 *sum_data = sums.data;
    const int64_t *count_data = counts.data;
    uint32_t sum_bytes = env->field_offset_bytes[OP_SUM_FIELD];
    uint32_t count_bytes = env->field_offset_bytes[OP_SUM_COUNT_FIELD];
    for (uint32_t i = 0; i < in.count; i++) {
        char *accumulator = accumulators[i];
        uint32_t row = in.rows[i];
        if (sum_change((void *)(accumulator + sum_bytes), sum_data[row & sums.mask], false)) {
            op_count_add(accumulator + count_bytes, count_data[row & counts.mask]);
        } else {
            errors[i] = SL_ROW_OVERFLOW;
        }
    }
}

/* The bits of doubles travel as BIGINT. */
static void merge_double(const struct sl_aggregate_env *env, void *const *accumulators,
                         const struct sl_vector *const *fields, struct rows in)
{
    struct op_values sums = op_values_of(fields[OP_SUM_FIELD]);
    struct op_values counts = op_values_of(fields[OP_SUM_COUNT_FIELD]);
    const int64_t *sum_data = sums.data;
    const int64_t *count_data = counts.data;
    uint32_t sum_bytes = env->field_offset_bytes[OP_SUM_FIELD];
    uint32_t count_bytes = env->field_offset_bytes[OP_SUM_COUNT_FIELD];
    for (uint32_t i = 0; i < in.count; i++) {
        char *accumulator = accumulators[i];
        uint32_t row = in.rows[i];
        double value;
        memcpy(&value, &sum_data[row & sums.mask], sizeof value);
        *(double *)(void *)(accumulator + sum_bytes) += value;
        op_count_add(accumulator + count_bytes, count_data[row & counts.mask]);
    }
}

void op_sum_merge(const struct sl_aggregate_env *env, void *const *accumulators,
                  const struct sl_vector *const *fields, const uint16_t *rows, uint32_t row_count,
                  uint8_t *errors)
{
    struct rows in = {rows, row_count, NULL};
    if (op_sum_is_double(&env->argument_type)) {
        merge_double(env, accumulators, fields, in);
    } else {
        merge_exact(env, accumulators, fields, in, errors);
    }
}

/* The argument as a sum has it, at the same rows. */
#define WIDEN_LEAF(name, ctype, sum_type)                                                   \
    static void name(const void *from, uint32_t mask, const uint16_t *rows, uint32_t count, \
                     void *to)                                                              \
    {                                                                                       \
        const ctype *data = from;                                                           \
        sum_type *sums = to;                                                                \
        for (uint32_t i = 0; i < count; i++) {                                              \
            sums[rows[i]] = (sum_type)data[rows[i] & mask];                                 \
        }                                                                                   \
    }

WIDEN_LEAF(widen_int8, int8_t, sl_int128)
WIDEN_LEAF(widen_int16, int16_t, sl_int128)
WIDEN_LEAF(widen_int32, int32_t, sl_int128)
WIDEN_LEAF(widen_int64, int64_t, sl_int128)
WIDEN_LEAF(widen_float, float, double)

bool op_sum_single(const struct sl_aggregate_env *env, const struct sl_vector *argument,
                   const uint16_t *rows, uint32_t row_count, struct sl_vector *fields)
{
    struct sl_vector *sum = &fields[OP_SUM_FIELD];
    struct op_values values = op_values_of(argument);
    if (op_has_null(argument, rows, row_count)) {
        return false;
    }
    op_single_one(&fields[OP_SUM_COUNT_FIELD]);
    if (env->argument_type.id == SL_TYPE_DOUBLE || argument->physical == SL_W16) {
        op_single_borrow(sum, argument);
        return true;
    }
    if (env->argument_type.id == SL_TYPE_FLOAT) {
        widen_float(values.data, values.mask, rows, row_count, sum->data);
        return true;
    }
    switch (argument->physical) {
    case SL_W1:
        widen_int8(values.data, values.mask, rows, row_count, sum->data);
        break;
    case SL_W2:
        widen_int16(values.data, values.mask, rows, row_count, sum->data);
        break;
    case SL_W4:
        widen_int32(values.data, values.mask, rows, row_count, sum->data);
        break;
    default:
        widen_int64(values.data, values.mask, rows, row_count, sum->data);
        break;
    }
    return true;
}

#define STORE_CASE(id, ctype, minimum, maximum)       \
    case id:                                          \
        if (value < (minimum) || value > (maximum)) { \
            return false;                             \
        }                                             \
        ((ctype *)result->data)[row] = (ctype)value;  \
        return true;

bool op_sum_store(struct sl_vector *result, uint32_t row, sl_int128 value)
{
    switch (result->type.id) {
        STORE_CASE(SL_TYPE_TINYINT, int8_t, INT8_MIN, INT8_MAX)
        STORE_CASE(SL_TYPE_SMALLINT, int16_t, INT16_MIN, INT16_MAX)
        STORE_CASE(SL_TYPE_INT, int32_t, INT32_MIN, INT32_MAX)
        STORE_CASE(SL_TYPE_BIGINT, int64_t, INT64_MIN, INT64_MAX)
    default:
        break;
    }
    if (!sl_decimal_fits(value, result->type.precision)) {
        return false;
    }
    if (result->physical == SL_W8) {
        ((int64_t *)result->data)[row] = (int64_t)value;
    } else {
        ((sl_int128 *)result->data)[row] = value;
    }
    return true;
}

void op_sum_store_double(struct sl_vector *result, uint32_t row, double value)
{
    if (result->type.id == SL_TYPE_FLOAT) {
        ((float *)result->data)[row] = (float)value;
    } else {
        ((double *)result->data)[row] = value;
    }
}

static void sum_result_double(const struct sl_aggregate_env *env, const void *const *accumulators,
                              uint32_t count, struct sl_vector *result, uint32_t first_row)
{
    uint32_t sum_bytes = env->field_offset_bytes[OP_SUM_FIELD];
    double *results = (double *)result->data + first_row;
    for (uint32_t i = 0; i < count; i++) {
        results[i] = *(const double *)(const void *)((const char *)accumulators[i] + sum_bytes);
    }
    for (uint32_t i = 0; i < count; i++) {
        op_result_set_valid(result, first_row + i,
                            op_count_of(env, accumulators[i], OP_SUM_COUNT_FIELD) != 0);
    }
}

static void sum_result(const struct sl_aggregate_env *env, const void *const *accumulators,
                       uint32_t count, struct sl_vector *result, uint32_t first_row,
                       uint8_t *errors)
{
    bool is_double = op_sum_is_double(&env->argument_type);
    if (result->type.id == SL_TYPE_DOUBLE && is_double) {
        sum_result_double(env, accumulators, count, result, first_row);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const void *sum = op_const_field(env, accumulators[i], OP_SUM_FIELD);
        bool has_value = op_count_of(env, accumulators[i], OP_SUM_COUNT_FIELD) != 0;
        if (has_value && is_double) {
            op_sum_store_double(result, first_row + i, *(const double *)sum);
        } else if (has_value && !op_sum_store(result, first_row + i, *(const sl_int128 *)sum)) {
            errors[i] = SL_ROW_OVERFLOW;
            has_value = false;
        }
        op_result_set_valid(result, first_row + i, has_value);
    }
}

const struct sl_aggregate_def op_sum_def = {
    .name = "SUM",
    .result_type = sum_result_type,
    .accumulator = op_sum_accumulator,
    .add = op_sum_add,
    .merge = op_sum_merge,
    .single = op_sum_single,
    .result = sum_result,
    .can_retract = true,
    .version = 1,
};
