/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic of DECIMAL in either width (8 or 16 bytes, mixed as the types say). Every value is
 * computed in 128 bits; what does not fit the result's precision is an overflow of the row. */
#include "sluice/decimal.h"

#include "kernel_support.h"

/* How the arguments and the result of one call are scaled. */
struct scaling {
    uint32_t a_scale;
    uint32_t b_scale;
    uint32_t precision;
    uint32_t scale;
    uint32_t common_scale;
    sl_int128 a_power; /* brings a to the common scale */
    sl_int128 b_power;
};

typedef bool decimal_function(const struct scaling *scaling, sl_int128 a, sl_int128 b,
                              sl_int128 *result);

static struct scaling scaling_of(const struct sl_kernel_call *call)
{
    const struct sl_type *a = &call->arguments[0]->type;
    const struct sl_type *b = &call->arguments[1]->type;
    const uint32_t common = SL_MAX(a->scale, b->scale);
    return (struct scaling){
        .a_scale = a->scale,
        .b_scale = b->scale,
        .precision = call->result->type.precision,
        .scale = call->result->type.scale,
        .common_scale = common,
        .a_power = sl_decimal_power10(common - a->scale),
        .b_power = sl_decimal_power10(common - b->scale),
    };
}

/* The type of a sum can have fewer decimals than its terms when it would pass 38 digits. */
static bool fit(const struct scaling *scaling, sl_int128 value, sl_int128 *result)
{
    if (scaling->common_scale == scaling->scale) {
        *result = value;
        return sl_decimal_fits(value, scaling->precision);
    }
    return sl_decimal_rescale(value, scaling->common_scale, scaling->scale, scaling->precision,
                              result);
}

static bool to_common(const struct scaling *scaling, sl_int128 *a, sl_int128 *b)
{
    return !__builtin_mul_overflow(*a, scaling->a_power, a) &&
           !__builtin_mul_overflow(*b, scaling->b_power, b);
}

static bool plus(const struct scaling *scaling, sl_int128 a, sl_int128 b, sl_int128 *result)
{
    sl_int128 left = a;
    sl_int128 right = b;
    sl_int128 value;
    return to_common(scaling, &left, &right) && !__builtin_add_overflow(left, right, &value)
               ? fit(scaling, value, result)
               : sl_decimal_add(a, scaling->a_scale, b, scaling->b_scale, scaling->precision,
                                scaling->scale, result);
}

static bool minus(const struct scaling *scaling, sl_int128 a, sl_int128 b, sl_int128 *result)
{
    sl_int128 left = a;
    sl_int128 right = b;
    sl_int128 value;
    return to_common(scaling, &left, &right) && !__builtin_sub_overflow(left, right, &value)
               ? fit(scaling, value, result)
               : sl_decimal_add(a, scaling->a_scale, -b, scaling->b_scale, scaling->precision,
                                scaling->scale, result);
}

static bool times(const struct scaling *scaling, sl_int128 a, sl_int128 b, sl_int128 *result)
{
    sl_int128 value;
    if (scaling->a_scale + scaling->b_scale == scaling->scale &&
        !__builtin_mul_overflow(a, b, &value)) {
        *result = value;
        return sl_decimal_fits(value, scaling->precision);
    }
    return sl_decimal_multiply(a, scaling->a_scale, b, scaling->b_scale, scaling->precision,
                               scaling->scale, result);
}

static bool divide(const struct scaling *scaling, sl_int128 a, sl_int128 b, sl_int128 *result)
{
    return sl_decimal_divide(a, scaling->a_scale, b, scaling->b_scale, scaling->precision,
                             scaling->scale, result);
}

static bool modulo(const struct scaling *scaling, sl_int128 a, sl_int128 b, sl_int128 *result)
{
    sl_int128 left = a;
    sl_int128 right = b;
    return to_common(scaling, &left, &right)
               ? fit(scaling, right == -1 ? 0 : left % right, result)
               : sl_decimal_modulo(a, scaling->a_scale, b, scaling->b_scale, scaling->precision,
                                   scaling->scale, result);
}

static void run(struct sl_kernel_call *call, decimal_function *function, bool divides)
{
    const struct scaling scaling = scaling_of(call);
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const sl_int128 a = op_load_decimal(call->arguments[0], row);
        const sl_int128 b = op_load_decimal(call->arguments[1], row);
        sl_int128 value = 0;
        if (divides && b == 0) {
            op_set_error(call, row, SL_ROW_DIVISION_BY_ZERO);
        } else if (!function(&scaling, a, b, &value)) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        } else {
            op_store_decimal(call->result, row, value);
        }
    }
}

static void plus_decimal(struct sl_kernel_call *call)
{
    run(call, plus, false);
}

static void minus_decimal(struct sl_kernel_call *call)
{
    run(call, minus, false);
}

static void times_decimal(struct sl_kernel_call *call)
{
    run(call, times, false);
}

static void divide_decimal(struct sl_kernel_call *call)
{
    run(call, divide, true);
}

static void modulo_decimal(struct sl_kernel_call *call)
{
    run(call, modulo, true);
}

static void negate_decimal(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const sl_int128 value = op_load_decimal(call->arguments[0], row);
        op_store_decimal(call->result, row, (sl_int128)(0 - (sl_uint128)value));
    }
}

static void abs_decimal(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const sl_int128 value = op_load_decimal(call->arguments[0], row);
        op_store_decimal(call->result, row, value < 0 ? (sl_int128)(0 - (sl_uint128)value) : value);
    }
}

/* towards: -1 floor, 1 ceil. */
static void to_integral(struct sl_kernel_call *call, int towards)
{
    const sl_int128 unit = sl_decimal_power10(call->arguments[0]->type.scale);
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const sl_int128 value = op_load_decimal(call->arguments[0], row);
        const sl_int128 rest = value % unit;
        const bool steps = (rest < 0 && towards < 0) || (rest > 0 && towards > 0);
        const sl_int128 integral = value / unit + (steps ? towards : 0);
        if (sl_decimal_fits(integral, call->result->type.precision)) {
            op_store_decimal(call->result, row, integral);
        } else {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

static void floor_decimal(struct sl_kernel_call *call)
{
    to_integral(call, -1);
}

static void ceil_decimal(struct sl_kernel_call *call)
{
    to_integral(call, 1);
}

#define BINARY_TYPE(name, core_function)                                                     \
    static enum sl_status name(const struct sl_type *arguments, const char *const *literals, \
                               uint32_t argument_count, struct sl_type *result,              \
                               struct sl_error *err)                                         \
    {                                                                                        \
        (void)literals;                                                                      \
        (void)argument_count;                                                                \
        (void)err;                                                                           \
        *result = core_function(&arguments[0], &arguments[1]);                               \
        result->nullable = arguments[0].nullable || arguments[1].nullable;                   \
        return SL_OK;                                                                        \
    }

BINARY_TYPE(add_type, sl_decimal_add_type)
BINARY_TYPE(multiply_type, sl_decimal_multiply_type)
BINARY_TYPE(divide_type, sl_decimal_divide_type)
BINARY_TYPE(modulo_type, sl_decimal_modulo_type)

static enum sl_status integral_type(const struct sl_type *arguments, const char *const *literals,
                                    uint32_t argument_count, struct sl_type *result,
                                    struct sl_error *err)
{
    (void)literals;
    (void)argument_count;
    (void)err;
    *result = sl_type_decimal(arguments[0].precision, 0);
    result->nullable = arguments[0].nullable;
    return SL_OK;
}

#define BINARY(name, type, kernel) \
    OP_FUNCTION(name, type, OP_STRICT_KERNEL(kernel), 2, SL_TYPE_DECIMAL, SL_TYPE_DECIMAL)
#define UNARY(name, type, kernel) \
    OP_FUNCTION(name, type, OP_STRICT_KERNEL(kernel), 1, SL_TYPE_DECIMAL)

const struct sl_function_def *const op_functions_decimal[] = {
    BINARY("PLUS", add_type, plus_decimal),         BINARY("MINUS", add_type, minus_decimal),
    BINARY("TIMES", multiply_type, times_decimal),  BINARY("DIVIDE", divide_type, divide_decimal),
    BINARY("MODULO", modulo_type, modulo_decimal),  BINARY("MOD", modulo_type, modulo_decimal),
    UNARY("NEGATE", op_type_first, negate_decimal), UNARY("ABS", op_type_first, abs_decimal),
    UNARY("FLOOR", integral_type, floor_decimal),   UNARY("CEIL", integral_type, ceil_decimal),
    UNARY("CEILING", integral_type, ceil_decimal),  NULL,
};
