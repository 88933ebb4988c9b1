/* SPDX-License-Identifier: Apache-2.0
 *
 * NOT and the IS tests. The IS tests are never NULL, so they look at validity themselves. */
#include "kernel_support.h"

static void not_boolean(struct sl_kernel_call *call)
{
    uint8_t *restrict result = (uint8_t *)call->result->data;
    OP_UNARY_LOOPS(call, uint8_t, { result[row] = x ^ 1; });
}

static void test_null(struct sl_kernel_call *call, bool if_null)
{
    const struct sl_vector *argument = call->arguments[0];
    uint8_t *result = (uint8_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        result[row] = sl_vector_is_valid(argument, row) ? !if_null : if_null;
    }
}

static void is_null(struct sl_kernel_call *call)
{
    test_null(call, true);
}

static void is_not_null(struct sl_kernel_call *call)
{
    test_null(call, false);
}

static void test_boolean(struct sl_kernel_call *call, uint8_t wanted, bool if_found)
{
    const struct sl_vector *argument = call->arguments[0];
    const uint8_t *values = (const uint8_t *)argument->data;
    uint8_t *result = (uint8_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const bool is_found =
            sl_vector_is_valid(argument, row) && values[sl_vector_index(argument, row)] == wanted;
        result[row] = is_found ? if_found : !if_found;
    }
}

static void is_true(struct sl_kernel_call *call)
{
    test_boolean(call, 1, true);
}

static void is_not_true(struct sl_kernel_call *call)
{
    test_boolean(call, 1, false);
}

static void is_false(struct sl_kernel_call *call)
{
    test_boolean(call, 0, true);
}

static void is_not_false(struct sl_kernel_call *call)
{
    test_boolean(call, 0, false);
}

#define TEST(function, kernel_call, type_id)                                                     \
    OP_FUNCTION(function, op_type_boolean_not_null,                                              \
                (&(const struct sl_kernel_def){.name = #kernel_call, .call = (kernel_call)}), 1, \
                type_id)

const struct sl_function_def *const op_functions_predicate[] = {
    OP_FUNCTION("NOT", op_type_boolean, OP_STRICT_KERNEL(not_boolean), 1, SL_TYPE_BOOLEAN),
    TEST("IS_NULL", is_null, SL_TYPE_COUNT),
    TEST("IS_NOT_NULL", is_not_null, SL_TYPE_COUNT),
    TEST("IS_TRUE", is_true, SL_TYPE_BOOLEAN),
    TEST("IS_NOT_TRUE", is_not_true, SL_TYPE_BOOLEAN),
    TEST("IS_FALSE", is_false, SL_TYPE_BOOLEAN),
    TEST("IS_NOT_FALSE", is_not_false, SL_TYPE_BOOLEAN),
    TEST("IS_UNKNOWN", is_null, SL_TYPE_BOOLEAN),
    TEST("IS_NOT_UNKNOWN", is_not_null, SL_TYPE_BOOLEAN),
    NULL,
};
