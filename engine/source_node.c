/* SPDX-License-Identifier: Apache-2.0
 *
 * The adapter of a source to the driver: splits are dealt over the workers, barriers come between
 * polls, the end is told in order. Always true: captured positions stand behind exactly the rows
 * that were given out before the last barrier (or the end). */
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "nodes.h"

/* From worker 0's instance to the one that is to read the split. */
struct parcel {
    struct parcel *next;
    struct sl_split split;
    size_t name_bytes; /* stored behind, with its NUL */
    bool is_new;
};

enum stage { READING, DRAINING, CLOSING_TIME, ENDING, ENDED };

struct eng_source {
    struct eng_node *node;
    const struct sl_source_def *def;
    void *source;
    enum stage stage;
    int64_t barrier;         /* last sent */
    bool told_splits;        /* resumed: IDLE went out behind the announcements */
    bool told_idle;          /* and no split was announced since */
    uint32_t live_count;     /* splits that were announced and have not ended */
    struct sl_split *splits; /* of this instance */
    uint32_t split_count;
    uint32_t announced_count; /* of them, SPLIT_ADDED was sent */
    uint32_t split_capacity;
    struct sl_text position_bytes; /* captured, each with its NUL */
    const char **positions;        /* into position_bytes */
    uint32_t captured_count;
    const char **known; /* worker 0: names dealt so far, sorted */
    uint32_t known_count;
    uint32_t known_capacity;
    struct parcel *inbox; /* atomic; pushed by worker 0, taken by this one */
};

static enum sl_status no_memory(const struct eng_source *self, struct sl_error *err)
{
    return sl_fail(err, SL_MEMORY, "no memory for the splits of %s", self->node->label);
}

static enum sl_status grow_splits(struct eng_source *self, struct sl_error *err)
{
    struct sl_account *account = &self->node->account;
    uint32_t capacity = self->split_capacity == 0 ? 8 : self->split_capacity * 2;
    struct sl_split *splits = sl_memory_resize(
        account, self->splits, self->split_capacity * sizeof(*splits), capacity * sizeof(*splits));
    if (splits == NULL) {
        return no_memory(self, err);
    }
    self->splits = splits;
    const char **positions =
        sl_memory_resize(account, self->positions, self->split_capacity * sizeof(*positions),
                         capacity * sizeof(*positions));
    if (positions == NULL) { /* the splits are as long as their capacity says, at least */
        self->splits = sl_memory_resize(account, splits, capacity * sizeof(*splits),
                                        self->split_capacity * sizeof(*splits));
        return no_memory(self, err);
    }
    self->positions = positions;
    self->split_capacity = capacity;
    return SL_OK;
}

/* Starts to read a split on this instance, where the checkpoint left it. */
static enum sl_status take_split(struct eng_source *self, const struct parcel *parcel,
                                 struct sl_error *err)
{
    struct sl_query *query = self->node->worker->query;
    if (self->split_count == self->split_capacity) {
        SL_TRY(grow_splits(self, err));
    }
    struct sl_split split = {.name = sl_arena_string(&self->node->arena, parcel->split.name),
                             .id = parcel->split.id};
    if (split.name == NULL) {
        return no_memory(self, err);
    }
    uint32_t restored_id = 0; /* deal has given it already */
    const char *position =
        eng_checkpoint_position(query->checkpoint, self->node->plan_node, split.name, &restored_id);
    bool is_new =
        parcel->is_new || (position == NULL && eng_checkpoint_restored(query->checkpoint) > 0);
    self->splits[self->split_count++] = split;
    return self->def->assign(self->source, &split, position, is_new, err);
}

static void free_parcels(struct sl_query *query, struct parcel *parcel)
{
    while (parcel != NULL) {
        struct parcel *next = parcel->next;
        sl_memory_free(&query->queue_account, parcel, sizeof(*parcel) + parcel->name_bytes);
        parcel = next;
    }
}

static enum sl_status take_inbox(struct eng_source *self, struct sl_error *err)
{
    if (__atomic_load_n(&self->inbox, __ATOMIC_RELAXED) == NULL) {
        return SL_OK;
    }
    struct parcel *stack = __atomic_exchange_n(&self->inbox, NULL, __ATOMIC_ACQUIRE);
    struct parcel *parcels = NULL; /* in the order in which they were dealt */
    while (stack != NULL) {
        struct parcel *next = stack->next;
        stack->next = parcels;
        parcels = stack;
        stack = next;
    }
    enum sl_status status = SL_OK;
    for (struct parcel *at = parcels; at != NULL && status == SL_OK; at = at->next) {
        status = take_split(self, at, err);
    }
    free_parcels(self->node->worker->query, parcels);
    return status;
}

static struct eng_source *peer(const struct eng_source *self, uint32_t worker_idx)
{
    struct eng_worker *worker = &self->node->worker->query->workers[worker_idx];
    return worker->nodes[self->node->idx]->state; /* all workers have the same nodes */
}

static enum sl_status deal(struct eng_source *self, const char *name, bool is_running,
                           struct sl_error *err)
{
    struct sl_query *query = self->node->worker->query;
    size_t name_bytes = strlen(name) + 1;
    struct parcel *parcel = sl_memory_alloc(&query->queue_account, sizeof(*parcel) + name_bytes);
    if (parcel == NULL) {
        return no_memory(self, err);
    }
    char *copy = (char *)(parcel + 1);
    memcpy(copy, name, name_bytes);
    uint32_t id = 0; /* state knows splits by id, so that a resume gives them back */
    if (eng_checkpoint_position(query->checkpoint, self->node->plan_node, name, &id) == NULL) {
        id = query->split_count++;
    }
    *parcel = (struct parcel){
        .split = {.name = copy, .id = id}, .name_bytes = name_bytes, .is_new = is_running};
    struct eng_source *owner = peer(self, self->known_count % query->worker_count);
    parcel->next = __atomic_load_n(&owner->inbox, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&owner->inbox, &parcel->next, parcel, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
    }
    eng_worker_poke(owner->node->worker);
    return SL_OK;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum sl_status remember(struct eng_source *self, const char *name, struct sl_error *err)
{
    if (self->known_count == self->known_capacity) {
        uint32_t capacity = self->known_capacity == 0 ? 8 : self->known_capacity * 2;
        const char **known =
            sl_memory_resize(&self->node->account, self->known,
                             self->known_capacity * sizeof(*known), capacity * sizeof(*known));
        if (known == NULL) {
            return no_memory(self, err);
        }
        self->known = known;
        self->known_capacity = capacity;
    }
    const char *copy = sl_arena_string(&self->node->arena, name);
    if (copy == NULL) {
        return no_memory(self, err);
    }
    self->known[self->known_count++] = copy;
    return SL_OK;
}

static enum sl_status discover(struct eng_source *self, bool is_running, struct sl_error *err)
{
    struct sl_arena scratch;
    sl_arena_init(&scratch, &self->node->account, 0);
    const char **names = NULL;
    uint32_t count = 0;
    enum sl_status status = self->def->discover(self->source, &scratch, &names, &count, err);
    if (status == SL_OK && count > 0) {
        qsort(names, count, sizeof(*names), compare_names);
    }
    uint32_t old_count = self->known_count;
    for (uint32_t i = 0; i < count && status == SL_OK; i++) {
        if (old_count > 0 && bsearch(&names[i], self->known, old_count, sizeof(*self->known),
                                     compare_names) != NULL) {
            continue;
        }
        status = deal(self, names[i], is_running, err);
        status = status == SL_OK ? remember(self, names[i], err) : status;
    }
    if (self->known_count > 0) {
        qsort(self->known, self->known_count, sizeof(*self->known), compare_names);
    }
    sl_arena_deinit(&scratch);
    return status;
}

enum sl_status eng_source_discover(struct eng_node *node, struct sl_error *err)
{
    struct sl_query *query = node->worker->query;
    SL_TRY(discover(node->state, false, err));
    for (uint32_t i = 0; i < query->worker_count; i++) {
        SL_TRY(take_inbox(peer(node->state, i), err));
    }
    return SL_OK;
}

/* Writes down where every split stands. */
static enum sl_status capture(struct eng_source *self, struct sl_error *err)
{
    sl_text_reset(&self->position_bytes);
    for (uint32_t i = 0; i < self->split_count; i++) {
        SL_TRY(self->def->position(self->source, self->splits[i].id, &self->position_bytes, err));
        sl_text_append_char(&self->position_bytes, '\0');
    }
    if (self->position_bytes.failed) {
        return no_memory(self, err);
    }
    const char *at = self->position_bytes.data;
    for (uint32_t i = 0; i < self->split_count; i++) {
        self->positions[i] = at;
        at += strlen(at) + 1;
    }
    self->captured_count = self->split_count;
    return SL_OK;
}

uint32_t eng_source_positions(const struct eng_node *node, const struct sl_split **splits,
                              const char *const **positions)
{
    const struct eng_source *self = node->state;
    *splits = self->splits;
    *positions = self->positions;
    return self->captured_count;
}

static void say(struct sl_outs *outs, enum sl_signal_kind kind, int64_t value)
{
    outs->signal = (struct sl_signal){.kind = kind, .value = value};
}

/* The steps from the last row to the end. */
static enum sl_status poll_end(struct eng_source *self, struct sl_outs *outs, enum sl_flow *flow,
                               struct sl_error *err)
{
    *flow = SL_MORE;
    switch (self->stage) {
    case DRAINING:
        say(outs, SL_SIGNAL_DRAIN, 0);
        self->stage = CLOSING_TIME;
        return SL_OK;
    case CLOSING_TIME:
        say(outs, SL_SIGNAL_WATERMARK, INT64_MAX);
        self->stage = ENDING;
        return SL_OK;
    default:
        say(outs, SL_SIGNAL_END, 0);
        self->stage = ENDED;
        *flow = SL_DONE;
        return capture(self, err);
    }
}

static bool is_empty(const struct sl_outs *outs)
{
    return outs->batches[SL_OUT_MAIN] == NULL && outs->batches[SL_OUT_LATE] == NULL &&
           outs->batches[SL_OUT_REJECTED] == NULL && outs->signal.kind == SL_SIGNAL_NONE;
}

/* Without a split that lives, and not at the end, the source says so once: a peer's time goes on.
 * An end says more than that; idleness just before it would let a peer that ends pass the windows
 * that this end completes. */
static bool must_tell_idle(struct eng_source *self, const struct sl_outs *outs, enum sl_flow flow)
{
    if (outs->signal.kind == SL_SIGNAL_SPLIT_ENDED) {
        self->live_count -= self->live_count > 0;
    }
    return flow == SL_BLOCKED && outs->signal.kind == SL_SIGNAL_NONE && self->live_count == 0 &&
           !self->told_idle;
}

static enum sl_status tell_idle(struct eng_source *self, struct sl_outs *outs, enum sl_flow *flow)
{
    self->told_idle = true;
    say(outs, SL_SIGNAL_IDLE, 0);
    *flow = SL_MORE;
    return SL_OK;
}

static enum sl_status poll_rows(struct eng_source *self, struct sl_outs *outs, enum sl_flow *flow,
                                struct sl_error *err)
{
    SL_TRY(self->def->poll(self->source, outs, flow, err));
    if (outs->batches[SL_OUT_MAIN] != NULL) {
        sl_metric_add(self->node->rows_in, outs->batches[SL_OUT_MAIN]->row_count);
    }
    if (must_tell_idle(self, outs, *flow)) {
        return tell_idle(self, outs, flow);
    }
    if (*flow == SL_DONE) {
        self->stage = CLOSING_TIME;
        *flow = SL_MORE;
        return is_empty(outs) ? poll_end(self, outs, flow, err) : SL_OK; /* peers wait for it */
    }
    return SL_OK;
}

/* A resumed source says IDLE behind its splits, so that their restored watermarks speak before the
 * first row does. */
static bool is_resumed(const struct eng_source *self)
{
    return eng_checkpoint_restored(self->node->worker->query->checkpoint) > 0;
}

static enum sl_status source_poll(void *state, struct sl_outs *outs, enum sl_flow *flow,
                                  struct sl_error *err)
{
    struct eng_source *self = state;
    struct eng_worker *worker = self->node->worker;
    SL_TRY(take_inbox(self, err));
    if (self->barrier < worker->begun && self->stage != ENDED) {
        self->barrier = worker->begun;
        say(outs, SL_SIGNAL_BARRIER, self->barrier);
        *flow = SL_MORE;
        return capture(self, err);
    }
    int64_t last = ENG_LOAD(worker->query->last);
    if (last > 0 && self->barrier >= last) {
        *flow = SL_BLOCKED; /* the query ends behind this barrier */
        return SL_OK;
    }
    if (self->stage == READING && worker->is_draining) {
        self->stage = DRAINING;
    }
    if (self->stage != READING) {
        return poll_end(self, outs, flow, err);
    }
    if (self->announced_count < self->split_count) {
        say(outs, SL_SIGNAL_SPLIT_ADDED, self->splits[self->announced_count++].id);
        self->live_count++;
        self->told_idle = false;
        *flow = SL_MORE;
        return SL_OK;
    }
    if (!self->told_splits && self->split_count > 0 && is_resumed(self)) {
        self->told_splits = true;
        say(outs, SL_SIGNAL_IDLE, 0);
        *flow = SL_MORE;
        return SL_OK;
    }
    return poll_rows(self, outs, flow, err);
}

static enum sl_status commit(struct eng_source *self, struct sl_error *err)
{
    const struct sl_query *query = self->node->worker->query;
    if (self->def->commit == NULL || self->captured_count == 0 ||
        (query->has_keyed_state && !query->is_durable)) {
        return SL_OK; /* a restart could not find the state that belongs to these positions */
    }
    return self->def->commit(self->source, self->splits, self->positions, self->captured_count,
                             err);
}

static enum sl_status wake(struct eng_source *self, int64_t token, struct sl_error *err)
{
    if (self->def->wake != NULL) {
        SL_TRY(self->def->wake(self->source, token, err));
    }
    if (self->node->worker->idx == 0 && self->def->has_new_splits != NULL &&
        self->def->has_new_splits(self->source)) {
        return discover(self, true, err);
    }
    return SL_OK;
}

static enum sl_status source_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                    enum sl_flow *flow, struct sl_error *err)
{
    (void)outs;
    *flow = SL_DONE;
    switch (signal->kind) {
    case SL_SIGNAL_WAKE:
        return wake(state, signal->value, err);
    case SL_SIGNAL_COMMITTED:
        return commit(state, err);
    default:
        return SL_OK;
    }
}

static bool source_can_go_on(void *state)
{
    struct eng_source *self = state;
    return __atomic_load_n(&self->inbox, __ATOMIC_SEQ_CST) != NULL;
}

static void source_close(void *state)
{
    struct eng_source *self = state;
    if (self == NULL) {
        return;
    }
    if (self->def->close != NULL) {
        self->def->close(self->source);
    }
    struct sl_account *account = &self->node->account;
    free_parcels(self->node->worker->query, self->inbox);
    sl_memory_free(account, self->splits, self->split_capacity * sizeof(*self->splits));
    sl_memory_free(account, self->positions, self->split_capacity * sizeof(*self->positions));
    sl_memory_free(account, self->known, self->known_capacity * sizeof(*self->known));
    sl_text_deinit(&self->position_bytes);
}

enum sl_status eng_source_open(struct eng_node *node, struct sl_error *err)
{
    const char *name = sl_plan_string(node->plan_node, "connector", "");
    const struct sl_connector_def *connector = sl_catalog_connector(node->env.catalog, name);
    if (connector == NULL || connector->source == NULL) {
        return sl_fail(err, SL_NOT_FOUND, "connector '%s' cannot be read", name);
    }
    struct eng_source *self = SL_ARENA_NEW(&node->arena, struct eng_source);
    if (self == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", node->label);
    }
    self->node = node;
    self->def = connector->source;
    sl_text_init(&self->position_bytes, &node->account, 0);
    node->state = self;
    node->def = (struct eng_node_def){.poll = source_poll,
                                      .signal = source_signal,
                                      .can_go_on = source_can_go_on,
                                      .close = source_close};
    return connector->source->open(&node->env, &self->source, err);
}
