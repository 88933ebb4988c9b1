/* SPDX-License-Identifier: Apache-2.0
 *
 * How rows change workers. The out half copies each row into the ring of the worker that owns its
 * key group, and hands its own worker's rows over where they are; signals go to all workers; on the
 * other side each ring is polled by a node of its own and a last node aligns them. Always true:
 * whatever goes from one worker to one other keeps its order. */
#include <string.h>

#include "key_owner.h"
#include "nodes.h"

enum sl_status eng_exchange_create(struct sl_query *query, const struct sl_schema *schema,
                                   struct eng_exchange **exchange, struct sl_error *err)
{
    uint32_t count = query->worker_count;
    struct eng_exchange *made = SL_ARENA_NEW(&query->arena, struct eng_exchange);
    struct eng_ring *rings =
        sl_memory_alloc(&query->queue_account, (size_t)count * count * sizeof(*rings));
    if (made == NULL || rings == NULL) {
        sl_memory_free(&query->queue_account, rings, (size_t)count * count * sizeof(*rings));
        return sl_fail(err, SL_MEMORY, "no memory for the rings between %u workers", count);
    }
    made->worker_count = count;
    made->rings = rings;
    made->next = query->exchanges;
    query->exchanges = made;
    *exchange = made;
    for (uint32_t i = 0; i < count * count; i++) {
        rings[i].account = &query->queue_account;
        rings[i].producer = &query->workers[i / count];
        rings[i].consumer = &query->workers[i % count];
        SL_TRY(eng_ring_init(&rings[i], schema, query->options.ring_slots,
                             query->options.batch_rows, err));
    }
    return SL_OK;
}

void eng_exchange_destroy(struct sl_query *query, struct eng_exchange *exchange)
{
    uint32_t count = exchange->worker_count * exchange->worker_count;
    for (uint32_t i = 0; i < count; i++) {
        eng_ring_deinit(&exchange->rings[i]);
    }
    sl_memory_free(&query->queue_account, exchange->rings, count * sizeof(*exchange->rings));
}

/* The out half of one worker. */
struct out_half {
    struct eng_node *node;
    struct eng_ring *rings; /* one a worker */
    uint32_t worker_count;
    bool is_singleton;
    struct eng_key_owners key_owners; /* opened unless is_singleton */
    uint16_t *rows;  /* of the present input; those of worker w begin at w * row_capacity */
    uint8_t *owners; /* worker of the i-th selected row */
    uint32_t row_capacity;
    uint32_t *counts;    /* rows of each worker */
    bool is_started;     /* the present input is already divided */
    uint32_t to;         /* cursor: worker that is being served */
    uint32_t sent;       /* cursor: its rows that have gone out */
    struct sl_batch own; /* the present input's rows that stay here */
};

static void free_rows(struct out_half *self)
{
    struct sl_account *account = &self->node->account;
    size_t row_count = (size_t)self->worker_count * self->row_capacity;
    sl_memory_free(account, self->rows, row_count * sizeof(*self->rows));
    sl_memory_free(account, self->owners, self->row_capacity * sizeof(*self->owners));
}

static enum sl_status reserve_rows(struct out_half *self, uint32_t count, struct sl_error *err)
{
    if (count <= self->row_capacity) {
        return SL_OK;
    }
    struct sl_account *account = &self->node->account;
    free_rows(self);
    self->row_capacity = count;
    self->rows = sl_memory_alloc(account, (size_t)self->worker_count * count * sizeof(*self->rows));
    self->owners = sl_memory_alloc(account, count * sizeof(*self->owners));
    if (self->rows == NULL || self->owners == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %u rows in %s", count, self->node->label);
    }
    return SL_OK;
}

/* Each owner gets its rows in their order. */
static void deal_rows(struct out_half *self, const struct sl_batch *in)
{
    memset(self->counts, 0, self->worker_count * sizeof(*self->counts));
    for (uint32_t i = 0; i < in->selected_count; i++) {
        uint32_t owner = self->owners[i];
        uint16_t *rows = self->rows + (size_t)owner * self->row_capacity;
        rows[self->counts[owner]++] = (uint16_t)sl_batch_row(in, i);
    }
}

static enum sl_status divide(struct out_half *self, const struct sl_batch *in, struct sl_error *err)
{
    SL_TRY(reserve_rows(self, in->selected_count, err));
    if (self->is_singleton) {
        memset(self->owners, 0, in->selected_count);
    } else {
        SL_TRY(eng_key_owners_find(&self->key_owners, in, self->owners, err));
    }
    deal_rows(self, in);
    self->is_started = true;
    self->to = 0;
    self->sent = 0;
    return SL_OK;
}

/* Sends up to one batch's worth of rows to the cursor's worker; *is_full when its ring is. */
static enum sl_status send_rows(struct out_half *self, const struct sl_batch *in, bool *is_full,
                                struct sl_error *err)
{
    struct eng_ring *ring = &self->rings[self->to];
    struct sl_batch_builder *builder;
    SL_TRY(eng_ring_take(ring, &builder, err));
    if (builder->batch.row_count == 0) { /* else it was filled when the ring was full */
        const uint16_t *rows = self->rows + (size_t)self->to * self->row_capacity + self->sent;
        uint32_t count = SL_MIN(self->counts[self->to] - self->sent, ring->batch_rows);
        SL_TRY(sl_batch_copy(builder, in, rows, count, err));
    }
    *is_full = !eng_ring_push(ring, (struct eng_message){.batch = builder});
    if (!*is_full) {
        self->sent += builder->batch.row_count;
    }
    return SL_OK;
}

/* The rows of this worker, which need no copy. */
static struct sl_batch *own_rows(struct out_half *self, const struct sl_batch *in)
{
    uint32_t idx = self->node->worker->idx;
    self->own = *in;
    self->own.runs = NULL;
    self->own.run_count = 0;
    self->own.selection = self->rows + (size_t)idx * self->row_capacity;
    self->own.selected_count = self->counts[idx];
    return &self->own;
}

static enum sl_status out_process(void *state, uint32_t port, const struct sl_batch *in,
                                  struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct out_half *self = state;
    (void)port;
    if (!self->is_started) {
        SL_TRY(divide(self, in, err));
    }
    while (self->to < self->worker_count) {
        bool is_own = self->to == self->node->worker->idx;
        if (is_own || self->sent == self->counts[self->to]) {
            self->to++;
            self->sent = 0;
            continue;
        }
        bool is_full = false;
        SL_TRY(send_rows(self, in, &is_full, err));
        if (is_full) {
            *flow = SL_BLOCKED;
            return SL_OK;
        }
    }
    outs->batches[SL_OUT_MAIN] = own_rows(self, in);
    sl_metric_add(self->node->rows_out, in->selected_count - self->own.selected_count);
    self->is_started = false;
    self->to = 0;
    *flow = SL_DONE;
    return SL_OK;
}

static enum sl_status out_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                 enum sl_flow *flow, struct sl_error *err)
{
    struct out_half *self = state;
    (void)outs;
    (void)err;
    *flow = SL_DONE;
    if (signal->kind == SL_SIGNAL_WAKE || signal->kind == SL_SIGNAL_COMMITTED ||
        signal->kind == SL_SIGNAL_SPLIT_ADDED || signal->kind == SL_SIGNAL_SPLIT_ENDED) {
        signal->kind = SL_SIGNAL_NONE;
        return SL_OK; /* the first two may come while a batch is half sent; rows lose their splits
                       */
    }
    while (self->to < self->worker_count) {
        if (self->to != self->node->worker->idx &&
            !eng_ring_push(&self->rings[self->to], (struct eng_message){.signal = *signal})) {
            *flow = SL_BLOCKED;
            return SL_OK;
        }
        self->to++;
    }
    self->to = 0;
    return SL_OK;
}

static bool out_can_go_on(void *state)
{
    const struct out_half *self = state;
    const struct eng_ring *ring = &self->rings[self->to % self->worker_count];
    return eng_ring_can_push(ring);
}

static void out_close(void *state)
{
    struct out_half *self = state;
    if (self == NULL) {
        return;
    }
    if (!self->is_singleton) {
        eng_key_owners_close(&self->key_owners);
    }
    free_rows(self);
}

enum sl_status eng_exchange_out_open(struct eng_node *node, struct eng_exchange *exchange,
                                     const struct sl_param *keys, bool is_singleton,
                                     struct sl_error *err)
{
    struct out_half *self = SL_ARENA_NEW(&node->arena, struct out_half);
    uint32_t *counts = SL_ARENA_ARRAY(&node->arena, uint32_t, exchange->worker_count);
    if (self == NULL || counts == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", node->label);
    }
    *self = (struct out_half){.node = node,
                              .rings = exchange->rings +
                                       (size_t)node->worker->idx * exchange->worker_count,
                              .worker_count = exchange->worker_count,
                              .is_singleton = is_singleton,
                              .counts = counts};
    if (!is_singleton) {
        eng_key_owners_open(&self->key_owners, exchange->rings[0].schema,
                            keys == NULL ? NULL : keys->columns, keys == NULL ? 0 : keys->count,
                            exchange->worker_count, &node->account);
    }
    node->state = self;
    node->def = (struct eng_node_def){.process = out_process,
                                      .signal = out_signal,
                                      .can_go_on = out_can_go_on,
                                      .close = out_close};
    return SL_OK;
}

/* What arrives from one worker. */
struct ring_end {
    struct eng_ring *ring;
    struct sl_batch_builder *held; /* the batch that was given out last */
};

static enum sl_status ring_poll(void *state, struct sl_outs *outs, enum sl_flow *flow,
                                struct sl_error *err)
{
    struct ring_end *self = state;
    struct eng_message message;
    (void)err;
    if (self->held != NULL) {
        eng_ring_give_back(self->ring, self->held);
        self->held = NULL;
    }
    if (!eng_ring_pop(self->ring, &message)) {
        *flow = SL_BLOCKED;
        return SL_OK;
    }
    *flow = SL_MORE;
    if (message.batch != NULL) {
        self->held = message.batch;
        outs->batches[SL_OUT_MAIN] = &message.batch->batch;
        return SL_OK;
    }
    outs->signal = message.signal;
    *flow = message.signal.kind == SL_SIGNAL_END ? SL_DONE : SL_MORE;
    return SL_OK;
}

static bool ring_can_go_on(void *state)
{
    const struct ring_end *self = state;
    return eng_ring_can_pop(self->ring);
}

enum sl_status eng_exchange_ring_open(struct eng_node *node, struct eng_exchange *exchange,
                                      uint32_t from, struct sl_error *err)
{
    struct ring_end *self = SL_ARENA_NEW(&node->arena, struct ring_end);
    if (self == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", node->label);
    }
    self->ring = &exchange->rings[(size_t)from * exchange->worker_count + node->worker->idx];
    node->state = self;
    node->def = (struct eng_node_def){.poll = ring_poll, .can_go_on = ring_can_go_on};
    return SL_OK;
}

static enum sl_status in_process(void *state, uint32_t port, const struct sl_batch *in,
                                 struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    (void)state;
    (void)port;
    (void)err;
    outs->batches[SL_OUT_MAIN] = (struct sl_batch *)in; /* consumers never write into it */
    *flow = SL_DONE;
    return SL_OK;
}

void eng_exchange_in_open(struct eng_node *node)
{
    node->def = (struct eng_node_def){.process = in_process};
}
