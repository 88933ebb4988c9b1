/* SPDX-License-Identifier: Apache-2.0
 *
 * Deals the rows of a batch to panes: a list of the rows that count, cut into runs of one pane, so
 * that state is asked for once a run and aggregates are called once a batch. Rows that are late or
 * have no usable time go to reject queues. */
#ifndef OPERATORS_PANE_ROWS_H
#define OPERATORS_PANE_ROWS_H

#include "sluice/row.h"

#include "reject_queue.h"
#include "window_time.h"

struct op_pane_run {
    int64_t pane_end;
    uint32_t first; /* position in rows */
    uint32_t count;
};

struct op_pane_rows {
    uint16_t *rows;  /* physical rows that count */
    void **values;   /* room for their state */
    uint8_t *errors; /* zeroed; for aggregates */
    uint32_t count;
    struct op_pane_run *runs;
    uint32_t run_count;
};

/* What a batch is dealt with. */
struct op_pane_input {
    const struct op_window_spec *spec;
    const struct sl_batch *batch;
    uint32_t time_column; /* rowtime, or pane_end of partial rows */
    int64_t watermark;    /* INT64_MIN = no row is late */
    struct op_reject_queue *late;
    struct op_reject_queue *rejected;
    struct sl_arena *scratch; /* lives as long as the batch */
};

/* Raw rows, by their time. Rows that no window contains vanish. */
enum sl_status op_pane_rows_deal(struct op_pane_rows *panes, const struct op_pane_input *in,
                                 struct sl_error *err);
/* Partial rows, which name their pane. */
enum sl_status op_pane_rows_deal_partial(struct op_pane_rows *panes, const struct op_pane_input *in,
                                         struct sl_error *err);

#endif
