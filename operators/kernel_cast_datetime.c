/* SPDX-License-Identifier: Apache-2.0
 *
 * Casts among DATE, TIME, TIMESTAMP and TIMESTAMP_LTZ. A TIMESTAMP_LTZ is an instant; as a DATE,
 * TIME or TIMESTAMP it is what a clock in the session's time zone shows. */
#include "kernel_cast.h"

enum { DAY_MS = 86400000 };

static void store_timestamp(struct sl_kernel_call *call, uint32_t row, int64_t timestamp,
                            uint32_t precision)
{
    int64_t value;
    if (sl_timestamp_rescale(timestamp, precision, call->result->type.precision, &value)) {
        op_store_integer(call->result, row, value);
    } else {
        op_set_error(call, row, SL_ROW_OVERFLOW);
    }
}

static void timestamp_to_timestamp(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        store_timestamp(call, row, op_load_integer(argument, row), argument->type.precision);
    }
}

static void timestamp_to_ltz(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    const uint32_t precision = argument->type.precision;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        store_timestamp(call, row,
                        op_zone_to_utc(call->state, op_load_integer(argument, row), precision),
                        precision);
    }
}

static void ltz_to_timestamp(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    const uint32_t precision = argument->type.precision;
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        store_timestamp(call, row,
                        op_zone_to_local(call->state, op_load_integer(argument, row), precision),
                        precision);
    }
}

/* The state of the TIMESTAMP kernels is NULL, which is UTC. */
static void timestamp_to_date(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    const uint32_t precision = argument->type.precision;
    const int64_t day_ticks = sl_timestamp_ticks_per_second(precision) * (DAY_MS / 1000);
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t local =
            op_zone_to_local(call->state, op_load_integer(argument, row), precision);
        if (!op_store_integer(call->result, row, op_floor_divide(local, day_ticks))) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

static void timestamp_to_time(struct sl_kernel_call *call)
{
    const struct sl_vector *argument = call->arguments[0];
    const uint32_t precision = argument->type.precision;
    const int64_t ticks = sl_timestamp_ticks_per_second(precision);
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t local =
            op_zone_to_local(call->state, op_load_integer(argument, row), precision);
        const int64_t day = op_floor_divide(local, ticks * (DAY_MS / 1000));
        const int64_t in_day = local - day * ticks * (DAY_MS / 1000);
        op_store_time(call->result, row, in_day / (ticks / 1000));
    }
}

static void date_to_timestamp(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t midnight = op_load_integer(call->arguments[0], row) * DAY_MS;
        store_timestamp(call, row, op_zone_to_utc(call->state, midnight, 3), 3);
    }
}

/* Flink's TIME as a TIMESTAMP is that time on the day of the epoch. */
static void time_to_timestamp(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        const int64_t time = op_load_integer(call->arguments[0], row);
        store_timestamp(call, row, op_zone_to_utc(call->state, time, 3), 3);
    }
}

static void time_to_time(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        op_store_time(call->result, row, op_load_integer(call->arguments[0], row));
    }
}

static void interval_to_integer(struct sl_kernel_call *call)
{
    for (uint32_t idx = 0; idx < call->computed_count; ++idx) {
        const uint32_t row = op_row(call, idx);
        if (!op_store_integer(call->result, row, op_load_integer(call->arguments[0], row))) {
            op_set_error(call, row, SL_ROW_OVERFLOW);
        }
    }
}

const struct sl_function_def *const op_functions_cast_datetime[] = {
    OP_CAST("TIMESTAMP", timestamp_to_timestamp, SL_TYPE_TIMESTAMP),
    OP_CAST("TIMESTAMP", date_to_timestamp, SL_TYPE_DATE),
    OP_CAST("TIMESTAMP", time_to_timestamp, SL_TYPE_TIME),
    OP_ZONED_CAST("TIMESTAMP", ltz_to_timestamp, SL_TYPE_TIMESTAMP_LTZ),
    OP_CAST("TIMESTAMP_LTZ", timestamp_to_timestamp, SL_TYPE_TIMESTAMP_LTZ),
    OP_ZONED_CAST("TIMESTAMP_LTZ", timestamp_to_ltz, SL_TYPE_TIMESTAMP),
    OP_ZONED_CAST("TIMESTAMP_LTZ", date_to_timestamp, SL_TYPE_DATE),
    OP_ZONED_CAST("TIMESTAMP_LTZ", time_to_timestamp, SL_TYPE_TIME),
    OP_CAST("DATE", timestamp_to_date, SL_TYPE_TIMESTAMP),
    OP_ZONED_CAST("DATE", timestamp_to_date, SL_TYPE_TIMESTAMP_LTZ),
    OP_CAST("TIME", timestamp_to_time, SL_TYPE_TIMESTAMP),
    OP_ZONED_CAST("TIME", timestamp_to_time, SL_TYPE_TIMESTAMP_LTZ),
    OP_CAST("TIME", time_to_time, SL_TYPE_TIME),
    OP_CAST("BIGINT", interval_to_integer, SL_TYPE_INTERVAL_DAY_TIME),
    OP_CAST("INT", interval_to_integer, SL_TYPE_INTERVAL_YEAR_MONTH),
    NULL,
};
