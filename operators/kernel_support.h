/* SPDX-License-Identifier: Apache-2.0
 *
 * What kernels share: loops over the rows to compute, row errors, strings and decimals in vectors.
 * A statement handed to a loop macro sees the row as `row` and the arguments' values as `x`, `y`.
 */
#ifndef OPERATORS_KERNEL_SUPPORT_H
#define OPERATORS_KERNEL_SUPPORT_H

#include <string.h>

#include "sluice/datetime.h"
#include "sluice/function.h"

/* One overload in a definition table. */
#define OP_FUNCTION(function, result, kernel_def, count, ...) \
    (&(const struct sl_function_def){                         \
        .name = (function),                                   \
        .parameter_count = (count),                           \
        .parameters = {__VA_ARGS__},                          \
        .result_type = (result),                              \
        .kernel = (kernel_def),                               \
        .version = 1,                                         \
        .is_deterministic = true,                             \
    })

#define OP_STRICT_KERNEL(call_function) \
    (&(const struct sl_kernel_def){     \
        .name = #call_function,         \
        .is_strict = true,              \
        .call = (call_function),        \
    })

/* Dense loops have no index vector and no stride, so that the compiler vectorises them. */
#define OP_UNARY_LOOPS(call, A, ...)                                                   \
    do {                                                                               \
        const A *op_a = (const A *)(call)->arguments[0]->data;                         \
        const uint16_t *op_rows = (call)->rows;                                        \
        const uint32_t op_count = (call)->computed_count;                              \
        const uint32_t op_a_step = (call)->arguments[0]->encoding == SL_CONST ? 0 : 1; \
        if (op_rows == NULL && op_a_step == 1) {                                       \
            for (uint32_t row = 0; row < op_count; ++row) {                            \
                const A x = op_a[row];                                                 \
                __VA_ARGS__                                                            \
            }                                                                          \
        } else {                                                                       \
            for (uint32_t op_idx = 0; op_idx < op_count; ++op_idx) {                   \
                const uint32_t row = op_rows == NULL ? op_idx : op_rows[op_idx];       \
                const A x = op_a[row * op_a_step];                                     \
                __VA_ARGS__                                                            \
            }                                                                          \
        }                                                                              \
    } while (0)

#define OP_BINARY_LOOPS(call, A, B, ...)                                               \
    do {                                                                               \
        const A *op_a = (const A *)(call)->arguments[0]->data;                         \
        const B *op_b = (const B *)(call)->arguments[1]->data;                         \
        const uint16_t *op_rows = (call)->rows;                                        \
        const uint32_t op_count = (call)->computed_count;                              \
        const uint32_t op_a_step = (call)->arguments[0]->encoding == SL_CONST ? 0 : 1; \
        const uint32_t op_b_step = (call)->arguments[1]->encoding == SL_CONST ? 0 : 1; \
        if (op_rows == NULL && op_a_step == 1 && op_b_step == 1) {                     \
            for (uint32_t row = 0; row < op_count; ++row) {                            \
                const A x = op_a[row];                                                 \
                const B y = op_b[row];                                                 \
                __VA_ARGS__                                                            \
            }                                                                          \
        } else if (op_rows == NULL && op_a_step == 1) {                                \
            const B y = op_b[0];                                                       \
            for (uint32_t row = 0; row < op_count; ++row) {                            \
                const A x = op_a[row];                                                 \
                __VA_ARGS__                                                            \
            }                                                                          \
        } else if (op_rows == NULL && op_b_step == 1) {                                \
            const A x = op_a[0];                                                       \
            for (uint32_t row = 0; row < op_count; ++row) {                            \
                const B y = op_b[row];                                                 \
                __VA_ARGS__                                                            \
            }                                                                          \
        } else {                                                                       \
            for (uint32_t op_idx = 0; op_idx < op_count; ++op_idx) {                   \
                const uint32_t row = op_rows == NULL ? op_idx : op_rows[op_idx];       \
                const A x = op_a[row * op_a_step];                                     \
                const B y = op_b[row * op_b_step];                                     \
                __VA_ARGS__                                                            \
            }                                                                          \
        }                                                                              \
    } while (0)

/* The idx-th row to compute. */
static inline uint32_t op_row(const struct sl_kernel_call *call, uint32_t idx)
{
    return call->rows == NULL ? idx : call->rows[idx];
}

static inline void op_set_error(struct sl_kernel_call *call, uint32_t row, enum sl_row_error error)
{
    call->errors[row] = (uint8_t)error;
    *call->has_errors = true;
}

static inline void op_set_null(struct sl_kernel_call *call, uint32_t row)
{
    sl_bitmap_clear(sl_kernel_validity(call), row);
}

/* Integers of any width, DATE, TIME, INTERVAL and TIMESTAMP. */
static inline int64_t op_load_integer(const struct sl_vector *vector, uint32_t row)
{
    const uint32_t idx = sl_vector_index(vector, row);
    switch (vector->physical) {
    case SL_W1:
        return ((const int8_t *)vector->data)[idx];
    case SL_W2:
        return ((const int16_t *)vector->data)[idx];
    case SL_W4:
        return ((const int32_t *)vector->data)[idx];
    default:
        return ((const int64_t *)vector->data)[idx];
    }
}

/* False when value does not fit the vector's width; nothing is stored then. */
static inline bool op_store_integer(struct sl_vector *vector, uint32_t row, int64_t value)
{
    switch (vector->physical) {
    case SL_W1:
        ((int8_t *)vector->data)[row] = (int8_t)value;
        return value == (int8_t)value;
    case SL_W2:
        ((int16_t *)vector->data)[row] = (int16_t)value;
        return value == (int16_t)value;
    case SL_W4:
        ((int32_t *)vector->data)[row] = (int32_t)value;
        return value == (int32_t)value;
    default:
        ((int64_t *)vector->data)[row] = value;
        return true;
    }
}

/* The unscaled value of a DECIMAL of either width. */
static inline sl_int128 op_load_decimal(const struct sl_vector *vector, uint32_t row)
{
    const uint32_t idx = sl_vector_index(vector, row);
    if (vector->physical == SL_W8) {
        return ((const int64_t *)vector->data)[idx];
    }
    return ((const sl_int128 *)vector->data)[idx];
}

/* value fits the vector's precision. */
static inline void op_store_decimal(struct sl_vector *vector, uint32_t row, sl_int128 value)
{
    if (vector->physical == SL_W8) {
        ((int64_t *)vector->data)[row] = (int64_t)value;
    } else {
        ((sl_int128 *)vector->data)[row] = value;
    }
}

/* Rounded towards minus infinity; divisor > 0. */
static inline int64_t op_floor_divide(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0);
}

static inline const struct sl_view *op_view(const struct sl_vector *vector, uint32_t row)
{
    return &((const struct sl_view *)vector->data)[sl_vector_index(vector, row)];
}

/* A string that is part of an argument's bytes (or static): borrowed when long. */
static inline void op_store_borrowed(struct sl_kernel_call *call, uint32_t row, const char *data,
                                     size_t length)
{
    ((struct sl_view *)call->result->data)[row] = sl_view_of(data, length);
}

/* Room for a string of length bytes that will be stored with op_store_borrowed; NULL (with the
 * row's error set) at the memory limit or when it is longer than a row may be. */
char *op_string_room(struct sl_kernel_call *call, uint32_t row, size_t length);
/* A string that is copied. */
void op_store_copy(struct sl_kernel_call *call, uint32_t row, const char *data, size_t length);

/* Result types. Nullable when an argument is. */
sl_result_type_function op_type_first;   /* the first argument's */
sl_result_type_function op_type_boolean; /* BOOLEAN */
sl_result_type_function op_type_boolean_not_null;
sl_result_type_function op_type_int;
sl_result_type_function op_type_bigint;
sl_result_type_function op_type_string;
sl_result_type_function op_type_string_nullable;
sl_result_type_function op_type_timestamp3_nullable;
sl_result_type_function op_type_timestamp_ltz3;

/* open and close of kernels whose state is the session's time zone (struct sl_time_zone), NULL for
 * UTC. */
enum sl_status op_zone_kernel_open(const struct sl_type *result_type,
                                   const struct sl_type *argument_types,
                                   const struct sl_vector *const *constants,
                                   uint32_t argument_count, struct sl_account *account,
                                   void **state, struct sl_error *err);
void op_zone_kernel_close(void *state);
/* Between UTC and local wall time in ticks of precision; zone NULL = UTC. Local times that a clock
 * change skips or repeats are read with the offset before the change, as Java does. */
int64_t op_zone_to_local(const struct sl_time_zone *zone, int64_t timestamp, uint32_t precision);
int64_t op_zone_to_utc(const struct sl_time_zone *zone, int64_t timestamp, uint32_t precision);

/* One list a family, each ending with NULL. */
extern const struct sl_function_def *const op_functions_integer[];
extern const struct sl_function_def *const op_functions_floating[];
extern const struct sl_function_def *const op_functions_decimal[];
extern const struct sl_function_def *const op_functions_compare[];
extern const struct sl_function_def *const op_functions_predicate[];
extern const struct sl_function_def *const op_functions_string[];
extern const struct sl_function_def *const op_functions_pattern[];
extern const struct sl_function_def *const op_functions_interval[];
extern const struct sl_function_def *const op_functions_datetime[];
extern const struct sl_function_def *const op_functions_cast_number[];
extern const struct sl_function_def *const op_functions_cast_to_string[];
extern const struct sl_function_def *const op_functions_cast_from_string[];
extern const struct sl_function_def *const op_functions_cast_datetime[];

#endif
