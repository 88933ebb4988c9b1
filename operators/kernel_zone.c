/* SPDX-License-Identifier: Apache-2.0
 *
 * The session's time zone in kernels: between UTC inside and the local time that people read. */
#include "kernel_support.h"

enum { ZONE_NAME_BYTES = 128, DAY_SECONDS = 86400 };

enum sl_status op_zone_kernel_open(const struct sl_type *result_type,
                                   const struct sl_type *argument_types,
                                   const struct sl_vector *const *constants,
                                   uint32_t argument_count, struct sl_account *account,
                                   void **state, struct sl_error *err)
{
    (void)result_type;
    (void)argument_types;
    (void)account;
    const struct sl_view *view = op_view(constants[argument_count - 1], 0);
    char name[ZONE_NAME_BYTES];
    if (view->length >= sizeof name) {
        return sl_fail(err, SL_OPTION, "'table.local-time-zone' is too long for a time zone");
    }
    memcpy(name, sl_view_data(view), view->length);
    name[view->length] = '\0';
    if (strcmp(name, "UTC") == 0) {
        return SL_OK;
    }
    struct sl_time_zone *zone = NULL;
    SL_TRY(sl_time_zone_load(name, &zone, err));
    *state = zone;
    return SL_OK;
}

void op_zone_kernel_close(void *state)
{
    sl_time_zone_unload(state);
}

static int64_t shift(int64_t timestamp, int64_t seconds, int64_t ticks)
{
    int64_t shifted;
    return __builtin_add_overflow(timestamp, seconds * ticks, &shifted) ? timestamp : shifted;
}

int64_t op_zone_to_local(const struct sl_time_zone *zone, int64_t timestamp, uint32_t precision)
{
    if (zone == NULL) {
        return timestamp;
    }
    const int64_t ticks = sl_timestamp_ticks_per_second(precision);
    return shift(timestamp, sl_time_zone_offset_at(zone, op_floor_divide(timestamp, ticks)), ticks);
}

int64_t op_zone_to_utc(const struct sl_time_zone *zone, int64_t timestamp, uint32_t precision)
{
    if (zone == NULL) {
        return timestamp;
    }
    const int64_t ticks = sl_timestamp_ticks_per_second(precision);
    const int64_t local = op_floor_divide(timestamp, ticks);
    const int64_t before = sl_time_zone_offset_at(zone, local - DAY_SECONDS);
    const int64_t after = sl_time_zone_offset_at(zone, local + DAY_SECONDS);
    int64_t offset = before;
    if (before != after && sl_time_zone_offset_at(zone, local - before) != before &&
        sl_time_zone_offset_at(zone, local - after) == after) {
        offset = after;
    }
    return shift(timestamp, -offset, ticks);
}
