/* SPDX-License-Identifier: Apache-2.0
 *
 * The edges between nodes: what a call gave out is put on them, what a consumer has taken leaves
 * them. Always true: node->undelivered counts the out edges that hold something. */
#include "pipeline.h"

#include "worker.h"

static bool holds_something(const struct eng_edge *edge)
{
    return edge->batch != NULL || edge->signal_count > 0;
}

static void put_batch(struct eng_edge *edge, const struct sl_batch *batch)
{
    if (batch->selected_count == 0 && !(edge->takes_deselected && batch->row_count > 0)) {
        return;
    }
    SL_ASSERT(!holds_something(edge));
    edge->batch = batch;
    edge->producer->undelivered++;
    eng_worker_mark_ready(edge->consumer->worker, edge->consumer->idx);
}

static void put_signal(struct eng_edge *edge, struct sl_signal signal)
{
    if (edge->rows_only) {
        return;
    }
    if (!holds_something(edge)) {
        edge->producer->undelivered++;
    }
    SL_ASSERT(edge->signal_count < ENG_EDGE_SIGNALS_MAX);
    edge->signals[edge->signal_count++] = signal;
    eng_worker_mark_ready(edge->consumer->worker, edge->consumer->idx);
}

static void put_signal_everywhere(struct eng_node *node, struct sl_signal signal)
{
    if (signal.kind == SL_SIGNAL_NONE) {
        return;
    }
    if (signal.kind == SL_SIGNAL_WATERMARK) {
        sl_metric_set_value(node->watermark_out, signal.value);
    }
    if (signal.kind == SL_SIGNAL_WATERMARK || signal.kind == SL_SIGNAL_IDLE) {
        sl_metric_set_value(node->idle_out, signal.kind == SL_SIGNAL_IDLE);
    }
    for (uint32_t out = 0; out < SL_OUT_COUNT; out++) {
        for (struct eng_edge *edge = node->outs[out]; edge != NULL; edge = edge->next) {
            put_signal(edge, signal);
        }
    }
}

void eng_deliver(struct eng_node *node, const struct sl_outs *outs, struct sl_signal forwarded)
{
    for (uint32_t out = 0; out < SL_OUT_COUNT; out++) {
        const struct sl_batch *batch = outs->batches[out];
        if (batch == NULL) {
            continue;
        }
        if (out == SL_OUT_MAIN) {
            sl_metric_add(node->rows_out, batch->selected_count);
        }
        for (struct eng_edge *edge = node->outs[out]; edge != NULL; edge = edge->next) {
            put_batch(edge, batch);
        }
    }
    put_signal_everywhere(node, outs->signal);
    put_signal_everywhere(node, forwarded);
}

static void settle(struct eng_edge *edge)
{
    if (!holds_something(edge)) {
        edge->producer->undelivered--;
        eng_worker_mark_ready(edge->producer->worker, edge->producer->idx);
    }
}

void eng_edge_release_batch(struct eng_edge *edge)
{
    SL_ASSERT(edge->batch != NULL);
    edge->batch = NULL;
    settle(edge);
}

struct sl_signal eng_edge_pop_signal(struct eng_edge *edge)
{
    SL_ASSERT(edge->batch == NULL && edge->signal_count > 0);
    struct sl_signal signal = edge->signals[0];
    edge->signals[0] = edge->signals[1];
    edge->signal_count--;
    settle(edge);
    return signal;
}
