/* SPDX-License-Identifier: Apache-2.0
 *
 * COUNT(*) and COUNT(x): rows, or rows whose argument is not NULL. Never NULL, never fails. */
#include "builtin.h"

#include "aggregate_value.h"

static enum sl_status count_result_type(const struct sl_type *arguments,
                                        const char *const *literals, uint32_t argument_count,
                                        struct sl_type *result, struct sl_error *err)
{
    (void)arguments;
    (void)literals;
    if (argument_count > 1) {
        return sl_fail(err, SL_SEMANTIC, "COUNT takes * or one argument, got %u", argument_count);
    }
    *result = sl_type_not_null(sl_type_of(SL_TYPE_BIGINT));
    return SL_OK;
}

static uint32_t count_accumulator(const struct sl_type *argument, struct sl_state_field *fields)
{
    (void)argument;
    fields[0] = (struct sl_state_field){"count", SL_W8};
    return 1;
}

/* Every row counts. */
static void count_rows(const struct sl_aggregate_env *env, void *const *accumulators,
                       uint32_t row_count)
{
    uint32_t offset_bytes = env->field_offset_bytes[0];
    for (uint32_t i = 0; i < row_count; i++) {
        op_count_add((char *)accumulators[i] + offset_bytes, 1);
    }
}

static void count_add(const struct sl_aggregate_env *env, void *const *accumulators,
                      const struct sl_vector *argument, const uint16_t *rows, uint32_t row_count,
                      const uint8_t *retract, uint8_t *errors)
{
    struct op_values values = {NULL, NULL, UINT32_MAX};
    (void)errors;
    if (argument != NULL) {
        values = op_values_of_rows(argument, rows, row_count);
    }
    if (values.validity == NULL && retract == NULL) {
        count_rows(env, accumulators, row_count);
        return;
    }
    for (uint32_t i = 0; i < row_count; i++) {
        if (op_values_valid(&values, rows[i])) {
            op_count_change(env, accumulators[i], 0, retract != NULL && retract[i] ? -1 : 1);
        }
    }
}

static void count_merge(const struct sl_aggregate_env *env, void *const *accumulators,
                        const struct sl_vector *const *fields, const uint16_t *rows,
                        uint32_t row_count, uint8_t *errors)
{
    struct op_values counts = op_values_of(fields[0]);
    const int64_t *data = counts.data;
    uint32_t offset_bytes = env->field_offset_bytes[0];
    (void)errors;
    for (uint32_t i = 0; i < row_count; i++) {
        op_count_add((char *)accumulators[i] + offset_bytes, data[rows[i] & counts.mask]);
    }
}

static bool count_single(const struct sl_aggregate_env *env, const struct sl_vector *argument,
                         const uint16_t *rows, uint32_t row_count, struct sl_vector *fields)
{
    (void)env;
    if (argument == NULL || !op_has_null(argument, rows, row_count)) {
        op_single_one(&fields[0]);
        return true;
    }
    int64_t *counts = fields[0].data;
    for (uint32_t i = 0; i < row_count; i++) {
        counts[rows[i]] = sl_vector_is_valid(argument, rows[i]);
    }
    return true;
}

static void count_result(const struct sl_aggregate_env *env, const void *const *accumulators,
                         uint32_t count, struct sl_vector *result, uint32_t first_row,
                         uint8_t *errors)
{
    int64_t *values = (int64_t *)result->data + first_row;
    (void)errors;
    for (uint32_t i = 0; i < count; i++) {
        values[i] = op_count_of(env, accumulators[i], 0);
        op_result_set_valid(result, first_row + i, true);
    }
}

const struct sl_aggregate_def op_count_def = {
    .name = "COUNT",
    .result_type = count_result_type,
    .accumulator = count_accumulator,
    .add = count_add,
    .merge = count_merge,
    .single = count_single,
    .result = count_result,
    .can_retract = true,
    .version = 1,
};
