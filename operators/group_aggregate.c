/* SPDX-License-Identifier: Apache-2.0
 *
 * GROUP BY without a window: an updating result. Each group that a batch touches says once what
 * changed: +I when it is new, -U and +U when its result changed, -D when its last row is gone,
 * nothing when the result is the same. Always true: what has gone out for a group, and not been
 * taken back, is its result before the batch. */
#include "builtin.h"

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
    uint32_t group_idx; /* the first that has not gone out */
    uint32_t taken;     /* selected rows of the batch that are in the state */
    bool is_in_batch;
    struct sl_batch_builder out;
    uint16_t *selection; /* of out, when results failed */
    uint32_t failed_count;
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
    self->slice_rows = env->batch_rows;
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
    SL_TRY(op_key_cache_open(&self->cache, env, env->inputs[0], self->keys, self->key_count, err));
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
    uint8_t *retract;
    uint8_t *errors;
    uint32_t count;
};

static enum sl_status slice_init(struct slice *slice, const struct sl_batch *batch, uint32_t first,
                                 struct sl_arena *scratch, struct sl_error *err)
{
    uint32_t count = slice->count;
    sl_arena_reset(scratch);
    slice->rows = SL_ARENA_ARRAY(scratch, uint16_t, count);
    slice->values = SL_ARENA_ARRAY(scratch, void *, count);
    slice->retract = SL_ARENA_ARRAY(scratch, uint8_t, count);
    slice->errors = SL_ARENA_ARRAY(scratch, uint8_t, count);
    if (slice->rows == NULL || slice->values == NULL || slice->retract == NULL ||
        slice->errors == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the groups of %u rows", count);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = sl_batch_row(batch, first + i);
        slice->rows[i] = (uint16_t)row;
        slice->retract[i] = sl_kind_is_retract(sl_batch_kind(batch, row));
    }
    return SL_OK;
}

static void count_rows(struct group_aggregate *self, const struct sl_batch *batch,
                       const struct slice *slice)
{
    const struct sl_vector *partial = self->is_raw ? NULL : &batch->columns[self->key_count];
    for (uint32_t i = 0; i < slice->count; i++) {
        int64_t *row_count = (void *)((char *)slice->values[i] + self->changes.row_count_offset);
        int64_t change = slice->retract[i] ? -1 : 1;
        if (partial != NULL) {
            change = ((const int64_t *)partial->data)[sl_vector_index(partial, slice->rows[i])];
        }
        *row_count = (int64_t)((uint64_t)*row_count + (uint64_t)change);
    }
}

static enum sl_status add_rows(struct group_aggregate *self, const struct op_aggregate_rows *rows,
                               struct slice *slice, struct sl_error *err)
{
    bool has_errors = false;
    count_rows(self, rows->batch, slice);
    if (self->is_raw) {
        SL_TRY(op_aggregates_add(&self->layout, rows, &self->scratch, slice->errors, &has_errors,
                                 err));
    } else {
        op_aggregates_merge(&self->layout, rows, self->key_count + 1, slice->errors, &has_errors);
    }
    for (uint32_t i = 0; has_errors && i < slice->count; i++) {
        if (slice->errors[i] != SL_ROW_NONE) {
            SL_TRY(op_reject_queue_push(&self->rejected, (enum sl_row_error)slice->errors[i],
                                        "accumulator of an aggregate", slice->rows[i], err));
        }
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
    struct op_aggregate_rows rows = {batch, slice.values, slice.rows, slice.count,
                                     batch->kinds == NULL ? NULL : slice.retract};
    SL_TRY(op_group_changes_begin(&self->changes, &rows, &self->scratch, err));
    SL_TRY(add_rows(self, &rows, &slice, err));
    op_group_changes_end(&self->changes);
    self->taken += slice.count;
    self->group_idx = 0;
    return SL_OK;
}

static enum sl_status copy_cell(struct sl_batch_builder *out, uint32_t column,
                                const struct sl_vector *from, uint32_t from_row,
                                struct sl_error *err)
{
    if (!sl_vector_is_valid(from, from_row)) {
        sl_batch_builder_validity(out, column);
    }
    return sl_vector_copy_value(&out->batch.columns[column], out->batch.row_count, from, from_row,
                                &out->strings, err);
}

static enum sl_status emit_row(struct group_aggregate *self, const struct sl_batch *in,
                               const struct sl_batch_builder *results, enum sl_row_kind kind,
                               struct sl_error *err)
{
    const struct op_group *group = &self->changes.groups[self->group_idx];
    struct sl_batch_builder *out = &self->out;
    for (uint32_t i = 0; i < self->key_count; i++) {
        SL_TRY(copy_cell(out, i, &in->columns[self->keys[i]], group->row, err));
    }
    for (uint32_t i = 0; i < self->layout.count; i++) {
        SL_TRY(
            copy_cell(out, self->key_count + i, &results->batch.columns[i], self->group_idx, err));
    }
    sl_batch_builder_set_kind(out, out->batch.row_count, kind);
    out->batch.row_count++;
    return SL_OK;
}

/* A group whose result does not fit its type: the row is printed to the rejected output. */
static enum sl_status emit_failed(struct group_aggregate *self, const struct sl_batch *in,
                                  struct sl_error *err)
{
    enum sl_row_error reason = (enum sl_row_error)self->changes.errors[self->group_idx];
    self->failed_count++;
    SL_TRY(op_reject_queue_push(&self->failed, reason, "result of an aggregate",
                                self->out.batch.row_count, err));
    return emit_row(self, in, &self->changes.after, SL_INSERT, err);
}

static enum sl_status remove_group(struct group_aggregate *self, const struct sl_batch *in,
                                   const struct op_group *group, struct sl_error *err)
{
    uint16_t row = (uint16_t)group->row;
    struct sl_batch one = *in;
    one.selection = &row;
    one.selected_count = 1;
    SL_TRY(sl_row_keys_encode(&self->row_keys, &one, self->keys, self->key_count, err));
    op_key_cache_forget(&self->cache, 0);
    sl_state_remove(self->table, 0, self->row_keys.bytes.data, self->row_keys.bytes.length,
                    self->row_keys.hashes[0]);
    return SL_OK;
}

static enum sl_status emit_group(struct group_aggregate *self, const struct sl_batch *in,
                                 struct sl_error *err)
{
    struct op_group_changes *changes = &self->changes;
    const struct op_group *group = &changes->groups[self->group_idx];
    bool is_visible = op_group_is_visible(changes, group);
    if (group->was_visible && !is_visible) {
        SL_TRY(emit_row(self, in, &changes->before, SL_DELETE, err));
    } else if (is_visible && !group->was_visible) {
        SL_TRY(emit_row(self, in, &changes->after, SL_INSERT, err));
    } else if (is_visible && !op_group_is_equal(changes, self->group_idx)) {
        SL_TRY(emit_row(self, in, &changes->before, SL_UPDATE_BEFORE, err));
        SL_TRY(emit_row(self, in, &changes->after, SL_UPDATE_AFTER, err));
    }
    if (group->has_error && op_group_row_count(changes, group) > 0) {
        SL_TRY(emit_failed(self, in, err));
    }
    if (op_group_row_count(changes, group) == 0) {
        return remove_group(self, in, group, err);
    }
    return SL_OK;
}

/* Deselects the rows that only stand in out to be printed. */
static void deselect_failed(struct group_aggregate *self)
{
    struct sl_batch *batch = &self->out.batch;
    batch->selected_count = batch->row_count;
    if (self->failed_count == 0) {
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

/* Fills out with the next groups; it may stay empty when the batch is done. */
static enum sl_status fill_out(struct group_aggregate *self, const struct sl_batch *in,
                               struct sl_error *err)
{
    sl_batch_builder_reset(&self->out);
    self->failed_count = 0;
    for (;;) {
        if (self->group_idx == self->changes.count) {
            if (self->taken == in->selected_count) {
                break;
            }
            SL_TRY(take_slice(self, in, err));
        }
        if (self->out.capacity - self->out.batch.row_count < 2) {
            break;
        }
        SL_TRY(emit_group(self, in, err));
        self->group_idx++;
    }
    deselect_failed(self);
    self->has_batch = self->out.batch.row_count > 0;
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
        self->group_idx = 0;
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
