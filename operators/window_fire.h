/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows that a watermark completes, as output rows. Always true: windows fire in order of their
 * end, each once; panes are dropped when their last window has fired. */
#ifndef OPERATORS_WINDOW_FIRE_H
#define OPERATORS_WINDOW_FIRE_H

#include "aggregate_layout.h"
#include "entry_batch.h"
#include "reject_queue.h"
#include "window_time.h"

struct op_window_fire {
    const struct op_window_spec *spec;
    struct sl_state_table *panes;       /* the node's state */
    struct op_aggregates *pane_layout;  /* accumulators in it */
    struct sl_state_table *merged;      /* own: panes of one overlapping window; NULL for TUMBLE */
    struct op_aggregates merged_layout; /* the same accumulators in it */
    struct sl_schema field_schema;      /* accumulator fields as columns, on their way to merged */
    struct sl_batch_builder fields;
    struct op_entry_batch out;
    struct op_reject_queue rejected;
    struct sl_account *account;
    uint32_t key_count;
    uint16_t *identity; /* 0, 1, 2 ... */
    void **targets;
    int64_t fired_end; /* every window that ends at or before this has fired */
    bool is_firing;    /* window_end is on its way out */
    bool has_batch;    /* out is filled, with rejected rows still to go before it */
    int64_t window_end;
    uint64_t cursor;
};

/* pane_layout is bound to panes. restored_watermark tells what has fired before a restore. */
enum sl_status op_window_fire_open(struct op_window_fire *fire, struct sl_env *env,
                                   const struct op_window_spec *spec,
                                   struct op_aggregates *pane_layout, uint32_t key_count,
                                   struct sl_error *err);
/* close bears a zeroed or half-opened object. */
void op_window_fire_close(struct op_window_fire *fire);
/* Fires what the watermark completes, a batch a call: false in *is_done when outs are set and the
 * call must be repeated. */
enum sl_status op_window_fire_until(struct op_window_fire *fire, int64_t watermark,
                                    struct sl_outs *outs, bool *is_done, struct sl_error *err);

#endif
