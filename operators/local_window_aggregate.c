/* SPDX-License-Identifier: Apache-2.0
 *
 * The local half of a window aggregate: rows of this worker are put together by pane and key before
 * they are exchanged, or, while that hardly makes fewer of them, pass as partial rows one by one.
 * Always true: no row stays behind a barrier, the end, or a watermark that passes its pane; the
 * global half decides what is late. */
#include "builtin.h"

#include "key_cache.h"
#include "pane_rows.h"
#include "partial_rows.h"
#include "single_rows.h"

enum {
    /* Rows that may be held before all partials go out: bounds memory and, with few keys, costs a
     * handful of rows. */
    HELD_ROWS_MAX = 65536,
    /* Putting rows together pays from about so many for each entry that goes out. */
    PAYING_ROWS = 6,
    /* It is judged over at least so many rows. */
    JUDGED_ROWS_MIN = 4096,
    /* When so many rows are held and make less than two an entry, HELD_ROWS_MAX of them would
     * hardly pay either. */
    EARLY_ROWS = 16384,
    /* So many rows then pass before it is tried again, twice as many after each try in a row that
     * did not pay. */
    PASSING_ROWS = 262144,
    PASSING_ROWS_MAX = 16 * PASSING_ROWS
};

struct local {
    struct op_window_spec spec;
    struct op_partial_rows partials;
    uint32_t rowtime;
    const struct sl_param *keys;
    struct op_key_cache cache;
    struct sl_arena scratch; /* of the present batch */
    struct op_reject_queue rejected;
    struct op_pane_rows panes; /* of the present batch */
    uint32_t run_idx;          /* of panes: the first that is not in the table as a whole */
    uint32_t added;            /* rows of panes that are in the table */
    bool is_in_batch;
    bool is_emptying;
    bool is_adaptive;
    uint64_t held_row_count;
    uint64_t
        judged_row_count; /* rows whose entries partials.emitted_count counts, but those held */
    uint64_t passing_row_count; /* rows that are still to pass; 0 = rows are put together */
    uint64_t next_passing_row_count;
    struct op_single_rows single;
};

/* Only under AUTO, which is also what no setting means. */
static enum sl_status open_single(struct local *self, struct sl_env *env, struct sl_error *err)
{
    const char *strategy =
        sl_option_text(&env->plan->settings, NULL, "table.optimizer.agg-phase-strategy");
    self->is_adaptive = (strategy == NULL || strcmp(strategy, "AUTO") == 0) &&
                        op_aggregates_can_single(&self->partials.layout);
    return self->is_adaptive
               ? op_single_rows_open(&self->single, env, self->keys, &self->partials.layout, err)
               : SL_OK;
}

static enum sl_status local_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct local *self = SL_ARENA_NEW(env->arena, struct local);
    *state = self;
    if (self == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    sl_arena_init(&self->scratch, env->account, 256 * 1024);
    self->next_passing_row_count = PASSING_ROWS;
    self->keys = sl_plan_param(env->node, "keys");
    if (self->keys == NULL) {
        return sl_fail(err, SL_CORRUPT, "%s has no keys", env->label);
    }
    SL_TRY(op_window_spec_read(&self->spec, env->node, err));
    SL_TRY(op_rowtime_column(env->node, env->inputs[0], &self->rowtime, err));
    SL_TRY(op_reject_queue_open(&self->rejected, env, SL_OUT_REJECTED, err));
    SL_TRY(op_partial_rows_open(&self->partials, env, self->keys->count, false, err));
    op_key_cache_open(&self->cache, self->partials.table, env->inputs[0], self->keys->columns,
                      self->keys->count, env->account);
    return open_single(self, env, err);
}

static void local_close(void *state)
{
    struct local *self = state;
    if (self == NULL) {
        return;
    }
    op_partial_rows_close(&self->partials);
    op_single_rows_close(&self->single);
    op_reject_queue_close(&self->rejected);
    op_key_cache_close(&self->cache);
    sl_arena_deinit(&self->scratch);
}

/* Gives the batch's rows out as they are, if rows are to pass and these can. */
static void pass_rows(struct local *self, const struct sl_batch *batch, struct sl_outs *outs)
{
    uint32_t count = self->panes.count;
    if (self->passing_row_count == 0 || !op_single_rows_make(&self->single, batch, &self->panes)) {
        return;
    }
    outs->batches[SL_OUT_MAIN] = &self->single.out;
    self->added = count;
    self->passing_row_count -= SL_MIN(self->passing_row_count, (uint64_t)count);
}

static enum sl_status begin_batch(struct local *self, const struct sl_batch *batch,
                                  struct sl_outs *outs, struct sl_error *err)
{
    struct op_pane_input in = {&self->spec, batch,           self->rowtime, INT64_MIN,
                               NULL,        &self->rejected, &self->scratch};
    sl_arena_reset(&self->scratch);
    self->run_idx = 0;
    self->added = 0;
    SL_TRY(op_pane_rows_deal(&self->panes, &in, err));
    pass_rows(self, batch, outs);
    self->is_in_batch = true;
    return SL_OK;
}

/* All that is held has gone out: did it pay? */
static void judge(struct local *self)
{
    self->judged_row_count += self->held_row_count;
    if (self->judged_row_count < JUDGED_ROWS_MIN) {
        return;
    }
    bool is_paying = self->judged_row_count >= PAYING_ROWS * self->partials.emitted_count;
    if (is_paying || !self->is_adaptive) {
        self->passing_row_count = 0;
        self->next_passing_row_count = PASSING_ROWS;
    } else {
        self->passing_row_count = self->next_passing_row_count;
        self->next_passing_row_count =
            SL_MIN(2 * self->passing_row_count, (uint64_t)PASSING_ROWS_MAX);
    }
    self->judged_row_count = 0;
    self->partials.emitted_count = 0;
}

/* Whether it is plain before the table is full that it does not pay. */
static bool is_hopeless(const struct local *self)
{
    return self->is_adaptive && self->held_row_count >= EARLY_ROWS &&
           2 * sl_state_stats(self->partials.table).entry_count + 2 * self->partials.emitted_count >
               self->judged_row_count + self->held_row_count;
}

static enum sl_status reject_overflows(struct local *self, const struct op_aggregate_rows *rows,
                                       const uint8_t *errors, struct sl_error *err)
{
    for (uint32_t i = 0; i < rows->count; i++) {
        if (errors[i] != SL_ROW_NONE) {
            SL_TRY(op_reject_queue_push(&self->rejected, (enum sl_row_error)errors[i],
                                        "accumulator of an aggregate", rows->rows[i], err));
        }
    }
    return SL_OK;
}

/* Takes the next rows of one pane: while they are added, their accumulators stay in the cache. When
 * there is no room for their entries, partials must go first; entries that were made for nothing go
 * with them, empty, and the rows follow them. */
static enum sl_status take_rows(struct local *self, const struct sl_batch *batch,
                                struct sl_error *err)
{
    struct op_pane_rows *panes = &self->panes;
    const struct op_pane_run *run = &panes->runs[self->run_idx];
    uint32_t rest = run->first + run->count - self->added;
    uint32_t first = self->added;
    struct op_aggregate_rows rows = {batch, panes->values + first, panes->rows + first,
                                     SL_MIN(rest, (uint32_t)OP_AGGREGATE_BLOCK_ROWS), NULL};
    bool has_errors = false;
    enum sl_status status = op_key_cache_find(&self->cache, batch, run->pane_end, rows.rows,
                                              rows.count, panes->values + first, err);
    self->is_emptying = status == SL_LIMIT && self->held_row_count > 0;
    if (status != SL_OK) {
        return self->is_emptying ? SL_OK : status;
    }
    SL_TRY(op_aggregates_add(&self->partials.layout, &rows, &self->scratch, panes->errors + first,
                             &has_errors, err));
    self->run_idx += rows.count == rest;
    self->added += rows.count;
    self->held_row_count += rows.count;
    self->is_emptying =
        self->held_row_count >= HELD_ROWS_MAX || (self->added == panes->count && is_hopeless(self));
    return has_errors ? reject_overflows(self, &rows, panes->errors + first, err) : SL_OK;
}

static enum sl_status empty(struct local *self, int64_t last, struct sl_outs *outs, bool *is_done,
                            struct sl_error *err)
{
    op_key_cache_forget(&self->cache, last);
    SL_TRY(op_partial_rows_empty(&self->partials, last, outs, is_done, err));
    if (*is_done && op_partial_rows_is_empty(&self->partials)) {
        judge(self);
        self->held_row_count = 0;
    }
    return SL_OK;
}

static enum sl_status local_process(void *state, uint32_t port, const struct sl_batch *in,
                                    struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct local *self = state;
    bool is_done = true;
    (void)port;
    *flow = SL_MORE;
    if (!self->is_in_batch) {
        SL_TRY(begin_batch(self, in, outs, err));
    }
    while (self->is_emptying || self->added < self->panes.count) {
        if (!self->is_emptying) {
            SL_TRY(take_rows(self, in, err));
            continue;
        }
        SL_TRY(empty(self, INT64_MAX, outs, &is_done, err));
        if (!is_done) {
            return SL_OK;
        }
        self->is_emptying = false;
    }
    SL_TRY(op_reject_queue_flush(&self->rejected, in, outs, &is_done, err));
    if (is_done) {
        self->is_in_batch = false;
        *flow = SL_DONE;
    }
    return SL_OK;
}

static enum sl_status local_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                   enum sl_flow *flow, struct sl_error *err)
{
    struct local *self = state;
    bool is_done = true;
    switch (signal->kind) {
    case SL_SIGNAL_WATERMARK:
        /* The first window that a pane lies in ends no earlier than the pane. */
        SL_TRY(empty(self, signal->value == INT64_MAX ? INT64_MAX : signal->value + 1, outs,
                     &is_done, err));
        break;
    case SL_SIGNAL_IDLE:
    case SL_SIGNAL_BARRIER:
    case SL_SIGNAL_DRAIN:
    case SL_SIGNAL_END:
        SL_TRY(empty(self, INT64_MAX, outs, &is_done, err));
        break;
    default:
        break;
    }
    *flow = is_done ? SL_DONE : SL_MORE;
    return SL_OK;
}

const struct sl_operator_def op_local_window_aggregate_def = {
    .kind = "local_window_aggregate",
    .port_count = 1,
    .open = local_open,
    .process = local_process,
    .signal = local_signal,
    .close = local_close,
};
