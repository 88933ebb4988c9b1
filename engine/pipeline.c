/* SPDX-License-Identifier: Apache-2.0
 *
 * The step: finish what is delivered, choose the next call, make it, put what comes out on the
 * edges. Always true: an input is released only when the call for it answered DONE and everything
 * that the call gave out has been consumed, so outputs may share their input's memory. */
#include "pipeline.h"

#include "worker.h"

void eng_node_unblock(struct eng_node *node)
{
    node->main.is_blocked = false;
    node->aside.is_blocked = false;
    eng_worker_mark_ready(node->worker, node->idx);
}

static bool ends_node(const struct eng_call *call)
{
    return call->kind == ENG_CALL_POLL ||
           (call->kind == ENG_CALL_SIGNAL && call->signal.kind == SL_SIGNAL_END);
}

/* The outs of a finished call are consumed: its input goes back. */
static enum sl_status finish_main(struct eng_node *node, struct sl_error *err)
{
    struct eng_call call = node->main;
    node->main = (struct eng_call){.kind = ENG_CALL_NONE};
    if (call.kind == ENG_CALL_BATCH) {
        eng_edge_release_batch(node->ports[call.port].edge);
    } else if (ends_node(&call)) {
        return eng_worker_ended(node->worker, node, err);
    }
    return SL_OK;
}

static void finish_aside(struct eng_node *node)
{
    struct sl_signal signal = node->aside.signal;
    node->aside = (struct eng_call){.kind = ENG_CALL_NONE};
    if (signal.kind == SL_SIGNAL_COMMITTED) {
        eng_worker_committed(node->worker, node);
    } else {
        eng_wake_done(node);
        node->main.is_blocked = false;
    }
}

static void count_input(struct eng_node *node)
{
    if (node->main.kind == ENG_CALL_BATCH) {
        sl_metric_add(node->rows_in, node->main.batch->selected_count);
    } else if (node->main.signal.kind == SL_SIGNAL_WATERMARK) {
        node->watermark = node->main.signal.value;
        sl_metric_set_value(node->watermark_in, node->watermark);
    }
}

/* Chooses what the node does next; the choice stays until its call is done. */
static void choose(struct eng_node *node, bool may_poll)
{
    if (node->main.kind == ENG_CALL_NONE && !node->is_ended) {
        if (node->def.poll != NULL) {
            node->main.kind = may_poll ? ENG_CALL_POLL : ENG_CALL_NONE;
        } else if (eng_ports_next(node)) {
            count_input(node);
        }
    }
    struct sl_signal signal;
    if (node->aside.kind == ENG_CALL_NONE && eng_wake_next(node, &signal)) {
        node->aside = (struct eng_call){.kind = ENG_CALL_SIGNAL, .signal = signal};
    }
}

static enum sl_status make_call(struct eng_node *node, const struct eng_call *call,
                                struct sl_signal *signal, struct sl_outs *outs, enum sl_flow *flow,
                                struct sl_error *err)
{
    *outs = (struct sl_outs){.signal = {.kind = SL_SIGNAL_NONE}};
    *flow = SL_DONE;
    switch (call->kind) {
    case ENG_CALL_BATCH:
        return node->def.process(node->state, call->port, call->batch, outs, flow, err);
    case ENG_CALL_SIGNAL:
        if (node->def.signal == NULL) {
            return SL_OK;
        }
        return node->def.signal(node->state, signal, outs, flow, err);
    case ENG_CALL_POLL:
        return node->def.poll(node->state, outs, flow, err);
    case ENG_CALL_NONE:
        break;
    }
    return SL_OK;
}

/* What a DONE signal means to the checkpoint, and what of it goes on. */
static enum sl_status after_signal(struct eng_node *node, const struct eng_call *call,
                                   struct sl_signal *signal, struct sl_error *err)
{
    if (call->signal.kind == SL_SIGNAL_BARRIER && node->plan_node != NULL) {
        SL_TRY(eng_worker_see_barrier(node->worker, call->signal.value, err));
        SL_TRY(eng_worker_report(node->worker, node, err));
    }
    if (call->signal.kind == SL_SIGNAL_WAKE || call->signal.kind == SL_SIGNAL_COMMITTED) {
        signal->kind = SL_SIGNAL_NONE;
    }
    return SL_OK;
}

static enum sl_status run_call(struct eng_node *node, struct eng_call *call, bool *progressed,
                               struct sl_error *err)
{
    struct sl_outs outs;
    enum sl_flow flow;
    struct sl_signal signal = call->signal;
    SL_TRY(make_call(node, call, &signal, &outs, &flow, err));
    call->is_blocked = flow == SL_BLOCKED;
    call->is_done = flow == SL_DONE;
    struct sl_signal forwarded = {.kind = SL_SIGNAL_NONE};
    if (call->kind == ENG_CALL_SIGNAL && flow == SL_DONE) {
        SL_TRY(after_signal(node, call, &signal, err));
        forwarded = signal;
    }
    if (call->kind == ENG_CALL_POLL && outs.signal.kind == SL_SIGNAL_BARRIER &&
        node->plan_node != NULL) {
        SL_TRY(eng_worker_report(node->worker, node, err));
    }
    if (call->kind == ENG_CALL_POLL && flow == SL_MORE) {
        call->kind = ENG_CALL_NONE; /* the next poll waits for its turn */
    }
    eng_deliver(node, &outs, forwarded);
    *progressed = flow != SL_BLOCKED || node->undelivered > 0;
    return SL_OK;
}

enum sl_status eng_node_step(struct eng_node *node, bool may_poll, bool *progressed,
                             struct sl_error *err)
{
    *progressed = false;
    if (node->undelivered > 0) {
        return SL_OK;
    }
    if (node->main.is_done) {
        SL_TRY(finish_main(node, err));
    }
    if (node->aside.is_done) {
        finish_aside(node);
    }
    choose(node, may_poll);
    if (node->aside.kind != ENG_CALL_NONE && !node->aside.is_blocked) {
        return run_call(node, &node->aside, progressed, err);
    }
    if (node->main.kind != ENG_CALL_NONE && !node->main.is_blocked &&
        (may_poll || node->main.kind != ENG_CALL_POLL)) {
        return run_call(node, &node->main, progressed, err);
    }
    return SL_OK;
}
