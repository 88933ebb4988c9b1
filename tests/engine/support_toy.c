/* SPDX-License-Identifier: Apache-2.0
 *
 * The toys behind support_toy.h. Always true: they check the contract from their side: no call
 * while their output is held, the same input again after MORE and BLOCKED. */
#include "support_toy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/room.h"

static const struct sl_column columns[] = {
    {"id", {.id = SL_TYPE_BIGINT, .nullable = false}},
    {"value", {.id = SL_TYPE_BIGINT, .nullable = true}},
};
const struct sl_schema toy_schema = {2, columns};

static struct toy *toy_of(const struct sl_env *env)
{
    return (struct toy *)(intptr_t)sl_plan_int64(env->node, "toy", 0);
}

static void tell(struct toy *toy, char letter)
{
    pthread_mutex_lock(&toy->lock);
    if (toy->event_count + 1 < TOY_EVENTS_MAX) {
        toy->events[toy->event_count++] = letter;
    }
    pthread_mutex_unlock(&toy->lock);
}

static const int64_t *ids_of(const struct sl_batch *batch)
{
    return batch->columns[0].data;
}

/* Source: split s holds ids s, s + split_count, ... with value = id * 10. */
struct split {
    uint32_t id;
    int64_t number;
    int64_t next;
    bool used;
};

struct source {
    struct sl_env *env;
    struct toy *toy;
    struct split splits[TOY_SPLITS_MAX];
    uint32_t turn;
    bool paused;
    bool armed;
    bool found; /* the hidden splits */
    struct sl_batch_builder builder;
    uint16_t selection[SL_BATCH_ROWS_MAX];
};

static enum sl_status source_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct source *self = calloc(1, sizeof(*self));
    *state = self;
    self->env = env;
    self->toy = toy_of(env);
    return sl_batch_builder_init(&self->builder, &toy_schema, SL_BATCH_ROWS_MAX, env->account, err);
}

static enum sl_status source_discover(void *state, struct sl_arena *arena, const char ***names,
                                      uint32_t *count, struct sl_error *err)
{
    struct source *self = state;
    (void)err;
    *count = self->toy->split_count - (self->found ? 0 : self->toy->hidden_splits);
    *names = SL_ARENA_ARRAY(arena, const char *, *count);
    for (uint32_t i = 0; i < *count; i++) {
        (*names)[i] = sl_arena_printf(arena, "toy/%u", *count - 1 - i);
    }
    return SL_OK;
}

static enum sl_status source_assign(void *state, const struct sl_split *split, const char *position,
                                    bool is_new, struct sl_error *err)
{
    struct source *self = state;
    (void)err;
    (void)is_new;
    for (uint32_t i = 0; i < TOY_SPLITS_MAX; i++) {
        if (!self->splits[i].used) {
            self->splits[i] = (struct split){.id = split->id,
                                             .number = strtol(split->name + 4, NULL, 10),
                                             .next = position ? strtol(position, NULL, 10) : 0,
                                             .used = true};
            return SL_OK;
        }
    }
    return SL_INTERNAL;
}

static bool fill(struct source *self, struct split *split)
{
    struct toy *toy = self->toy;
    int64_t left = toy->rows_per_split - split->next;
    uint32_t count = (uint32_t)SL_MIN(left, (int64_t)toy->rows_per_batch);
    sl_batch_builder_reset(&self->builder);
    struct sl_batch *batch = &self->builder.batch;
    uint32_t selected = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t id = (split->next + i) * toy->split_count + split->number;
        ((int64_t *)batch->columns[0].data)[i] = id;
        ((int64_t *)batch->columns[1].data)[i] = id * 10;
        if (toy->deselect_modulo == 0 || id % toy->deselect_modulo != 0) {
            self->selection[selected++] = (uint16_t)i;
        }
    }
    batch->row_count = count;
    batch->selected_count = selected;
    batch->selection = selected == count ? NULL : self->selection;
    split->next += count;
    return count > 0;
}

static enum sl_status source_poll(void *state, struct sl_outs *outs, enum sl_flow *flow,
                                  struct sl_error *err)
{
    struct source *self = state;
    struct toy *toy = self->toy;
    if (toy->hidden_splits > 0 && !self->armed) {
        self->armed = true;
        SL_TRY(sl_wake_at(self->env, SL_WAKE_CLOCK, 0, 8, err));
    }
    if (toy->pauses && !self->paused) {
        self->paused = true;
        *flow = SL_BLOCKED;
        return sl_wake_at(self->env, SL_WAKE_CLOCK,
                          sl_clock_steady_us(self->env->clock) + 50, 7, err);
    }
    self->paused = false;
    for (uint32_t i = 0; i < TOY_SPLITS_MAX; i++) {
        struct split *split = &self->splits[self->turn++ % TOY_SPLITS_MAX];
        if (split->used && split->next < toy->rows_per_split && fill(self, split)) {
            outs->batches[SL_OUT_MAIN] = &self->builder.batch;
            *flow = SL_MORE;
            return SL_OK;
        }
    }
    *flow = toy->unbounded ? SL_BLOCKED : SL_DONE;
    return SL_OK;
}

static enum sl_status source_position(void *state, uint32_t split_id, struct sl_text *out,
                                      struct sl_error *err)
{
    struct source *self = state;
    (void)err;
    for (uint32_t i = 0; i < TOY_SPLITS_MAX; i++) {
        if (self->splits[i].used && self->splits[i].id == split_id) {
            sl_text_append_int64(out, self->splits[i].next);
        }
    }
    return SL_OK;
}

static enum sl_status source_commit(void *state, const struct sl_split *splits,
                                    const char *const *positions, uint32_t count,
                                    struct sl_error *err)
{
    struct source *self = state;
    (void)err;
    pthread_mutex_lock(&self->toy->lock);
    for (uint32_t i = 0; i < count; i++) {
        self->toy->committed_positions[strtol(splits[i].name + 4, NULL, 10)] =
            strtol(positions[i], NULL, 10);
    }
    pthread_mutex_unlock(&self->toy->lock);
    return SL_OK;
}

static enum sl_status source_wake(void *state, int64_t token, struct sl_error *err)
{
    struct source *self = state;
    (void)err;
    pthread_mutex_lock(&self->toy->lock);
    self->toy->wakes += token == 7;
    pthread_mutex_unlock(&self->toy->lock);
    self->found = self->found || token == 8;
    return SL_OK;
}

static bool source_has_new_splits(void *state)
{
    struct source *self = state;
    return self->found;
}

static void source_close(void *state)
{
    struct source *self = state;
    if (self != NULL) {
        sl_batch_builder_deinit(&self->builder);
        free(self);
    }
}

static const struct sl_source_def toy_source = {.open = source_open,
                                                .discover = source_discover,
                                                .assign = source_assign,
                                                .poll = source_poll,
                                                .position = source_position,
                                                .commit = source_commit,
                                                .has_new_splits = source_has_new_splits,
                                                .wake = source_wake,
                                                .close = source_close};

/* Sink: takes rows down; blocks and stops as the toy says. */
struct sink {
    struct sl_env *env;
    struct toy *toy;
    uint32_t blocked;
    int64_t last_barrier;
};

static enum sl_status sink_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct sink *self = calloc(1, sizeof(*self));
    (void)err;
    *state = self;
    self->env = env;
    self->toy = toy_of(env);
    return SL_OK;
}

static void take_rows(struct toy *toy, const struct sl_batch *batch, uint32_t worker_idx)
{
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t row = sl_batch_row(batch, i);
        assert_true(toy->row_count < TOY_ROWS_MAX);
        toy->ids[toy->row_count] = ids_of(batch)[row];
        toy->values[toy->row_count] = ((const int64_t *)batch->columns[1].data)[row];
        toy->workers[toy->row_count] = worker_idx;
        toy->row_count++;
    }
}

static enum sl_status sink_write(void *state, const struct sl_batch *batch, struct sl_outs *outs,
                                 enum sl_flow *flow, struct sl_error *err)
{
    struct sink *self = state;
    struct toy *toy = self->toy;
    (void)outs;
    if (self->blocked < toy->blocks_each) {
        self->blocked++;
        *flow = SL_BLOCKED;
        return self->toy->never_wakes ? SL_OK : sl_wake_at(self->env, SL_WAKE_CLOCK, 0, 1, err);
    }
    self->blocked = 0;
    pthread_mutex_lock(&toy->lock);
    take_rows(toy, batch, self->env->worker_idx);
    bool stops = toy->stop_at_rows > 0 && toy->row_count >= toy->stop_at_rows;
    toy->stop_at_rows = stops ? 0 : toy->stop_at_rows;
    pthread_mutex_unlock(&toy->lock);
    if (stops) {
        sl_query_stop(toy->query, toy->stop_drains);
    }
    *flow = SL_DONE;
    return SL_OK;
}

static enum sl_status sink_prepare(void *state, int64_t epoch, struct sl_outs *outs,
                                   enum sl_flow *flow, struct sl_error *err)
{
    struct sink *self = state;
    (void)outs;
    if (self->blocked < self->toy->blocks_each) {
        self->blocked++;
        *flow = SL_BLOCKED;
        return self->toy->never_wakes ? SL_OK : sl_wake_at(self->env, SL_WAKE_CLOCK, 0, 1, err);
    }
    self->blocked = 0;
    pthread_mutex_lock(&self->toy->lock);
    self->toy->barriers_out_of_order += epoch != self->last_barrier + 1;
    self->toy->prepared = SL_MAX(self->toy->prepared, epoch);
    self->toy->barrier_rows = self->toy->row_count;
    pthread_mutex_unlock(&self->toy->lock);
    self->last_barrier = epoch;
    *flow = SL_DONE;
    return SL_OK;
}

static enum sl_status sink_commit(void *state, int64_t epoch, struct sl_error *err)
{
    struct sink *self = state;
    (void)err;
    pthread_mutex_lock(&self->toy->lock);
    self->toy->committed = SL_MAX(self->toy->committed, epoch);
    pthread_mutex_unlock(&self->toy->lock);
    return SL_OK;
}

static void plain_close(void *state)
{
    free(state);
}

static const struct sl_sink_def toy_sink = {.open = sink_open,
                                            .write = sink_write,
                                            .prepare = sink_prepare,
                                            .commit = sink_commit,
                                            .close = plain_close};

/* Operators. */
struct op {
    struct sl_env *env;
    struct toy *toy;
    const struct sl_batch *seen; /* input that was not finished */
    uint32_t blocked;
    uint32_t cursor;
    int64_t maximum;
    int64_t armed;
    uint16_t selection[SL_BATCH_ROWS_MAX];
    struct sl_batch out;
};

static enum sl_status op_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct op *self = calloc(1, sizeof(*self));
    (void)err;
    *state = self;
    self->env = env;
    self->toy = toy_of(env);
    self->maximum = INT64_MIN;
    return SL_OK;
}

static struct sl_batch *share(struct op *self, const struct sl_batch *in)
{
    self->out.schema = in->schema;
    self->out.columns = in->columns;
    sl_batch_share_rows(&self->out, in);
    return &self->out;
}

static enum sl_status pass_process(void *state, uint32_t port, const struct sl_batch *in,
                                   struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    (void)port;
    (void)err;
    outs->batches[SL_OUT_MAIN] = share(state, in);
    *flow = SL_DONE;
    return SL_OK;
}

/* One selected row a call, and BLOCKED between them. */
static enum sl_status slow_process(void *state, uint32_t port, const struct sl_batch *in,
                                   struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct op *self = state;
    (void)port;
    assert_true(self->seen == NULL || self->seen == in);
    self->seen = in;
    if (self->blocked < self->toy->blocks_each) {
        self->blocked++;
        *flow = SL_BLOCKED;
        return self->toy->never_wakes ? SL_OK : sl_wake_at(self->env, SL_WAKE_CLOCK, 0, 1, err);
    }
    self->blocked = 0;
    share(self, in);
    self->selection[0] = (uint16_t)sl_batch_row(in, self->cursor);
    self->out.selection = self->selection;
    self->out.selected_count = 1;
    outs->batches[SL_OUT_MAIN] = &self->out;
    self->cursor++;
    *flow = self->cursor == in->selected_count ? SL_DONE : SL_MORE;
    if (*flow == SL_DONE) {
        self->cursor = 0;
        self->seen = NULL;
    }
    return SL_OK;
}

static enum sl_status fragile_process(void *state, uint32_t port, const struct sl_batch *in,
                                      struct sl_outs *outs, enum sl_flow *flow,
                                      struct sl_error *err)
{
    struct op *self = state;
    for (uint32_t i = 0; i < in->selected_count; i++) {
        if (ids_of(in)[sl_batch_row(in, i)] == self->toy->fail_at_id &&
            self->env->worker_idx == self->toy->fail_worker) {
            return sl_fail(err, SL_NETWORK, "the toy broke at %lld",
                           (long long)self->toy->fail_at_id);
        }
    }
    return pass_process(state, port, in, outs, flow, err);
}

/* The operator "watermark": emits the largest id, deselected rows included. */
static enum sl_status time_process(void *state, uint32_t port, const struct sl_batch *in,
                                   struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct op *self = state;
    int64_t maximum = self->maximum;
    for (uint32_t i = 0; i < in->row_count; i++) {
        maximum = SL_MAX(maximum, ids_of(in)[i]);
    }
    if (maximum > self->maximum) {
        self->maximum = maximum;
        outs->signal = (struct sl_signal){.kind = SL_SIGNAL_WATERMARK, .value = maximum};
    }
    return pass_process(state, port, in, outs, flow, err);
}

/* "answering": hands each batch to a thread and waits for its eventfd; passes it on WAKE. */
struct answering {
    struct op op;
    int fd;
    bool asked;
    bool answered;
    pthread_t thread;
};

static void *answer(void *user)
{
    const struct answering *self = user;
    usleep(200);
    eventfd_write(self->fd, 1);
    return NULL;
}

static enum sl_status answering_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct answering *self = calloc(1, sizeof(*self));
    *state = self;
    self->op.env = env;
    self->op.toy = toy_of(env);
    self->fd = eventfd(0, EFD_NONBLOCK);
    return sl_wake_fd(env, self->fd, 5, err);
}

static enum sl_status answering_process(void *state, uint32_t port, const struct sl_batch *in,
                                        struct sl_outs *outs, enum sl_flow *flow,
                                        struct sl_error *err)
{
    struct answering *self = state;
    if (self->answered) {
        self->asked = false;
        self->answered = false;
        return pass_process(&self->op, port, in, outs, flow, err);
    }
    if (!self->asked) {
        self->asked = true;
        assert_int_equal(pthread_create(&self->thread, NULL, answer, self), 0);
    }
    *flow = SL_BLOCKED;
    return SL_OK;
}

static enum sl_status answering_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                       enum sl_flow *flow, struct sl_error *err)
{
    struct answering *self = state;
    (void)outs;
    (void)err;
    *flow = SL_DONE;
    if (signal->kind != SL_SIGNAL_WAKE) {
        return SL_OK;
    }
    assert_int_equal(signal->value, 5);
    eventfd_t value;
    assert_int_equal(eventfd_read(self->fd, &value), 0); /* it was readable, or no WAKE came */
    pthread_join(self->thread, NULL);
    self->answered = true;
    return SL_OK;
}

static void answering_close(void *state)
{
    struct answering *self = state;
    if (self != NULL) {
        sl_wake_fd_remove(self->op.env, self->fd);
        close(self->fd);
        free(self);
    }
}

/* "picky": rejects ids that end in 3, calls those that end in 7 late, passes the others. */
struct picky {
    struct op op;
    struct sl_rejects rejected;
    struct sl_rejects late;
};

static enum sl_status picky_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct picky *self = calloc(1, sizeof(*self));
    *state = self;
    self->op.env = env;
    SL_TRY(sl_rejects_open(&self->rejected, env, err));
    return sl_rejects_open(&self->late, env, err);
}

static enum sl_status picky_process(void *state, uint32_t port, const struct sl_batch *in,
                                    struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct picky *self = state;
    uint32_t kept = 0;
    (void)port;
    for (uint32_t i = 0; i < in->selected_count; i++) {
        uint32_t row = sl_batch_row(in, i);
        int64_t digit = ids_of(in)[row] % 10;
        if (digit == 3) {
            SL_TRY(sl_rejects_add(&self->rejected, SL_ROW_CAST, "a \"3\"", "toy", ids_of(in)[row],
                                  "x", 1, err));
        } else if (digit == 7) {
            SL_TRY(sl_rejects_add_row(&self->late, SL_ROW_LATE, NULL, in, row, err));
        } else {
            self->op.selection[kept++] = (uint16_t)row;
        }
    }
    share(&self->op, in);
    self->op.out.selection = self->op.selection;
    self->op.out.selected_count = kept;
    outs->batches[SL_OUT_MAIN] = &self->op.out;
    outs->batches[SL_OUT_LATE] = sl_rejects_take(&self->late);
    outs->batches[SL_OUT_REJECTED] = sl_rejects_take(&self->rejected);
    *flow = SL_DONE;
    return SL_OK;
}

static void picky_close(void *state)
{
    struct picky *self = state;
    if (self != NULL) {
        sl_rejects_close(&self->rejected);
        sl_rejects_close(&self->late);
        free(self);
    }
}

static char letter_of(enum sl_signal_kind kind)
{
    static const char letters[] = {
        [SL_SIGNAL_WATERMARK] = 'w', [SL_SIGNAL_IDLE] = 'i',        [SL_SIGNAL_WAKE] = 'k',
        [SL_SIGNAL_BARRIER] = 'b',   [SL_SIGNAL_COMMITTED] = 'c',   [SL_SIGNAL_DRAIN] = 'd',
        [SL_SIGNAL_END] = 'e',       [SL_SIGNAL_SPLIT_ADDED] = 's', [SL_SIGNAL_SPLIT_ENDED] = 'x'};
    return letters[kind];
}

/* "trace": tells every signal; arms an event wake-up 10 ahead of each watermark. */
static enum sl_status trace_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                   enum sl_flow *flow, struct sl_error *err)
{
    struct op *self = state;
    (void)outs;
    *flow = SL_DONE;
    tell(self->toy, letter_of(signal->kind));
    if (signal->kind == SL_SIGNAL_WAKE) {
        pthread_mutex_lock(&self->toy->lock);
        self->toy->wakes++;
        self->toy->late_wakes += signal->value <= self->maximum;
        pthread_mutex_unlock(&self->toy->lock);
    }
    if (signal->kind != SL_SIGNAL_WATERMARK) {
        return SL_OK;
    }
    assert_true(signal->value > self->maximum);
    self->maximum = signal->value;
    pthread_mutex_lock(&self->toy->lock);
    self->toy->last_watermark = signal->value;
    pthread_mutex_unlock(&self->toy->lock);
    if (signal->value < INT64_MAX - 10) {
        return sl_wake_at(self->env, SL_WAKE_EVENT, signal->value + 10, signal->value + 10, err);
    }
    return SL_OK;
}

static const struct sl_operator_def pass_op = {.kind = "pass",
                                               .port_count = 1,
                                               .open = op_open,
                                               .process = pass_process,
                                               .close = plain_close};
static const struct sl_operator_def merge_op = {.kind = "merge",
                                                .port_count = 2,
                                                .open = op_open,
                                                .process = pass_process,
                                                .close = plain_close};
static const struct sl_operator_def slow_op = {.kind = "slow",
                                               .port_count = 1,
                                               .open = op_open,
                                               .process = slow_process,
                                               .close = plain_close};
static const struct sl_operator_def local_op = {.kind = "local_pass",
                                                .port_count = 1,
                                                .open = op_open,
                                                .process = pass_process,
                                                .close = plain_close};
static const struct sl_operator_def fragile_op = {.kind = "fragile",
                                                  .port_count = 1,
                                                  .open = op_open,
                                                  .process = fragile_process,
                                                  .close = plain_close};
static const struct sl_operator_def time_op = {.kind = "watermark",
                                               .port_count = 1,
                                               .open = op_open,
                                               .process = time_process,
                                               .close = plain_close};
static const struct sl_operator_def trace_op = {.kind = "trace",
                                                .port_count = 1,
                                                .open = op_open,
                                                .process = pass_process,
                                                .signal = trace_signal,
                                                .close = plain_close};

static const struct sl_operator_def answering_op = {.kind = "answering",
                                                    .port_count = 1,
                                                    .open = answering_open,
                                                    .process = answering_process,
                                                    .signal = answering_signal,
                                                    .close = answering_close};
static const struct sl_operator_def picky_op = {.kind = "picky",
                                                .port_count = 1,
                                                .open = picky_open,
                                                .process = picky_process,
                                                .close = picky_close};

static const struct sl_operator_def *const operators[] = {
    &answering_op, &picky_op,   &pass_op, &merge_op, &slow_op,
    &local_op,     &fragile_op, &time_op, &trace_op, NULL};

static const struct sl_connector_def toy_connector = {
    .name = "toy", .source = &toy_source, .sink = &toy_sink};
static const struct sl_connector_def *const connectors[] = {&toy_connector, &eng_result_connector,
                                                            NULL};
static const struct sl_codec_def *const codecs[] = {NULL};
static const struct sl_function_def *const *const functions[] = {NULL};
static const struct sl_aggregate_def *const aggregates[] = {NULL};
static const struct sl_offload_def *const offloads[] = {NULL};
static const char *const missing[] = {NULL};

const struct sl_builtins toy_builtins = {.connectors = connectors,
                                         .codecs = codecs,
                                         .operators = operators,
                                         .functions = functions,
                                         .aggregates = aggregates,
                                         .offloads = offloads,
                                         .missing_connectors = missing};

void toy_init(struct toy *toy)
{
    memset(toy, 0, sizeof(*toy));
    pthread_mutex_init(&toy->lock, NULL);
    toy->split_count = 2;
    toy->rows_per_split = 1000;
    toy->rows_per_batch = 64;
    toy->fail_at_id = -1;
}

void toy_plan_init(struct toy_plan *plan)
{
    memset(plan, 0, sizeof(*plan));
    plan->plan.version = SL_PLAN_VERSION;
    plan->plan.name = "toy";
    plan->plan.nodes = plan->nodes;
    plan->plan.settings.items = plan->settings;
}

void toy_set(struct toy_plan *plan, const char *name, const char *value)
{
    plan->settings[plan->plan.settings.count++] = (struct sl_option){.name = name, .value = value};
}

uint32_t toy_add(struct toy_plan *plan, struct toy *toy, const char *kind, const char *connector,
                 int first, int second)
{
    uint32_t idx = plan->plan.node_count++;
    struct sl_plan_node *node = &plan->nodes[idx];
    struct sl_param *params = plan->params[idx];
    params[0] =
        (struct sl_param){.name = "toy", .kind = SL_PARAM_INT64, .integer = (int64_t)(intptr_t)toy};
    params[1] = (struct sl_param){
        .name = "connector", .kind = SL_PARAM_STRING, .string = connector == NULL ? "" : connector};
    plan->inputs[idx][0] = (uint32_t)first;
    plan->inputs[idx][1] = (uint32_t)second;
    *node = (struct sl_plan_node){.kind = kind,
                                  .uid = idx + 1,
                                  .params = params,
                                  .param_count = 2,
                                  .inputs = plan->inputs[idx],
                                  .input_count = (first >= 0) + (second >= 0),
                                  .schema = toy_schema,
                                  .rowtime = -1};
    return idx;
}

uint32_t toy_add_exchange(struct toy_plan *plan, struct toy *toy, int input, bool singleton)
{
    static const uint32_t key[] = {0};
    uint32_t idx = toy_add(plan, toy, "exchange", NULL, input, -1);
    plan->params[idx][2] =
        (struct sl_param){.name = "keys", .kind = SL_PARAM_COLUMNS, .columns = key, .count = 1};
    plan->nodes[idx].param_count = 3;
    plan->nodes[idx].distribution = singleton ? SL_SINGLETON : SL_HASH;
    return idx;
}

enum sl_status toy_run(struct toy_plan *plan, struct toy *toy, struct sl_query_options options,
                       struct sl_query_stats *stats, struct sl_error *err)
{
    struct sl_engine_config config = {.builtins = &toy_builtins, .log = toy->log};
    struct sl_engine *engine = NULL;
    assert_int_equal(sl_engine_create(&config, &engine, err), SL_OK);
    enum sl_status status = sl_query_create(engine, &plan->plan, &options, &toy->query, err);
    if (status == SL_OK) {
        status = sl_query_run(toy->query, err);
        if (stats != NULL) {
            *stats = sl_query_stats(toy->query);
        }
        sl_query_destroy(toy->query);
    }
    sl_engine_destroy(engine);
    return status;
}

void toy_assert_each_id(const struct toy *toy, int64_t count, uint32_t times)
{
    uint8_t *seen = calloc((size_t)count, 1);
    for (uint32_t i = 0; i < toy->row_count; i++) {
        assert_in_range(toy->ids[i], 0, count - 1);
        assert_int_equal(toy->values[i], toy->ids[i] * 10);
        seen[toy->ids[i]]++;
    }
    for (int64_t i = 0; i < count; i++) {
        assert_int_equal(seen[i], times);
    }
    free(seen);
}
