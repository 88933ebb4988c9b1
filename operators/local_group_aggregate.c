/* SPDX-License-Identifier: Apache-2.0
 *
 * The local half of an unwindowed GROUP BY: rows of one batch are put together by key before they
 * are exchanged. Always true: nothing is kept between batches, so no row waits for another. */
#include "builtin.h"

#include "partial_rows.h"
#include "reject_queue.h"

struct local {
    struct op_partial_rows partials;
    const struct sl_param *keys;
    struct sl_row_keys row_keys;
    struct sl_arena scratch; /* of the present batch */
    struct op_reject_queue rejected;
    uint16_t *rows; /* of the present batch: physical row of each selected one */
    uint32_t *key_idxs;
    void **values;
    uint8_t *retract;
    uint8_t *errors;
    uint32_t count;
    uint32_t added; /* rows that are in the table */
    bool is_in_batch;
    bool is_emptying;
};

static enum sl_status local_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct local *self = SL_ARENA_NEW(env->arena, struct local);
    *state = self;
    if (self == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    sl_row_keys_init(&self->row_keys, env->account);
    sl_arena_init(&self->scratch, env->account, 256 * 1024);
    self->keys = sl_plan_param(env->node, "keys");
    if (self->keys == NULL) {
        return sl_fail(err, SL_CORRUPT, "%s has no keys", env->label);
    }
    SL_TRY(op_reject_queue_open(&self->rejected, env, SL_OUT_REJECTED, err));
    return op_partial_rows_open(&self->partials, env, self->keys->count, true, err);
}

static void local_close(void *state)
{
    struct local *self = state;
    if (self == NULL) {
        return;
    }
    op_partial_rows_close(&self->partials);
    op_reject_queue_close(&self->rejected);
    sl_row_keys_deinit(&self->row_keys);
    sl_arena_deinit(&self->scratch);
}

static enum sl_status reserve(struct local *self, uint32_t count, struct sl_error *err)
{
    sl_arena_reset(&self->scratch);
    self->rows = SL_ARENA_ARRAY(&self->scratch, uint16_t, count);
    self->key_idxs = SL_ARENA_ARRAY(&self->scratch, uint32_t, count);
    self->values = SL_ARENA_ARRAY(&self->scratch, void *, count);
    self->retract = SL_ARENA_ARRAY(&self->scratch, uint8_t, count);
    self->errors = SL_ARENA_ARRAY(&self->scratch, uint8_t, count);
    if (self->rows == NULL || self->key_idxs == NULL || self->values == NULL ||
        self->retract == NULL || self->errors == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the keys of %u rows", count);
    }
    return SL_OK;
}

static enum sl_status begin_batch(struct local *self, const struct sl_batch *batch,
                                  struct sl_error *err)
{
    self->count = batch->selected_count;
    self->added = 0;
    SL_TRY(reserve(self, self->count, err));
    SL_TRY(sl_row_keys_encode(&self->row_keys, batch, self->keys->columns, self->keys->count, err));
    for (uint32_t i = 0; i < self->count; i++) {
        uint32_t row = sl_batch_row(batch, i);
        self->rows[i] = (uint16_t)row;
        self->key_idxs[i] = i;
        self->retract[i] = sl_kind_is_retract(sl_batch_kind(batch, row));
    }
    self->is_in_batch = true;
    return SL_OK;
}

static enum sl_status add_rows(struct local *self, const struct sl_batch *batch, uint32_t found,
                               struct sl_error *err)
{
    uint32_t first = self->added;
    struct op_aggregate_rows rows = {batch, self->values + first, self->rows + first, found - first,
                                     batch->kinds == NULL ? NULL : self->retract + first};
    bool has_errors = false;
    for (uint32_t i = first; i < found; i++) {
        int64_t *row_count = (void *)((char *)self->values[i] + self->partials.row_count_offset);
        *row_count += self->retract[i] ? -1 : 1;
    }
    SL_TRY(op_aggregates_add(&self->partials.layout, &rows, &self->scratch, self->errors + first,
                             &has_errors, err));
    for (uint32_t i = first; has_errors && i < found; i++) {
        if (self->errors[i] != SL_ROW_NONE) {
            SL_TRY(op_reject_queue_push(&self->rejected, (enum sl_row_error)self->errors[i],
                                        "accumulator of an aggregate", self->rows[i], err));
        }
    }
    self->added = found;
    return SL_OK;
}

/* Takes rows until the batch or the room for entries ends; then partials go. */
static enum sl_status take_rows(struct local *self, const struct sl_batch *batch,
                                struct sl_error *err)
{
    uint32_t done = 0;
    enum sl_status status = sl_state_find_or_add(
        self->partials.table, 0, &self->row_keys, self->key_idxs + self->added,
        self->count - self->added, self->values + self->added, NULL, &done, err);
    if (status != SL_LIMIT || done == 0) {
        SL_TRY(status);
    }
    self->is_emptying = true;
    return add_rows(self, batch, self->added + done, err);
}

static enum sl_status local_process(void *state, uint32_t port, const struct sl_batch *in,
                                    struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct local *self = state;
    bool is_done = true;
    (void)port;
    *flow = SL_MORE;
    if (!self->is_in_batch) {
        SL_TRY(begin_batch(self, in, err));
    }
    while (self->is_emptying || self->added < self->count) {
        if (!self->is_emptying) {
            SL_TRY(take_rows(self, in, err));
            continue;
        }
        SL_TRY(op_partial_rows_empty(&self->partials, INT64_MAX, outs, &is_done, err));
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

const struct sl_operator_def op_local_group_aggregate_def = {
    .kind = "local_group_aggregate",
    .port_count = 1,
    .open = local_open,
    .process = local_process,
    .close = local_close,
};
