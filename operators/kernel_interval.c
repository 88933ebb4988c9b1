/* SPDX-License-Identifier: Apache-2.0
 *
 * Intervals, alone and with dates and times. A day-time interval is a number of milliseconds, a
 * year-month interval a number of months, which clamps the day to the month's end. */
#include "kernel_cast.h"

enum { DAY_MS = 86400000 };

/* Which argument is the point in time, and whether the interval is added or taken off. */
struct shape {
    uint32_t time_idx;
    uint32_t interval_idx;
    int sign;
};

static const struct shape time_first = {.time_idx = 0, .interval_idx = 1, .sign = 1};
static const struct shape time_last = {.time_idx = 1, .interval_idx = 0, .sign = 1};
static const struct shape time_minus = {.time_idx = 0, .interval_idx = 1, .sign = -1};

static bool signed_interval(const struct sl_kernel_call *call, uint32_t row,
                            const struct shape *shape, int64_t *interval)
{
    const int64_t value = op_load_integer(call->arguments[shape->interval_idx], row);
    *interval = value;
    return shape->sign > 0 || !__builtin_sub_overflow(0, value, interval);
}

static void timestamp_by_ms(struct sl_kernel_call *call, const struct shape *shape)
{
    const struct sl_vector *times = call->arguments[shape->time_idx];
    const int64_t ticks_per_ms = sl_timestamp_ticks_per_second(times->type.precision) / 1000;
    int64_t *result = (int64_t *)call->result->data;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        int64_t interval;
        if (!signed_interval(call, row, shape, &interval) ||
            __builtin_mul_overflow(interval, ticks_per_ms, &interval) ||
            __builtin_add_overflow(op_load_integer(times, row), interval, &result[row])) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

/* Months are counted on the local calendar; the state is the zone, NULL for a TIMESTAMP. */
static void timestamp_by_months(struct sl_kernel_call *call, const struct shape *shape)
{
    const struct sl_vector *times = call->arguments[shape->time_idx];
    const uint32_t precision = times->type.precision;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t local = op_zone_to_local(call->state, op_load_integer(times, row), precision);
        int64_t months;
        int64_t moved;
        if (signed_interval(call, row, shape, &months) && months == (int32_t)months &&
            sl_timestamp_add_months(local, precision, (int32_t)months, &moved)) {
            op_store_integer(call->result, row, op_zone_to_utc(call->state, moved, precision));
        } else {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

/* Only whole days move a date. */
static void date_by_ms(struct sl_kernel_call *call, const struct shape *shape)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t day = op_load_integer(call->arguments[shape->time_idx], row);
        int64_t interval;
        if (!signed_interval(call, row, shape, &interval) ||
            !op_store_integer(call->result, row, day + interval / DAY_MS)) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

static void date_by_months(struct sl_kernel_call *call, const struct shape *shape)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t day = op_load_integer(call->arguments[shape->time_idx], row);
        int64_t months;
        int64_t moved;
        if (!signed_interval(call, row, shape, &months) || months != (int32_t)months ||
            !sl_timestamp_add_months(day * DAY_MS, 3, (int32_t)months, &moved) ||
            !op_store_integer(call->result, row, op_floor_divide(moved, DAY_MS))) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

/* Goes round at midnight. */
static void time_by_ms(struct sl_kernel_call *call, const struct shape *shape)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t time = op_load_integer(call->arguments[shape->time_idx], row);
        const int64_t interval = op_load_integer(call->arguments[shape->interval_idx], row);
        const int64_t moved = (time + interval % DAY_MS * shape->sign) % DAY_MS;
        op_store_integer(call->result, row, moved < 0 ? moved + DAY_MS : moved);
    }
}

#define SHAPES(name)                                          \
    static void name##_plus(struct sl_kernel_call *call)      \
    {                                                         \
        name(call, &time_first);                              \
    }                                                         \
    static void name##_plus_last(struct sl_kernel_call *call) \
    {                                                         \
        name(call, &time_last);                               \
    }                                                         \
    static void name##_minus(struct sl_kernel_call *call)     \
    {                                                         \
        name(call, &time_minus);                              \
    }

SHAPES(timestamp_by_ms)
SHAPES(timestamp_by_months)
SHAPES(date_by_ms)
SHAPES(date_by_months)
SHAPES(time_by_ms)

static void store_interval(struct sl_kernel_call *call, uint32_t row, bool overflowed,
                           int64_t value)
{
    if (overflowed || !op_store_integer(call->result, row, value)) {
        op_set_error(call, row, SL_ROW_OVERFLOW);
    }
}

static void interval_plus(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        int64_t value;
        const bool overflowed =
            __builtin_add_overflow(op_load_integer(call->arguments[0], row),
                                   op_load_integer(call->arguments[1], row), &value);
        store_interval(call, row, overflowed, value);
    }
}

static void interval_minus(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        int64_t value;
        const bool overflowed =
            __builtin_sub_overflow(op_load_integer(call->arguments[0], row),
                                   op_load_integer(call->arguments[1], row), &value);
        store_interval(call, row, overflowed, value);
    }
}

static void interval_times(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        int64_t value;
        const bool overflowed =
            __builtin_mul_overflow(op_load_integer(call->arguments[0], row),
                                   op_load_integer(call->arguments[1], row), &value);
        store_interval(call, row, overflowed, value);
    }
}

static void interval_negate(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        int64_t value;
        const bool overflowed =
            __builtin_sub_overflow(0, op_load_integer(call->arguments[0], row), &value);
        store_interval(call, row, overflowed, value);
    }
}

static enum sl_status type_of_second(const struct sl_type *arguments, const char *const *literals,
                                     uint32_t argument_count, struct sl_type *result,
                                     struct sl_error *err)
{
    (void)literals;
    (void)argument_count;
    (void)err;
    *result = arguments[1];
    result->nullable = arguments[0].nullable || arguments[1].nullable;
    return SL_OK;
}

#define WITH_INTERVAL(kernel_macro, kernel, time, interval)                                       \
    OP_FUNCTION("PLUS", op_type_first, kernel_macro(kernel##_plus), 2, time, interval),           \
        OP_FUNCTION("PLUS", type_of_second, kernel_macro(kernel##_plus_last), 2, interval, time), \
        OP_FUNCTION("MINUS", op_type_first, kernel_macro(kernel##_minus), 2, time, interval)

#define AMONG_INTERVALS(interval)                                                                 \
    OP_FUNCTION("PLUS", op_type_first, OP_STRICT_KERNEL(interval_plus), 2, interval, interval),   \
        OP_FUNCTION("MINUS", op_type_first, OP_STRICT_KERNEL(interval_minus), 2, interval,        \
                    interval),                                                                    \
        OP_FUNCTION("NEGATE", op_type_first, OP_STRICT_KERNEL(interval_negate), 1, interval),     \
        OP_FUNCTION("TIMES", op_type_first, OP_STRICT_KERNEL(interval_times), 2, interval,        \
                    SL_TYPE_BIGINT),                                                              \
        OP_FUNCTION("TIMES", type_of_second, OP_STRICT_KERNEL(interval_times), 2, SL_TYPE_BIGINT, \
                    interval)

const struct sl_function_def *const op_functions_interval[] = {
    WITH_INTERVAL(OP_STRICT_KERNEL, timestamp_by_ms, SL_TYPE_TIMESTAMP, SL_TYPE_INTERVAL_DAY_TIME),
    WITH_INTERVAL(OP_STRICT_KERNEL, timestamp_by_ms, SL_TYPE_TIMESTAMP_LTZ,
                  SL_TYPE_INTERVAL_DAY_TIME),
    WITH_INTERVAL(OP_STRICT_KERNEL, timestamp_by_months, SL_TYPE_TIMESTAMP,
                  SL_TYPE_INTERVAL_YEAR_MONTH),
    WITH_INTERVAL(OP_ZONED_KERNEL, timestamp_by_months, SL_TYPE_TIMESTAMP_LTZ,
                  SL_TYPE_INTERVAL_YEAR_MONTH),
    WITH_INTERVAL(OP_STRICT_KERNEL, date_by_ms, SL_TYPE_DATE, SL_TYPE_INTERVAL_DAY_TIME),
    WITH_INTERVAL(OP_STRICT_KERNEL, date_by_months, SL_TYPE_DATE, SL_TYPE_INTERVAL_YEAR_MONTH),
    WITH_INTERVAL(OP_STRICT_KERNEL, time_by_ms, SL_TYPE_TIME, SL_TYPE_INTERVAL_DAY_TIME),
    AMONG_INTERVALS(SL_TYPE_INTERVAL_DAY_TIME),
    AMONG_INTERVALS(SL_TYPE_INTERVAL_YEAR_MONTH),
    NULL,
};
