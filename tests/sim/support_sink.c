/* SPDX-License-Identifier: Apache-2.0
 *
 * The sink of all proofs: takes rows down, blocks, stops the query and fails as the world says.
 * Always true: when it is transactional, rows are taken exactly when their epoch is committed, and
 * what is prepared outlives a crash. */
#include "support_sim.h"

#include <stdlib.h>
#include <sys/eventfd.h>

enum { LANES_MAX = SIM_INPUTS_MAX * 1000, LANE_ROWS = 1000000 };

struct sink {
    struct sl_env *env;
    struct sim *sim;
    struct sim_dice dice;
    int64_t tag;
    bool is_ordered;             /* rows of a split arrive in their order */
    struct sim_records pending;  /* transactional: of the present epoch */
    int64_t epoch;               /* last prepared */
    int64_t last_ids[LANES_MAX]; /* by input and split */
};

static enum sl_status sink_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct sink *self = calloc(1, sizeof(*self));
    (void)err;
    *state = self;
    self->env = env;
    self->sim = sim_of(env);
    sim_dice_init(&self->dice, env);
    self->tag = sl_plan_int64(env->node, "tag", 0);
    self->is_ordered = sl_plan_int64(env->node, "ordered", 0) != 0;
    for (uint32_t i = 0; i < LANES_MAX; i++) {
        self->last_ids[i] = -1;
    }
    return SL_OK;
}

/* Ids ascend within a split as they went in. */
static void check_order(struct sink *self, int64_t id)
{
    int64_t lane = id / LANE_ROWS;
    if (self->is_ordered && lane >= 0 && lane < LANES_MAX) {
        bool is_behind = id <= self->last_ids[lane];
        self->last_ids[lane] = id;
        if (is_behind) {
            sim_complain(self->sim, "row %lld came behind a later one of its split", (long long)id);
        }
    }
}

static void take_rows(struct sink *self, const struct sl_batch *batch)
{
    struct sim *sim = self->sim;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        struct sim_record record = sim_record_read(sim, batch, sl_batch_row(batch, i));
        check_order(self, record.fields[SIM_ID]);
        record.fields[SIM_TAG_FIELD] = self->tag;
        pthread_mutex_lock(&sim->lock);
        sim_records_add(sim->transactional ? &self->pending : &sim->taken, &record);
        pthread_mutex_unlock(&sim->lock);
    }
    sim_progress();
}

/* Opens the gate for the next burst when all rows of those before it have come out. */
static void next_burst(struct sim *sim)
{
    int64_t expected = 0;
    for (uint32_t i = 0; i < SIM_INPUTS_MAX; i++) {
        for (uint32_t s = 0; s < sim->inputs[i].split_count; s++) {
            expected +=
                SL_MIN(sim->burst * sim->burst_rows, (int64_t)sim->inputs[i].splits[s].count);
        }
    }
    if (sim->taken.count < expected) {
        return;
    }
    __atomic_fetch_add(&sim->burst, 1, __ATOMIC_SEQ_CST);
    for (uint32_t i = 0; i < SIM_INPUTS_MAX; i++) {
        for (uint32_t w = 0; w < SIM_WORKERS_MAX; w++) {
            if (sim->burst_fds[i][w] >= 0) {
                eventfd_write(sim->burst_fds[i][w], 1);
            }
        }
    }
}

/* True when it is time to fail. */
static bool count_down(struct sim *sim, uint32_t row_count)
{
    if (__atomic_load_n(&sim->faults_after, __ATOMIC_RELAXED) < 0) {
        return false;
    }
    int64_t left = __atomic_fetch_sub(&sim->faults_after, row_count, __ATOMIC_RELAXED);
    return left >= 0 && left < (int64_t)row_count;
}

static enum sl_status sink_write(void *state, const struct sl_batch *batch, struct sl_outs *outs,
                                 enum sl_flow *flow, struct sl_error *err)
{
    struct sink *self = state;
    struct sim *sim = self->sim;
    bool blocks;
    (void)outs;
    SL_TRY(sim_dice_blocks(&self->dice, &blocks, err));
    *flow = blocks ? SL_BLOCKED : SL_DONE;
    if (blocks) {
        return SL_OK;
    }
    take_rows(self, batch);
    if (count_down(sim, batch->selected_count)) {
        __atomic_fetch_add(&sim->fault_count, 1, __ATOMIC_SEQ_CST);
        if (!sim->fault_is_stop) {
            return sl_fail(err, SL_IO, "the sink fails as it was told");
        }
        sl_query_stop(sim->query, false);
        sl_query_stop(sim->query, false);
    }
    pthread_mutex_lock(&sim->lock);
    bool stops =
        sim->rows_to_stop > 0 && sim->taken.count + self->pending.count >= sim->rows_to_stop;
    if (sim->quiet) {
        next_burst(sim);
    }
    pthread_mutex_unlock(&sim->lock);
    if (stops) {
        __atomic_fetch_add(&sim->fault_count, 1, __ATOMIC_SEQ_CST);
        sl_query_stop(sim->query, false);
    }
    return SL_OK;
}

static enum sl_status sink_prepare(void *state, int64_t epoch, struct sl_outs *outs,
                                   enum sl_flow *flow, struct sl_error *err)
{
    struct sink *self = state;
    bool blocks;
    (void)outs;
    SL_TRY(sim_dice_blocks(&self->dice, &blocks, err));
    *flow = blocks ? SL_BLOCKED : SL_DONE;
    if (blocks) {
        return SL_OK;
    }
    if (epoch <= self->epoch) {
        sim_complain(self->sim, "epoch %lld is prepared behind %lld", (long long)epoch,
                     (long long)self->epoch);
    }
    self->epoch = epoch;
    pthread_mutex_lock(&self->sim->lock);
    for (uint32_t i = 0; i < self->pending.count; i++) {
        self->pending.items[i].epoch = epoch;
        sim_records_add(&self->sim->prepared, &self->pending.items[i]);
    }
    pthread_mutex_unlock(&self->sim->lock);
    self->pending.count = 0;
    return SL_OK;
}

/* Takes what was prepared up to epoch; what lies above it stays or is dropped. */
static void settle(struct sim *sim, int64_t epoch, bool drops)
{
    uint32_t kept = 0;
    pthread_mutex_lock(&sim->lock);
    for (uint32_t i = 0; i < sim->prepared.count; i++) {
        struct sim_record record = sim->prepared.items[i];
        if (record.epoch <= epoch) {
            sim_records_add(&sim->taken, &record);
        } else if (!drops) {
            sim->prepared.items[kept++] = record;
        }
    }
    sim->prepared.count = kept;
    pthread_mutex_unlock(&sim->lock);
}

static enum sl_status sink_commit(void *state, int64_t epoch, struct sl_error *err)
{
    struct sink *self = state;
    (void)err;
    settle(self->sim, epoch, false);
    return SL_OK;
}

static enum sl_status sink_abort(void *state, int64_t epoch, struct sl_error *err)
{
    struct sink *self = state;
    (void)err;
    settle(self->sim, epoch, true);
    return SL_OK;
}

static void sink_close(void *state)
{
    struct sink *self = state;
    if (self != NULL) {
        sim_records_free(&self->pending);
        free(self);
    }
}

const struct sl_sink_def sim_sink = {.open = sink_open,
                                     .write = sink_write,
                                     .prepare = sink_prepare,
                                     .commit = sink_commit,
                                     .abort = sink_abort,
                                     .close = sink_close};
