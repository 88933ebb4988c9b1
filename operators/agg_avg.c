/* SPDX-License-Identifier: Apache-2.0
 *
 * AVG: the sum divided by the number of values that are not NULL. Integers give the same integer
 * type, truncated; decimals are rounded half up, as Flink does. */
#include "builtin.h"
#include "sluice/decimal.h"

#include "agg_sum.h"

static enum sl_status avg_result_type(const struct sl_type *arguments, const char *const *literals,
                                      uint32_t argument_count, struct sl_type *result,
                                      struct sl_error *err)
{
    (void)literals;
    SL_TRY(op_sum_check("AVG", arguments, argument_count, err));
    *result = arguments[0].id == SL_TYPE_DECIMAL ? sl_decimal_avg_type(&arguments[0])
                                                 : sl_type_of(arguments[0].id);
    result->nullable = true;
    return SL_OK;
}

static bool store_average(const struct sl_aggregate_env *env, struct sl_vector *result,
                          uint32_t row, sl_int128 sum, int64_t count)
{
    sl_int128 average = sum / count;
    if (result->type.id == SL_TYPE_DECIMAL &&
        !sl_decimal_divide(sum, env->argument_type.scale, count, 0, result->type.precision,
                           result->type.scale, &average)) {
        return false;
    }
    return op_sum_store(result, row, average);
}

static void avg_result(const struct sl_aggregate_env *env, const void *const *accumulators,
                       uint32_t count, struct sl_vector *result, uint32_t first_row,
                       uint8_t *errors)
{
    bool is_double = op_sum_is_double(&env->argument_type);
    for (uint32_t i = 0; i < count; i++) {
        const void *sum = op_const_field(env, accumulators[i], OP_SUM_FIELD);
        int64_t value_count = op_count_of(env, accumulators[i], OP_SUM_COUNT_FIELD);
        /* A count below 0 is a retraction that came before its row: no average yet. */
        bool has_value = value_count > 0;
        if (has_value && is_double) {
            op_sum_store_double(result, first_row + i, *(const double *)sum / (double)value_count);
        } else if (has_value && !store_average(env, result, first_row + i, *(const sl_int128 *)sum,
                                               value_count)) {
            errors[i] = SL_ROW_OVERFLOW;
            has_value = false;
        }
        op_result_set_valid(result, first_row + i, has_value);
    }
}

const struct sl_aggregate_def op_avg_def = {
    .name = "AVG",
    .result_type = avg_result_type,
    .accumulator = op_sum_accumulator,
    .add = op_sum_add,
    .merge = op_sum_merge,
    .single = op_sum_single,
    .result = avg_result,
    .can_retract = true,
    .version = 1,
};
