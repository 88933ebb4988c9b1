/* SPDX-License-Identifier: Apache-2.0
 *
 * MIN and MAX over every type that has an order. Always true: the order is total (-0.0 before 0.0,
 * NaN behind everything), so that the result does not depend on the order of rows. */
#include "builtin.h"

#include "agg_minmax.h"

static bool is_orderable(enum sl_type_id id)
{
    return id != SL_TYPE_NULL && id < SL_TYPE_ARRAY;
}

static enum sl_status check(const char *function, const struct sl_type *arguments,
                            uint32_t argument_count, struct sl_type *result, struct sl_error *err)
{
    char text[SL_TYPE_TEXT_BYTES];
    if (argument_count != 1) {
        return sl_fail(err, SL_SEMANTIC, "%s takes one argument, got %u", function, argument_count);
    }
    if (!is_orderable(arguments[0].id)) {
        return sl_fail(err, SL_SEMANTIC, "%s takes a type that has an order, got %s", function,
                       sl_type_format(&arguments[0], text, sizeof text));
    }
    *result = arguments[0];
    result->nullable = true;
    return SL_OK;
}

static enum sl_status min_result_type(const struct sl_type *arguments, const char *const *literals,
                                      uint32_t argument_count, struct sl_type *result,
                                      struct sl_error *err)
{
    (void)literals;
    return check("MIN", arguments, argument_count, result, err);
}

static enum sl_status max_result_type(const struct sl_type *arguments, const char *const *literals,
                                      uint32_t argument_count, struct sl_type *result,
                                      struct sl_error *err)
{
    (void)literals;
    return check("MAX", arguments, argument_count, result, err);
}

static uint32_t minmax_accumulator(const struct sl_type *argument, struct sl_state_field *fields)
{
    fields[OP_MINMAX_VALUE_FIELD] = (struct sl_state_field){"value", sl_type_physical(argument)};
    fields[OP_MINMAX_HAS_FIELD] = (struct sl_state_field){"has_value", SL_W1};
    return 2;
}

/* Values on their way in: an argument, or the value column of partial accumulators with has[] as
 * its validity. */
struct input {
    struct op_values values;
    const uint8_t *has; /* NULL = values.validity says it all */
    uint32_t has_mask;
    const uint16_t *rows;
    uint32_t count;
    bool is_max;
};

static inline bool input_has(const struct input *in, uint32_t row)
{
    return op_values_valid(&in->values, row) &&
           (in->has == NULL || in->has[row & in->has_mask] != 0);
}

/* The input is handed over by value: stores into accumulators cannot change it then. */
#define MINMAX_LEAF(name, ctype, rank)                                                          \
    static inline void name##_of(const struct sl_aggregate_env *env, void *const *accumulators, \
                                 struct input in, bool is_max, bool is_full)                    \
    {                                                                                           \
        const ctype *data = in.values.data;                                                     \
        uint32_t value_bytes = env->field_offset_bytes[OP_MINMAX_VALUE_FIELD];                  \
        uint32_t has_bytes = env->field_offset_bytes[OP_MINMAX_HAS_FIELD];                      \
        for (uint32_t i = 0; i < in.count; i++) {                                               \
            uint32_t row = in.rows[i];                                                          \
            ctype value = data[row & in.values.mask];                                           \
            ctype *best = (void *)((char *)accumulators[i] + value_bytes);                      \
            uint8_t *has = (uint8_t *)accumulators[i] + has_bytes;                              \
            if (is_full || input_has(&in, row)) {                                               \
                OP_MINMAX_UPDATE(best, has, value, is_max, rank);                               \
            }                                                                                   \
        }                                                                                       \
    }                                                                                           \
    static void name(const struct sl_aggregate_env *env, void *const *accumulators,             \
                     const struct input *in)                                                    \
    {                                                                                           \
        bool is_full = in->values.validity == NULL && in->has == NULL;                          \
        if (is_full && in->is_max) {                                                            \
            name##_of(env, accumulators, *in, true, true);                                      \
        } else if (is_full) {                                                                   \
            name##_of(env, accumulators, *in, false, true);                                     \
        } else if (in->is_max) {                                                                \
            name##_of(env, accumulators, *in, true, false);                                     \
        } else {                                                                                \
            name##_of(env, accumulators, *in, false, false);                                    \
        }                                                                                       \
    }

MINMAX_LEAF(minmax_int8, int8_t, OP_SAME_RANK)
MINMAX_LEAF(minmax_int16, int16_t, OP_SAME_RANK)
MINMAX_LEAF(minmax_int32, int32_t, OP_SAME_RANK)
MINMAX_LEAF(minmax_int64, int64_t, OP_SAME_RANK)
MINMAX_LEAF(minmax_int128, sl_int128, OP_SAME_RANK)
MINMAX_LEAF(minmax_float, float, op_float_rank)
MINMAX_LEAF(minmax_double, double, op_double_rank)

static struct sl_view held_view(const struct sl_aggregate_env *env, const void *accumulator)
{
    const struct sl_state_string *held = op_const_field(env, accumulator, OP_MINMAX_VALUE_FIELD);
    return sl_view_of(sl_state_string_data(env->table, held), held->length);
}

static void minmax_view(const struct sl_aggregate_env *env, void *const *accumulators,
                        const struct input *in, uint8_t *errors)
{
    const struct sl_view *data = in->values.data;
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t row = in->rows[i];
        if (!input_has(in, row)) {
            continue;
        }
        const struct sl_view *value = &data[row & in->values.mask];
        uint8_t *has = op_field(env, accumulators[i], OP_MINMAX_HAS_FIELD);
        if (*has) {
            struct sl_view held = held_view(env, accumulators[i]);
            int order = sl_view_compare(value, &held);
            if (in->is_max ? order <= 0 : order >= 0) {
                continue;
            }
        }
        /* The table's limit is the only way to fail; the row is then too large for it. */
        if (sl_state_string_set(env->table, op_field(env, accumulators[i], OP_MINMAX_VALUE_FIELD),
                                sl_view_data(value), value->length, NULL) != SL_OK) {
            errors[i] = SL_ROW_SIZE;
        } else {
            *has = 1;
        }
    }
}

static void minmax(const struct sl_aggregate_env *env, void *const *accumulators,
                   const struct input *in, uint8_t *errors)
{
    enum sl_type_id id = env->argument_type.id;
    if (id == SL_TYPE_FLOAT) {
        minmax_float(env, accumulators, in);
        return;
    }
    if (id == SL_TYPE_DOUBLE) {
        minmax_double(env, accumulators, in);
        return;
    }
    switch (sl_type_physical(&env->argument_type)) {
    case SL_W1:
        minmax_int8(env, accumulators, in);
        break;
    case SL_W2:
        minmax_int16(env, accumulators, in);
        break;
    case SL_W4:
        minmax_int32(env, accumulators, in);
        break;
    case SL_W8:
        minmax_int64(env, accumulators, in);
        break;
    case SL_W16:
        minmax_int128(env, accumulators, in);
        break;
    default:
        minmax_view(env, accumulators, in, errors);
        break;
    }
}

static void min_add(const struct sl_aggregate_env *env, void *const *accumulators,
                    const struct sl_vector *argument, const uint16_t *rows, uint32_t row_count,
                    const uint8_t *retract, uint8_t *errors)
{
    (void)retract;
    struct input in = {
        op_values_of_rows(argument, rows, row_count), NULL, 0, rows, row_count, false};
    minmax(env, accumulators, &in, errors);
}

static void max_add(const struct sl_aggregate_env *env, void *const *accumulators,
                    const struct sl_vector *argument, const uint16_t *rows, uint32_t row_count,
                    const uint8_t *retract, uint8_t *errors)
{
    (void)retract;
    struct input in = {
        op_values_of_rows(argument, rows, row_count), NULL, 0, rows, row_count, true};
    minmax(env, accumulators, &in, errors);
}

static bool has_all(const struct input *in)
{
    uint32_t has_count = 0;
    for (uint32_t i = 0; i < in->count; i++) {
        has_count += in->has[in->rows[i] & in->has_mask] != 0;
    }
    return has_count == in->count;
}

static struct input partial_input(const struct sl_vector *const *fields, const uint16_t *rows,
                                  uint32_t row_count, bool is_max)
{
    struct op_values has = op_values_of(fields[OP_MINMAX_HAS_FIELD]);
    struct input in = {
        op_values_of(fields[OP_MINMAX_VALUE_FIELD]), has.data, has.mask, rows, row_count, is_max};
    if (has_all(&in)) {
        in.has = NULL;
    }
    return in;
}

static void min_merge(const struct sl_aggregate_env *env, void *const *accumulators,
                      const struct sl_vector *const *fields, const uint16_t *rows,
                      uint32_t row_count, uint8_t *errors)
{
    struct input in = partial_input(fields, rows, row_count, false);
    minmax(env, accumulators, &in, errors);
}

static void max_merge(const struct sl_aggregate_env *env, void *const *accumulators,
                      const struct sl_vector *const *fields, const uint16_t *rows,
                      uint32_t row_count, uint8_t *errors)
{
    struct input in = partial_input(fields, rows, row_count, true);
    minmax(env, accumulators, &in, errors);
}

static bool minmax_single(const struct sl_aggregate_env *env, const struct sl_vector *argument,
                          const uint16_t *rows, uint32_t row_count, struct sl_vector *fields)
{
    (void)env;
    if (op_has_null(argument, rows, row_count)) {
        return false;
    }
    op_single_borrow(&fields[OP_MINMAX_VALUE_FIELD], argument);
    op_single_one(&fields[OP_MINMAX_HAS_FIELD]);
    return true;
}

/* A value that is not there is zero. */
#define RESULT_LEAF(name, ctype)                                                             \
    static void name(const struct sl_aggregate_env *env, const void *const *accumulators,    \
                     uint32_t count, ctype *results)                                         \
    {                                                                                        \
        uint32_t value_bytes = env->field_offset_bytes[OP_MINMAX_VALUE_FIELD];               \
        for (uint32_t i = 0; i < count; i++) {                                               \
            results[i] =                                                                     \
                *(const ctype *)(const void *)((const char *)accumulators[i] + value_bytes); \
        }                                                                                    \
    }

RESULT_LEAF(result_w1, uint8_t)
RESULT_LEAF(result_w2, uint16_t)
RESULT_LEAF(result_w4, uint32_t)
RESULT_LEAF(result_w8, uint64_t)
RESULT_LEAF(result_w16, sl_uint128)

static void result_views(const struct sl_aggregate_env *env, const void *const *accumulators,
                         uint32_t count, struct sl_view *results)
{
    for (uint32_t i = 0; i < count; i++) {
        results[i] = held_view(env, accumulators[i]);
    }
}

static void write_results(const struct sl_aggregate_env *env, const void *const *accumulators,
                          uint32_t count, struct sl_vector *result, uint32_t first_row)
{
    switch (result->physical) {
    case SL_W1:
        result_w1(env, accumulators, count, (uint8_t *)result->data + first_row);
        break;
    case SL_W2:
        result_w2(env, accumulators, count, (uint16_t *)result->data + first_row);
        break;
    case SL_W4:
        result_w4(env, accumulators, count, (uint32_t *)result->data + first_row);
        break;
    case SL_W8:
        result_w8(env, accumulators, count, (uint64_t *)result->data + first_row);
        break;
    case SL_W16:
        result_w16(env, accumulators, count, (sl_uint128 *)result->data + first_row);
        break;
    default:
        result_views(env, accumulators, count, (struct sl_view *)result->data + first_row);
        break;
    }
}

static void minmax_result(const struct sl_aggregate_env *env, const void *const *accumulators,
                          uint32_t count, struct sl_vector *result, uint32_t first_row,
                          uint8_t *errors)
{
    uint32_t has_bytes = env->field_offset_bytes[OP_MINMAX_HAS_FIELD];
    (void)errors;
    write_results(env, accumulators, count, result, first_row);
    for (uint32_t i = 0; i < count; i++) {
        op_result_set_valid(result, first_row + i,
                            ((const uint8_t *)accumulators[i])[has_bytes] != 0);
    }
}

const struct sl_aggregate_def op_min_def = {
    .name = "MIN",
    .result_type = min_result_type,
    .accumulator = minmax_accumulator,
    .add = min_add,
    .merge = min_merge,
    .single = minmax_single,
    .result = minmax_result,
    .can_retract = false,
    .version = 1,
};

const struct sl_aggregate_def op_max_def = {
    .name = "MAX",
    .result_type = max_result_type,
    .accumulator = minmax_accumulator,
    .add = max_add,
    .merge = max_merge,
    .single = minmax_single,
    .result = minmax_result,
    .can_retract = false,
    .version = 1,
};
