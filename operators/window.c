/* SPDX-License-Identifier: Apache-2.0
 *
 * The window table functions TUMBLE and HOP: each row goes out once for every window that contains
 * it, with window_start, window_end and window_time. Rows are not copied: output batches share the
 * input's columns, one batch for the rows' last windows, one for those before, and so on. */
#include "builtin.h"

#include "reject_queue.h"
#include "window_time.h"

enum { WINDOW_START, WINDOW_END, WINDOW_TIME, WINDOW_COLUMNS };

struct window {
    struct sl_env *env;
    struct op_window_spec spec;
    uint32_t rowtime;
    uint32_t round_count; /* windows a row lies in, at most */
    struct op_reject_queue rejected;
    struct sl_batch out;
    struct sl_vector *times; /* the last WINDOW_COLUMNS columns of out */
    struct sl_arena scratch; /* of the present batch */
    int64_t *starts;         /* of the last window of each row of rows */
    int64_t *row_times;      /* ms */
    uint16_t *rows;          /* that have a time */
    uint32_t row_count;
    uint32_t round;
    bool is_in_batch;
};

static enum sl_status window_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct window *self = SL_ARENA_NEW(env->arena, struct window);
    const struct sl_schema *schema = &env->node->schema;
    *state = self;
    if (self == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    self->env = env;
    sl_arena_init(&self->scratch, env->account, 256 * 1024);
    SL_TRY(op_window_spec_read(&self->spec, env->node, err));
    SL_TRY(op_rowtime_column(env->node, env->inputs[0], &self->rowtime, err));
    if (schema->column_count != env->inputs[0]->column_count + WINDOW_COLUMNS) {
        return sl_fail(err, SL_CORRUPT, "%s has %u output columns for %u input columns", env->label,
                       schema->column_count, env->inputs[0]->column_count);
    }
    int64_t rounds = (self->spec.size_ms - 1) / self->spec.slide_ms + 1;
    self->round_count = (uint32_t)SL_MIN(rounds, UINT32_MAX);
    self->out.schema = schema;
    self->out.columns = SL_ARENA_ARRAY(env->arena, struct sl_vector, schema->column_count);
    if (self->out.columns == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    self->times = self->out.columns + env->inputs[0]->column_count;
    return op_reject_queue_open(&self->rejected, env, SL_OUT_REJECTED, err);
}

static void window_close(void *state)
{
    struct window *self = state;
    if (self == NULL) {
        return;
    }
    op_reject_queue_close(&self->rejected);
    sl_arena_deinit(&self->scratch);
}

static enum sl_status reserve(struct window *self, const struct sl_batch *in, struct sl_error *err)
{
    sl_arena_reset(&self->scratch);
    self->starts = SL_ARENA_ARRAY(&self->scratch, int64_t, in->selected_count);
    self->row_times = SL_ARENA_ARRAY(&self->scratch, int64_t, in->selected_count);
    self->rows = SL_ARENA_ARRAY(&self->scratch, uint16_t, in->selected_count);
    self->out.selection = SL_ARENA_ARRAY(&self->scratch, uint16_t, in->selected_count);
    if (self->starts == NULL || self->row_times == NULL || self->rows == NULL ||
        self->out.selection == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the windows of %u rows", in->selected_count);
    }
    for (uint32_t i = 0; i < WINDOW_COLUMNS; i++) {
        const struct sl_type *type =
            &self->env->node->schema.columns[self->env->inputs[0]->column_count + i].type;
        SL_TRY(sl_vector_init(&self->times[i], type, in->row_count, &self->scratch, err));
    }
    return SL_OK;
}

static enum sl_status take_row(struct window *self, uint32_t row, int64_t time_ms,
                               struct sl_error *err)
{
    if (time_ms < OP_TIME_MIN || time_ms > OP_TIME_MAX) {
        return op_reject_queue_push(&self->rejected, SL_ROW_RANGE, "rowtime out of range", row,
                                    err);
    }
    uint32_t idx = self->row_count++;
    int64_t near = idx == 0 ? INT64_MIN : self->starts[idx - 1];
    bool is_near = idx > 0 && time_ms >= near && time_ms - near < self->spec.slide_ms;
    self->starts[idx] = is_near ? near : op_window_start(&self->spec, time_ms);
    self->row_times[idx] = time_ms;
    self->rows[idx] = (uint16_t)row;
    return SL_OK;
}

static enum sl_status begin_batch(struct window *self, const struct sl_batch *in,
                                  struct sl_error *err)
{
    const struct sl_vector *rowtime = &in->columns[self->rowtime];
    const int64_t *ticks = rowtime->data;
    int64_t ticks_per_ms = op_ticks_per_ms(&rowtime->type);
    uint32_t input_columns = self->env->inputs[0]->column_count;
    sl_batch_share_rows(&self->out, in);
    SL_TRY(reserve(self, in, err));
    for (uint32_t i = 0; i < input_columns; i++) {
        self->out.columns[i] = in->columns[i];
    }
    self->row_count = 0;
    for (uint32_t i = 0; i < in->selected_count; i++) {
        uint32_t row = sl_batch_row(in, i);
        if (!sl_vector_is_valid(rowtime, row)) {
            SL_TRY(op_reject_queue_push(&self->rejected, SL_ROW_NOT_NULL, "rowtime is null", row,
                                        err));
            continue;
        }
        int64_t time_ms = op_ticks_to_ms(ticks[sl_vector_index(rowtime, row)], ticks_per_ms);
        SL_TRY(take_row(self, row, time_ms, err));
    }
    self->round = 0;
    self->is_in_batch = true;
    return SL_OK;
}

/* Rows whose round-th window from the last contains them. */
static void fill_round(struct window *self)
{
    int64_t *columns[WINDOW_COLUMNS];
    int64_t ticks_per_ms[WINDOW_COLUMNS];
    int64_t shift_ms = (int64_t)self->round * self->spec.slide_ms;
    uint32_t selected = 0;
    for (uint32_t i = 0; i < WINDOW_COLUMNS; i++) {
        columns[i] = self->times[i].data;
        ticks_per_ms[i] = op_ticks_per_ms(&self->times[i].type);
    }
    for (uint32_t i = 0; i < self->row_count; i++) {
        uint16_t row = self->rows[i];
        int64_t start = self->starts[i] - shift_ms;
        int64_t end = start + self->spec.size_ms;
        if (self->row_times[i] >= end) {
            continue;
        }
        columns[WINDOW_START][row] = op_ms_to_ticks(start, ticks_per_ms[WINDOW_START]);
        columns[WINDOW_END][row] = op_ms_to_ticks(end, ticks_per_ms[WINDOW_END]);
        columns[WINDOW_TIME][row] = op_ms_to_ticks(end - 1, ticks_per_ms[WINDOW_TIME]);
        self->out.selection[selected++] = row;
    }
    self->out.selected_count = selected;
}

static enum sl_status window_process(void *state, uint32_t port, const struct sl_batch *in,
                                     struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct window *self = state;
    bool is_done;
    (void)port;
    *flow = SL_MORE;
    if (!self->is_in_batch) {
        SL_TRY(begin_batch(self, in, err));
    }
    SL_TRY(op_reject_queue_flush(&self->rejected, in, outs, &is_done, err));
    if (!is_done) {
        return SL_OK;
    }
    fill_round(self);
    self->round++;
    if (self->out.selected_count > 0) {
        outs->batches[SL_OUT_MAIN] = &self->out;
    }
    if (self->round == self->round_count || self->row_count == 0) {
        self->is_in_batch = false;
        *flow = SL_DONE;
    }
    return SL_OK;
}

const struct sl_operator_def op_window_def = {
    .kind = "window",
    .port_count = 1,
    .open = window_open,
    .process = window_process,
    .close = window_close,
};
