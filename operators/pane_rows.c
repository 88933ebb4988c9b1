/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows to panes. Always true: rows keep their order, and runs follow each other without gaps. */
#include "pane_rows.h"

#include "aggregate_value.h"

enum { STRIDE_ROWS = 64 };

/* What becomes of the rows of the present pane. */
enum verdict { TAKE, LATE, NO_WINDOW, OUT_OF_RANGE };

struct pane {
    int64_t end;
    uint64_t width; /* 0 = no pane yet */
    int64_t start;
    enum verdict verdict;
};

static enum sl_status reserve(struct op_pane_rows *panes, uint32_t count, struct sl_arena *scratch,
                              struct sl_error *err)
{
    panes->rows = sl_arena_alloc_raw(scratch, count * sizeof *panes->rows);
    panes->values = sl_arena_alloc_raw(scratch, count * sizeof *panes->values);
    panes->runs = sl_arena_alloc_raw(scratch, count * sizeof *panes->runs);
    panes->errors = sl_arena_alloc(scratch, count);
    panes->count = 0;
    panes->run_count = 0;
    if (panes->rows == NULL || panes->values == NULL || panes->runs == NULL ||
        panes->errors == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the panes of %u rows", count);
    }
    return SL_OK;
}

static enum verdict judge(const struct op_pane_input *in, int64_t pane_end)
{
    int64_t last_end;
    if (!op_pane_last_window(in->spec, pane_end, &last_end)) {
        return NO_WINDOW;
    }
    return op_window_has_fired(last_end, in->watermark) ? LATE : TAKE;
}

static struct pane pane_of(const struct op_pane_input *in, int64_t time_ms)
{
    struct pane pane = {.verdict = OUT_OF_RANGE, .start = time_ms, .width = 1};
    if (time_ms < OP_TIME_MIN || time_ms > OP_TIME_MAX) {
        return pane;
    }
    int64_t start = op_pane_start(in->spec, time_ms);
    pane.end = start + in->spec->pane_ms;
    pane.start = SL_MAX(start, OP_TIME_MIN); /* no time out of range is in it */
    pane.width = (uint64_t)(SL_MIN(pane.end, OP_TIME_MAX + 1) - pane.start);
    pane.verdict = judge(in, pane.end);
    return pane;
}

static void take(struct op_pane_rows *panes, int64_t pane_end, uint32_t row)
{
    struct op_pane_run *run = panes->run_count == 0 ? NULL : &panes->runs[panes->run_count - 1];
    if (run == NULL || run->pane_end != pane_end) {
        run = &panes->runs[panes->run_count++];
        *run = (struct op_pane_run){pane_end, panes->count, 0};
    }
    run->count++;
    panes->rows[panes->count] = (uint16_t)row;
    panes->count++;
}

static enum sl_status settle(struct op_pane_rows *panes, const struct op_pane_input *in,
                             const struct pane *pane, uint32_t row, struct sl_error *err)
{
    switch (pane->verdict) {
    case TAKE:
        take(panes, pane->end, row);
        return SL_OK;
    case LATE:
        return op_reject_queue_push(in->late, SL_ROW_LATE, "its last window has fired", row, err);
    case OUT_OF_RANGE:
        return op_reject_queue_push(in->rejected, SL_ROW_RANGE, "rowtime out of range", row, err);
    case NO_WINDOW:
        break;
    }
    return SL_OK;
}

/* No distance to the first or the last time is negative; one of the two that is too wide for its
 * type has the other negative. No comparison: baseline processors have none of 64-bit lanes. */
static bool all_within(const int64_t *times, uint32_t count, int64_t start, uint64_t width)
{
    uint64_t first = (uint64_t)start;
    uint64_t last = first + width - 1;
    uint64_t outside = 0;
    for (uint32_t i = 0; i < count; i++) {
        outside |= ((uint64_t)times[i] - first) | (last - (uint64_t)times[i]);
    }
    return outside >> 63 == 0;
}

/* The first position at or behind idx whose row is not in the pane. */
static uint32_t run_end(const struct sl_batch *batch, const int64_t *times, const struct pane *pane,
                        uint32_t idx)
{
    uint32_t end = batch->selected_count;
    while (batch->selection == NULL && end - idx >= STRIDE_ROWS &&
           all_within(times + idx, STRIDE_ROWS, pane->start, pane->width)) {
        idx += STRIDE_ROWS;
    }
    while (idx < end &&
           (uint64_t)times[sl_batch_row(batch, idx)] - (uint64_t)pane->start < pane->width) {
        idx++;
    }
    return idx;
}

/* The usual case: rows at positions [idx, end), which lie in one pane that is taken. Returns end.
 */
static uint32_t take_run(struct op_pane_rows *panes, const struct sl_batch *batch, int64_t pane_end,
                         uint32_t idx, uint32_t end)
{
    uint32_t count = end - idx;
    uint16_t *rows = panes->rows + panes->count;
    if (batch->selection != NULL) {
        memcpy(rows, batch->selection + idx, count * sizeof *rows);
    } else {
        for (uint32_t i = 0; i < count; i++) {
            rows[i] = (uint16_t)(idx + i);
        }
    }
    if (count > 0) {
        panes->runs[panes->run_count++] = (struct op_pane_run){pane_end, panes->count, count};
        panes->count += count;
    }
    return end;
}

enum sl_status op_pane_rows_deal(struct op_pane_rows *panes, const struct op_pane_input *in,
                                 struct sl_error *err)
{
    const struct sl_batch *batch = in->batch;
    const struct sl_vector *column = &batch->columns[in->time_column];
    const int64_t *times = column->data;
    int64_t ticks_per_ms = op_ticks_per_ms(&column->type);
    bool is_plain = column->encoding == SL_FLAT && ticks_per_ms == 1 &&
                    op_values_of_first(column, batch->row_count).validity == NULL;
    struct pane pane = {0};
    SL_TRY(reserve(panes, batch->selected_count, in->scratch, err));
    for (uint32_t i = 0; i < batch->selected_count;) {
        uint32_t row = sl_batch_row(batch, i);
        if (!sl_vector_is_valid(column, row)) {
            SL_TRY(
                op_reject_queue_push(in->rejected, SL_ROW_NOT_NULL, "rowtime is null", row, err));
            i++;
            continue;
        }
        int64_t time_ms = op_ticks_to_ms(times[sl_vector_index(column, row)], ticks_per_ms);
        if ((uint64_t)time_ms - (uint64_t)pane.start >= pane.width) {
            pane = pane_of(in, time_ms);
        }
        if (is_plain && pane.verdict == TAKE) {
            i = take_run(panes, batch, pane.end, i, run_end(batch, times, &pane, i));
        } else {
            SL_TRY(settle(panes, in, &pane, row, err));
            i++;
        }
    }
    return SL_OK;
}

static bool all_name(const int64_t *pane_ends, const uint16_t *rows, uint32_t count,
                     int64_t pane_end)
{
    uint64_t others = 0;
    for (uint32_t i = 0; i < count; i++) {
        others |= (uint64_t)pane_ends[rows == NULL ? i : rows[i]] ^ (uint64_t)pane_end;
    }
    return others == 0;
}

/* The first position at or behind idx whose row names another pane. */
static uint32_t partial_run_end(const struct sl_batch *batch, const struct sl_vector *column,
                                int64_t pane_end, uint32_t idx)
{
    const int64_t *pane_ends = column->data;
    uint32_t end = batch->selected_count;
    if (column->encoding == SL_CONST) {
        return end;
    }
    while (end - idx >= STRIDE_ROWS &&
           (batch->selection == NULL
                ? all_name(pane_ends + idx, NULL, STRIDE_ROWS, pane_end)
                : all_name(pane_ends, batch->selection + idx, STRIDE_ROWS, pane_end))) {
        idx += STRIDE_ROWS;
    }
    while (idx < end && pane_ends[sl_batch_row(batch, idx)] == pane_end) {
        idx++;
    }
    return idx;
}

enum sl_status op_pane_rows_deal_partial(struct op_pane_rows *panes, const struct op_pane_input *in,
                                         struct sl_error *err)
{
    const struct sl_batch *batch = in->batch;
    const struct sl_vector *column = &batch->columns[in->time_column];
    const int64_t *pane_ends = column->data;
    struct pane pane = {0};
    SL_TRY(reserve(panes, batch->selected_count, in->scratch, err));
    for (uint32_t i = 0; i < batch->selected_count;) {
        uint32_t row = sl_batch_row(batch, i);
        int64_t pane_end = pane_ends[sl_vector_index(column, row)];
        if (pane.width == 0 || pane_end != pane.end) {
            pane = pane_of(in, pane_end - 1);
            if (pane.verdict == OUT_OF_RANGE || pane.end != pane_end) {
                return sl_fail(err, SL_CORRUPT, "a partial row has pane_end %lld, which is none",
                               (long long)pane_end);
            }
        }
        if (pane.verdict == TAKE) {
            i = take_run(panes, batch, pane_end, i, partial_run_end(batch, column, pane_end, i));
        } else {
            SL_TRY(settle(panes, in, &pane, row, err));
            i++;
        }
    }
    return SL_OK;
}
