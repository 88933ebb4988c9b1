/* SPDX-License-Identifier: Apache-2.0
 *
 * A filter that runs on a device: the only operator that knows of devices. Input is copied, several
 * batches are in flight at once, results go out in the order of the input. Always true: the CPU
 * fragment stands beside the device; when the device fails, the oldest unfinished batch and all
 * later ones are evaluated there, so that nothing is lost and nothing differs. */
#include "builtin.h"

#include "sluice/catalog.h"

enum { IN_FLIGHT_DEFAULT = 8, IN_FLIGHT_MAX = 64, POLL_US = 100, POLL_TOKEN = 1, FD_TOKEN = 2 };

enum slot_state {
    SLOT_WAITING,   /* the device had no room yet */
    SLOT_SUBMITTED, /* the device reads rows, and writes selection when asked */
    SLOT_FINISHED,  /* selection holds the result */
    SLOT_CPU        /* to be evaluated here */
};

/* A batch between its acceptance and its emission. */
struct slot {
    enum slot_state state;
    struct sl_batch_builder rows;
    uint16_t *selection; /* in rows.fixed, as long as rows has capacity */
    uint32_t selected_count;
    uint64_t ticket;
    int64_t watermark; /* came behind the batch; INT64_MIN = none */
};

struct offload {
    struct sl_env *env;
    const struct sl_offload_def *def;
    void *device;
    void *fragment; /* NULL: not loaded, or the device has failed */
    int wake_fd;    /* -1 = poll by timer */
    void *cpu;      /* the filter beside it */
    struct slot *slots;
    uint32_t slot_count;
    uint32_t first; /* the oldest */
    uint32_t used;
    bool is_accepted; /* the present input lies in a slot */
    bool is_waking;   /* the present WAKE has been seen */
    bool is_timer_armed;
    struct sl_batch out;
    struct sl_metric *batches;
    struct sl_metric *fallbacks;
};

static struct slot *slot_at(struct offload *self, uint32_t idx)
{
    return &self->slots[(self->first + idx) % self->slot_count];
}

static enum sl_status find_device(struct offload *self, struct sl_error *err)
{
    const char *name = sl_plan_string(self->env->node, "device", "");
    const struct sl_offload_def *const *at = self->env->catalog->builtins->offloads;
    while (*at != NULL && strcmp((*at)->name, name) != 0) {
        at++;
    }
    if (*at == NULL) {
        return sl_fail(err, SL_NOT_FOUND, "%s: there is no offload device '%s'", self->env->label,
                       name);
    }
    self->def = *at;
    return SL_OK;
}

/* From here on everything is evaluated on the CPU: the oldest unfinished batch and all later ones.
 * The fragment is unloaded first, so that the device no longer reads what they hold. */
static void fall_back(struct offload *self, const struct sl_error *reason)
{
    uint32_t idx = 0;
    if (self->wake_fd >= 0) {
        sl_wake_fd_remove(self->env, self->wake_fd);
        self->wake_fd = -1;
    }
    if (self->fragment != NULL) {
        self->def->unload(self->fragment);
        self->fragment = NULL;
    }
    while (idx < self->used && slot_at(self, idx)->state == SLOT_FINISHED) {
        idx++;
    }
    sl_log_warn(self->env->log, "offload",
                "%s: device '%s' failed with %u batches unfinished, going on with the CPU: %s",
                self->env->label, self->def->name, self->used - idx, reason->text);
    for (; idx < self->used; idx++) {
        slot_at(self, idx)->state = SLOT_CPU;
        sl_metric_add(self->fallbacks, 1);
    }
}

/* A device that cannot be opened has failed before the first batch. */
static enum sl_status open_device(struct offload *self, struct sl_error *err)
{
    struct sl_error reason = {.status = SL_OK};
    struct sl_env *env = self->env;
    enum sl_status status = self->def->open(env, &self->device, &reason);
    if (status == SL_OK) {
        status = self->def->load(self->device, env->plan, env->node, &self->fragment, &reason);
    }
    if (status != SL_OK) {
        self->fragment = NULL;
        fall_back(self, &reason);
        return SL_OK;
    }
    int fd = self->def->wake_fd(self->device);
    if (fd >= 0) {
        SL_TRY(sl_wake_fd(env, fd, FD_TOKEN, err));
        self->wake_fd = fd;
    }
    return SL_OK;
}

static enum sl_status offload_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct offload *self = SL_ARENA_NEW(env->arena, struct offload);
    int64_t limit = sl_plan_int64(env->node, "in_flight", IN_FLIGHT_DEFAULT);
    *state = self;
    if (self == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for %s", env->label);
    }
    self->env = env;
    self->wake_fd = -1;
    self->slot_count = (uint32_t)SL_MIN(SL_MAX(limit, 1), (int64_t)IN_FLIGHT_MAX);
    self->slots = SL_ARENA_ARRAY(env->arena, struct slot, self->slot_count);
    if (self->slots == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for the batches of %s", env->label);
    }
    self->batches = sl_metric_find_or_add(env->metrics, SL_METRIC_COUNTER, "offloadBatches",
                                          env->label, "", env->worker_idx);
    self->fallbacks = sl_metric_find_or_add(env->metrics, SL_METRIC_COUNTER, "offloadFallbacks",
                                            env->label, "", env->worker_idx);
    SL_TRY(find_device(self, err));
    SL_TRY(op_filter_def.open(env, &self->cpu, err));
    return open_device(self, err);
}

static void offload_close(void *state)
{
    struct offload *self = state;
    if (self == NULL) {
        return;
    }
    if (self->wake_fd >= 0) {
        sl_wake_fd_remove(self->env, self->wake_fd);
    }
    if (self->fragment != NULL) {
        self->def->unload(self->fragment);
    }
    if (self->device != NULL) {
        self->def->close(self->device);
    }
    op_filter_def.close(self->cpu);
    for (uint32_t i = 0; self->slots != NULL && i < self->slot_count; i++) {
        sl_batch_builder_deinit(&self->slots[i].rows);
    }
}

static enum sl_status reserve(struct offload *self, struct slot *slot, uint32_t row_count,
                              struct sl_error *err)
{
    struct sl_env *env = self->env;
    if (row_count <= slot->rows.capacity) {
        sl_batch_builder_reset(&slot->rows);
        return SL_OK;
    }
    uint32_t capacity = SL_MAX(row_count, env->batch_rows);
    sl_batch_builder_deinit(&slot->rows);
    slot->rows = (struct sl_batch_builder){.capacity = 0};
    SL_TRY(sl_batch_builder_init(&slot->rows, env->inputs[0], capacity, env->account, err));
    slot->selection = SL_ARENA_ARRAY(&slot->rows.fixed, uint16_t, capacity);
    if (slot->selection == NULL) {
        return sl_fail(err, SL_MEMORY, "no memory for a batch of %s", env->label);
    }
    return SL_OK;
}

static enum sl_status accept(struct offload *self, const struct sl_batch *in, struct sl_error *err)
{
    struct slot *slot = slot_at(self, self->used);
    SL_TRY(reserve(self, slot, in->selected_count, err));
    SL_TRY(sl_batch_append(&slot->rows, in, in->selection, in->selected_count, err));
    slot->state = self->fragment == NULL ? SLOT_CPU : SLOT_WAITING;
    slot->watermark = INT64_MIN;
    self->used++;
    self->is_accepted = true;
    sl_metric_add(slot->state == SLOT_CPU ? self->fallbacks : self->batches, 1);
    return SL_OK;
}

/* Gives one slot to the device, or asks it for that slot's result. */
static enum sl_status serve(struct offload *self, struct slot *slot, enum sl_flow *flow,
                            struct sl_error *reason)
{
    *flow = SL_DONE;
    if (slot->state == SLOT_WAITING) {
        SL_TRY(self->def->submit(self->fragment, &slot->rows.batch, &slot->ticket, flow, reason));
        slot->state = *flow == SL_DONE ? SLOT_SUBMITTED : SLOT_WAITING;
    } else if (slot->state == SLOT_SUBMITTED) {
        SL_TRY(self->def->finish(self->fragment, slot->ticket, slot->selection,
                                 &slot->selected_count, flow, reason));
        slot->state = *flow == SL_DONE ? SLOT_FINISHED : SLOT_SUBMITTED;
    }
    return SL_OK;
}

/* One look at each batch that the device has or is to have. */
static void serve_all(struct offload *self)
{
    struct sl_error reason = {.status = SL_OK};
    bool has_room = true;
    for (uint32_t i = 0; self->fragment != NULL && i < self->used; i++) {
        struct slot *slot = slot_at(self, i);
        enum sl_flow flow;
        if (slot->state == SLOT_WAITING && !has_room) {
            continue;
        }
        bool was_waiting = slot->state == SLOT_WAITING;
        if (serve(self, slot, &flow, &reason) != SL_OK) {
            fall_back(self, &reason);
        } else if (was_waiting && flow == SL_BLOCKED) {
            has_room = false; /* for those behind it neither */
        }
    }
}

/* A wake-up for what the device's descriptor does not tell. */
static enum sl_status arm(struct offload *self, struct sl_error *err)
{
    bool any_submitted = false;
    bool any_waiting = false;
    for (uint32_t i = 0; i < self->used; i++) {
        any_submitted = any_submitted || slot_at(self, i)->state == SLOT_SUBMITTED;
        any_waiting = any_waiting || slot_at(self, i)->state == SLOT_WAITING;
    }
    bool is_told = self->wake_fd >= 0 && any_submitted;
    if (self->is_timer_armed || is_told || !(any_submitted || any_waiting)) {
        return SL_OK;
    }
    const struct sl_clock *clock = self->env->clock;
    self->is_timer_armed = true;
    return sl_wake_at(self->env, SL_WAKE_CLOCK, sl_clock_steady_us(clock) + POLL_US, POLL_TOKEN,
                      err);
}

static bool is_ready(struct offload *self)
{
    return self->used > 0 && slot_at(self, 0)->state >= SLOT_FINISHED;
}

/* Puts out the oldest batch, which is ready, or a part of what it rejects. */
static enum sl_status emit(struct offload *self, struct sl_outs *outs, struct sl_error *err)
{
    struct slot *slot = slot_at(self, 0);
    if (slot->state == SLOT_CPU) {
        enum sl_flow flow = SL_DONE;
        SL_TRY(op_filter_def.process(self->cpu, 0, &slot->rows.batch, outs, &flow, err));
        if (flow == SL_MORE) {
            return SL_OK;
        }
    } else if (slot->selected_count > 0) {
        self->out = slot->rows.batch;
        self->out.selection = slot->selection;
        self->out.selected_count = slot->selected_count;
        outs->batches[SL_OUT_MAIN] = &self->out;
    }
    if (slot->watermark != INT64_MIN) {
        outs->signal = (struct sl_signal){SL_SIGNAL_WATERMARK, slot->watermark};
    }
    self->first = (self->first + 1) % self->slot_count; /* its memory rests until the next call */
    self->used--;
    return SL_OK;
}

/* Moves everything on by one look and puts out at most one batch. */
static enum sl_status advance(struct offload *self, struct sl_outs *outs, bool *emitted,
                              struct sl_error *err)
{
    *emitted = false;
    serve_all(self);
    while (is_ready(self) && !*emitted) {
        SL_TRY(emit(self, outs, err));
        *emitted = outs->batches[SL_OUT_MAIN] != NULL || outs->batches[SL_OUT_REJECTED] != NULL ||
                   outs->signal.kind != SL_SIGNAL_NONE;
    }
    return arm(self, err);
}

static enum sl_status offload_process(void *state, uint32_t port, const struct sl_batch *in,
                                      struct sl_outs *outs, enum sl_flow *flow,
                                      struct sl_error *err)
{
    struct offload *self = state;
    bool emitted;
    (void)port;
    if (!self->is_accepted && self->used < self->slot_count) {
        SL_TRY(accept(self, in, err));
    }
    SL_TRY(advance(self, outs, &emitted, err));
    if (!self->is_accepted) {
        *flow = emitted || self->used < self->slot_count ? SL_MORE : SL_BLOCKED;
    } else if (is_ready(self)) {
        *flow = SL_MORE;
    } else {
        self->is_accepted = false;
        *flow = SL_DONE;
    }
    return SL_OK;
}

static enum sl_status wake(struct offload *self, const struct sl_signal *signal,
                           struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    bool emitted;
    if (!self->is_waking && signal->value == POLL_TOKEN) {
        self->is_timer_armed = false;
    }
    SL_TRY(advance(self, outs, &emitted, err));
    self->is_waking = is_ready(self);
    *flow = self->is_waking ? SL_MORE : SL_DONE;
    return SL_OK;
}

/* Everything that came before the signal goes out before it. */
static enum sl_status flush(struct offload *self, struct sl_outs *outs, enum sl_flow *flow,
                            struct sl_error *err)
{
    bool emitted;
    SL_TRY(advance(self, outs, &emitted, err));
    if (self->used == 0) {
        *flow = SL_DONE;
    } else {
        *flow = emitted ? SL_MORE : SL_BLOCKED;
    }
    return SL_OK;
}

static enum sl_status offload_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                     enum sl_flow *flow, struct sl_error *err)
{
    struct offload *self = state;
    *flow = SL_DONE;
    switch (signal->kind) {
    case SL_SIGNAL_COMMITTED:
    case SL_SIGNAL_SPLIT_ADDED:
        return SL_OK;
    case SL_SIGNAL_WAKE:
        return wake(self, signal, outs, flow, err);
    case SL_SIGNAL_WATERMARK:
        if (self->used > 0) { /* it goes out behind the youngest batch */
            slot_at(self, self->used - 1)->watermark = signal->value;
            signal->kind = SL_SIGNAL_NONE;
        }
        return SL_OK;
    default:
        return flush(self, outs, flow, err);
    }
}

const struct sl_operator_def op_offload_def = {
    .kind = "offload",
    .port_count = 1,
    .open = offload_open,
    .process = offload_process,
    .signal = offload_signal,
    .close = offload_close,
};
