/* SPDX-License-Identifier: Apache-2.0
 *
 * GROUP BY window and keys: keeps accumulators per pane and key, and emits a window when the
 * watermark passes it. Its input are raw rows or the partial rows of the local half. */
#include "builtin.h"

#include "aggregate_layout.h"
#include "key_cache.h"
#include "pane_rows.h"
#include "window_fire.h"

struct global {
    struct op_window_spec spec;
    struct op_aggregates layout;
    bool is_raw;
    uint32_t time_column; /* rowtime, or pane_end of partial rows */
    const uint32_t *keys; /* input columns */
    uint32_t key_count;
    struct op_key_cache cache;
    struct sl_arena scratch; /* of the present batch */
    struct op_reject_queue late;
    struct op_reject_queue rejected;
    struct op_window_fire fire;
    int64_t watermark;
    bool is_rejecting; /* the batch is in the state; rows that are not are on their way out */
};

/* Partial rows have their keys first, then pane_end. */
static enum sl_status open_input(struct global *self, struct sl_env *env, struct sl_error *err)
{
    const struct sl_param *keys = sl_plan_param(env->node, "keys");
    const struct sl_param *raw = sl_plan_param(env->node, "input");
    const struct sl_schema *input = env->inputs[0];
    if (keys == NULL || raw == NULL || env->node->state_count < 1) {
        return sl_fail(err, SL_CORRUPT, "%s lacks keys, input or state", env->label);
    }
    self->is_raw = sl_schema_equal(&raw->schema, input);
    self->key_count = keys->count;
    if (self->is_raw) {
        self->keys = keys->columns;
        return op_rowtime_column(env->node, input, &self->time_column, err);
    }
    uint32_t *columns = SL_ARENA_ARRAY(env->arena, uint32_t, keys->count);
    if (columns == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    for (uint32_t i = 0; i < keys->count; i++) {
        columns[i] = i;
    }
    self->keys = columns;
    self->time_column = keys->count;
    if (input->column_count != keys->count + 1 + self->layout.field_count ||
        input->columns[keys->count].type.id != SL_TYPE_BIGINT) {
        return sl_fail(err, SL_CORRUPT, "%s: its input is neither raw nor partial rows",
                       env->label);
    }
    return SL_OK;
}

static enum sl_status global_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct global *self = SL_ARENA_NEW(env->arena, struct global);
    *state = self;
    if (self == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    sl_arena_init(&self->scratch, env->account, 256 * 1024);
    SL_TRY(op_window_spec_read(&self->spec, env->node, err));
    SL_TRY(op_aggregates_open(&self->layout, env, err));
    SL_TRY(open_input(self, env, err));
    SL_TRY(op_reject_queue_open(&self->late, env, SL_OUT_LATE, err));
    SL_TRY(op_reject_queue_open(&self->rejected, env, SL_OUT_REJECTED, err));
    op_key_cache_open(&self->cache, env->states[0], env->inputs[0], self->keys, self->key_count,
                      env->account);
    self->watermark = env->restored_watermark;
    SL_TRY(op_aggregates_bind(&self->layout, &env->node->states[0], 0, env->states[0], err));
    return op_window_fire_open(&self->fire, env, &self->spec, &self->layout, self->key_count, err);
}

static void global_close(void *state)
{
    struct global *self = state;
    if (self == NULL) {
        return;
    }
    op_window_fire_close(&self->fire);
    op_reject_queue_close(&self->late);
    op_reject_queue_close(&self->rejected);
    op_key_cache_close(&self->cache);
    sl_arena_deinit(&self->scratch);
}

static enum sl_status reject_overflows(struct global *self, const struct op_aggregate_rows *rows,
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

/* Some rows of one pane: while they are added, their accumulators stay in the cache. */
static enum sl_status add_rows(struct global *self, const struct sl_batch *batch,
                               const struct op_pane_rows *panes, struct op_pane_run rows,
                               struct sl_error *err)
{
    bool has_errors = false;
    struct op_aggregate_rows in = {batch, panes->values + rows.first, panes->rows + rows.first,
                                   rows.count, NULL};
    uint8_t *errors = panes->errors + rows.first;
    SL_TRY(op_key_cache_find(&self->cache, batch, rows.pane_end, in.rows, rows.count,
                             panes->values + rows.first, err));
    if (self->is_raw) {
        SL_TRY(op_aggregates_add(&self->layout, &in, &self->scratch, errors, &has_errors, err));
    } else {
        op_aggregates_merge(&self->layout, &in, self->key_count + 1, errors, &has_errors);
    }
    return has_errors ? reject_overflows(self, &in, errors, err) : SL_OK;
}

static enum sl_status take_batch(struct global *self, const struct sl_batch *batch,
                                 struct sl_error *err)
{
    struct op_pane_rows panes;
    struct op_pane_input in = {&self->spec, batch,           self->time_column, self->watermark,
                               &self->late, &self->rejected, &self->scratch};
    sl_arena_reset(&self->scratch);
    SL_TRY(self->is_raw ? op_pane_rows_deal(&panes, &in, err)
                        : op_pane_rows_deal_partial(&panes, &in, err));
    for (uint32_t i = 0; i < panes.run_count; i++) {
        struct op_pane_run run = panes.runs[i];
        uint32_t end = run.first + run.count;
        for (; run.first < end; run.first += run.count) {
            run.count = SL_MIN(end - run.first, (uint32_t)OP_AGGREGATE_BLOCK_ROWS);
            SL_TRY(add_rows(self, batch, &panes, run, err));
        }
    }
    return SL_OK;
}

static enum sl_status global_process(void *state, uint32_t port, const struct sl_batch *in,
                                     struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct global *self = state;
    bool late_out;
    bool rejected_out;
    (void)port;
    if (!self->is_rejecting) {
        SL_TRY(take_batch(self, in, err));
        self->is_rejecting = true;
    }
    SL_TRY(op_reject_queue_flush(&self->late, in, outs, &late_out, err));
    SL_TRY(op_reject_queue_flush(&self->rejected, in, outs, &rejected_out, err));
    self->is_rejecting = !late_out || !rejected_out;
    *flow = self->is_rejecting ? SL_MORE : SL_DONE;
    return SL_OK;
}

/* A watermark goes on when all that it completes is out. */
static enum sl_status global_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                    enum sl_flow *flow, struct sl_error *err)
{
    struct global *self = state;
    bool is_done = true;
    if (signal->kind == SL_SIGNAL_BARRIER) {
        op_key_cache_forget(&self->cache, INT64_MAX);
    } else if (signal->kind == SL_SIGNAL_WATERMARK) {
        /* No pane that ends later is dropped. */
        op_key_cache_forget(&self->cache, SL_MIN(signal->value, INT64_MAX - 1) + 1);
        SL_TRY(op_window_fire_until(&self->fire, signal->value, outs, &is_done, err));
        if (is_done) {
            self->watermark = signal->value;
        }
    }
    *flow = is_done ? SL_DONE : SL_MORE;
    return SL_OK;
}

const struct sl_operator_def op_global_window_aggregate_def = {
    .kind = "global_window_aggregate",
    .port_count = 1,
    .open = global_open,
    .process = global_process,
    .signal = global_signal,
    .close = global_close,
};
