/* SPDX-License-Identifier: Apache-2.0
 *
 * GROUP BY without a window: an updating result. Each group that a batch touches says once what
 * changed: +I when it is new, -U and +U when its result changed, -D when its last row is gone,
 * nothing when the result is the same. Always true: what has gone out for a group, and not been
 * taken back, is its result before the batch. */
#include "builtin.h"

#include "column_pick.h"
#include "group_changes.h"
#include "key_cache.h"
#include "reject_queue.h"

struct group_aggregate {
    struct sl_env *env;
    struct op_aggregates layout;
    struct sl_state_table *table;
    bool is_raw;
    const uint32_t *keys; /* input columns */
    uint32_t key_count;
    uint32_t slice_rows; /* rows that are taken at a time, at most */
    struct op_key_cache cache;
    struct sl_row_keys row_keys; /* of a group that goes */
    struct sl_arena scratch;     /* of the present slice */
    struct op_reject_queue rejected;
    struct op_group_changes changes;
    uint32_t change_idx; /* the first that has not gone out */
    uint32_t taken;      /* selected rows of the batch that are in the state */
    bool is_in_batch;
    struct sl_batch_builder out;
    uint16_t *selection;           /* of out, when results failed */
    struct op_reject_queue failed; /* rows of out that have no result */
    bool has_batch;                /* out is full or final */
};

enum { ROW_COUNT_FIELD, FIRST_ACCUMULATOR_FIELD };

/* Partial rows have their keys first, then row_count. */
static enum sl_status open_input(struct group_aggregate *self, struct sl_env *env,
                                 struct sl_error *err)
{
    const struct sl_param *keys = sl_plan_param(env->node, "keys");
    const struct sl_param *raw = sl_plan_param(env->node, "input");
    const struct sl_schema *input = env->inputs[0];
    if (keys == NULL || raw == NULL || env->node->state_count < 1 ||
        env->node->schema.column_count != keys->count + self->layout.count) {
        return sl_fail(err, SL_CORRUPT, "%s lacks keys, input, state or output columns",
                       env->label);
    }
    self->is_raw = sl_schema_equal(&raw->schema, input);
    self->key_count = keys->count;
    self->keys = keys->columns;
    if (self->is_raw) {
        return SL_OK;
    }
    uint32_t *columns = SL_ARENA_ARRAY(env->arena, uint32_t, keys->count);
    if (columns == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    for (uint32_t i = 0; i < keys->count; i++) {
        columns[i] = i;
    }
    self->keys = columns;
    if (input->column_count != keys->count + 1 + self->layout.field_count ||
        input->columns[keys->count].type.id != SL_TYPE_BIGINT) {
        return sl_fail(err, SL_CORRUPT, "%s: its input is neither raw nor partial rows",
                       env->label);
    }
    return SL_OK;
}

static enum sl_status open_output(struct group_aggregate *self, struct sl_env *env,
                                  struct sl_error *err)
{
    const struct sl_state_def *def = &env->node->states[0];
    const struct sl_schema *schema = &env->node->schema;
    struct sl_schema results = {self->layout.count, schema->columns + self->key_count};
    uint32_t capacity = SL_MAX(env->batch_rows, 2u); /* -U and +U stay together */
    if (def->field_count == 0 || def->fields[ROW_COUNT_FIELD].physical != SL_W8) {
        return sl_fail(err, SL_CORRUPT, "%s: its state has no row_count", env->label);
    }
    SL_TRY(op_aggregates_bind(&self->layout, def, FIRST_ACCUMULATOR_FIELD, self->table, err));
    self->changes.layout = &self->layout;
    self->changes.row_count_offset = sl_state_field_offset(def, ROW_COUNT_FIELD);
    self->slice_rows = SL_MIN(env->batch_rows, (uint32_t)OP_GROUPS_MAX);
    self->selection = SL_ARENA_ARRAY(env->arena, uint16_t, capacity);
    if (self->selection == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    SL_TRY(op_group_changes_open(&self->changes, env, &results, self->slice_rows, err));
    return sl_batch_builder_init(&self->out, schema, capacity, env->account, err);
}

static enum sl_status group_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct group_aggregate *self = SL_ARENA_NEW(env->arena, struct group_aggregate);
    *state = self;
    if (self == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    self->env = env;
    sl_row_keys_init(&self->row_keys, env->account);
    sl_arena_init(&self->scratch, env->account, 256 * 1024);
    SL_TRY(op_aggregates_open(&self->layout, env, err));
    SL_TRY(open_input(self, env, err));
    self->table = env->states[0];
    op_key_cache_open(&self->cache, env->states[0], env->inputs[0], self->keys, self->key_count,
                      env->account);
    SL_TRY(open_output(self, env, err));
    SL_TRY(op_reject_queue_open(&self->rejected, env, SL_OUT_REJECTED, err));
    return op_reject_queue_open(&self->failed, env, SL_OUT_REJECTED, err);
}

static void group_close(void *state)
{
    struct group_aggregate *self = state;
    if (self == NULL) {
        return;
    }
    op_group_changes_close(&self->changes);
    sl_batch_builder_deinit(&self->out);
    op_reject_queue_close(&self->rejected);
    op_reject_queue_close(&self->failed);
    op_key_cache_close(&self->cache);
    sl_row_keys_deinit(&self->row_keys);
    sl_arena_deinit(&self->scratch);
}

/* The rows of one slice, on their way into the state. */
struct slice {
    uint16_t *rows;
    void **values;
    uint8_t *retract; /* NULL = none does */
    uint8_t *errors;
    uint32_t count;
};

static void list_rows(struct slice *slice, const struct sl_batch *batch, uint32_t first)
{
    for (uint32_t i = 0; i < slice->count; i++) {
        slice->rows[i] = (uint16_t)sl_batch_row(batch, first + i);
    }
    for (uint32_t i = 0; slice->retract != NULL && i < slice->count; i++) {
        slice->retract[i] = sl_kind_is_retract(sl_batch_kind(batch, slice->rows[i]));
    }
}

static enum sl_status slice_init(struct slice *slice, const struct sl_batch *batch, uint32_t first,
                                 struct sl_arena *scratch, struct sl_error *err)
{
    uint32_t count = slice->count;
    bool has_kinds = batch->kinds != NULL;
    sl_arena_reset(scratch);
    slice->rows = sl_arena_alloc_raw(scratch, count * sizeof *slice->rows);
    slice->values = sl_arena_alloc_raw(scratch, count * sizeof *slice->values);
    slice->retract = has_kinds ? sl_arena_alloc_raw(scratch, count) : NULL;
    slice->errors = sl_arena_alloc(scratch, count);
    if (slice->rows == NULL || slice->values == NULL || (has_kinds && slice->retract == NULL) ||
        slice->errors == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the groups of %u rows", count);
    }
    list_rows(slice, batch, first);
    return SL_OK;
}

static void count_rows(const struct group_aggregate *self, const struct op_aggregate_rows *in)
{
    const struct sl_vector *partial = self->is_raw ? NULL : &in->batch->columns[self->key_count];
    uint32_t offset_bytes = self->changes.row_count_offset;
    for (uint32_t i = 0; i < in->count; i++) {
        int64_t change = in->retract != NULL && in->retract[i] ? -1 : 1;
        if (partial != NULL) {
            change = ((const int64_t *)partial->data)[sl_vector_index(partial, in->rows[i])];
        }
        op_count_add((char *)in->values[i] + offset_bytes, change);
    }
}

/* Some rows of a slice: their values stay in the cache meanwhile. */
static enum sl_status add_rows(struct group_aggregate *self, const struct op_aggregate_rows *rows,
                               uint8_t *errors, struct sl_error *err)
{
    bool has_errors = false;
    count_rows(self, rows);
    if (self->is_raw) {
        SL_TRY(op_aggregates_add(&self->layout, rows, &self->scratch, errors, &has_errors, err));
    } else {
        op_aggregates_merge(&self->layout, rows, self->key_count + 1, errors, &has_errors);
    }
    for (uint32_t i = 0; has_errors && i < rows->count; i++) {
        if (errors[i] != SL_ROW_NONE) {
            SL_TRY(op_reject_queue_push(&self->rejected, (enum sl_row_error)errors[i],
                                        "accumulator of an aggregate", rows->rows[i], err));
        }
    }
    return SL_OK;
}

static enum sl_status add_slice(struct group_aggregate *self, const struct sl_batch *batch,
                                const struct slice *slice, struct sl_error *err)
{
    for (uint32_t first = 0; first < slice->count; first += OP_AGGREGATE_BLOCK_ROWS) {
        struct op_aggregate_rows rows = {
            batch, slice->values + first, slice->rows + first,
            SL_MIN(slice->count - first, (uint32_t)OP_AGGREGATE_BLOCK_ROWS),
            slice->retract == NULL ? NULL : slice->retract + first};
        SL_TRY(add_rows(self, &rows, slice->errors + first, err));
    }
    return SL_OK;
}

static enum sl_status remove_groups(struct group_aggregate *self, const struct sl_batch *in,
                                    struct sl_error *err)
{
    const struct op_group_changes *changes = &self->changes;
    if (changes->gone_count > 0) {
        op_key_cache_forget(&self->cache, 0);
    }
    for (uint32_t i = 0; i < changes->gone_count; i++) {
        struct sl_batch one = *in;
        one.selection = &changes->gone_rows[i];
        one.selected_count = 1;
        SL_TRY(sl_row_keys_encode(&self->row_keys, &one, self->keys, self->key_count, err));
        sl_state_remove(self->table, 0, self->row_keys.bytes.data, self->row_keys.bytes.length,
                        self->row_keys.hashes[0]);
    }
    return SL_OK;
}

static enum sl_status take_slice(struct group_aggregate *self, const struct sl_batch *batch,
                                 struct sl_error *err)
{
    uint32_t first = self->taken;
    struct slice slice = {.count = SL_MIN(batch->selected_count - first, self->slice_rows)};
    SL_TRY(slice_init(&slice, batch, first, &self->scratch, err));
    SL_TRY(op_key_cache_find(&self->cache, batch, 0, slice.rows, slice.count, slice.values, err));
    struct op_aggregate_rows rows = {batch, slice.values, slice.rows, slice.count, slice.retract};
    SL_TRY(op_group_changes_begin(&self->changes, &rows, &self->scratch, err));
    SL_TRY(add_slice(self, batch, &slice, err));
    op_group_changes_end(&self->changes);
    self->taken += slice.count;
    self->change_idx = 0;
    return remove_groups(self, batch, err);
}

static bool has_other_than_inserts(const uint8_t *kinds, uint32_t count)
{
    uint8_t all = SL_INSERT;
    for (uint32_t i = 0; i < count; i++) {
        all |= kinds[i];
    }
    return all != SL_INSERT;
}

/* How many of the next changes go into one batch: -U and +U stay together. */
static uint32_t next_count(const struct group_aggregate *self)
{
    const struct op_group_changes *changes = &self->changes;
    uint32_t rest = changes->count - self->change_idx;
    if (rest <= self->out.capacity) {
        return rest;
    }
    bool is_cut = changes->kinds[self->change_idx + self->out.capacity - 1] == SL_UPDATE_BEFORE;
    return self->out.capacity - is_cut;
}

/* A group whose result does not fit its type: the row is printed to the rejected output. */
static enum sl_status push_failed(struct group_aggregate *self, struct sl_error *err)
{
    const uint8_t *failures = self->changes.failures + self->change_idx;
    for (uint32_t i = 0; i < self->out.batch.row_count; i++) {
        if (failures[i] != SL_ROW_NONE) {
            SL_TRY(op_reject_queue_push(&self->failed, (enum sl_row_error)failures[i],
                                        "result of an aggregate", i, err));
        }
    }
    return SL_OK;
}

static enum sl_status emit_changes(struct group_aggregate *self, const struct sl_batch *in,
                                   struct sl_error *err)
{
    const struct op_group_changes *changes = &self->changes;
    const uint8_t *kinds = changes->kinds + self->change_idx;
    struct sl_batch_builder *out = &self->out;
    uint32_t count = next_count(self);
    for (uint32_t i = 0; i < self->key_count; i++) {
        SL_TRY(op_column_pick(out, i, &in->columns[self->keys[i]],
                              changes->key_rows + self->change_idx, count, err));
    }
    for (uint32_t i = 0; i < self->layout.count; i++) {
        SL_TRY(op_column_pick(out, self->key_count + i, &changes->results.batch.columns[i],
                              changes->result_rows + self->change_idx, count, err));
    }
    memcpy(out->kinds_storage, kinds, count);
    out->batch.kinds = has_other_than_inserts(kinds, count) ? out->kinds_storage : NULL;
    out->batch.row_count = count;
    SL_TRY(push_failed(self, err));
    self->change_idx += count;
    return SL_OK;
}

/* Deselects the rows that only stand in out to be printed. */
static void deselect_failed(struct group_aggregate *self)
{
    struct sl_batch *batch = &self->out.batch;
    batch->selected_count = batch->row_count;
    if (self->failed.count == 0) {
        return;
    }
    uint32_t selected = 0;
    uint32_t failed = 0;
    for (uint32_t row = 0; row < batch->row_count; row++) {
        if (failed < self->failed.count && self->failed.items[failed].row == row) {
            failed++;
        } else {
            self->selection[selected++] = (uint16_t)row;
        }
    }
    batch->selection = self->selection;
    batch->selected_count = selected;
}

/* Fills out with the next changes, of one slice; it stays empty when the batch is done. */
static enum sl_status fill_out(struct group_aggregate *self, const struct sl_batch *in,
                               struct sl_error *err)
{
    sl_batch_builder_reset(&self->out);
    while (self->change_idx == self->changes.count && self->taken < in->selected_count) {
        SL_TRY(take_slice(self, in, err));
    }
    if (self->change_idx < self->changes.count) {
        SL_TRY(emit_changes(self, in, err));
        deselect_failed(self);
        self->has_batch = true;
    }
    return SL_OK;
}

static enum sl_status group_process(void *state, uint32_t port, const struct sl_batch *in,
                                    struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct group_aggregate *self = state;
    bool is_done;
    (void)port;
    *flow = SL_MORE;
    if (!self->is_in_batch) {
        self->taken = 0;
        self->changes.count = 0;
        self->change_idx = 0;
        self->is_in_batch = true;
    }
    if (!self->has_batch) {
        SL_TRY(fill_out(self, in, err));
    }
    if (self->has_batch) {
        SL_TRY(op_reject_queue_flush(&self->failed, &self->out.batch, outs, &is_done, err));
        if (is_done) {
            self->has_batch = false;
            outs->batches[SL_OUT_MAIN] =
                self->out.batch.selected_count == 0 ? NULL : &self->out.batch;
        }
        return SL_OK;
    }
    SL_TRY(op_reject_queue_flush(&self->rejected, in, outs, &is_done, err));
    if (is_done) {
        self->is_in_batch = false;
        *flow = SL_DONE;
    }
    return SL_OK;
}

static enum sl_status group_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                   enum sl_flow *flow, struct sl_error *err)
{
    struct group_aggregate *self = state;
    (void)outs;
    (void)err;
    if (signal->kind == SL_SIGNAL_BARRIER) {
        op_key_cache_forget(&self->cache, INT64_MAX);
    }
    *flow = SL_DONE;
    return SL_OK;
}

const struct sl_operator_def op_group_aggregate_def = {
    .kind = "group_aggregate",
    .port_count = 1,
    .open = group_open,
    .process = group_process,
    .signal = group_signal,
    .close = group_close,
};
