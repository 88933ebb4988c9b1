/* SPDX-License-Identifier: Apache-2.0
 *
 * + - * / % and the sign functions of integers and floating numbers. Exact types report overflow
 * and division by zero as errors of the row; floating ones follow IEEE 754. */
#include <math.h>

#include "kernel_support.h"

/* The loop computes modulo 2^n and only notices that something overflowed; which rows did is found
 * in a second pass, so that the first one vectorises. */
#define WIDENING_KERNEL(name, type, wide, operator, builtin)  \
    static void name(struct sl_kernel_call *call)             \
    {                                                         \
        type *restrict result = (type *)call->result->data;   \
        wide lost = 0;                                        \
        OP_BINARY_LOOPS(call, type, type, {                   \
            const wide value = (wide)x operator(wide) y;      \
            result[row] = (type)value;                        \
            lost |= value ^ (wide)result[row];                \
        });                                                   \
        if (lost != 0) {                                      \
            OP_BINARY_LOOPS(call, type, type, {               \
                type ignored;                                 \
                if (builtin(x, y, &ignored)) {                \
                    op_set_error(call, row, SL_ROW_OVERFLOW); \
                }                                             \
            });                                               \
        }                                                     \
    }

WIDENING_KERNEL(plus_int8, int8_t, int32_t, +, __builtin_add_overflow)
WIDENING_KERNEL(plus_int16, int16_t, int32_t, +, __builtin_add_overflow)
WIDENING_KERNEL(plus_int32, int32_t, int64_t, +, __builtin_add_overflow)
WIDENING_KERNEL(minus_int8, int8_t, int32_t, -, __builtin_sub_overflow)
WIDENING_KERNEL(minus_int16, int16_t, int32_t, -, __builtin_sub_overflow)
WIDENING_KERNEL(minus_int32, int32_t, int64_t, -, __builtin_sub_overflow)
WIDENING_KERNEL(times_int8, int8_t, int32_t, *, __builtin_mul_overflow)
WIDENING_KERNEL(times_int16, int16_t, int32_t, *, __builtin_mul_overflow)
WIDENING_KERNEL(times_int32, int32_t, int64_t, *, __builtin_mul_overflow)

static void mark_plus_int64(struct sl_kernel_call *call)
{
    OP_BINARY_LOOPS(call, int64_t, int64_t, {
        int64_t ignored;
        if (__builtin_add_overflow(x, y, &ignored)) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    });
}

static void plus_int64(struct sl_kernel_call *call)
{
    int64_t *restrict result = (int64_t *)call->result->data;
    int64_t lost = 0;
    OP_BINARY_LOOPS(call, int64_t, int64_t, {
        const int64_t value = (int64_t)((uint64_t)x + (uint64_t)y);
        result[row] = value;
        lost |= (x ^ value) & (y ^ value);
    });
    if (lost < 0) {
        mark_plus_int64(call);
    }
}

static void mark_minus_int64(struct sl_kernel_call *call)
{
    OP_BINARY_LOOPS(call, int64_t, int64_t, {
        int64_t ignored;
        if (__builtin_sub_overflow(x, y, &ignored)) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    });
}

static void minus_int64(struct sl_kernel_call *call)
{
    int64_t *restrict result = (int64_t *)call->result->data;
    int64_t lost = 0;
    OP_BINARY_LOOPS(call, int64_t, int64_t, {
        const int64_t value = (int64_t)((uint64_t)x - (uint64_t)y);
        result[row] = value;
        lost |= (x ^ y) & (x ^ value);
    });
    if (lost < 0) {
        mark_minus_int64(call);
    }
}

static void times_int64(struct sl_kernel_call *call)
{
    int64_t *restrict result = (int64_t *)call->result->data;
    OP_BINARY_LOOPS(call, int64_t, int64_t, {
        if (SL_UNLIKELY(__builtin_mul_overflow(x, y, &result[row]))) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    });
}

/* -1 is apart because the machine traps on the smallest value divided by it. */
#define DIVISION_KERNELS(suffix, type)                                           \
    static void divide_##suffix(struct sl_kernel_call *call)                     \
    {                                                                            \
        type *restrict result = (type *)call->result->data;                      \
        OP_BINARY_LOOPS(call, type, type, {                                      \
            if (SL_UNLIKELY(y == 0)) {                                           \
                op_set_error(call, row, SL_ROW_DIVISION_BY_ZERO);                \
            } else if (y != -1) {                                                \
                result[row] = (type)(x / y);                                     \
            } else if (__builtin_sub_overflow((type)0, x, &result[row])) {       \
                op_set_error(call, row, SL_ROW_OVERFLOW);                        \
            }                                                                    \
        });                                                                      \
    }                                                                            \
    static void modulo_##suffix(struct sl_kernel_call *call)                     \
    {                                                                            \
        type *restrict result = (type *)call->result->data;                      \
        OP_BINARY_LOOPS(call, type, type, {                                      \
            if (SL_UNLIKELY(y == 0)) {                                           \
                op_set_error(call, row, SL_ROW_DIVISION_BY_ZERO);                \
            } else {                                                             \
                result[row] = y == -1 ? 0 : (type)(x % y);                       \
            }                                                                    \
        });                                                                      \
    }                                                                            \
    static void negate_##suffix(struct sl_kernel_call *call)                     \
    {                                                                            \
        type *restrict result = (type *)call->result->data;                      \
        OP_UNARY_LOOPS(call, type, {                                             \
            if (SL_UNLIKELY(__builtin_sub_overflow((type)0, x, &result[row]))) { \
                op_set_error(call, row, SL_ROW_OVERFLOW);                        \
            }                                                                    \
        });                                                                      \
    }                                                                            \
    static void abs_##suffix(struct sl_kernel_call *call)                        \
    {                                                                            \
        type *restrict result = (type *)call->result->data;                      \
        OP_UNARY_LOOPS(call, type, {                                             \
            if (x >= 0) {                                                        \
                result[row] = x;                                                 \
            } else if (__builtin_sub_overflow((type)0, x, &result[row])) {       \
                op_set_error(call, row, SL_ROW_OVERFLOW);                        \
            }                                                                    \
        });                                                                      \
    }

DIVISION_KERNELS(int8, int8_t)
DIVISION_KERNELS(int16, int16_t)
DIVISION_KERNELS(int32, int32_t)
DIVISION_KERNELS(int64, int64_t)

#define FLOATING_KERNEL(name, type, expression)                             \
    static void name(struct sl_kernel_call *call)                           \
    {                                                                       \
        type *restrict result = (type *)call->result->data;                 \
        OP_BINARY_LOOPS(call, type, type, { result[row] = (expression); }); \
    }

#define FLOATING_UNARY_KERNEL(name, type, expression)                \
    static void name(struct sl_kernel_call *call)                    \
    {                                                                \
        type *restrict result = (type *)call->result->data;          \
        OP_UNARY_LOOPS(call, type, { result[row] = (expression); }); \
    }

FLOATING_KERNEL(plus_float, float, x + y)
FLOATING_KERNEL(minus_float, float, x - y)
FLOATING_KERNEL(times_float, float, x *y)
FLOATING_KERNEL(divide_float, float, x / y)
FLOATING_KERNEL(modulo_float, float, fmodf(x, y))
FLOATING_UNARY_KERNEL(negate_float, float, -x)
FLOATING_UNARY_KERNEL(abs_float, float, fabsf(x))
FLOATING_UNARY_KERNEL(floor_float, float, floorf(x))
FLOATING_UNARY_KERNEL(ceil_float, float, ceilf(x))
FLOATING_KERNEL(plus_double, double, x + y)
FLOATING_KERNEL(minus_double, double, x - y)
FLOATING_KERNEL(times_double, double, x *y)
FLOATING_KERNEL(divide_double, double, x / y)
FLOATING_KERNEL(modulo_double, double, fmod(x, y))
FLOATING_UNARY_KERNEL(negate_double, double, -x)
FLOATING_UNARY_KERNEL(abs_double, double, fabs(x))
FLOATING_UNARY_KERNEL(floor_double, double, floor(x))
FLOATING_UNARY_KERNEL(ceil_double, double, ceil(x))

FLOATING_UNARY_KERNEL(same_int8, int8_t, x)
FLOATING_UNARY_KERNEL(same_int16, int16_t, x)
FLOATING_UNARY_KERNEL(same_int32, int32_t, x)
FLOATING_UNARY_KERNEL(same_int64, int64_t, x)

#define UNARY(name, kernel, type_id) \
    OP_FUNCTION(name, op_type_first, OP_STRICT_KERNEL(kernel), 1, type_id)
#define BINARY(name, kernel, type_id) \
    OP_FUNCTION(name, op_type_first, OP_STRICT_KERNEL(kernel), 2, type_id, type_id)
/* Narrow to wide: the binder takes the first overload that the arguments coerce to. DECIMAL stands
 * between BIGINT and FLOAT in that chain, in its own list; a floating argument never coerces to
 * it. */
#define INTEGER_OVERLOADS(name, kernel)                                                           \
    BINARY(name, kernel##_int8, SL_TYPE_TINYINT), BINARY(name, kernel##_int16, SL_TYPE_SMALLINT), \
        BINARY(name, kernel##_int32, SL_TYPE_INT), BINARY(name, kernel##_int64, SL_TYPE_BIGINT)
#define FLOATING_OVERLOADS(name, kernel) \
    BINARY(name, kernel##_float, SL_TYPE_FLOAT), BINARY(name, kernel##_double, SL_TYPE_DOUBLE)
#define UNARY_OVERLOADS(name, integer, floating)                                                  \
    UNARY(name, integer##_int8, SL_TYPE_TINYINT), UNARY(name, integer##_int16, SL_TYPE_SMALLINT), \
        UNARY(name, integer##_int32, SL_TYPE_INT), UNARY(name, integer##_int64, SL_TYPE_BIGINT),  \
        UNARY(name, floating##_float, SL_TYPE_FLOAT),                                             \
        UNARY(name, floating##_double, SL_TYPE_DOUBLE)

const struct sl_function_def *const op_functions_integer[] = {
    INTEGER_OVERLOADS("PLUS", plus),
    INTEGER_OVERLOADS("MINUS", minus),
    INTEGER_OVERLOADS("TIMES", times),
    INTEGER_OVERLOADS("DIVIDE", divide),
    INTEGER_OVERLOADS("MODULO", modulo),
    INTEGER_OVERLOADS("MOD", modulo),
    NULL,
};

const struct sl_function_def *const op_functions_floating[] = {
    FLOATING_OVERLOADS("PLUS", plus),          FLOATING_OVERLOADS("MINUS", minus),
    FLOATING_OVERLOADS("TIMES", times),        FLOATING_OVERLOADS("DIVIDE", divide),
    FLOATING_OVERLOADS("MODULO", modulo),      FLOATING_OVERLOADS("MOD", modulo),
    UNARY_OVERLOADS("NEGATE", negate, negate), UNARY_OVERLOADS("ABS", abs, abs),
    UNARY_OVERLOADS("FLOOR", same, floor),     UNARY_OVERLOADS("CEIL", same, ceil),
    UNARY_OVERLOADS("CEILING", same, ceil),    NULL,
};
