/* SPDX-License-Identifier: Apache-2.0
 *
 * Toys that pass rows on, and one that watches what meets in it. Always true: they answer BLOCKED
 * and MORE at random, and give out memory of their input, as the contract allows. */
#include "support_sim.h"

#include <stdlib.h>

enum { PORTS_MAX = 2 };

struct pass {
    struct sl_env *env;
    struct sim *sim;
    struct sim_dice dice;
    bool is_started;
    uint32_t cursor; /* selected rows of the input that are out */
    struct sl_batch out;
    uint16_t selection[SL_BATCH_ROWS_MAX];
    /* sim_meet */
    bool is_symmetric;
    uint64_t sums[PORTS_MAX];
    uint64_t counts[PORTS_MAX];
    int64_t watermark;
};

static enum sl_status pass_open(struct sl_env *env, void **state, struct sl_error *err)
{
    struct pass *self = calloc(1, sizeof(*self));
    (void)err;
    *state = self;
    self->env = env;
    self->sim = sim_of(env);
    self->is_symmetric = sl_plan_int64(env->node, "symmetric", 0) != 0;
    self->watermark = env->restored_watermark;
    sim_dice_init(&self->dice, env);
    return SL_OK;
}

static void pass_close(void *state)
{
    free(state);
}

/* The next rows of in, as a selection of them. */
static void give_piece(struct pass *self, const struct sl_batch *in, struct sl_outs *outs)
{
    uint32_t left = in->selected_count - self->cursor;
    uint32_t count = 1 + (uint32_t)sim_dice_below(&self->dice, left);
    count = sim_dice_below(&self->dice, 2) == 0 ? left : count;
    self->out = *in;
    if (count < in->selected_count) {
        for (uint32_t i = 0; i < count; i++) {
            self->selection[i] = (uint16_t)sl_batch_row(in, self->cursor + i);
        }
        self->out.selection = self->selection;
        self->out.selected_count = count;
    }
    self->cursor += count;
    outs->batches[SL_OUT_MAIN] = &self->out;
}

static enum sl_status pass_process(void *state, uint32_t port, const struct sl_batch *in,
                                   struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct pass *self = state;
    bool blocks;
    (void)port;
    SL_TRY(sim_dice_blocks(&self->dice, &blocks, err));
    *flow = SL_BLOCKED;
    if (blocks) {
        return SL_OK;
    }
    give_piece(self, in, outs);
    *flow = SL_MORE;
    if (self->cursor == in->selected_count) {
        self->cursor = 0;
        *flow = SL_DONE;
    }
    return SL_OK;
}

const struct sl_operator_def sim_pass_operator = {.kind = "sim_pass",
                                                  .port_count = 1,
                                                  .open = pass_open,
                                                  .process = pass_process,
                                                  .close = pass_close};

static void watch_rows(struct pass *self, uint32_t port, const struct sl_batch *in)
{
    const int64_t *ids = in->columns[SIM_ID].data;
    const int64_t *times = in->columns[SIM_TIME].data;
    for (uint32_t i = 0; i < in->selected_count; i++) {
        uint32_t row = sl_batch_row(in, i);
        self->sums[port] += sl_hash_bytes(&ids[row], sizeof ids[row]);
        self->counts[port]++;
        if (times[row] <= self->watermark) {
            sim_complain(self->sim, "row %lld of time %lld came behind watermark %lld",
                         (long long)ids[row], (long long)times[row], (long long)self->watermark);
        }
    }
}

static enum sl_status meet_process(void *state, uint32_t port, const struct sl_batch *in,
                                   struct sl_outs *outs, enum sl_flow *flow, struct sl_error *err)
{
    struct pass *self = state;
    if (!self->is_started) {
        watch_rows(self, port, in);
        self->is_started = true;
    }
    SL_TRY(pass_process(state, port, in, outs, flow, err));
    self->is_started = *flow != SL_DONE;
    return SL_OK;
}

static enum sl_status meet_signal(void *state, struct sl_signal *signal, struct sl_outs *outs,
                                  enum sl_flow *flow, struct sl_error *err)
{
    struct pass *self = state;
    (void)outs;
    (void)err;
    *flow = SL_DONE;
    bool is_cut = signal->kind == SL_SIGNAL_BARRIER || signal->kind == SL_SIGNAL_END;
    if (is_cut && self->is_symmetric &&
        (self->sums[0] != self->sums[1] || self->counts[0] != self->counts[1])) {
        sim_complain(self->sim, "signal %d finds %llu rows from the left and %llu from the right",
                     signal->kind, (unsigned long long)self->counts[0],
                     (unsigned long long)self->counts[1]);
    }
    if (signal->kind == SL_SIGNAL_WATERMARK) {
        if (signal->value <= self->watermark) {
            sim_complain(self->sim, "watermark %lld follows %lld", (long long)signal->value,
                         (long long)self->watermark);
        }
        self->watermark = signal->value;
    }
    sim_tell(self->sim, SIM_TELL_BARRIERS, signal->kind == SL_SIGNAL_BARRIER);
    return SL_OK;
}

const struct sl_operator_def sim_meet_operator = {.kind = "sim_meet",
                                                  .port_count = 2,
                                                  .open = pass_open,
                                                  .process = meet_process,
                                                  .signal = meet_signal,
                                                  .close = pass_close};
