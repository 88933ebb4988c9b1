/* SPDX-License-Identifier: Apache-2.0
 *
 * Where windows and panes begin and end. Always true: times before the epoch are rounded down, as
 * all others. */
#include "window_time.h"

#include <string.h>

static int64_t modulo(int64_t value, int64_t divisor)
{
    int64_t rest = value % divisor;
    return rest < 0 ? rest + divisor : rest;
}

static int64_t gcd(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

enum sl_status op_window_spec_read(struct op_window_spec *spec, const struct sl_plan_node *node,
                                   struct sl_error *err)
{
    const char *assigner = sl_plan_string(node, "assigner", "");
    int64_t size_ms = sl_plan_int64(node, "size_ms", 0);
    int64_t slide_ms = sl_plan_int64(node, "slide_ms", 0);
    int64_t offset_ms = sl_plan_int64(node, "offset_ms", 0);
    if (strcmp(assigner, "TUMBLE") == 0) {
        slide_ms = size_ms;
    } else if (strcmp(assigner, "HOP") != 0) {
        return sl_fail(err, SL_UNSUPPORTED, "window assigner '%s', expected TUMBLE or HOP",
                       assigner);
    }
    if (size_ms <= 0 || size_ms > OP_DURATION_MAX || slide_ms <= 0 || slide_ms > OP_DURATION_MAX) {
        return sl_fail(err, SL_SEMANTIC,
                       "window of %lld ms every %lld ms, expected positive durations",
                       (long long)size_ms, (long long)slide_ms);
    }
    *spec = (struct op_window_spec){size_ms, slide_ms, modulo(offset_ms, slide_ms),
                                    gcd(size_ms, slide_ms)};
    return SL_OK;
}

int64_t op_window_start(const struct op_window_spec *spec, int64_t time_ms)
{
    return time_ms - modulo(time_ms - spec->offset_ms, spec->slide_ms);
}

int64_t op_pane_start(const struct op_window_spec *spec, int64_t time_ms)
{
    return time_ms - modulo(time_ms - spec->offset_ms, spec->pane_ms);
}

bool op_pane_last_window(const struct op_window_spec *spec, int64_t pane_end, int64_t *window_end)
{
    *window_end = op_window_start(spec, pane_end - spec->pane_ms) + spec->size_ms;
    return *window_end >= pane_end;
}

bool op_pane_next_window(const struct op_window_spec *spec, int64_t pane_end, int64_t after,
                         int64_t *window_end)
{
    if (after > OP_TIME_MAX + OP_DURATION_MAX) {
        return false;
    }
    int64_t least = after < pane_end ? pane_end : after + 1;
    /* Ends stand at starts + size: round up to the next of them. */
    int64_t start = op_window_start(spec, least - spec->size_ms - 1) + spec->slide_ms;
    *window_end = start + spec->size_ms;
    return start <= pane_end - spec->pane_ms;
}

int64_t op_ticks_per_ms(const struct sl_type *type)
{
    return sl_timestamp_ticks_per_second(type->precision) / 1000;
}

enum sl_status op_rowtime_column(const struct sl_plan_node *node, const struct sl_schema *schema,
                                 uint32_t *column, struct sl_error *err)
{
    int64_t rowtime = sl_plan_int64(node, "rowtime", -1);
    if (rowtime < 0 || rowtime >= (int64_t)schema->column_count ||
        !sl_type_is_timestamp(schema->columns[rowtime].type.id)) {
        return sl_fail(err, SL_CORRUPT, "%s: rowtime %lld is not a timestamp column of its input",
                       node->kind, (long long)rowtime);
    }
    *column = (uint32_t)rowtime;
    return SL_OK;
}
