/* SPDX-License-Identifier: Apache-2.0
 *
 * = <> < <= > >= over every orderable type. Floating numbers compare as IEEE 754 says (NaN equals
 * nothing), strings byte by byte, which for UTF-8 is the order of code points. */
#include "kernel_support.h"

#include "sluice/decimal.h"

#define COMPARE_KERNEL(name, type, operator)                                \
    static void name(struct sl_kernel_call *call)                           \
    {                                                                       \
        uint8_t *restrict result = (uint8_t *)call->result->data;           \
        OP_BINARY_LOOPS(call, type, type, { result[row] = x operator y; }); \
    }

#define COMPARE_KERNELS(suffix, type)     \
    COMPARE_KERNEL(eq_##suffix, type, ==) \
    COMPARE_KERNEL(ne_##suffix, type, !=) \
    COMPARE_KERNEL(lt_##suffix, type, <)  \
    COMPARE_KERNEL(le_##suffix, type, <=) \
    COMPARE_KERNEL(gt_##suffix, type, >)  \
    COMPARE_KERNEL(ge_##suffix, type, >=)

COMPARE_KERNELS(int8, int8_t)
COMPARE_KERNELS(int16, int16_t)
COMPARE_KERNELS(int32, int32_t)
COMPARE_KERNELS(int64, int64_t)
COMPARE_KERNELS(float, float)
COMPARE_KERNELS(double, double)

/* Most unequal strings differ in length or in their first four bytes, which lie together. */
static inline bool view_equal(const struct sl_view *a, const struct sl_view *b)
{
    return memcmp(a, b, 8) == 0 && sl_view_equal(a, b);
}

static void equal_view(struct sl_kernel_call *call, uint8_t if_equal)
{
    uint8_t *result = (uint8_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const bool is_equal =
            view_equal(op_view(call->arguments[0], row), op_view(call->arguments[1], row));
        result[row] = is_equal ? if_equal : !if_equal;
    }
}

static void eq_view(struct sl_kernel_call *call)
{
    equal_view(call, 1);
}

static void ne_view(struct sl_kernel_call *call)
{
    equal_view(call, 0);
}

/* Which signs of a three-way comparison count as true. */
enum order { ORDER_LESS = 1, ORDER_EQUAL = 2, ORDER_GREATER = 4 };

static inline uint8_t order_matches(int sign, unsigned wanted)
{
    const unsigned order = sign < 0 ? ORDER_LESS : sign == 0 ? ORDER_EQUAL : ORDER_GREATER;
    return (order & wanted) != 0;
}

static void order_view(struct sl_kernel_call *call, unsigned wanted)
{
    uint8_t *result = (uint8_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        result[row] = order_matches(
            sl_view_compare(op_view(call->arguments[0], row), op_view(call->arguments[1], row)),
            wanted);
    }
}

/* a * 10^a_digits against b * 10^b_digits, of which one is 0; a product that does not fit is
 * beyond every value of the other side. */
static int compare_scaled(sl_int128 a, sl_int128 a_power, sl_int128 b, sl_int128 b_power)
{
    sl_int128 left;
    sl_int128 right;
    if (__builtin_mul_overflow(a, a_power, &left)) {
        return a < 0 ? -1 : 1;
    }
    if (__builtin_mul_overflow(b, b_power, &right)) {
        return b < 0 ? 1 : -1;
    }
    return left < right ? -1 : left > right;
}

static void order_decimal(struct sl_kernel_call *call, unsigned wanted)
{
    const struct sl_vector *a = call->arguments[0];
    const struct sl_vector *b = call->arguments[1];
    const uint32_t scale = SL_MAX(a->type.scale, b->type.scale);
    const sl_int128 a_power = sl_decimal_power10(scale - a->type.scale);
    const sl_int128 b_power = sl_decimal_power10(scale - b->type.scale);
    uint8_t *result = (uint8_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        result[row] = order_matches(
            compare_scaled(op_load_decimal(a, row), a_power, op_load_decimal(b, row), b_power),
            wanted);
    }
}

/* Timestamps of two precisions: by whole seconds first, then by the fraction in nanoseconds, so
 * that nothing overflows. */
static int compare_instants(int64_t a, int64_t a_ticks, int64_t b, int64_t b_ticks)
{
    const int64_t a_seconds = a / a_ticks - (a % a_ticks < 0);
    const int64_t b_seconds = b / b_ticks - (b % b_ticks < 0);
    if (a_seconds != b_seconds) {
        return a_seconds < b_seconds ? -1 : 1;
    }
    const int64_t second_ns = 1000000000;
    const int64_t a_ns = ((a % a_ticks + a_ticks) % a_ticks) * (second_ns / a_ticks);
    const int64_t b_ns = ((b % b_ticks + b_ticks) % b_ticks) * (second_ns / b_ticks);
    return a_ns < b_ns ? -1 : a_ns > b_ns;
}

static void order_timestamp(struct sl_kernel_call *call, unsigned wanted)
{
    const struct sl_vector *a = call->arguments[0];
    const struct sl_vector *b = call->arguments[1];
    const int64_t a_ticks = sl_timestamp_ticks_per_second(a->type.precision);
    const int64_t b_ticks = sl_timestamp_ticks_per_second(b->type.precision);
    uint8_t *result = (uint8_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        result[row] = order_matches(
            compare_instants(op_load_integer(a, row), a_ticks, op_load_integer(b, row), b_ticks),
            wanted);
    }
}

static bool has_one_precision(const struct sl_kernel_call *call)
{
    return sl_timestamp_ticks_per_second(call->arguments[0]->type.precision) ==
           sl_timestamp_ticks_per_second(call->arguments[1]->type.precision);
}

#define ORDER_KERNELS(name, wanted)                           \
    static void name##_decimal(struct sl_kernel_call *call)   \
    {                                                         \
        order_decimal(call, wanted);                          \
    }                                                         \
    static void name##_timestamp(struct sl_kernel_call *call) \
    {                                                         \
        if (has_one_precision(call)) {                        \
            name##_int64(call);                               \
        } else {                                              \
            order_timestamp(call, wanted);                    \
        }                                                     \
    }

#define ORDER_VIEW_KERNEL(name, wanted)                  \
    static void name##_view(struct sl_kernel_call *call) \
    {                                                    \
        order_view(call, wanted);                        \
    }

ORDER_KERNELS(eq, ORDER_EQUAL)
ORDER_KERNELS(ne, ORDER_LESS | ORDER_GREATER)
ORDER_KERNELS(lt, ORDER_LESS)
ORDER_KERNELS(le, ORDER_LESS | ORDER_EQUAL)
ORDER_KERNELS(gt, ORDER_GREATER)
ORDER_KERNELS(ge, ORDER_GREATER | ORDER_EQUAL)
ORDER_VIEW_KERNEL(lt, ORDER_LESS)
ORDER_VIEW_KERNEL(le, ORDER_LESS | ORDER_EQUAL)
ORDER_VIEW_KERNEL(gt, ORDER_GREATER)
ORDER_VIEW_KERNEL(ge, ORDER_GREATER | ORDER_EQUAL)

#define COMPARE(name, kernel, type_id) \
    OP_FUNCTION(name, op_type_boolean, OP_STRICT_KERNEL(kernel), 2, type_id, type_id)
/* In the order of implicit conversion, so that the first overload that fits is the narrowest. */
#define COMPARE_OVERLOADS(name, kernel)                                                            \
    COMPARE(name, kernel##_int8, SL_TYPE_BOOLEAN), COMPARE(name, kernel##_int8, SL_TYPE_TINYINT),  \
        COMPARE(name, kernel##_int16, SL_TYPE_SMALLINT),                                           \
        COMPARE(name, kernel##_int32, SL_TYPE_INT), COMPARE(name, kernel##_int64, SL_TYPE_BIGINT), \
        COMPARE(name, kernel##_decimal, SL_TYPE_DECIMAL),                                          \
        COMPARE(name, kernel##_float, SL_TYPE_FLOAT),                                              \
        COMPARE(name, kernel##_double, SL_TYPE_DOUBLE),                                            \
        COMPARE(name, kernel##_view, SL_TYPE_VARCHAR),                                             \
        COMPARE(name, kernel##_view, SL_TYPE_VARBINARY),                                           \
        COMPARE(name, kernel##_int32, SL_TYPE_DATE), COMPARE(name, kernel##_int32, SL_TYPE_TIME),  \
        COMPARE(name, kernel##_timestamp, SL_TYPE_TIMESTAMP),                                      \
        COMPARE(name, kernel##_timestamp, SL_TYPE_TIMESTAMP_LTZ),                                  \
        COMPARE(name, kernel##_int32, SL_TYPE_INTERVAL_YEAR_MONTH),                                \
        COMPARE(name, kernel##_int64, SL_TYPE_INTERVAL_DAY_TIME)

const struct sl_function_def *const op_functions_compare[] = {
    COMPARE_OVERLOADS("EQ", eq),
    COMPARE_OVERLOADS("NE", ne),
    COMPARE_OVERLOADS("LT", lt),
    COMPARE_OVERLOADS("LE", le),
    COMPARE_OVERLOADS("GT", gt),
    COMPARE_OVERLOADS("GE", ge),
    NULL,
};
