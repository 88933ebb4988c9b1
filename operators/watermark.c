/* SPDX-License-Identifier: Apache-2.0
 *
 * WATERMARK FOR: makes event time. Rows pass as they are, and the watermark follows them. Always
 * true: time is read from every row that arrives, also from those that a pushed-down predicate has
 * deselected, or a quiet filter would stop time. */
#include "builtin.h"

#include "expr.h"
#include "reject_queue.h"
#include "watermark_splits.h"
#include "window_time.h"

enum { IDLE_TOKEN = 1 };

struct watermark {
    struct sl_env *env;
    struct op_expr *expr;
    int64_t ticks_per_ms; /* of the expression */
    bool has_rowtime;     /* else the time attribute is computed behind this operator */
    uint32_t rowtime;
    int64_t idle_timeout_us; /* 0 = none */
    int64_t wake_us;         /* the wake-up that is armed; INT64_MAX = none */
    struct op_splits splits;
    int64_t emitted;       /* the last watermark that went out */
    bool are_splits_named; /* a source names all it has before a row, an end or idleness */
    bool is_idle_said;     /* IDLE went out, and nothing since */
    bool is_rejecting;     /* the batch is read; rejected rows are on their way out */
    struct op_reject_queue rejected;
    struct sl_batch out;
    struct sl_arena scratch; /* of the present batch */
};

static enum sl_status open_params(struct watermark *self, struct sl_env *env, struct sl_error *err)
{
    const struct sl_param *expression = sl_plan_param(env->node, "expression");
    if (expression == NULL || expression->kind != SL_PARAM_EXPRS || expression->count != 1 ||
        expression->exprs[0].step_count == 0 || env->node->state_count < 1) {
        return sl_fail(err, SL_CORRUPT, "%s lacks its expression or its state", env->label);
    }
    const struct sl_expr *expr = &expression->exprs[0];
    const struct sl_type *type = &expr->steps[expr->step_count - 1].type;
    if (!sl_type_is_timestamp(type->id)) {
        return sl_fail(err, SL_CORRUPT, "%s: '%s' is not a timestamp", env->label, expr->text);
    }
    int64_t idle_ms = sl_plan_int64(env->node, "idle_timeout_ms", 0);
    self->idle_timeout_us = SL_MIN(SL_MAX(idle_ms, 0), INT64_MAX / 1000) * 1000;
    self->ticks_per_ms = op_ticks_per_ms(type);
    self->has_rowtime = sl_plan_param(env->node, "rowtime") != NULL;
    if (self->has_rowtime) {
        SL_TRY(op_rowtime_column(env->node, env->inputs[0], &self->rowtime, err));
    }
    return op_expr_open(env, expr, &self->expr, err);
}

static enum sl_status watermark_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct watermark *self = SL_ARENA_NEW(env->arena, struct watermark);
    *state = self;
    if (self == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    self->env = env;
    self->emitted = env->restored_watermark;
    self->wake_us = INT64_MAX;
    sl_arena_init(&self->scratch, env->account, 0);
    SL_TRY(open_params(self, env, err));
    op_splits_init(&self->splits, env->account, env->states[0]);
    return op_reject_queue_open(&self->rejected, env, SL_OUT_REJECTED, err);
}

static void watermark_close(void *state)
{
    struct watermark *self = state;
    if (self == NULL) {
        return;
    }
    op_expr_close(self->expr);
    op_splits_deinit(&self->splits);
    op_reject_queue_close(&self->rejected);
    sl_arena_deinit(&self->scratch);
}

static int64_t now_us(const struct watermark *self)
{
    return self->idle_timeout_us == 0 ? 0 : sl_clock_steady_us(self->env->clock);
}

/* The greatest value of rows [first, end), INT64_MIN when none has one. */
static int64_t greatest(const struct op_result *times, uint32_t first, uint32_t end)
{
    const int64_t *data = times->vector->data;
    int64_t result = INT64_MIN;
    if (times->vector->validity == NULL && times->errors == NULL &&
        times->vector->encoding == SL_FLAT) {
        for (uint32_t row = first; row < end; row++) {
            result = SL_MAX(result, data[row]);
        }
        return result;
    }
    for (uint32_t row = first; row < end; row++) {
        bool has_failed = times->errors != NULL && times->errors[row] != SL_ROW_NONE;
        if (!has_failed && sl_vector_is_valid(times->vector, row)) {
            result = SL_MAX(result, data[sl_vector_index(times->vector, row)]);
        }
    }
    return result;
}

static enum sl_status see_run(struct watermark *self, uint32_t split_id,
                              const struct op_result *times, uint32_t first, uint32_t end,
                              struct sl_error *err)
{
    struct op_split *split;
    SL_TRY(op_splits_add(&self->splits, split_id, 0, &split, err));
    split->is_idle = false;
    split->last_row_us = now_us(self);
    int64_t ticks = greatest(times, first, end);
    if (ticks != INT64_MIN) {
        split->watermark = SL_MAX(split->watermark, op_ticks_to_ms(ticks, self->ticks_per_ms));
    }
    return SL_OK;
}

/* Rows without runs come from one nameless split. */
static enum sl_status see_times(struct watermark *self, const struct sl_batch *in,
                                struct sl_error *err)
{
    struct op_result times;
    SL_TRY(op_expr_run(self->expr, in, NULL, in->row_count, &times, err));
    if (in->run_count == 0) {
        return see_run(self, 0, &times, 0, in->row_count, err);
    }
    for (uint32_t i = 0; i < in->run_count; i++) {
        uint32_t end = i + 1 < in->run_count ? in->runs[i + 1].first_row : in->row_count;
        SL_TRY(see_run(self, in->runs[i].split, &times, in->runs[i].first_row, end, err));
    }
    return SL_OK;
}

/* Selected rows without a rowtime do not pass. */
static enum sl_status select_rows(struct watermark *self, const struct sl_batch *in,
                                  struct sl_error *err)
{
    self->out = *in;
    self->out.schema = &self->env->node->schema;
    const struct sl_vector *rowtime = self->has_rowtime ? &in->columns[self->rowtime] : NULL;
    if (rowtime == NULL || rowtime->validity == NULL) {
        return SL_OK;
    }
    sl_arena_reset(&self->scratch);
    uint16_t *selection = SL_ARENA_ARRAY(&self->scratch, uint16_t, in->selected_count);
    uint32_t kept = 0;
    if (selection == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the rows of %s", self->env->label);
    }
    for (uint32_t i = 0; i < in->selected_count; i++) {
        uint32_t row = sl_batch_row(in, i);
        if (sl_vector_is_valid(rowtime, row)) {
            selection[kept++] = (uint16_t)row;
        } else {
            SL_TRY(op_reject_queue_push(&self->rejected, SL_ROW_NOT_NULL, "rowtime is null", row,
                                        err));
        }
    }
    if (kept < in->selected_count) {
        self->out.selection = selection;
        self->out.selected_count = kept;
    }
    return SL_OK;
}

/* Arms a wake-up for the next split that may become idle. */
static enum sl_status watch_idleness(struct watermark *self, struct sl_error *err)
{
    if (self->idle_timeout_us == 0) {
        return SL_OK;
    }
    int64_t next = op_splits_expire(&self->splits, now_us(self), self->idle_timeout_us);
    if (next >= self->wake_us) {
        return SL_OK;
    }
    self->wake_us = next;
    return sl_wake_at(self->env, SL_WAKE_CLOCK, next, IDLE_TOKEN, err);
}

/* The signal that the splits now allow, if it is news. */
static void say_time(struct watermark *self, struct sl_outs *outs)
{
    int64_t watermark;
    if (self->emitted == INT64_MAX) {
        return;
    }
    if (!op_splits_watermark(&self->splits, &watermark)) {
        if (!self->is_idle_said) {
            outs->signal = (struct sl_signal){.kind = SL_SIGNAL_IDLE};
            self->is_idle_said = true;
        }
        return;
    }
    if (watermark > self->emitted) {
        outs->signal = (struct sl_signal){SL_SIGNAL_WATERMARK, watermark};
        self->emitted = watermark;
        self->is_idle_said = false;
    }
}

static enum sl_status watermark_process(void *state, uint32_t port, const struct sl_batch *in,
                                        struct sl_outs *outs, enum sl_flow *flow,
                                        struct sl_error *err)
{
    struct watermark *self = state;
    bool is_done;
    (void)port;
    self->are_splits_named = true;
    if (!self->is_rejecting) {
        SL_TRY(see_times(self, in, err));
        SL_TRY(select_rows(self, in, err));
        SL_TRY(watch_idleness(self, err));
        self->is_rejecting = true;
    }
    SL_TRY(op_reject_queue_flush(&self->rejected, in, outs, &is_done, err));
    if (!is_done) {
        *flow = SL_MORE;
        return SL_OK;
    }
    self->is_rejecting = false;
    if (self->out.selected_count > 0) {
        outs->batches[SL_OUT_MAIN] = &self->out;
        self->is_idle_said = false;
    }
    say_time(self, outs);
    *flow = SL_DONE;
    return SL_OK;
}

/* Time from elsewhere: only the end of time passes, and idleness when no split of ours counts. An
 * idle source has named all its splits, so restored ones may speak. */
static void take_time(struct watermark *self, struct sl_signal *signal, struct sl_outs *outs)
{
    int64_t watermark;
    bool passes = signal->kind == SL_SIGNAL_WATERMARK
                      ? signal->value == INT64_MAX && self->emitted != INT64_MAX
                      : !self->is_idle_said && !op_splits_watermark(&self->splits, &watermark);
    self->are_splits_named = true;
    if (!passes) {
        signal->kind = SL_SIGNAL_NONE;
        say_time(self, outs);
    } else if (signal->kind == SL_SIGNAL_WATERMARK) {
        self->emitted = INT64_MAX;
    } else {
        self->is_idle_said = true;
    }
}

/* A new split holds time back and never moves it on; more may follow that hold it back further.
 * Behind the last split comes the end, mostly, and idleness would let other workers go on to theirs
 * before the rows that this end brings forth: the source says idle if it is not the end. */
static enum sl_status change_splits(struct watermark *self, struct sl_signal *signal,
                                    struct sl_outs *outs, struct sl_error *err)
{
    struct op_split *split;
    if (signal->kind == SL_SIGNAL_SPLIT_ADDED) {
        SL_TRY(op_splits_add(&self->splits, (uint32_t)signal->value, now_us(self), &split, err));
    } else if (signal->kind == SL_SIGNAL_SPLIT_ENDED) {
        op_splits_remove(&self->splits, (uint32_t)signal->value);
        self->are_splits_named = true;
    } else if (signal->value == IDLE_TOKEN) {
        self->wake_us = INT64_MAX;
    }
    bool is_added = signal->kind == SL_SIGNAL_SPLIT_ADDED;
    signal->kind = SL_SIGNAL_NONE;
    SL_TRY(watch_idleness(self, err));
    if (!is_added && self->splits.count > 0) {
        say_time(self, outs);
    }
    return SL_OK;
}

static enum sl_status watermark_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                       enum sl_flow *flow, struct sl_error *err)
{
    struct watermark *self = state;
    *flow = SL_DONE;
    switch (signal->kind) {
    case SL_SIGNAL_SPLIT_ADDED:
    case SL_SIGNAL_SPLIT_ENDED:
    case SL_SIGNAL_WAKE:
        return change_splits(self, signal, outs, err);
    case SL_SIGNAL_WATERMARK:
    case SL_SIGNAL_IDLE:
        take_time(self, signal, outs);
        return SL_OK;
    case SL_SIGNAL_BARRIER:
        return op_splits_save(&self->splits, self->are_splits_named, err);
    default:
        return SL_OK;
    }
}

const struct sl_operator_def op_watermark_def = {
    .kind = "watermark",
    .port_count = 1,
    .open = watermark_open,
    .process = watermark_process,
    .signal = watermark_signal,
    .close = watermark_close,
};
