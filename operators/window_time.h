/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic of windows and panes, in ms. Windows are [start, start + size) with starts at
 * offset + k * slide; a pane is the piece of time between two neighbouring window borders, so that
 * overlapping windows share panes. A tumbling window is its own pane. Always true: no call
 * overflows for times within OP_TIME_MIN..OP_TIME_MAX. */
#ifndef OPERATORS_WINDOW_TIME_H
#define OPERATORS_WINDOW_TIME_H

#include "sluice/operator.h"

/* Bounds of event time that windows take; about 73 million years. */
#define OP_TIME_MAX (INT64_C(1) << 61)
#define OP_TIME_MIN (-OP_TIME_MAX)
/* Bound of sizes, slides and offsets. */
#define OP_DURATION_MAX (INT64_C(1) << 60)

struct op_window_spec {
    int64_t size_ms;
    int64_t slide_ms;  /* = size_ms for TUMBLE */
    int64_t offset_ms; /* in [0, slide_ms) */
    int64_t pane_ms;   /* gcd of size and slide */
};

/* From a node's "assigner", "size_ms", "slide_ms" and "offset_ms". */
enum sl_status op_window_spec_read(struct op_window_spec *spec, const struct sl_plan_node *node,
                                   struct sl_error *err);

/* The window or pane border at or before time. */
int64_t op_window_start(const struct op_window_spec *spec, int64_t time_ms);
int64_t op_pane_start(const struct op_window_spec *spec, int64_t time_ms);

/* End of the last window that contains the pane; false when none does (windows with gaps). */
bool op_pane_last_window(const struct op_window_spec *spec, int64_t pane_end, int64_t *window_end);
/* End of the first window that contains the pane and ends behind `after`; false when there is none.
 */
bool op_pane_next_window(const struct op_window_spec *spec, int64_t pane_end, int64_t after,
                         int64_t *window_end);

/* Whether a window of that end has fired at a watermark. */
static inline bool op_window_has_fired(int64_t window_end, int64_t watermark)
{
    return window_end - 1 <= watermark;
}

/* Ticks of a timestamp type's precision in a millisecond. */
int64_t op_ticks_per_ms(const struct sl_type *type);
/* Towards minus infinity. */
static inline int64_t op_ticks_to_ms(int64_t ticks, int64_t ticks_per_ms)
{
    if (ticks_per_ms == 1) {
        return ticks;
    }
    int64_t ms = ticks / ticks_per_ms;
    return ms - (ticks % ticks_per_ms < 0);
}

/* Stops at the ends of int64. */
static inline int64_t op_ms_to_ticks(int64_t ms, int64_t ticks_per_ms)
{
    int64_t ticks;
    if (__builtin_mul_overflow(ms, ticks_per_ms, &ticks)) {
        return ms < 0 ? INT64_MIN : INT64_MAX;
    }
    return ticks;
}

/* Whether the node's "rowtime" is a timestamp column of schema; *column is it. */
enum sl_status op_rowtime_column(const struct sl_plan_node *node, const struct sl_schema *schema,
                                 uint32_t *column, struct sl_error *err);

#endif
